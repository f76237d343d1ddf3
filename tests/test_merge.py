"""`run --shard` and `augment merge`: what several machines make is what one would have made."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from augcli import manifest, storage
from augcli.shard import Shard
from tests.conftest import ROOT, tree
from tests.kills import killed
from tests.runs import MIXING, call, dataset, recipe, rows
from tests.test_continue import stamps

COUNT = 3


def run(recipe_: Path, output: Path, *words: str) -> list[str]:
    """The words of a run into this folder."""
    return ["run", str(recipe_), "--set", f"output.path={output}", "--max-failures", "2", *words]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mixing recipe over `in`, in which an image is damaged; `out` by one run, `1`, `2`, `3` by shards."""
    folder = tmp_path_factory.mktemp("merge")
    dataset(folder / "in")
    (folder / "in/train/b/bad.jpg").write_bytes(b"no image")
    path = recipe(folder, folder / "in", MIXING, more="copies: {balance: max, at_least: 1}\n")
    assert call(*run(path, folder / "out")).code == 0
    for number in range(1, COUNT + 1):
        done = call(*run(path, folder / str(number), "--shard", f"{number}/{COUNT}"))
        assert done.code == 0
        assert f"shard {number}/3 is done" in done.out
    return folder


@pytest.fixture
def parts(place: Path, tmp_path: Path) -> list[Path]:
    """The folders of the shards, copies of the test's own."""
    return [
        Path(shutil.copytree(place / str(number), tmp_path / str(number))) for number in range(1, COUNT + 1)
    ]


@pytest.fixture
def shared(place: Path, tmp_path: Path) -> Path:
    """One folder in which all shards ran."""
    for number in range(1, COUNT + 1):
        shutil.copytree(place / str(number), tmp_path / "shared", dirs_exist_ok=True)
    return tmp_path / "shared"


def merge(*words: str | Path, failures: str = "3") -> tuple[int, str]:
    done = call("merge", *words, "--max-failures", failures)
    return done.code, done.err


@pytest.mark.parametrize("link", [[], ["--link"]], ids=["copied", "linked"])
def test_shards_of_machines_that_share_nothing_merge_into_the_tree_of_one_run(link, place, parts, tmp_path):
    before = [tree(part) for part in parts]
    done = call("merge", *parts, "-o", tmp_path / "m", *link, "--json")
    assert done.code == 3  # as one run without --max-failures
    assert done.json["tree"] == json.loads((place / "out/run.json").read_text())["tree"]
    assert tree(tmp_path / "m") == tree(place / "out")
    assert [tree(part) for part in parts] == before
    image = next(row["output"] for row in rows(tmp_path / "m") if row["output"])
    assert ((tmp_path / "m" / image).stat().st_nlink == 2) == bool(link)


def test_shards_that_share_a_folder_run_at_once_and_are_sealed_in_it(place, tmp_path):
    words = run(place / "recipe.yaml", tmp_path / "s", "--workers", "1", "--shard")
    commands = [[sys.executable, "-m", "augcli", *words, f"{number}/3"] for number in range(1, COUNT + 1)]
    runs = [
        subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for words in commands
    ]
    for each in runs:
        _, err = each.communicate(timeout=120)
        assert each.returncode == 0, err
    assert merge(tmp_path / "s")[0] == 0
    assert tree(tmp_path / "s") == tree(place / "out")


def test_no_shard_writes_what_another_does_and_together_they_write_all(place, parts):
    names = [set(tree(part)) for part in parts]
    assert all(not one & other for one in names for other in names if one is not other)
    images = {path for paths in names for path in paths if not path.startswith(".augment.")}
    assert images < set(tree(place / "out"))
    assert set(tree(place / "out")) - images == {
        "manifest.jsonl",
        "run.json",
        "train/metadata.jsonl",
        "val/metadata.jsonl",
    }


def test_merging_again_and_running_again_do_nothing(place, shared):
    assert merge(shared)[0] == 0
    before = stamps(shared)
    assert merge(shared)[0] == 0
    assert stamps(shared) == before


