"""COCO's run-length encoding of masks: lists of counts, and the compressed string.

Counts run down the columns, zeros first. The string holds each count (from the fourth on, its difference to
the count two before) in groups of five bits, lowest first, as characters from "0" on; bit 5 says that more
follow, bit 4 of the last is the sign (cocoapi, common/maskApi.c, rleToString).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]

_MOST_GROUPS = 8
"""Groups of five bits that one count may take: enough for masks of 2**39 pixels."""


def encode(mask: Mask) -> list[int]:
    """(h, w) bool -> counts."""
    flat = mask.ravel(order="F")
    if not flat.size:
        return []
    ends = np.concatenate([np.flatnonzero(flat[1:] != flat[:-1]) + 1, [flat.size]])
    counts: list[int] = np.diff(ends, prepend=0).tolist()
    return [0, *counts] if flat[0] else counts


def decode(counts: Sequence[int], size: tuple[int, int]) -> Mask:
    """Counts and `size` (height, width), in COCO's order, -> (h, w) bool. Raises ValueError."""
    height, width = size
    runs = np.asarray(counts, dtype=np.int64).reshape(-1)
    total = sum(counts)
    if (runs < 0).any() or total != height * width:
        raise ValueError(f"the counts of a mask of {height} x {width} pixels make {total}")
    values = np.arange(len(runs)) % 2 == 1
    return np.ascontiguousarray(np.repeat(values, runs).reshape(width, height).T)


def pack(counts: Sequence[int]) -> str:
    """Counts -> the compressed string."""
    rest = np.asarray(counts, dtype=np.int64).copy()
    rest[3:] -= np.asarray(counts, dtype=np.int64)[1:-2]
    groups = np.zeros((len(rest), _MOST_GROUPS), np.uint8)
    used = np.zeros((len(rest), _MOST_GROUPS), np.bool_)
    more = np.ones(len(rest), np.bool_)
    for place in range(_MOST_GROUPS):
        used[:, place] = more
        bits = rest & 31
        rest >>= 5
        more = more & np.where(bits & 16, rest != -1, rest != 0)
        groups[:, place] = bits + 32 * more + 48
        if not more.any():
            break
    return groups[used].tobytes().decode("ascii")


def unpack(text: str) -> list[int]:
    """The compressed string -> counts. Raises ValueError."""
    bits = np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8).astype(np.int64) - 48
    if not bits.size:
        return []
    ends = np.flatnonzero((bits & 32) == 0)
    if (bits < 0).any() or (bits > 63).any() or not ends.size or ends[-1] != bits.size - 1:
        raise ValueError("no compressed run lengths")
    starts = np.concatenate([[0], ends[:-1] + 1])
    length = ends - starts + 1
    if length.max() > _MOST_GROUPS:
        raise ValueError("a run length is too long")
    place = np.arange(bits.size) - np.repeat(starts, length)
    counts = np.add.reduceat((bits & 31) << (5 * place), starts)
    counts -= np.where(bits[ends] & 16, np.int64(1) << (5 * length), 0)
    counts[1::2] = np.cumsum(counts[1::2])
    counts[2::2] = np.cumsum(counts[2::2])
    found: list[int] = counts.tolist()
    return found
