"""One pass over the manifest: every row judged, what they add up to, and which of them to look at."""

from __future__ import annotations

import hashlib
import heapq
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from augcli import manifest
from augcli.opened import Opened, Row
from augcli.summary import nested
from augcli.verify.damage import Damage, Damages


@dataclass
class Survey:
    """What the rows say together; complete when `rows` is used up.

    owned   path -> SHA-256 of every file that a row names
    sound   whether every line is a row, in its place
    """

    opened: Opened
    damages: Damages
    owned: dict[str, str] = field(default_factory=dict)
    outputs: Counter[tuple[str, str]] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    count: int = 0
    sound: bool = True

    def rows(self) -> Iterator[Row]:
        """The rows that are rows, in their order."""
        before: tuple[bytes, bytes, int] | None = None
        for number, row in self.opened.lines():
            if isinstance(row, str):
                self._wrong("row", f"line {number} {row}")
                continue
            place = manifest.order((row["split"], row["source"], row["copy"]))
            if before is not None and place <= before:
                self._wrong("row", f"line {number} ({row['id']}) stands twice or in the wrong place")
            before = place if before is None else max(place, before)
            self._count(row, number)
            yield row

    def _count(self, row: Row, number: int) -> None:
        self.count += 1
        if row["status"] == "ok":
            self.outputs[row["split"], row["labels"]["label"] or ""] += 1
        else:
            self.failures[row["error"]["code"]] += 1
        for file in row["files"]:
            if file["path"] in self.owned:
                self._wrong("row", f"line {number} ({row['id']}) names {file['path']}, as another row does")
            self.owned[file["path"]] = file["sha256"]

    def _wrong(self, kind: str, what: str) -> None:
        self.sound = False
        self.damages.add(Damage(kind, manifest.MANIFEST, what))

    def conclude(self) -> None:
        """Hold the sums against run.json. A manifest that is damaged adds up to nothing that is worth it."""
        if not self.sound:
            return
        counts = {"outputs": nested(self.outputs), "failures": dict(sorted(self.failures.items()))}
        if counts != self.opened.counts:
            told, name = self.opened.counts, "outputs"
            if counts[name] == told[name]:
                name = "failures"
            what = f"the counts of {name} are {told[name]}, the rows make {counts[name]}"
            self.damages.add(Damage("counts", manifest.RUN, what))
        files = [{"path": path, "sha256": sha256} for path, sha256 in self.owned.items()]
        tree = manifest.tree_digest([{"files": files}], self.opened.wide)
        if tree != self.opened.tree:
            what = f"the tree's digest is {self.opened.tree}, the files' hashes make {tree}"
            self.damages.add(Damage("tree", manifest.RUN, what))


def sampled(rows: Iterator[Row], number: int) -> frozenset[str]:
    """The ids of so many rows, chosen by the hashes of their ids: the same ones every time."""
    hashed = (
        (hashlib.blake2b(row["id"].encode("utf-8", "surrogatepass")).digest(), row["id"]) for row in rows
    )
    return frozenset(id_ for _, id_ in heapq.nsmallest(number, hashed))
