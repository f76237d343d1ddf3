"""Erasing: parts of the picture are covered, so that a model must not rely on any one of them.

What is drawn has no unit: shares of a side, and seeds of random pixels. `covered` says which pixels show the
cover; the pixels are painted from it, so the two cannot disagree.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray

from augcli import noise
from augcli.geometry import Canvas
from augcli.geometry.resampling import fill_of
from augcli.ops.base import Drawn, Erase, View, op
from augcli.params import Colour, Dist, Length, Number, Percent, param, pixels
from augcli.rng import Stream

if TYPE_CHECKING:
    from augcli.sample import Image

_FILL = Colour(words=("mean", "noise"))
_FILL_DOC = "Colour of the cover on the 8-bit scale, the image's mean colour, or uniform noise."

_CANDIDATES = 10
"""How many areas and shapes are tried before the shape is bent to fit; torchvision tries as many."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Cover(Erase):
    """Base of the erasing ops: paints `fill` wherever `covered` says so."""

    fill: Dist = param(_FILL, 0, _FILL_DOC)

    def draw_more(self, rng: Stream, drawn: Drawn) -> Drawn:
        return {"noise": rng.child("noise").bits() >> 1, **self.draw_places(rng.child("places"), drawn)}

    def draw_places(self, rng: Stream, drawn: Drawn) -> Drawn:
        """What decides where the cover lies, free of units."""
        raise NotImplementedError  # pragma: no cover - abstract

    def apply(self, image: Image, amounts: Drawn, view: View) -> Image:
        cover = _cover(image, amounts["fill"], amounts["noise"], view)
        return cv2.copyTo(cover, self.covered(amounts, view).view(np.uint8), image.copy())


@dataclass(frozen=True)
class Boxes(Cover):
    """Base of the ops that cover rectangles: `boxes`, [[x0, y0, x1, y1], ...] in whole pixels."""

    def covered(self, amounts: Drawn, view: View) -> Mask:
        mask = np.zeros((view.height, view.width), np.bool_)
        for x0, y0, x1, y1 in amounts["boxes"]:
            mask[y0:y1, x0:x1] = True
        return mask


@op("erase")
@dataclass(frozen=True)
class RandomErasing(Boxes):
    """Cover one rectangle anywhere inside the frame, given by its share of the area and its shape.

    Random Erasing (Zhong et al. 2020, algorithm 1). `ratio` is width / height. A shape that does not fit is
    drawn again, up to ten times; then the last is bent until it fits, so that the area is kept.
    """

    identity: ClassVar[Mapping[str, Any]] = {"area": 0}

    area: Dist = param(Number(0, 1), [0.02, 0.33], "Share of the frame's area.")
    ratio: Dist = param(Number(0.05, 20), {"log_uniform": [0.3, 3.3]}, "Width divided by height.")

    def draw_places(self, rng: Stream, drawn: Drawn) -> Drawn:
        more = [[self.area.at(rng.unit()), self.ratio.at(rng.unit())] for _ in range(_CANDIDATES - 1)]
        return {"shapes": [[drawn["area"], drawn["ratio"]], *more], "x": rng.unit(), "y": rng.unit()}

    def resolve(self, drawn: Drawn, view: View) -> Drawn:
        width, height = _first_that_fits(drawn["shapes"], view)
        x, y = (
            int(drawn["x"] * (view.width - width + 1)),
            int(drawn["y"] * (view.height - height + 1)),
        )
        boxes = [[x, y, x + width, y + height]] if width and height else []
        return {"boxes": boxes, "fill": drawn["fill"], "noise": drawn["noise"]}


def _first_that_fits(shapes: list[list[float]], view: View) -> tuple[int, int]:
    """(width, height) in whole pixels of the first shape inside the frame, or of the last, bent to fit."""
    frame = view.width * view.height
    for area, ratio in shapes:
        width, height = round(math.sqrt(area * frame * ratio)), round(math.sqrt(area * frame / ratio))
        if width <= view.width and height <= view.height:
            return width, height
    if width > view.width:
        return view.width, round(area * view.height)
    return round(area * view.width), view.height


