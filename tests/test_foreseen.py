"""Whatever an output folder may be: `plan` says what `run` does to it, writes nothing, and `run` does it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from augcli import manifest
from tests.conftest import ROOT, tree
from tests.runs import call, dataset, recipe, rows
from tests.test_continue import stamps

STEPS = ("flip: {axis: horizontal, p: 0.5}", "brightness: {factor: [0.8, 1.2]}")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`in`, a recipe, and what an undisturbed run makes in `out`: 39 outputs of 15 sources."""
    folder = tmp_path_factory.mktemp("foreseen")
    assert call("run", recipe(folder, dataset(folder / "in"), STEPS)).code == 0
    assert len(rows(folder / "out")) == 39
    return folder


@pytest.fixture
def made(place: Path, tmp_path: Path) -> Path:
    """A copy of all that, with a recipe of its own."""
    for name in ("in", "out"):
        shutil.copytree(place / name, tmp_path / name)
    recipe(tmp_path, tmp_path / "in", STEPS)
    return tmp_path


def absent(folder: Path) -> None:
    shutil.rmtree(folder / "out")


def empty(folder: Path) -> None:
    absent(folder)
    (folder / "out").mkdir()


def finished(folder: Path) -> None:
    assert (folder / "out/run.json").exists()


def damaged(folder: Path) -> None:
    (folder / "out/train/a/a0__001.jpg").unlink()
    (folder / "out/train/b/b1.jpg").write_bytes(b"torn")


def unfinished(folder: Path) -> None:
    """As a kill before sealing leaves it, after 20 of the rows, with one file that has no row yet."""
    out = folder / "out"
    run = manifest.read_run(out)
    assert run is not None
    kept = rows(out)[:20]
    names = [row["output"] for row in rows(out)[20:]]
    for name in (*names[1:], "run.json", "manifest.jsonl", "train/metadata.jsonl", "val/metadata.jsonl"):
        (out / name).unlink(missing_ok=True)
    known = manifest.Known()
    with manifest.Journal.begin(out, manifest.header_of(run), known, manifest.load(out).journal) as journal:
        journal.promise(names[:1], None)
        journal.append(*kept)
    known.close()


def a_new_image(folder: Path) -> None:
    dataset(folder / "in", ["train/c/new.jpg"])


def an_image_gone_and_one_changed(folder: Path) -> None:
    (folder / "in/train/a/a1.jpg").unlink()
    (folder / "in/train/b/b0.jpg").write_bytes((folder / "in/train/b/b1.jpg").read_bytes())


def foreign(folder: Path) -> None:
    absent(folder)
    (folder / "out").mkdir()
    (folder / "out/thesis.txt").write_text("mine")


def lost(folder: Path) -> None:
    (folder / "out/run.json").unlink()


Counts = tuple[int, int, int, int]
ROWS: dict[str, tuple[Callable[[Path], None], list[str], Counts | None, int, str]] = {
    "absent": (absent, [], (39, 0, 0, 0), 0, ""),
    "empty": (empty, [], (39, 0, 0, 0), 0, ""),
    "finished": (finished, [], (0, 0, 0, 39), 0, ""),
    "damaged": (damaged, [], (0, 2, 0, 37), 0, ""),
    "unfinished": (unfinished, [], (19, 0, 0, 20), 0, ""),
    "another seed": (finished, ["--set", "seed=8"], (0, 24, 0, 15), 5, "recipe: seed: 7 -> 8"),
    "fewer copies": (finished, ["--set", "copies=1"], (0, 0, 12, 27), 5, "recipe: copies"),
    "more copies": (finished, ["--set", "copies=3"], (12, 0, 0, 39), 5, "recipe: copies"),
    "other inputs": (a_new_image, [], (3, 0, 0, 39), 5, "inputs: 1 added (train/c/new.jpg)"),
    "changed inputs": (an_image_gone_and_one_changed, [], (0, 3, 3, 33), 5, "inputs: 0 added, 1 removed"),
    "not ours": (foreign, [], None, 2, "was not made by augment"),
    "run.json lost": (lost, [], (0, 39, 0, 0), 0, ""),
}


@pytest.mark.parametrize("name", ROWS)
def test_plan_says_what_run_then_does(name: str, made: Path) -> None:
    change, words, counts, code, reason = ROWS[name]
    change(made)
    before = stamps(made)
    told = call("plan", made / "recipe.yaml", *words, "--json")
    assert told.code == 0 and stamps(made) == before
    plan = told.json
    keys = ("added", "changed", "removed", "kept")
    expected = dict(zip(keys, counts, strict=True)) if counts else None
    assert plan["difference"] == expected
    refused = call("run", made / "recipe.yaml", *words, "--json") if code else None
    if refused is None:
        assert plan["refusal"] is None
    else:
        assert refused.code == plan["refusal"]["exit_code"] == code
        assert [
            f"augment: error: {text}" for text in plan["refusal"]["problems"]
        ] == refused.err.splitlines()[-len(plan["refusal"]["problems"]) :]
        assert reason in refused.err and stamps(made) == before
    if expected is None:
        assert call("run", made / "recipe.yaml", *words, "--update").code == code
        return
    done = call("run", made / "recipe.yaml", *words, *(["--update"] if code else []), "--json")
    assert done.code == 0, done.err
    assert {key: done.json[key] for key in keys} == expected
    assert done.json["made"] == expected["added"] + expected["changed"]
    assert call("run", made / "recipe.yaml", *words, "--set", f"output.path={made / 'anew'}").code == 0
    assert tree(made / "out") == tree(made / "anew")
    assert call("plan", made / "recipe.yaml", *words, "--json").json["difference"]["kept"] == len(
        rows(made / "out")
    )


