"""`augment verify` finds what was done to an output folder, says what helps, and passes whole ones."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from augcli import verify as verb
from augcli.images import decode, encode
from augcli.manifest import tree_digest
from augcli.verify.damage import REMEDIES
from tests.conftest import ROOT, tree
from tests.runs import MIXING, Done, call, dataset, recipe, rows

Spoil = Callable[[Path], object]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the recipe and the outputs of all the formats that are spoiled here."""
    folder = tmp_path_factory.mktemp("verify")
    source = dataset(
        folder / "in", [*(f"train/a/a{k}.jpg" for k in range(3)), "train/b/b0.jpg", "val/b/b9.jpg"]
    )
    made = recipe(folder, source, MIXING, more="copies: 1\n")
    assert call("run", made).code == 0
    for form in ("webdataset", "hf"):
        assert (
            call("run", made, "--set", f"output.format={form}", "--set", f"output.path={folder / form}").code
            == 0
        )
    for form in ("coco", "yolo", "voc", "labelme", "csv", "masks"):
        text = f"input: {ROOT / 'sample_data' / form}\noutput: {folder / form}\ncopies: 1\n"
        text += (
            "steps:\n  - rotate: {degrees: [-20, 20]}\n  - random_resized_crop: {width: 120, height: 90}\n"
        )
        (folder / f"{form}.yaml").write_text("augment: 1\n" + text)
        assert call("run", folder / f"{form}.yaml", "--limit", 2).code == 0
    return folder


def told(place: Path, *words: str | Path) -> Done:
    done = call("verify", place, "--json", "--quiet", *words)
    assert done.err == "", done.err
    return done


def found(place: Path, *words: str | Path) -> list[tuple[str, str]]:
    """(kind, path) of all damages; the exit code fits them."""
    done = told(place, *words)
    damages = done.json["damages"]
    assert done.code == done.json["exit_code"] == (3 if damages else 0)
    assert all(damage["remedy"] == REMEDIES[damage["kind"]] and damage["what"] for damage in damages)
    return [(damage["kind"], damage["path"]) for damage in damages]


FORMATS = ("out", "webdataset", "hf", "coco", "yolo", "voc", "labelme", "csv", "masks")


@pytest.mark.parametrize("form", FORMATS)
def test_what_a_run_made_is_whole_and_stays_as_it_is(place: Path, form: str) -> None:
    before = tree(place / form)
    for words in ((), ("--quick",), ("--sample", "2")):
        done = told(place / form, *words)
        assert done.code == 0 and done.json["damages"] == [], done.out
    assert tree(place / form) == before


@pytest.mark.parametrize("form", ("out", "webdataset", "yolo"))
def test_the_folder_may_be_the_one_we_stand_in(
    place: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place / form)
    for name in (".", f"../{form}"):
        assert call("verify", name, "--json").json["damages"] == []


