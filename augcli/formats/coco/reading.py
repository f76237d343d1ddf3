"""Listing a COCO dataset: every image with the text of its own annotations, checked, and the vocabulary."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from augcli.errors import Problem, UsageError, number_of
from augcli.formats.coco import layout, vocabulary
from augcli.formats.coco.document import Document, load, strict
from augcli.formats.coco.images import Files, Outside, Picture, picture
from augcli.formats.coco.judging import Id, Seen, decode, judged
from augcli.formats.invalid import RESTORE, Judge
from augcli.formats.source import Source
from augcli.formats.tree import in_order, refuse_nothing, scan, shortened
from augcli.sample import Category, Dataset, Entry

STRUCTURE = ("images", "annotations", "categories")
"""Fields with a meaning; all others of the file are carried over."""

MAX_CARRIED = 4 << 20
"""Bytes that the other fields of a file may have to be carried over; every worker and run.json hold them."""

INSIDE = "paths are relative to the folder of the images and stay below it"


@dataclass
class Reading:
    """What was read so far, over all label files.

    columns  fields of image records that are carried over, in order of first appearance; `attributes` those
             of annotations
    carried  split -> the other fields of its file
    heavy    file: field of those that are too large to be carried over
    largest  image, annotation -> largest id in use
    """

    source: Source
    files: Files
    judge: Judge
    seen: Seen = field(default_factory=Seen)
    problems: list[Problem] = field(default_factory=list)
    categories: dict[int, Category] = field(default_factory=dict)
    columns: dict[str, None] = field(default_factory=dict)
    attributes: dict[str, None] = field(default_factory=dict)
    carried: dict[str, Any] = field(default_factory=dict)
    heavy: list[str] = field(default_factory=list)
    largest: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    entries: list[Entry] = field(default_factory=list)


def read(source: Source) -> tuple[Dataset, list[Entry]]:
    """The dataset and its entries. Raises `UsageError` with all that is wrong in the label files."""
    found, notes = layout.label_files(source)
    listing = scan(source, {each.path.name for each in found})
    reading = Reading(source, Files(source, listing.images), Judge(source.invalid))
    for each in found:
        try:
            _read_file(reading, each)
        except UsageError as error:
            reading.problems += error.problems
    problems = reading.problems + reading.judge.problems
    if problems:
        raise UsageError(shortened(problems))
    listing.ignored["excluded"] += reading.counts["excluded"]
    listing.ignored["label files"] += len(listing.labels)
    refuse_nothing(source, len(reading.entries), listing.ignored)
    splits = [each.split for each in found if each.split]
    notes = ((f"splits found: {', '.join(splits)}",) if splits else ()) + notes
    dataset = Dataset(
        format="coco",
        columns=tuple(reading.columns),
        attributes=tuple(reading.attributes),
        ignored={kind: count for kind, count in sorted(listing.ignored.items()) if count},
        notes=notes + _notes(reading) + reading.judge.notes(),
        categories=vocabulary.unique(tuple(reading.categories.values()), reading.seen.used),
        holds=frozenset(reading.seen.words | {"boxes"}),
        info={"largest": dict(sorted(reading.largest.items())), "files": reading.carried},
    )
    return dataset, in_order(reading.entries)


def _notes(reading: Reading) -> tuple[str, ...]:
    notes = []
    loose = [path for path in reading.files.unnamed() if reading.source.wants(path)]
    if loose:
        who = number_of(
            len(loose), "image stands in no label file and is", "images stand in no label file and are"
        )
        notes.append(f"{who} left out (first: {loose[0]})")
    if reading.counts["zero"]:
        notes.append(
            f"{reading.counts['zero']} annotations have the id 0, which evaluators take for none: "
            "they get new ones"
        )
    if reading.heavy:
        notes.append(f"too large to be carried over: {', '.join(reading.heavy)}")
    return tuple(notes)


def _read_file(reading: Reading, labels: layout.LabelsOf) -> None:
    document = load(labels.path)
    reading.carried[labels.split] = _carried(reading, document)
    _read_categories(reading, document)
    pictures = _read_images(reading, document, labels)
    _read_annotations(reading, document, pictures)
    for each in pictures.values():
        if each is None:
            continue
        head = b'{"size":' + msgspec.json.encode(each.size) + b',"annotations":['
        found = each.found
        reading.entries.append(
            Entry(
                labels.split,
                each.key,
                found.file,
                extra=each.extra,
                error=found.error,
                facts=found.facts,
                size=found.size,
                labels=head + b",".join(each.texts) + b"]}",
                present=tuple(sorted(reading.categories[kind].name for kind in each.kinds)),
            )
        )
        each.texts.clear()


def _carried(reading: Reading, document: Document) -> dict[str, Any]:
    """The fields of the file that have no meaning here, as far as they are of a bearable size."""
    carried, size = {}, 0
    for name, text in document.fields.items():
        if name in STRUCTURE:
            continue
        if size + len(memoryview(text)) > MAX_CARRIED:
            reading.heavy.append(f"{document.path}: {name}")
            continue
        size += len(memoryview(text))
        try:
            carried[name] = strict(text)
        except ValueError as error:
            reading.problems.append(Problem(f"{document.path}: {name}", str(error)))
    return carried


def _read_categories(reading: Reading, document: Document) -> None:
    names = {each.name: each.id for each in reading.categories.values()}
    own: set[int] = set()
    for number, text in enumerate(document.records("categories")):
        where = f"{document.path}: categories[{number}]"
        try:
            value = strict(text)
            if not isinstance(value, dict):
                raise ValueError("is no object")
            made = vocabulary.category(value)
        except ValueError as error:
            reading.problems.append(Problem(where, str(error)))
            continue
        known = reading.categories.setdefault(made.id, made)
        if made.id in own:
            reading.problems.append(Problem(where, f"id {made.id} stands twice"))
        elif known.name != made.name or known.keypoints != made.keypoints:
            what = f"id {made.id} is {made.name!r} here and {known.name!r} in another file"
            reading.problems.append(Problem(where, what, "the files of one dataset share their categories"))
        elif names.get(made.name, made.id) != made.id and made.id not in names.values():
            what = f"{made.name!r} has the id {made.id} here and {names[made.name]} in another file"
            reading.problems.append(Problem(where, what, "the files of one dataset share their categories"))
        own.add(made.id)


def _read_images(reading: Reading, document: Document, labels: layout.LabelsOf) -> dict[Id, Picture | None]:
    """Id -> image; None for one that is excluded or left out, whose annotations go with it."""
    beside = layout.relative_folder(labels.path, Path(reading.source.path))
    folders = layout.image_folders(labels.split, beside)
    pictures: dict[Id, Picture | None] = {}
    taken: dict[str, Id] = {}
    for number, text in enumerate(document.records("images")):
        where = f"{document.path}: images[{number}]"
        try:
            record = strict(text)
            if not isinstance(record, dict):
                raise ValueError("is no object")
            where = f"{document.path}: image {record.get('id')}"
            made = picture(record, reading.files, labels.split, folders)
            if record["id"] in pictures:
                raise ValueError(f"the id {record['id']!r} stands twice")
            pictures[record["id"]] = None
            if made.found.path in taken:
                raise ValueError(f"{made.key!r} is image {taken[made.found.path]} already")
        except Outside as error:
            reading.problems.append(Problem(where, str(error), INSIDE))
            pictures.setdefault(record["id"], None)  # its annotations go with it, unsaid
            continue
        except ValueError as error:
            reading.judge.invalid(where, str(error))
            continue
        taken[made.found.path] = record["id"]
        reading.files.named.add(made.found.path)
        if isinstance(record["id"], int):
            reading.largest["image"] = max(reading.largest["image"], record["id"])
        wanted = reading.source.wants(made.found.path, made.key)
        if wanted and made.found.error == "vanished":
            reading.judge.invalid(where, f"the image {made.found.path!r} is not there", RESTORE)
        elif wanted:
            pictures[record["id"]] = made
            reading.columns.update(dict.fromkeys(name for name, _ in made.extra))
        elif made.found.error != "vanished":  # else the listing has counted it
            reading.counts["excluded"] += 1
    return pictures


def _read_annotations(reading: Reading, document: Document, pictures: dict[Id, Picture | None]) -> None:
    judge, seen = reading.judge, reading.seen
    names = {each.id: each.keypoints for each in reading.categories.values()}
    ids: set[Id] = set()
    largest = 0
    for number, text in enumerate(document.consumed("annotations")):
        try:
            found, further = decode(text)
        except (ValueError, RecursionError) as error:
            what = "is nested too deeply" if isinstance(error, RecursionError) else str(error)
            judge.invalid(f"{document.path}: annotations[{number}]", what)
            continue
        where = f"{document.path}: annotation {found.id}"
        if found.image_id not in pictures:
            judge.invalid(where, f"its image {found.image_id} is not in the file")
            continue
        if found.category_id not in names:
            judge.invalid(where, f"its category {found.category_id} is not in the file")
            continue
        each = pictures[found.image_id]
        if isinstance(found.id, int | str):
            if found.id in ids:
                judge.invalid(where, "its id stands twice")
                continue
            ids.add(found.id)
            if isinstance(found.id, int) and found.id > largest:
                largest = found.id
            reading.counts["zero"] += found.id == 0
        if each is None:
            continue
        kept = judged(text, found, each.size, names[found.category_id], judge, where, seen)
        if kept is not None:
            each.texts.append(kept)
            each.kinds.add(found.category_id)
            if further:
                reading.attributes |= dict.fromkeys(further)
    reading.largest["annotation"] = max(reading.largest["annotation"], largest)
