"""`augment run` on a folder that is there already: continue, keep, mend, refuse, update, start over."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from augcli import manifest
from tests.conftest import ROOT, tree
from tests.runs import MIXING, call, dataset, recipe, rows

DIE = """
import os, signal, sys
from importlib import import_module

def dying(owner, name, count, before):
    inner, calls = getattr(owner, name), [0]
    def wrapped(*args, **named):
        calls[0] += 1
        if calls[0] == count and before:
            os.kill(os.getpid(), signal.SIGKILL)
        result = inner(*args, **named)
        if calls[0] == count:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    setattr(owner, name, wrapped)

moment = sys.argv.pop(1)
Journal = import_module("augcli.manifest.journal").Journal
seal = import_module("augcli.manifest.seal")
places = {
    "at the first row": (Journal, "append", 1, True),
    "after some rows": (Journal, "append", 5, False),
    "before sealing": (Journal, "announce", 1, True),
    "between manifest and metadata": (seal, "_written", 1, True),
    "between metadata and run.json": (seal, "write_run", 1, True),
    "before the journal goes": (Journal, "remove", 1, True),
}
dying(*places[moment])
from augcli.cli import main
main()
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`in`, a mixing recipe, and what an undisturbed run makes in `out`."""
    folder = tmp_path_factory.mktemp("continue")
    assert call("run", recipe(folder, dataset(folder / "in"), MIXING)).code == 0
    return folder


@pytest.fixture
def made(place: Path, tmp_path: Path) -> Path:
    """A folder of the test's own: a copy of the input, of the recipe over it, and of the output."""
    shutil.copytree(place / "in", tmp_path / "in")
    shutil.copytree(place / "out", tmp_path / "out")
    recipe(tmp_path, tmp_path / "in", MIXING)
    return tmp_path


def stamps(folder: Path) -> dict[str, tuple[int, int]]:
    """Path -> (inode, time of change in ns) of a folder and everything below it."""
    paths = [folder, *folder.rglob("*")]
    return {str(path): (path.stat().st_ino, path.stat().st_mtime_ns) for path in paths}


@pytest.mark.parametrize(
    "moments",
    [
        ["at the first row", "between metadata and run.json"],
        ["after some rows"],
        ["before sealing", "between manifest and metadata"],
        ["before the journal goes"],
    ],
    ids=", ".join,
)
def test_a_run_killed_and_continued_makes_the_same_tree(
    moments: list[str], place: Path, tmp_path: Path
) -> None:
    words = [str(place / "recipe.yaml"), "--set", f"output.path={tmp_path / 'out'}"]
    for moment in moments:
        command = [sys.executable, "-c", DIE, moment, "run", *words]
        died = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60, start_new_session=True)
        assert died.returncode == -9, died.stderr
        assert (tmp_path / "out" / manifest.JOURNAL).exists()
    assert call("run", *words).code == 0
    assert tree(tmp_path / "out") == tree(place / "out")


def test_a_second_run_writes_nothing(made: Path) -> None:
    before = stamps(made)
    done = call("run", made / "recipe.yaml", "--json")
    assert done.code == 0
    assert done.json["made"] == 0 and done.json["kept"] == len(rows(made / "out"))
    assert stamps(made) == before
    assert call("run", made / "recipe.yaml", "--limit", "2").code == 0
    assert call("run", made / "recipe.yaml", "--update", "--workers", "1").code == 0
    assert call("plan", made / "recipe.yaml").code == call("check", made / "recipe.yaml").code == 0
    assert stamps(made) == before


def test_a_finished_folder_that_may_not_be_written_to_needs_no_writing(made: Path) -> None:
    shutil.copytree(made / "out", made / "frozen")
    for path in [*(made / "frozen").rglob("*"), made / "frozen"]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        words = ["run", made / "recipe.yaml", "--set", f"output.path={made / 'frozen'}", "--json"]
        assert call(*words).json["made"] == 0
    finally:
        for path in [made / "frozen", *(made / "frozen").rglob("*")]:
            path.chmod(0o755)


