"""Outlines and masks to test with, and their definitions by brute force."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from augcli.objects import Evidence, Objects, Outline, Part, Ring, Thing

FINE = 8
"""Sub-pixels per pixel and axis of the brute-force raster."""


def ring(*points: tuple[float, float]) -> Ring:
    return np.array(points, dtype=np.float64)


def box(x0: float, y0: float, x1: float, y1: float) -> Ring:
    return ring((x0, y0), (x1, y0), (x1, y1), (x0, y1))


def polygon(*parts: Part) -> Outline:
    return Outline(tuple(parts))


def one(evidence: Evidence, **values: Any) -> Objects:
    return Objects.of([Thing("thing", evidence, **values)])


def star(cx: float, cy: float, radii: NDArray[np.float64]) -> Ring:
    """A simple ring around (cx, cy), as concave as its radii make it."""
    angle = np.linspace(0.0, 2.0 * np.pi, len(radii), endpoint=False)
    return np.column_stack([cx + radii * np.cos(angle), cy + radii * np.sin(angle)])


@st.composite
def outlines(draw: st.DrawFn, holes: bool = True) -> Outline:
    """One or two star-shaped parts in and around a frame of 20 x 16 pixels, some with a hole."""
    parts = []
    for number in range(draw(st.integers(1, 2))):
        count = draw(st.integers(3, 14))
        radii = np.array(draw(st.lists(st.floats(1.0, 15.0), min_size=count, max_size=count)))
        cx, cy = draw(st.floats(-3, 23)), draw(st.floats(-3, 19))
        outer = star(cx + 60.0 * number, cy, radii)
        if holes and draw(st.booleans()):
            parts.append((outer, star(cx + 60.0 * number, cy, radii * 0.5)))
        else:
            parts.append((outer,))
    return Outline(tuple(parts))


def brute(evidence: Outline, width: int, height: int, fine: int = 1) -> NDArray[np.bool_]:
    """Point in polygon for every (sub-)pixel centre, by its definition: count the edges to the right."""
    made = np.zeros((height * fine, width * fine), np.bool_)
    for row in range(height * fine):
        y = (row + 0.5) / fine
        x = (np.arange(width * fine) + 0.5) / fine
        for part in evidence.parts:
            crossings = np.zeros(width * fine, int)
            for line in part:
                for (x0, y0), (x1, y1) in zip(line, np.roll(line, -1, axis=0), strict=True):
                    if (y0 <= y) != (y1 <= y):
                        crossings += x0 + (y - y0) * (x1 - x0) / (y1 - y0) > x
            made[row] |= crossings % 2 == 1
    return made
