"""The image records of a COCO file: which file each one means, its key, its size, what is carried over."""

from __future__ import annotations

import os
import posixpath
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from augcli.formats.coco.layout import key_of
from augcli.formats.source import Source
from augcli.formats.tree import Found
from augcli.images.kinds import kind_of, why_unsupported

OWN = ("file_name", "width", "height")
"""Fields that are made anew for every output; all others are carried over, the id under `id`."""

MOST_PIXELS = 1 << 30
"""An image that a file declares to be larger is no image."""


class Outside(ValueError):
    """The name of an image leaves the dataset."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One image record; `texts` collects its annotations.

    size   (width, height) as declared; None where the file does not say
    extra  ((field, value), ...) carried over
    kinds  collects the ids of their categories
    """

    key: str
    found: Found
    size: tuple[int, int] | None
    extra: tuple[tuple[str, Any], ...]
    texts: list[bytes] = field(default_factory=list)
    kinds: set[int] = field(default_factory=set)


class Files:
    """The image files below a root, by path; remembers which of them were named."""

    def __init__(self, source: Source, images: Iterable[Found]) -> None:
        self.named: set[str] = set()
        self._source = source
        self._found = {found.path: found for found in images}
        self._real = os.path.realpath(source.path).rstrip("/") + "/"
        self._inside: dict[str, bool] = {}

    def find(self, name: str, folders: Sequence[str]) -> Found:
        """The file of this name, relative to the first folder that has it; else one that vanished.

        Raises `Outside` for one that is not below the root.
        """
        paths = [posixpath.join(folder, name) for folder in folders]
        found = next((self._found[path] for path in paths if path in self._found), None)
        if found is not None:
            if found.link and not os.path.realpath(found.file).startswith(self._real):
                raise Outside(f"{name!r} is a link that leaves the dataset")
            return found
        if not all(self._is_inside(posixpath.dirname(path)) for path in paths):
            raise Outside(f"{name!r} lies behind a link that leaves the dataset")
        path = next((path for path in paths if self._source.excludes(path)), paths[0])  # was not listed
        file = str(Path(self._source.path, path))
        if kind_of(name) == "unsupported":
            return Found(path, file, error="unsupported_format", facts=why_unsupported(name))
        return Found(path, file, error="vanished")

    def unnamed(self) -> list[str]:
        """Paths of the images that no record names, in order."""
        return [path for path, found in self._found.items() if path not in self.named and not found.error]

    def _is_inside(self, folder: str) -> bool:
        if folder not in self._inside:
            real = os.path.realpath(Path(self._source.path, folder))
            self._inside[folder] = f"{real}/".startswith(self._real)
        return self._inside[folder]


def picture(record: Mapping[str, Any], files: Files, split: str, folders: Sequence[str]) -> Picture:
    """The image of a record. Raises ValueError with what is wrong with it, `Outside` for its path."""
    number, name = record.get("id"), record.get("file_name")
    if isinstance(number, bool) or not isinstance(number, int | str):
        raise ValueError(f"id {number!r} is neither a whole number nor text")
    if not isinstance(name, str) or not name:
        raise ValueError("file_name is missing")
    name = unicodedata.normalize("NFC", name)
    if "\\" in name and "/" not in name:
        name = name.replace("\\", "/")
    if "\0" in name or name.startswith("/") or ".." in name.split("/") or name[1:3] == ":/":
        raise Outside(f"{record['file_name']!r} leaves the dataset")
    name = posixpath.normpath(name)
    if kind_of(posixpath.basename(name)) is None:
        raise ValueError(f"{name!r} is no image file")
    size = _size(record)
    extra = tuple((key, value) for key, value in record.items() if key not in OWN)
    return Picture(key_of(name, split), files.find(name, folders), size, extra)


def _size(record: Mapping[str, Any]) -> tuple[int, int] | None:
    """(width, height); 0 and null stand for a size that is not known."""
    width, height = record.get("width"), record.get("height")
    if not width and not height:
        return None
    for value in (width, height):
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1 or value < 1:
            raise ValueError(f"width {width!r} and height {height!r} are no size in pixels")
    assert isinstance(width, int | float) and isinstance(height, int | float)
    if width * height > MOST_PIXELS:
        raise ValueError(f"{width} x {height} pixels are no size of an image")
    return int(width), int(height)
