"""Linear colour that treats the channels apart: temperature, shift, shuffle. Matrices only, no pixels."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from augcli.colour import LUMA, ColourMatrix
from augcli.ops.base import Drawn, Exposure, op
from augcli.params import Dist, Number, param
from augcli.rng import Stream

_NEUTRAL = 6500.0
"""Kelvin at which `temperature` changes nothing: about the white of sRGB displays."""

_SHIFT = Number(-1.0, 1.0)


def black_body(kelvin: float) -> tuple[float, float]:
    """CIE 1931 chromaticity (x, y) of a black body, 1667 to 25000 kelvin.

    Kim, Moon, Hong, Lee, Cho and Kim 2002, Design of Advanced Color-Temperature Control System for HDTV
    Applications, J. Korean Phys. Soc. 41(6), 865-871.
    """
    t = 1000.0 / kelvin
    if kelvin <= 4000.0:
        x = ((-0.2661239 * t - 0.2343589) * t + 0.8776956) * t + 0.179910
    else:
        x = ((-3.0258469 * t + 2.1070379) * t + 0.2226347) * t + 0.240390
    if kelvin <= 2222.0:
        y = ((-1.1063814 * x - 1.34811020) * x + 2.18555832) * x - 0.20219683
    elif kelvin <= 4000.0:
        y = ((-0.9549476 * x - 1.37418593) * x + 2.09137015) * x - 0.16748867
    else:
        y = ((3.0817580 * x - 5.87338670) * x + 3.75112997) * x - 0.37001483
    return x, y


def _light(kelvin: float) -> tuple[float, float, float]:
    """Linear-light sRGB of a black body of luminance 1 (XYZ to RGB by IEC 61966-2-1)."""
    x, y = black_body(kelvin)
    big_x, big_z = x / y, (1.0 - x - y) / y
    return (
        3.2406 * big_x - 1.5372 - 0.4986 * big_z,
        -0.9689 * big_x + 1.8758 + 0.0415 * big_z,
        0.0557 * big_x - 0.2040 + 1.0570 * big_z,
    )


def light_gains(kelvin: float) -> tuple[float, float, float]:
    """Gains of r, g, b on display values under light of `kelvin`, against 6500 K; white keeps its luma.

    A gain g of linear light is a gain g ** (1 / 2.2) of the values of a display with exponent 2.2.
    """
    lit = zip(_light(kelvin), _light(_NEUTRAL), strict=True)
    red, green, blue = (math.pow(one / neutral, 1.0 / 2.2) for one, neutral in lit)
    luma = LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue
    return red / luma, green / luma, blue / luma


@op("temperature")
@dataclass(frozen=True)
class Temperature(Exposure):
    """Show the scene under light of another temperature in kelvin: low is orange, 6500 the image, high blue.

    Channel gains of a black body (Kim et al. 2002) in sRGB, against 6500 K, on a display with exponent 2.2;
    white keeps its luma. Sliders of photo editors run the other way: they say which light to undo.
    """

    identity: ClassVar[Mapping[str, Any] | None] = {"kelvin": 6500.0}
    kelvin: Dist = param(
        Number(2000.0, 12000.0, "kelvin"), [4500.0, 9000.0], "Colour temperature of the light."
    )

    def matrix(self, drawn: Drawn, mean: NDArray[np.float64]) -> ColourMatrix:
        return np.column_stack((np.diag(light_gains(drawn["kelvin"])), np.zeros(3)))


@op("channel_shift")
@dataclass(frozen=True)
class ChannelShift(Exposure):
    """Add a fraction of full scale to each channel.

    albumentations RGBShift, whose 20 of 255 is 0.08 here.
    """

    identity: ClassVar[Mapping[str, Any] | None] = {"red": 0.0, "green": 0.0, "blue": 0.0}
    example: ClassVar[Mapping[str, Any]] = {
        "red": [-0.08, 0.08], "green": [-0.08, 0.08], "blue": [-0.08, 0.08],
    }  # fmt: skip
    parts: ClassVar[Mapping[str, Any]] = {"red": 0.0, "green": 0.0, "blue": 0.0}
    red: Dist | None = param(_SHIFT, None, "Added to red, as a fraction of full scale.")
    green: Dist | None = param(_SHIFT, None, "Added to green, as a fraction of full scale.")
    blue: Dist | None = param(_SHIFT, None, "Added to blue, as a fraction of full scale.")

    def matrix(self, drawn: Drawn, mean: NDArray[np.float64]) -> ColourMatrix:
        return np.column_stack((np.eye(3), (drawn["red"], drawn["green"], drawn["blue"])))


@op("channel_shuffle")
@dataclass(frozen=True)
class ChannelShuffle(Exposure):
    """Put red, green and blue into a random order, all six equally likely, the present one among them.

    torchvision RandomChannelPermutation: channel i of the result is channel `order[i]` of the image.
    """

    def draw_more(self, rng: Stream, drawn: Drawn) -> Drawn:
        return {"order": rng.sample(3, 3)}

    def matrix(self, drawn: Drawn, mean: NDArray[np.float64]) -> ColourMatrix:
        return np.eye(3, 4)[drawn["order"]]
