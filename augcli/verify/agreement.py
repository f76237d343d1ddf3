"""Whether the labels that a format's own reader finds are those of the row.

What every format keeps is compared: class names and weights of an image; of its objects the classes, their
boxes, and the keypoints that are labelled. What a format rounds, or writes in another form, may differ by
that much.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from augcli import formats
from augcli.attach import laid
from augcli.errors import ItemError
from augcli.images.measuring import Measure
from augcli.labels import boxes
from augcli.labels.plain import from_plain
from augcli.objects import Bitmap, Objects, Thing
from augcli.sample import Dataset, Entry, heaviest

Row = Mapping[str, Any]
Box = Sequence[float]

_WHOLE = 0.51
"""Pixels by which a format that writes whole pixels may move an edge (VOC), where an edge stays inside."""

_CLOSE = 2e-3
"""Pixels by which other formats may: COCO writes two decimals or more, YOLO nine of a share."""

_WEIGHT = 1e-6

_WITHOUT_CROWDS = {"yolo", "csv"}
"""Formats that leave regions of many (iscrowd) out: a row of theirs would say that it is one object."""


def disagreement(row: Row, entry: Entry, dataset: Dataset) -> str:
    """In words how the labels of a row and of what was read again differ; "" where they agree.

    entry, dataset   as the format that was written lists the output folder
    """
    labels = row["labels"]
    if labels["classes"] or entry.classes:
        return _classes(labels, entry, dataset.format)
    if "objects" not in labels or not formats.load(dataset.format).HOLDS & {"boxes", "polygons", "rotated"}:
        return ""
    size = row["size"][0], row["size"][1]
    try:
        told = [from_plain(plain) for plain in labels["objects"] if "bbox" in plain]
        for thing, plain in zip(told, (each for each in labels["objects"] if "bbox" in each), strict=True):
            if not max(abs(a - b) for a, b in zip(_box(thing), plain["bbox"], strict=True)) <= _CLOSE:
                return f"the box of a {thing.category} in its row is not that of its outline"
    except (ValueError, KeyError, OverflowError) as error:
        return f"an object of its row cannot be read ({type(error).__name__})"
    try:
        found = laid(entry, dataset, Measure(size, size, 1))
    except ItemError as error:
        return f"its labels cannot be read again: {error.text}"
    told = [thing for thing in told if not (thing.crowd and dataset.format in _WITHOUT_CROWDS)]
    return _objects(told, list(found.rows()), dataset.format)


def _classes(labels: Row, entry: Entry, form: str) -> str:
    told = dict(zip(labels["classes"], labels["weights"], strict=True))
    found = dict(entry.classes)
    if form == "folders":  # the folder says one class
        return "" if labels["label"] == entry.label else f"lies in the folder of {entry.label!r}"
    if len(found) == 1 and len(told) > 1:  # the format was told to write the heaviest alone
        told = {str(heaviest(told)): 1.0}
    same = told.keys() == found.keys() and all(abs(told[name] - found[name]) < _WEIGHT for name in told)
    return "" if same else f"the labels say {_shown(found)}, its row says {_shown(told)}"


def _objects(told: Sequence[Thing], found: Sequence[Thing], form: str) -> str:
    before, after = (Counter(thing.category for thing in things) for things in (told, found))
    if before != after:
        return f"the labels hold {_shown(after)}, its row says {_shown(before)}"
    for mine, theirs in _paired(told, found):
        over = [a - b for a, b in zip(_box(mine), _box(theirs), strict=True)]
        if form == "voc" and isinstance(theirs.evidence, Bitmap):  # in a mask the objects hide each other
            over = [max(side, 0.0) for side in over[:2]] + [min(side, 0.0) for side in over[2:]]
        if not max(map(abs, over)) <= _tolerance(mine, form):
            return f"a {mine.category} is at {_places(_box(theirs))}, its row says {_places(_box(mine))}"
        wrong = _keypoints(mine, theirs)
        if wrong:
            return wrong
    return ""


def _paired(told: Sequence[Thing], found: Sequence[Thing]) -> list[tuple[Thing, Thing]]:
    """Those of one class in the order of their boxes: a format may group them."""

    def place(thing: Thing) -> tuple[str, list[int]]:
        return thing.category, [round(side) for side in _box(thing)]

    same = all(one.category == other.category for one, other in zip(told, found, strict=True))
    if same:
        return list(zip(told, found, strict=True))
    return list(zip(sorted(told, key=place), sorted(found, key=place), strict=True))


def _tolerance(thing: Thing, form: str) -> float:
    box = _box(thing)
    if form == "voc" or (form == "labelme" and thing.evidence.bounds is not None and _is_drawn(thing)):
        return 1.0 + _WHOLE
    if form == "yolo" and max(box[2] - box[0], box[3] - box[1]) < 1.0:
        return 1.0
    return _CLOSE + 1e-6 * max(map(abs, box))


def _is_drawn(thing: Thing) -> bool:
    """Whether LabelMe has it as pixels: they begin and end with whole ones."""
    evidence = thing.evidence
    return isinstance(evidence, Bitmap) or any(len(part) > 1 for part in evidence.parts)


def _keypoints(mine: Thing, theirs: Thing) -> str:
    if mine.keypoints is None or theirs.keypoints is None or len(mine.keypoints) != len(theirs.keypoints):
        return ""
    for number, (a, b) in enumerate(zip(mine.keypoints.tolist(), theirs.keypoints.tolist(), strict=True), 1):
        if a[2] and b[2] and math.dist(a[:2], b[:2]) > 0.51:
            places = f"{_places(b[:2])}, its row says {_places(a[:2])}"
            return f"keypoint {number} of a {mine.category} is at {places}"
    return ""


def _box(thing: Thing) -> list[float]:
    (box,) = boxes(Objects.of([thing])).tolist()
    return [float(side) for side in box]


def _places(values: Sequence[float]) -> str:
    return "(" + ", ".join(f"{value:.6g}" for value in values) + ")"


def _shown(counts: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {count:.6g}" for name, count in sorted(counts.items())[:6]) or "nothing"
