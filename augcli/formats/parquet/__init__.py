"""Parquet tables of images, as Hugging Face has them: `data/train-00000-of-00001.parquet`.

A row is a sample: the image, as bytes or as a struct of bytes and path, and its columns. Which column is the
image, and the names of classes, stand in the schema's metadata `huggingface`; without it the first column
that can hold images is taken, and labels are as they are. Boxes stand in the column `objects`, see
`object_column`; other columns are carried over. Needs the extra `parquet`.

Outputs are staged as files and packed, a table per split, when the run is sealed: see `packing`.
"""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from augcli import storage
from augcli.errors import Problem, UsageError
from augcli.formats import object_column
from augcli.formats.columns import read_labels
from augcli.formats.contract import ImageLabels, LabelFile, Output
from augcli.formats.invalid import Judge
from augcli.formats.parquet.packing import held, pack
from augcli.formats.parquet.tables import Cell, Table, read_table
from augcli.formats.shard_splits import splits_of
from augcli.formats.source import Source
from augcli.formats.tree import in_order, is_file, refuse_nothing, shortened
from augcli.images.kinds import kind_of, why_unsupported
from augcli.images.members import parquet_cell
from augcli.images.parquet import arrow
from augcli.sample import Dataset, Entry

__all__ = [
    "HOLDS",
    "STAGED",
    "entries",
    "finish",
    "held",
    "home",
    "label_files",
    "labels",
    "pack",
    "place",
    "sniff",
]

HOLDS = frozenset({"classes", "weights", "columns"}) | object_column.HOLDS

STAGED = True
"""Outputs are staged (`formats.staging`); `pack` and `held` are there."""

NO_TABLE = frozenset({"metadata.parquet"})
"""Label files of image folders, which hold no images."""


def sniff(root: Path) -> int:
    """Sure when there are tables, at the root or one level below."""
    found = (*root.glob("*.parquet"), *root.glob("*/*.parquet"))
    return 75 if any(path.name not in NO_TABLE for path in found) else 0


def entries(source: Source) -> tuple[Dataset, list[Entry]]:
    """List the rows of all tables. Raises `UsageError` with everything that is wrong in them."""
    paths, ignored = _tables(source)
    arrow()
    splits = splits_of(source.path, list(paths))
    tables = {path: read_table(file) for path, file in paths.items()}
    problems = [problem for table in tables.values() for problem in table.problems]
    orders = {table.names for table in tables.values() if table.names}
    if len(orders) > 1 or len({table.categories for table in tables.values()}) > 1:
        problems.append(Problem(source.path, "the tables name their classes differently"))
    if problems:
        raise UsageError(shortened(problems))
    kinds = {table.categories for table in tables.values() if table.categories}
    rows = [row for table in tables.values() for row in table.rows]
    judge = Judge(source.invalid)
    objects = object_column.read_objects(rows, judge, next(iter(kinds), ()))
    columns = read_labels(objects.rows)
    if problems := [*judge.problems, *columns.problems]:
        raise UsageError(shortened(problems))
    wanted = []
    for index, (split, key, path, cell) in enumerate(_distinct(tables, splits)):
        if not source.wants(key, path):
            ignored["excluded"] += 1
            continue
        address = parquet_cell(paths[path], cell.row, tables[path].column)
        unsupported = kind_of(key) == "unsupported"
        wanted.append(
            Entry(
                split,
                key,
                address,
                classes=columns.classes[index],
                extra=columns.extra[index],
                error="unsupported_format" if unsupported else None,
                facts=why_unsupported(key) if unsupported else (),
                size=cell.size,
                labels=objects.labels[index],
                present=objects.present[index],
            )
        )
    refuse_nothing(source, len(wanted), +ignored)
    used = {name for entry in wanted for name, _ in entry.classes}
    told = sorted({split for split in splits.values() if split})
    notes = [f"splits found: {', '.join(told)}"] if told else []
    lost = dict.fromkeys(note for table in tables.values() for note in table.notes)
    dataset = Dataset(
        format="parquet",
        classes=tuple(sorted(used, key=os.fsencode)),
        columns=columns.columns,
        attributes=objects.attributes,
        ignored=dict(sorted((+ignored).items())),
        notes=(*notes, *lost, *judge.notes()),
        numeric=columns.numeric,
        soft=any(len(entry.classes) > 1 for entry in wanted),
        categories=objects.categories,
        holds=objects.holds,
        info=objects.info | ({"class_order": list(orders.pop())} if orders else {}),
    )
    return dataset, in_order(wanted)


def _tables(source: Source) -> tuple[dict[str, str], Counter[str]]:
    """Path of each table below the root -> the file; and what was passed over."""
    root = Path(source.path)
    if not root.is_dir():
        what = "is a file; the folder of the tables was expected" if root.exists() else "no such folder"
        raise UsageError(Problem(source.path, what, "input.path names the folder that holds the tables"))
    found: dict[str, str] = {}
    ignored = Counter[str]()
    top = os.path.join(os.path.realpath(root), "")
    for raw, entry in storage.files(root):
        path = unicodedata.normalize("NFC", raw)
        if any(part.startswith(".") for part in path.split("/")):
            ignored["dotfiles"] += 1
        elif source.excludes(path):
            ignored["excluded"] += 1
        elif not path.endswith(".parquet") or path.rpartition("/")[2] in NO_TABLE:
            ignored["other files"] += 1
        elif not is_file(entry) or not os.path.realpath(entry.path).startswith(top):
            what = "is no file of this dataset (a link that leaves it, a folder, a device)"
            raise UsageError(Problem(entry.path, what, "copy the file into it, or exclude it"))
        else:
            found[path] = entry.path
    if not found:
        remedy = "they are called data/train-00000-of-00001.parquet, ..."
        raise UsageError(Problem(source.path, "no Parquet tables found", remedy))
    return found, ignored


def _distinct(tables: Mapping[str, Table], splits: Mapping[str, str]) -> Iterator[tuple[str, str, str, Cell]]:
    """Where a split has a key twice, the table's name and the row's number go before all of its keys."""
    counts = Counter((splits[path], cell.key) for path, table in tables.items() for cell in table.cells)
    twice = {split for (split, _), count in counts.items() if count > 1}
    for path, table in tables.items():
        split = splits[path]
        above = path[: -len(".parquet")].removeprefix(f"{split}/")
        for cell in table.cells:
            key = f"{above}/{cell.row:06d}_{cell.key.rpartition('/')[2]}" if split in twice else cell.key
            yield split, key, path, cell


def labels(entry: Entry, dataset: Dataset) -> ImageLabels:
    """The boxes of an image."""
    return object_column.opened(entry)


def home(split: str) -> str:
    """The folder of a split's images in the stage."""
    return split


def place(key: str, label: str | None) -> tuple[str, str]:
    """("", key): the class stands in a column."""
    return "", key


def label_files(dataset: Dataset, output: Output) -> tuple[LabelFile, ...]:
    """None: labels are columns, made from the rows."""
    return ()


def finish(
    dataset: Dataset, rows: Iterable[Mapping[str, Any]], mixes: bool
) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Nothing beside the tables, which come from `pack`."""
    return iter(())
