"""One move of all that objects have: outlines, bitmaps, keypoints, left and right.

All vertices of all objects go through the matrix at once. Straight lines stay straight under every 3x3
matrix, so that moving the vertices moves the outline.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from augcli.geometry import Canvas, Matrix, compose, inverse, move_points, resample, translation
from augcli.labels.clipping import clip_convex, clip_parts, half, part_area
from augcli.labels.raster import bounds, part_of
from augcli.labels.symmetry import NO_SYMMETRY, Symmetry
from augcli.objects import Bitmap, Bounds, Evidence, Objects, Outline, Part, Points

_HORIZON = 1e-3
"""How near to the horizon of a perspective an outline is still moved; the frame's middle is at 1."""

_FULL = 255
"""What a pixel that is wholly of a bitmap is resampled as."""


def move(
    objects: Objects,
    matrix: Matrix,
    size: tuple[int, int],
    symmetry: Symmetry = NO_SYMMETRY,
    interpolation: str = "bilinear",
) -> Objects:
    """The objects in a new frame of `size` (width, height), clipped to it; as many rows as before.

    `visible` is multiplied by the share of the area, as before the move, that clipping leaves. An object that
    is wholly outside keeps its row with empty evidence and `visible` 0; a keypoint outside becomes (0, 0, 0).
    `interpolation` is the image's; bitmaps follow it, but that bicubic and lanczos, which overshoot, are
    bilinear for them.
    """
    if not len(objects):
        return objects
    every, spans = objects.vertices
    count = len(every)
    points = [array[:, :2] for array in objects.keypoints if array is not None]
    if points:
        every = np.concatenate([every, *points])
    moved = move_points(matrix, every)
    behind = _beyond_horizon(matrix, every, size)
    bends = bool(matrix[2, 0] or matrix[2, 1])
    evidence: list[Evidence] = []
    visible = list(objects.visible)
    for index, (old, (begin, end)) in enumerate(zip(objects.evidence, spans, strict=True)):
        here = moved[begin:end]
        lost = behind is not None and bool(behind[begin:end].any())
        share = 1.0
        if isinstance(old, Bitmap):
            bitmap, share = _moved_bitmap(old, here, matrix, size, lost, interpolation)
            evidence.append(bitmap)
        else:
            outline = Outline(_split(old.parts, here), old.kind)
            if lost or not _inside(outline.bounds, size):
                cut = _cut_in_perspective(old, matrix, size) if lost or bends else _clipped(outline, size)
                outline, share = cut
            evidence.append(outline)
        if share != 1.0:
            visible[index] *= share
    keypoints = objects.keypoints
    if points:
        out = behind[count:] if behind is not None else None
        keypoints = _moved_keypoints(keypoints, moved[count:], out, size)
    result = dataclasses.replace(
        objects, evidence=tuple(evidence), visible=tuple(visible), keypoints=keypoints
    )
    return symmetry.under(matrix).objects(result)


def clip(objects: Objects, box: tuple[int, int, int, int]) -> Objects:
    """The objects inside a box (x0, y0, x1, y1) of the frame, in the frame's own coordinates."""
    x0, y0, x1, y1 = box
    there = move(objects, translation(-x0, -y0), (x1 - x0, y1 - y0))
    return move(there, translation(x0, y0), (x1, y1))


def _split(parts: Sequence[Part], points: Points) -> tuple[Part, ...]:
    """The points, put back into rings and parts like these."""
    if len(parts) == 1 and len(parts[0]) == 1:
        return ((points,),)
    made = []
    at = 0
    for part in parts:
        rings = []
        for ring in part:
            rings.append(points[at : at + len(ring)])
            at += len(ring)
        made.append(tuple(rings))
    return tuple(made)


def _inside(bounds: Bounds | None, size: tuple[int, int]) -> bool:
    """Whether all is in the frame; True for nothing."""
    return bounds is None or (
        bounds[0] >= 0.0 and bounds[1] >= 0.0 and bounds[2] <= size[0] and bounds[3] <= size[1]
    )


def _clipped(outline: Outline, size: tuple[int, int]) -> tuple[Outline, float]:
    """The outline inside the frame, and the share of its area that is."""
    width, height = size
    convex = clip_convex(outline.parts[0], width, height) if len(outline.parts) == 1 else None
    if convex is not None:
        return Outline(convex[0], outline.kind), convex[1]
    before = sum(part_area(part) for part in outline.parts)
    parts = clip_parts(outline.parts, width, height)
    after = sum(part_area(part) for part in parts)
    return Outline(parts, outline.kind), min(1.0, after / before) if before > 0.0 else float(bool(parts))


def _beyond_horizon(matrix: Matrix, points: Points, size: tuple[int, int]) -> NDArray[np.bool_] | None:
    """Which points a perspective cannot move into the plane that the frame shows; None when it can all."""
    if matrix[2, 0] == 0.0 and matrix[2, 1] == 0.0:
        return None
    a, b, c = _before_horizon(matrix, size)
    behind: NDArray[np.bool_] = a * points[:, 0] + b * points[:, 1] + c < 0.0
    return behind if behind.any() else None


