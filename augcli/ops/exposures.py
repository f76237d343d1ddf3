"""Linear colour: each op is one 3x4 matrix on display values.

Nothing here touches a pixel: matrices of consecutive ops are multiplied and applied once. Factors follow
Pillow's ImageEnhance and torchvision: 1 leaves the image as it is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from augcli.colour import LUMA, ColourMatrix, compose, mean_after, same_colours
from augcli.ops.base import Drawn, Exposure, op
from augcli.params import Dist, Number, param

FACTOR = Number(0.0, 10.0)
DEGREES = Number(-180.0, 180.0, "degrees")


def _linear(gains: object) -> ColourMatrix:
    """The matrix with these gains (3, 3) and no offset."""
    return np.column_stack((np.array(gains, np.float64), np.zeros(3)))


def _blend(factor: float, other: ColourMatrix) -> ColourMatrix:
    """The image, with `factor`, and `other`, with 1 - factor, added."""
    return factor * same_colours() + (1.0 - factor) * other


def _grey() -> ColourMatrix:
    return _linear([LUMA] * 3)


def brightened(factor: float) -> ColourMatrix:
    """All channels times `factor`."""
    return _blend(factor, _linear(np.zeros((3, 3))))


def contrasted(factor: float, mean: NDArray[np.float64]) -> ColourMatrix:
    """Distances from the luma of the mean colour (3,) times `factor`."""
    red, green, blue = (weight * float(value) for weight, value in zip(LUMA, mean, strict=True))
    level = red + green + blue
    return _blend(factor, np.column_stack((np.zeros((3, 3)), np.full(3, level))))


def saturated(factor: float) -> ColourMatrix:
    """Distances from the pixel's own luma times `factor`."""
    return _blend(factor, _grey())


