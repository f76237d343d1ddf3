"""Colour of pixels: a 3x4 matrix applied in one pass, tables, and the mean that contrast turns about.

Only how pixel values change is known here; which change an operation stands for is known in `ops`, and
alpha, masks and labels are unknown to both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from augcli.sample import Image

ColourMatrix = NDArray[np.float64]
"""(3, 4) float64 [A | b]: y = A x + b on display values (r, g, b), 0 black and 1 white."""

LUMA = (0.299, 0.587, 0.114)
"""Weights of r, g, b in luma: ITU-R BT.601-7; what Pillow's mode L and torchvision use."""

_UNITS = {"uint8": 1024, "uint16": 1 << 20}
"""Coefficients are multiples of 1 through this: cv2.transform then works in whole numbers in 8 bit, and
without rounding in the float64 of 16 bit, so that no processor gives another result."""

_BAND = 1 << 20
"""Pixels that are held in float64 at once."""

_NOTHING = 2.0**-22
"""A change of the matrix so small that it moves no value of 16 bit by half a level."""


def same_colours() -> ColourMatrix:
    """The matrix that changes nothing."""
    return np.eye(3, 4)


def compose(second: ColourMatrix, first: ColourMatrix) -> ColourMatrix:
    """The matrix that does `first`, then `second`, without clipping in between.

    Summed in a fixed order, not by the linear algebra library, whose last bit depends on the processor.
    """
    whole = np.vstack((first, (0.0, 0.0, 0.0, 1.0)))
    both: ColourMatrix = (
        second[:, 0:1] * whole[0]
        + second[:, 1:2] * whole[1]
        + second[:, 2:3] * whole[2]
        + second[:, 3:4] * whole[3]
    )
    return both


def mean_after(matrix: ColourMatrix, mean: NDArray[np.float64]) -> NDArray[np.float64]:
    """(3,): the mean colour after `matrix`, where it was `mean` (3,) before; what clips is not known."""
    after: NDArray[np.float64] = compose(matrix, np.column_stack((np.zeros((3, 3)), mean)))[:, 3]
    return after


def mean_colour(image: Image, low: float, high: float) -> NDArray[np.float64]:
    """(3,) in [0, 1]: the mean of r, g, b of an image (H, W) or (H, W, 3), `low` black and `high` white.

    The sums are whole numbers, so they do not depend on the order in which pixels are added.
    """
    means = cv2.mean(clamp(image, low, high))
    rgb = means[:3] if image.ndim == 3 else (means[0],) * 3
    return (np.array(rgb, np.float64) - low) / (high - low)


def clamp(image: Image, low: float, high: float) -> Image:
    """The image with its values limited to [low, high]; the same object where its type does that already."""
    limits = np.iinfo(image.dtype)
    if low <= limits.min and high >= limits.max:
        return image
    return np.clip(image, int(low), int(high))


def expose(image: Image, matrix: ColourMatrix, low: float, high: float) -> Image:
    """The image with `matrix` applied to its display values (x - low) / (high - low), clipped once.

    image      (H, W) or (H, W, 3), uint8 or uint16; the result has the same shape and dtype
    low, high  the values of black and white; what lies outside is black or white already

    Rounded to nearest. The coefficients are rounded to 1/1024 in 8 bit (2**-20 in 16 bit) such that their
    sum over a row is kept, so greys of an RGB image stay grey and no result is further than one level from
    the exact one.
    A grey image is exposed as RGB of equal channels and comes back as the luma of the result. A matrix that
    changes nothing returns `image` itself.
    """
    if np.abs(matrix - same_colours()).max() < _NOTHING:
        return image
    if image.ndim == 2:
        return look_up(image, _grey_table(matrix, image.dtype, low, high))
    gains = matrix[:, :3]
    totals = gains[:, 0] + gains[:, 1] + gains[:, 2]
    offsets = matrix[:, 3] * (high - low) + low * (1.0 - totals)
    coefficients = np.column_stack((gains, offsets))
    units, most = _UNITS[image.dtype.name], int(np.iinfo(image.dtype).max)
    coefficients = _in_units(coefficients, units, most / 2.0)
    inside = clamp(image, low, high)
    if image.dtype == np.uint8:
        return clamp(cv2.transform(inside, coefficients), low, high)
    exposed = np.empty_like(inside)
    rows = max(1, _BAND // image.shape[1])
    for top in range(0, len(inside), rows):
        band = cv2.transform(inside[top : top + rows].astype(np.float64), coefficients)
        exposed[top : top + rows] = np.clip(np.rint(band), low, high)
    return exposed


def _in_units(coefficients: NDArray[np.float64], units: int, middle: float) -> NDArray[np.float64]:
    """(3, 4) coefficients on pixel values, rounded to multiples of 1 / units.

    The gains of a row are rounded by largest remainder, which keeps their sum to half a unit; what the
    sum loses is given back to the offset for `middle` grey, so the result is not biased.
    """
    gains = coefficients[:, :3] * units
    totals = gains[:, 0] + gains[:, 1] + gains[:, 2]
    whole = np.floor(gains)
    missing = np.rint(totals) - whole.sum(axis=1)
    rank = np.argsort(np.argsort(whole - gains, axis=1, kind="stable"), axis=1, kind="stable")
    offsets = np.rint(coefficients[:, 3] * units + (totals - np.rint(totals)) * middle)
    return np.column_stack((whole + (rank < missing[:, None]), offsets)) / units


def _grey_table(matrix: ColourMatrix, dtype: np.dtype[Any], low: float, high: float) -> Image:
    """The table of what an exposure makes of a grey image."""
    scale = int(high) - int(low)
    grey = np.arange(scale + 1) / scale
    luma = np.zeros_like(grey)
    for weight, (red, green, blue, offset) in zip(LUMA, matrix.tolist(), strict=True):
        luma += weight * np.clip((red + green + blue) * grey + offset, 0.0, 1.0)
    return level_table(np.rint(luma * scale).astype(np.int64), dtype, low)


def level_table(values: NDArray[np.int64], dtype: np.dtype[Any], low: float) -> Image:
    """The table for `look_up` in which level i becomes level `values[i]`, both counted from `low`.

    values  (n,), or (n, 3) for one table per channel, 0 to n - 1; values of pixels beyond are clamped first
    dtype   of the image and of the table: uint8 (256 entries) or uint16 (65536)
    """
    entries = np.arange(np.iinfo(dtype).max + 1)
    levels = np.clip(entries - int(low), 0, len(values) - 1)
    table: Image = (values[levels] + int(low)).astype(dtype)
    return table


def look_up(image: Image, table: Image) -> Image:
    """The image with each value replaced by the table's entry of that number.

    image  (H, W) or (H, W, 3), uint8 or uint16; the result has the same shape and dtype
    table  of the image's dtype, with 256 or 65536 entries: (n,), or (n, 3) for one table per channel
    """
    return cv2.LUT(image, table if table.ndim == 1 else table[None])
