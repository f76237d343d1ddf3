"""Blur: out of focus, averaged, moved during the exposure.

Lengths are pixels of the image as this step receives it. Beyond the edge the image continues as its mirror
image without repeating the edge pixel (OpenCV's reflect_101, numpy's `reflect`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from augcli.ops.base import Drawn, Pixels, View, op
from augcli.params import Dist, Number, param

if TYPE_CHECKING:
    from augcli.sample import Image

_BORDER = cv2.BORDER_REFLECT_101

_DIRECT = 130
"""Kernels of fewer cells are summed directly by `cv2.filter2D` in 8 bit. Larger ones go through a Fourier
transform, which is slower for thin kernels and whose last bits depend on the processor."""

_PIECE = 7
"""Side of the pieces of a larger kernel: few enough cells for any depth."""

_BAND = 1 << 20
"""Pixels whose sums are held at once."""


@dataclass(frozen=True)
class Blur(Pixels):
    """Base of the blur ops."""

    family: ClassVar[str] = "blur"


@op("gaussian_blur")
@dataclass(frozen=True)
class GaussianBlur(Blur):
    """Convolve with a Gaussian of `sigma` pixels.

    The kernel is cut at 4 sigma, as in scipy.ndimage: its radius is floor(4 sigma + 0.5) pixels. OpenCV sums
    8-bit images with weights in multiples of 1/256: within two levels of the exact convolution.
    """

    identity: ClassVar[Mapping[str, Any]] = {"sigma": 0}

    sigma: Dist = param(Number(0, 25, "pixels"), [0.5, 2.0], "Standard deviation in pixels.")

    def apply(self, image: Image, amounts: Drawn, view: View) -> Image:
        sigma = amounts["sigma"]
        side = 2 * int(4 * sigma + 0.5) + 1
        if side == 1:
            return image
        return cv2.GaussianBlur(image, (side, side), sigma, sigmaY=sigma, borderType=_BORDER)


@op("box_blur")
@dataclass(frozen=True)
class BoxBlur(Blur):
    """Average a square of 2 radius + 1 pixels a side, all weights equal."""

    identity: ClassVar[Mapping[str, Any]] = {"radius": 0}

    radius: Dist = param(Number(0, 100, "pixels", whole=True), [1, 3], "Pixels from the centre to the side.")

    def apply(self, image: Image, amounts: Drawn, view: View) -> Image:
        side = 2 * amounts["radius"] + 1
        return cv2.blur(image, (side, side), borderType=_BORDER)


@op("median_blur")
@dataclass(frozen=True)
class MedianBlur(Blur):
    """Take the median of a square of 2 radius + 1 pixels a side, channel by channel (Tukey 1977).

    16-bit images with a radius over 2 are slow: the time grows with the square of the radius.
    """

    identity: ClassVar[Mapping[str, Any]] = {"radius": 0}

    radius: Dist = param(Number(0, 15, "pixels", whole=True), [1, 3], "Pixels from the centre to the side.")

    def apply(self, image: Image, amounts: Drawn, view: View) -> Image:
        radius = amounts["radius"]
        if radius == 0:
            return image
        # cv2.medianBlur repeats the edge pixel; a mirrored margin makes the border that of the other blurs.
        padded = cv2.copyMakeBorder(image, radius, radius, radius, radius, _BORDER)
        if image.dtype == np.uint16 and radius > 2:
            return _median(padded, 2 * radius + 1)
        inside = cv2.medianBlur(padded, 2 * radius + 1)[radius:-radius, radius:-radius]
        return np.ascontiguousarray(inside)


def _median(padded: Image, side: int) -> Image:
    """The median of every side x side window, row by row: cv2.medianBlur has no 16-bit code over 5 x 5."""
    rows = padded.shape[0] - side + 1
    middle = side * side // 2
    lines = []
    for top in range(rows):
        windows = sliding_window_view(padded[top : top + side], (side, side), axis=(0, 1))[0]
        values = windows.reshape(*windows.shape[:-2], side * side)
        lines.append(np.partition(values, middle, axis=-1)[..., middle])
    return np.stack(lines)


@op("motion_blur")
@dataclass(frozen=True)
class MotionBlur(Blur):
    """Average along a straight line of `length` pixels, as when the camera moves during the exposure.

    A pixel's weight falls linearly with its distance from the line and at both ends (antialiasing); a
    horizontal line of odd length is exactly a box of that width. Weights are multiples of 1/65536, sum 1.
    """

    identity: ClassVar[Mapping[str, Any]] = {"length": 1}

    length: Dist = param(Number(1, 100, "pixels"), [3, 9], "Length of the line in pixels; 1 changes nothing.")
    degrees: Dist = param(
        Number(-180, 180, "degrees"), [-90, 90], "Direction, counter-clockwise from horizontal."
    )

    def apply(self, image: Image, amounts: Drawn, view: View) -> Image:
        if amounts["length"] == 1:
            return image
        return convolved(image, line(amounts["length"], amounts["degrees"]))


def line(length: float, degrees: float) -> NDArray[np.float64]:
    """(h, w), h and w odd: weights of a line through the middle; point-symmetric, summing to 1."""
    radius = math.ceil(length / 2)
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1].astype(np.float64)
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    along, across = np.abs(x * cosine - y * sine), np.abs(x * sine + y * cosine)
    weights = np.clip(length / 2 + 0.5 - along, 0, 1) * np.clip(1 - across, 0, 1)
    # Multiples of 2**-16 times 8-bit values sum exactly in float32: see `convolved`.
    whole = np.rint(weights * (65536 / weights.sum()))
    whole[radius, radius] += 65536 - whole.sum()
    rows, columns = np.flatnonzero(whole.any(axis=1)), np.flatnonzero(whole.any(axis=0))
    whole = whole[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    exact: NDArray[np.float64] = whole / 65536
    return exact


def convolved(image: Image, kernel: NDArray[np.float64]) -> Image:
    """The image correlated with a kernel that sums to 1, rounded to nearest.

    kernel  (h, w), h and w odd; its weights are multiples of a power of two so small in number that sums of
            products with pixel values are exact: in float32 for 8 bit, in float64 for 16 bit. Then no order
            of adding, and no fused multiply-add of a processor, changes a bit.
    """
    if image.dtype == np.uint8 and kernel.size < _DIRECT:
        return cv2.filter2D(image, -1, kernel, borderType=_BORDER)
    height, width = image.shape[:2]
    above, left = kernel.shape[0] // 2, kernel.shape[1] // 2
    padded = cv2.copyMakeBorder(image, above, above, left, left, _BORDER)
    wide, depth = (np.float32, cv2.CV_32F) if image.dtype == np.uint8 else (np.float64, cv2.CV_64F)
    frame = np.empty_like(image)
    rows = max(1, _BAND // width)
    for top in range(0, height, rows):
        count = min(rows, height - top)
        total = np.zeros((count, *image.shape[1:]), wide)
        for i in range(0, kernel.shape[0], _PIECE):
            for j in range(0, kernel.shape[1], _PIECE):
                piece = kernel[i : i + _PIECE, j : j + _PIECE]
                if piece.any():
                    below, right = top + i + count + piece.shape[0] - 1, j + width + piece.shape[1] - 1
                    under = padded[top + i : below, j:right]
                    total += cv2.filter2D(under, depth, piece, anchor=(0, 0))[:count, :width]
        frame[top : top + count] = np.clip(np.rint(total), 0, np.iinfo(image.dtype).max)
    return frame
