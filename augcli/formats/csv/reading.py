"""Listing a dataset whose labels stand in a CSV file: images, classes or boxes, every row judged.

    root/annotations.csv                 all images; a `split` column, or folders called like splits
    root/train.csv  root/val_labels.csv  one file per split

A row names its image relative to the file, to the dataset, or by the end of its path where that is unique.
"""

from __future__ import annotations

import csv
import io
import json
import os
import posixpath
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from augcli.errors import Problem, UsageError, number_of
from augcli.formats.beside import content, leaves
from augcli.formats.csv.header import BOX, is_number
from augcli.formats.csv.tables import Table, label_tables
from augcli.formats.invalid import Judge
from augcli.formats.source import Source
from augcli.formats.splits import Splits, find_splits
from augcli.formats.tree import Found, in_order, refuse_nothing, scan, shortened
from augcli.sample import Category, Dataset, Entry

MAX_BYTES = 4 << 30
_WHOLE = re.compile(r"-?(?:0|[1-9]\d{0,17})")


@dataclass
class _Image:
    """What the rows of one image say."""

    split: str
    found: Found
    where: str
    label: str = ""
    size: tuple[int, int] | None = None
    objects: list[list[Any]] = field(default_factory=list)
    extra: tuple[tuple[str, Any], ...] = ()


def entries(source: Source) -> tuple[Dataset, list[Entry]]:
    """List the images and their rows. Raises `UsageError` with all that is wrong."""
    tables = list(label_tables(source))
    listing = scan(source, {table.path.name for table in tables})
    reading = _Reading(source, listing.images, [table.split for table in tables])
    for table in tables:
        reading.read(table)
    reading.look_at_the_whole(str(tables[0].path))
    if problems := reading.problems + reading.judge.problems:
        raise UsageError(shortened(problems))
    made = []
    names: set[str] = set()
    for path, image in reading.images.items():
        key = path.removeprefix(f"{image.split}/") if image.split else path
        if source.wants(path, key):
            made.append(reading.entry(key, image))
            names.update(row[0] for row in image.objects)
        else:
            listing.ignored["excluded"] += 1
    listing.ignored["label files"] += len(listing.labels)
    loose = [found.path for found in listing.images if found.path not in reading.images]
    refuse_nothing(source, len(made), listing.ignored)
    notes = reading.notes
    if loose:
        who = number_of(len(loose), "image stands in no row and is", "images stand in no row and are")
        notes.append(f"{who} left out (first: {loose[0]})")
    first = tables[0].header
    classes = {name for entry in made for name, _ in entry.classes}
    dataset = Dataset(
        format="csv",
        classes=tuple(sorted(classes, key=os.fsencode)),
        columns=() if first.boxes else tuple(first.extra),
        attributes=tuple(first.extra) if first.boxes else (),
        ignored={kind: count for kind, count in sorted(listing.ignored.items()) if count},
        notes=(*notes, *reading.judge.notes()),
        numeric=bool(classes) and all(map(_WHOLE.fullmatch, classes)),
        categories=tuple(
            Category(name, number) for number, name in enumerate(sorted(names, key=os.fsencode), 1)
        ),
        holds=frozenset({"boxes"} if first.boxes else ()),
        info={"columns": [list(column) for column in first.columns], "header": first.given},
    )
    return dataset, in_order(made)


