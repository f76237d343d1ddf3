"""Distances, overlaps and angles of what is seen and what is written: formulas without any scene."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from augcli.objects import Outline, Thing
from tests.proof.pixels import Plane, Sides


def apart(
    one: Sequence[float], other: Sequence[float], inner: Sequence[float], outer: Sequence[float]
) -> float:
    """The largest distance of a side, between `one` and `other`, to what lies between the others."""
    sides_of = zip(one, other, inner, outer, strict=True)
    return max(max(0.0, min(a, b) - max(c, d), min(c, d) - max(a, b)) for a, b, c, d in sides_of)


def common(one: Sides, other: Sides) -> float:
    """Intersection over union of two boxes."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = (one[2] - one[0]) * (one[3] - one[1]) + (other[2] - other[0]) * (other[3] - other[1])
    return width * height / (both - width * height)


def turn(points: NDArray[np.float64]) -> float:
    (ax, ay), (bx, by), (cx, cy) = points
    return float((bx - ax) * (cy - ay) - (by - ay) * (cx - ax))


def angles(ring: NDArray[np.float64]) -> NDArray[np.float64]:
    """The angles of a ring at its corners, in degrees."""
    one, other = np.roll(ring, -1, axis=0) - ring, np.roll(ring, 1, axis=0) - ring
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return np.degrees(np.arccos(np.clip((one * other).sum(axis=1) / np.maximum(lengths, 1e-9), -1.0, 1.0)))


def is_box(thing: Thing) -> bool:
    """Whether all that the label says of the shape is its upright box."""
    if not isinstance(thing.evidence, Outline) or thing.evidence.kind != "box":
        return False
    ring = thing.evidence.parts[0][0]
    return all(len(np.unique(np.round(axis, 6))) == 2 for axis in ring.T)


def extent(plane: Plane, origin: NDArray[np.float64], way: NDArray[np.float64]) -> tuple[float, float]:
    """From where to where the middles of pixels reach along a direction of length 1."""
    rows, columns = np.nonzero(plane)
    along = (np.column_stack([columns, rows]) + 0.5 - origin) @ way
    return float(along.min()), float(along.max())
