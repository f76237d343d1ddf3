"""Whatever a run makes of whatever labels is made again from its row, bit for bit, without the seed."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import augcli.ops  # noqa: F401 - fills the registry
from augcli.opened import Opened, open_output
from augcli.ops.base import OPS
from augcli.replay import Unlike
from augcli.sources import Sources, sources
from tests.conftest import ROOT
from tests.runs import call

KINDS = {
    "photos": "",
    "coco": "",
    "coco tiles": "  tile: {size: 300, overlap: 40}\n",
    "masks": "",
    "voc": "",
    "yolo": "",
    "yolo-pose": "",
    "labelme": "",
    "csv": "",
}


def plain(name: str) -> str:
    """A step of this op as a recipe has it."""
    return json.dumps({name: dict(OPS[name].example)} if OPS[name].example else name)


def written(folder: Path, kind: str, steps: list[str], copies: int, *, more: str = "") -> Path:
    path = ROOT / "sample_data" / kind.split()[0]
    head = f"augment: 1\nseed: 11\ninput:\n  path: {path}\n{KINDS[kind]}output: {folder / 'out'}\n"
    text = f"{head}copies: {copies}\n{more}steps:\n" + "".join(f"  - {step}\n" for step in steps)
    (folder / "recipe.yaml").write_text(text)
    return folder / "recipe.yaml"


def seedless(opened: Opened, kind: str) -> Sources:
    """The inputs, with another seed than that of the run: nothing may be drawn."""
    run = json.loads(json.dumps(opened.run))
    run["recipe"]["seed"] = 987654321
    changed = dataclasses.replace(opened, run=run)
    return sources(changed, folder=ROOT / "sample_data" / kind.split()[0], recipe=None)


def replayed(folder: Path, kind: str) -> list[dict[str, Any]]:
    """Every row, after its files were made again and compared."""
    opened = open_output(folder / "out")
    found = seedless(opened, kind)
    rows = []
    for row in opened.rows():
        assert row["status"] == "ok", row["error"]
        contents = found.replay(row, lambda key, row=row: found.find(row, key))
        for file, data in zip(row["files"], contents, strict=True):
            assert hashlib.sha256(data).hexdigest() == file["sha256"], (row["id"], file["path"])
        rows.append(dict(row))
    return rows


AVERAGES = {"blend", "mixup"}
"""Ops that masks refuse, because class ids cannot be averaged."""

SWEPT = {"coco", "yolo", "labelme", "csv"}
"""Kinds whose labels others stand for in the tests that are always run."""


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=[pytest.mark.slow] if kind in SWEPT else []) for kind in KINDS]
)
def test_every_op_with_every_kind_of_label_is_made_again_bit_for_bit(kind: str, tmp_path: Path) -> None:
    """One op a copy, in turn."""
    names = sorted(set(OPS) - AVERAGES if kind in ("masks", "voc") else OPS)
    branches = ", ".join(plain(name) for name in names)
    made = written(
        tmp_path, kind, [f"each_of: [{branches}]"], len(names), more="prepare: [resize: {longest: 300}]\n"
    )
    done = call("run", made, "--limit", 1, "--max-failures", "10%")
    assert done.code == 0, done.err
    rows = replayed(tmp_path, kind)
    met = {step["op"] for row in rows for step in row["steps"]}
    assert met == set(names), set(names) - met


@pytest.mark.parametrize("kind", ["photos", "coco tiles", "masks", "voc", "yolo-pose"])
def test_long_chains_with_mixing_within_mixing_are_made_again_bit_for_bit(kind: str, tmp_path: Path) -> None:
    steps = [
        "rotate: {degrees: [-30, 30], p: 0.7}",
        "color_jitter: {brightness: [0.7, 1.3], contrast: [0.7, 1.3], saturation: [0.5, 1.5]}",
        "mosaic: {p: 0.6}",
        "random_resized_crop: {width: 160, height: 120, p: 0.6}",
        "flip: {axis: horizontal, p: 0.5}",
        "erase: {area: [0.05, 0.2], p: 0.4}",
        "some_of: {n: [0, 2], of: [gamma: {gamma: [0.7, 1.4]}, gaussian_noise: {std: 0.03}, equalize: {}]}",
        "cutmix: {p: 0.5}",
        "letterbox: {width: 140, height: 140, p: 0.3}",
    ]
    made = written(tmp_path, kind, steps, 4, more="prepare: [resize: {longest: 220}]\n")
    done = call("run", made, "--limit", 3)
    assert done.code == 0, done.err
    rows = replayed(tmp_path, kind)
    deep = [partner for row in rows for partner in row["partners"] if partner.get("partners")]
    assert deep and any(row["copy"] == 0 for row in rows)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("replaying")
    made = written(
        folder, "coco", ["rotate: {degrees: [-30, 30]}", "mosaic: {}", "gaussian_noise: {std: 0.02}"], 1
    )
    assert call("run", made, "--limit", 2).code == 0
    return folder


Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda row: row.update(source_sha256="0" * 64), "is not the file that it was made of"),
        (lambda row: row["partners"][0].update(sha256="0" * 64), "is not the file that it was made of"),
        (lambda row: row["partners"][0].update(source="gone.jpg"), "is not among the inputs"),
        (lambda row: row["steps"][0].update(op="flip"), r"the recipe has no step rotate \(flip\)"),
        (lambda row: row["steps"][0]["drawn"].pop("degrees"), "values that no step can act by"),
        (lambda row: row["steps"][1]["resolved"].update(x="wide"), "values that no step can act by"),
        (lambda row: row.update(output="train/x.png"), "under other names"),
        (lambda row: row.update(status="error"), "tells of no output"),
    ],
)
def test_a_row_that_cannot_be_made_again_says_why(place: Path, change: Change, words: str) -> None:
    opened = open_output(place / "out")
    row = json.loads(json.dumps(next(row for row in opened.rows() if row["copy"])))
    change(row)
    found = seedless(opened, "coco")
    with pytest.raises(Unlike, match=words):
        found.replay(row, lambda key: found.find(row, key))


def test_other_recorded_values_make_another_picture(place: Path) -> None:
    """Else the test above would hold for a replay that ignores the row."""
    opened = open_output(place / "out")
    row = json.loads(json.dumps(next(row for row in opened.rows() if row["copy"])))
    found = seedless(opened, "coco")
    kept = found.replay(row, lambda key: found.find(row, key))[0]
    assert hashlib.sha256(kept).hexdigest() == row["files"][0]["sha256"]
    for change in (
        lambda row: row["steps"][0]["matrix"][0].__setitem__(2, row["steps"][0]["matrix"][0][2] + 1.0),
        lambda row: row["steps"][1]["resolved"].update(x=row["steps"][1]["resolved"]["x"] + 5),
        lambda row: row["steps"][2]["drawn"].update(seed=1),
    ):
        other = json.loads(json.dumps(row))
        change(other)
        assert found.replay(other, lambda key: found.find(row, key))[0] != kept
