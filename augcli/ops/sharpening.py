"""Sharpening: the image against a smoothed copy of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import cv2
import numpy as np

from augcli.colour import clamp
from augcli.ops.base import Drawn, Pixels, View, op
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
        factor = float(amounts["factor"])
        kernel = np.full((3, 3), (1.0 - factor) / 13.0)
        kernel[1, 1] = factor + 5.0 * (1.0 - factor) / 13.0
        sharp = clamp(cv2.filter2D(inside, -1, kernel), view.low, view.high)
        for edge in (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1]):
            sharp[edge] = inside[edge]
        return sharp
