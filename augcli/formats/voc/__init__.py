"""Pascal VOC: XML beside images, split lists, class masks and instance masks.

Outlines and instance masks of other formats become both kinds of masks, where there are at most 254 classes.

`reading` lists and judges, `opening` and `writing` are for workers, `document` is the XML itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from augcli.formats.contract import ImageLabels, LabelFile, Output
from augcli.formats.voc.classes import BACKGROUND, CLASSES, LABELMAP, VOID, class_numbers, labelmap
from augcli.formats.voc.imagesets import set_files
from augcli.formats.voc.reading import IMAGES, entries, sniff
from augcli.sample import Dataset, Entry

__all__ = ["HOLDS", "entries", "finish", "home", "label_files", "labels", "place", "settled", "sniff", "void"]

HOLDS = frozenset({"boxes", "semantic", "instances", "attributes", "columns"})


def labels(entry: Entry, dataset: Dataset) -> ImageLabels:
    """The objects of an image; see `opening.labels`."""
    from augcli.formats.voc import opening

    return opening.labels(entry, dataset)


def label_files(dataset: Dataset, output: Output) -> tuple[LabelFile, ...]:
    """The label files of an output; see `writing.label_files`."""
    from augcli.formats.voc import writing

    return writing.label_files(dataset, output)


def settled(dataset: Dataset) -> list[bool]:
    """What `writing` asks the dataset: whether sides are fractions, and whether all have instance masks."""
    return [bool(dataset.info.get("fractions")), "instances" in dataset.holds]


def void(dataset: Dataset) -> int | None:
    """VOC's 255, whatever the number was in the source's masks."""
    return None if dataset.ignore is None else VOID


def home(split: str) -> str:
    """The folder of a split's images: one for all, so names must be unique over all splits."""
    return IMAGES


def place(key: str, label: str | None) -> tuple[str, str]:
    """(class folder or "", path below it): the tree stays as it is."""
    return "", key


def finish(
    dataset: Dataset, rows: Iterable[Mapping[str, Any]], mixes: bool
) -> Iterator[tuple[str, Iterator[bytes]]]:
    """The lists of `ImageSets`, and what the numbers in masks mean where they are not VOC's own."""
    yield from set_files(rows, IMAGES)
    if "semantic" in dataset.holds:
        numbers = {one.name: one.id for one in dataset.categories}
    elif dataset.format != "voc" and dataset.holds & {"polygons", "instances"}:
        numbers = class_numbers(dataset.categories)
        numbers |= {} if BACKGROUND in numbers else {BACKGROUND: 0}
    else:
        return
    if any(CLASSES[number - 1 : number] != (name,) for name, number in numbers.items() if number):
        yield LABELMAP, iter([labelmap(numbers)])
