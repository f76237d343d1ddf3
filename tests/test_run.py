"""What a run makes: files, rows, summary; the input stays as it was."""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path

import pytest
from PIL import Image

from augcli.ops.base import OPS
from augcli.summary import Tally, exit_code
from augcli.work import Work
from tests.conftest import tree
from tests.runs import MIXING, Done, call, dataset, recipe, rows


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    dataset(folder / "in")
    done = call("run", recipe(folder, folder / "in"), "--json", "--stats", folder / "stats.json")
    assert done.code == 0, done.err
    (folder / "said.json").write_text(done.out)
    return folder


def test_originals_are_kept_byte_for_byte_and_copies_stand_beside_them(place: Path) -> None:
    source, made = tree(place / "in"), tree(place / "out")
    assert source.items() <= made.items()
    for name in source:
        stem, suffix = os.path.splitext(name)
        copies = [f"{stem}__{number:03d}{suffix}" for number in (1, 2)]
        assert all((copy in made) == name.startswith("train/") for copy in copies)
    others = set(made) - set(source) - {name for name in made if "__00" in name}
    assert others == {"manifest.jsonl", "run.json"}


def test_outputs_open_in_another_reader_with_the_size_and_mode_that_rows_and_sources_say(place: Path) -> None:
    for row in rows(place / "out"):
        with (
            Image.open(place / "out" / row["output"]) as image,
            Image.open(place / "in" / row["split"] / row["source"]) as source,
        ):
            image.load()
            assert list(image.size) == row["size"]
            assert (image.mode, image.format) == (source.mode, source.format)


def test_rows_are_sorted_have_the_same_columns_and_plain_values(place: Path) -> None:
    told = rows(place / "out")
    keys = [(row["split"].encode(), row["source"].encode(), row["copy"]) for row in told]
    assert keys == sorted(keys) and len(set(keys)) == len(keys)
    columns = (
        "id status split source source_sha256 group copy partners output files size labels steps dropped"
    )
    for row in told:
        assert set(row) == {*columns.split(), "warnings", "error", "build"}
        assert row["id"] == f"{row['split']}/{row['source']}#{row['copy']}"
        data = (place / "in" / row["split"] / row["source"]).read_bytes()
        assert row["source_sha256"] == hashlib.sha256(data).hexdigest()
        assert row["status"] == "ok" and row["error"] is None
        assert bool(row["steps"]) == bool(row["copy"])


def test_validation_images_are_carried_over_and_never_augmented(place: Path) -> None:
    assert {row["copy"] for row in rows(place / "out") if row["split"] == "val"} == {0}


def test_the_summary_counts_what_is_there(place: Path) -> None:
    data = json.loads((place / "said.json").read_text())
    assert json.loads((place / "stats.json").read_text()) == data
    assert data["made"] == len(rows(place / "out")) == 12 * 3 + 3
    assert data["outputs"] == {
        "train": {"a": 15, "b": 12, "c": 9},
        "val": {"a": 1, "b": 1, "c": 1},
    }
    run = json.loads((place / "out/run.json").read_text())
    assert run["counts"] == {"outputs": data["outputs"], "failures": {}}
    assert run["tree"] == data["tree"]
    lines = [f"{name}\t{digest}\n" for name, digest in tree(place / "out").items() if name != "run.json"]
    assert data["tree"] == hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()


def test_the_summary_for_people_names_classes_failures_and_time(place: Path, tmp_path: Path) -> None:
    source = dataset(tmp_path / "in", ["train/a/1.jpg", "train/b/2.jpg", "val/a/3.jpg"])
    (source / "train/b/bad.jpg").write_bytes(b"")
    done = call("run", recipe(tmp_path, source))
    first, *rest = done.out.splitlines()
    assert re.fullmatch(r".*/out: 7 made, 0 kept, 3 failed in [\d.]+ s \([\d.]+ images/s\)", first)
    assert rest[:2] == ["  train: 6 images: a 3, b 3", "  val: 1 image: a 1"]
    assert rest[2] == "  failed, empty: 3, for example train/b/bad.jpg#0: the file has no bytes"
    assert "failed: " not in done.err
    assert call("run", tmp_path / "recipe.yaml", "-v").err.count("failed: train/b/bad.jpg#") == 3


