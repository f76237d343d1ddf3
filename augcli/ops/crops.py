"""Crops: a smaller frame, cut on whole pixels so that cutting never resamples."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from augcli.errors import ItemError
from augcli.geometry import MAX_SIDE, Move, compose, scaling, translation
from augcli.ops.base import Drawn, Geometry, View, op
from augcli.ops.keeping import CANDIDATES, KEEP, KEEP_DOC, Frame, Keeping, first_that_keeps, keeps
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
class RandomCrop(Keeping):
    """Cut out a frame of the given width and height at a random place, all places equally likely.

    Lengths are rounded to whole pixels. Where the image is smaller than the crop, the crop is limited to the
    image. With `keep_objects`, up to ten places are tried: the first that keeps the objects asked for is
    taken, or, where none does, the one that shows most of them.
    """

    identity: ClassVar[Mapping[str, Any] | None] = {"width": "100%", "height": "100%"}
    example: ClassVar[Mapping[str, Any]] = {"width": "80%", "height": "80%"}
    width: Dist | Percent = param(Length(1.0), REQUIRED, "width of the crop")
    height: Dist | Percent = param(Length(1.0), REQUIRED, "height of the crop")
    keep_objects: Dist = param(KEEP, "none", KEEP_DOC)

    def draw_more(self, rng: Stream, drawn: Drawn) -> Drawn:
        """`x`, `y`: the place, in [0, 1) of what the crop can move; `places`: nine further [x, y], where
        objects are looked at.
        """
        more: Drawn = {"x": rng.unit(), "y": rng.unit()}
        if keeps(drawn):
            more["places"] = [[rng.unit(), rng.unit()] for _ in range(CANDIDATES - 1)]
        return more

    def resolve(self, drawn: Drawn, view: View) -> Move:
        width = min(_side(drawn["width"], view.width), view.width)
        height = min(_side(drawn["height"], view.height), view.height)
        frames = [
            _placed(width, height, x, y, view)
            for x, y in ([drawn["x"], drawn["y"]], *drawn.get("places", ()))
        ]
        return _cut(*_taken(frames, drawn, view))


@op("random_resized_crop")
@dataclass(frozen=True)
class RandomResizedCrop(Keeping):
    """Cut out a random share of the area with a random aspect ratio, and resize it to width x height pixels.

    torchvision's `RandomResizedCrop.get_params` (Szegedy et al. 2015): the first of ten draws of area and
    ratio whose whole-pixel box fits is placed anywhere with equal probability; if none fits, the largest
    central box whose ratio is within the limits is taken. `area` is torchvision's `scale`.

    With `keep_objects`, up to nine further boxes with areas, ratios and places of their own are tried, those
    that do not fit passed over: the first that keeps the objects asked for is taken, or, where none does,
    the one that shows most of them.
    """

    example: ClassVar[Mapping[str, Any]] = {"width": 224, "height": 224}
    width: Dist = param(Number(1, MAX_SIDE, "pixels", whole=True), REQUIRED, "width of the result")
    height: Dist = param(Number(1, MAX_SIDE, "pixels", whole=True), REQUIRED, "height of the result")
    area: Dist = param(Number(0.0001, 1.0), [0.08, 1.0], "area of the crop as a share of the image's")
    ratio: Dist = param(
        Number(0.01, 100.0), {"log_uniform": [3 / 4, 4 / 3]}, "width of the crop divided by its height"
    )
    keep_objects: Dist = param(KEEP, "none", KEEP_DOC)

    def draw_more(self, rng: Stream, drawn: Drawn) -> Drawn:
        """`x`, `y`: the place, in [0, 1) of what the crop can move; `tries`: nine further [area, ratio];
        `ratios`: the least and the largest ratio; `places`: nine further [area, ratio, x, y], where objects
        are looked at.
        """
        x, y = rng.unit(), rng.unit()
        tries = [self._shape(rng) for _ in range(CANDIDATES - 1)]
        ratios = self.ratio.support()
        more = {"x": x, "y": y, "tries": tries, "ratios": [min(ratios), max(ratios)]}
        if keeps(drawn):
            more["places"] = [[*self._shape(rng), rng.unit(), rng.unit()] for _ in range(CANDIDATES - 1)]
        return more

    def _shape(self, rng: Stream) -> list[float]:
        """[area, ratio]."""
        return [self.area.at(rng.unit()), self.ratio.at(rng.unit())]

    def resolve(self, drawn: Drawn, view: View) -> Move:
        frames = [_first_that_fits(drawn, view)]
        for area, ratio, x, y in drawn.get("places", ()):
            size = _fitting(area, ratio, view)
            if size is not None:
                frames.append(_placed(*size, x, y, view))
        frame, chosen = _taken(frames, drawn, view)
        to = scaling(drawn["width"] / frame[2], drawn["height"] / frame[3])
        matrix = compose(translation(-frame[0], -frame[1]), to)
        return Move(matrix, drawn["width"], drawn["height"], chosen=chosen)


@op("crop_to_object")
@dataclass(frozen=True)
class CropToObject(Geometry):
    """Cut out the frame around one object, all objects of the image equally likely.

    The frame is the object's box, made larger on each side by `margin` of the box's width (left and right)
    or height (above and below), widened to whole pixels and limited to the image. Its size is the object's:
    `resize` or `letterbox` after it makes outputs of one size. An image without objects in the frame stays
    as it is; the record says `object: null`.
    """

    margin: Dist = param(Number(0, 10), [0.0, 0.5], "what each side adds, as a share of the object's box")

    def draw_more(self, rng: Stream, drawn: Drawn) -> Drawn:
        """`object`: which one, in [0, 1) of all."""
        return {"object": rng.unit()}

    def resolve(self, drawn: Drawn, view: View) -> Move:
        boxes = view.boxes()
        if not len(boxes):
            return _cut((0, 0, view.width, view.height), {"object": None})
        index = math.floor(drawn["object"] * len(boxes))
        x0, y0, x1, y1 = boxes[index].tolist()
        across, down = drawn["margin"] * (x1 - x0), drawn["margin"] * (y1 - y0)
        left, top = max(math.floor(x0 - across), 0), max(math.floor(y0 - down), 0)
        right, bottom = min(math.ceil(x1 + across), view.width), min(math.ceil(y1 + down), view.height)
        return _cut((left, top, right - left, bottom - top), {"object": index})


def _placed(width: int, height: int, x: float, y: float, view: View) -> Frame:
    """The frame of this size at the place `x`, `y`, in [0, 1) of what it can move."""
    left, top = math.floor(x * (view.width - width + 1)), math.floor(y * (view.height - height + 1))
    return left, top, width, height


def _taken(frames: Sequence[Frame], drawn: Drawn, view: View) -> tuple[Frame, Mapping[str, Any]]:
    """The frame to cut out, and what the record says of the choice."""
    if not keeps(drawn):
        return frames[0], {}
    return first_that_keeps(frames, drawn["keep_objects"], view.boxes())


def _cut(frame: Frame, chosen: Mapping[str, Any]) -> Move:
    left, top, width, height = frame
    return Move(translation(-left, -top), width, height, chosen=chosen)


def _first_that_fits(drawn: Drawn, view: View) -> Frame:
    """The first of the drawn shapes that the frame can hold, else the largest central one."""
    for area, ratio in ([drawn["area"], drawn["ratio"]], *drawn["tries"]):
        size = _fitting(area, ratio, view)
        if size is not None:
            return _placed(*size, drawn["x"], drawn["y"], view)
    width, height = _limited(view, *drawn["ratios"])
    return (view.width - width) // 2, (view.height - height) // 2, width, height


def _fitting(area: float, ratio: float, view: View) -> tuple[int, int] | None:
    """(width, height) in whole pixels for a share of the area and a ratio; None if the frame is too small."""
    pixels_of_area = area * view.width * view.height
    width = round(math.sqrt(pixels_of_area * ratio))
    height = round(math.sqrt(pixels_of_area / ratio))
    return (width, height) if 0 < width <= view.width and 0 < height <= view.height else None


def _limited(view: View, least: float, most: float) -> tuple[int, int]:
    """The largest whole-pixel size in the frame whose width / height is between `least` and `most`."""
    ratio = view.width / view.height
    if ratio < least:
        return view.width, min(view.height, max(1, round(view.width / least)))
    if ratio > most:
        return min(view.width, max(1, round(view.height * most))), view.height
    return view.width, view.height