@pytest.mark.parametrize("lost", ["a row", "the tree", "metadata"])
def test_merging_again_does_not_vouch_for_what_was_damaged_since(lost, place, shared):
    assert merge(shared)[0] == 0
    whole = tree(shared)
    manifest_, run_ = shared / "manifest.jsonl", shared / "run.json"
    if lost == "a row":
        manifest_.write_bytes(manifest_.read_bytes().partition(b"\n")[2])
    elif lost == "the tree":
        run_.write_text(json.dumps(json.loads(run_.read_text()) | {"tree": "0" * 64}))
    else:
        (shared / "train/metadata.jsonl").unlink()
    done = call("merge", shared)
    assert done.code == 1 and "damaged since; run the recipe again without --shard" in done.err
    assert call(*run(place / "recipe.yaml", shared)).code == 0
    assert tree(shared) == whole


def test_a_shard_has_nothing_to_do_in_the_merged_folder(place, tmp_path):
    folder = tmp_path / "whole"
    source = dataset(tmp_path / "in", ["train/a/1.jpg", "train/b/2.jpg", "train/b/3.jpg"])
    path = recipe(tmp_path, source, MIXING[:2])
    for number in (1, 2):
        assert call(*run(path, folder, "--shard", f"{number}/2")).code == 0
    assert merge(folder)[0] == 0
    before = stamps(folder)
    done = call(*run(path, folder, "--shard", "1/2", "--json"))
    assert done.code == 0 and done.json["made"] == 0
    assert call(*run(path, folder, "--shard", "2/2", "--set", "seed=8")).code == 5
    assert call(*run(path, folder, "--shard", "2/2", "--fresh")).code == 5
    assert stamps(folder) == before
    told = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(told | {"tree": "0" * 64}))
    assert call(*run(path, folder, "--shard", "1/2", "--json")).json["tree"] == told["tree"]


def test_a_finished_shard_does_nothing_again_but_mends_what_was_damaged(place, parts):
    again = 0
    for number, part in enumerate(parts, 1):
        before = stamps(part)
        words = run(place / "recipe.yaml", part, "--shard", f"{number}/3", "--json")
        done = call(*words)
        if not done.json["failed"] and not done.json["made"]:  # what met the damaged image is tried again
            assert stamps(part) == before
            again += 1
            image = next(iter(sorted(part.rglob("*__001.jpg"))))
            whole = image.read_bytes()
            image.write_bytes(whole[:-1])
            assert call(*words).json["made"] == 1
            assert image.read_bytes() == whole
    assert again


def test_a_damaged_or_missing_output_is_found_and_named(place, parts, shared, tmp_path):
    images = [next(iter(sorted(part.rglob("*__001.jpg")))) for part in parts]
    names = [image.relative_to(part).as_posix() for image, part in zip(images, parts, strict=True)]
    images[0].write_bytes(b"other")
    images[2].unlink()
    (shared / names[0]).write_bytes(b"other")
    (shared / names[2]).unlink()
    for words in ([*parts, "-o", tmp_path / "m"], [shared]):
        code, said = merge(*words)
        assert code == 1
        assert f"shard 1/3: {names[0]}: is missing, or not as its row says" in said
        assert f"shard 3/3: {names[2]}" in said and "shard 2/3" not in said
        assert not (Path(words[-1]) / "run.json").exists()
    for number in ("1", "3"):
        for folder in (parts[int(number) - 1], shared):
            assert call(*run(place / "recipe.yaml", folder, "--shard", f"{number}/3")).code == 0
    assert merge(*parts, "-o", tmp_path / "m")[0] == merge(shared)[0] == 0
    assert tree(tmp_path / "m") == tree(shared) == tree(place / "out")


def test_shards_that_are_missing_or_not_done_are_listed(place, parts, shared, tmp_path):
    code, said = merge(parts[0], "-o", tmp_path / "m")
    assert code == 2 and "2 of 3 shards are missing: 2/3, 3/3" in said
    journal = manifest.journal_of(shared, Shard(2, 3))
    journal.write_bytes(journal.read_bytes()[:-10])  # as a kill leaves it
    code, said = merge(shared)
    assert code == 2 and "shard 2/3: is not done" in said and "run --shard 2/3 again" in said
    assert not (tmp_path / "m").exists() and not (shared / "run.json").exists()
    assert call(*run(place / "recipe.yaml", shared, "--shard", "2/3")).code == 0
    assert merge(shared)[0] == 0
    assert tree(shared) == tree(place / "out")