def hue_rotated(degrees: float) -> ColourMatrix:
    """The `hueRotate` matrix of W3C Filter Effects Module Level 1 (feColorMatrix)."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    still = np.array([[0.213, 0.715, 0.072]] * 3)
    with_cos = np.array([[0.787, -0.715, -0.072], [-0.213, 0.285, -0.072], [-0.213, -0.715, 0.928]])
    with_sin = np.array([[-0.213, -0.715, 0.928], [0.143, 0.140, -0.283], [-0.787, 0.715, 0.072]])
    return _linear(still + cos * with_cos + sin * with_sin)


@op("brightness")
@dataclass(frozen=True)
class Brightness(Exposure):
    """Multiply all channels by a factor: 0 is black, 1 the image.

    Pillow ImageEnhance.Brightness, torchvision adjust_brightness.
    """

    identity: ClassVar[Mapping[str, Any] | None] = {"factor": 1.0}
    factor: Dist = param(FACTOR, [0.8, 1.2], "Channels are multiplied by this.")

    def matrix(self, drawn: Drawn, mean: NDArray[np.float64]) -> ColourMatrix:
        return brightened(drawn["factor"])


@op("contrast")
@dataclass(frozen=True)
class Contrast(Exposure):
    """Multiply distances from the image's mean luma by a factor: 0 is uniform grey, 1 the image.

    Pillow ImageEnhance.Contrast (which rounds the mean to a level), torchvision adjust_contrast. The mean is
    that of the image as this step receives it.
    """

    uses_mean: ClassVar[bool] = True
    identity: ClassVar[Mapping[str, Any] | None] = {"factor": 1.0}
    factor: Dist = param(FACTOR, [0.8, 1.2], "Distances from the mean luma are multiplied by this.")

    def matrix(self, drawn: Drawn, mean: NDArray[np.float64]) -> ColourMatrix:
        return contrasted(drawn["factor"], mean)


@op("saturation")
@dataclass(frozen=True)
class Saturation(Exposure):
    """Multiply distances from each pixel's luma by a factor: 0 is grey, 1 the image.

    Pillow ImageEnhance.Color, torchvision adjust_saturation.
    """

    identity: ClassVar[Mapping[str, Any] | None] = {"factor": 1.0}
    factor: Dist = param(FACTOR, [0.8, 1.2], "Distances from luma are multiplied by this.")

    def matrix(self, drawn: Drawn, mean: NDArray[np.float64]) -> ColourMatrix:
        return saturated(drawn["factor"])


@op("hue")
@dataclass(frozen=True)
class Hue(Exposure):
    """Turn hues by an angle in degrees, from red over green to blue; greys stay.

    The hueRotate matrix of W3C Filter Effects Module Level 1 (feColorMatrix), which keeps luminance.
    torchvision turns in HSV by a fraction of the wheel: hue 0.1 there is 36 degrees here, and pixels
    differ, because HSV keeps value and saturation instead.
    """

    identity: ClassVar[Mapping[str, Any] | None] = {"degrees": 0.0}
    degrees: Dist = param(DEGREES, [-18.0, 18.0], "Angle on the colour wheel.")

    def matrix(self, drawn: Drawn, mean: NDArray[np.float64]) -> ColourMatrix:
        return hue_rotated(drawn["degrees"])


@op("color_jitter")
@dataclass(frozen=True)
class ColorJitter(Exposure):
    """Change brightness, contrast and saturation by factors and hue by degrees, in this order, at once.

    torchvision ColorJitter with a fixed order and the definitions of the four single ops; nothing is
    clipped in between. `hue` is in degrees: torchvision's 0.1 is 36.
    """

    uses_mean: ClassVar[bool] = True
    identity: ClassVar[Mapping[str, Any] | None] = {
        "brightness": 1.0,
        "contrast": 1.0,
        "saturation": 1.0,
        "hue": 0.0,
    }
    example: ClassVar[Mapping[str, Any]] = {"brightness": [0.8, 1.2], "contrast": [0.8, 1.2]}
    parts: ClassVar[Mapping[str, Any]] = {"brightness": 1.0, "contrast": 1.0, "saturation": 1.0, "hue": 0.0}
    brightness: Dist | None = param(FACTOR, None, "Channels are multiplied by this.")
    contrast: Dist | None = param(FACTOR, None, "Distances from the mean luma are multiplied by this.")
    saturation: Dist | None = param(FACTOR, None, "Distances from luma are multiplied by this.")
    hue: Dist | None = param(DEGREES, None, "Angle on the colour wheel.")

    def matrix(self, drawn: Drawn, mean: NDArray[np.float64]) -> ColourMatrix:
        bright = brightened(drawn["brightness"])
        contrast = contrasted(drawn["contrast"], mean_after(bright, mean))
        coloured = compose(hue_rotated(drawn["hue"]), saturated(drawn["saturation"]))
        return compose(coloured, compose(contrast, bright))


@op("grayscale")
@dataclass(frozen=True)
class Grayscale(Exposure):
    """Put luma into every channel; the number of channels stays.

    ITU-R BT.601 weights: Pillow's convert("L"), torchvision rgb_to_grayscale.
    """

    def matrix(self, drawn: Drawn, mean: NDArray[np.float64]) -> ColourMatrix:
        return _grey()


@op("invert")
@dataclass(frozen=True)
class Invert(Exposure):
    """Make the negative: full scale minus each value.

    Pillow ImageOps.invert, torchvision invert.
    """

    def matrix(self, drawn: Drawn, mean: NDArray[np.float64]) -> ColourMatrix:
        return np.column_stack((-np.eye(3), np.ones(3)))


@op("sepia")
@dataclass(frozen=True)
class Sepia(Exposure):
    """Tone like an old photograph, by an amount from 0 (the image) to 1 (sepia).

    The sepia() matrix of W3C Filter Effects Module Level 1 (shorthand filters).
    """

    identity: ClassVar[Mapping[str, Any] | None] = {"amount": 0.0}
    amount: Dist = param(Number(0.0, 1.0), 1.0, "0 is the image, 1 sepia.")

    def matrix(self, drawn: Drawn, mean: NDArray[np.float64]) -> ColourMatrix:
        toned = _linear([[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]])
        return _blend(1.0 - drawn["amount"], toned)
