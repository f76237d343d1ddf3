"""An output folder that something has happened to: links in it, a lost seal, files of others."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.conftest import tree
from tests.runs import call, dataset, recipe

STEPS = ("flip: {axis: horizontal, p: 0.5}", "brightness: {factor: [0.8, 1.2]}")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`in`, a recipe, and what an undisturbed run makes in `out`."""
    folder = tmp_path_factory.mktemp("output")
    assert call("run", recipe(folder, dataset(folder / "in"), STEPS)).code == 0
    return folder


@pytest.fixture
def made(place: Path, tmp_path: Path) -> Path:
    """A copy of all that, with a recipe of its own."""
    for name in ("in", "out"):
        shutil.copytree(place / name, tmp_path / name)
    recipe(tmp_path, tmp_path / "in", STEPS)
    return tmp_path


@pytest.mark.parametrize(
    "more", [["--fresh"], ["--update", "--set", "copies=1"], ["--update", "--set", "seed=9"]]
)
@pytest.mark.parametrize("link", ["train/a", "train"])
def test_nothing_is_written_or_removed_through_a_link(made: Path, link: str, more: list[str]) -> None:
    shutil.rmtree(made / "out" / link)
    (made / "out" / link).symlink_to(made / "in" / link)
    before = tree(made / "in")
    done = call("run", made / "recipe.yaml", *more)
    assert done.code == 1
    assert f"out/{link}: is a link to a folder" in done.err and "remove the link" in done.err
    assert tree(made / "in") == before
    (made / "out" / link).unlink()
    again = [word for word in more if word != "--fresh"]
    assert call("run", made / "recipe.yaml", *again).code == 0


def lose_run(out: Path) -> None:
    (out / "run.json").unlink()


def break_run(out: Path) -> None:
    (out / "run.json").write_text("{")


def lose_manifest(out: Path) -> None:
    (out / "manifest.jsonl").unlink()


def break_manifest(out: Path) -> None:
    (out / "manifest.jsonl").write_text("{")


@pytest.mark.parametrize(
    "old, new", [('"outputs"', ' "outputs"'), ('"tree": "', '"tree": "0'), ('"a": 15', '"a": 16')]
)
def test_a_run_json_that_was_edited_is_written_anew(place: Path, made: Path, old: str, new: str) -> None:
    text = (made / "out/run.json").read_text()
    assert old in text
    (made / "out/run.json").write_text(text.replace(old, new))
    done = call("run", made / "recipe.yaml", "--json")
    assert (done.code, done.json["made"]) == (0, 0)
    assert tree(made / "out") == tree(place / "out")


@pytest.mark.parametrize("more", [[], ["--fresh"], ["--update"]])
@pytest.mark.parametrize("damage", [lose_run, break_run, lose_manifest, break_manifest])
def test_a_damaged_seal_is_mended(place: Path, made: Path, damage, more: list[str]) -> None:
    damage(made / "out")
    done = call("run", made / "recipe.yaml", "--json", *more)
    assert (done.code, done.json["kept"]) == (0, 0)
    assert tree(made / "out") == tree(place / "out")


def test_another_recipe_is_told_from_the_rows_where_run_json_is_lost(made: Path) -> None:
    lose_run(made / "out")
    before = tree(made / "out")
    for change in ("seed=9", "copies=1"):
        done = call("run", made / "recipe.yaml", "--set", change)
        assert done.code == 5 and "run.json is lost or damaged" in done.err
    assert tree(made / "out") == before
    assert call("run", made / "recipe.yaml", "--set", "copies=1", "--update").code == 0
    assert not list((made / "out").rglob("*__002.*"))


def test_what_a_lost_seal_no_longer_proves_is_not_removed(made: Path) -> None:
    lose_run(made / "out")
    mine = next((made / "out").rglob("*__002.*"))
    mine.write_bytes(b"mine by now")
    assert call("run", made / "recipe.yaml", "--set", "copies=1", "--update").code == 0
    assert [path.read_bytes() for path in (made / "out").rglob("*__002.*")] == [b"mine by now"]


def test_files_of_others_are_counted_after_a_run(made: Path) -> None:
    for name in ("train/a/mine.jpg", "train/b/.hidden", "notes.txt"):
        (made / "out" / name).write_bytes(b"mine")
    words = ("run", made / "recipe.yaml", "--set", "copies=1", "--update")
    done = call(*words)
    assert done.code == 0
    assert "note: 2 files in" in done.err and "are not of this run: notes.txt, ..." in done.err
    for name in ("train/a/mine.jpg", "notes.txt"):
        (made / "out" / name).unlink()
    done = call("run", made / "recipe.yaml", "--update")
    assert done.code == 0 and "not of this run" not in done.err


def test_added_and_removed_images_are_named(made: Path) -> None:
    dataset(made / "in", ["train/c/more.jpg"])
    assert "inputs: 1 added (train/c/more.jpg), 0 removed;" in call("run", made / "recipe.yaml").err
    (made / "in/train/b/b0.jpg").unlink()
    (made / "in/train/b/b1.jpg").unlink()
    done = call("run", made / "recipe.yaml")
    assert done.code == 5
    assert "1 added (train/c/more.jpg), 2 removed (train/b/b0.jpg, train/b/b1.jpg);" in done.err
    assert "the list of images" in call("run", made / "recipe.yaml", "--limit", "2").err
