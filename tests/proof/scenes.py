"""Synthetic scenes whose labels are known because the pixels were painted from them.

Every object, every keypoint and every background has a colour that nothing else has, so that a picture made
from scenes tells by itself what it shows and where. Edges on the pixel grid are painted exactly; slanted ones
by the share of each pixel that they cover, counted on 4 x 4 points, so that they stand where the label says
to a fraction of a pixel. Nothing of the product decides what is painted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from augcli.objects import Bitmap, Evidence, Objects, Outline, Part, Thing
from augcli.sample import Category, Dataset

POINTS = ("nose", "left_eye", "right_eye")
IGNORE = 255
TWINS = {"turn_left": "turn_right", "turn_right": "turn_left"}
NAMES = ("box", "frame", "pair", "blob", "stain", "tilted", *TWINS)
CATEGORIES = tuple(
    Category(name, number + 1, POINTS, (0, 2, 1)) if name in TWINS else Category(name, number + 1)
    for number, name in enumerate(NAMES)
)
NUMBER = {category.name: category.id for category in CATEGORIES}
DATASET = Dataset(
    "carried",
    categories=CATEGORIES,
    holds=frozenset({"boxes", "rotated", "polygons", "holes", "parts", "instances", "keypoints", "semantic"}),
    ignore=IGNORE,
)

FILL, COVER = 0, 1
"""Colours of the canvas and of what erases."""

SCENES, OBJECTS = 4, 4
FINE = 4
DOT = 7.0
"""Radius of the dot that shows a keypoint."""


def _palette(count: int) -> NDArray[np.uint8]:
    """Colours far from each other and not in line."""
    rng = np.random.default_rng(20)
    found: list[NDArray[np.int64]] = []
    while len(found) < count:
        colour = rng.integers(0, 256, 3)
        if all(((colour - other) ** 2).sum() >= 55**2 for other in found):
            found.append(colour)
    return np.array(found, dtype=np.uint8)


PALETTE = _palette(2 + SCENES * (1 + OBJECTS + len(POINTS)))


@dataclass(frozen=True)
class Painted:
    """An object: its label as painted, its colour and those of its keypoints."""

    thing: Thing
    colour: int
    dots: tuple[int, ...] = ()

    @property
    def body(self) -> tuple[int, ...]:
        return (self.colour, *self.dots)


@dataclass(frozen=True)
class Scene:
    """A picture: its image, its semantic mask, its objects and the colour of what is behind them."""

    name: str
    image: NDArray[np.uint8]
    mask: NDArray[np.uint8]
    painted: tuple[Painted, ...]
    background: int

    @property
    def size(self) -> tuple[int, int]:
        return self.image.shape[1], self.image.shape[0]

    @property
    def objects(self) -> Objects:
        return Objects.of([one.thing for one in self.painted])


@dataclass(frozen=True)
class World:
    """All scenes that a picture may be made of."""

    scenes: tuple[Scene, ...]

    @cached_property
    def by_id(self) -> dict[int, tuple[Scene, Painted]]:
        return {int(one.thing.id or 0): (scene, one) for scene in self.scenes for one in scene.painted}


def inside(evidence: Evidence, size: tuple[int, int], fine: int = 1) -> NDArray[np.bool_]:
    """(height * fine, width * fine): the points in the middle of each (sub-)pixel that lie in the evidence,
    by the even-odd rule in each part.
    """
    width, height = size
    found = np.zeros((height * fine, width * fine), np.bool_)
    if isinstance(evidence, Bitmap):
        rows, columns = evidence.mask.shape
        found[evidence.y : evidence.y + rows, evidence.x : evidence.x + columns] = evidence.mask
        return found
    x = (np.arange(width * fine) + 0.5) / fine
    y = (np.arange(height * fine) + 0.5) / fine
    for part in evidence.parts:
        odd = np.zeros_like(found)
        for ring in part:
            for (x0, y0), (x1, y1) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
                rows_crossed = (y0 <= y) != (y1 <= y)
                if rows_crossed.any():
                    crossing = x0 + (y[rows_crossed] - y0) * (x1 - x0) / (y1 - y0)
                    odd[rows_crossed] ^= x[None, :] < crossing[:, None]
        found |= odd
    return found


def share(evidence: Evidence, size: tuple[int, int]) -> NDArray[np.float64]:
    """(height, width): the share of each pixel that the evidence covers."""
    if isinstance(evidence, Bitmap):
        return inside(evidence, size).astype(np.float64)
    points = inside(evidence, size, FINE)
    return points.reshape(size[1], FINE, size[0], FINE).mean(axis=(1, 3))


def rectangle(x0: float, y0: float, x1: float, y1: float) -> NDArray[np.float64]:
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], dtype=np.float64)


def _ellipse(cell: Sequence[float], corners: int, inner: float = 1.0, wave: float = 0.0) -> Part:
    x0, y0, x1, y1 = cell
    angle = np.linspace(0.0, 2.0 * np.pi, corners, endpoint=False)
    radius = inner * (1.0 + wave * np.sin(3.0 * angle)) / (1.0 + abs(wave))
    middle, half = ((x0 + x1) / 2.0, (y0 + y1) / 2.0), ((x1 - x0) / 2.0, (y1 - y0) / 2.0)
    return (
        np.column_stack(
            [middle[0] + half[0] * radius * np.cos(angle), middle[1] + half[1] * radius * np.sin(angle)]
        ),
    )


def evidence_in(kind: str, cell: tuple[int, int, int, int], rng: np.random.Generator) -> Evidence:
    """What an object of this category looks like in a cell (x0, y0, x1, y1) of whole pixels."""
    x0, y0, x1, y1 = cell
    width, height = x1 - x0, y1 - y0
    if kind == "box":
        return Outline.box(*cell)
    if kind == "frame":
        hole = rectangle(x0 + width // 3, y0 + height // 4, x1 - width // 4, y1 - height // 3)
        return Outline(((rectangle(*cell), hole[::-1].copy()),))
    if kind == "pair":
        cut = x0 + width // 2
        step = [
            (cut + 5, y0 + 9),
            (x1, y0 + 9),
            (x1, y1),
            (cut + 15, y1),
            (cut + 15, y1 - 20),
            (cut + 5, y1 - 20),
        ]
        return Outline(((rectangle(x0, y0, cut - 4, y1 - 7),), (np.array(step, dtype=np.float64),)))
    if kind == "blob":
        outer = _ellipse(cell, 24, wave=float(rng.uniform(-0.15, 0.15)))
        return Outline(((*outer, *(ring[::-1].copy() for ring in _ellipse(cell, 16, inner=0.35))),))
    if kind == "stain":
        mask = inside(Outline((_ellipse((0, 0, width, height), 40),)), (width, height))
        mask[height // 3 : height // 2, width // 3 : width // 2] = False
        return Bitmap(mask, x0, y0)
    if kind == "tilted":
        middle, half = np.array([(x0 + x1) / 2.0, (y0 + y1) / 2.0]), min(width, height) / 2.0
        angle, flat = rng.uniform(0.1, 1.4), rng.uniform(0.7, 1.0)
        long, short = half * np.cos(0.7 * flat), half * np.sin(0.7 * flat)
        along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
        corners = [a * long * along + b * short * across for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
        return Outline(((middle + np.array(corners),),), "rotated")
    return Outline((_ellipse(cell, 32),))


def _keypoints(cell: tuple[int, int, int, int]) -> NDArray[np.float64]:
    x0, y0, x1, y1 = cell
    width, height = x1 - x0, y1 - y0
    places = ((0.5, 0.76), (0.3, 0.35), (0.7, 0.42))
    return np.array([(x0 + round(a * width), y0 + round(b * height), 2.0) for a, b in places])


def scene(number: int, rng: np.random.Generator, kinds: Sequence[str]) -> Scene:
    """Scene `number` with one object of each of four kinds, in the cells of a 2 x 2 grid."""
    width, height = int(rng.integers(235, 345)), int(rng.integers(235, 345))
    first = 2 + number * (1 + OBJECTS + len(POINTS))
    image = np.empty((height, width, 3), np.float64)
    image[...] = PALETTE[first]
    mask = np.zeros((height, width), np.uint8)
    painted = []
    for place, (kind, (column, row)) in enumerate(zip(kinds, np.ndindex(2, 2), strict=True)):
        left, top = column * (width // 2), row * (height // 2)
        low = 0 if rng.random() < 0.2 else 5  # some begin at the picture's own border
        x0, y0 = left + (low if not column else 5), top + (low if not row else 5)
        x1 = left + width // 2 - 5 - int(rng.integers(0, width // 9))
        y1 = top + height // 2 - 5 - int(rng.integers(0, height // 9))
        cell = (x0, y0, x1, y1)
        points = _keypoints(cell) if kind in TWINS else None
        dots = tuple(range(first + 1 + OBJECTS, first + 1 + OBJECTS + len(POINTS))) if kind in TWINS else ()
        thing = Thing(kind, evidence_in(kind, cell, rng), points, id=number * OBJECTS + place + 1)
        painted.append(Painted(thing, first + 1 + place, dots))
        _paint(image, share(thing.evidence, (width, height)), first + 1 + place)
        mask[inside(thing.evidence, (width, height))] = NUMBER[kind]
        for dot, (x, y, _) in zip(dots, points if points is not None else (), strict=True):
            disc = _ellipse((x - DOT, y - DOT, x + DOT, y + DOT), 24)
            _paint(image, share(Outline((disc,)), (width, height)), dot)
    return Scene(f"s{number}", np.rint(image).astype(np.uint8), mask, tuple(painted), first)


def _paint(image: NDArray[np.float64], covered: NDArray[np.float64], colour: int) -> None:
    image += (PALETTE[colour] - image) * covered[..., None]


def world(seed: int, kinds: Sequence[str] = NAMES, twins: bool = True) -> World:
    """Four scenes of objects of these kinds; with `twins` one in each scene has keypoints."""
    rng = np.random.default_rng(seed)
    return World(tuple(scene(number, rng, list(_chosen(kinds, twins, rng))) for number in range(SCENES)))


def _chosen(kinds: Sequence[str], twins: bool, rng: np.random.Generator) -> Iterator[str]:
    plain, sided = [k for k in kinds if k not in TWINS], [k for k in kinds if k in TWINS]
    chosen = [plain[int(rng.integers(len(plain)))] for _ in range(OBJECTS)] if plain else []
    if twins and sided:
        chosen = [*chosen[: OBJECTS - 1], sided[int(rng.integers(len(sided)))]]
    order = rng.permutation(len(chosen))
    yield from (chosen[index] for index in order)
