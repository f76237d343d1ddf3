"""Sharpening: the image against a smoothed copy of itself."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from augcli.colour import clamp
from augcli.ops.base import Drawn, Pixels, View, op
from augcli.ops.blur import convolved
from augcli.params import Dist, Number, param

if TYPE_CHECKING:
    from augcli.sample import Image


@op("sharpen")
@dataclass(frozen=True)
class Sharpen(Pixels):
    """Multiply distances from the smoothed image by a factor: 0 is smoothed, 1 the image, 2 sharpened.

    Pillow ImageEnhance.Sharpness, torchvision adjust_sharpness: smoothed is the mean over 3x3 pixels, the
    middle one counted five times. Pixels at the edge stay as they are. In one pass, rounded once.
    """

    family: ClassVar[str] = "colour"
    identity: ClassVar[Mapping[str, Any] | None] = {"factor": 1.0}
    factor: Dist = param(
        Number(0.0, 10.0), [1.0, 2.0], "Distances from the smoothed image are multiplied by this."
    )

    def apply(self, image: Image, amounts: Drawn, view: View) -> Image:
        inside = clamp(image, view.low, view.high)
        if min(image.shape[:2]) < 3:
            return inside
        kernel = weights(float(amounts["factor"]), int(np.iinfo(image.dtype).max) + 1)
        sharp = clamp(convolved(inside, kernel), view.low, view.high)
        for edge in (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1]):
            sharp[edge] = inside[edge]
        return sharp


def weights(factor: float, levels: int) -> NDArray[np.float64]:
    """(3, 3) weights that sum to 1, in the smallest units with which `convolved` is exact.

    levels  256, whose sums are taken in float32 (whole numbers up to 2**24 are exact), or 65536 (float64)
    """
    beside = (1.0 - factor) / 13.0
    exact = 2.0**24 if levels == 256 else 2.0**53
    _, exponent = math.frexp(exact / (levels * (abs(1.0 - 8.0 * beside) + 8.0 * abs(beside) + 0.01)))
    units = 2.0 ** (exponent - 1)
    kernel = np.full((3, 3), round(beside * units) / units)
    kernel[1, 1] = 1.0 - 8.0 * kernel[0, 0]
    return kernel
