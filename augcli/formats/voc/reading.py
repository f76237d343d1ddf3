"""Listing a VOC dataset: images, their XML, splits and masks, every label judged, no pixel read.

    root/JPEGImages/x.jpg  Annotations/x.xml  ImageSets/Main/*.txt  SegmentationClass/x.png  ...Object/x.png
    root/[split/][images/]x.jpg  [annotations/]x.xml

An XML file is about the image of its own name; where there is none or there are several, of its `filename`.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from augcli.errors import UsageError, number_of
from augcli.formats.beside import File, Image, Stems, Tree, content, leaves, list_tree, stem
from augcli.formats.invalid import Judge
from augcli.formats.source import Source
from augcli.formats.splits import Splits
from augcli.formats.tree import in_order, refuse_nothing, shortened
from augcli.formats.voc.classes import VOID, categories, declared
from augcli.formats.voc.document import MAX_BYTES, PART, WHOLE, Annotation, Item, parse
from augcli.formats.voc.imagesets import ImageSets, read_sets
from augcli.sample import SIDED, Dataset, Entry

IMAGES, ANNOTATIONS, CLASSES, OBJECTS = "JPEGImages", "Annotations", "SegmentationClass", "SegmentationObject"
MASK_FOLDERS = frozenset({CLASSES.lower(), OBJECTS.lower()})


def sniff(root: Path) -> int:
    """Sure of the devkit's folders, and of XML annotations beside images or in a folder of their own."""
    if (root / IMAGES).is_dir() and any((root / name).is_dir() for name in (ANNOTATIONS, CLASSES)):
        return 95
    for pattern in ("*.xml", "*/*.xml", "*/*/*.xml"):
        for path in islice(root.glob(pattern), 3):
            if _begins_annotation(path):
                return 80
    return 0


