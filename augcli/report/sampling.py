"""Which outputs have their pixels looked at: whole sources, chosen by a hash of their names.

A source is taken with all its copies, so that it is decoded once and its copies can be held against each
other; every output has the same chance all the same.
"""

from __future__ import annotations

import heapq
import zlib
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any

from augcli.manifest import decode_row, encode_row

Row = Mapping[str, Any]


def rank(name: str) -> int:
    """A number that orders names as if at random, the same everywhere: 64 bits of blake2b."""
    data = name.encode("utf-8", "surrogateescape")
    return int.from_bytes(blake2b(data, digest_size=8, person=b"augrep-1").digest(), "big")


def pack(row: Row) -> bytes:
    """A row in the fewest bytes."""
    return zlib.compress(encode_row(row), 1)


def unpack(packed: bytes) -> dict[str, Any]:
    """The row again."""
    return decode_row(zlib.decompress(packed))


class Sample:
    """The sources with the least ranks whose outputs are at least `limit` together; all where it is None.

    Memory holds the rows of these alone, compressed.
    """

    def __init__(self, limit: int | None) -> None:
        self.limit = limit
        self._chosen: list[tuple[int, int, list[bytes]]] = []  # a heap by -rank
        self._taken = 0
        self._number = 0

    def wants(self, name: str) -> bool:
        """Whether the source of this name would be in the sample as it is now."""
        if self.limit is None or self._taken < self.limit:
            return True
        return rank(name) < -self._chosen[0][0]

    def add(self, name: str, rows: list[bytes]) -> None:
        """Take a source with its packed rows, and let go of those that it makes needless."""
        if not rows:
            return
        self._number += 1
        heapq.heappush(self._chosen, (-rank(name), self._number, rows))
        self._taken += len(rows)
        while self.limit is not None and self._taken - len(self._chosen[0][2]) >= self.limit:
            self._taken -= len(heapq.heappop(self._chosen)[2])

    def __len__(self) -> int:
        """Outputs in the sample."""
        return self._taken

    def sources(self) -> Iterator[list[dict[str, Any]]]:
        """The rows of each source, sources in the manifest's order."""
        for _, _, rows in sorted(self._chosen, key=lambda each: each[1]):
            yield [unpack(row) for row in rows]


class Least:
    """The few rows with the least values, in order; among equals those that came first."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._kept: list[tuple[float, int, bytes, bytes]] = []  # a heap by -value
        self._number = 0

    def add(self, value: float, row: Row, original: Row | None) -> None:
        """Hold a row against those kept; the row of its original goes with it."""
        self._number += 1
        if len(self._kept) < self.size or value < -self._kept[0][0]:
            packed = b"" if original is None else pack(original)
            heapq.heappush(self._kept, (-value, -self._number, pack(row), packed))
            if len(self._kept) > self.size:
                heapq.heappop(self._kept)

    def rows(self) -> list[tuple[float, dict[str, Any], dict[str, Any] | None]]:
        """(value, row, row of its original), the least first."""
        return [
            (-value, unpack(row), unpack(original) if original else None)
            for value, _, row, original in sorted(self._kept, reverse=True)
        ]
