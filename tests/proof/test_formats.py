"""Labels follow pixels into every format: real runs, whose outputs are read back by the format itself.

Tables of images are read by a reader that knows nothing of ours (`tables`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from augcli import formats
from augcli.formats import Source
from augcli.labels import boxes, from_plain
from augcli.objects import Outline, Thing
from augcli.recipe.model import Recipe
from augcli.render import open_source
from augcli.sample import Dataset
from augcli.setting import Setting
from tests.proof import recipes, tables, trees
from tests.proof.checker import Checker
from tests.proof.report import Worst, reported
from tests.proof.scenes import NAMES, POINTS, TWINS, World, world
from tests.proof.written import Written, repeated
from tests.runs import call, rows


@dataclass(frozen=True)
class Case:
    """Scenes of some kinds, the format they are read from and the one they are written in.

    boxed    outlines do not survive, boxes do
    upright  only rectangles that stay upright have the box that is seen
    rotated  boxes are rotated; no ids are carried, so that things are known by what is seen in them
    """

    source: Callable[[World, Path], None]
    target: str
    kinds: tuple[str, ...] = NAMES
    boxed: bool = False
    upright: bool = False
    twins: bool = True
    rotated: bool = False
    covers: bool = True


PLAIN = tuple(name for name in NAMES if name not in (*TWINS, "tilted"))
CASES = {
    "coco": Case(trees.coco, "coco", (*PLAIN, *TWINS)),
    "yolo-detect": Case(trees.coco, "yolo", ("box",), boxed=True, upright=True, twins=False),
    "yolo-segment": Case(trees.coco, "yolo", PLAIN, twins=False),
    "yolo-pose": Case(trees.coco, "yolo", ("box", *TWINS), boxed=True),
    "yolo-obb": Case(
        trees.oriented, "yolo", ("tilted",), boxed=True, twins=False, rotated=True, covers=False
    ),
    "voc": Case(trees.coco, "voc", PLAIN, boxed=True, twins=False),
    "labelme": Case(trees.coco, "labelme", (*PLAIN, *TWINS)),
    "csv": Case(trees.coco, "csv", PLAIN, boxed=True, twins=False),
    "masks": Case(trees.masked, "masks"),
    "hf": Case(trees.coco, "hf", PLAIN, boxed=True, twins=False),
    "webdataset": Case(trees.coco, "webdataset", PLAIN, boxed=True, twins=False),
    "parquet": Case(trees.coco, "parquet", PLAIN, boxed=True, twins=False),
}
TABLES: Mapping[str, Callable[[Path], Iterator[tables.Told]]] = {
    "hf": tables.hf,
    "webdataset": tables.webdataset,
    "parquet": tables.parquet,
}


def run(case: Case, made_of: World, seed: int, folder: Path) -> tuple[dict[str, Any], Path]:
    """The document of a random recipe, and the output of a run with it."""
    document = recipes.document(seed, upright=case.upright, covers=case.covers)
    case.source(made_of, folder / "in")
    document["input"]["path"], document["output"]["path"] = str(folder / "in"), str(folder / "out")
    document["output"]["format"] = case.target
    document["labels"] = {"lossy": "allow"}
    path = folder / "recipe.yaml"
    path.write_text(recipes.text(document))
    done = call("run", path, "--workers", "1")
    assert done.code == 0, done.err
    return document, folder / "out"


def read_back(case: Case, document: dict[str, Any], output: Path) -> Iterator[tuple[str, Any, Written]]:
    """Each output's name, its picture, and what its label files say."""
    if case.target in TABLES:
        yield from read_table(case, document, output)
        return
    dataset, entries = formats.read(case.target, Source(str(output)))
    told = {Path(row["output"]).name: row for row in rows(output)}
    assert len(entries) == len(told)
    for entry in entries:
        sample = open_source(Setting(Recipe(), dataset), entry).sample
        row = told[Path(entry.key).name]
        plain = row["labels"].get("objects", [])
        things = list(sample.objects.rows())
        assert len(things) == len(plain), "as many objects as the manifest tells of, in the same order"
        things = [known(named(thing, dataset), each, case) for thing, each in zip(things, plain, strict=True)]
        yield (
            row["id"],
            sample.image,
            Written(
                things,
                [tuple(box) for box in boxes(sample.objects).tolist()],
                np.asarray(sample.mask) if case.target == "masks" else None,
                covers=recipes.covers(document),
                boxed=case.boxed,
                rotated=case.rotated,
                objects=case.target != "masks",
                repeated=repeated(row),
            ),
        )


def read_table(case: Case, document: dict[str, Any], output: Path) -> Iterator[tuple[str, Any, Written]]:
    """`read_back` for formats whose images and boxes stand in tables."""
    told = {Path(row["output"]).name: row for row in rows(output)}
    found = list(TABLES[case.target](output))
    assert sorted(name for name, _, _ in found) == sorted(told), "one row for each output"
    for name, image, boxes_ in found:
        row = told[name]
        plain = row["labels"].get("objects", [])
        assert len(boxes_) == len(plain), "as many objects as the manifest tells of, in the same order"
        things = [
            dataclasses.replace(from_plain(each), category=category)
            for (category, _), each in zip(boxes_, plain, strict=True)
        ]
        covers = recipes.covers(document)
        shown = [box for _, box in boxes_]
        yield row["id"], image, Written(things, shown, covers=covers, boxed=True, repeated=repeated(row))


def named(thing: Thing, dataset: Dataset) -> Thing:
    """The thing with its keypoints in the order of the scenes: files that name them need not hold all."""
    if thing.keypoints is None:
        return thing
    (names,) = (each.keypoints for each in dataset.categories if each.name == thing.category)
    rows = dict(zip(names, thing.keypoints, strict=True))
    return dataclasses.replace(thing, keypoints=np.array([rows.get(name, np.zeros(3)) for name in POINTS]))


def known(thing: Thing, row: Mapping[str, Any], case: Case) -> Thing:
    """The thing with what label files do not say, from the manifest: which object of the scene it is, what
    covers it, and of what shape it was when only its box was written.
    """
    told = from_plain(row)
    boxed = isinstance(thing.evidence, Outline) and thing.evidence.kind == "box"
    evidence = told.evidence if boxed or (case.boxed and not case.rotated) else thing.evidence
    return dataclasses.replace(thing, id=told.id, visible=told.visible, evidence=evidence)


def prove(name: str, seeds: range, folder: Path) -> None:
    case, worst, wrong = CASES[name], Worst(), []
    for seed in seeds:
        made_of = world(seed, case.kinds, case.twins)
        document, output = run(case, made_of, seed, folder / str(seed))
        for which, image, written in read_back(case, document, output):
            wrong += Checker(made_of, worst).check(image, written, f"{name}, recipe {seed}, {which}")
    reported(f"{name}, {worst.counts.get('pairs', 0)} pairs", worst)
    assert not wrong, "\n".join(wrong[:40])


@pytest.mark.parametrize("name", CASES)
def test_labels_follow_pixels_into(name: str, tmp_path: Path) -> None:
    prove(name, range(2), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_labels_follow_pixels_into_many(name: str, tmp_path: Path) -> None:
    prove(name, range(100, 225), tmp_path)
