"""Crops: a smaller frame, cut on whole pixels so that cutting never resamples."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from augcli.errors import ItemError
from augcli.geometry import MAX_SIDE, Move, compose, scaling, translation
from augcli.ops.base import Drawn, Geometry, View, op
from augcli.params import REQUIRED, Dist, Length, Name, Number, Percent, param, pixels
from augcli.rng import Stream

_ANCHORS: Mapping[str, tuple[float, float]] = {
    "center": (0.5, 0.5),
    "top_left": (0.0, 0.0),
    "top": (0.5, 0.0),
    "top_right": (1.0, 0.0),
    "left": (0.0, 0.5),
    "right": (1.0, 0.5),
    "bottom_left": (0.0, 1.0),
    "bottom": (0.5, 1.0),
    "bottom_right": (1.0, 1.0),
}
_CANDIDATES = 10


def _side(drawn: float | str, side: int) -> int:
    """A length in whole pixels, at least one."""
    return max(1, round(pixels(drawn, side)))


@op("crop")
@dataclass(frozen=True)
class Crop(Geometry):
    """Cut out a frame of fixed width and height, at an anchor or at a distance from the top left corner.

    Lengths are rounded to whole pixels; an odd rest is larger on the right and at the bottom. An image that
    is too small for the crop is an error of that image (`pad` with `min_width` and `min_height` before it).
    """

    identity: ClassVar[Mapping[str, Any] | None] = {"width": "100%", "height": "100%"}
    example: ClassVar[Mapping[str, Any]] = {"width": "80%", "height": "80%"}
    width: Dist | Percent = param(Length(1.0), REQUIRED, "width of the crop")
    height: Dist | Percent = param(Length(1.0), REQUIRED, "height of the crop")
    anchor: Dist = param(Name(tuple(_ANCHORS)), "center", "where the crop lies in the image")
    x: Dist | Percent | None = param(Length(), None, "distance from the left, with y, instead of the anchor")
    y: Dist | Percent | None = param(Length(), None, "distance from the top, with x, instead of the anchor")

    def problems(self) -> Sequence[str]:
        if (self.x is None) != (self.y is None):
            return [f"expected x and y together, got only {'y' if self.x is None else 'x'}"]
        return ()

    def resolve(self, drawn: Drawn, view: View) -> Move:
        width, height = _side(drawn["width"], view.width), _side(drawn["height"], view.height)
        if drawn["x"] is None:
            across, down = _ANCHORS[drawn["anchor"]]
            left, top = math.floor((view.width - width) * across), math.floor((view.height - height) * down)
        else:
            left, top = round(pixels(drawn["x"], view.width)), round(pixels(drawn["y"], view.height))
        if left < 0 or top < 0 or left + width > view.width or top + height > view.height:
            place = "" if drawn["x"] is None else f" at ({left}, {top})"
            reason = (
                f"a crop of {width} x {height} pixels{place} needs more than {view.width} x {view.height}"
            )
            raise ItemError("too_small", step=view.step, reason=reason)
        return Move(translation(-left, -top), width, height)


@op("random_crop")
@dataclass(frozen=True)
class RandomCrop(Geometry):
    """Cut out a frame of the given width and height at a random place, all places equally likely.

    Lengths are rounded to whole pixels. Where the image is smaller than the crop, the crop is limited to the
    image.
    """

    identity: ClassVar[Mapping[str, Any] | None] = {"width": "100%", "height": "100%"}
    example: ClassVar[Mapping[str, Any]] = {"width": "80%", "height": "80%"}
    width: Dist | Percent = param(Length(1.0), REQUIRED, "width of the crop")
    height: Dist | Percent = param(Length(1.0), REQUIRED, "height of the crop")

    def draw_more(self, rng: Stream, drawn: Drawn) -> Drawn:
        """`x`, `y`: the place, in [0, 1) of what the crop can move."""
        return {"x": rng.unit(), "y": rng.unit()}

    def resolve(self, drawn: Drawn, view: View) -> Move:
        width = min(_side(drawn["width"], view.width), view.width)
        height = min(_side(drawn["height"], view.height), view.height)
        left = math.floor(drawn["x"] * (view.width - width + 1))
        top = math.floor(drawn["y"] * (view.height - height + 1))
        return Move(translation(-left, -top), width, height)


@op("random_resized_crop")
@dataclass(frozen=True)
class RandomResizedCrop(Geometry):
    """Cut out a random share of the area with a random aspect ratio, and resize it to width x height pixels.

    torchvision's `RandomResizedCrop.get_params` (Szegedy et al. 2015): the first of ten draws of area and
    ratio whose whole-pixel box fits is placed anywhere with equal probability; if none fits, the largest
    central box whose ratio is within the limits is taken. `area` is torchvision's `scale`.
    """

    example: ClassVar[Mapping[str, Any]] = {"width": 224, "height": 224}
    width: Dist = param(Number(1, MAX_SIDE, "pixels", whole=True), REQUIRED, "width of the result")
    height: Dist = param(Number(1, MAX_SIDE, "pixels", whole=True), REQUIRED, "height of the result")
    area: Dist = param(Number(0.0001, 1.0), [0.08, 1.0], "area of the crop as a share of the image's")
    ratio: Dist = param(
        Number(0.01, 100.0), {"log_uniform": [3 / 4, 4 / 3]}, "width of the crop divided by its height"
    )

    def draw_more(self, rng: Stream, drawn: Drawn) -> Drawn:
        """`x`, `y`: the place, in [0, 1) of what the crop can move; `tries`: nine further [area, ratio];
        `ratios`: the least and the largest ratio.
        """
        x, y = rng.unit(), rng.unit()
        tries = [[self.area.at(rng.unit()), self.ratio.at(rng.unit())] for _ in range(_CANDIDATES - 1)]
        ratios = self.ratio.support()
        return {"x": x, "y": y, "tries": tries, "ratios": [min(ratios), max(ratios)]}

    def resolve(self, drawn: Drawn, view: View) -> Move:
        for area, ratio in ([drawn["area"], drawn["ratio"]], *drawn["tries"]):
            pixels_of_area = area * view.width * view.height
            width = round(math.sqrt(pixels_of_area * ratio))
            height = round(math.sqrt(pixels_of_area / ratio))
            if 0 < width <= view.width and 0 < height <= view.height:
                left = math.floor(drawn["x"] * (view.width - width + 1))
                top = math.floor(drawn["y"] * (view.height - height + 1))
                break
        else:
            width, height = _limited(view, *drawn["ratios"])
            left, top = (view.width - width) // 2, (view.height - height) // 2
        to = scaling(drawn["width"] / width, drawn["height"] / height)
        return Move(compose(translation(-left, -top), to), drawn["width"], drawn["height"])


def _limited(view: View, least: float, most: float) -> tuple[int, int]:
    """The largest whole-pixel size in the frame whose width / height is between `least` and `most`."""
    ratio = view.width / view.height
    if ratio < least:
        return view.width, min(view.height, max(1, round(view.width / least)))
    if ratio > most:
        return min(view.width, max(1, round(view.height * most))), view.height
    return view.width, view.height