def test_a_shard_at_work_is_left_alone_and_so_is_the_rest_of_its_folder(place, parts, shared, tmp_path):
    for folder, words in ((parts[1], [*parts, "-o", tmp_path / "m"]), (shared, [shared])):
        with manifest.locked(folder, Shard(2, 3)):
            code, said = merge(*words)
            assert code == 6 and f"process {os.getpid()}" in said
    with manifest.locked(shared, Shard(1, 3)):
        assert call(*run(place / "recipe.yaml", shared)).code == 6
        assert call(*run(place / "recipe.yaml", shared, "--shard", "2/3")).code == 0
    with manifest.locked(shared):
        assert call(*run(place / "recipe.yaml", shared, "--shard", "3/3", "--fresh")).code == 6


def test_shards_of_other_recipes_or_environments_do_not_merge(place, parts, shared, tmp_path, monkeypatch):
    words = run(place / "recipe.yaml", parts[2], "--shard", "3/3", "--set", "rotate.degrees=[-5, 5]")
    assert call(*words).code == 5
    assert call(*words, "--update").code == 0
    code, said = merge(*parts, "-o", tmp_path / "m")
    assert code == 5
    assert "shard 3/3: is of another run than shard 1/3" in said
    assert "rotate.degrees: [-20.0, 20.0] -> [-5.0, 5.0]" in said
    words = run(place / "recipe.yaml", shared, "--shard", "3/3")
    assert call(*words, "--set", "seed=8").code == 5
    monkeypatch.setattr("augcli.environment.canary", lambda: "another")
    done = call(*words)
    assert done.code == 5 and "environment: canary" in done.err
    assert call(*words, "--update").code == 0
    code, said = merge(shared)
    assert code == 5 and "environment: canary" in said


def test_shards_made_by_another_version_are_not_finished_by_this_one(shared, monkeypatch):
    monkeypatch.setattr("augcli.gathering.__version__", "9.9")
    code, said = merge(shared)
    assert code == 5 and "augment: " in said and "9.9" in said


def test_shards_of_another_recipe_are_brought_up_to_date_one_by_one(place, shared, tmp_path):
    edit = ["--set", "copies=1", "--update"]
    for number in (2, 3, 1):
        assert call(*run(place / "recipe.yaml", shared, "--shard", f"{number}/3", *edit)).code == 0
    assert merge(shared)[0] == 0
    assert call(*run(place / "recipe.yaml", tmp_path / "anew", *edit[:2])).code == 0
    assert tree(shared) == tree(tmp_path / "anew")


def test_another_division_in_the_same_folder_is_refused(place, shared):
    before = stamps(shared)
    done = call(*run(place / "recipe.yaml", shared, "--shard", "1/4"))
    assert done.code == 5 and "holds shard 1/3, which is no part of a division into 4" in done.err
    assert stamps(shared) == before


@pytest.mark.parametrize("missing", [[], ["2"]], ids=["all done", "one to do"])
def test_a_run_of_the_whole_takes_over_what_shards_made(missing, place, tmp_path):
    for number in {"1", "2", "3"} - set(missing):
        shutil.copytree(place / number, tmp_path / "s", dirs_exist_ok=True)
    done = call(*run(place / "recipe.yaml", tmp_path / "s", "--json"))
    assert done.code == 0
    assert done.json["made"] < 20 < done.json["kept"] + 10 * len(missing)  # less than 3 met the damaged image
    assert tree(tmp_path / "s") == tree(place / "out")


def test_a_run_of_another_recipe_is_told_how_the_shards_differ(place, shared, tmp_path):
    words = run(place / "recipe.yaml", shared, "--set", "seed=8", "--set", "copies=1")
    done = call(*words)
    assert done.code == 5 and "recipe: seed: 7 -> 8" in done.err
    assert call(*words, "--update").code == 0
    assert call(*run(place / "recipe.yaml", tmp_path / "anew", *words[4:])).code == 0
    assert tree(shared) == tree(tmp_path / "anew")


KILLS = {
    "the first row": ("augcli.manifest.journal:Journal.append", 1),
    "some files": ("augcli.storage:write", 7),
    "the manifest": ("augcli.manifest.journal:Journal.announce", 1),
    "run.json": ("augcli.manifest.seal:write_run", 1),
    "the journal goes": ("augcli.manifest.journal:Journal.remove", 1),
    "the shards' journals go": ("augcli.sealing:_clear", 1),
    "some of them go": ("augcli.storage:remove", 3),
}


