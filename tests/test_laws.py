"""What an edit leaves alone: images that are added or left out, steps that come, go, change or move.

Outputs are made in memory, as `augment plan` does; every operation of the registry takes its turn.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from augcli import formats
from augcli.errors import ItemError
from augcli.ops.base import OPS, Mix
from augcli.plan import make_plan
from augcli.recipe import loads
from augcli.render import open_source
from augcli.setting import Setting
from augcli.work import Work
from tests.conftest import ROOT
from tests.matrix import STEPS
from tests.runs import dataset

Steps = list[tuple[str, dict[str, Any]]]
"""(op or group, its values) in order."""

Made = dict[str, tuple[Mapping[str, Any], list[bytes]]]
"""Id of a row -> the row, and the bytes of its files."""

MIXES = [name for name in STEPS if issubclass(OPS[name], Mix)]
PLAIN = [name for name in STEPS if name not in MIXES]


def made(source: Path, steps: Steps, include: Iterable[str] = (), copies: str = "2") -> Made:
    """All outputs of a recipe with these steps over the images that are included, but for those that fail."""
    head = {"augment": 1, "seed": 5, "input": {"path": str(source), "include": sorted(include)}}
    body = {
        "output": "nowhere",
        "copies": json.loads(copies),
        "steps": [{name: values} for name, values in steps],
    }
    recipe = loads(json.dumps({**head, **body})).recipe
    listing = formats.Source(str(source), recipe.input.include)
    found, entries = formats.read("auto", listing)
    plan = make_plan(recipe, found, entries)
    setting = Setting(recipe, found)
    work = Work(setting, "", "", plan.format)
    outputs: Made = {}
    for job in plan.jobs():
        try:
            opened = open_source(setting, job.entry)
            for copy in job.copies:
                row, data = work.make(job.entry, copy, opened)
                outputs[row["id"]] = row, data
        except ItemError:
            continue
    return outputs


def drawn(outputs: Made) -> dict[str, dict[str, Any]]:
    """Row id -> step id -> what it drew."""
    return {id_: {step["id"]: step["drawn"] for step in row["steps"]} for id_, (row, _) in outputs.items()}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seven small pictures in two classes."""
    names = [f"train/{label}/{label}{number}.png" for label in "ab" for number in range(3)]
    return dataset(tmp_path_factory.mktemp("laws") / "in", [*names, "val/a/v.png"])


