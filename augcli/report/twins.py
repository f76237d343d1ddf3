"""Files that are the same to the last byte, found by the hashes in the rows, over all of them."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Row = Mapping[str, Any]

EXAMPLES = 12
"""Groups of identical files that are named."""


@dataclass
class Twins:
    """Hashes by the row, eight bytes each: enough to tell a billion files apart.

    unchanged  copies whose file is their source's own, byte by byte
    leaked     sources that stand in several splits: (one id, the other)
    """

    copies: array[int] = field(default_factory=lambda: array("Q"))
    others: array[int] = field(default_factory=lambda: array("Q"))
    sources: array[int] = field(default_factory=lambda: array("Q"))
    splits: list[str] = field(default_factory=list)
    in_split: array[int] = field(default_factory=lambda: array("H"))
    unchanged: int = 0

    def add(self, row: Row) -> None:
        """Take the hash of a finished output's image."""
        image = next((file for file in row["files"] if file["kind"] == "image"), None)
        if image is not None and image["sha256"] is not None:
            (self.copies if row["copy"] else self.others).append(_short(image["sha256"]))
            self.unchanged += bool(row["copy"] and image["sha256"] == row["source_sha256"])

    def source(self, row: Row) -> None:
        """Take the hash of a new source."""
        if row["source_sha256"] is None or row.get("tile"):
            return
        split = row["split"]
        if split not in self.splits and len(self.splits) < 65535:
            self.splits.append(split)
        self.sources.append(_short(row["source_sha256"]))
        self.in_split.append(self.splits.index(split))

    def repeated(self) -> int:
        """Copies whose file equals that of another output; of each group all but one."""
        own = np.frombuffer(self.copies, dtype=np.uint64)
        unique = np.unique(own)
        again = np.isin(unique, np.frombuffer(self.others, dtype=np.uint64)).sum()
        return int(len(own) - len(unique) + again)

    def leaked(self) -> tuple[int, frozenset[int]]:
        """How many source files stand in more than one split, and the short hashes of some."""
        if not self.sources:
            return 0, frozenset()
        hashes = np.frombuffer(self.sources, dtype=np.uint64)
        splits = np.frombuffer(self.in_split, dtype=np.uint16)
        pairs = np.unique(np.stack([hashes, splits.astype(np.uint64)]), axis=1)
        found, counts = np.unique(pairs[0], return_counts=True)
        torn: NDArray[np.uint64] = found[counts > 1]
        return len(torn), frozenset(torn[:EXAMPLES].tolist())


def _short(digest: str) -> int:
    return int(digest[:16], 16)


def named(rows: Iterable[Row], hashes: frozenset[int]) -> list[list[str]]:
    """The ids of the sources with these hashes, those of one file together; a pass over the rows."""
    found: dict[int, dict[str, None]] = {}
    for row in rows:
        digest = row["source_sha256"]
        if digest is not None and (short := _short(digest)) in hashes:
            name = f"{row['split']}/{row['source']}" if row["split"] else row["source"]
            found.setdefault(short, {})[name] = None
    return [list(names) for _, names in sorted(found.items())]
