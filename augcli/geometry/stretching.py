"""Axis-aligned scaling: area filter where an axis shrinks, interpolation where it grows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from augcli.geometry.exact import TOLERANCE, Fill, Upright, border_index, cut, turned, whole

if TYPE_CHECKING:
    from augcli.sample import Image

FILTERS = {
    "nearest": cv2.INTER_NEAREST,
    "bilinear": cv2.INTER_LINEAR,
    "bicubic": cv2.INTER_CUBIC,
    "lanczos": cv2.INTER_LANCZOS4,
}
"""Interpolation -> OpenCV's constant; bicubic has a = -0.75, lanczos 8 x 8 taps."""


def resized(image: Image, size: tuple[int, int], interpolation: str) -> Image:
    """The image stretched to (width, height).

    An axis that shrinks is area-averaged, one that grows is interpolated; in two steps when they differ,
    because OpenCV's area filter does not average at all once one axis grows.
    """
    width, height = size
    if (image.shape[1], image.shape[0]) == size:
        return image
    smaller = min(width, image.shape[1]), min(height, image.shape[0])
    if smaller != (image.shape[1], image.shape[0]):
        image = cv2.resize(image, smaller, interpolation=cv2.INTER_AREA)
    if smaller != size:
        image = cv2.resize(image, size, interpolation=FILTERS[interpolation])
    return image


def scaled(
    image: Image, view: Upright, size: tuple[int, int], border: str, fill: Fill, interpolation: str
) -> Image | None:
    """Crop, resize, flip, pad: a scaling move whose edges all lie on the pixel grid.

    None when they do not, or when the border would have to show pixels that the frame has cut off.
    """
    height, width = image.shape[:2]
    x0, y0, x1, y1 = view.box
    shown = whole((max(x0, 0.0), max(y0, 0.0), min(x1, float(width)), min(y1, float(height))))
    if shown is None or shown[0] >= shown[2] or shown[1] >= shown[3]:
        return None
    # The shown part of the source, in pixels of the output before it is transposed and flipped.
    across, down = (size[1], size[0]) if view.transposed else size
    per_x, per_y = across / (x1 - x0), down / (y1 - y0)
    placed = whole(
        (
            (shown[0] - x0) * per_x,
            (shown[1] - y0) * per_y,
            (shown[2] - x0) * per_x,
            (shown[3] - y0) * per_y,
        )
    )
    if placed is None or placed[0] >= placed[2] or placed[1] >= placed[3]:
        return None
    left, top, right, bottom = placed
    pads = (left, top, right, bottom) != (0, 0, across, down)
    if pads and border != "constant" and shown != (0, 0, width, height):
        return None
    part = cut(image, (shown[0], shown[1], shown[2], shown[3]), border, fill)
    part = resized(part, (right - left, bottom - top), interpolation)
    if pads:
        part = cut(part, (-left, -top, across - left, down - top), border, fill)
    return turned(part, view)


def nearest(image: Image, view: Upright, size: tuple[int, int], border: str, fill: Fill) -> Image:
    """Each output pixel is the source pixel that contains its centre, carried back by the move."""
    across, down = (size[1], size[0]) if view.transposed else size
    x0, y0, x1, y1 = view.box
    columns = _centres(x0, x1, across)
    rows = _centres(y0, y1, down)
    height, width = image.shape[:2]
    taken = image[border_index(rows, height, border)[:, None], border_index(columns, width, border)]
    if border == "constant":
        value = fill[: image.shape[2]] if image.ndim == 3 else fill[0]
        taken[(rows < 0) | (rows >= height)] = value
        taken[:, (columns < 0) | (columns >= width)] = value
    return turned(taken, view)


def _centres(low: float, high: float, count: int) -> NDArray[np.int64]:
    """The source pixels under the centres of `count` equal cells of [low, high].

    A centre on the line between two pixels belongs to the second, whatever the rounding of the matrix.
    """
    centres = low + (np.arange(count) + 0.5) * ((high - low) / count)
    pixels: NDArray[np.int64] = np.floor(centres + TOLERANCE).astype(np.int64)
    return pixels
