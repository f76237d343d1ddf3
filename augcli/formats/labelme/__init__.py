"""LabelMe: a JSON file beside every image, with polygons, rectangles, circles, points and masks.

`reading` lists and judges, `opening` and `writing` are for workers, `shapes` are the shapes themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from augcli.formats.contract import ImageLabels, LabelFile, Output
from augcli.formats.labelme.reading import entries, sniff
from augcli.sample import Dataset, Entry

__all__ = ["HOLDS", "entries", "finish", "home", "label_files", "labels", "place", "settled", "sniff"]

HOLDS = frozenset({"boxes", "polygons", "parts", "instances", "keypoints", "attributes", "columns"})


def labels(entry: Entry, dataset: Dataset) -> ImageLabels:
    """The objects of an image; see `opening.labels`."""
    from augcli.formats.labelme import opening

    return opening.labels(entry, dataset)


def label_files(dataset: Dataset, output: Output) -> tuple[LabelFile, ...]:
    """The label file of an output; see `writing.label_files`."""
    from augcli.formats.labelme import writing

    return writing.label_files(dataset, output)


def settled(dataset: Dataset) -> list[str]:
    """The fields that shapes have also where they say nothing."""
    return list(dataset.info.get("usual", ()))


def home(split: str) -> str:
    """The folder of a split's images."""
    return split


def place(key: str, label: str | None) -> tuple[str, str]:
    """(class folder or "", path below it): the tree stays as it is."""
    return "", key


def finish(
    dataset: Dataset, rows: Iterable[Mapping[str, Any]], mixes: bool
) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Nothing: every image has its own file."""
    return iter(())
