"""Every recipe of configs/ runs on the sample photographs as it stands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import ROOT, tree
from tests.runs import call, rows

CONFIGS = sorted((ROOT / "configs").glob("*.yaml"))


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_it_runs_without_a_failure(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert call("check", path).code == 0
    plan = call("plan", path, "--json").json
    done = call("run", path, "--set", f"output.path={tmp_path / 'out'}", "--json")
    assert done.code == 0, done.err
    told = rows(tmp_path / "out")
    assert done.json["failed"] == 0 and done.json["made"] == plan["outputs"] == len(told)
    assert not [row["warnings"] for row in told if row["warnings"] and row["copy"]]
    files = [file for row in told for file in row["files"]]
    images = [file["path"] for file in files if file["kind"] == "image"]
    assert len(set(images)) == len(told)
    more = set(tree(tmp_path / "out")) - {file["path"] for file in files}
    assert all(name.endswith((".json", ".jsonl", "data.yaml")) for name in more), "all else is of one output"
    seen = call("verify", tmp_path / "out", "--expect", done.json["tree"])
    assert seen.code == 0, seen.out
    if path.stem == "mixing":
        for split in ("train", "val"):
            text = (tmp_path / "out" / split / "metadata.jsonl").read_text()
            named = {json.loads(line)["file_name"] for line in text.splitlines()}
            assert named == {name.removeprefix(f"{split}/") for name in images if name.startswith(split)}
    if path.stem == "balance":
        counts = done.json["outputs"]["train"]
        assert max(counts.values()) - min(counts.values()) == 0


def test_there_is_a_recipe_for_each_task() -> None:
    named = {path.stem for path in CONFIGS}
    assert {"quickstart", "classify", "noise-study", "mixing", "balance"} <= named
    assert {"detect-coco", "detect-yolo", "segment-masks", "instances-coco", "pose", "convert"} <= named
