"""Datasets that hold much at once, carried into a format and from there into another, without a step.

What a conversion loses is found by comparing what was read before with what is read after: `differences`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from augcli import formats
from augcli.formats import Source
from augcli.images import encode
from augcli.images.masks import write_mask
from augcli.labels import boxes, raster, to_plain
from augcli.objects import Bitmap, Objects, Outline, Thing
from augcli.plan import make_plan
from augcli.recipe import loads
from augcli.recipe.model import Recipe
from augcli.render import open_source
from augcli.sample import Category, Dataset, Entry, Sample
from augcli.setting import Setting
from augcli.work import Work
from tests.runs import picture

WIDTH, HEIGHT = 61, 50
POINTS = ("nose", "left_eye", "right_eye")
CATEGORIES = (
    Category("cat", 1, POINTS, (1, 0, 2), ((0, 1),), extra=(("supercategory", "animal"),)),
    Category("dog", 18, color=(10, 200, 30)),
    Category("traffic light", 90),
)

ATTRIBUTES: Mapping[str, Any] = {
    "note": 'a, "b" <c>',
    "score": 0.75,
    "count": 3,
    "tags": ["x", "y"],
    # Names that mean something in one format or another.
    "label": "not its class",
    "width": 7,
    "x1": 4,
    "name": "Tom",
    "polygon": "none",
    "group_id": "g",
    "area": "large",
    "bbox": "tight",
    "categories": "c",
}
COLUMNS: Mapping[str, Any] = {
    "note": "of the image",
    "exposure": 0.5,
    "path": "/somewhere",
    "size": 5,
    "version": 7,
    "imageData": "kept",
    "height": "high",
    "filename": "old.png",
}


def _ring(x0: float, y0: float, x1: float, y1: float) -> np.ndarray:
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], dtype=np.float64)


def _spot(height: int, width: int) -> np.ndarray:
    mask = np.ones((height, width), bool)
    mask[0, 0] = mask[height // 2, width // 2] = False
    return mask


_POINTS = np.array([(55.5, 9.5, 2.0), (50.5, 9.5, 1.0), (52.5, 4.5, 2.0)])
THINGS: Mapping[str, Thing] = {
    "boxes": Thing("cat", Outline.box(2, 3, 14, 11)),
    "polygons": Thing(
        "dog", Outline(((np.array([[18, 2], [29, 2], [29, 13], [24, 13], [18, 8]], dtype=np.float64),),))
    ),
    "parts": Thing("dog", Outline(((_ring(32, 2, 37, 9),), (_ring(41, 4, 46, 12),)))),
    "holes": Thing("traffic light", Outline(((_ring(2, 18, 14, 30), _ring(5, 20, 9, 26)[::-1].copy()),))),
    "instances": Thing("cat", Bitmap(_spot(8, 9), 18, 18)),
    "crowd": Thing("dog", Outline.box(32, 18, 46, 30), crowd=True),
    "rotated": Thing(
        "dog", Outline(((np.array([[20, 34], [30, 36], [29, 41], [19, 39]], float),),), "rotated")
    ),
    "keypoints": Thing("cat", Outline.box(48, 2, 57, 14), _POINTS),
    "attributes": Thing("dog", Outline.box(33, 33, 45, 45), extra=ATTRIBUTES),
    "ids": Thing("cat", Outline.box(48, 33, 57, 45), id=7),
}
"""Word of `contract.LABELS` -> an object that has it. No two of them overlap."""

FLAVOURS: Mapping[str, frozenset[str]] = {
    "outlines": frozenset(
        {"boxes", "polygons", "parts", "holes", "instances", "crowd", "attributes", "columns"}
    ),
    "keypoints": frozenset({"boxes", "keypoints", "ids"}),
    "rotated": frozenset({"boxes", "rotated"}),
    "boxes": frozenset({"boxes", "attributes", "columns"}),
    "classes": frozenset({"classes", "weights", "columns"}),
    "semantic": frozenset({"semantic"}),
    "all": frozenset({*THINGS, "semantic", "classes", "weights", "columns"}),
}


@dataclass(frozen=True)
class Held:
    """A dataset with its entries, as a format lists them."""

    dataset: Dataset
    entries: list[Entry]


def rich(flavour: str, folder: Path) -> Held:
    """A dataset that holds what the flavour says: an object of each kind in every image, none in the last."""
    words = FLAVOURS[flavour]
    shown = Objects.of([THINGS["holes"], THINGS["parts"]])
    objects = Objects.of([thing for word, thing in THINGS.items() if word in words])
    entries = []
    folder.mkdir(parents=True)
    for number, (split, stem) in enumerate([("train", "a"), ("train", "b"), ("val", "c"), ("val", "d")]):
        image, mask = folder / f"{stem}.png", folder / f"{stem}.mask.png"
        image.write_bytes(encode(picture(number, WIDTH, HEIGHT), "png"))
        mask.write_bytes(write_mask(_semantic(objects if len(objects) else shown), None, 8))
        told = to_plain(objects if stem != "d" else Objects(), None)
        classes = (("cat", 0.25), ("dog", 0.75)) if stem == "b" else (("cat", 1.0),)
        extra = {**COLUMNS, "number": number}
        entries.append(
            Entry(
                split,
                f"{stem}.png",
                str(image),
                classes=classes if "classes" in words else (),
                extra=tuple(extra.items()) if "columns" in words else (),
                labels=json.dumps(told).encode() if len(objects) else b"",
                mask=str(mask) if "semantic" in words else None,
                present=tuple(sorted({one["category"] for one in told})),
            )
        )
    dataset = Dataset(
        "carried",
        classes=("cat", "dog") if "classes" in words else (),
        columns=(*COLUMNS, "number") if "columns" in words else (),
        attributes=tuple(ATTRIBUTES) if "attributes" in words else (),
        soft="weights" in words,
        categories=CATEGORIES if words - {"classes", "weights", "columns"} else (),
        holds=words,
        ignore=255 if "semantic" in words else None,
    )
    return Held(dataset, entries)


def _semantic(objects: Objects) -> np.ndarray:
    """A mask that shows the objects, and a strip that counts for nothing."""
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    numbers = {category.name: category.id for category in CATEGORIES}
    for thing in objects.rows():
        mask[raster(thing.evidence, (WIDTH, HEIGHT))] = numbers[thing.category]
    mask[HEIGHT - 3 :] = 255
    return mask


def converted(held: Held, target: str, output: Path) -> None:
    """Write every image as it is, in the format `target`, as a run does (in this process)."""
    recipe = loads(
        "augment: 1\ninput: in\n"
        f"output: {{path: out, format: {target}}}\ncopies: 0\nlabels: {{lossy: allow}}\nsteps: []\n"
    ).recipe
    work = Work(Setting(recipe, held.dataset), str(output), "here", target)
    module, rows, staged = formats.load(target), [], dict[str, bytes]()
    container = formats.container(target)
    for job in make_plan(recipe, held.dataset, held.entries).jobs():
        source = open_source(work.setting, job.entry)
        for copy in job.copies:
            row, found = work.make(job.entry, copy, source)
            rows.append(row)
            for file, data in zip(row["files"], found, strict=True):
                assert hashlib.sha256(data).hexdigest() == file["sha256"]
                staged[file["path"]] = data
    rows.sort(key=lambda row: (row["split"], row["source"], row["copy"]))
    if container is None:
        for path, data in staged.items():
            _write(output / path, [data])
    else:
        for path, pieces in container.pack(held.dataset, rows, False, staged.__getitem__):
            _write(output / path, pieces)
    for path, pieces in module.finish(held.dataset, rows, False):
        _write(output / path, pieces)


def _write(path: Path, pieces: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(pieces))


def held(format_: str, root: Path) -> Held:
    """What is read from a folder whose format nobody says; class folders with a table are what `hf` reads."""
    found = Held(*formats.read("auto", Source(str(root))))
    assert found.dataset.format in (format_, *(["hf"] if format_ == "folders" else []))
    return found


def differences(before: Held, after: Held) -> set[str]:
    """What the labels of `before` have and those of `after` have not, words of `contract.LABELS`; "images" or
    "invented" where images or objects went or came.
    """
    theirs = {PurePosixPath(entry.name).stem: (entry, _sample(after, entry)) for entry in after.entries}
    ours = {PurePosixPath(entry.name).stem: (entry, _sample(before, entry)) for entry in before.entries}
    if ours.keys() != theirs.keys():
        return {"images"}
    found = set[str]()
    for stem, (entry, sample) in ours.items():
        other, shown = theirs[stem]
        found |= {"images"} if entry.split != other.split else set()
        found |= _of_image(sample, shown, before.dataset, after.dataset)
        if _lacks(dict(entry.extra), dict(other.extra), {"id"}):
            found.add("columns")
        found |= _of_objects(sample, shown, _points_of(before), _points_of(after))
    return found


def differences_of_classes(before: Held, after: Held) -> set[str]:
    """What the classes that are in both have before and have not after, words of `contract.OF_CLASSES`."""
    names = {"colours": "color", "fields": "extra", "sides": "flip", "skeletons": "skeleton"}
    theirs = {category.name: category for category in after.dataset.categories}
    return {
        word
        for word, name in names.items()
        for category in before.dataset.categories
        if category.name in theirs
        and (word not in ("sides", "skeletons") or theirs[category.name].keypoints)
        and (had := getattr(category, name))
        and had != getattr(theirs[category.name], name)
    }


def _sample(held: Held, entry: Entry) -> Sample:
    return open_source(Setting(Recipe(), held.dataset), entry).sample


def _of_image(sample: Sample, other: Sample, dataset: Dataset, theirs: Dataset) -> set[str]:
    found = set[str]()
    if {k: round(v, 6) for k, v in sample.classes.items()} != {
        k: round(v, 6) for k, v in other.classes.items()
    }:
        heaviest = max(sample.classes, key=lambda name: sample.classes[name])
        found |= {"weights"} if len(sample.classes) > 1 else set()
        found |= set() if set(other.classes) == {heaviest} and len(sample.classes) > 1 else {"classes"}
    if sample.mask is not None and (
        other.mask is None or not np.array_equal(_named(sample.mask, dataset), _named(other.mask, theirs))
    ):
        found.add("semantic")
    return found


def _named(mask: np.ndarray, dataset: Dataset) -> np.ndarray:
    """The mask with the names of classes; what is of none has its number."""
    names = {0: "background"} | {category.id: category.name for category in dataset.categories}
    return np.array(
        [
            names.get(number, "ignored" if number == dataset.ignore else number)
            for number in mask.ravel().tolist()
        ]
    )


def _lacks(values: Mapping[str, Any], others: Mapping[str, Any], but: Collection[str] = ()) -> bool:
    """Whether a value is not there, under its name or beside a name that means something else there. Text
    formats have numbers as text.
    """
    return any(
        not any(_alike(value, others[shown]) for shown in (name, f"source_{name}") if shown in others)
        for name, value in values.items()
        if value is not None and name not in but and ":" not in name
    )


def _alike(value: Any, other: Any) -> bool:
    if value == other or not isinstance(other, str):
        return bool(value == other)
    return other in (str(value), json.dumps(value)) or (isinstance(value, float) and other == f"{value:g}")


Names = Mapping[str, tuple[str, ...]]


def _points_of(held: Held) -> Names:
    return {category.name: category.keypoints for category in held.dataset.categories}


def _points(thing: Thing, names: Names) -> dict[str, list[float]]:
    """Those that are labelled, by name."""
    rows = [] if thing.keypoints is None else thing.keypoints.round(4).tolist()
    return {name: row for name, row in zip(names[thing.category], rows, strict=bool(rows)) if row[2]}


def _words_of(thing: Thing) -> set[str]:
    """What an object has beside its box."""
    found = {"attributes"} if thing.extra else set()
    found |= {"keypoints"} if thing.keypoints is not None else set()
    if isinstance(thing.evidence, Bitmap):
        return found | {"instances"}
    kinds = {"box": "boxes", "rotated": "rotated"}
    parts = thing.evidence.parts
    shape = "holes" if any(len(part) > 1 for part in parts) else "parts" if len(parts) > 1 else "polygons"
    return found | {kinds.get(thing.evidence.kind, shape)}


def _of_objects(sample: Sample, other: Sample, names: Names, other_names: Names) -> set[str]:
    found, left = set[str](), list(range(len(other.objects)))
    ours, theirs = list(sample.objects.rows()), list(other.objects.rows())
    edges, shown = boxes(sample.objects), boxes(other.objects)
    for at, thing in enumerate(ours):
        near = [
            n
            for n in left
            if theirs[n].category == thing.category and np.abs(shown[n] - edges[at]).max() <= 0.51
        ]
        if not near:
            found |= {"crowd"} if thing.crowd else {"boxes"} | _words_of(thing)
            continue
        one = theirs[near[0]]
        left.remove(near[0])
        found |= _of_shape(thing, one, sample.size)
        if _points(thing, names) != _points(one, other_names):
            found.add("keypoints")
        if thing.crowd != one.crowd:
            found.add("crowd")
        if _lacks(thing.extra, one.extra):
            found.add("attributes")
    return found | ({"invented"} if left else set())


def _of_shape(thing: Thing, other: Thing, size: tuple[int, int]) -> set[str]:
    one, two = thing.evidence, other.evidence
    if isinstance(one, Outline) and one.kind == "box":
        return set()
    same = np.array_equal(raster(one, size), raster(two, size)) and getattr(two, "kind", "") != "box"
    if isinstance(one, Bitmap):
        return set() if same else {"instances"}
    if one.kind == "rotated":
        return set() if _same_corners(one, two) else {"rotated"}
    if any(len(part) > 1 for part in one.parts):
        return set() if same else {"holes"}
    if len(one.parts) > 1:
        return set() if same and isinstance(two, Bitmap | Outline) and _parts(two) != 1 else {"parts"}
    return set() if _same_corners(one, two) else {"polygons"}


def _parts(evidence: Any) -> int:
    return len(evidence.parts) if isinstance(evidence, Outline) else 0


def _same_corners(one: Outline, two: Any) -> bool:
    if not isinstance(two, Outline) or two.kind == "box" or len(two.parts) != 1:
        return False
    ours, theirs = one.parts[0][0], two.parts[0][0]
    return len(ours) == len(theirs) and bool(np.allclose(ours, theirs, atol=1e-3))