DAMAGE = {
    "removed": lambda out: (out / "train/a/a0__001.jpg").unlink(),
    "a class removed": lambda out: shutil.rmtree(out / "train/b"),
    "shortened": lambda out: os.truncate(out / "train/a/a1.jpg", 100),
    "another image of the same length and time": lambda out: _flipped(out / "val/c/c9.jpg"),
    "metadata removed": lambda out: (out / "train/metadata.jsonl").unlink(),
    "metadata edited": lambda out: (out / "val/metadata.jsonl").write_text("{}\n"),
}


def _flipped(path: Path) -> None:
    stat = path.stat()
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def test_whatever_is_damaged_or_missing_is_made_again(place: Path, made: Path) -> None:
    whole = tree(place / "out")
    for name, damage in DAMAGE.items():
        damage(made / "out")
        assert tree(made / "out") != whole
        done = call("run", made / "recipe.yaml", "--json")
        assert done.code == 0, done.err
        assert done.json["made"] <= 12, f"{name}: made more than was damaged"
        assert tree(made / "out") == whole, name


def test_a_damaged_manifest_is_not_believed(place: Path, made: Path) -> None:
    _flipped(made / "out/manifest.jsonl")
    done = call("run", made / "recipe.yaml", "--json")
    assert done.code == 0 and done.json["kept"] == 0
    assert tree(made / "out") == tree(place / "out")


def test_rows_that_failed_are_tried_again(place: Path, made: Path) -> None:
    good = (made / "in/train/a/a2.jpg").read_bytes()
    (made / "in/train/a/a2.jpg").write_bytes(good[:200])
    assert call("run", made / "recipe.yaml", "--fresh").code == 3
    # Mixtures whose first candidate it was have taken another: they are not those of a whole dataset.
    assert not (made / "out/train/a/a2.jpg").exists()
    assert call("run", made / "recipe.yaml").code == 3
    (made / "in/train/a/a2.jpg").write_bytes(good)
    done = call("run", made / "recipe.yaml")
    assert done.code == 0, done.err
    assert tree(made / "out") == tree(place / "out")


def test_update_adds_changes_removes_and_keeps(tmp_path: Path) -> None:
    source = dataset(tmp_path / "in")
    path = recipe(tmp_path, source)
    assert call("run", path).code == 0
    dataset(source, ["train/b/new.jpg"])
    (source / "train/a/a1.jpg").write_bytes((source / "train/b/b1.jpg").read_bytes())
    (source / "train/c/c1.jpg").unlink()
    refused = call("run", path)
    assert refused.code == 5 and "inputs" in refused.err
    before = stamps(tmp_path / "out")
    planned = len(rows(tmp_path / "out"))
    done = call("run", path, "--update", "--json")
    assert done.code == 0, done.err
    counts = {key: done.json[key] for key in ("made", "kept", "removed", "failed")}
    assert counts == {"made": 6, "kept": planned - 6, "removed": 3, "failed": 0}
    after = stamps(tmp_path / "out")
    for row in rows(tmp_path / "out"):
        file = str(tmp_path / "out" / row["output"])
        touched = row["source"] in ("b/new.jpg", "a/a1.jpg")
        assert (before.get(file) != after[file]) == touched
    assert call("run", path, "--set", f"output.path={tmp_path / 'anew'}").code == 0
    assert tree(tmp_path / "out") == tree(tmp_path / "anew")


@pytest.mark.parametrize(
    "change",
    ["seed=9", "copies=1", "originals=drop", "output.encode.quality=60", "output.encode.format=png"],
)
def test_an_updated_folder_is_the_folder_of_a_fresh_run(change: str, made: Path) -> None:
    refused = call("run", made / "recipe.yaml", "--set", change)
    assert refused.code == 5 and "belongs to another run" in refused.err
    assert call("run", made / "recipe.yaml", "--set", change, "--update").code == 0
    words = ["--set", change, "--set", f"output.path={made / 'anew'}"]
    assert call("run", made / "recipe.yaml", *words).code == 0
    assert tree(made / "out") == tree(made / "anew")


