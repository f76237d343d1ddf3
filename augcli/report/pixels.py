"""What is measured of one picture, and of a picture against its source. Pure functions on arrays.

Everything but size and clipping is a share in [0, 1], so that 8 and 16 bit are told alike.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from augcli.geometry import Canvas, resample, scaling
from augcli.sample import Image

Grey = NDArray[np.uint8]
"""(H, W) uint8, Rec.601 luma."""

Small = NDArray[np.uint8]
"""(16, 16, 3) uint8 RGB: a picture as small as can be told apart."""

SSIM_SIDE = 64
SMALL_SIDE = 16

DARK, LIGHT = 2, 253
"""Grey values up to and from which a pixel counts as clipped."""

_CANVAS = Canvas()
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
_DEVIATION, _RADIUS = 1.5, 5


@dataclass(frozen=True, slots=True)
class Measures:
    """One picture in numbers.

    width, height   pixels
    brightness      mean luma
    contrast        standard deviation of luma
    saturation      mean HSV saturation, (max - min) / max, of the picture reduced: grain is no colour
    sharpness       variance of the Laplacian of luma in 8-bit steps (Pech-Pacheco et al. 2000); no upper end
    clipped         share of pixels with luma at most 2 or at least 253 of 255
    entropy         of the histogram of luma in bits, at most 8
    hash            64 bits of `dhash`
    """

    width: int
    height: int
    brightness: float
    contrast: float
    saturation: float
    sharpness: float
    clipped: float
    entropy: float
    hash: int


def eight_bit(image: Image, low: float = 0.0, high: float = 65535.0) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 RGB of any image: alpha dropped, 16 bit scaled from [low, high]."""
    if image.ndim == 3 and image.shape[2] in (2, 4):
        image = image[..., :-1]
    if image.dtype == np.uint16:
        scaled = (image.astype(np.float32) - low) * (255.0 / (high - low))
        image = np.clip(np.rint(scaled), 0, 255).astype(np.uint8)
    planes = image.reshape(*image.shape[:2], -1)
    return np.repeat(planes, 3, axis=2) if planes.shape[2] == 1 else np.ascontiguousarray(planes)


def grey_of(rgb: NDArray[np.uint8]) -> Grey:
    """The luma of (H, W, 3) RGB."""
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def reduced(image: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """The whole picture in another size, filtered first where it shrinks; its aspect is not kept."""
    matrix = scaling(width / image.shape[1], height / image.shape[0])
    return np.ascontiguousarray(resample(image, matrix, (width, height), _CANVAS))


def measure(grey: Grey, thumb: NDArray[np.uint8], thumb_grey: Grey) -> Measures:
    """`Measures` of a picture.

    grey        (H, W) its luma
    thumb       (h, w, 3) RGB of the picture reduced, for its saturation and its hash
    thumb_grey  (h, w) the luma of that
    """
    counts = cv2.calcHist([grey], [0], None, [256], [0.0, 256.0])  # float32, exact up to 2^24 of a level
    shares = np.asarray(counts, dtype=np.float64).ravel() / grey.size
    levels = np.arange(256.0)
    mean = float(shares @ levels)
    deviation = math.sqrt(max(0.0, float(shares @ (levels - mean) ** 2)))
    seen = shares[shares > 0.0]
    _, spread = cv2.meanStdDev(cv2.Laplacian(grey, cv2.CV_16S))
    return Measures(
        width=grey.shape[1],
        height=grey.shape[0],
        brightness=mean / 255.0,
        contrast=deviation / 255.0,
        saturation=float(cv2.mean(cv2.cvtColor(thumb, cv2.COLOR_RGB2HSV))[1]) / 255.0,
        sharpness=float(spread[0, 0]) ** 2,
        clipped=float(shares[: DARK + 1].sum() + shares[LIGHT:].sum()),
        entropy=max(0.0, float(-(seen * np.log2(seen)).sum())),
        hash=dhash(thumb_grey),
    )


def clipped_share(levels: Grey) -> float:
    """The share of clipped pixels among these, of any shape."""
    return float(np.mean((levels <= DARK) | (levels >= LIGHT)))


def dhash(grey: Grey) -> int:
    """64 bits: whether each of 8 x 8 places is darker than its right neighbour (Krawetz 2013, dHash)."""
    small = reduced(grey, 9, 8)
    bits = small[:, 1:] > small[:, :-1]
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def ssim(one: Grey, other: Grey) -> float:
    """Mean structural similarity of two (H, W) pictures of one size, in [-1, 1].

    Wang, Bovik, Sheikh and Simoncelli 2004, equation 13, with their 11 x 11 Gaussian window of deviation 1.5
    and K1 = 0.01, K2 = 0.03; the mean is taken where the window lies wholly inside, as in their code.
    """
    x, y = one.astype(np.float32), other.astype(np.float32)

    def blurred(plane: NDArray[np.float32]) -> NDArray[np.float32]:
        side = 2 * _RADIUS + 1
        whole = np.asarray(cv2.GaussianBlur(plane, (side, side), _DEVIATION), dtype=np.float32)
        return whole[_RADIUS:-_RADIUS, _RADIUS:-_RADIUS]

    mean_x, mean_y = blurred(x), blurred(y)
    variance_x = blurred(x * x) - mean_x * mean_x
    variance_y = blurred(y * y) - mean_y * mean_y
    covariance = blurred(x * y) - mean_x * mean_y
    above = (2.0 * mean_x * mean_y + _C1) * (2.0 * covariance + _C2)
    below = (mean_x * mean_x + mean_y * mean_y + _C1) * (variance_x + variance_y + _C2)
    return float(np.mean(above / below))


def rms(one: Small, other: Small) -> float:
    """Root of the mean squared difference of two pictures of one shape, a share of full scale."""
    return float(np.sqrt(np.mean((one.astype(np.float32) - other.astype(np.float32)) ** 2))) / 255.0


def blank(contrast: float, entropy: float, source_entropy: float | None) -> bool:
    """Whether nothing is to be seen: a deviation below 4 of 255, or an entropy below 0.4 of the source's.

    A source that is itself blank makes no copy blank by the second rule.
    """
    if contrast < 4.0 / 255.0:
        return True
    return source_entropy is not None and source_entropy > 0.0 and entropy < 0.4 * source_entropy