def moments(names: list[str], quick: str) -> list[Any]:
    """Those of `quick` are of the default run."""
    return [pytest.param(name, marks=[] if name in quick else pytest.mark.slow) for name in names]


@pytest.mark.parametrize("moment", moments(list(KILLS)[:-1], "some files, run.json"))
def test_a_killed_merge_of_folders_goes_on(moment, place, parts, tmp_path):
    words = ["merge", *map(str, parts), "-o", str(tmp_path / "m"), "--max-failures", "3"]
    killed(*KILLS[moment], *words)
    assert call(*words).code == 0
    assert tree(tmp_path / "m") == tree(place / "out")


@pytest.mark.parametrize("moment", moments(list(KILLS)[2:], "the manifest, some of them go"))
def test_a_killed_merge_of_a_shared_folder_goes_on(moment, place, shared):
    killed(*KILLS[moment], "merge", str(shared), "--max-failures", "3")
    assert merge(shared)[0] == 0
    assert tree(shared) == tree(place / "out")


@pytest.mark.parametrize("moment", moments(["run.json", "some of them go"], "run.json"))
def test_a_run_after_a_killed_merge_finishes_it(moment, place, shared):
    killed(*KILLS[moment], "merge", str(shared), "--max-failures", "3")
    assert call(*run(place / "recipe.yaml", shared)).code == 0
    assert tree(shared) == tree(place / "out")


def test_a_killed_shard_goes_on(place, tmp_path):
    words = run(place / "recipe.yaml", tmp_path / "1", "--shard", "1/3", "--workers", "1")
    killed("augcli.manifest.journal:Journal.append", 3, *words)
    assert "is not done" in merge(tmp_path / "1")[1]
    killed("augcli.manifest.journal:Journal.finish", 1, *words)
    assert call(*words).code == 0
    assert tree(tmp_path / "1") == tree(place / "1")


def test_a_merge_into_what_is_there_already_mends_it_or_refuses(place, parts, tmp_path):
    words = [*parts, "-o", tmp_path / "m"]
    assert merge(*words)[0] == 0
    before = stamps(tmp_path / "m")
    assert merge(*words)[0] == 0
    assert stamps(tmp_path / "m") == before
    next(iter(sorted((tmp_path / "m").rglob("*__001.jpg")))).unlink()
    assert merge(*words)[0] == 0
    assert tree(tmp_path / "m") == tree(place / "out")
    run_json = json.loads((tmp_path / "m/run.json").read_text())
    run_json["recipe"]["seed"] = 9
    (tmp_path / "m/run.json").write_text(json.dumps(run_json))
    code, said = merge(*words)
    assert code == 5 and "belongs to another run than the shards: recipe: seed: 9 -> 7" in said


def test_what_cannot_be_merged_is_refused_in_words(place, parts, shared, tmp_path):
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign/mine.txt").write_text("mine")
    for words, said in (
        ([tmp_path / "nowhere"], "no such folder"),
        ([place / "in"], "holds no shard"),
        ([*parts], "name it with -o"),
        ([*parts, "-o", parts[0]], "choose one beside it"),
        ([*parts, "-o", parts[0] / "sub"], "choose one beside it"),
        ([shared, "-o", shared], "leave -o out"),
        ([*parts, place / "out", "-o", tmp_path / "m"], "holds a run that is no shard"),
        ([*parts, place / "in", "-o", tmp_path / "m"], "holds no shard"),
        ([*parts, place / "3", "-o", tmp_path / "m"], "shard 3/3 is there twice"),
        ([*parts, "-o", tmp_path / "foreign"], "was not made by augment"),
        ([*parts, "-o", tmp_path / "m", "--max-failures", "x"], "--max-failures"),
    ):
        done = call("merge", *words)
        assert done.code == 2 and said in done.err, (words, done.err)
    assert (tmp_path / "foreign/mine.txt").read_text() == "mine"


