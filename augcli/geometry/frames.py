"""What a geometric step says: the canvas it draws on and the move it makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from augcli.geometry.matrices import Matrix

BORDERS = ("constant", "edge", "reflect", "symmetric", "wrap")
"""The border modes, named as `numpy.pad` names them."""

INTERPOLATIONS = ("nearest", "bilinear", "bicubic", "lanczos")

MAX_SIDE = 16384
"""The longest side that a recipe may ask for, in pixels; an output holds at most its square."""


@dataclass(frozen=True, slots=True)
class Canvas:
    """How a move fills what lies outside the image and how it samples.

    border          constant, edge, reflect (edge pixel not repeated), symmetric (repeated), wrap
    fill            (r, g, b) on the 8-bit scale; used by `constant`
    interpolation   nearest, bilinear, bicubic, lanczos
    """

    border: str = "constant"
    fill: tuple[int, int, int] = (0, 0, 0)
    interpolation: str = "bilinear"


@dataclass(frozen=True, slots=True)
class Move:
    """A geometric step: `matrix` into a new frame of `width` x `height` pixels.

    canvas   when not None, the step insists on this border and fill (pad, letterbox); its moves are
             translations and scales, for which the interpolation stays the recipe's
    closes   True: flush what is pending first, even when the canvas is the same, so that what earlier
             moves cut off stays cut off
    chosen   JSON values by name: what the step has chosen by looking at the labels, for the record
    """

    matrix: Matrix
    width: int
    height: int
    canvas: Canvas | None = None
    closes: bool = False
    chosen: Mapping[str, Any] = field(default_factory=dict)
