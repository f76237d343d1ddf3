"""YOLO text labels as Ultralytics has them: boxes, polygons, poses, rotated boxes, one kind in a dataset.

    data.yaml              names, places of the splits, kpt_shape, flip_idx, task
    images/<split>/x.jpg
    labels/<split>/x.txt   one row for each object; empty or missing: background

Read are also the trees of Roboflow and Darknet, list files, and datasets without data.yaml. The task is what
data.yaml's `task:` or `kpt_shape:` says, else what the rows look like. Outputs say `task:`, which Ultralytics
passes over. A row is one closed line: holes and parts are joined by bridges, instance masks are traced, so
the pixels stay right while the structure is lost. Classes of other formats are numbered anew from 0, in the
order of `Dataset.categories`.

Nothing here knows how labels are moved or which images are made.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from augcli.formats.yolo.config import FILES
from augcli.formats.yolo.declaring import TASK_HOLDS, data_yaml, home, kind_of
from augcli.formats.yolo.listing import entries
from augcli.formats.yolo.places import label_of
from augcli.sample import Dataset, Entry

if TYPE_CHECKING:
    from augcli.formats.contract import ImageLabels, LabelFile, Output

__all__ = [
    "HOLDS",
    "entries",
    "finish",
    "holds",
    "home",
    "label_files",
    "labels",
    "place",
    "settled",
    "sniff",
]

HOLDS = frozenset({"boxes", "rotated", "polygons", "keypoints"})
"""What one dataset or another can hold; see `holds`."""

KEEPS = frozenset({"sides"})

_SAYS_CLASSES = re.compile(rb"^(?:names|nc)[ \t]*:", re.MULTILINE)
_SAYS_PLACES = re.compile(rb"^(?:train|val)[ \t]*:", re.MULTILINE)
_SNIFFED = 1 << 16


def holds(dataset: Dataset) -> frozenset[str]:
    """What an output of this dataset holds: all its rows are of one task (poses have no polygons, ...)."""
    return TASK_HOLDS[kind_of(dataset).task]


def settled(dataset: Dataset) -> list[Any]:
    """The kind of rows that label files have."""
    return list(dataclasses.astuple(kind_of(dataset)))


def sniff(root: Path) -> int:
    """Sure of a data.yaml with classes and places; fairly sure of label text beside images."""
    for name in FILES:
        try:
            with (root / name).open("rb") as file:
                head = file.read(_SNIFFED)
        except OSError:
            continue
        if _SAYS_CLASSES.search(head) and _SAYS_PLACES.search(head):
            return 95
    for images, label_tree in (("images", "labels"), ("*/images", "*/labels")):
        pair = next(root.glob(images), None), next(root.glob(label_tree), None)
        if all(pair) and any(next(root.glob(f"{label_tree}/{way}"), None) for way in ("*.txt", "*/*.txt")):
            return 80
    return 0


def labels(entry: Entry, dataset: Dataset) -> ImageLabels:
    """The objects of one image, in shares of its upright width and height."""
    from augcli.formats.contract import ImageLabels
    from augcli.formats.yolo.text import objects_of

    names = [category.name for category in dataset.categories]
    return ImageLabels(objects_of(entry.labels.decode("ascii"), kind_of(dataset), names), relative=True)


def place(key: str, label: str | None) -> tuple[str, str]:
    """(class folder or "", path below it): classes stand in label files, the tree stays as it is."""
    return "", key


def label_files(dataset: Dataset, output: Output) -> tuple[LabelFile, ...]:
    """The label file of one output; empty for background."""
    from augcli.formats.contract import LabelFile
    from augcli.formats.yolo.text import text_of

    numbers = {category.name: number for number, category in enumerate(dataset.categories)}
    text = text_of(output.objects, output.boxes, output.size, kind_of(dataset), numbers)
    return (LabelFile("labels", label_of(output.path), text.encode("ascii")),)


def finish(
    dataset: Dataset, rows: Iterable[Mapping[str, Any]], mixes: bool
) -> Iterator[tuple[str, Iterator[bytes]]]:
    """`data.yaml`; see `Format.finish`."""
    splits = {str(row["split"]) for row in rows if row["status"] == "ok"}
    yield "data.yaml", data_yaml(dataset, splits)
