"""General moves: affine and perspective, filtered before they shrink so that nothing aliases.

OpenCV 5 computes bilinear warps exactly (not in steps of 1/32 pixel), for all border modes.
"""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from augcli.geometry.exact import Fill, cut, filled, is_affine
from augcli.geometry.matrices import Matrix, Points, compose, inverse, move_points, scaling, translation
from augcli.geometry.stretching import FILTERS

if TYPE_CHECKING:
    from augcli.sample import Image

_BORDERS = {
    "constant": cv2.BORDER_CONSTANT,
    "edge": cv2.BORDER_REPLICATE,
    "reflect": cv2.BORDER_REFLECT_101,
    "symmetric": cv2.BORDER_REFLECT,
    "wrap": cv2.BORDER_WRAP,
}
_SHRINKS = 0.75
"""Below this scale a move is filtered first."""
_REACH = 4
"""Pixels around a point that the widest interpolation looks at."""
_MOST_SAMPLES = 16
"""Samples per output pixel and axis at most; only a perspective flatter than that still aliases."""
_BAND = 1 << 22
"""Samples that are rendered at once when there are several per output pixel."""
_LANCZOS_SIDE = 32766
"""OpenCV's lanczos refuses longer sides; they are interpolated bicubically."""
_NARROW = 256
"""Pixels of a side below which a reflected image is extended first."""
_SCRATCH = 1 << 21
"""Pixels up to which four-channel copies are kept for the next warp; beyond, memory is the bottleneck."""