class _Reading:
    """Goes through the rows and gathers images and problems."""

    def __init__(self, source: Source, found: Sequence[Found], splits: Sequence[str]) -> None:
        self.judge = Judge(source.invalid)
        self.problems: list[Problem] = []
        self.images: dict[str, _Image] = {}
        self.notes: list[str] = []
        self._source = source
        self._real = os.path.realpath(source.path).rstrip("/") + "/"
        self._files = {one.path: one for one in found}
        self._ends: dict[str, list[str]] = {}
        for path in self._files:
            self._ends.setdefault(path.rpartition("/")[2], []).append(path)
        self._splits = Splits() if any(splits) else None
        self._fractions, self._most = False, 0.0

    def read(self, table: Table) -> None:
        """Take the rows of one file."""
        roles = table.header.roles
        if self._splits is None:
            self._splits = Splits() if "split" in roles else find_splits(self._source.path, list(self._files))
            self.notes += self._splits.notes
        try:
            text = content(str(table.path), MAX_BYTES)
        except ValueError as error:
            self.problems.append(Problem(str(table.path), str(error)))
            return
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        try:
            if table.header.given:
                next(reader)
            for cells in reader:
                where = f"{table.path}:{reader.line_num}"
                if len(cells) == len(table.header.columns):
                    self._row(table, cells, where)
                elif cells:
                    what = f"has {len(cells)} cells; there are {len(table.header.columns)} columns"
                    self.problems.append(Problem(where, what))
        except csv.Error as error:
            self.problems.append(Problem(f"{table.path}:{reader.line_num}", f"is not CSV: {error}"))

    def _row(self, table: Table, cells: Sequence[str], where: str) -> None:
        row = {name: cells[at].strip() for name, at in table.header.roles.items()}
        try:
            path = self._path(row["image"], table.folder, row.get("split", ""))
        except ValueError as error:
            self.judge.invalid(where, str(error))
            return
        if path is None:
            return
        split = row.get("split", table.split)
        if not split and self._splits is not None and "split" not in row:
            split = self._splits.divide(path)[0]
        if "split" in row and (not split or split in (".", "..") or "/" in split or "\0" in split):
            self.problems.append(Problem(where, f"the split {split!r} cannot be the name of a folder"))
            return
        image = self.images.get(path)
        if image is None:
            image = self.images[path] = _Image(split, self._files[path], where)
            image.size = _size(row)
        elif not table.header.boxes:
            self.judge.invalid(where, f"{row['image']!r} has a row already, at {image.where}")
            return
        elif image.split != split:
            what = f"{row['image']!r} is in two splits; it is in {image.split!r} at {image.where}"
            self.problems.append(Problem(where, what))
            return
        extra = {name: cells[at] for name, at in table.header.extra.items() if cells[at] != ""}
        if table.header.boxes:
            self._box(image, row, extra, where)
        else:
            image.label, image.extra = row["label"], tuple(extra.items())

    def _path(self, name: str, folder: str, split: str) -> str | None:
        """The path of the image of this name; None for an excluded one. Raises ValueError."""
        name = unicodedata.normalize("NFC", name)
        if "/" not in name:
            name = name.replace("\\", "/")
        if not name:
            raise ValueError("names no image")
        if leaves(name):
            raise ValueError(f"{name!r} leaves the dataset")
        name = posixpath.normpath(name)
        tried = [posixpath.join(folder, name), name, posixpath.join(split, name)]
        ends = [path for path in self._ends.get(name.rpartition("/")[2], ()) if path.endswith(f"/{name}")]
        found = next((path for path in tried if path in self._files), ends[0] if len(ends) == 1 else None)
        if found is None:
            if self._source.excludes(*tried):
                return None
            raise ValueError(
                f"several images are called {name!r}" if ends else f"the image {name!r} is not there"
            )
        if self._files[found].link and not os.path.realpath(self._files[found].file).startswith(self._real):
            raise ValueError(f"{name!r} is a link that leaves the dataset")
        return found

    def _box(self, image: _Image, row: dict[str, str], extra: dict[str, str], where: str) -> None:
        cells = [row[side] for side in BOX]
        if not any(cells) and not row["label"]:
            return  # an image without objects
        wrong = next((side for side in BOX if not is_number(row[side])), None)
        if wrong is not None:
            text = f"{wrong} {row[wrong][:40]!r} is no number" if row[wrong] else f"{wrong} is missing"
            self.judge.invalid(where, text)
            return
        if not row["label"]:
            self.judge.invalid(where, "a box without a label")
            return
        x0, y0, x1, y1 = map(float, cells)
        self._most = max(self._most, x1, y1)
        self._fractions = self._fractions or any(side % 1 for side in (x0, y0, x1, y1))
        box = self.judge.box((x0, y0, x1, y1), image.size, where)
        if box is not None:
            image.objects.append([row["label"], list(box), extra])

    def look_at_the_whole(self, where: str) -> None:
        """Boxes in shares of the image would all be taken for specks in its corner."""
        if self._fractions and self._most <= 1.0:
            what = "all coordinates lie between 0 and 1; pixels were expected"
            self.problems.append(
                Problem(where, what, "multiply them by the width and height of their images")
            )

    def entry(self, key: str, image: _Image) -> Entry:
        packed = b""
        if image.objects or image.size:
            fields = {"size": image.size, "objects": image.objects}
            packed = json.dumps(fields, separators=(",", ":")).encode("ascii")
        return Entry(
            image.split,
            key,
            image.found.file,
            classes=((image.label, 1.0),) if image.label else (),
            extra=image.extra,
            error=image.found.error,
            facts=image.found.facts,
            size=image.found.size,
            labels=packed,
            present=tuple(sorted({name for name, *_ in image.objects})),
        )


def _size(row: dict[str, str]) -> tuple[int, int] | None:
    """(width, height) as declared; None where they are missing."""
    try:
        width, height = int(float(row["width"])), int(float(row["height"]))
    except (KeyError, ValueError, OverflowError):
        return None
    return (width, height) if width > 0 and height > 0 else None
