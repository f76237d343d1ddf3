"""Listing a LabelMe dataset: images, each with a JSON file beside it, every shape judged, no pixel read.

    root/[split/]x.jpg  x.json        root/images/x.jpg  annotations/x.json

A file is about the image that its `imagePath` names, seen from the file; where that is not there, about the
image of its own name.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from augcli.errors import UsageError, number_of
from augcli.formats.beside import File, Image, Stems, Tree, content, list_tree
from augcli.formats.invalid import Judge
from augcli.formats.labelme.shapes import DEFAULTS, OWN, Shape, joined, judged
from augcli.formats.source import Source
from augcli.formats.tree import in_order, refuse_nothing, shortened
from augcli.sample import Category, Dataset, Entry
from augcli.sides import flip_of

MAX_BYTES = 512 << 20
"""Bytes of a file that are read at most: it may hold its image."""

_LOOK = 1 << 16
_WORDS = {"box": "boxes", "polygon": "polygons", "circle": "polygons", "mask": "instances"}


def sniff(root: Path) -> int:
    """Sure of JSON files with shapes, beside the images or in a folder of their own."""
    for pattern in ("*.json", "*/*.json", "*/*/*.json"):
        for path in islice(root.glob(pattern), 3):
            try:
                with path.open("rb") as file:
                    if b'"shapes"' in file.read(_LOOK):
                        return 85
            except OSError:
                continue
    return 0


@dataclass
class _Found:
    """What listing gathers over all files.

    names  label -> names of its keypoints, in order
    usual  fields that shapes have also where they say nothing: which ones depends on LabelMe's version
    lost   files of images that are left out because their labels cannot be read
    """

    judge: Judge
    names: dict[str, dict[str, None]] = field(default_factory=dict)
    columns: dict[str, None] = field(default_factory=dict)
    attributes: dict[str, None] = field(default_factory=dict)
    words: set[str] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    usual: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)


def entries(source: Source) -> tuple[Dataset, list[Entry]]:
    """List the images and their labels. Raises `UsageError` with all that is wrong."""
    tree = list_tree(source, ".json")
    found = _Found(Judge(source.invalid))
    paired = _paired(source, tree, found)
    made = []
    for image in tree.images:
        if not source.wants(image.found.path, image.key):
            tree.ignored["excluded"] += 1
        elif image.found.file not in found.lost:
            made.append(_entry(image, paired.get(image.found.file), found))
    if found.judge.problems:
        raise UsageError(shortened(found.judge.problems))
    refuse_nothing(source, len(made), tree.ignored)
    return _dataset(made, tree, found), in_order(made)


def _paired(source: Source, tree: Tree, found: _Found) -> dict[str, tuple[File, Mapping[str, Any]]]:
    """File of each image that has a label file -> that file and what it says."""
    stems = Stems(tree)
    images = {os.path.abspath(image.found.file): image for image in tree.images}
    roots = tuple(f"{os.path.abspath(root)}/" for root in (source.path, source.annotations) if root)
    paired: dict[str, tuple[File, Mapping[str, Any]]] = {}
    for label in tree.labels:
        beside = stems.of(label)
        try:
            document = _document(label)
            if document is None and not beside:  # some other file: run.json, a list of classes
                tree.ignored["label files"] -= source.annotations is None
                tree.ignored["other files"] += 1
                continue
            if document is None:
                raise ValueError("is no LabelMe file: it has no list of shapes")
            image = _image(label, document, images, roots) or (beside[0] if len(beside) == 1 else None)
            if image is None:
                raise ValueError(f"its image {document.get('imagePath')!r} is not there")
            before = paired.setdefault(image.found.file, (label, document))
            if before[0] is not label:
                raise ValueError(f"{image.found.path} has labels already, in {before[0].file}")
        except ValueError as error:
            if any(source.wants(image.found.path, image.key) for image in beside) or not beside:
                found.judge.invalid(label.file, str(error))
                found.lost.update(image.found.file for image in beside if image.found.file not in paired)
    return paired


def _document(label: File) -> Mapping[str, Any] | None:
    """The JSON object of a file; None where it is not about shapes. Raises ValueError."""
    from augcli.formats.coco.document import strict

    document = strict(content(label.file, MAX_BYTES).encode())
    is_ours = isinstance(document, dict) and isinstance(document.get("shapes"), list)
    return document if is_ours else None


def _image(
    label: File, document: Mapping[str, Any], images: Mapping[str, Image], roots: tuple[str, ...]
) -> Image | None:
    """The image that the file names. Raises ValueError for a path that leaves the dataset."""
    name = document.get("imagePath")
    if not isinstance(name, str) or not name:
        return None
    path = name.replace("\\", "/")
    file = os.path.abspath(os.path.join(os.path.dirname(label.file), path))
    if "\0" in path or path.startswith("/") or path[1:2] == ":" or not file.startswith(roots):
        raise ValueError(f"imagePath {name!r} leaves the dataset")
    image = images.get(file)
    if image and image.found.link and not os.path.realpath(file).startswith(_real(roots)):
        raise ValueError(f"imagePath {name!r} is a link that leaves the dataset")
    return image


def _real(roots: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{os.path.realpath(root)}/" for root in roots)


def _entry(image: Image, paired: tuple[File, Mapping[str, Any]] | None, found: _Found) -> Entry:
    fields: dict[str, Any] = {}
    labels, present = b"", set[str]()
    if paired is None:
        found.counts["bare"] += 1
    else:
        label, document = paired
        fields = {
            name: value
            for name, value in document.items()
            if name not in OWN and (name, value) != ("flags", {})
        }
        found.columns |= dict.fromkeys(fields)
        size = _size(document)
        shapes = joined(list(_judged(document["shapes"], size, label, found)))
        _learn(shapes, found)
        present = {shape.label for shape in shapes}
        rows = [[shape.label, shape.kind, shape.data, shape.extra, shape.keypoints] for shape in shapes]
        labels = json.dumps({"size": size, "objects": rows}, separators=(",", ":")).encode("ascii")
        found.counts["embedded"] += document.get("imageData") is not None
    return Entry(
        image.split,
        image.key,
        image.found.file,
        extra=tuple(fields.items()),
        error=image.found.error,
        facts=image.found.facts,
        size=image.found.size,
        labels=labels,
        present=tuple(sorted(present)),
    )


def _judged(shapes: list[Any], size: tuple[int, int] | None, label: File, found: _Found) -> Iterator[Shape]:
    for number, value in enumerate(shapes):
        if isinstance(value, dict):
            found.usual.update(DEFAULTS.keys() & value.keys())
        shape = judged(value, size, f"{label.file}: shapes[{number}]", found.judge)
        if shape is not None:
            yield shape


def _learn(shapes: list[Shape], found: _Found) -> None:
    for shape in shapes:
        found.attributes |= dict.fromkeys(shape.extra)
        found.names.setdefault(shape.label, {}).update(dict.fromkeys(shape.keypoints))
        found.counts["circles"] += shape.kind == "circle"
        if shape.kind in _WORDS:
            found.words.add(_WORDS[shape.kind])
        if shape.kind == "polygon" and len(shape.data) > 1:
            found.words.add("parts")
        if shape.keypoints:
            found.words.add("keypoints")


def _size(document: Mapping[str, Any]) -> tuple[int, int] | None:
    """(width, height) as declared; None where they are missing."""
    width, height = document.get("imageWidth"), document.get("imageHeight")
    if isinstance(width, bool) or isinstance(height, bool):
        return None
    if not isinstance(width, int) or not isinstance(height, int) or min(width, height) < 1:
        return None
    return width, height


def _dataset(made: list[Entry], tree: Tree, found: _Found) -> Dataset:
    texts = {
        "bare": ("image has", "images have", "no JSON file: taken as having no objects"),
        "embedded": ("file holds its", "files hold their", "image (imageData), which is not carried over"),
        "circles": ("circle moves", "circles move", "as polygons of 64 sides, or circles where still round"),
    }
    said = [
        f"{number_of(found.counts[kind], one, many)} {text}"
        for kind, (one, many, text) in texts.items()
        if found.counts[kind]
    ]
    if found.lost:
        said.append(f"{number_of(len(found.lost), 'image')} left out, whose labels cannot be read")
    names = sorted(found.names, key=os.fsencode)
    return Dataset(
        format="labelme",
        columns=tuple(found.columns),
        attributes=tuple(found.attributes),
        ignored={kind: count for kind, count in sorted(tree.ignored.items()) if count},
        notes=(*tree.splits.notes, *said, *found.judge.notes()),
        categories=tuple(
            Category(name, number, keypoints=tuple(found.names[name]), flip=flip_of(tuple(found.names[name])))
            for number, name in enumerate(names, 1)
        ),
        holds=frozenset(found.words),
        info={"usual": sorted(found.usual)},
    )
