"""Tar shards (WebDataset): `train-000000.tar` with `key.jpg`, `key.cls`, `key.json` for every sample.

A sample is labelled by `key.cls`, a class's number or name, or by `key.json`, whose fields are those of a
row of `metadata.jsonl` (label, or classes and weights; others are carried over). Numbers are looked up in
`classes.txt` (one name per line) where it stands beside the shards. Boxes stand in its field `objects`, see
`object_column`. Splits are told by the shards' names or
by the folders they lie in. Images are read from where they are in their archive.

Outputs are staged as files and packed when the run is sealed: see `packing`.
"""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from augcli import storage
from augcli.errors import Problem, UsageError
from augcli.formats import object_column
from augcli.formats.columns import read_labels
from augcli.formats.contract import ImageLabels, LabelFile, Output
from augcli.formats.invalid import Judge
from augcli.formats.rows import Row
from augcli.formats.shard_splits import splits_of
from augcli.formats.source import Source
from augcli.formats.tree import in_order, is_file, refuse_nothing, shortened
from augcli.formats.webdataset.packing import class_order, held, pack
from augcli.formats.webdataset.samples import CLASSES, class_names, image_of, row_of
from augcli.formats.webdataset.shards import Member, compressed, read_shard
from augcli.images.kinds import kind_of, why_unsupported
from augcli.images.members import tar_member
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

_LARGEST = 1 << 30
"""Bytes that an image may have."""


def sniff(root: Path) -> int:
    """Sure when there are tar files, at the root or one level below."""
    return 80 if next(root.glob("*.tar"), None) or next(root.glob("*/*.tar"), None) else 0


def entries(source: Source) -> tuple[Dataset, list[Entry]]:
    """List the samples of all shards. Raises `UsageError` with everything that is wrong in them."""
    paths, ignored = _shards(source)
    splits = splits_of(source.path, list(paths))
    list_ = Path(source.path, CLASSES)
    names = class_names(list_) if list_.is_file() else None
    shards = {path: read_shard(file) for path, file in paths.items()}
    problems = [problem for shard in shards.values() for problem in shard.problems]
    if problems:
        raise UsageError(shortened(problems))
    judge, rows, found = Judge(source.invalid), list[Row](), list[tuple[str, str, str, Member]]()
    for path, shard in shards.items():
        ignored += shard.ignored
        for group in shard.groups:
            image = image_of(shard.path, group, judge)
            row = row_of(shard.path, group, names, ignored) if image is not None else None
            if isinstance(row, Problem):
                judge.invalid(row.where, row.what)
            elif image is not None and row is not None:
                key = unicodedata.normalize("NFC", image.name.removeprefix("./"))
                found.append((splits[path], key, path, image))
                rows.append(row)
    objects = object_column.read_objects(rows, judge)
    columns = read_labels(objects.rows)
    problems = [*judge.problems, *columns.problems]
    if problems:
        raise UsageError(shortened(problems))
    wanted = []
    for index, (split, key, path, image) in enumerate(_distinct(found)):
        if not source.wants(key, path):
            ignored["excluded"] += 1
            continue
        entry = _entry(split, key, paths[path], image, columns.classes[index], columns.extra[index])
        wanted.append(replace(entry, labels=objects.labels[index], present=objects.present[index]))
    refuse_nothing(source, len(wanted), +ignored)
    used = {name for entry in wanted for name, _ in entry.classes}
    told = sorted({split for split in splits.values() if split})
    notes = [f"splits found: {', '.join(told)}"] if told else []
    dataset = Dataset(
        format="webdataset",
        classes=tuple(sorted(used, key=os.fsencode)),
        columns=columns.columns,
        attributes=objects.attributes,
        ignored=dict(sorted((+ignored).items())),
        notes=(*notes, *(note for shard in shards.values() for note in shard.notes), *judge.notes()),
        numeric=columns.numeric,
        soft=any(len(entry.classes) > 1 for entry in wanted),
        categories=objects.categories,
        holds=objects.holds,
        info=objects.info | ({"class_order": list(names)} if names is not None else {}),
    )
    return dataset, in_order(wanted)


