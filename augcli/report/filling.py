"""How much of an output's frame shows nothing of its source, from the moves that its row tells of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Corner = tuple[float, float]


def fill_share(size: Sequence[int], steps: Sequence[Mapping[str, Any]]) -> float:
    """The share of the last frame, in [0, 1], that lies outside the moved source frame.

    size   (width, height) of the frame before the first move
    steps  of a row: each `matrix` of 3x3 that has a `size` beside it is a move of the whole frame

    Exact where all moves are one camera. What an earlier frame cut away and a later `pad` shows again as fill
    counts as shown: the figure is then a lower bound. Erased and pasted areas are not fill.
    """
    width, height = map(float, size)
    corners: list[Corner] = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)]
    for step in steps:
        matrix, frame = step.get("matrix"), step.get("size")
        if matrix is None or frame is None:
            continue
        moved = [_moved(matrix, x, y) for x, y in corners]
        corners = [corner for corner in moved if corner is not None]
        if len(corners) != len(moved):  # a corner behind the camera: what is seen cannot be told by corners
            return 0.0
        width, height = map(float, frame)
    if width <= 0.0 or height <= 0.0:
        return 0.0
    shown = abs(_area(_clipped(corners, width, height)))
    return min(1.0, max(0.0, 1.0 - shown / (width * height)))


def _moved(matrix: Sequence[Sequence[float]], x: float, y: float) -> Corner | None:
    w = matrix[2][0] * x + matrix[2][1] * y + matrix[2][2]
    if w <= 1e-9:
        return None
    return (
        (matrix[0][0] * x + matrix[0][1] * y + matrix[0][2]) / w,
        (matrix[1][0] * x + matrix[1][1] * y + matrix[1][2]) / w,
    )


def _clipped(corners: list[Corner], width: float, height: float) -> list[Corner]:
    """A convex polygon within the frame (Sutherland and Hodgman 1974)."""
    for axis, limit, sign in ((0, 0.0, 1.0), (0, width, -1.0), (1, 0.0, 1.0), (1, height, -1.0)):
        kept: list[Corner] = []
        for number, end in enumerate(corners):
            start = corners[number - 1]
            a, b = sign * (start[axis] - limit), sign * (end[axis] - limit)
            if (a < 0.0) != (b < 0.0):
                t = a / (a - b)
                kept.append((start[0] + t * (end[0] - start[0]), start[1] + t * (end[1] - start[1])))
            if b >= 0.0:
                kept.append(end)
        corners = kept
    return corners


def _area(corners: list[Corner]) -> float:
    return 0.5 * sum(
        corners[number - 1][0] * y - x * corners[number - 1][1] for number, (x, y) in enumerate(corners)
    )
