"""Numbers of an annotation that follow from its evidence: bbox, area, keypoints; for reader and writer alike.

The reader keeps what a file says otherwise, so that unchanged annotations are written with their own numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from operator import mul

from augcli.objects import Bounds

ORIGINAL = "coco:original"
"""In an object's extra columns: what the file says that does not follow from the evidence.

    bounds                   x0, y0, x1, y1 of the evidence that it was said of
    bbox, area, keypoints    as the file has them
    segmentation             "counts" for run lengths as a list
"""

DIGITS = 9
"""Decimals that survive the way from [x, y, width, height] to edges and back in double precision."""


def sides(bounds: Bounds) -> list[float]:
    """x0, y0, x1, y1 -> [x, y, width, height]."""
    x0, y0, x1, y1 = bounds
    return [x0, y0, rounded(x1 - x0), rounded(y1 - y0)]


def bbox(bounds: Bounds) -> list[float | int]:
    """The same of a row's numbers; whole ones without their point, as they have it there."""
    x, y, width, height = sides(bounds)
    return [x, y, whole(width), whole(height)]


def ring_area(ring: Sequence[float]) -> float:
    """Square pixels within the closed line x0, y0, x1, y1, ... (the shoelace formula)."""
    xs, ys = ring[0::2], ring[1::2]
    ahead = chain(xs[1:], xs[:1]), chain(ys[1:], ys[:1])
    return abs(float(sum(map(mul, xs, ahead[1])) - sum(map(mul, ahead[0], ys)))) / 2


def keypoints(points: Sequence[float]) -> list[float | int]:
    """Edges space -> indices of pixels, whose centres lie half a pixel further; (0, 0, 0) when unlabelled."""
    made: list[float | int] = []
    for x, y, visible in zip(points[0::3], points[1::3], points[2::3], strict=True):
        made += (tidy(x - 0.5), tidy(y - 0.5), whole(visible)) if visible else (0, 0, 0)
    return made


def rounded(value: float) -> float:
    """Rounded to `DIGITS`."""
    return round(value, DIGITS)


def tidy(value: float) -> float | int:
    """The same, whole numbers without their point."""
    return whole(rounded(value))


def whole(value: float) -> float | int:
    """Whole numbers without their point."""
    return int(value) if value == int(value) else value
