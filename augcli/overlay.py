"""Labels drawn over a picture, for people: what an image's labels say must be seen at once.

Coordinates are scaled to the picture as it is shown, and drawn there, so that lines are as crisp on a
thumbnail as on the image. Knows samples and categories; nothing of recipes, folders or sheets.
"""

from __future__ import annotations

import colorsys
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from augcli.geometry import resample_nearest, scaling
from augcli.labels import bitmap_of, bounds, move, outline_of
from augcli.objects import Bitmap, Evidence, Objects, Outline, Points
from augcli.sample import Category
from augcli.sample import Image as Pixels

TINT = 0.4
"""How much of a category's colour lies over the pixels of its objects."""

VOID = (128, 128, 128)
"""Pixels of a semantic mask that count for nothing."""

LEFT, RIGHT, MIDDLE = (90, 240, 90), (255, 80, 80), (255, 235, 60)
"""Keypoints that a mirror exchanges with a later one, with an earlier one, with none."""

_BITS = 4
"""Binary places of the coordinates that OpenCV draws with."""

_GOLDEN = 0.618034
"""Hues a golden section apart stay apart, however many there are."""

Color = tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class Labels:
    """What is drawn: labels of an image of `size` (width, height), and the vocabulary that they are of."""

    size: tuple[int, int]
    objects: Objects
    mask: Pixels | None = None
    categories: Sequence[Category] = ()
    ignore: int | None = None


def overlaid(picture: Pixels, labels: Labels) -> Pixels:
    """The picture, (h, w, 3) uint8 of whatever size, with the labels over it; a new array."""
    height, width = picture.shape[:2]
    matrix = scaling(width / labels.size[0], height / labels.size[1])
    known = {category.name: category for category in labels.categories}
    drawn = picture.copy()
    if labels.mask is not None:
        fill = 0 if labels.ignore is None else labels.ignore
        _tint_classes(drawn, resample_nearest(labels.mask, matrix, (width, height), fill), labels)
    objects = move(labels.objects, matrix, (width, height))
    rows = sorted(objects.rows(), key=lambda row: -extent(row.evidence))
    for row in rows:
        _draw_evidence(drawn, row.evidence, color_of(row.category, known))
    drawn = _tagged(drawn, [(row.category, row.evidence, color_of(row.category, known)) for row in rows])
    for row in rows:
        if row.keypoints is not None:
            category = known.get(row.category, Category(row.category, 0))
            _draw_keypoints(drawn, row.keypoints, category, color_of(row.category, known))
    return drawn


def color_of(name: str, categories: Mapping[str, Category]) -> Color:
    """The colour that a category has of its own, else one of its number; black would not be seen."""
    category = categories.get(name)
    if category is None:
        return VOID
    if category.color is not None and any(category.color):
        return category.color
    shade = colorsys.hsv_to_rgb((category.id * _GOLDEN) % 1.0, 0.75, 1.0)
    return round(shade[0] * 255), round(shade[1] * 255), round(shade[2] * 255)


def mask_categories(labels: Labels) -> Sequence[Category]:
    """The classes of a semantic mask: those of the vocabulary, without one the numbers that the mask has."""
    if labels.categories or labels.mask is None:
        return labels.categories
    return [Category(f"class {number}", number) for number in np.unique(labels.mask).tolist()]


def mask_colors(labels: Labels) -> dict[int, Color]:
    """Mask value -> the colour of its class; the background, 0, stays clear where it has none but black."""
    categories = mask_categories(labels)
    known = {category.name: category for category in categories}
    colors = {
        category.id: color_of(category.name, known)
        for category in categories
        if category.id or any(category.color or ())
    }
    return colors if labels.ignore is None else colors | {labels.ignore: VOID}


def extent(evidence: Evidence) -> float:
    """The area of the bounds: large objects are drawn first, so that small ones stay to be seen."""
    box = bounds(evidence)
    return 0.0 if box is None else (box[2] - box[0]) * (box[3] - box[1])


def _tint(picture: Pixels, where: NDArray[np.bool_], color: Color) -> None:
    picture[where] = np.rint(picture[where] * (1.0 - TINT) + np.array(color) * TINT).astype(np.uint8)


