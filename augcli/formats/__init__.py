"""Dataset formats by name: each module reads one layout of images and labels, and writes it back.

The table names the modules without importing them. Formats know neither ops nor recipes: they take a
`Source` and give a `Dataset` with its entries; they take finished rows and give dataset-wide files.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol, cast

from augcli.errors import Problem, UsageError
from augcli.formats.source import Source
from augcli.sample import Dataset, Entry

__all__ = ["FORMATS", "RESERVED", "Format", "Source", "load", "read", "resolve"]

FORMATS: Mapping[str, str] = {"folders": "augcli.formats.folders", "hf": "augcli.formats.hf"}
"""Name of the format -> its module. Among equally sure formats the first listed wins."""

RESERVED = frozenset({"manifest.jsonl", "run.json", "metadata.jsonl"})
"""Names at the root of an output or of one of its splits that no image or class folder may take."""


class Format(Protocol):
    """What a format module offers."""

    @property
    def __name__(self) -> str: ...

    def sniff(self, root: Path) -> int:
        """How sure it is that this folder is of this format, 0 to 100. Reads a few names."""

    def entries(self, source: Source) -> tuple[Dataset, list[Entry]]:
        """Read names and label files, no pixel. Entries are sorted by the bytes of split and key.

        Raises `UsageError` with all that is wrong.
        """

    def place(self, key: str, label: str | None) -> tuple[str, str]:
        """(class folder or "", POSIX path below it) of an image in a split of an output."""

    def finish(
        self, dataset: Dataset, rows: Iterable[Mapping[str, Any]], mixes: bool
    ) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Yield (path below the output folder, its bytes in pieces) of each dataset-wide file.

        `rows` are the rows of the manifest, sorted; they are read once, as the pieces are asked for. So each
        file is to be consumed before the next is asked for. `mixes`: outputs may carry several classes.
        """


def load(name: str) -> Format:
    """The format of this name. Raises `UsageError` for a name that is not in the table."""
    if name not in FORMATS:
        near = difflib.get_close_matches(name, FORMATS, 1)
        remedy = f"did you mean {near[0]}?" if near else f"known formats are {', '.join(FORMATS)}"
        raise UsageError(Problem("", f"unknown dataset format {name!r}", remedy))
    return cast(Format, importlib.import_module(FORMATS[name]))


def resolve(name: str, root: Path) -> str:
    """The name of the format to read `root` with; `auto` asks every format and takes the surest."""
    if name != "auto":
        load(name)
        return name
    _refuse_unread_layouts(root)
    return max(FORMATS, key=lambda known: load(known).sniff(root))


def read(name: str, source: Source) -> tuple[Dataset, list[Entry]]:
    """`resolve` and `entries` in one."""
    return load(resolve(name, Path(source.path))).entries(source)


def _refuse_unread_layouts(root: Path) -> None:
    """Labels that lie in a tree beside the images would be lost, with `images` taken for a class."""
    for images, labels in (
        ("images", "labels"),
        ("images", "masks"),
        ("images", "annotations"),
        ("JPEGImages", "Annotations"),
    ):
        if (root / images).is_dir() and (root / labels).is_dir():
            raise UsageError(
                Problem(
                    str(root),
                    f"{images}/ beside {labels}/ looks like a format that is not read yet",
                    "to read it as class folders all the same, set input.format: folders",
                )
            )
