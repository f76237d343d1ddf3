"""The end of an image's labels: boxes from the best evidence, and which objects stay.

Boxes are made here, once, from what the pixels of the output show: never a box of a box of a box.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augcli.labels.clipping import ring_area
from augcli.labels.raster import area
from augcli.objects import Bitmap, Bounds, Evidence, Objects, Points


@dataclass(frozen=True)
class Rules:
    """What an object must keep to stay labelled.

    min_visibility  share of the original object, in [0, 1]; an object that is hidden wholly never stays
    min_area        square pixels of its evidence
    min_size        pixels of the shorter side of its box
    """

    min_visibility: float = 0.0
    min_area: float = 0.0
    min_size: float = 1.0


@dataclass(frozen=True)
class Dropped:
    """An object that did not stay, and the first reason: outside, visibility, area or size."""

    category: str
    id: int | str | None
    reason: str
    visible: float

    def plain(self) -> dict[str, Any]:
        """Its JSON form."""
        return asdict(self)


_ROUNDING = 1e-6
"""Pixels by which a corner may leave the frame."""


def boxes(objects: Objects) -> NDArray[np.float64]:
    """(N, 4) float64: x0, y0, x1, y1 of each object in pixels; zeros where nothing is left of it."""
    found = [box or (0.0, 0.0, 0.0, 0.0) for box in objects.bounds]
    return np.array(found, dtype=np.float64).reshape(-1, 4)


def finish(
    objects: Objects, size: tuple[int, int], rules: Rules | None = None
) -> tuple[Objects, tuple[Dropped, ...]]:
    """The objects that stay in a frame of `size` (width, height), and those that do not, with the reason.

    It is for frames that a step has changed: labels that nothing touched stay as their file has them.
    """
    rules = rules or Rules()
    kept: list[int] = []
    dropped: list[Dropped] = []
    for index, (evidence, box) in enumerate(zip(objects.evidence, objects.bounds, strict=True)):
        reason = _reason(evidence, box, objects.visible[index], size, rules)
        if reason is None:
            kept.append(index)
        else:
            visible = round(objects.visible[index], 6)
            dropped.append(Dropped(objects.category[index], objects.id[index], reason, visible))
    return (objects.select(kept) if dropped else objects), tuple(dropped)


def _reason(
    evidence: Evidence, box: Bounds | None, visible: float, size: tuple[int, int], rules: Rules
) -> str | None:
    if box is None:  # a bitmap with pixels that are all unset was covered, not moved out
        covered = isinstance(evidence, Bitmap) and evidence.mask.size > 0
        return "visibility" if covered else "outside"
    x0, y0, x1, y1 = box
    if x1 <= 0.0 or y1 <= 0.0 or x0 >= size[0] or y0 >= size[1]:
        return "outside"
    if visible < rules.min_visibility or visible <= 0.0:
        return "visibility"
    if rules.min_area > 0.0 and area(evidence) < rules.min_area:
        return "area"
    if min(x1 - x0, y1 - y0) < rules.min_size:
        return "size"
    return None


def rotated(evidence: Evidence, size: tuple[int, int] | None = None) -> Points:
    """(4, 2): the corners of the rectangle of least area around the evidence, clockwise on the screen.

    What still is a rectangle keeps its own corners, the first one first. With `size` (width, height) all
    corners lie in that frame, as far as the evidence does: of the rectangles along the sides of its hull, and
    of those at every degree, the least that does not stick out. Raises ValueError for empty evidence.
    """
    points = _corners(evidence)
    if len(points) == 4 and _is_rectangle(points):
        return points if ring_area(points) >= 0.0 else np.concatenate([points[:1], points[:0:-1]])
    hull = _hull(points)
    sides = np.roll(hull, -1, axis=0) - hull
    lengths = np.hypot(sides[:, 0], sides[:, 1])
    along = sides[lengths > 0.0] / lengths[lengths > 0.0, None]
    if not len(along):
        return np.repeat(points[:1], 4, axis=0)
    if size is not None:
        angles = np.deg2rad(np.arange(90.0))
        along = np.concatenate([along, np.column_stack([np.cos(angles), np.sin(angles)])])
    across = np.column_stack([-along[:, 1], along[:, 0]])
    # One side of the least rectangle lies on a side of the hull (Freeman and Shapira 1975).
    u, v = (a[:, 0, None] * hull[:, 0] + a[:, 1, None] * hull[:, 1] for a in (along, across))
    low_u, high_u, low_v, high_v = u.min(axis=1), u.max(axis=1), v.min(axis=1), v.max(axis=1)
    ends = ((low_u, low_v), (high_u, low_v), (high_u, high_v), (low_u, high_v))
    rectangles = np.stack([a[:, None] * along + b[:, None] * across for a, b in ends], axis=1)
    areas = (high_u - low_u) * (high_v - low_v)
    if size is not None:
        over = np.maximum(-rectangles, rectangles - np.array(size)).max(axis=(1, 2))
        areas = np.where(over <= max(_ROUNDING, float(over.min())), areas, np.inf)
    rectangle = rectangles[int(np.argmin(areas))]
    first = int(np.argmin(((rectangle - points[0]) ** 2).sum(axis=1)))
    return np.roll(rectangle, -first, axis=0)


def _corners(evidence: Evidence) -> Points:
    """The points that a rectangle has to hold."""
    if not isinstance(evidence, Bitmap):
        if not evidence.parts:
            raise ValueError("nothing is left of the object")
        return np.concatenate([part[0] for part in evidence.parts])
    rows = np.flatnonzero(evidence.mask.any(axis=1))
    if not rows.size:
        raise ValueError("nothing is left of the object")
    left = evidence.mask[rows].argmax(axis=1) + evidence.x
    right = evidence.x + evidence.mask.shape[1] - evidence.mask[rows, ::-1].argmax(axis=1)
    y = rows + evidence.y
    return np.concatenate([np.column_stack([x, y + down]) for x in (left, right) for down in (0, 1)]).astype(
        np.float64
    )


def _is_rectangle(points: Points) -> bool:
    """Whether four points are the corners of a rectangle, to a millionth of its size."""
    a, b, c, d = points
    size = max(float(np.abs(c - a).max()), float(np.abs(d - b).max()))
    parallel = np.abs(a - b + c - d).max() <= 1e-6 * size
    return bool(size > 0.0 and parallel and abs(float(((b - a) * (d - a)).sum())) <= 1e-6 * size * size)


def _hull(points: Points) -> Points:
    """The convex hull, clockwise on the screen (Andrew 1979)."""
    ordered = sorted(set(map(tuple, points.tolist())))
    if len(ordered) < 3:
        return np.array(ordered)
    chains = []
    for run in (ordered, ordered[::-1]):
        chain: list[tuple[float, ...]] = []
        for point in run:
            while len(chain) >= 2 and _turn(chain[-2], chain[-1], point) <= 0.0:
                chain.pop()
            chain.append(point)
        chains += chain[:-1]
    return np.array(chains)


def _turn(a: tuple[float, ...], b: tuple[float, ...], c: tuple[float, ...]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
