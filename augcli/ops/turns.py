"""Flips, turns and mirror images: moves that keep shapes as they are."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from augcli.geometry import (
    Move,
    about,
    compose,
    cosine_sine,
    largest_inside,
    rotation,
    scaling,
    translation,
)
from augcli.ops.base import Drawn, Geometry, View, op
from augcli.params import Dist, Name, Number, param

_SLACK = 1e-6
"""A side this much over a whole number of pixels is that whole number."""


def turns_far(degrees: Dist | None) -> bool:
    """Whether an angle may be nearer to a quarter turn than to none."""
    return degrees is not None and any(abs(angle) > 45.0 for angle in degrees.support())


@op("flip")
@dataclass(frozen=True)
class Flip(Geometry):
    """Mirror the image: `horizontal` swaps left and right, `vertical` swaps top and bottom, `both` turns
    it by half a turn.

    Exact: pixels move, none is resampled. (x, y) -> (W - x, y) and (x, H - y) in edge coordinates.
    """

    axis: Dist = param(
        Name(("horizontal", "vertical", "both")), "horizontal", "direction in which pixels change places"
    )

    def resolve(self, drawn: Drawn, view: View) -> Move:
        across, down = drawn["axis"] != "vertical", drawn["axis"] != "horizontal"
        matrix = scaling(-1.0 if across else 1.0, -1.0 if down else 1.0)
        matrix = compose(matrix, translation(view.width if across else 0, view.height if down else 0))
        return Move(matrix, view.width, view.height)

    def mirrors(self) -> bool:
        return any(axis != "both" for axis in self.axis.support())

    def turns(self) -> bool:
        return any(axis != "horizontal" for axis in self.axis.support())


@op("rotate")
@dataclass(frozen=True)
class Rotate(Geometry):
    """Turn by an angle in degrees about the centre, counter-clockwise as seen on the screen.

    `frame: keep` keeps the frame's size, so that corners leave it; `expand` makes it large enough for all
    of the image; `inside` cuts it to the largest upright rectangle without any border.
    The sign is that of torchvision's `rotate`, Pillow's `rotate` and OpenCV's `getRotationMatrix2D`.
    """

    identity: ClassVar[Mapping[str, Any] | None] = {"degrees": 0}
    degrees: Dist = param(
        Number(-360.0, 360.0, "degrees"), [-15.0, 15.0], "angle, positive is counter-clockwise"
    )
    frame: Dist = param(
        Name(("keep", "expand", "inside")), "keep", "size of the result: the same, all of it, or no border"
    )

    def resolve(self, drawn: Drawn, view: View) -> Move:
        width, height = self._frame(drawn, view)
        matrix = compose(
            translation(-view.width / 2, -view.height / 2),
            rotation(drawn["degrees"]),
            translation(width / 2, height / 2),
        )
        return Move(matrix, width, height)

    def turns(self) -> bool:
        return turns_far(self.degrees)

    def _frame(self, drawn: Drawn, view: View) -> tuple[int, int]:
        if drawn["frame"] == "keep":
            return view.width, view.height
        if drawn["frame"] == "inside":
            inner = largest_inside(view.width, view.height, drawn["degrees"])
            return max(1, math.floor(inner[0] + _SLACK)), max(1, math.floor(inner[1] + _SLACK))
        cos, sin = (abs(value) for value in cosine_sine(drawn["degrees"]))
        return (
            math.ceil(view.width * cos + view.height * sin - _SLACK),
            math.ceil(view.width * sin + view.height * cos - _SLACK),
        )


@op("rotate90")
@dataclass(frozen=True)
class Rotate90(Geometry):
    """Turn by whole quarter turns, counter-clockwise; an odd number swaps width and height.

    Exact: pixels move, none is resampled. The same as `numpy.rot90(image, quarter_turns)`.
    """

    identity: ClassVar[Mapping[str, Any] | None] = {"quarter_turns": 0}
    quarter_turns: Dist = param(
        Number(0, 3, "quarter turns", whole=True), {"choice": [1, 2, 3]}, "how many times 90 degrees"
    )

    def resolve(self, drawn: Drawn, view: View) -> Move:
        turns = drawn["quarter_turns"]
        size = (view.height, view.width) if turns % 2 else (view.width, view.height)
        back = ((0, 0), (0, view.width), (view.width, view.height), (view.height, 0))[turns]
        return Move(compose(rotation(90.0 * turns), translation(*back)), *size)

    def turns(self) -> bool:
        return any(self.quarter_turns.support())


@op("transpose")
@dataclass(frozen=True)
class Transpose(Geometry):
    """Mirror the image in its main diagonal, so that rows become columns; width and height change places.

    Exact: pixels move, none is resampled. The same as `numpy.swapaxes(image, 0, 1)`.
    """

    def resolve(self, drawn: Drawn, view: View) -> Move:
        return Move(compose(rotation(90.0), scaling(1.0, -1.0)), view.height, view.width)

    def mirrors(self) -> bool:
        return True

    def turns(self) -> bool:
        return True


@op("zoom")
@dataclass(frozen=True)
class Zoom(Geometry):
    """Enlarge by a factor about the centre and keep the frame: above 1 zooms in, below 1 zooms out and
    shows the border around the image.
    """

    identity: ClassVar[Mapping[str, Any] | None] = {"factor": 1}
    factor: Dist = param(Number(0.05, 20.0), [1.0, 1.25], "size of things afterwards to before")

    def resolve(self, drawn: Drawn, view: View) -> Move:
        matrix = scaling(drawn["factor"], drawn["factor"])
        return Move(about(matrix, view.width / 2, view.height / 2), view.width, view.height)