@op("cutout")
@dataclass(frozen=True)
class Cutout(Boxes):
    """Cover `count` squares of one size, whose centres lie anywhere in the frame; the frame clips them.

    Cutout (DeVries and Taylor 2017). A percentage is of the shorter side.
    """

    identity: ClassVar[Mapping[str, Any]] = {"size": 0}

    count: Dist = param(Number(0, 100, "squares", whole=True), 1, "Number of squares.")
    size: Dist | Percent = param(
        Length(), ["20%", "40%"], "Side of a square, in pixels or percent of the shorter side."
    )

    def draw_places(self, rng: Stream, drawn: Drawn) -> Drawn:
        return {"centres": [[rng.unit(), rng.unit()] for _ in range(drawn["count"])]}

    def resolve(self, drawn: Drawn, view: View) -> Drawn:
        side = round(pixels(drawn["size"], min(view.width, view.height)))
        boxes = []
        for x, y in drawn["centres"]:
            x0, y0 = int(x * view.width) - side // 2, int(y * view.height) - side // 2
            box = [max(x0, 0), max(y0, 0), min(x0 + side, view.width), min(y0 + side, view.height)]
            if side:
                boxes.append(box)
        return {"boxes": boxes, "fill": drawn["fill"], "noise": drawn["noise"]}


@op("grid_dropout")
@dataclass(frozen=True)
class GridDropout(Cover):
    """Cover a square in every cell of a regular grid.

    GridMask (Chen et al. 2020) without its rotation: cells of `size`, in each a square of ratio * size pixels
    a side, the whole grid shifted at random. The share of the area that is covered is about ratio squared.
    """

    identity: ClassVar[Mapping[str, Any]] = {"ratio": 0}

    ratio: Dist = param(Number(0, 1), 0.5, "Side of a covered square relative to the cell's.")
    size: Dist | Percent = param(
        Length(low=2, low_percent=1),
        ["20%", "40%"],
        "Side of a cell, in pixels or percent of the shorter side; at least two pixels.",
    )

    def draw_places(self, rng: Stream, drawn: Drawn) -> Drawn:
        return {"x": rng.unit(), "y": rng.unit()}

    def resolve(self, drawn: Drawn, view: View) -> Drawn:
        cell = max(2, round(pixels(drawn["size"], min(view.width, view.height))))
        return {
            "cell": cell,
            "square": round(drawn["ratio"] * cell),
            "offset": [int(drawn["x"] * cell), int(drawn["y"] * cell)],
            "fill": drawn["fill"],
            "noise": drawn["noise"],
        }

    def covered(self, amounts: Drawn, view: View) -> Mask:
        cell, square, (x, y) = amounts["cell"], amounts["square"], amounts["offset"]
        columns = (np.arange(view.width) - x) % cell < square
        rows = (np.arange(view.height) - y) % cell < square
        mask: Mask = rows[:, None] & columns[None, :]
        return mask


@op("pixel_dropout")
@dataclass(frozen=True)
class PixelDropout(Cover):
    """Cover a share of the pixels, each on its own.

    Each pixel is covered with probability `amount`, a multiple of 1/65536, independently of the others.
    """

    hides: ClassVar[bool] = False

    identity: ClassVar[Mapping[str, Any]] = {"amount": 0}

    amount: Dist = param(Number(0, 1), [0.01, 0.1], "Share of the pixels that are covered.")

    def draw_places(self, rng: Stream, drawn: Drawn) -> Drawn:
        return {"seed": rng.bits() >> 1}

    def covered(self, amounts: Drawn, view: View) -> Mask:
        return noise.chosen(amounts["seed"], view.width, view.height, amounts["amount"])


def _cover(image: Image, fill: str | list[int], seed: int, view: View) -> Image:
    """An image of the same shape and dtype: what is seen where pixels are covered."""
    if fill == "noise":
        return noise.random_levels(image.shape, image.dtype, seed, int(view.low), int(view.high))
    cover = np.empty_like(image)
    channels = image.shape[2] if image.ndim == 3 else 1
    if fill == "mean":  # sums of whole numbers, exact in whatever order they are added
        colour = [int(mean + 0.5) for mean in cv2.mean(image)[:channels]]
    else:
        red, green, blue = (int(level) for level in fill)
        colour = [int(level) for level in fill_of(image, Canvas(fill=(red, green, blue)))[:channels]]
    cover[...] = np.full(image.shape[1:], colour, image.dtype)  # a line at a time, which is fast
    return cover