def test_updates_of_many_kinds_one_after_another_end_where_a_fresh_run_ends(made: Path) -> None:
    changes: list[str] = []
    for change in ("canvas.fill=9", "flip.p=1.0", "input.group=([a-z]+[0-9])", "input.exclude=[val/**]"):
        changes += ["--set", change]
        assert call("run", made / "recipe.yaml", *changes).code == 5
        assert call("run", made / "recipe.yaml", *changes, "--update").code == 0
    changes += ["--set", f"output.path={made / 'anew'}"]
    assert call("run", made / "recipe.yaml", *changes).code == 0
    assert tree(made / "out") == tree(made / "anew")


def test_an_interrupted_update_is_continued(place: Path, made: Path) -> None:
    words = [str(made / "recipe.yaml"), "--set", "copies=1", "--set", "seed=1", "--update"]
    command = [sys.executable, "-c", DIE, "after some rows", "run", *words]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60).returncode == -9
    assert call("run", *words).code == 0
    assert call("run", *words[:-1], "--set", f"output.path={made / 'anew'}").code == 0
    assert tree(made / "out") == tree(made / "anew")


def test_fresh_removes_what_the_manifest_owns_and_nothing_else(place: Path, made: Path) -> None:
    (made / "out/notes.txt").write_text("mine")
    (made / "out/train/a/mine.jpg").write_bytes(b"mine")
    assert call("run", made / "recipe.yaml", "--set", "copies=1", "--fresh").code == 0
    assert (made / "out/notes.txt").read_text() == "mine"
    assert not list((made / "out").rglob("*__002.*"))
    (made / "out/notes.txt").unlink()
    (made / "out/train/a/mine.jpg").unlink()
    done = call("run", made / "recipe.yaml", "--fresh", "--json")
    assert done.json["kept"] == 0
    assert tree(made / "out") == tree(place / "out")


def test_a_foreign_folder_is_refused_and_not_touched(made: Path) -> None:
    foreign = made / "foreign"
    (foreign / "sub").mkdir(parents=True)
    (foreign / "sub/file.txt").write_text("mine")
    before = stamps(foreign)
    for path in (foreign, foreign / "sub/file.txt"):
        for more in ([], ["--fresh"], ["--update"]):
            done = call("run", made / "recipe.yaml", "--set", f"output.path={path}", *more)
            assert done.code == 2 and "was not made by augment" in done.err
    assert stamps(foreign) == before


def test_another_recipe_and_other_inputs_are_refused_with_the_differences(made: Path) -> None:
    before = stamps(made / "out")
    done = call("run", made / "recipe.yaml", "--set", "rotate.degrees=[-5, 5]", "--set", "seed=3")
    assert done.code == 5
    assert "recipe: seed: 7 -> 3" in done.err
    assert "rotate.degrees: [-20.0, 20.0] -> [-5.0, 5.0]" in done.err
    dataset(made / "in", ["train/c/more.jpg"])
    assert call("run", made / "recipe.yaml").code == 5
    (made / "in/train/c/more.jpg").unlink()
    file = made / "in/train/b/b0.jpg"
    file.write_bytes(file.read_bytes() + b"\0")
    done = call("run", made / "recipe.yaml")
    assert done.code == 5 and "train/b/b0.jpg" in done.err
    assert stamps(made / "out") == before


def test_a_folder_in_use_is_left_alone_and_its_user_named(made: Path) -> None:
    with manifest.locked(made / "out"):
        done = call("run", made / "recipe.yaml", "--set", "seed=3", "--update")
    assert done.code == 6
    assert f"process {os.getpid()}" in done.err
    assert json.loads((made / "out/run.json").read_text())["recipe"]["seed"] == 7


@pytest.mark.parametrize("where", ["in", "in/train/out", ".", "link/out"])
def test_an_output_inside_around_or_equal_to_the_input_is_refused(where: str, made: Path) -> None:
    (made / "link").symlink_to(made / "in")
    before = stamps(made)
    done = call("run", made / "recipe.yaml", "--set", f"output.path={made / where}")
    assert done.code == 2 and "output.path" in done.err
    assert stamps(made) == before