def warped(
    image: Image, matrix: Matrix, size: tuple[int, int], border: str, fill: Fill, interpolation: str
) -> Image:
    """The image moved by `matrix` into a frame of (width, height), filtered where it shrinks.

    image   (H, W) or (H, W, 2..4), uint8, uint16 or float32
    """
    if interpolation == "nearest":
        return _sampled(image, matrix, size, border, fill, interpolation)
    needed = _needed(image, matrix, size, border)
    if needed is None:
        return filled(image, size, fill)
    image, matrix = _reduced(*needed, size)
    samples = _samples(image, matrix, size)
    if samples == 1:
        return _sampled(image, matrix, size, border, fill, interpolation)
    width, height = size
    frame = np.empty((height, width, *image.shape[2:]), image.dtype)
    rows = max(1, _BAND // (width * samples * samples))
    for top in range(0, height, rows):
        count = min(rows, height - top)
        into = compose(matrix, translation(0, -top), scaling(samples, samples))
        band = _sampled(image, into, (width * samples, count * samples), border, fill, interpolation)
        frame[top : top + count] = cv2.resize(band, (width, count), interpolation=cv2.INTER_AREA)
    return frame


def _needed(image: Image, matrix: Matrix, size: tuple[int, int], border: str) -> tuple[Image, Matrix] | None:
    """The part of the image that the frame can show, as a view; None when it shows nothing but fill.

    Without it a small crop of a large image would filter the whole of it.
    """
    height, width = image.shape[:2]
    back = inverse(matrix)
    corners = np.array([(0, 0), (size[0], 0), (size[0], size[1]), (0, size[1])], dtype=np.float64)
    if not ((back[2, 0] * corners[:, 0] + back[2, 1] * corners[:, 1] + back[2, 2]) > 0).all():
        return image, matrix
    reach = _REACH * max(1.0, 1.0 / max(min(_scales(image, matrix, size)[:2]), 1e-3))
    seen = move_points(back, corners)
    x0, y0 = (math.floor(value) for value in (seen.min(axis=0) - reach).tolist())
    x1, y1 = (math.ceil(value) for value in (seen.max(axis=0) + reach).tolist())
    left, top, right, bottom = max(x0, 0), max(y0, 0), min(x1, width), min(y1, height)
    if left >= right or top >= bottom:
        return None if border == "constant" else (image, matrix)
    inside = x0 >= 0 and y0 >= 0 and x1 <= width and y1 <= height
    if (right - left) * (bottom - top) * 2 > width * height or not (inside or border in ("constant", "edge")):
        return image, matrix
    return image[top:bottom, left:right], compose(translation(left, top), matrix)


def _reduced(image: Image, matrix: Matrix, size: tuple[int, int]) -> tuple[Image, Matrix]:
    """The image area-averaged along the axes that shrink everywhere, and the matrix that is left to do."""
    height, width = image.shape[:2]
    across, down, _ = _scales(image, matrix, size)
    smaller = (
        max(1, round(width * across)) if across < _SHRINKS else width,
        max(1, round(height * down)) if down < _SHRINKS else height,
    )
    if smaller == (width, height):
        return image, matrix
    reduced = cv2.resize(image, smaller, interpolation=cv2.INTER_AREA)
    return reduced, compose(scaling(width / smaller[0], height / smaller[1]), matrix)


def _samples(image: Image, matrix: Matrix, size: tuple[int, int]) -> int:
    """How many samples per output pixel and axis keep the smallest scale above `_SHRINKS`."""
    least = _scales(image, matrix, size)[2]
    return min(max(1, math.ceil(_SHRINKS / max(least, 1e-9) - 1e-9)), _MOST_SAMPLES)


def _scales(image: Image, matrix: Matrix, size: tuple[int, int]) -> tuple[float, float, float]:
    """(largest scale along x, largest along y, smallest in any direction) of the move.

    They are column norms and the smaller singular value of its Jacobian; for a perspective, taken at the
    corners, sides and centre of the frame and of the image, where they lie inside the other.
    """
    if is_affine(matrix, max(image.shape[0], image.shape[1], *size)):
        (a, b, _), (c, d, _) = (matrix[:2] / matrix[2, 2]).tolist()
        return math.hypot(a, c), math.hypot(b, d), _smallest(a, b, c, d)
    (a, b, tx), (c, d, ty), (g, h, i) = matrix.tolist()
    xs, ys, least = [], [], []
    for x, y in _places(image, matrix, size):
        w = g * x + h * y + i
        u, v = (a * x + b * y + tx) / w, (c * x + d * y + ty) / w
        # The Jacobian of (X / w, Y / w), by the quotient rule.
        jacobian = (a - g * u) / w, (b - h * u) / w, (c - g * v) / w, (d - h * v) / w
        xs.append(math.hypot(jacobian[0], jacobian[2]))
        ys.append(math.hypot(jacobian[1], jacobian[3]))
        least.append(_smallest(*jacobian))
    return (max(xs), max(ys), min(least)) if xs else (1.0, 1.0, 1.0)


def _smallest(a: float, b: float, c: float, d: float) -> float:
    """The smaller singular value of [[a, b], [c, d]]."""
    half = (a * a + b * b + c * c + d * d) / 2.0
    area = abs(a * d - b * c)
    return area / math.sqrt(half + math.sqrt(max(half * half - area * area, 0.0)))


def _places(image: Image, matrix: Matrix, size: tuple[int, int]) -> list[list[float]]:
    """Points of the source, spread over what the frame shows of it."""
    height, width = image.shape[:2]
    of_image = _grid(width, height)
    in_front = matrix[2, 0] * of_image[:, 0] + matrix[2, 1] * of_image[:, 1] + matrix[2, 2] > 0.0
    of_image = of_image[in_front & _within(move_points(matrix, of_image), size)]
    of_frame = move_points(inverse(matrix), _grid(*size))
    of_frame = of_frame[_within(of_frame, (width, height))]
    return [*of_image.tolist(), *of_frame.tolist()]


def _grid(width: int, height: int) -> Points:
    """The corners, the middles of the sides and the centre of a frame."""
    return np.array([(x * width / 2.0, y * height / 2.0) for y in range(3) for x in range(3)])


def _within(points: Points, size: tuple[int, int]) -> NDArray[np.bool_]:
    """(N,): which points lie in a frame of (width, height), or on its edge but for rounding."""
    right, low = size[0] + 0.5, size[1] + 0.5
    x, y = points[:, 0], points[:, 1]
    inside: NDArray[np.bool_] = (x >= -0.5) & (x <= right) & (y >= -0.5) & (y <= low)
    return inside


def _repeated(image: Image, border: str) -> Image:
    """A narrow image with as many of its own reflections as show the same beyond them.

    OpenCV goes from reflection to reflection one by one, for every pixel, and its bicubic warp never returns
    from those of a side of one pixel.
    """

    def enough(side: int) -> int:
        if border == "symmetric" or side == 1:
            return side * math.ceil(_NARROW / side)
        return (side - 1) * math.ceil(_NARROW / (side - 1)) + 1

    height, width = (side if side >= _NARROW else enough(side) for side in image.shape[:2])
    return cut(image, (0, 0, width, height), border, ())


_kept = threading.local()


def _scratch(role: str, height: int, width: int, dtype: np.dtype[np.generic]) -> Image:
    """A four-channel array of this thread, with whatever the last warp left in it.

    A fresh one costs more in page faults than the wider warp saves.
    """
    array: Image | None = getattr(_kept, role, None)
    if array is None or array.shape != (height, width, 4) or array.dtype != dtype:
        array = np.empty((height, width, 4), dtype)
        setattr(_kept, role, array)
    return array


def _sampled(
    image: Image, matrix: Matrix, size: tuple[int, int], border: str, fill: Fill, interpolation: str
) -> Image:
    """One look-up per output pixel, without any filter before it."""
    if interpolation == "lanczos" and max(*size, *image.shape[:2]) > _LANCZOS_SIDE:
        interpolation = "bicubic"
    if border in ("reflect", "symmetric"):
        image = _repeated(image, border)
    # Edge coordinates to OpenCV's, which have pixel centres at whole numbers.
    back = compose(translation(0.5, 0.5), inverse(matrix), translation(-0.5, -0.5))
    flags = FILTERS[interpolation] | cv2.WARP_INVERSE_MAP
    warp: Any = cv2.warpPerspective
    if is_affine(back, max(*size, *image.shape[:2])):
        warp, back = cv2.warpAffine, back[:2] / back[2, 2]
    wide = image.ndim == 3 and image.shape[2] == 3 and interpolation == "bilinear"
    if not wide or max(size[0] * size[1], image.shape[0] * image.shape[1]) > _SCRATCH:
        moved: Image = warp(image, back, size, flags=flags, borderMode=_BORDERS[border], borderValue=fill)
        return moved
    # OpenCV 5 warps four channels in two thirds of the time of three, to the same values.
    source = _scratch("source", image.shape[0], image.shape[1], image.dtype)
    frame = _scratch("frame", size[1], size[0], image.dtype)
    cv2.cvtColor(image, cv2.COLOR_RGB2RGBA, dst=source)
    warp(source, back, size, dst=frame, flags=flags, borderMode=_BORDERS[border], borderValue=fill)
    narrow: Image = cv2.cvtColor(frame, cv2.COLOR_RGBA2RGB)
    return narrow