def _shards(source: Source) -> tuple[dict[str, str], Counter[str]]:
    """Path of each shard below the root -> the file; and what was passed over."""
    root = Path(source.path)
    if not root.is_dir():
        what = "is a file; the folder of the shards was expected" if root.exists() else "no such folder"
        raise UsageError(Problem(source.path, what, "input.path names the folder that holds the shards"))
    found: dict[str, str] = {}
    ignored, problems = Counter[str](), list[Problem]()
    top = os.path.join(os.path.realpath(root), "")
    for raw, entry in storage.files(root):
        path = unicodedata.normalize("NFC", raw)
        if any(part.startswith(".") for part in path.split("/")):
            ignored["dotfiles"] += 1
        elif source.excludes(path):
            ignored["excluded"] += 1
        elif compressed(path):
            what = "is compressed, so that no image can be read alone"
            problems.append(Problem(entry.path, what, "unpack it to .tar (gunzip), or exclude it"))
        elif not path.endswith(".tar"):
            ignored["other files"] += path != CLASSES
        elif entry.is_symlink() and not os.path.realpath(entry.path).startswith(top):
            problems.append(Problem(entry.path, "is a link that leaves the dataset", "copy the file into it"))
        elif not is_file(entry):
            problems.append(Problem(entry.path, "is no file"))
        else:
            found[path] = entry.path
    if problems:
        raise UsageError(shortened(problems))
    if not found:
        raise UsageError(Problem(source.path, "no tar shards found", "they are called train-000000.tar, ..."))
    return found, ignored


def _distinct(found: list[tuple[str, str, str, Member]]) -> Iterator[tuple[str, str, str, Member]]:
    """Where a key is in several shards of a split, the shard's name goes before all keys of the split."""
    seen, twice = set[tuple[str, str]](), set[str]()
    for split, key, _, _ in found:
        if (split, key) in seen:
            twice.add(split)
        seen.add((split, key))
    for split, key, path, image in found:
        shard = path[: -len(".tar")].removeprefix(f"{split}/")
        yield split, f"{shard}/{key}" if split in twice else key, path, image


def _entry(
    split: str,
    key: str,
    file: str,
    image: Member,
    classes: tuple[tuple[str, float], ...],
    extra: tuple[tuple[str, Any], ...],
) -> Entry:
    error: str | None = None
    facts: tuple[tuple[str, Any], ...] = ()
    if kind_of(image.name) == "unsupported":
        error, facts = "unsupported_format", why_unsupported(image.name)
    elif image.size > _LARGEST:
        error, facts = "unreadable", (("reason", "EFBIG"),)
    address = tar_member(file, image.offset, image.size)
    return Entry(split, key, address, None, classes, extra, error, facts, image.size)


def labels(entry: Entry, dataset: Dataset) -> ImageLabels:
    """The boxes of an image."""
    return object_column.opened(entry)


def home(split: str) -> str:
    """The folder of a split's images in the stage."""
    return split


def place(key: str, label: str | None) -> tuple[str, str]:
    """("", key without dots in the name): readers take what follows the first dot for the kind of member."""
    folder, slash, name = key.rpartition("/")
    stem, dot, ending = name.rpartition(".")
    return "", f"{folder}{slash}{stem.replace('.', '_')}{dot}{ending}"


def label_files(dataset: Dataset, output: Output) -> tuple[LabelFile, ...]:
    """None: labels are packed beside their image, from the rows."""
    return ()


def finish(
    dataset: Dataset, rows: Iterable[Mapping[str, Any]], mixes: bool
) -> Iterator[tuple[str, Iterator[bytes]]]:
    """`classes.txt`, where classes have names; the shards come from `pack`."""
    if names := class_order(dataset):
        yield CLASSES, iter([name.encode() + b"\n" for name in names])
