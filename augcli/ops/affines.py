"""Scale, shear, shift and perspective within the same frame: moves that change shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from augcli.geometry import (
    Move,
    about,
    compose,
    perspective,
    rotation,
    scaling,
    shear,
    translation,
)
from augcli.geometry.matrices import Matrix
from augcli.ops.base import Drawn, Geometry, View, op
from augcli.ops.turns import turns_far
from augcli.params import Dist, Length, Number, Percent, param, pixels
from augcli.rng import Stream

_FACTOR = Number(0.05, 20.0)
_SHEAR = Number(-80.0, 80.0, "degrees")
_SHIFT = Length(-16384.0, 16384.0, -100.0, 100.0)


def _centred(matrix: Matrix, view: View) -> Move:
    """The move that does `matrix` about the centre and keeps the frame."""
    return Move(about(matrix, view.width / 2, view.height / 2), view.width, view.height)


@op("scale")
@dataclass(frozen=True)
class Scale(Geometry):
    """Scale about the centre by one factor, or by one along x and one along y, and keep the frame.

    What grows is cut off at the frame, what shrinks has the border around it. `resize` changes the frame.
    """

    identity: ClassVar[Mapping[str, Any] | None] = {"factor": 1}
    example: ClassVar[Mapping[str, Any]] = {"factor": [0.8, 1.2]}
    factor: Dist | None = param(_FACTOR, None, "one factor for both axes")
    x: Dist | None = param(_FACTOR, None, "factor along x, instead of `factor`; absent: 1")
    y: Dist | None = param(_FACTOR, None, "factor along y, instead of `factor`; absent: 1")

    def problems(self) -> Sequence[str]:
        axes = self.x is not None or self.y is not None
        if axes == (self.factor is not None):
            return [f"expected either factor, or x and y, got {'both' if axes else 'neither'}"]
        return ()

    def resolve(self, drawn: Drawn, view: View) -> Move:
        factor = drawn["factor"]
        if factor is not None:
            return _centred(scaling(factor, factor), view)
        x, y = (1.0 if drawn[axis] is None else drawn[axis] for axis in ("x", "y"))
        return _centred(scaling(x, y), view)


@op("shear")
@dataclass(frozen=True)
class Shear(Geometry):
    """Shear about the centre by angles in degrees: positive x leans upright lines to the right, positive y
    lifts the right side.

    First along x, then along y: x' = x - tan(x) y, y' = y - tan(y) x', y pointing down, as torchvision's
    `affine` does it.
    """

    identity: ClassVar[Mapping[str, Any] | None] = {"x": 0, "y": 0}
    example: ClassVar[Mapping[str, Any]] = {"x": [-10, 10]}
    parts: ClassVar[Mapping[str, Any]] = {"x": 0.0, "y": 0.0}
    x: Dist | None = param(_SHEAR, None, "lean of upright lines, positive to the right")
    y: Dist | None = param(_SHEAR, None, "slope of level lines, positive rises to the right")

    def resolve(self, drawn: Drawn, view: View) -> Move:
        return _centred(shear(drawn["x"], drawn["y"]), view)


@op("translate")
@dataclass(frozen=True)
class Translate(Geometry):
    """Shift by x pixels to the right and y pixels down, rounded to whole pixels, and keep the frame.

    Whole pixels, as torchvision's `RandomAffine` draws them, so that nothing is resampled.
    """

    identity: ClassVar[Mapping[str, Any] | None] = {"x": 0, "y": 0}
    example: ClassVar[Mapping[str, Any]] = {"x": ["-10%", "10%"], "y": ["-10%", "10%"]}
    parts: ClassVar[Mapping[str, Any]] = {"x": 0.0, "y": 0.0}
    x: Dist | Percent | None = param(_SHIFT, None, "shift to the right; a percentage is of the width")
    y: Dist | Percent | None = param(_SHIFT, None, "shift down; a percentage is of the height")

    def resolve(self, drawn: Drawn, view: View) -> Move:
        dx, dy = round(pixels(drawn["x"], view.width)), round(pixels(drawn["y"], view.height))
        return Move(translation(dx, dy), view.width, view.height)


@op("affine")
@dataclass(frozen=True)
class Affine(Geometry):
    """Shear, scale, turn and shift in one move, angles in degrees, about the centre, and keep the frame.

    In this order: shear along x, shear along y, scale, rotation (counter-clockwise), translation; with the
    centre at the origin until the translation. That is torchvision's M = T R S SHy SHx, whose `affine`
    counts angles clockwise.
    """

    identity: ClassVar[Mapping[str, Any] | None] = {
        "degrees": 0, "scale": 1, "x": 0, "y": 0, "shear_x": 0, "shear_y": 0,
    }  # fmt: skip
    example: ClassVar[Mapping[str, Any]] = {"degrees": [-15, 15], "scale": [0.9, 1.1], "x": ["-5%", "5%"]}
    parts: ClassVar[Mapping[str, Any]] = {
        "degrees": 0.0, "scale": 1.0, "x": 0.0, "y": 0.0, "shear_x": 0.0, "shear_y": 0.0,
    }  # fmt: skip
    degrees: Dist | None = param(
        Number(-360.0, 360.0, "degrees"), None, "angle, positive is counter-clockwise"
    )
    scale: Dist | None = param(_FACTOR, None, "size of things afterwards to before")
    x: Dist | Percent | None = param(_SHIFT, None, "shift to the right; a percentage is of the width")
    y: Dist | Percent | None = param(_SHIFT, None, "shift down; a percentage is of the height")
    shear_x: Dist | None = param(_SHEAR, None, "lean of upright lines, positive to the right")
    shear_y: Dist | None = param(_SHEAR, None, "slope of level lines, positive rises to the right")

    def turns(self) -> bool:
        return turns_far(self.degrees)

    def resolve(self, drawn: Drawn, view: View) -> Move:
        matrix = compose(
            shear(drawn["shear_x"], drawn["shear_y"]),
            scaling(drawn["scale"], drawn["scale"]),
            rotation(drawn["degrees"]),
            translation(pixels(drawn["x"], view.width), pixels(drawn["y"], view.height)),
        )
        return _centred(matrix, view)


_CORNERS = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


@op("perspective")
@dataclass(frozen=True)
class Perspective(Geometry):
    """Tilt the image: each corner moves inward by its own random share of half the side, up to
    `distortion`, and the frame stays.

    The corners are drawn as in torchvision's `RandomPerspective` (its `distortion_scale`), not rounded to
    whole pixels. Below 2/3 the four corners are always convex, so that the map exists.
    """

    identity: ClassVar[Mapping[str, Any] | None] = {"distortion": 0}
    distortion: Dist = param(
        Number(0.0, 0.65), 0.3, "furthest that a corner moves, as a share of half the width and height"
    )

    def draw_more(self, rng: Stream, drawn: Drawn) -> Drawn:
        """`corners`: how far each moves, from top left clockwise, as shares [x, y] in [0, 1) of the most."""
        return {"corners": [[rng.unit(), rng.unit()] for _ in _CORNERS]}

    def resolve(self, drawn: Drawn, view: View) -> Move:
        most_x = drawn["distortion"] * view.width / 2
        most_y = drawn["distortion"] * view.height / 2
        before = [(x * view.width, y * view.height) for x, y in _CORNERS]
        after = [
            (x + (1.0 - 2.0 * right) * share_x * most_x, y + (1.0 - 2.0 * low) * share_y * most_y)
            for (x, y), (right, low), (share_x, share_y) in zip(
                before, _CORNERS, drawn["corners"], strict=True
            )
        ]
        return Move(perspective(before, after), view.width, view.height)