def test_a_row_that_leads_out_of_the_folder_is_refused(parts, tmp_path):
    journal = manifest.journal_of(parts[0], Shard(1, 3))
    with manifest.Known() as known:
        state = manifest.load_shard(parts[0], Shard(1, 3))
        with state.known:
            row = next(row for row in state.known.rows() if row["status"] == "ok" and not row["copy"])
            end = state.journal.end
            assert end is not None
            bad = row | {"files": [row["files"][0] | {"path": "../../mine.jpg"}], "output": "../../mine.jpg"}
            journal.unlink()
            begin = manifest.Journal.begin
            with begin(parts[0], state.header or {}, known, type(state.journal)(), Shard(1, 3)) as new:
                new.append(*(bad if one["id"] == row["id"] else one for one in state.known.rows()))
                new.finish(known.ids(), {name: end[name] for name in ("dataset", "tree")})
    code, said = merge(*parts, "-o", tmp_path / "m")
    assert code == 2 and "shard 1/3: a row of its journal" in said
    assert not (tmp_path / "m/run.json").exists() and not (tmp_path / "mine.jpg").exists()


def test_files_are_copied_where_they_cannot_be_linked(place, parts, tmp_path, monkeypatch):
    monkeypatch.setattr(storage, "link", lambda source, path: False)
    assert merge(*parts, "-o", tmp_path / "m", "--link")[0] == 0
    assert tree(tmp_path / "m") == tree(place / "out")


def test_more_shards_than_images_leave_some_with_nothing_to_do(tmp_path):
    source = dataset(tmp_path / "in", ["train/a/1.jpg", "train/b/2.jpg"])
    path = recipe(tmp_path, source, ["flip: {}"], more="copies: 1\n")
    for number in range(1, 5):
        assert call(*run(path, tmp_path / "s", "--shard", f"{number}/4")).code == 0
    assert merge(tmp_path / "s")[0] == 0
    assert call(*run(path, tmp_path / "out", "--shard", "1/1")).code == 0  # all of it
    assert tree(tmp_path / "s") == tree(tmp_path / "out")


def test_a_shard_that_cannot_be_is_refused_before_anything_is_written(place, tmp_path):
    for text, said in (
        ("0/16", "shards count from 1"),
        ("17/16", "there is no shard 17"),
        ("x", "such as 2/16"),
    ):
        done = call(*run(place / "recipe.yaml", tmp_path / "o", "--shard", text))
        assert done.code == 2 and said in done.err
    done = call(*run(place / "recipe.yaml", tmp_path / "o", "--shard", "1/2", "--limit", "3"))
    assert done.code == 2 and "shards are merged whatever their limits were" in done.err
    assert not (tmp_path / "o").exists()


SAMPLES = ROOT / "sample_data"
FORMATS = {
    "coco ids and mosaics": ("coco", "same", "mosaic: {p: 0.5}", "copies: 2"),
    "webdataset": ("photos", "webdataset", "cutmix: {p: 0.5}", "copies: {balance: max}"),
    "parquet": ("photos", "parquet", "cutmix: {p: 0.5}", "copies: {total: 40}"),
    "csv from voc": ("voc", "csv", "mosaic: {p: 0.5}", "copies: 1\nlabels: {lossy: allow}"),
    "yolo": ("yolo", "same", "mosaic: {p: 0.5}", "copies: 1"),
    "masks": ("masks", "same", "cutmix: {p: 0.5}", "copies: 1"),
    "hf": ("photos", "hf", "mixup: {p: 0.5}", "copies: 1"),
    "labelme": ("labelme", "same", "cutmix: {p: 0.5}", "copies: 1"),
    "poses": ("yolo-pose", "coco", "mosaic: {p: 0.5}", "copies: 1"),
}
QUICK = ("webdataset",)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in QUICK else pytest.mark.slow) for name in FORMATS]
)
def test_shards_merge_in_every_format(name, tmp_path):
    source, target, step, more = FORMATS[name]
    steps = ["rotate: {degrees: [-20, 20]}", step]
    path = recipe(tmp_path, SAMPLES / source, steps, more=f"{more}\n")
    words = ["run", path, "--set", f"output.format={target}", "--set"]
    assert call(*words, f"output.path={tmp_path / 'out'}").code == 0
    for number in (1, 2):
        assert call(*words, f"output.path={tmp_path / 's'}", "--shard", f"{number}/2").code == 0
        assert call(*words, f"output.path={tmp_path / str(number)}", "--shard", f"{number}/2").code == 0
    assert merge(tmp_path / "1", tmp_path / "2", "-o", tmp_path / "m", "--link")[0] == 0
    assert merge(tmp_path / "s")[0] == 0
    assert tree(tmp_path / "s") == tree(tmp_path / "m") == tree(tmp_path / "out")
