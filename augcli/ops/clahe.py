"""Contrast-limited adaptive histogram equalisation of luma (Zuiderveld 1994), in 8 and 16 bit.

OpenCV's own 16-bit CLAHE keeps one bin per level: a tile holds far fewer pixels than bins, so the limit
has no effect and the result is nothing like that of the same picture in 8 bit. Here both depths have 256
bins; in 16 bit the curve between two bins is a straight line, so no levels are lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray

from augcli.colour import clamp, look_up
from augcli.ops.base import Drawn, Pixels, View, op
from augcli.params import Dist, Number, param

if TYPE_CHECKING:
    from augcli.sample import Image

_BINS = 256
_LEVEL = 257
"""Distance of 8-bit levels in 16 bit."""
_BAND = 256
"""Lines of a 16-bit image that are worked on at a time, which bounds memory."""


@op("clahe")
@dataclass(frozen=True)
class Clahe(Pixels):
    """Equalise luma tile by tile, with a limit on the gain in contrast.

    OpenCV createCLAHE on BT.601 luma; the change of luma is added to all channels, so colour differences
    stay but where a channel clips. `clip_limit` is in multiples of the mean count of 256 bins (1: no
    more than the mean); an image smaller than the number of tiles has one tile per pixel of its shorter side.
    """

    family: ClassVar[str] = "colour"
    clip_limit: Dist = param(Number(1.0, 40.0), [1.0, 4.0], "Highest count of a bin, relative to the mean.")
    tiles: Dist = param(Number(1, 64, "tiles", whole=True), 8, "Tiles along each side.")

    def apply(self, image: Image, amounts: Drawn, view: View) -> Image:
        clip_limit, tiles = float(amounts["clip_limit"]), min(int(amounts["tiles"]), *image.shape[:2])
        inside = clamp(image, view.low, view.high)
        luma = inside if image.ndim == 2 else cv2.cvtColor(inside, cv2.COLOR_RGB2GRAY)
        entries = np.arange(int(np.iinfo(image.dtype).max) + 1)
        widen = np.rint((np.clip(entries, view.low, view.high) - view.low) / view.scale * entries[-1])
        narrow = np.rint(entries / entries[-1] * view.scale + view.low)
        wide = look_up(luma, widen.astype(image.dtype))
        if image.dtype == np.uint8:
            wide = cv2.createCLAHE(clip_limit, (tiles, tiles)).apply(wide)
        else:
            wide = _equalized_tiles(wide, clip_limit, tiles)
        adapted = look_up(wide, narrow.astype(image.dtype))
        if image.ndim == 2:
            return adapted
        # cv2 saturates; one of the two differences is 0, so the sum is clipped once.
        more, less = cv2.subtract(adapted, luma), cv2.subtract(luma, adapted)
        lifted = cv2.subtract(cv2.add(inside, cv2.merge([more] * 3)), cv2.merge([less] * 3))
        return clamp(lifted, view.low, view.high)


def _equalized_tiles(luma: Image, clip_limit: float, tiles: int) -> Image:
    """CLAHE of luma (H, W) uint16 as OpenCV does it in 8 bit, with bins centred on the 8-bit levels."""
    height, width = luma.shape
    rows, columns = -(-height // tiles), -(-width // tiles)
    curves = _curves_of_tiles(luma, clip_limit, tiles, (rows, columns))
    left, right, towards_right = _neighbours(np.arange(width), columns, tiles)
    adapted = np.empty_like(luma)
    for top in range(0, height, _BAND):
        lines = luma[top : top + _BAND]
        above, below, towards_below = _neighbours(np.arange(top, top + len(lines)), rows, tiles)
        positions = lines / _LEVEL
        bins = np.minimum(positions.astype(np.intp), _BINS - 2)
        between = positions - bins
        halves = []
        for tile_row in (above, below):
            sides = []
            for tile_column in (left, right):
                start = (tile_row[:, None] * tiles + tile_column) * _BINS + bins
                here = curves[start]
                sides.append(here + (curves[start + 1] - here) * between)
            halves.append(sides[0] + (sides[1] - sides[0]) * towards_right)
        mixed = halves[0] + (halves[1] - halves[0]) * towards_below[:, None]
        adapted[top : top + _BAND] = np.rint(mixed)
    return adapted


def _neighbours(
    pixels: NDArray[np.int64], side: int, tiles: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """For pixels along one axis: the tile before, the tile after, and the share of the one after."""
    position = pixels / side - 0.5
    before = np.floor(position).astype(np.int64)
    return np.maximum(before, 0), np.minimum(before + 1, tiles - 1), position - before


def _curves_of_tiles(
    luma: Image, clip_limit: float, tiles: int, size: tuple[int, int]
) -> NDArray[np.float64]:
    """(tiles * tiles * 256,): for each tile of `size` (rows, columns) what the bins' centres become."""
    (height, width), (rows, columns) = luma.shape, size
    bottom, right = rows * tiles - height, columns * tiles - width
    padded = cv2.copyMakeBorder(luma, 0, bottom, 0, right, cv2.BORDER_REFLECT_101)
    tile = (np.arange(rows * tiles) // rows)[:, None] * tiles + np.arange(columns * tiles) // columns
    place = tile * _BINS + np.rint(padded / _LEVEL).astype(np.int64)
    counts = np.bincount(place.ravel(), minlength=tiles * tiles * _BINS).reshape(-1, _BINS)
    limit = max(int(clip_limit * rows * columns / _BINS), 1)
    excess = np.maximum(counts - limit, 0).sum(axis=1, keepdims=True)
    share, rest = excess // _BINS, excess % _BINS
    stride = np.maximum(_BINS // np.maximum(rest, 1), 1)
    bins = np.arange(_BINS)
    spread = np.minimum(counts, limit) + share + ((bins % stride == 0) & (bins // stride < rest))
    curves: NDArray[np.float64] = (
        np.cumsum(spread, axis=1).ravel() * (_BINS * _LEVEL - _LEVEL) / (rows * columns)
    )
    return curves
