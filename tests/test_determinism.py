"""Same recipe, same bytes: whatever the workers, the environment, the order, and the part asked for."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.conftest import ROOT, augment, tree
from tests.runs import MIXING, STEPS, call, dataset, drawn, recipe, rows


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the dataset `in`, a mixing recipe over it, and what a run made of it in `out`."""
    folder = tmp_path_factory.mktemp("determinism")
    dataset(folder / "in")
    path = recipe(folder, "in", MIXING, more="copies: 3\n", output="out")
    assert augment("run", path, "--workers", "2", cwd=folder).returncode == 0
    return folder


PLAIN = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
"""An environment with neither home nor locale."""

VARIANTS: dict[str, tuple[list[str], Mapping[str, str] | None]] = {
    "one worker": (["--workers", "1"], {"PYTHONHASHSEED": "0"}),
    "four workers": (["--workers", "4"], {"PYTHONHASHSEED": "1"}),
    "spawn": (["--start-method", "spawn", "--workers", "2"], {"PYTHONHASHSEED": "random"}),
    "fork": (["--start-method", "fork", "--workers", "2"], {}),
    "no locale, no home": (["--quiet", "--debug"], None),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_the_tree_does_not_depend_on_how_it_is_made(name: str, place: Path, tmp_path: Path) -> None:
    words, env = VARIANTS[name]
    words = ["run", str(place / "recipe.yaml"), "--set", f"output.path={tmp_path / 'out'}", *words]
    if env is None:
        env = {**PLAIN, "LANG": "C", "LC_ALL": "C"}
        done = subprocess.run(
            [sys.executable, "-m", "augcli", *words], cwd=place, env=env, capture_output=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
    else:
        text = augment(*words, cwd=place, env={"PYTHONPATH": str(ROOT), **env})
        assert text.returncode == 0, text.stderr
    assert tree(tmp_path / "out") == tree(place / "out")


def test_neither_working_directory_nor_file_order_nor_times_matter(place: Path, tmp_path: Path) -> None:
    files = [path for path in (place / "in").rglob("*") if path.is_file()]
    for age, path in enumerate(sorted(files, reverse=True)):
        copy = tmp_path / "elsewhere" / path.relative_to(place / "in")
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
        os.utime(copy, (1e9 + age, 1e9 + age))
    path = recipe(tmp_path / "deep" / "er", "elsewhere", MIXING, more="copies: 3\n", output="x/y/z")
    done = augment("run", path, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)})
    assert done.returncode == 0, done.stderr
    assert tree(tmp_path / "x/y/z") == tree(place / "out")


def test_nothing_that_is_written_names_a_place_a_host_or_a_time(place: Path) -> None:
    for name in ("run.json", "manifest.jsonl", "train/metadata.jsonl"):
        text = (place / "out" / name).read_text()
        assert str(place) not in text
        assert os.uname().nodename not in text
        assert "seconds" not in text


def test_a_limited_run_makes_some_of_the_same_files_and_the_full_run_completes_it(
    place: Path, tmp_path: Path
) -> None:
    words = ["run", place / "recipe.yaml", "--set", f"output.path={tmp_path / 'out'}"]
    words += ["--set", f"input.path={place / 'in'}"]
    assert call(*words, "--limit", "3").code == 0
    whole, part = tree(place / "out"), tree(tmp_path / "out")
    images = {name: digest for name, digest in part.items() if name.endswith((".jpg", ".png"))}
    assert 3 <= len(images) < len(whole) - 3
    assert images.items() <= whole.items()
    assert {row["split"] for row in rows(tmp_path / "out")} == {"train"}
    assert {row["labels"]["label"] for row in rows(tmp_path / "out") if not row["copy"]} == {"a", "b", "c"}
    assert call(*words).code == 0
    assert tree(tmp_path / "out") == whole


def test_further_images_leave_the_outputs_of_the_others_as_they_were(tmp_path: Path) -> None:
    source = dataset(tmp_path / "in")
    path = recipe(tmp_path, source)
    assert call("run", path).code == 0
    dataset(source, ["train/a/a00.jpg", "train/b/zz.png", "train/new/n.jpg", "val/a/0.jpg"])
    assert call("run", path, "--set", f"output.path={tmp_path / 'more'}").code == 0
    before = {row["id"]: row for row in rows(tmp_path / "out")}
    after = {row["id"]: row for row in rows(tmp_path / "more")}
    assert len(after) == len(before) + 3 * 3 + 1
    assert before.items() <= after.items()


EDITS = {
    "removed in the middle": STEPS[:3] + STEPS[4:],
    "removed in front": STEPS[1:],
    "added in front": ("hue: {degrees: [-20, 20]}", *STEPS),
    "added at the end": (*STEPS, "gaussian_blur: {sigma: [0.5, 1.5], id: last}"),
    "changed": (STEPS[0], "flip: {axis: vertical, p: 0.9}", *STEPS[2:]),
    "another order": STEPS[::-1],
}


@pytest.fixture(scope="module")
def unedited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("edits")
    assert call("run", recipe(folder, dataset(folder / "in"))).code == 0
    return folder


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_of_one_step_leaves_what_the_others_draw(edit: str, unedited: Path, tmp_path: Path) -> None:
    assert call("run", recipe(tmp_path, unedited / "in", EDITS[edit])).code == 0
    before, after = drawn(unedited / "out"), drawn(tmp_path / "out")
    assert before.keys() == after.keys()
    edited = {"removed in the middle": "color_jitter", "removed in front": "rotate", "changed": "flip"}
    edited |= {"added in front": "hue", "added at the end": "last"}
    for id_, steps in before.items():
        same, now = dict(steps), dict(after[id_])
        same.pop(edited.get(edit, ""), None)
        now.pop(edited.get(edit, ""), None)
        assert same == now


def test_another_seed_draws_anew(unedited: Path, tmp_path: Path) -> None:
    words = ["--set", "seed=8", "--set", f"output.path={tmp_path / 'out'}"]
    assert call("run", unedited / "recipe.yaml", *words).code == 0
    before, after = drawn(unedited / "out"), drawn(tmp_path / "out")
    assert all(before[id_] != after[id_] for id_ in before if not id_.endswith("#0"))
