"""`resample`: chooses the exact, the axis-aligned or the general way, and takes care of alpha.

Knows matrices, frames and pixels, but no op, no recipe and no label.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from augcli.errors import ItemError
from augcli.geometry.exact import Fill, cut, filled, turned, upright, whole
from augcli.geometry.frames import MAX_SIDE, Canvas
from augcli.geometry.matrices import Matrix
from augcli.geometry.stretching import nearest, scaled
from augcli.geometry.warping import warped

if TYPE_CHECKING:
    from augcli.sample import Image


def resample(image: Image, matrix: Matrix, size: tuple[int, int], canvas: Canvas) -> Image:
    """The image moved by `matrix` into a frame of `size` (width, height).

    image    (H, W), or (H, W, 2..4) where 2 and 4 have alpha last; uint8 or uint16; kept in the result
    canvas   the fill is given on the 8-bit scale: 16 bit takes it times 257, grey its Rec.601 luma

    Flips, quarter turns and whole-pixel crops and pads move values untouched; the identity returns the
    array itself, and a crop is a view. Shrinking filters first, except with nearest. Alpha is interpolated
    premultiplied, a constant border is transparent, and a fully transparent pixel has the fill's colour.
    Lanczos is replaced by bicubic where a side is over 32766 pixels, which OpenCV's lanczos refuses.
    Raises ItemError `too_large` for a frame of more than 16384 x 16384 pixels.
    """
    _check(size)
    fill = fill_of(image, canvas)
    view = upright(matrix, (image.shape[1], image.shape[0]), size)
    if view is not None and view.unit and (box := whole(view.box)) is not None:
        return turned(cut(image, (box[0], box[1], box[2], box[3]), canvas.border, fill), view)
    if canvas.interpolation == "nearest":
        if view is not None:
            return nearest(image, view, size, canvas.border, fill)
        return warped(image, matrix, size, canvas.border, fill, "nearest")
    if image.ndim == 3 and image.shape[2] in (2, 4):
        return _with_alpha(image, matrix, size, canvas, fill)
    return _interpolated(image, matrix, size, canvas, fill)


def resample_nearest(
    plane: NDArray[np.generic], matrix: Matrix, size: tuple[int, int], fill: int, border: str = "constant"
) -> NDArray[np.generic]:
    """A plane of names (class ids, sources) moved like `resample`; no value is made that was not there.

    plane    (H, W) uint8 or uint16
    fill     the value of what lies outside, with the constant border
    border   the border mode of the image it belongs to, so that reflected pixels keep their names
    """
    _check(size)
    fills = (float(fill),) * 4
    view = upright(matrix, (plane.shape[1], plane.shape[0]), size)
    if view is None:
        return warped(plane, matrix, size, border, fills, "nearest")
    if view.unit and (box := whole(view.box)) is not None:
        return turned(cut(plane, (box[0], box[1], box[2], box[3]), border, fills), view)
    return nearest(plane, view, size, border, fills)


def fill_of(image: Image, canvas: Canvas) -> Fill:
    """The fill in pixel values of `image`: transparent where it has alpha, Rec.601 luma where it is grey."""
    red, green, blue = canvas.fill
    depth = 257.0 if image.dtype == np.uint16 else 1.0
    channels = image.shape[2] if image.ndim == 3 else 1
    if channels < 3:
        return (round(0.299 * red + 0.587 * green + 0.114 * blue) * depth, 0.0, 0.0, 0.0)
    return (red * depth, green * depth, blue * depth, 0.0)


def _check(size: tuple[int, int]) -> None:
    width, height = size
    if width * height > MAX_SIDE * MAX_SIDE:
        raise ItemError("too_large", width=width, height=height, limit=MAX_SIDE * MAX_SIDE // 10**6)


def _interpolated(image: Image, matrix: Matrix, size: tuple[int, int], canvas: Canvas, fill: Fill) -> Image:
    view = upright(matrix, (image.shape[1], image.shape[0]), size)
    if view is not None:
        moved = scaled(image, view, size, canvas.border, fill, canvas.interpolation)
        if moved is not None:
            return moved
    return warped(image, matrix, size, canvas.border, fill, canvas.interpolation)


def _with_alpha(image: Image, matrix: Matrix, size: tuple[int, int], canvas: Canvas, fill: Fill) -> Image:
    """Colours weighted by their alpha (Porter and Duff 1984), so that what is invisible does not bleed."""
    full = float(np.iinfo(image.dtype).max)
    weighted = image.astype(np.float32)
    weighted[..., :-1] *= weighted[..., -1:] / np.float32(full)
    moved = _interpolated(weighted, matrix, size, canvas, (0.0, 0.0, 0.0, 0.0))
    alpha = np.rint(moved[..., -1]).clip(0.0, full)
    seen = alpha > 0.0
    result = filled(image, size, fill)
    share = moved[..., -1][seen, None] / np.float32(full)
    result[..., :-1][seen] = np.rint(moved[..., :-1][seen] / share).clip(0.0, full)
    result[..., -1] = alpha
    return result
