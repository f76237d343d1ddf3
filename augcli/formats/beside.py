"""Label files of which every image has its own (VOC's XML, LabelMe's JSON): found, read, paired with images.

Knows names and bytes; what stands in a label file is its format's matter.
"""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from collections.abc import Container
from dataclasses import dataclass, replace
from pathlib import Path

from augcli.errors import Problem, UsageError
from augcli.formats.source import Source
from augcli.formats.splits import Splits, find_splits
from augcli.formats.tree import Ending, Found, Listing, scan

IMAGE_FOLDERS = frozenset({"jpegimages", "images", "image", "imgs", "img"})
"""Folders, in lower case, that hold the images of a dataset or of a split and are no part of a key."""

LABEL_FOLDERS = frozenset({"annotations", "annotation", "xmls", "xml", "jsons", "json", "labels", "label"})
"""The same for label files."""


@dataclass(frozen=True, slots=True)
class File:
    """A label file: its POSIX path below the folder that was listed (NFC), and as the system knows it."""

    path: str
    file: str


@dataclass(frozen=True)
class Image:
    """An image of the dataset with its identity."""

    split: str
    key: str
    found: Found


@dataclass(frozen=True)
class Tree:
    """The images and the label files of a dataset.

    images   all of them, those that are not wanted too: a label file may be about one
    """

    images: list[Image]
    labels: list[File]
    splits: Splits
    ignored: Counter[str]


def list_tree(
    source: Source, ending: str, no_images: Container[str] = (), splits: Splits | None = None
) -> Tree:
    """List a dataset whose label files have this ending.

    no_images   folders, in lower case, whose pictures are no images of the dataset (masks)
    splits      what the split folders are; None: found by their names
    Raises `UsageError` where a folder cannot be listed, and for label files that lie outside of it.
    """
    listing = scan(replace(source, include=(), exclude=()), Ending(ending))
    labels = _files(source.path, listing)
    if source.annotations is None:
        listing.ignored["label files"] += len(labels)
    else:
        listing.ignored["other files"] += len(labels)
        labels = _files(source.annotations, scan(Source(source.annotations), Ending(ending)))
    labels = [label for label in labels if not source.excludes(label.path)]
    images = [found for found in listing.images if not _lies_in(found.path, no_images)]
    if any(_lies_in(found.path, ("jpegimages",)) for found in images):  # a devkit: the rest is something else
        images = [found for found in images if _lies_in(found.path, ("jpegimages",))]
    if splits is None:
        splits = find_splits(source.path, [without_folder(found.path, IMAGE_FOLDERS) for found in images])
    named = [Image(*identity(found.path, splits, IMAGE_FOLDERS), found) for found in images]
    return Tree(named, labels, splits, listing.ignored + Counter())  # without zeros


def _files(root: str, listing: Listing) -> list[File]:
    """The label files of a listing. Raises `UsageError` for links that leave the folder."""
    top = os.path.realpath(root)
    files = [File(unicodedata.normalize("NFC", raw), str(Path(root, raw))) for raw in listing.labels]
    problems = [
        Problem(label.file, "is a link that leaves the dataset", "copy the file into it")
        for label in files
        if Path(label.file).is_symlink() and not os.path.realpath(label.file).startswith(f"{top}/")
    ]
    if problems:
        raise UsageError(problems)
    return files


def identity(path: str, splits: Splits, folders: Container[str]) -> tuple[str, str]:
    """(split, key) of `images/train/x`, `train/images/x`, `train/x` and `images/x`."""
    path = without_folder(path, folders)
    first, _, rest = path.partition("/")
    return (first, rest) if rest and first in splits.names else ("", path)


def without_folder(path: str, folders: Container[str]) -> str:
    """The path without the first of its folders that is one of these."""
    parts = path.split("/")
    at = next((at for at, part in enumerate(parts[:-1]) if part.lower() in folders), None)
    return path if at is None else "/".join(parts[:at] + parts[at + 1 :])


def stem(path: str) -> str:
    """The path without the ending of its last name."""
    folder, slash, name = path.rpartition("/")
    base, dot, _ = name.rpartition(".")
    return f"{folder}{slash}{base if dot and base else name}"


class Stems:
    """Images by their names without ending, for label files to find theirs."""

    def __init__(self, tree: Tree) -> None:
        self._splits = tree.splits
        self._own: dict[tuple[str, str], list[Image]] = {}
        self._any: dict[str, list[Image]] = {}
        for image in tree.images:
            name = stem(image.key)
            self._own.setdefault((image.split, name), []).append(image)
            self._any.setdefault(name, []).append(image)

    def of(self, label: File) -> list[Image]:
        """The images that a label file may be about: of its split; of any, where it names none."""
        split, key = identity(label.path, self._splits, IMAGE_FOLDERS | LABEL_FOLDERS)
        name = stem(key)
        return self._own.get((split, name)) or ([] if split else self._any.get(name, []))

    def beside(self, label: File, filename: str) -> list[Image]:
        """The images of this file name in the place of a label file."""
        split, key = identity(label.path, self._splits, IMAGE_FOLDERS | LABEL_FOLDERS)
        folder = key.rpartition("/")[0]
        wanted = f"{folder}/{filename}" if folder else filename
        return [image for image in self._own.get((split, stem(wanted)), []) if image.key == wanted]


def content(file: str, limit: int) -> str:
    """The text of a label file. Raises ValueError: it cannot be read, is no UTF-8 text, is too large."""
    try:
        if Path(file).stat().st_size > limit:
            raise ValueError(f"is larger than {limit >> 20} MiB, which no label file of one image is")
        data = Path(file).read_bytes()
    except OSError as error:
        raise ValueError(f"cannot be read ({error.strerror})") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"is not UTF-8 text (line {data[: error.start].count(10) + 1})") from None


def leaves(name: str) -> bool:
    """Whether a path in a label file is absolute or goes up: none of ours does."""
    parts = name.replace("\\", "/").split("/")
    return "\0" in name or name.startswith(("/", "\\")) or parts[0].endswith(":") or ".." in parts


def _lies_in(path: str, folders: Container[str]) -> bool:
    return any(part.lower() in folders for part in path.split("/")[:-1])