@pytest.mark.parametrize("form", FORMATS)
def test_every_file_that_is_changed_removed_or_cut_is_named(place: Path, form: str, tmp_path: Path) -> None:
    """All files but run.json, each in turn, are spoiled in three ways."""
    out = Path(shutil.copytree(place / form, tmp_path / "out"))
    named = sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())
    for name in named[:: max(1, len(named) // 8)]:
        if name == "run.json":
            continue
        data = (out / name).read_bytes()
        for spoiled in (data[:-1], data[: len(data) // 2] + b"#" + data[len(data) // 2 + 1 :], None):
            if spoiled == data:
                continue
            if spoiled is None:
                (out / name).unlink()
            else:
                (out / name).write_bytes(spoiled)
            assert name in [path for _, path in found(out)], (name, spoiled is None)
            (out / name).write_bytes(data)
    assert found(out) == []


@pytest.fixture
def out(place: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(place / "out", tmp_path / "out"))


def test_files_that_changed_places_are_both_named(out: Path) -> None:
    kept = [row["output"] for row in rows(out) if row["copy"] == 0 and row["split"] == "train"]
    one, other = kept[:2]
    data = (out / one).read_bytes()
    (out / one).write_bytes((out / other).read_bytes())
    (out / other).write_bytes(data)
    assert found(out) == [("changed", one), ("changed", other)]


def test_a_file_that_is_no_longer_an_image_is_seen_without_hashing(out: Path) -> None:
    (file,) = rows(out)[0]["files"]
    name = file["path"]
    (out / name).write_bytes(b"not an image".ljust(file["bytes"]))
    assert found(out, "--quick") == [("unreadable", name)]
    (out / name).unlink()
    assert found(out, "--quick") == [("missing", name)]
    (out / name).mkdir()
    assert ("unreadable", name) in found(out)


def test_an_image_of_another_size_is_seen_without_hashing(out: Path) -> None:
    one = min(rows(out), key=lambda row: row["files"][0]["bytes"])
    other = next(row for row in rows(out) if row["size"] != one["size"])
    data = (out / one["output"]).read_bytes()
    (out / other["output"]).write_bytes(data.ljust(other["files"][0]["bytes"]))
    assert found(out, "--quick") == [("size", other["output"])]


@pytest.mark.parametrize("form", ["out", "yolo"])
def test_a_file_that_was_cut_is_seen_without_hashing(place: Path, form: str, tmp_path: Path) -> None:
    out = Path(shutil.copytree(place / form, tmp_path / "out"))
    files = [file for row in rows(out) for file in row["files"] if file["bytes"]]
    cut = [files[0], files[-1]]
    for file in cut:
        os.truncate(out / file["path"], file["bytes"] - 1)
    assert found(out, "--quick") == [("changed", file["path"]) for file in cut]


def test_a_file_of_somebody_else_is_named_but_for_names_with_a_dot(out: Path) -> None:
    (out / "train" / "a" / "notes.txt").write_text("mine")
    (out / ".git").mkdir()
    (out / ".git" / "HEAD").touch()
    (out / "train" / ".DS_Store").touch()
    assert found(out) == [("stranger", "train/a/notes.txt")]


def test_links_that_lead_out_are_not_followed(out: Path, tmp_path: Path) -> None:
    name = rows(out)[0]["output"]
    shutil.move(out / name, tmp_path / "elsewhere.jpg")
    (out / name).symlink_to(tmp_path / "elsewhere.jpg")
    assert found(out) == [("link", name)]
    shutil.move(out / "val", tmp_path / "val")
    (out / "val").symlink_to(tmp_path / "val")
    kinds = {kind for kind, path in found(out) if path.startswith("val")}
    assert "link" in kinds and "missing" not in kinds


def edited(
    out: Path, number: int, change: Callable[[dict[str, Any]], object], *, forge: bool
) -> dict[str, Any]:
    """Change a row; with `forge` run.json is made to fit."""
    lines = (out / "manifest.jsonl").read_bytes().splitlines(keepends=True)
    row: dict[str, Any] = json.loads(lines[number])
    change(row)
    lines[number] = json.dumps(row, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    (out / "manifest.jsonl").write_bytes(b"".join(lines))
    if forge:
        run = json.loads((out / "run.json").read_text())
        run["files"]["manifest.jsonl"] = hashlib.sha256(b"".join(lines)).hexdigest()
        (out / "run.json").write_text(json.dumps(run))
    return row


def test_an_edited_row_is_found_though_run_json_was_made_to_fit(out: Path) -> None:
    row = edited(out, 0, lambda row: row["files"][0].update(sha256="0" * 64), forge=True)
    assert ("changed", row["output"]) in found(out)


@pytest.mark.parametrize("form", ["coco", "yolo", "voc", "labelme", "csv"])
def test_a_row_whose_labels_are_not_those_of_the_files_is_found(
    place: Path, form: str, tmp_path: Path
) -> None:
    out = Path(shutil.copytree(place / form, tmp_path / "out"))
    number = next(n for n, row in enumerate(rows(out)) if row["labels"]["objects"] and row["copy"])

    def shift(row: dict[str, Any]) -> None:
        thing = row["labels"]["objects"][0]
        thing["bbox"] = [side + 5 for side in thing["bbox"]]
        if "parts" in thing:
            thing["parts"] = [[[side + 5 for side in ring] for ring in part] for part in thing["parts"]]

    row = edited(out, number, shift, forge=False)
    kinds = found(out)
    assert ("manifest", "manifest.jsonl") in kinds
    assert ("labels", row["files"][-1]["path"]) in kinds


def test_a_box_that_is_not_around_its_outline_is_found(place: Path, tmp_path: Path) -> None:
    out = Path(shutil.copytree(place / "coco", tmp_path / "out"))
    number = next(n for n, row in enumerate(rows(out)) if row["labels"]["objects"])
    row = edited(out, number, lambda row: row["labels"]["objects"][0].update(bbox=[1, 2, 3, 4]), forge=False)
    assert ("labels", row["output"]) in found(out)


def test_a_row_that_was_taken_out_leaves_a_stranger_and_other_sums(out: Path) -> None:
    lines = (out / "manifest.jsonl").read_bytes().splitlines(keepends=True)
    gone = json.loads(lines[3])
    (out / "manifest.jsonl").write_bytes(b"".join(lines[:3] + lines[4:]))
    kinds = found(out)
    assert {("manifest", "manifest.jsonl"), ("stranger", gone["output"]), ("counts", "run.json")} <= set(
        kinds
    )


def test_a_line_that_is_no_row_is_named_with_its_number(out: Path) -> None:
    lines = (out / "manifest.jsonl").read_bytes().splitlines(keepends=True)
    lines[2] = lines[2][:40] + b"\n"
    (out / "manifest.jsonl").write_bytes(b"".join(lines))
    done = told(out)
    assert any("line 3 " in damage["what"] for damage in done.json["damages"]) and done.code == 3


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("counts", lambda run: run["counts"]["outputs"]["train"].update(a=99)),
        ("tree", lambda run: run.update(tree="0" * 64)),
        ("wide", lambda run: run["dataset"].update(soft=False, output={"format": "folders", "mixes": False})),
    ],
)
def test_an_edited_run_json_is_found(
    out: Path, kind: str, change: Callable[[dict[str, Any]], object]
) -> None:
    run = json.loads((out / "run.json").read_text())
    change(run)
    (out / "run.json").write_text(json.dumps(run))
    assert kind in {kind for kind, _ in found(out)}


def test_an_edited_member_of_an_archive_is_found(place: Path, tmp_path: Path) -> None:
    out = Path(shutil.copytree(place / "webdataset", tmp_path / "out"))
    shard = out / "train-000000.tar"
    with tarfile.open(shard) as tar:
        member = next(info for info in tar.getmembers() if info.name.endswith(".jpg"))
        offset = member.offset_data + member.size // 2
    data = bytearray(shard.read_bytes())
    data[offset] ^= 1
    shard.write_bytes(data)
    kinds = found(out)
    assert ("wide", "train-000000.tar") in kinds and ("changed", f"train/{member.name}") in kinds
    assert found(out, "--quick")[0] == ("wide", "train-000000.tar")


def test_the_expected_tree_is_held_against_the_one_that_is_there(place: Path) -> None:
    digest = told(place / "out").json["tree"]
    assert found(place / "out", "--expect", digest) == []
    assert found(place / "out", "--expect", "0" * 64) == [("expected", "run.json")]
    done = call("verify", place / "out", "--expect", "abc")
    assert done.code == 2 and "64 hex digits" in done.err


def test_a_sample_is_the_same_every_time_and_finds_what_it_holds(out: Path) -> None:
    done = told(out, "--sample", "3")
    assert done.json["checked"] == 3 and done.json["rows"] == len(rows(out)) and done.json["mode"] == "sample"
    for row in rows(out):
        (out / row["output"]).write_bytes(b"x")
    assert len([kind for kind, _ in found(out, "--sample", "3") if kind == "changed"]) == 3
    assert found(out, "--sample", "3") == found(out, "--sample", "3")


@pytest.mark.parametrize("form", ["out", "webdataset", "voc", "masks"])
def test_outputs_are_made_again_from_their_rows_and_compared(place: Path, form: str) -> None:
    words = (
        ("--input", place / "in") if form in ("out", "webdataset") else ("--recipe", place / f"{form}.yaml")
    )
    done = told(place / form, "--rebuild", *words)
    assert done.code == 0 and done.json["rebuilt"] == len(rows(place / form)), done.out
    done = told(place / form, "--rebuild", *words, "--sample", "2")
    assert done.code == 0 and done.json["rebuilt"] == 2


def test_a_row_that_tells_of_another_picture_is_found_by_making_it_again(place: Path, out: Path) -> None:
    """The forger changed picture, row and run.json alike; only the inputs tell."""
    number = next(n for n, row in enumerate(rows(out)) if row["copy"])
    row = rows(out)[number]
    data = (out / row["output"]).read_bytes()
    data = encode(decode(data, max_megapixels=1.0).image, "jpeg", quality=50)
    (out / row["output"]).write_bytes(data)
    sha256 = hashlib.sha256(data).hexdigest()
    edited(out, number, lambda row: row["files"][0].update(sha256=sha256), forge=True)
    run = json.loads((out / "run.json").read_text())
    run["tree"] = tree_digest(rows(out), run["files"])
    (out / "run.json").write_text(json.dumps(run))
    assert found(out) == []
    assert found(out, "--rebuild", "--input", place / "in") == [("rebuilt", row["output"])]


def test_inputs_that_changed_are_told_from_outputs_that_did(place: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(place / "in", tmp_path / "in"))
    (other / "train" / "a" / "a0.jpg").write_bytes((other / "train" / "b" / "b0.jpg").read_bytes())
    (other / "val" / "b" / "b9.jpg").unlink()
    kinds = found(place / "out", "--rebuild", "--input", other)
    assert {kind for kind, _ in kinds} == {"source"}
    assert ("source", "val/b/b9.jpg") in kinds
    assert any(path.startswith("train/a/a0") for _, path in kinds)


def test_in_another_environment_nothing_is_made_again(place: Path, out: Path) -> None:
    run = json.loads((out / "run.json").read_text())
    run["environment"]["pillow"] = "1.1.7"
    (out / "run.json").write_text(json.dumps(run))
    done = call("verify", out, "--rebuild", "--input", place / "in")
    assert done.code == 5 and "made in another environment: pillow" in done.err
    assert call("verify", out).code == 0, "nothing is wrong with the folder"


def test_rebuilding_needs_its_inputs(place: Path) -> None:
    done = call("verify", place / "out", "--rebuild")
    assert done.code == 2 and "one of --input and --recipe is needed" in done.err
    done = call("verify", place / "out", "--input", place / "in")
    assert done.code == 2 and "is for --rebuild" in done.err


def test_what_is_not_ours_ends_with_2(place: Path, tmp_path: Path) -> None:
    for folder in (tmp_path, place / "in", place / "none"):
        done = call("verify", folder)
        assert done.code == 2 and done.err.startswith("augment: error: ") and done.out == ""
    assert call("verify", place / "out", "--quick", "--sample", 3).code == 2


def test_a_lost_run_json_is_damage(out: Path) -> None:
    (out / "run.json").unlink()
    assert found(out) == [("manifest", "run.json")]


HEALED: dict[str, Spoil] = {
    "removed": lambda out: (out / rows(out)[0]["output"]).unlink(),
    "changed": lambda out: (out / rows(out)[1]["output"]).write_bytes(b"x"),
    "metadata": lambda out: (out / "train" / "metadata.jsonl").write_text("{}\n"),
    "manifest": lambda out: (out / "manifest.jsonl").write_text("{}\n"),
    "run.json": lambda out: (out / "run.json").unlink(),
}


@pytest.mark.parametrize("spoil", HEALED)
def test_running_the_recipe_again_heals_as_promised(place: Path, out: Path, spoil: str) -> None:
    digest = told(out).json["tree"]
    HEALED[spoil](out)
    assert found(out) != []
    done = call("run", place / "recipe.yaml", "--set", f"output.path={out}")
    assert done.code == 0, done.err
    assert found(out, "--expect", digest) == []


COUNTS = {"outputs": {"": {"z": 5}}, "failures": {}}
WRONG = {
    "tree": ({"tree": "0" * 64}, "the tree's digest is 000000"),
    "counts": ({"counts": COUNTS}, "the counts of outputs are {'': {'z': 5}}"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_sum_in_run_json_is_told_and_healed_as_promised(place: Path, out: Path, kind: str) -> None:
    before = (out / "run.json").read_bytes()
    wrong, words = WRONG[kind]
    (out / "run.json").write_text(json.dumps(json.loads(before) | wrong))
    assert found(out) == [(kind, "run.json")]
    assert told(out).json["damages"][0]["what"].startswith(words)
    assert call("run", place / "recipe.yaml", "--set", f"output.path={out}").code == 0
    assert (out / "run.json").read_bytes() == before and found(out) == []


def test_the_json_has_these_keys(place: Path) -> None:
    plain = told(place / "out").json
    assert plain == {
        "exit_code": 0,
        "output": str(place / "out"),
        "mode": "full",
        "tree": json.loads((place / "out" / "run.json").read_text())["tree"],
        "rows": len(rows(place / "out")),
        "failed": 0,
        "checked": len(rows(place / "out")),
        "rebuilt": None,
        "damaged": 0,
        "damages": [],
    }


def test_people_get_one_line_for_each_damage(out: Path) -> None:
    name = rows(out)[0]["output"]
    (out / name).unlink()
    done = call("verify", out)
    first, second, third = done.out.splitlines()
    assert first == f"{name}: is missing; run its recipe again: it makes it anew"
    assert second == f"{out}: 1 damage; {len(rows(out))} of {len(rows(out))} outputs looked at"
    assert third.startswith("  tree ") and done.code == 3


def test_workers_find_what_one_process_finds(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verb, "FEW", 0)
    monkeypatch.setattr(verb, "BATCH", 2)
    names = [row["output"] for row in rows(out)[::3]]
    for name in names:
        (out / name).write_bytes(b"x")
    assert sorted(path for kind, path in found(out, "--workers", "2") if kind == "changed") == sorted(names)
