"""Which CSV files of a dataset hold its labels, and which split each is about.

root/annotations.csv                 all images
root/train.csv  root/val_labels.csv  one file per split
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from augcli import storage
from augcli.errors import Problem, UsageError
from augcli.formats.csv.header import Header, read_header
from augcli.formats.source import Source
from augcli.formats.splits import role

_NOT_OURS = frozenset({"metadata.csv"})
_AFFIX = re.compile(r"[-_ ]?(?:labels?|annotations?|bbox(?:es)?|boxes|data)[-_ ]?", re.IGNORECASE)


@dataclass(frozen=True)
class Table:
    """A file, the folder it lies in below the root, the split that its name says, its columns."""

    path: Path
    folder: str
    split: str
    header: Header


def sniff(root: Path) -> int:
    """Sure of CSV files at the root whose first row is a header of labels."""
    return 70 if any(_header(path) for path in _files(root)) else 0


def _files(root: Path) -> list[Path]:
    try:
        names = storage.names(root)
    except OSError:
        return []
    return [root / name for name in names if name.lower().endswith(".csv") and name not in _NOT_OURS]


def _header(path: Path) -> Header | None:
    try:
        with path.open("rb") as file:
            line = file.read(1 << 16).removeprefix(b"\xef\xbb\xbf").split(b"\n")[0]
        return read_header(next(csv.reader([line.decode().rstrip("\r")]), []))
    except (OSError, ValueError, csv.Error):
        return None


def label_tables(source: Source) -> Iterator[Table]:
    """The files of labels. Raises `UsageError` where there is none, or several that are no splits."""
    place = Path(source.annotations or source.path)
    paths = [place] if place.is_file() else _files(place)
    headers = {path: header for path in paths if (header := _header(path))}
    if place.is_file() and not headers:
        what = "is no table of labels: its first row names no columns for image and label"
        raise UsageError(Problem(str(place), what, "the header is `image,label` or `image,xmin,ymin,...`"))
    if not headers:
        raise UsageError(Problem(str(place), "no CSV file of labels found", "input.annotations names it"))
    splits = {path: _split_of(path) for path in headers}
    if len(headers) > 1:
        others = [path for path, split in splits.items() if not split]
        if others or len(set(splits.values())) < len(splits) or len({h.boxes for h in headers.values()}) > 1:
            names = ", ".join(path.name for path in headers)
            what = f"several files of labels that are not one per split: {names}"
            raise UsageError(Problem(str(place), what, "input.annotations names the one to read"))
    for path, header in headers.items():
        inside = os.path.relpath(path.parent, source.path).replace(os.sep, "/")
        folder = "" if inside == "." or inside.startswith("..") else inside
        yield Table(path, folder, splits[path] if len(headers) > 1 else "", header)


def _split_of(path: Path) -> str:
    """The split that a file's name says: `train.csv`, `train_labels.csv`, `annotations-val.csv`."""
    name = _AFFIX.sub("", path.stem)
    return name if role(name) else ""
