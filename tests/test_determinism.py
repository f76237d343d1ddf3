"""Same recipe, same bytes: whatever the workers, the environment, the order, and the part asked for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.conftest import augment, tree
from tests.runs import MIXING, STEPS, call, dataset, drawn, recipe, rows


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the dataset `in`, a mixing recipe over it, and what a run made of it in `out`."""
    folder = tmp_path_factory.mktemp("determinism")
    dataset(folder / "in")
    path = recipe(folder, "in", MIXING, more="copies: 3\n", output="out")
    assert augment("run", path, "--workers", "2", cwd=folder).returncode == 0
    return folder


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
