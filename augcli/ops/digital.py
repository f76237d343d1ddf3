"""Digital degradation: what compression and low resolution do to a picture. The frame stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import cv2
import numpy as np

from augcli.errors import ItemError
from augcli.geometry import Canvas, resample, scaling
from augcli.ops.base import Drawn, Pixels, View, op
from augcli.params import Dist, Number, param

if TYPE_CHECKING:
    from augcli.sample import Image

_JPEG_SIDE = 65500
"""The longest side that libjpeg writes."""


@dataclass(frozen=True)
class Digital(Pixels):
    """Base of the digital ops."""

    family: ClassVar[str] = "digital"


@op("jpeg")
@dataclass(frozen=True)
class Jpeg(Digital):
    """Compress to baseline JPEG of this quality with 4:2:0 chroma, and decode again.

    Quality is that of libjpeg (1 to 100, higher is better); ImageNet-C's jpeg_compression (Hendrycks and
    Dietterich 2019) is 25 to 7. JPEG holds 8 bits: a 16-bit image passes through 256 levels from black to
    white, as it would when it is stored as JPEG, and keeps its depth.
    """

    quality: Dist = param(Number(1, 100, whole=True), [40, 90], "libjpeg quality; lower is worse.")

    def apply(self, image: Image, amounts: Drawn, view: View) -> Image:
        """Raises `ItemError` for sides over 65,500 pixels."""
        if image.dtype != np.uint8:
            display = (image.astype(np.float64) - view.low) * (255.0 / view.scale)
            small = self.apply(np.clip(np.rint(display), 0, 255).astype(np.uint8), amounts, view)
            return np.rint(small * (view.scale / 255.0) + view.low).astype(image.dtype)
        if max(image.shape[:2]) > _JPEG_SIDE:
            raise ItemError("cannot_hold", format="jpeg", what=f"a side over {_JPEG_SIDE} pixels")
        options = [
            *(cv2.IMWRITE_JPEG_QUALITY, amounts["quality"]),
            *(cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420),
        ]
        if image.ndim == 2:
            return np.asarray(cv2.imdecode(cv2.imencode(".jpg", image, options)[1], cv2.IMREAD_GRAYSCALE))
        data = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), options)[1]
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR_RGB))


@op("downscale")
@dataclass(frozen=True)
class Downscale(Digital):
    """Shrink by `factor`, averaging areas, and enlarge to the old size again, bilinearly: detail is lost.

    The small image has floor(factor * side) pixels a side, at least one.
    """

    identity: ClassVar[Mapping[str, Any]] = {"factor": 1}

    factor: Dist = param(Number(0.01, 1), [0.25, 0.75], "Size of the small image relative to this one.")

    def apply(self, image: Image, amounts: Drawn, view: View) -> Image:
        return _there_and_back(image, amounts["factor"], "bilinear")


@op("pixelate")
@dataclass(frozen=True)
class Pixelate(Digital):
    """Shrink by `factor`, averaging areas, and enlarge to the old size again, nearest: visible blocks.

    ImageNet-C's pixelate (Hendrycks and Dietterich 2019), factor 0.6 to 0.25: the small image has
    floor(factor * side) pixels a side, at least one.
    """

    identity: ClassVar[Mapping[str, Any]] = {"factor": 1}

    factor: Dist = param(Number(0.01, 1), [0.25, 0.6], "Size of the small image relative to this one.")

    def apply(self, image: Image, amounts: Drawn, view: View) -> Image:
        return _there_and_back(image, amounts["factor"], "nearest")


def _there_and_back(image: Image, factor: float, enlarging: str) -> Image:
    """The image shrunk by `factor` and enlarged again with this interpolation; mirrored beyond the edge."""
    height, width = image.shape[:2]
    small = max(1, int(width * factor)), max(1, int(height * factor))
    if small == (width, height):
        return image
    x, y = small[0] / width, small[1] / height
    shrunk = resample(image, scaling(x, y), small, Canvas("edge", interpolation="bilinear"))
    matrix = scaling(width / small[0], height / small[1])
    return resample(shrunk, matrix, (width, height), Canvas("edge", interpolation=enlarging))
