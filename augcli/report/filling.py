"""Where an output's frame shows its source, and where it shows nothing, from what its row tells.

Points of the last frame are traced back through the steps: what comes from outside the source's frame was
filled, and what an erasing step covered was erased.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augcli.ops.base import OPS, Erase, Op, Pixels, View

GRID = 64
"""Points across the frame, and down."""

Points = NDArray[np.float64]

Trace = tuple[Mapping[str, Any], ...]
"""Of a row, the steps that move the frame, and those that see its pixels: what it has cut by then is gone."""


def trace_of(steps: Sequence[Mapping[str, Any]]) -> Trace:
    """What `shown` reads of the steps of a row."""
    return tuple(
        {"matrix": step["matrix"], "size": step["size"]}
        if "size" in step
        else {"op": step["op"], "amounts": {**step.get("drawn", {}), **step.get("resolved", {})}}
        for step in steps
        if "size" in step or _is(Pixels, step["op"])
    )


def _is(kind: type[Op], name: str) -> bool:
    return name in OPS and issubclass(OPS[name], kind)


def shown(size: Sequence[int], trace: Trace) -> NDArray[np.bool_]:
    """(GRID, GRID): whether a point of the last frame shows the source; see `points`.

    size   (width, height) of the frame before the first step

    What a move cut away and a `pad` right after it shows again as fill counts as shown.
    """
    frames = list(accumulate(trace, lambda frame, step: step.get("size", frame), initial=tuple(size)))
    x, y = points(*frames[-1])
    seen = np.ones(x.shape, np.bool_)
    for step, (width, height) in zip(reversed(trace), reversed(frames[:-1]), strict=True):
        if "amounts" in step:
            seen &= (x >= 0.0) & (x < width) & (y >= 0.0) & (y < height)
            kind = OPS[step["op"]]
            if issubclass(kind, Erase) and kind.hides:
                mask = kind().covered(step["amounts"], View(int(width), int(height)))
                seen[seen] = ~mask[y[seen].astype(np.intp), x[seen].astype(np.intp)]
        else:
            x, y, before = _moved_back(step["matrix"], x, y)
            seen &= before
    width, height = frames[0]
    return seen & (x >= 0.0) & (x <= width) & (y >= 0.0) & (y <= height)


def _moved_back(matrix: Sequence[Sequence[float]], x: Points, y: Points) -> tuple[Points, Points, Any]:
    """Where these points were before a move, and whether they lie before the camera, not behind it."""
    (a, b, c), (d, e, f), (g, h, i) = np.linalg.inv(np.array(matrix, dtype=np.float64)).tolist()
    across, down = a * x + b * y + c, d * x + e * y + f
    if g == h == 0.0:
        return across / i, down / i, i > 0.0
    depth = g * x + h * y + i
    before = depth > 1e-9
    depth[~before] = 1.0
    return across / depth, down / depth, before


def points(width: float, height: float) -> tuple[Points, Points]:
    """(x, y), each (GRID, GRID): points of a frame, at the middles of so many parts of it."""
    middles = (np.arange(GRID) + 0.5) / GRID
    x, y = np.meshgrid(middles * width, middles * height)
    return x, y
