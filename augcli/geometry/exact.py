"""Moves that need no resampling: flips, quarter turns, transpositions, whole-pixel crops and pads.

They carry every pixel value over as it is, for any depth and any number of channels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from augcli.geometry.matrices import Matrix

if TYPE_CHECKING:
    from augcli.sample import Image

Fill = tuple[float, ...]
"""Four pixel values, one per channel; those beyond the image's channels are not used."""

TOLERANCE = 1e-6
"""How far a matrix entry may be from a whole value, and a pixel edge from the grid, and still count as it."""


@dataclass(frozen=True, slots=True)
class Upright:
    """An axis-aligned map, seen from the output frame.

    transposed       x and y change places
    flip_x, flip_y   the output runs against the source axis it shows, after transposition
    box              (x0, y0, x1, y1) of the source that the output frame shows; may lie outside
    unit             no axis is scaled
    """

    transposed: bool
    flip_x: bool
    flip_y: bool
    box: tuple[float, float, float, float]
    unit: bool


def is_affine(matrix: Matrix, reach: float) -> bool:
    """Whether parallel lines stay parallel, to within the tolerance over `reach` pixels."""
    g, h, i = matrix[2].tolist()
    return bool((abs(g) + abs(h)) * reach < TOLERANCE * abs(i))


def upright(matrix: Matrix, source: tuple[int, int], size: tuple[int, int]) -> Upright | None:
    """The map as flips, a transposition and scales of the axes; None when it is more than that.

    source, size   (width, height) of the source and of the output frame, in pixels
    """
    if not is_affine(matrix, max(*source, *size)):
        return None
    (a, b, tx), (c, d, ty) = (matrix[:2] / matrix[2, 2]).tolist()
    width, height = size
    if abs(b) < TOLERANCE and abs(c) < TOLERANCE:
        if a == 0.0 or d == 0.0:
            return None
        along_x, along_y = (-tx / a, (width - tx) / a), (-ty / d, (height - ty) / d)
        transposed, flip_x, flip_y, scales = False, a < 0.0, d < 0.0, (a, d)
    elif abs(a) < TOLERANCE and abs(d) < TOLERANCE:
        along_x, along_y = (-ty / c, (height - ty) / c), (-tx / b, (width - tx) / b)
        transposed, flip_x, flip_y, scales = True, b < 0.0, c < 0.0, (b, c)
    else:
        return None
    box = (min(along_x), min(along_y), max(along_x), max(along_y))
    unit = all(abs(abs(scale) - 1.0) < TOLERANCE for scale in scales)
    return Upright(transposed, flip_x, flip_y, box, unit)


def whole(values: tuple[float, ...]) -> tuple[int, ...] | None:
    """The values as whole numbers; None when one of them is none."""
    near = tuple(round(value) for value in values)
    if any(abs(value - n) > TOLERANCE for value, n in zip(values, near, strict=True)):
        return None
    return near


def turned(image: Image, view: Upright) -> Image:
    """The image transposed and flipped as `view` says; the image itself when there is nothing to do."""
    if view.transposed:
        image = cv2.transpose(image)
    if view.flip_x or view.flip_y:
        image = cv2.flip(image, -1 if view.flip_x and view.flip_y else 1 if view.flip_x else 0)
    return image


def border_index(index: NDArray[np.int64], length: int, border: str) -> NDArray[np.int64]:
    """The pixel in [0, length) that stands at each index under a border mode of `numpy.pad`.

    With `constant` the result is the nearest pixel; the caller fills what lies outside.
    """
    if border == "wrap":
        return index % length
    if border == "symmetric":
        around = index % (2 * length)
        return np.minimum(around, 2 * length - 1 - around)
    if border == "reflect" and length > 1:
        around = index % (2 * length - 2)
        return np.minimum(around, 2 * length - 2 - around)
    return index.clip(0, length - 1)


def cut(image: Image, box: tuple[int, int, int, int], border: str, fill: Fill) -> Image:
    """The pixels of a whole-pixel box (x0, y0, x1, y1), with the border mode where it leaves the image.

    A box inside gives a view; the whole image gives the image itself.
    """
    x0, y0, x1, y1 = box
    height, width = image.shape[:2]
    if box == (0, 0, width, height):
        return image
    if x0 >= 0 and y0 >= 0 and x1 <= width and y1 <= height:
        return image[y0:y1, x0:x1]
    if border != "constant":
        rows = border_index(np.arange(y0, y1), height, border)
        columns = border_index(np.arange(x0, x1), width, border)
        return image[rows[:, None], columns]
    left, top, right, bottom = max(x0, 0), max(y0, 0), min(x1, width), min(y1, height)
    if left >= right or top >= bottom:
        return filled(image, (x1 - x0, y1 - y0), fill)
    edges = (top - y0, y1 - bottom, left - x0, x1 - right)
    padded: Image = cv2.copyMakeBorder(
        image[top:bottom, left:right], *edges, borderType=cv2.BORDER_CONSTANT, value=fill
    )
    return padded


def filled(image: Image, size: tuple[int, int], fill: Fill) -> Image:
    """A frame of (width, height) like `image` in channels and depth, holding nothing but the fill."""
    channels = image.shape[2:]
    return np.full((size[1], size[0], *channels), fill[: channels[0]] if channels else fill[0], image.dtype)
