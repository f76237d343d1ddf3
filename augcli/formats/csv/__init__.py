"""CSV: one class per image, or one box per row, edges in pixels as torchvision and TensorFlow have them.

`header` says what columns mean, `tables` finds the files, `reading` lists and judges, `writing` makes the one
file of an output.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from augcli.formats.contract import OF_OBJECTS
from augcli.formats.csv.reading import entries
from augcli.formats.csv.tables import sniff
from augcli.sample import Dataset, Entry

if TYPE_CHECKING:
    from augcli.formats.contract import ImageLabels, LabelFile, Output

__all__ = ["HOLDS", "entries", "finish", "holds", "home", "label_files", "labels", "place", "sniff"]

HOLDS = frozenset({"classes", "boxes", "attributes", "columns"})
"""What one dataset or another can hold; see `holds`."""


def holds(dataset: Dataset) -> frozenset[str]:
    """What an output of this dataset holds: rows are of boxes, or of images."""
    return HOLDS & OF_OBJECTS if dataset.holds & OF_OBJECTS else HOLDS - OF_OBJECTS


def labels(entry: Entry, dataset: Dataset) -> ImageLabels:
    """The boxes of an image."""
    from augcli.formats.contract import ImageLabels
    from augcli.objects import NOTHING, Objects, Outline, Thing

    if not entry.labels:
        return ImageLabels(NOTHING)
    packed = json.loads(entry.labels)
    things = [Thing(name, Outline.box(*box), extra=extra) for name, box, extra in packed["objects"]]
    return ImageLabels(Objects.of(things), tuple(packed["size"]) if packed["size"] else None)


def label_files(dataset: Dataset, output: Output) -> tuple[LabelFile, ...]:
    """None: the labels of all images stand in one file."""
    return ()


def home(split: str) -> str:
    """The folder of a split's images."""
    return split


def place(key: str, label: str | None) -> tuple[str, str]:
    """(class folder or "", path below it): the tree stays as it is."""
    return "", key


def finish(
    dataset: Dataset, rows: Iterable[Mapping[str, Any]], mixes: bool
) -> Iterator[tuple[str, Iterator[bytes]]]:
    """`annotations.csv`; of an image with several classes it names the heaviest."""
    from augcli.formats.csv import writing

    return writing.files(dataset, rows, mixes)