@pytest.fixture(scope="module")
def deep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Images with masks of palettes and, for one of them, of 16 bits."""
    root = Path(shutil.copytree(ROOT / "sample_data/masks", tmp_path_factory.mktemp("deep") / "in"))
    (root / "categories.json").unlink()
    mask = next(iter(sorted((root / "train/masks").iterdir())))
    with Image.open(mask) as picture:
        ids = np.asarray(picture).astype(np.uint16)
    Image.fromarray(ids).save(mask)
    for path in (root / "train/masks").iterdir():
        with Image.open(path) as picture:
            grey = Image.fromarray(np.asarray(picture))
        grey.save(path)
    return root


SOURCES = ("folders", "coco", "yolo", "voc", "masks", "masks of many bits", "labelme", "csv", "yolo-pose")
LISTED = ("labelme", "csv", "masks of many bits", "voc")
"""Data of which the listed images are all that tells the vocabulary."""


@pytest.mark.parametrize("kind", SOURCES)
def test_images_that_are_added_or_left_out_leave_the_others_as_they_were(kind, small, deep):
    source = {"folders": small, "masks of many bits": deep}.get(kind, ROOT / "sample_data" / kind)
    steps: Steps = [(name, {**STEPS[name], "p": 0.1}) for name in PLAIN]
    whole = made(source, steps)
    names = sorted({row["source"] for row, _ in whole.values()})
    training = sorted({row["source"] for row, _ in whole.values() if row["split"].startswith("train")})
    assert len(training) > 1

    @settings(max_examples=2, deadline=None)
    @given(st.sets(st.sampled_from(names)), st.sampled_from(training))
    def check(some: set[str], one: str) -> None:
        kept = some | {one}
        part = made(source, steps, kept)
        others = {id_: each for id_, each in whole.items() if each[0]["source"] in kept}
        same = {id_ for id_ in part if part[id_][0]["build"] == others[id_][0]["build"]}
        assert all(part[id_] == others[id_] for id_ in same)  # what --update keeps is what a fresh run makes
        if kind in LISTED:
            part, others = without_vocabulary(part), without_vocabulary(others)
        assert part == others

    check()


def without_vocabulary(outputs: Made) -> Made:
    """The images and the rows, without what may name or number the classes of other images too."""
    free = ("build", "files")
    told: Made = {}
    for id_, (row, data) in outputs.items():
        labels = {name: value for name, value in row["labels"].items() if name != "objects" or value}
        told[id_] = {name: row[name] for name in row if name not in free} | {"labels": labels}, data[:1]
    return told


def test_added_images_change_partners_and_nothing_that_the_hosts_draw(small):
    steps: Steps = [("rotate", {"degrees": [-9, 9]}), *((name, {"p": 0.6}) for name in MIXES)]
    whole = made(small, steps, copies="6")
    names = sorted({row["source"] for row, _ in whole.values() if row["split"] == "train"})
    part = made(small, steps, names[:-1], copies="6")
    assert drawn(part).items() <= drawn(whole).items()
    alone = {id_ for id_, (row, _) in part.items() if not row["partners"]}
    assert 0 < len(alone) < len(part)
    assert all(part[id_] == whole[id_] for id_ in alone)


def among(names: list[str]) -> st.SearchStrategy[Steps]:
    """A few different operations with a chance each."""
    chance = st.sampled_from([0.3, 0.7, 1])
    step = st.tuples(st.sampled_from(names), chance).map(
        lambda pair: (pair[0], {**STEPS[pair[0]], "p": pair[1]})
    )
    return st.lists(step, min_size=1, max_size=5, unique_by=lambda step: step[0])


GROUP = ("one_of", {"id": "either", "of": [{"invert": {"id": "x"}}, {"gaussian_noise": {"id": "y"}}]})


def edited(data: st.DataObject, steps: Steps) -> tuple[str, Steps]:
    """The id of the step that an edit is about ("" for none), and the steps after it."""
    kind = data.draw(st.sampled_from(["add", "remove", "change", "move"]))
    at = data.draw(st.integers(0, len(steps) - 1))
    after = list(steps)
    if kind == "move":
        after.append(after.pop(at))
        return "", after
    if kind == "add":
        name = data.draw(st.sampled_from([name for name in STEPS if name not in dict(steps)]))
        after.insert(at, (name, {**STEPS[name], "p": 0.8}))
        return name, after
    name, values = after.pop(at)
    if kind == "change":
        after.insert(at, (name, {**values, "p": 0.55}))
    return name, after


@settings(max_examples=15, deadline=None)
@given(st.data(), among(list(STEPS)))
def test_an_edit_of_one_step_leaves_what_the_others_draw(small, data, steps):
    before = [*steps, GROUP]
    name, after = edited(data, before[:-1])
    one, other = drawn(made(small, before)), drawn(made(small, [*after, GROUP]))
    for id_ in one.keys() & other.keys():
        mine, theirs = dict(one[id_]), dict(other[id_])
        mine.pop(name, None)
        theirs.pop(name, None)
        assert mine == theirs


@pytest.mark.parametrize("name", STEPS)
def test_no_operation_disturbs_another_by_coming_before_it(name, small):
    others: Steps = [
        ("rotate", {"degrees": [-9, 9]}),
        ("gaussian_noise", {"std": [0.0, 0.1]}),
        ("cutmix", {}),
    ]
    others = [step for step in others if step[0] != name]
    one, other = (drawn(made(small, [*more, *others])) for more in ([], [(name, STEPS[name])]))
    assert one.keys() & other.keys() and all(any(steps) for id_, steps in one.items() if id_[-1] != "0")
    for id_ in one.keys() & other.keys():
        assert one[id_] == {step: values for step, values in other[id_].items() if step != name}