def test_quiet_says_nothing_but_errors(place: Path) -> None:
    assert call("run", place / "recipe.yaml", "--quiet") == Done(0, "", "")
    assert call("run", place / "recipe.yaml", "--quiet", "--set", "seed=1").err.count("\n") == 1


def test_the_input_is_not_written_to(place: Path) -> None:
    assert tree(place / "in") == tree(dataset(place / "again"))
    for words in (["run", "--stats"], ["preview", "-o"]):
        path = place / "in/train/a/a0.jpg" if words[0] == "preview" else place / "in/stats.json"
        done = call(words[0], place / "recipe.yaml", words[1], path)
        assert done.code == 2 and "never written to" in done.err
    assert tree(place / "in") == tree(place / "again")


def test_stats_go_to_pipes_and_through_links_without_replacing_them(place: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    reader = os.open(tmp_path / "fifo", os.O_RDONLY | os.O_NONBLOCK)
    (tmp_path / "link").symlink_to(tmp_path / "real.json")
    for name in ("fifo", "link"):
        assert call("run", place / "recipe.yaml", "--stats", tmp_path / name).code == 0
    assert json.loads(os.read(reader, 65536))["failed"] == 0
    os.close(reader)
    assert (tmp_path / "fifo").is_fifo() and (tmp_path / "link").is_symlink()
    assert json.loads((tmp_path / "real.json").read_text())["failed"] == 0


def test_originals_dropped_leave_training_copies_and_the_other_splits(tmp_path: Path) -> None:
    path = recipe(tmp_path, dataset(tmp_path / "in"), more="copies: 1\noriginals: drop\n")
    assert call("run", path).code == 0
    assert {(row["split"], row["copy"]) for row in rows(tmp_path / "out")} == {("train", 1), ("val", 0)}


def test_prepare_reaches_every_image_of_every_split(tmp_path: Path) -> None:
    more = "copies: 1\nprepare: [resize: {longest: 30}]\noutput: {path: X, encode: {format: webp}}\n"
    path = recipe(tmp_path, dataset(tmp_path / "in"), ["flip"], more=more)
    path.write_text(
        path.read_text().replace(f"output: {tmp_path / 'out'}\n", "").replace("X", f"{tmp_path}/out")
    )
    done = call("run", path)
    deep = [row for row in rows(tmp_path / "out") if "deep" in row["source"]]
    assert done.code == 3 and {row["error"]["code"] for row in deep} == {"cannot_hold"}  # WebP has 8 bits
    for row in rows(tmp_path / "out"):
        if row["status"] == "ok":
            assert max(row["size"]) == 30 and row["output"].endswith(".webp")


def test_mixtures_go_to_the_folder_of_the_heaviest_class_and_all_have_a_line_of_metadata(
    tmp_path: Path,
) -> None:
    path = recipe(tmp_path, dataset(tmp_path / "in"), ["blend: {alpha: 0.3, partner: other_class}"])
    assert call("run", path).code == 0
    told = [row for row in rows(tmp_path / "out") if row["copy"]]
    for row in told:
        assert row["labels"]["label"] != row["source"].split("/")[0]
        assert row["output"].split("/")[1] == row["labels"]["label"]
        assert sorted(row["labels"]["weights"]) == [0.3, 0.7]
    for split in ("train", "val"):
        text = (tmp_path / "out" / split / "metadata.jsonl").read_text()
        lines = [json.loads(line) for line in text.splitlines()]
        assert all(list(line) == ["file_name", "label", "classes", "weights"] for line in lines)
        images = [path for path in (tmp_path / "out" / split).rglob("*") if path.suffix in (".jpg", ".png")]
        named = sorted(str(tmp_path / "out" / split / line["file_name"]) for line in lines)
        assert named == sorted(map(str, images))


def test_mixing_a_metadata_dataset_in_class_folders_loses_no_image(tmp_path: Path) -> None:
    """Labels stand in the label file there: a mixture stays in its folder, where its name is its own."""
    names = [f"train/{label}/{number}.jpg" for label in "abc" for number in range(3)]
    source = dataset(tmp_path / "in", names)
    lines = [json.dumps({"file_name": name[6:], "label": name.split("/")[1]}) for name in names]
    (source / "train/metadata.jsonl").write_text("\n".join(lines) + "\n")
    path = recipe(tmp_path, source, ["blend: {alpha: 0.3, partner: other_class}"])
    assert call("run", path).code == 0
    told = rows(tmp_path / "out")
    assert len({row["output"] for row in told}) == len(told) == 27
    files = tree(tmp_path / "out")
    for row in told:
        assert row["output"].startswith(f"train/{row['source'].split('/')[0]}/")
        assert files[row["output"]] == row["files"][0]["sha256"]


def test_an_unexpected_error_is_a_row_and_its_traceback_is_for_debug_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = recipe(tmp_path, dataset(tmp_path / "in"), ["invert", "flip"], more="copies: 1\n")
    work = Work.make

    def broken(self: Work, entry: object, copy: object, *more: object) -> object:
        if getattr(copy, "number", 0) and "a1" in str(entry):
            raise ZeroDivisionError(f"at 0xdeadbeef in {tmp_path}")
        return work(self, entry, copy, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(Work, "make", broken)
    done = call("run", path, "--start-method", "fork", "--debug")
    assert done.code == 3 and "ZeroDivisionError: at 0xdeadbeef" in done.err
    assert "deadbeef" not in (tmp_path / "out/manifest.jsonl").read_text()
    (row,) = [row for row in rows(tmp_path / "out") if row["status"] != "ok"]
    assert row["error"] == {
        "code": "internal",
        "text": "unexpected ZeroDivisionError; run with --debug for the traceback",
    }


def test_a_job_that_takes_too_long_fails_alone_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    path = recipe(tmp_path, dataset(tmp_path / "in"), MIXING, more="copies: 2\n")
    work = Work.make

    def slow(self: Work, entry: object, copy: object, *more: object) -> object:
        if getattr(copy, "number", 0) == 2 and "a1" in str(getattr(entry, "key", "")):
            time.sleep(30)
        return work(self, entry, copy, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(Work, "make", slow)
    done = call("run", path, "--start-method", "fork", "--timeout", "2")
    assert done.code == 3, done.err
    failed = [row for row in rows(tmp_path / "out") if row["status"] != "ok"]
    assert [(row["source"], row["error"]["code"]) for row in failed] == [("a/a1.jpg", "timeout")] * 3
    owned = {file["path"] for row in rows(tmp_path / "out") for file in row["files"]}
    on_disk = {name for name in tree(tmp_path / "out") if name.endswith((".jpg", ".png"))}
    assert on_disk == owned


@pytest.mark.parametrize(
    ("failed", "total", "limit", "code"),
    [(0, 5, None, 0), (1, 5, None, 3), (1, 5, "1", 0), (2, 5, "1", 4), (1, 100, "1%", 0), (2, 100, "1%", 4)],
)
def test_the_exit_code_of_a_finished_run(failed: int, total: int, limit: str | None, code: int) -> None:
    assert exit_code(failed, total, limit) == code


def test_a_new_tally_is_empty() -> None:
    assert (Tally().failed, Tally().total) == (0, 0)


def test_every_op_runs_from_its_example(tmp_path: Path) -> None:
    from augcli.params import shown

    inner = {
        name: ", ".join(f"{key}: {shown(value)}" for key, value in cls.example.items())
        for name, cls in OPS.items()
    }
    steps = ["each_of: [" + ", ".join(f"{name}: {{{text}}}" for name, text in inner.items()) + "]"]
    source = dataset(tmp_path / "in", ["a/1.jpg", "a/alpha.png", "b/grey.png", "c/deep.png", "c/2.jpg"])
    done = call("run", recipe(tmp_path, source, steps, more=f"copies: {len(OPS)}\n"), "--verbose")
    codes = {row["error"]["code"] for row in rows(tmp_path / "out") if row["error"]}
    assert codes <= {"too_small", "cannot_hold", "unsupported_mode"}, done.err
    assert {step["op"] for row in rows(tmp_path / "out") for step in row["steps"]} == set(OPS)
