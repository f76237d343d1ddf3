"""What is pending on one sample: one move and one exposure, applied together when pixels are needed.

Consecutive geometry multiplies into one camera, so pixels are resampled once and only the last frame cuts;
consecutive linear colour multiplies into one exposure, clipped once. Colour between moves does not
separate them, nor do moves separate colours.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from augcli.colour import compose, expose, mean_after, mean_colour
from augcli.geometry import Canvas, Matrix, Move, identity, resample, resample_nearest
from augcli.geometry import compose as compose_moves
from augcli.labels import NO_SYMMETRY, Symmetry, boxes, move
from augcli.ops.base import Drawn, Exposure, View
from augcli.sample import NO_ORIGIN, Image, Sample

if TYPE_CHECKING:
    from collections.abc import Callable


def split_alpha(image: Image) -> tuple[Image, Image | None]:
    """Colour planes (H, W) or (H, W, 3), and the alpha plane (H, W) or None."""
    if image.ndim == 2 or image.shape[2] == 3:
        return image, None
    colour = image[..., 0] if image.shape[2] == 2 else image[..., :3]
    return np.ascontiguousarray(colour), image[..., -1]


def join_alpha(colour: Image, alpha: Image | None) -> Image:
    """The inverse of `split_alpha`."""
    return colour if alpha is None else np.dstack([colour, alpha])


@dataclass(frozen=True)
class LabelRules:
    """What moving and covering must know of the labels.

    symmetry  what a mirror exchanges
    ignore    the mask value of pixels that count for nothing: border and cover; where none is declared the
              border has 0 and what is covered keeps its class
    """

    symmetry: Symmetry = NO_SYMMETRY
    ignore: int | None = None


NO_RULES = LabelRules()


class Camera:
    """One sample with what is pending on it. It never writes into the sample's arrays."""

    def __init__(
        self,
        sample: Sample,
        canvas: Canvas,
        levels: tuple[int, int] | None,
        rules: LabelRules = NO_RULES,
    ) -> None:
        """`levels`: the pixel values of black and white in 16-bit images; None is full scale."""
        self._sample = sample
        self._default = canvas
        self.rules = rules
        if sample.image.dtype == np.uint8:
            self._low, self._high = 0.0, 255.0
        else:
            self._low, self._high = map(float, levels or (0, 65535))
        self._canvas = canvas
        self._matrix: Matrix = identity()
        self._width, self._height = sample.size
        self._moved = False
        self._exposures: list[tuple[Exposure, Drawn, dict[str, Any]]] = []

    def view(self, step: str = "") -> View:
        """The frame as the next step meets it."""
        image = self._sample.image
        channels = 1 if image.ndim == 2 or image.shape[2] == 2 else 3
        return View(self._width, self._height, channels, self._low, self._high, step, self._boxes())

    def _boxes(self) -> Callable[[], NDArray[np.float64]]:
        """How to find the boxes of the objects in the frame as it is now, should a step ask for them."""
        objects, matrix, size = self._sample.objects, self._matrix, (self._width, self._height)

        def found() -> NDArray[np.float64]:
            every = boxes(move(objects, matrix, size))
            return every[(every[:, 2] > every[:, 0]) & (every[:, 3] > every[:, 1])]

        return found

    def move(self, move: Move) -> None:
        """Add a move. One that closes the window, or brings another canvas, flushes first."""
        canvas = self._default
        if move.canvas is not None:  # an op chooses border and fill; how to sample is the recipe's choice
            canvas = dataclasses.replace(move.canvas, interpolation=canvas.interpolation)
        if self._moved and (move.closes or canvas != self._canvas):
            self.flush()
        self._canvas = canvas
        self._matrix = compose_moves(self._matrix, move.matrix)
        self._width, self._height = move.width, move.height
        self._moved = True

    def expose(self, op: Exposure, drawn: Drawn, record: dict[str, Any]) -> None:
        """Add linear colour. Its matrix is written into `record` when it is known: at the flush."""
        self._exposures.append((op, drawn, record))

    def flush(self) -> Sample:
        """Apply what is pending, the camera first, then the exposure (fill is exposed too)."""
        if self._moved:
            self._sample = self._framed()
            self._matrix, self._moved = identity(), False
        if self._exposures:
            colour, alpha = split_alpha(self._sample.image)
            matrix = self._developed(colour)
            exposed = expose(colour, matrix, self._low, self._high)
            if exposed is not colour:
                self._sample = dataclasses.replace(self._sample, image=join_alpha(exposed, alpha))
            self._exposures = []
        return self._sample

    def replace(self, sample: Sample) -> None:
        """Go on with another sample: what a pixel op or a mix has made. Nothing may be pending."""
        self._sample = sample
        self._width, self._height = sample.size

    def _framed(self) -> Sample:
        size = self._width, self._height
        moved = self._labelled(self._sample, size)  # first, while what moves points is in the caches
        image = resample(self._sample.image, self._matrix, size, self._canvas)
        origin = self._sample.origin
        if origin is not None:
            origin = resample_nearest(origin, self._matrix, size, NO_ORIGIN, self._canvas.border).astype(
                np.uint8, copy=False
            )
        return dataclasses.replace(moved, image=image, origin=origin)

    def _labelled(self, sample: Sample, size: tuple[int, int]) -> Sample:
        """The sample with its labels moved as its pixels were."""
        symmetry, mask = self.rules.symmetry, sample.mask
        if mask is not None:
            fill = self.rules.ignore or 0
            moved = resample_nearest(mask, self._matrix, size, fill, self._canvas.border)
            mask = moved.astype(mask.dtype, copy=False)
        classes, origin_classes = sample.classes, sample.origin_classes
        exchange = symmetry.under(self._matrix)
        if exchange.classes or exchange.ids:
            classes = exchange.weights(classes)
            origin_classes = tuple(map(exchange.weights, origin_classes))
            mask = None if mask is None else exchange.mask(mask)
        objects = move(sample.objects, self._matrix, size, symmetry, self._canvas.interpolation)
        return dataclasses.replace(
            sample, objects=objects, mask=mask, classes=classes, origin_classes=origin_classes
        )

    def _developed(self, colour: Image) -> NDArray[np.float64]:
        """(3, 4): all pending exposures as one; the mean that contrast needs follows the matrix."""
        total = np.hstack([np.eye(3), np.zeros((3, 1))])
        mean = np.zeros(3)
        if any(op.uses_mean for op, _, _ in self._exposures):
            mean = mean_colour(colour, self._low, self._high)
        for op, drawn, record in self._exposures:
            matrix = op.matrix(drawn, mean_after(total, mean))
            record["matrix"] = [[round(float(value), 12) for value in row] for row in matrix]
            total = compose(matrix, total)
        return total
