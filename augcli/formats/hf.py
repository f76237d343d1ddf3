"""Image folder with `metadata.jsonl` or `metadata.csv` (Hugging Face `imagefolder`).

A label file may stand in any folder; its `file_name` column is relative to that folder, as the client has
it. Columns that are read: `file_name`, `label` (text or whole number), or `classes` and `weights` (lists
of equal length, as outputs of mixing recipes have), and `objects`: boxes, see `object_column`. All others are
carried over as they are. As for the client, folders name no class here. Unlike the client, an image without
a row is refused, not dropped.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from augcli.errors import Problem, UsageError
from augcli.formats import object_column
from augcli.formats.columns import Labels, read_labels
from augcli.formats.contract import ImageLabels
from augcli.formats.invalid import RESTORE, Judge
from augcli.formats.rows import Row, read_rows
from augcli.formats.sealed import metadata_files
from augcli.formats.source import Source
from augcli.formats.splits import find_splits
from augcli.formats.tree import Found, Listing, in_order, refuse_nothing, scan, shortened
from augcli.formats.whole import home, label_files
from augcli.images.kinds import kind_of, why_unsupported
from augcli.sample import Dataset, Entry

__all__ = ["HOLDS", "entries", "finish", "home", "label_files", "labels", "place", "sniff"]

HOLDS = frozenset({"classes", "weights", "columns"}) | object_column.HOLDS

LABEL_FILES = ("metadata.jsonl", "metadata.csv", "metadata.parquet")


def sniff(root: Path) -> int:
    """Sure when a label file stands at the root or in a folder of it."""
    found = any(
        (root / name).is_file() or next(root.glob(f"*/{name}"), None) is not None for name in LABEL_FILES
    )
    return 90 if found else 0


def entries(source: Source) -> tuple[Dataset, list[Entry]]:
    """List the images and their rows. Raises `UsageError` with all that is wrong in the label files."""
    listing = scan(source, LABEL_FILES)
    _refuse_kinds(source, listing.labels)
    rows, problems = _all_rows(source, listing.labels)
    judge = Judge(source.invalid)
    objects = object_column.read_objects(rows, judge)
    labels = read_labels(objects.rows)
    named, more = _named(source, rows, listing, judge)
    problems += judge.problems + labels.problems + more
    if problems:
        raise UsageError(shortened(problems))

    labelled = {path.split("/")[0] for path in listing.labels if "/" in path}
    splits = find_splits(source.path, named, labelled)
    wanted = []
    for path, (index, found) in named.items():
        split, key = splits.divide(path)
        if source.wants(path, key):
            entry = _entry(split, key, found, labels, index)
            wanted.append(replace(entry, labels=objects.labels[index], present=objects.present[index]))
        else:
            listing.ignored["excluded"] += 1
    for found in _without_row(listing, named):
        split, key = splits.divide(found.path)
        if found.error is None and source.wants(found.path, key):
            where = str(Path(source.path, found.path))
            problems.append(Problem(where, "has no row in a label file", "add its row or exclude the image"))
        elif source.wants(found.path, key):
            wanted.append(_entry(split, key, found))
    if problems:
        raise UsageError(shortened(problems))
    refuse_nothing(source, len(wanted), listing.ignored)
    dataset = _dataset(wanted, labels, (*splits.notes, *judge.notes()), listing)
    if objects.categories or objects.info:
        dataset = replace(
            dataset,
            attributes=objects.attributes,
            categories=objects.categories,
            holds=objects.holds,
            info=objects.info,
        )
    return dataset, in_order(wanted)


def _dataset(wanted: list[Entry], labels: Labels, notes: tuple[str, ...], listing: Listing) -> Dataset:
    names = {name for entry in wanted for name, _ in entry.classes}
    if not names and not any(entry.labels for entry in wanted):
        notes += ("the label files have no label column: the images are unlabelled",)
    return Dataset(
        format="hf",
        classes=tuple(sorted(names, key=os.fsencode)),
        columns=labels.columns,
        ignored=dict(sorted({**listing.ignored, "label files": len(listing.labels)}.items())),
        notes=notes,
        numeric=labels.numeric,
        soft=any(len(entry.classes) > 1 for entry in wanted),
    )


def _entry(split: str, key: str, found: Found, labels: Labels | None = None, index: int = 0) -> Entry:
    return Entry(
        split,
        key,
        found.file,
        classes=labels.classes[index] if labels else (),
        extra=labels.extra[index] if labels else (),
        error=found.error,
        facts=found.facts,
        size=found.size,
    )


def labels(entry: Entry, dataset: Dataset) -> ImageLabels:
    """The boxes of an image."""
    return object_column.opened(entry)


def _refuse_kinds(source: Source, paths: list[str]) -> None:
    kinds = sorted({PurePosixPath(path).name for path in paths})
    if not kinds:
        what = f"no label file found ({', '.join(LABEL_FILES[:2])})"
        raise UsageError(Problem(source.path, what, "for class folders set input.format: folders"))
    if "metadata.parquet" in kinds:
        raise UsageError(Problem(source.path, "metadata.parquet is not read yet", "write metadata.jsonl"))
    if len(kinds) > 1:
        what = f"label files of two kinds: {' and '.join(kinds)}"
        raise UsageError(Problem(source.path, what, "keep one kind; readers refuse two"))


def _all_rows(source: Source, paths: list[str]) -> tuple[list[Row], list[Problem]]:
    rows: list[Row] = []
    problems: list[Problem] = []
    for path in paths:
        folder = unicodedata.normalize("NFC", path).rpartition("/")[0]
        read, wrong = read_rows(Path(source.path, path), folder)
        rows += read
        problems += wrong
    return rows, problems


def _named(
    source: Source, rows: list[Row], listing: Listing, judge: Judge
) -> tuple[dict[str, tuple[int, Found]], list[Problem]]:
    """Path below the root -> (index of its row, its file); rows without their image are told to `judge`."""
    files = {found.path: found for found in listing.images}
    root = os.path.realpath(source.path)
    named: dict[str, tuple[int, Found]] = {}
    problems: list[Problem] = []
    for index, row in enumerate(rows):
        name = row.values.get("file_name")
        wrong = _wrong_name(name)
        if not isinstance(name, str) or wrong:
            problems.append(Problem(row.where, *wrong))
            continue
        path = str(PurePosixPath(row.folder, unicodedata.normalize("NFC", name)))
        if source.excludes(path):
            continue
        found = files.get(path) or _missing(source, path)
        if (found.link or path not in files) and not _inside(found.file, root):
            problems.append(
                Problem(row.where, f"{name!r} is a link that leaves the dataset", "copy the file into it")
            )
        elif path in named:
            judge.invalid(row.where, f"{name!r} has a row already, at {rows[named[path][0]].where}")
        elif found.error == "vanished" and source.wants(path, name):
            judge.invalid(row.where, f"the image {name!r} is not there", RESTORE)
        else:
            named[path] = index, found
    return named, problems


def _wrong_name(name: object) -> tuple[str, ...]:
    """What is wrong with a `file_name`, and the remedy; () when nothing is."""
    if not isinstance(name, str) or not name:
        return "file_name is missing", "every row names its image, relative to the label file"
    if "\0" in name or name.startswith("/") or ".." in name.split("/"):
        return f"{name!r} leaves the dataset", "paths are relative to the label file and stay below it"
    if kind_of(name.rpartition("/")[2]) is None:
        return f"{name!r} is no image file", "rows name images only"
    return ()


def _missing(source: Source, path: str) -> Found:
    """What stands for a row whose image is not there."""
    file = str(Path(source.path, path))
    if kind_of(path.rpartition("/")[2]) == "unsupported":
        return Found(path, file, error="unsupported_format", facts=why_unsupported(path))
    return Found(path, file, error="vanished")


def _inside(file: str, root: str) -> bool:
    return os.path.realpath(file).startswith(root.rstrip("/") + "/")


def _without_row(listing: Listing, named: Mapping[str, object]) -> Iterator[Found]:
    return (found for found in listing.images if found.path not in named)


def place(key: str, label: str | None) -> tuple[str, str]:
    """(class folder or "", path below it): the tree stays as it is, labels stand in the label file."""
    return "", key


def finish(
    dataset: Dataset, rows: Iterable[Mapping[str, Any]], mixes: bool
) -> Iterator[tuple[str, Iterator[bytes]]]:
    """`metadata.jsonl` of every split; see `Format.finish`."""
    return metadata_files(dataset, rows, weights=mixes or dataset.soft)