def _before_horizon(matrix: Matrix, size: tuple[int, int]) -> tuple[float, float, float]:
    """(a, b, c): a x + b y + c >= 0 for points on this side of the horizon, which is 1 mid-frame."""
    back = inverse(matrix)
    g, h, i = back[2].tolist()
    scale = (
        g * size[0] / 2.0 + h * size[1] / 2.0 + i
    )  # on the way there the middle's third coordinate is 1 / scale
    a, b, c = (matrix[2] * scale).tolist()
    return a, b, c - _HORIZON


def _cut_in_perspective(outline: Outline, matrix: Matrix, size: tuple[int, int]) -> tuple[Outline, float]:
    """An outline cut at the horizon, moved and clipped; the share is of the area before the move, because a
    perspective makes what is near larger than what is far.
    """
    normal = _before_horizon(matrix, size)
    parts = []
    for part in outline.parts:
        outer, *holes = (half([(x, y) for x, y in ring.tolist()], normal) for ring in part)
        if len(outer) >= 3:
            parts.append(
                tuple(move_points(matrix, ring) for ring in (outer, *holes) if len(ring) >= 3),
            )
    left = clip_parts(parts, *size)
    back = inverse(matrix)
    before = sum(part_area(part) for part in outline.parts)
    after = sum(part_area(tuple(move_points(back, ring) for ring in part)) for part in left)
    return Outline(left, outline.kind), min(1.0, after / before) if before > 0.0 else float(bool(left))


def _moved_bitmap(
    bitmap: Bitmap,
    corners: Points,
    matrix: Matrix,
    size: tuple[int, int],
    lost: bool,
    interpolation: str,
) -> tuple[Bitmap, float]:
    """The bitmap where the frame shows it, and the share of its pixels that the frame shows.

    It is resampled like the image, and has the pixels of which it is at least half. What share it is of each
    is kept for the next move: to round at every move would add up to more than a pixel.

    corners  of its mask, moved; `lost`: some are beyond the horizon, so that no bounds hold
    """
    if not len(corners):
        return bitmap, 1.0
    x0, y0, x1, y1 = 0, 0, *size
    inside = False
    if not lost:
        low, high = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
        inside = _inside((*low, *high), size)
        x0, y0 = max(math.floor(low[0]), 0), max(math.floor(low[1]), 0)
        x1, y1 = min(math.ceil(high[0]), size[0]), min(math.ceil(high[1]), size[1])
    if x0 >= x1 or y0 >= y1:
        return Bitmap(np.zeros((0, 0), np.bool_)), 0.0
    into = compose(translation(bitmap.x, bitmap.y), matrix, translation(-x0, -y0))
    whole = bitmap.mask.view(np.uint8) * np.uint8(_FULL) if bitmap.share is None else bitmap.share
    filter_ = "nearest" if interpolation == "nearest" else "bilinear"
    share = resample(whole, into, (x1 - x0, y1 - y0), Canvas(interpolation=filter_))
    around = bounds(Bitmap(share > 0, x0, y0))
    if around is None:
        return Bitmap(np.zeros((0, 0), np.bool_)), 0.0
    # What is nowhere half of a pixel is where it is the most of one.
    seen = share >= min(_FULL // 2 + 1, int(share.max()))
    left, top, right, bottom = map(int, around)
    moved = part_of(Bitmap(seen, x0, y0, share), (left, top, right, bottom))
    return moved, 1.0 if inside else _share_inside(bitmap, matrix, size)


def _share_inside(bitmap: Bitmap, matrix: Matrix, size: tuple[int, int]) -> float:
    """The share of the pixels whose centres move into the frame."""
    rows, columns = np.nonzero(bitmap.mask)
    if not rows.size:
        return 1.0
    centres = np.column_stack([columns + (bitmap.x + 0.5), rows + (bitmap.y + 0.5)])
    x, y = move_points(matrix, centres).T
    inside = (x >= 0.0) & (y >= 0.0) & (x <= size[0]) & (y <= size[1])
    behind = _beyond_horizon(matrix, centres, size)
    if behind is not None:
        inside &= ~behind
    return float(inside.mean())


def _moved_keypoints(
    keypoints: Sequence[Points | None],
    places: Points,
    behind: NDArray[np.bool_] | None,
    size: tuple[int, int],
) -> tuple[Points | None, ...]:
    """The keypoints at their new places; what is outside or was not labelled becomes (0, 0, 0)."""
    inside = (places >= 0.0).all(axis=1) & (places[:, 0] <= size[0]) & (places[:, 1] <= size[1])
    if behind is not None:
        inside &= ~behind
    moved: list[Points | None] = []
    at = 0
    for old in keypoints:
        if old is None:
            moved.append(None)
            continue
        here = slice(at, at + len(old))
        at += len(old)
        new = np.column_stack([places[here], old[:, 2]])
        new[~inside[here] | (old[:, 2] == 0.0)] = 0.0
        moved.append(new)
    return tuple(moved)
