"""What the labels of originals and copies are like: objects, keypoints, mixtures of classes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from augcli.report.histogram import Histogram
from augcli.report.sampling import Least

Row = Mapping[str, Any]

GRID = 16
"""Places on a side of the map of box centres."""

PAIRS = 2000
"""Different pairs of mixed classes that are counted by name."""

WORST = 12
"""Rows that are kept for the gallery of the least visible objects."""


@dataclass
class Things:
    """The objects of many images.

    size      square root of the share of the frame that the box covers: 0.1 is a tenth of a side
    aspect    width / height of the box
    visible   share of the original object
    per_image objects of an image
    places    GRID x GRID counts of box centres, row by row from the top left
    points    visibility of keypoints (0 not labelled, 1 hidden, 2 visible) -> number
    categories  (split, category) -> objects
    """

    count: int = 0
    images: int = 0
    labelled: int = 0
    categories: Counter[tuple[str, str]] = field(default_factory=Counter)
    containing: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    size: Histogram = field(default_factory=Histogram)
    aspect: Histogram = field(default_factory=Histogram)
    visible: Histogram = field(default_factory=Histogram)
    per_image: Histogram = field(default_factory=Histogram)
    places: list[int] = field(default_factory=lambda: [0] * (GRID * GRID))
    points: Counter[int] = field(default_factory=Counter)
    hardly: int = 0
    """Objects of which less than `LITTLE` is visible."""

    def add(self, objects: list[Mapping[str, Any]], split: str, width: int, height: int) -> None:
        """Count the objects of one image."""
        self.images += 1
        self.labelled += bool(objects)
        self.per_image.add(len(objects))
        self.containing.update({thing["category"] for thing in objects})
        for thing in objects:
            self.count += 1
            self.categories[split, thing["category"]] += 1
            self.kinds[thing["kind"]] += 1
            visible = float(thing.get("visible", 1.0))
            self.visible.add(visible)
            self.hardly += visible < LITTLE
            self.points.update(map(int, thing.get("keypoints", ())[2::3]))
            if "bbox" in thing:
                self._box(thing["bbox"], width, height)

    def _box(self, box: list[float], width: int, height: int) -> None:
        x0, y0, x1, y1 = box
        if x1 <= x0 or y1 <= y0 or width <= 0 or height <= 0:
            return
        self.size.add(math.sqrt((x1 - x0) * (y1 - y0) / (width * height)))
        self.aspect.add((x1 - x0) / (y1 - y0))
        column = min(GRID - 1, max(0, int((x0 + x1) / 2.0 / width * GRID)))
        row = min(GRID - 1, max(0, int((y0 + y1) / 2.0 / height * GRID)))
        self.places[row * GRID + column] += 1


LITTLE = 0.3
"""Share of an object below which it counts as hardly visible (a convention)."""


@dataclass
class Labelling:
    """Labels over rows.

    before, after  objects of originals, of copies
    dropped        reason -> objects of copies that did not stay
    lost           (split, category) -> the same
    emptied        copies all of whose objects were dropped
    mixed          copies with more than one class; `heaviest` is the weight of the largest, `pairs` the two
                   heaviest classes
    """

    before: Things = field(default_factory=Things)
    after: Things = field(default_factory=Things)
    dropped: Counter[str] = field(default_factory=Counter)
    lost: Counter[tuple[str, str]] = field(default_factory=Counter)
    emptied: int = 0
    mixed: int = 0
    heaviest: Histogram = field(default_factory=Histogram)
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    partnered: Counter[str] = field(default_factory=Counter)
    passed_over: int = 0
    least_visible: Least = field(default_factory=lambda: Least(WORST))

    def add(self, row: Row, original: Row | None) -> None:
        """Count one finished output; `original` is that of its source, where it was kept."""
        labels = row["labels"]
        objects = labels.get("objects")
        if objects is not None:
            width, height = row["size"] or (0, 0)
            (self.after if row["copy"] else self.before).add(objects, row["split"], width, height)
        if not row["copy"]:
            return
        if row["dropped"]:
            self.dropped.update(each["reason"] for each in row["dropped"])
            self.lost.update((row["split"], each["category"]) for each in row["dropped"])
            self.emptied += not objects
        if objects:
            least = min(float(thing.get("visible", 1.0)) for thing in objects)
            if least < 1.0:
                self.least_visible.add(least, row, original)
        if len(labels["classes"]) > 1:
            self._mixture(labels)
        for partner in row["partners"]:
            if "error" in partner:
                self.passed_over += 1
        for step in {partner["step"] for partner in row["partners"] if "error" not in partner}:
            self.partnered[step] += 1

    def _mixture(self, labels: Mapping[str, Any]) -> None:
        self.mixed += 1
        ordered = sorted(zip(labels["weights"], labels["classes"], strict=True), key=lambda w: (-w[0], w[1]))
        self.heaviest.add(float(ordered[0][0]))
        first, second = sorted(str(name) for _, name in ordered[:2])
        if (first, second) in self.pairs or len(self.pairs) < PAIRS:
            self.pairs[first, second] += 1
