"""Outlines to pixels and back, areas and bounds.

A pixel belongs to an outline when its centre does (x + 0.5, y + 0.5): inside an odd number of the rings of
one of its parts. The crossings of every pixel row with every edge are computed in float64, so the rule holds
exactly, to rounding. `cv2.fillPoly` is faster but paints every pixel that the border touches: measured, 17 %
too much of a blob 16 pixels wide and 1 % of one of 220 pixels, where this agrees with COCO's to 0.1 %.
A centre that an edge runs through belongs to the right and lower neighbour, so touching outlines share none.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from augcli.labels.clipping import part_area, ring_area
from augcli.objects import Bitmap, Evidence, Outline, Part, Ring

Mask = NDArray[np.bool_]


def bounds(evidence: Evidence) -> tuple[float, float, float, float] | None:
    """(x0, y0, x1, y1) around what is there, in pixels; None where nothing is."""
    return evidence.bounds


def area(evidence: Evidence) -> float:
    """Square pixels. Exact, but where parts overlap: there, the number of pixels of their union."""
    if isinstance(evidence, Bitmap):
        return float(np.count_nonzero(evidence.mask))
    if len(evidence.parts) > 1 and _may_overlap(evidence.parts):
        return float(np.count_nonzero(_filled(evidence).mask))
    return sum(part_area(part) for part in evidence.parts)


def _may_overlap(parts: tuple[Part, ...]) -> bool:
    """Whether the bounds of any two parts share more than a line."""
    low = np.array([part[0].min(axis=0) for part in parts])
    high = np.array([part[0].max(axis=0) for part in parts])
    shared = ((low[:, None] < high[None]) & (low[None] < high[:, None])).all(axis=2)
    return int(shared.sum()) > len(parts)


def raster(evidence: Evidence, size: tuple[int, int]) -> Mask:
    """(height, width) bool for `size` (width, height): the pixels of the object."""
    width, height = size
    mask = np.zeros((height, width), np.bool_)
    found = bitmap_of(evidence, size)
    rows, columns = found.mask.shape
    mask[found.y : found.y + rows, found.x : found.x + columns] = found.mask
    return mask


def bitmap_of(evidence: Evidence, size: tuple[int, int]) -> Bitmap:
    """The pixels of the object inside a frame of `size` (width, height), around its bounds."""
    found = evidence if isinstance(evidence, Bitmap) else _filled(evidence, size)
    rows, columns = found.mask.shape
    left, top = max(found.x, 0), max(found.y, 0)
    right, bottom = max(min(found.x + columns, size[0]), left), max(min(found.y + rows, size[1]), top)
    if (right - left, bottom - top) == (columns, rows):
        return found
    return part_of(found, (left, top, right, bottom))


def part_of(bitmap: Bitmap, box: tuple[int, int, int, int]) -> Bitmap:
    """The part of a bitmap in a box (x0, y0, x1, y1) that lies within its own."""
    left, top, right, bottom = box
    here = slice(top - bitmap.y, bottom - bitmap.y), slice(left - bitmap.x, right - bitmap.x)
    return Bitmap(bitmap.mask[here], left, top, None if bitmap.share is None else bitmap.share[here])


def _filled(outline: Outline, size: tuple[int, int] | None = None) -> Bitmap:
    """The pixels of an outline, within the frame where one is given."""
    box = bounds(outline)
    if box is None:
        return Bitmap(np.zeros((0, 0), np.bool_))
    x0, y0, x1, y1 = (
        int(np.floor(box[0])),
        int(np.floor(box[1])),
        int(np.ceil(box[2])),
        int(np.ceil(box[3])),
    )
    if size is not None:
        x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, size[0]), min(y1, size[1])
    if x0 >= x1 or y0 >= y1:
        return Bitmap(np.zeros((0, 0), np.bool_))
    mask = _even_odd(outline.parts[0], x0, y0, x1 - x0, y1 - y0)
    for part in outline.parts[1:]:
        mask |= _even_odd(part, x0, y0, x1 - x0, y1 - y0)
    return Bitmap(mask, x0, y0)


def _even_odd(part: Part, left: int, top: int, width: int, height: int) -> Mask:
    """(height, width): the pixels, from (left, top), whose centres are in an odd number of the rings."""
    begin = np.concatenate(part)
    end = np.concatenate([np.concatenate([ring[1:], ring[:1]]) for ring in part])
    x0, y0, x1, y1 = begin[:, 0] - left, begin[:, 1] - top, end[:, 0] - left, end[:, 1] - top
    # Rows whose centre line an edge crosses: from the upper end, included, to the lower, excluded.
    first = np.clip(np.ceil(np.minimum(y0, y1) - 0.5), 0, height).astype(np.intp)
    last = np.clip(np.ceil(np.maximum(y0, y1) - 0.5), 0, height).astype(np.intp)
    count = last - first
    edge = np.repeat(np.arange(len(count)), count)
    row = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count) + first[edge]
    slope = np.divide(x1 - x0, y1 - y0, out=np.zeros_like(x0), where=count > 0)
    x = x0[edge] + (row + 0.5 - y0[edge]) * slope[edge]
    column = np.clip(np.ceil(x - 0.5), 0, width).astype(np.intp)
    # A line in memory is a column of pixels, so that whole lines are summed at once.
    crossings = np.zeros((width + 1, height), np.uint8)
    np.add.at(crossings.reshape(-1), column * height + row, 1)
    inside = np.add.accumulate(crossings[:width], axis=0, dtype=np.uint8) & 1
    return np.ascontiguousarray(inside.T).view(np.bool_)


def tight(bitmap: Bitmap) -> Bitmap:
    """The same pixels without empty rows and columns around them."""
    box = bounds(bitmap)
    if box is None:
        return Bitmap(np.zeros((0, 0), np.bool_))
    left, top, right, bottom = (int(value) for value in box)
    rows, columns = slice(top - bitmap.y, bottom - bitmap.y), slice(left - bitmap.x, right - bitmap.x)
    return Bitmap(np.ascontiguousarray(bitmap.mask[rows, columns]), left, top)


def outline_of(bitmap: Bitmap) -> Outline:
    """The outline along the edges of the pixels, whose raster is the bitmap again.

    Pixels that only touch at a corner are of different parts, one part per 4-connected region. Outer rings
    are clockwise on the screen, holes are not.
    """
    mask = np.pad(bitmap.mask, 1).astype(np.int8)
    labels: NDArray[Any] = cv2.connectedComponents(mask.view(np.uint8), connectivity=4)[1]
    regions: dict[int, list[Ring]] = {}
    for ring in _rings(mask):
        region = _region(ring, labels)
        rings = regions.setdefault(region, [])
        placed = ring + np.array([bitmap.x - 1.0, bitmap.y - 1.0])
        rings.insert(0 if ring_area(ring) > 0.0 else len(rings), placed)
    return Outline(tuple(tuple(regions[region]) for region in sorted(regions)))


def _region(ring: Ring, labels: NDArray[Any]) -> int:
    """The label of the pixels that a ring goes around; they lie below each of its edges that run right."""
    run = np.flatnonzero(np.roll(ring[:, 0], -1) > ring[:, 0])[0]
    x, y = ring[run].astype(int).tolist()
    return int(labels[y, x])


def _rings(mask: NDArray[np.int8]) -> list[Ring]:
    """Rings along pixel edges with the object at their right hand. The mask has an empty frame around."""
    # Each run of edges on one grid line, keyed by where it starts and whether it is level: -> where it ends.
    ends: dict[tuple[int, int, int, int], tuple[int, int]] = {}
    for level, jumps in ((True, np.diff(mask, axis=0)), (False, np.diff(mask, axis=1).T)):
        line, at, to, sign = _runs(jumps)
        for number, begin, end, way in zip(line, at, to, sign, strict=True):
            forward = (way > 0) == level  # object below: to the right; object to the right: upwards
            start, stop = (begin, end) if forward else (end, begin)
            step = 1 if forward else -1
            if level:
                ends[start, number + 1, step, 0] = (stop, number + 1)
            else:
                ends[number + 1, start, 0, step] = (number + 1, stop)
    rings = []
    while ends:
        x, y, dx, dy = first = next(iter(ends))
        points = []
        key = first
        while key in ends:
            x, y, dx, dy = key
            points.append((x, y))
            x, y = ends.pop(key)
            key = (x, y, -dy, dx)  # to the right, which parts pixels that touch at a corner
            if key not in ends and key != first:
                key = (x, y, dy, -dx)
        rings.append(np.array(points, dtype=np.float64))
    return rings


def _runs(jumps: NDArray[np.int8]) -> tuple[list[int], list[int], list[int], list[int]]:
    """(line, begin, end, sign) of each run of equal non-zero values along the lines of `jumps`."""
    edge = np.pad(jumps, ((0, 0), (1, 1)))
    change = edge[:, 1:] != edge[:, :-1]
    line, begin = np.nonzero(change & (edge[:, 1:] != 0))
    end = np.nonzero(change & (edge[:, :-1] != 0))[1]
    return line.tolist(), begin.tolist(), end.tolist(), edge[line, begin + 1].tolist()