def test_people_read_the_difference_in_a_line(made: Path) -> None:
    last = call("plan", made / "recipe.yaml").out.splitlines()[-1]
    assert last == f"{made / 'out'}: +0 added, ~0 changed, -0 removed, =39 kept"
    dataset(made / "in", ["train/c/new.jpg"])
    (made / "in/train/a/a1.jpg").unlink()
    done = call("plan", made / "recipe.yaml")
    assert done.out.splitlines()[-1] == (
        f"{made / 'out'}: run would refuse (exit 5); with --update: "
        "+3 added, ~0 changed, -3 removed, =36 kept"
    )
    assert (
        "warning: " in done.err
        and "inputs: 1 added (train/c/new.jpg), 1 removed (train/a/a1.jpg)" in done.err
    )
    updated = call("run", made / "recipe.yaml", "--update").out.splitlines()
    assert updated[1] == "  +3 added, ~0 changed, -3 removed, =36 kept"
    foreign(made)
    done = call("plan", made / "recipe.yaml")
    assert done.code == 0 and done.out.splitlines()[-1] == f"{made / 'out'}: run would refuse (exit 2)"


def test_a_limited_plan_leaves_the_other_outputs_alone(made: Path) -> None:
    plan = call("plan", made / "recipe.yaml", "--limit", "2", "--json").json
    assert plan["difference"] == {"added": 0, "changed": 0, "removed": 0, "kept": 39}


def test_what_failed_is_added_when_it_is_mended(made: Path) -> None:
    good = (made / "in/train/a/a2.jpg").read_bytes()
    (made / "in/train/a/a2.jpg").write_bytes(good[:200])
    assert call("run", made / "recipe.yaml", "--update").code == 3
    (made / "in/train/a/a2.jpg").write_bytes(good)
    plan = call("plan", made / "recipe.yaml", "--json").json
    assert plan["refusal"] is None and plan["difference"] == {
        "added": 3,
        "changed": 0,
        "removed": 0,
        "kept": 36,
    }


def test_what_failed_and_is_gone_removes_nothing(made: Path) -> None:
    (made / "in/train/a/broken.jpg").write_bytes(b"no image")
    assert call("run", made / "recipe.yaml", "--update").code == 3
    (made / "in/train/a/broken.jpg").unlink()
    plan = call("plan", made / "recipe.yaml", "--json").json
    assert plan["difference"] == {"added": 0, "changed": 0, "removed": 0, "kept": 39}
    done = call("run", made / "recipe.yaml", "--update", "--json")
    assert done.code == 0 and done.json["removed"] == 0 and len(rows(made / "out")) == 39


def test_fresh_begins_again_whatever_is_there(place: Path, made: Path) -> None:
    for change in (finished, damaged, a_new_image):
        change(made)
        done = call("run", made / "recipe.yaml", "--set", "seed=3", "--fresh", "--json")
        assert done.code == 0 and done.json["kept"] == 0
    assert (
        call("run", made / "recipe.yaml", "--fresh", "--expect", tree_of(place)).code == 3
    )  # one image more
    (made / "in/train/c/new.jpg").unlink()
    assert call("run", made / "recipe.yaml", "--fresh", "--expect", tree_of(place)).code == 0


def tree_of(folder: Path) -> str:
    run: dict[str, Any] = json.loads((folder / "out/run.json").read_text())
    return str(run["tree"])


@pytest.mark.parametrize("where", ["in", "in/train/out", "."])
def test_a_plan_into_its_own_input_is_refused_as_a_run_is(where: str, made: Path) -> None:
    words = [made / "recipe.yaml", "--set", f"output.path={made / where}"]
    run, plan = call("run", *words), call("plan", *words)
    assert run.code == plan.code == 2 and run.err == plan.err


READ_ONLY = """
mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" || exit 99
shift
! touch "$PROBE" 2>/dev/null || exit 98
"$@"
"""


@pytest.mark.parametrize("verb", ["run", "plan"])
def test_what_is_up_to_date_may_lie_on_a_file_system_that_is_read_only(verb: str, made: Path) -> None:
    if not shutil.which("unshare"):
        pytest.skip("no unshare")
    words = [sys.executable, "-m", "augcli", verb, str(made / "recipe.yaml"), "--json"]
    command = ["unshare", "-m", "sh", "-c", READ_ONLY, "sh", str(made), *words]
    env = {**os.environ, "PROBE": str(made / "out/probe")}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)
    if done.returncode in (1, 99) and not done.stdout:
        pytest.skip(f"may not mount: {done.stderr}")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told if verb == "run" else told["difference"])["kept"] == 39
