"""COCO: one JSON file per split for all of its images, with instances and keypoints.

    root/annotations/instances_<split>.json     images in root/<split>/, root/images/<split>/ or root/images/
    root/annotations/person_keypoints_<split>.json
    root/<split>/_annotations.coco.json         images beside it (Roboflow)
    root/<any>.json                             images beside it, in root/images/ or root/data/

Holes are held through run lengths: COCO's polygons cannot have any, so an outline with holes is written as
a mask (`HOLDS`). Category ids are never renumbered. Unchanged originals keep the ids of image and
annotations, all others get new ones above the largest (`writing`).

The parts: `layout` finds files by their names, `document` opens JSON, `judging` checks one annotation,
`reading` lists a dataset, `opening` makes objects in the worker, `writing` makes the files of an output.
Listing with class folders asks every format for its `sniff`, so nothing heavy is imported before it is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from augcli.formats.coco.layout import home, sniff
from augcli.formats.source import Source
from augcli.sample import Dataset, Entry

if TYPE_CHECKING:
    from augcli.formats.contract import ImageLabels, LabelFile, Output

__all__ = ["HOLDS", "entries", "finish", "home", "label_files", "labels", "place", "sniff"]

HOLDS = frozenset(
    {"boxes", "polygons", "holes", "parts", "instances", "keypoints", "crowd", "ids", "attributes", "columns"}
)
"""What a COCO file can hold; `holes` as run lengths."""

KEEPS = frozenset({"fields", "skeletons"})


def entries(source: Source) -> tuple[Dataset, list[Entry]]:
    """List the images of the label files. Raises `UsageError` with all that is wrong in them."""
    from augcli.formats.coco.reading import read

    return read(source)


def labels(entry: Entry, dataset: Dataset) -> ImageLabels:
    """The objects of an entry, in pixels."""
    from augcli.formats.coco.opening import opened

    return opened(entry.labels, dataset.categories)


def place(key: str, label: str | None) -> tuple[str, str]:
    """("", key): the tree stays as it is."""
    return "", key


def label_files(dataset: Dataset, output: Output) -> tuple[LabelFile, ...]:
    """None: the labels of all images stand in one file."""
    return ()


def finish(
    dataset: Dataset, rows: Iterable[Mapping[str, Any]], mixes: bool
) -> Iterator[tuple[str, Iterator[bytes]]]:
    """One JSON file per split; see `Format.finish` and `writing`."""
    from augcli.formats.coco.writing import files

    return files(dataset, rows)
