"""Curves that follow from an image's own histogram: equalize and autocontrast, each channel by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray

from augcli.colour import clamp, level_table, look_up
from augcli.ops.base import Drawn, Pixels, View, op
from augcli.params import Dist, Number, param

if TYPE_CHECKING:
    from augcli.sample import Image

_BAND = 2**24
"""Pixels up to which cv2.calcHist, which counts in float32, is exact."""


def counts_of(image: Image, view: View) -> NDArray[np.int64]:
    """(levels, channels): how many pixels hold each level from `view.low` to `view.high`.

    Values outside are counted as the nearest of the two.
    """
    height, width = image.shape[:2]
    entries = int(np.iinfo(image.dtype).max) + 1
    inside = clamp(image, view.low, view.high)
    rows = max(1, _BAND // width)
    counts = np.zeros((entries, 1 if image.ndim == 2 else 3), np.int64)
    for top in range(0, height, rows):
        for channel in range(counts.shape[1]):
            band = cv2.calcHist([inside[top : top + rows]], [channel], None, [entries], [0, entries])
            counts[:, channel] += band.ravel().astype(np.int64)
    return counts[int(view.low) : int(view.high) + 1]


def _remap(image: Image, view: View, curve: Callable[[NDArray[np.int64]], NDArray[np.int64]]) -> Image:
    """Each channel through the levels that `curve` makes of its counts."""
    counts = counts_of(image, view)
    levels = np.column_stack([curve(counts[:, channel]) for channel in range(counts.shape[1])])
    table = level_table(levels[:, 0] if image.ndim == 2 else levels, image.dtype, view.low)
    return look_up(image, table)


def equalized(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n,): the levels that spread these counts (n,) evenly; unchanged where there is only one level.

    With 256 levels this is Pillow's whole-number rule. With more, pixels per level are too few to be
    rounded down to a whole number (a third of the image would saturate), so that one rounding is left out.
    """
    top = len(counts) - 1
    unchanged = np.arange(top + 1, dtype=np.int64)
    occupied = np.flatnonzero(counts)
    spread = int(counts.sum() - counts[occupied[-1]])
    before = np.cumsum(counts) - counts
    step = spread // top
    if spread == 0 or (top <= 255 and step == 0):
        return unchanged
    even: NDArray[np.int64] = (
        (step // 2 + before) // step if top <= 255 else (spread + 2 * top * before) // (2 * spread)
    )
    return np.minimum(even, top)


def stretched(counts: NDArray[np.int64], cutoff: float) -> NDArray[np.int64]:
    """(n,): the levels that put the darkest and lightest of these counts (n,) at the ends of the scale.

    `cutoff` percent of the pixels at either end are passed over. Unchanged where one level is left.
    """
    top = len(counts) - 1
    levels = np.arange(top + 1, dtype=np.int64)
    cut = int(int(counts.sum()) * cutoff // 100)
    dark = int(np.argmax(np.cumsum(counts) > cut))
    light = top - int(np.argmax(np.cumsum(counts[::-1]) > cut))
    if light <= dark:
        return levels
    gain = top / (light - dark)
    return np.clip((levels * gain + -dark * gain).astype(np.int64), 0, top)


@op("equalize")
@dataclass(frozen=True)
class Equalize(Pixels):
    """Spread the values of each channel evenly over the scale.

    Pillow ImageOps.equalize; above 8 bit the same over all levels, without rounding the pixels per level.
    """

    family: ClassVar[str] = "colour"

    def apply(self, image: Image, amounts: Drawn, view: View) -> Image:
        return _remap(image, view, equalized)


@op("autocontrast")
@dataclass(frozen=True)
class Autocontrast(Pixels):
    """Stretch each channel so that its darkest value becomes black and its lightest white.

    Pillow ImageOps.autocontrast; `cutoff` percent of the pixels at either end are passed over.
    """

    family: ClassVar[str] = "colour"
    cutoff: Dist = param(Number(0.0, 49.0, "percent"), 0.0, "Pixels at either end that may saturate.")

    def apply(self, image: Image, amounts: Drawn, view: View) -> Image:
        return _remap(image, view, lambda counts: stretched(counts, amounts["cutoff"]))
