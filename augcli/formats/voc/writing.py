"""VOC label files of one output: its XML, and its masks where it has them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from augcli.formats.beside import stem
from augcli.formats.contract import LabelFile, Output, aside
from augcli.formats.voc.classes import VOID, class_numbers
from augcli.formats.voc.document import OWN, OWN_OF_OBJECTS, PART, WHOLE, Annotation, Box, Item, write
from augcli.formats.voc.reading import ANNOTATIONS, CLASSES, IMAGES, OBJECTS
from augcli.objects import Objects
from augcli.sample import Dataset

HIDDEN = 0.95
"""`occluded`: less than this share of what is in the box is seen (VOC2011 annotation guidelines: 5 %)."""

CUT = 0.85
"""`truncated`: less than this share of the object is in the box (VOC2011 annotation guidelines: 15-20 %)."""

_FOREIGN = {"folder": IMAGES, "source": {"database": "Unknown"}}
_FOREIGN_OBJECT = {"pose": "Unspecified", "truncated": 0, "difficult": 0}


def label_files(dataset: Dataset, output: Output) -> tuple[LabelFile, ...]:
    """The label files of one output. Raises ItemError for more objects or classes than a mask can number."""
    name = stem(output.path.removeprefix(f"{IMAGES}/"))
    files = [
        LabelFile("labels", f"{ANNOTATIONS}/{name}.xml", write(annotation_of(dataset, output), output.depth))
    ]
    outlined = bool(dataset.holds & {"polygons", "instances"})
    if output.mask is None and not outlined:
        return tuple(files)

    import numpy as np

    from augcli.formats.voc import masks

    whole = output.objects.select(_nested(output.objects)[-1])
    numbers = class_numbers(dataset.categories)
    classes = None
    if output.mask is not None:
        classes = masks.class_mask(output.mask, dataset.ignore)
    elif dataset.format != "voc" and numbers:
        classes = masks.class_mask_of(whole, numbers, output.size)
    if classes is not None:
        files.append(LabelFile("mask", f"{CLASSES}/{name}.png", masks.png(classes)))
    if outlined:
        void = None if output.mask is None else np.asarray(classes == VOID)
        evidence = [one if masks.shown(one) else None for one in whole.evidence]
        found = masks.instance_mask(evidence, output.size, void)
        files.append(LabelFile("instances", f"{OBJECTS}/{name}.png", masks.png(found)))
    return tuple(files)


def annotation_of(dataset: Dataset, output: Output) -> Annotation:
    """The XML of an output as data."""
    fields = dict(output.extra)
    if dataset.format != "voc":
        masked = output.mask is not None or bool(dataset.holds & {"polygons", "instances"})
        fields = {**_FOREIGN, "segmented": int(masked), **aside(fields, OWN)}
    if "path" in fields:
        fields["path"] = output.path
    return Annotation(posixpath.basename(output.path), output.size, fields, tuple(_items(dataset, output)))


def _items(dataset: Dataset, output: Output) -> Iterator[Item]:
    """The objects, each with its parts."""
    nested = _nested(output.objects)

    def whole(index: int) -> Item:
        parts = tuple(whole(part) for part in nested.get(index, ()))
        return replace(_item(dataset, output, index), parts=parts)

    return (whole(index) for index in nested[-1])


def _nested(objects: Objects) -> dict[int, list[int]]:
    """Row of an object -> rows of its parts; -1 -> rows of objects that are no part.

    A part whose object is gone stands for itself. A mosaic may hold an object twice: a part belongs to the
    last one above it.
    """
    nested: dict[int, list[int]] = {-1: []}
    wholes: dict[Any, int] = {}
    for index, extra in enumerate(objects.extra):
        nested.setdefault(wholes.get(extra.get(PART), -1), []).append(index)
        if WHOLE in extra:
            wholes[extra[WHOLE]] = index
    return nested


def _item(dataset: Dataset, output: Output, index: int) -> Item:
    objects = output.objects
    fields = {name: value for name, value in objects.extra[index].items() if name not in (WHOLE, PART)}
    if dataset.format != "voc" and PART not in objects.extra[index]:
        crowd = {"difficult": 1} if objects.crowd[index] else {}
        fields = {**_FOREIGN_OBJECT, **crowd, **aside(fields, OWN_OF_OBJECTS)}
    box = output.boxes[index]
    fields = _seen(fields, objects.visible[index], box, output.size)
    sides = box if dataset.info.get("fractions") else whole_pixels(box, output.size)
    return Item(objects.category[index], sides, fields)


def _seen(fields: dict[str, Any], visible: float, box: Box, size: tuple[int, int]) -> dict[str, Any]:
    """The flags as the output shows it: what an object lost at the frame is cut off, else hidden."""
    at_frame = box[0] <= 0.5 or box[1] <= 0.5 or box[2] >= size[0] - 0.5 or box[3] >= size[1] - 0.5
    if at_frame and visible < CUT and "truncated" in fields:
        return {**fields, "truncated": 1}
    if not at_frame and visible < HIDDEN and "occluded" in fields:
        return {**fields, "occluded": 1}
    return fields


def whole_pixels(box: Box, size: tuple[int, int]) -> Box:
    """The edges to whole pixels, at least one of them, inside the frame."""
    sides = []
    for low, high, limit in ((box[0], box[2], size[0]), (box[1], box[3], size[1])):
        first = min(max(round(low), 0), limit - 1)
        sides.append((float(first), float(min(max(round(high), first + 1), limit))))
    (x0, x1), (y0, y1) = sides
    return x0, y0, x1, y1