def _begins_annotation(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return b"<annotation" in file.read(1024)
    except OSError:
        return False


@dataclass
class _Found:
    """What listing gathers over all files."""

    judge: Judge
    names: set[str] = field(default_factory=set)
    parts: set[str] = field(default_factory=set)
    columns: dict[str, None] = field(default_factory=dict)
    attributes: dict[str, None] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    fractions: bool = False
    lost: set[str] = field(default_factory=set)
    """Files of images that are left out because their XML cannot be read."""


def entries(source: Source) -> tuple[Dataset, list[Entry]]:
    """List the images and their labels. Raises `UsageError` with all that is wrong."""
    sets = read_sets(Path(source.path))
    tree = list_tree(source, ".xml", MASK_FOLDERS, splits=Splits() if sets else None)
    found = _Found(Judge(source.invalid))
    wanted = dict(_wanted(source, tree, sets, found))
    annotations = _paired(tree, wanted, found)
    made = [
        _entry(split, image, annotations.get(image.found.file), found)
        for image, split in wanted.values()
        if image.found.file not in found.lost
    ]
    problems = (sets.problems if sets else []) + found.judge.problems
    if problems:
        raise UsageError(shortened(problems))
    refuse_nothing(source, len(made), tree.ignored)
    notes = sets.notes if sets else tree.splits.notes
    return _dataset(source, made, notes, tree, found), in_order(made)


def _wanted(
    source: Source, tree: Tree, sets: ImageSets | None, found: _Found
) -> Iterator[tuple[str, tuple[Image, str]]]:
    """File -> image and split of those that are in a split and not excluded."""
    missing = dict(sets.splits) if sets else {}
    for image in tree.images:
        split = image.split
        if sets is not None:
            name = next((name for name in (stem(image.key), image.key) if name in sets.splits), None)
            if name is None:
                tree.ignored["in no list of ImageSets"] += 1
                continue
            split = sets.splits[name][0]
            missing.pop(name, None)
        if source.wants(image.found.path, image.key):
            yield image.found.file, (image, split)
        else:
            tree.ignored["excluded"] += 1
    for name, (_, where) in missing.items():
        if not source.include and not source.excludes(name):
            found.judge.invalid(where, f"the image {name!r} is not there")


def _paired(
    tree: Tree, wanted: dict[str, tuple[Image, str]], found: _Found
) -> dict[str, tuple[File, Annotation]]:
    """File of each wanted image that has an XML -> the XML and what it says."""
    stems = Stems(tree)
    paired: dict[str, tuple[File, Annotation]] = {}
    for label in tree.labels:
        images = stems.of(label)
        if images and not any(image.found.file in wanted for image in images):
            continue
        annotation = _parsed(label, found)
        if annotation is None:
            found.lost.update(image.found.file for image in images)
            continue
        if len(images) != 1:
            images = stems.beside(label, annotation.filename) or images
        if len(images) != 1:
            what = (
                f"its image {annotation.filename!r} is not there" if not images else "is about several images"
            )
            found.judge.invalid(label.file, what)
            continue
        file = images[0].found.file
        if file in paired:
            found.judge.invalid(
                label.file, f"{images[0].found.path} has an XML already, {paired[file][0].file}"
            )
        elif file in wanted:
            paired[file] = label, annotation
    return paired


def _parsed(label: File, found: _Found) -> Annotation | None:
    try:
        annotation = parse(content(label.file, MAX_BYTES))
        if leaves(annotation.filename):
            raise ValueError(f"filename {annotation.filename!r} leaves the dataset")
    except ValueError as error:
        found.judge.invalid(label.file, str(error))
        return None
    return annotation


def _entry(split: str, image: Image, paired: tuple[File, Annotation] | None, found: _Found) -> Entry:
    masks = _masks(image)
    packed: dict[str, Any] = {}
    fields: dict[str, Any] = {}
    if paired is None:
        found.counts["bare"] += 1
    else:
        label, annotation = paired
        fields = dict(annotation.fields)
        found.columns |= dict.fromkeys(fields)
        packed["size"] = annotation.size
        packed["count"] = len(annotation.objects)
        packed["objects"] = list(_judged(annotation, label, found))
        found.counts["objects"] += len(packed["objects"])
    if OBJECTS in masks:
        with open(masks[OBJECTS], "rb") as file:  # the digest stands for the file where labels are compared
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        packed["instances"] = [os.path.relpath(masks[OBJECTS], os.path.dirname(image.found.file)), digest]
        found.counts["instances"] += 1
    found.counts["masks"] += CLASSES in masks
    return Entry(
        split,
        image.key,
        image.found.file,
        extra=tuple(fields.items()),
        error=image.found.error,
        facts=image.found.facts,
        size=image.found.size,
        labels=json.dumps(packed, separators=(",", ":")).encode("ascii") if packed else b"",
        mask=masks.get(CLASSES),
        present=tuple(sorted(set(_names(row[1:] for row in packed.get("objects", ()))))),
    )


def _judged(annotation: Annotation, label: File, found: _Found) -> Iterator[list[Any]]:
    """[number, name, box, fields, parts] of each valid object; a part is [name, box, fields, parts]."""
    for number, item in enumerate(annotation.objects, 1):
        where = f"{label.file}:{item.line}" if item.line else f"{label.file}: object {number}"
        kept = _judged_item(item, annotation.size, where, found)
        if kept is not None:
            found.names.add(item.name)
            yield [number, *kept]


def _judged_item(item: Item, size: tuple[int, int] | None, where: str, found: _Found) -> list[Any] | None:
    if item.fault or item.box is None:
        found.judge.invalid(
            where, f"object {item.name!r} {item.fault}" if item.name else f"an object {item.fault}"
        )
        return None
    found.counts["zeros"] += -1.0 in item.box[:2]
    found.counts["spatial"] += bool(item.spatial)
    found.counts["sided"] += item.fields.get("pose") in ("Left", "Right")
    found.fractions = found.fractions or any(side != int(side) for side in item.box if abs(side) < 1e9)
    box = found.judge.box(item.box, size, where)
    if box is None:
        return None
    parts = [part for one in item.parts if (part := _judged_item(one, size, where, found))]
    found.parts.update(part[0] for part in parts)
    found.attributes |= dict.fromkeys((*item.fields, *((WHOLE, PART) if parts else ())))
    return [item.name, list(box), dict(item.fields), parts]


def _names(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The names of objects and of their parts."""
    for name, _, _, parts in rows:
        yield name
        yield from _names(parts)


def _masks(image: Image) -> dict[str, str]:
    """Folder of masks -> the file of this image's."""
    before, found, after = image.found.file.rpartition(f"/{IMAGES}/")
    if not found:
        return {}
    files = {folder: f"{before}/{folder}/{stem(after)}.png" for folder in (CLASSES, OBJECTS)}
    return {folder: file for folder, file in files.items() if Path(file).is_file()}


def _dataset(source: Source, made: list[Entry], notes: tuple[str, ...], tree: Tree, found: _Found) -> Dataset:
    counts = found.counts
    known, guessed = categories(found.names, found.parts, declared(Path(source.path)), bool(counts["masks"]))
    holds = {
        "boxes": counts["objects"] or not counts["masks"],
        "semantic": counts["masks"],
        "instances": counts["instances"],
    }
    texts = {
        "bare": ("image has", "images have", "no XML: taken as having no objects"),
        "zeros": ("box begins", "boxes begin", "at pixel 0; VOC counts pixels from 1, and all are read so"),
        "spatial": (
            *("object describes", "objects describe"),
            "places beside a box (point, polygon, robndbox), which are left out",
        ),
        "instances": ("image has", "images have", "instance masks, from which the boxes of objects are made"),
    }
    said = [
        f"{number_of(counts[kind], one, many)} {text}"
        for kind, (one, many, text) in texts.items()
        if counts[kind]
    ]
    if found.lost:
        said.append(f"{number_of(len(found.lost), 'image')} left out, whose XML cannot be read")
    if guessed:
        said.append("no labelmap.txt says which number of the masks is which class: taken as sorted by name")
    return Dataset(
        format="voc",
        columns=tuple(found.columns),
        attributes=tuple(found.attributes),
        ignored=dict(sorted(tree.ignored.items())),
        notes=(*notes, *said, *found.judge.notes()),
        categories=known,
        holds=frozenset(word for word, held in holds.items() if held),
        ignore=VOID if counts["masks"] else None,
        info={
            **({"fractions": True} if found.fractions else {}),
            **({SIDED: {"pose": {"Left": "Right"}}} if counts["sided"] else {}),
        },
    )