def _tint_classes(picture: Pixels, ids: NDArray[np.generic], labels: Labels) -> None:
    colors = mask_colors(labels)
    for number in np.unique(ids).tolist():
        if number in colors:
            _tint(picture, ids == number, colors[number])


def _draw_evidence(picture: Pixels, evidence: Evidence, color: Color) -> None:
    """A box is written upright, whatever turned its corners, and drawn on its outermost pixels."""
    height, width = picture.shape[:2]
    box = bounds(evidence)
    if isinstance(evidence, Outline) and evidence.kind == "box":
        if box is not None:
            corner = (int(box[0]), int(box[1]))
            cv2.rectangle(picture, corner, (math.ceil(box[2]) - 1, math.ceil(box[3]) - 1), color)
        return
    if isinstance(evidence, Bitmap) or evidence.kind == "polygon":
        found = bitmap_of(evidence, (width, height))
        rows, columns = found.mask.shape
        _tint(picture[found.y : found.y + rows, found.x : found.x + columns], found.mask, color)
    outline = outline_of(evidence) if isinstance(evidence, Bitmap) else evidence
    for ring in _rings(outline):
        shown = np.clip(ring, 0.5, [width - 0.5, height - 0.5])  # a line on the frame is to be seen whole
        cv2.polylines(picture, [_fixed(shown)], True, color, 1, cv2.LINE_AA, _BITS)


def _rings(outline: Outline) -> Iterator[NDArray[np.float64]]:
    for part in outline.parts:
        yield from (ring for ring in part if len(ring))


def _draw_keypoints(picture: Pixels, points: Points, category: Category, color: Color) -> None:
    """Bones, then dots: full when visible, rings with a dark middle when hidden, none when not labelled."""
    for ends in category.skeleton:
        if max(ends) < len(points) and all(points[end, 2] for end in ends):
            cv2.polylines(picture, [_fixed(points[list(ends), :2])], False, color, 1, cv2.LINE_AA, _BITS)
    radius = max(2.5, max(picture.shape[:2]) / 70.0)
    for number, (x, y, visibility) in enumerate(points.tolist()):
        if visibility:
            center = _fixed(np.array([[x, y]]))[0].tolist()
            size = round(radius * (1 << _BITS))
            side = side_color(number, category.flip)
            cv2.circle(picture, center, size + (1 << _BITS), (0, 0, 0), -1, cv2.LINE_AA, _BITS)
            cv2.circle(picture, center, size, side, -1 if visibility == 2 else 1, cv2.LINE_AA, _BITS)


def side_color(number: int, flip: Sequence[int]) -> Color:
    """The colour of a keypoint: `LEFT`, `RIGHT` or `MIDDLE` by what a mirror makes of it."""
    other = flip[number] if number < len(flip) else number
    return MIDDLE if other == number else LEFT if number < other else RIGHT


def _fixed(points: NDArray[np.float64]) -> NDArray[np.int32]:
    """Points for OpenCV, whose pixel 0 has its centre at 0 and not at a half."""
    return np.rint((points - 0.5) * (1 << _BITS)).astype(np.int32)


def _tagged(picture: Pixels, tags: Sequence[tuple[str, Evidence, Color]]) -> Pixels:
    """The names of the objects at the top left of their bounds, dark on their colour."""
    image = Image.fromarray(picture)
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(9)
    for name, evidence, color in tags:
        box = bounds(evidence)
        if box is None:
            continue
        left, _, right, bottom = pen.textbbox((0, 0), name, font=font)
        if right - left > max(40.0, 1.5 * (box[2] - box[0])):
            continue  # it would hide more than it tells
        x = min(max(0.0, box[0]), max(0.0, image.width - right - 3))
        y = min(max(0.0, box[1]), max(0.0, image.height - bottom - 2))
        pen.rectangle((x, y, x + right + 2, y + bottom + 1), fill=color)
        pen.text((x + 1, y), name, fill=ink(color), font=font)
    return np.array(image)


def ink(color: Color) -> Color:
    """Black or white, whichever is read more easily on a colour (its Rec.601 luma)."""
    luma = 0.299 * color[0] + 0.587 * color[1] + 0.114 * color[2]
    return (0, 0, 0) if luma > 110 else (255, 255, 255)
