"""`ImageSets`: which images are in which split.

    ImageSets/Main/train.txt              one image per line, by its name without ending
    ImageSets/Main/cat_train.txt          the same with 1, 0 or -1 for one class: not read
    ImageSets/Segmentation/train.txt      those with masks of classes

`trainval` is the union of the other two and not read beside them; where it is the only list of training
images it is the split of that name, and alone it stands for a dataset without splits.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from augcli import storage
from augcli.errors import Problem, number_of
from augcli.formats.beside import content, leaves, stem
from augcli.formats.splits import role

FOLDER = "ImageSets"
UNION = "trainval"
MAX_BYTES = 1 << 30

_OF_CLASS = re.compile(r".+_(?:train|val|trainval|test)", re.IGNORECASE)


@dataclass
class ImageSets:
    """Where each image belongs.

    splits   name without ending -> (split, `file:line`)
    notes    what was decided, as sentences
    """

    splits: dict[str, tuple[str, str]] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    problems: list[Problem] = field(default_factory=list)


def read_sets(root: Path) -> ImageSets | None:
    """The splits of a dataset; None where no list says them. Main comes before Segmentation."""
    folder = root / FOLDER
    tasks = [task for task in ("Main", "Segmentation") if (folder / task).is_dir()]
    lists = {task: _lists(folder / task) for task in tasks} if tasks else {".": _lists(folder)}
    names = sorted({name for found in lists.values() for name in found})
    chosen = [name for name in names if role(name)]
    if UNION in names and not any(role(name) in ("training", "validation") for name in chosen):
        chosen.append(UNION)
    if not chosen:
        return None
    sets = ImageSets(names=tuple(sorted(chosen)))
    moved = 0
    for task, found in lists.items():
        for name in sorted(set(chosen) & set(found)):
            split = "" if chosen == [UNION] else name
            moved += _read(sets, found[name], split, further=task == "Segmentation" and "Main" in lists)
    unread = [
        name for name in names if name not in chosen and name != UNION and not _OF_CLASS.fullmatch(name)
    ]
    notes = []
    if chosen != [UNION]:
        notes.append(f"splits found in {FOLDER}: {', '.join(sorted(chosen))}")
    if unread:
        notes.append(f"lists called like no split were not read: {', '.join(unread[:5])}")
    if moved:
        who = number_of(moved, "image is", "images are")
        notes.append(f"{who} in another split by Segmentation than by Main, which decides")
    sets.notes = tuple(notes)
    return sets


def _lists(folder: Path) -> dict[str, Path]:
    """Name of the list -> its file."""
    try:
        names = storage.names(folder)
    except OSError:
        return {}
    return {name[:-4]: folder / name for name in names if name.lower().endswith(".txt") and name[0] != "."}


def _read(sets: ImageSets, path: Path, split: str, further: bool) -> int:
    """Add one list. `further`: earlier lists decide; gives how many images they say otherwise of."""
    try:
        text = content(str(path), MAX_BYTES)
    except ValueError as error:
        sets.problems.append(Problem(str(path), str(error)))
        return 0
    moved = 0
    for number, line in enumerate(text.split("\n"), 1):
        name = unicodedata.normalize("NFC", line.strip())
        if not name:
            continue
        where = f"{path}:{number}"
        if leaves(name):
            sets.problems.append(Problem(where, f"{name!r} leaves the dataset", "name images by their stems"))
            continue
        before, at = sets.splits.setdefault(name, (split, where))
        if before == split:
            continue
        if further:
            moved += 1
        else:
            what = f"{name!r} is in two splits; it is in {before!r} at {at}"
            sets.problems.append(Problem(where, what, "keep every image in one split"))
    return moved


def set_files(rows: Iterable[Mapping[str, Any]], home: str) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield (path, lines) of the lists of every split, from sealed rows in order of their splits.

    Main names all images, Segmentation those with a mask of classes: its readers open that of every image
    they find there, and no instance mask stands in for it. A dataset without splits gets `trainval`.
    """
    good = (row for row in rows if row["status"] == "ok")
    for split, group in groupby(good, key=lambda row: str(row["split"])):
        masked: list[bytes] = []
        yield f"{FOLDER}/Main/{split or UNION}.txt", _names(group, home, masked)
        if masked:
            yield f"{FOLDER}/Segmentation/{split or UNION}.txt", iter(masked)


def _names(rows: Iterable[Mapping[str, Any]], home: str, masked: list[bytes]) -> Iterator[bytes]:
    """The lines of one split; those of images with a class mask are put into `masked` as well."""
    for row in rows:
        path = str(row["output"]).removeprefix(f"{home}/")
        line = os.fsencode(stem(path)) + b"\n"
        if any(file["kind"] == "mask" for file in row["files"]):
            masked.append(line)
        yield line
