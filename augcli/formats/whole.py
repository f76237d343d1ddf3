"""What formats of whole-image classes have of objects: nothing. Their modules take these functions."""

from __future__ import annotations

from augcli.formats.contract import ImageLabels, LabelFile, Output
from augcli.objects import NOTHING
from augcli.sample import Dataset, Entry


def labels(entry: Entry, dataset: Dataset) -> ImageLabels:
    """No objects."""
    return ImageLabels(NOTHING)


def home(split: str) -> str:
    """The folder of a split's images in an output: the split's own."""
    return split


def label_files(dataset: Dataset, output: Output) -> tuple[LabelFile, ...]:
    """No file beside an image."""
    return ()
