"""Which pictures of many are nearly the same: by the distance of hashes, confirmed on small pictures."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

NEAR = 2
"""Bits of 64 in which the hashes of nearly identical pictures differ at most."""

ALIKE = 0.98
"""Correlation that the small pictures of nearly identical ones have at least."""

_BLOCKS = ((0, 22), (22, 21), (43, 21))
"""(first bit, bits): two hashes that differ in at most two bits agree in at least one of three blocks."""

_TOGETHER = 4096
"""Hashes of one block value that are compared at once."""

Hashes = NDArray[np.uint64]


def near_pairs(hashes: Hashes, distance: int = NEAR) -> Iterator[tuple[int, int]]:
    """Every pair (i, j), i < j, whose hashes differ in at most `distance` (0, 1 or 2) bits; each once.

    Equal hashes form a chain (i, j), (j, k), ... instead of all their pairs, of which there may be millions;
    of different hashes the first picture of each stands for all. Exact (Manku, Jain and Das Sarma 2007): only
    hashes that share a block of bits are compared, so that a hundred thousand take seconds.
    """
    if distance >= len(_BLOCKS):
        raise ValueError(f"a distance of {distance} needs more than {len(_BLOCKS)} blocks")
    unique, first, place = np.unique(hashes, return_index=True, return_inverse=True)
    order = np.argsort(place, kind="stable")
    same = np.flatnonzero(place[order][1:] == place[order][:-1])
    for index in same.tolist():
        yield int(order[index]), int(order[index + 1])
    if not distance:
        return
    seen: set[tuple[int, int]] = set()
    for start, bits in _BLOCKS:
        blocks = (unique >> np.uint64(start)) & np.uint64((1 << bits) - 1)
        ordered = np.argsort(blocks, kind="stable")
        edges = np.flatnonzero(np.diff(blocks[ordered])) + 1
        for members in np.split(ordered, edges):
            if len(members) > 1:
                for a, b in _close(unique, members, distance):
                    pair = (min(a, b), max(a, b))
                    if pair not in seen:
                        seen.add(pair)
                        i, j = int(first[pair[0]]), int(first[pair[1]])
                        yield min(i, j), max(i, j)


def _close(unique: Hashes, members: NDArray[np.intp], distance: int) -> Iterator[tuple[int, int]]:
    for begin in range(0, len(members), _TOGETHER):
        rows = members[begin : begin + _TOGETHER]
        for at in range(begin, len(members), _TOGETHER):
            columns = members[at : at + _TOGETHER]
            apart = np.bitwise_count(unique[rows][:, None] ^ unique[columns][None, :])
            for a, b in zip(*np.nonzero(apart <= distance), strict=True):
                if rows[a] < columns[b]:
                    yield int(rows[a]), int(columns[b])


def distance(one: int, other: int) -> int:
    """Bits in which two hashes differ."""
    return (one ^ other).bit_count()


def correlation(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Pearson's correlation of two pictures, whatever their brightness and contrast; 0 for a flat one."""
    x, y = one.astype(np.float64).ravel(), other.astype(np.float64).ravel()
    x, y = x - x.mean(), y - y.mean()
    scale = float(np.sqrt((x @ x) * (y @ y)))
    return float(x @ y) / scale if scale > 0.0 else 0.0
