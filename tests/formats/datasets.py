"""Small object datasets for round trips: strategies of objects of every kind, and rows as a run seals them.

Coordinates are multiples of a quarter pixel, so that they are exact in every format that writes decimals;
every object has an area and lies within its image.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from augcli.labels.plain import to_plain
from augcli.objects import Bitmap, Evidence, Objects, Outline, Thing
from augcli.sample import Category, Dataset

KINDS = ("box", "polygon", "parts", "holes", "bitmap")
"""What evidence can be: a box; an outline; one of several parts; one with a hole; a mask."""

NAMES = ("cat", "dog", "traffic light")
POINTS = ("nose", "left_eye", "right_eye")


@dataclass(frozen=True)
class Picture:
    """One image of a dataset: its key, its (width, height), its objects."""

    key: str
    size: tuple[int, int]
    objects: Objects


def sizes(least: int = 8, most: int = 40) -> st.SearchStrategy[tuple[int, int]]:
    """(width, height), odd and even."""
    return st.tuples(st.integers(least, most), st.integers(least, most))


@st.composite
def spans(draw: st.DrawFn, length: float, step: float = 0.25) -> tuple[float, float]:
    """Two numbers within [0, length], at least one pixel apart."""
    steps = int(length / step)
    apart = int(1 / step)
    first = draw(st.integers(0, steps - apart))
    return first * step, draw(st.integers(first + apart, steps)) * step


@st.composite
def boxes(draw: st.DrawFn, size: tuple[int, int], step: float = 0.25) -> Outline:
    """A box of at least a pixel."""
    (x0, x1), (y0, y1) = draw(spans(size[0], step)), draw(spans(size[1], step))
    return Outline.box(x0, y0, x1, y1)


@st.composite
def rings(draw: st.DrawFn, left: float, top: float, right: float, bottom: float) -> np.ndarray:
    """A line with 3 to 6 corners on the rectangle, none of them twice."""
    x = (left + right) / 2
    around = [(left, top), (x, top), (right, top), (right, bottom), (x, bottom), (left, bottom)]
    keep = draw(st.lists(st.booleans(), min_size=6, max_size=6).filter(lambda keep: sum(keep) >= 3))
    corners = [corner for corner, kept in zip(around, keep, strict=True) if kept]
    if len({corner[1] for corner in corners}) < 2:
        corners = around
    return np.array(corners, dtype=np.float64)


@st.composite
def polygons(draw: st.DrawFn, size: tuple[int, int]) -> Outline:
    """One part without holes."""
    (x0, x1), (y0, y1) = draw(spans(size[0], 0.5)), draw(spans(size[1], 0.5))
    return Outline(((draw(rings(x0, y0, x1, y1)),),))


@st.composite
def several_parts(draw: st.DrawFn, size: tuple[int, int]) -> Outline:
    """Two parts, side by side, that share at most a line."""
    half = size[0] // 2
    (x0, x1), (y0, y1) = draw(spans(half, 0.5)), draw(spans(size[1], 0.5))
    (x2, x3), (y2, y3) = draw(spans(size[0] - half, 0.5)), draw(spans(size[1], 0.5))
    right = draw(rings(half + x2, y2, half + x3, y3))
    return Outline(((draw(rings(x0, y0, x1, y1)),), (right,)))


@st.composite
def holed(draw: st.DrawFn, size: tuple[int, int]) -> Outline:
    """A rectangle on the pixel grid with a rectangular hole of at least a pixel."""
    width, height = size
    x0, y0 = draw(st.integers(0, width - 4)), draw(st.integers(0, height - 4))
    x1, y1 = draw(st.integers(x0 + 3, width)), draw(st.integers(y0 + 3, height))
    left, top = draw(st.integers(x0 + 1, x1 - 2)), draw(st.integers(y0 + 1, y1 - 2))
    right, bottom = draw(st.integers(left + 1, x1 - 1)), draw(st.integers(top + 1, y1 - 1))
    outer = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], dtype=np.float64)
    hole = np.array([[left, top], [left, bottom], [right, bottom], [right, top]], dtype=np.float64)
    return Outline(((outer, hole),))


@st.composite
def bitmaps(draw: st.DrawFn, size: tuple[int, int]) -> Bitmap:
    """The pixels of an instance, tight around them, anywhere in the image."""
    width, height = draw(st.integers(1, min(size[0], 6))), draw(st.integers(1, min(size[1], 6)))
    bits = draw(st.lists(st.booleans(), min_size=width * height, max_size=width * height))
    mask = np.array(bits, dtype=np.bool_).reshape(height, width)
    mask[0, draw(st.integers(0, width - 1))] = mask[-1, 0] = mask[0, -1] = True
    return Bitmap(mask, draw(st.integers(0, size[0] - width)), draw(st.integers(0, size[1] - height)))


@st.composite
def keypoints(draw: st.DrawFn, size: tuple[int, int], count: int = len(POINTS)) -> np.ndarray:
    """(count, 3); those that are not labelled are zeros, at least one is labelled."""
    rows = []
    for number in range(count):
        visible = draw(st.integers(0 if number else 1, 2))
        place = (draw(st.integers(2, 4 * size[0] - 2)) / 4, draw(st.integers(2, 4 * size[1] - 2)) / 4)
        rows.append((*place, visible) if visible else (0.0, 0.0, 0.0))
    return np.array(rows, dtype=np.float64)


def evidences(kind: str, size: tuple[int, int]) -> st.SearchStrategy[Evidence]:
    """Evidence of one of `KINDS`."""
    made = {"box": boxes, "polygon": polygons, "parts": several_parts, "holes": holed, "bitmap": bitmaps}
    return made[kind](size)


@st.composite
def things(
    draw: st.DrawFn, size: tuple[int, int], kinds: Sequence[str] = KINDS, points: bool = False
) -> Thing:
    """One object. With `points` the first category has keypoints, `POINTS`, and some objects show them."""
    category = draw(st.sampled_from(NAMES))
    shown = points and category == NAMES[0] and draw(st.booleans())
    return Thing(
        category,
        draw(st.sampled_from(kinds).flatmap(lambda kind: evidences(kind, size))),
        draw(keypoints(size)) if shown else None,
    )


@st.composite
def pictures(
    draw: st.DrawFn, kinds: Sequence[str] = KINDS, points: bool = False, most: int = 3
) -> list[Picture]:
    """One to `most` images, some of them without objects; ids of objects count from 1 over all of them."""
    found, number = [], 0
    for index in range(draw(st.integers(1, most))):
        size = draw(sizes())
        drawn = draw(st.lists(things(size, kinds, points), max_size=3))
        numbered = []
        for thing in drawn:
            number += 1
            numbered.append(dataclasses.replace(thing, id=number))
        found.append(Picture(f"{index:04}.png", size, Objects.of(numbered)))
    return found


def categories(points: bool = False) -> tuple[Category, ...]:
    """`NAMES` with ids that leave gaps; with `points` the first has `POINTS`."""
    first = Category(NAMES[0], 1, POINTS, (0, 2, 1), ((0, 1), (0, 2))) if points else Category(NAMES[0], 1)
    return first, Category(NAMES[1], 18), Category(NAMES[2], 90)


def dataset_of(format_: str, points: bool = False, **given: Any) -> Dataset:
    """A dataset of these categories, read as `format_`."""
    return Dataset(format_, categories=categories(points), holds=frozenset({"boxes"}), **given)


def rows_of(
    pictures: Iterable[Picture], split: str = "", home: str = "", copy: int = 0
) -> list[dict[str, Any]]:
    """Rows of untouched originals (copy 0) or of copies, as the manifest holds them, in order."""
    return [
        {
            "split": split,
            "source": picture.key,
            "copy": copy,
            "status": "ok",
            "output": f"{home}/{picture.key}" if home else picture.key,
            "size": list(picture.size),
            "labels": {
                "label": None,
                "classes": [],
                "weights": [],
                "extra": {},
                "objects": plain(picture.objects, keep_ids=not copy),
            },
        }
        for picture in pictures
    ]


def plain(objects: Objects, keep_ids: bool = True) -> list[dict[str, Any]]:
    """The table as JSON values, for comparing field by field."""
    kept = objects if keep_ids else dataclasses.replace(objects, id=(None,) * len(objects))
    return to_plain(kept, None)
