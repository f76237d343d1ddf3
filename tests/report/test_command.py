"""`augment report` as it is called: the page, JSON, thresholds, exit codes, datasets that are not ours."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.runs import MIXING, call, dataset, recipe, rows


@pytest.fixture(scope="module")
def output(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("output")
    file = recipe(folder, dataset(folder / "data"), MIXING, more="copies: 4\n")
    assert call("run", file, "-q").code == 0
    return folder


def told(*words: str | Path) -> dict:
    done = call("report", *words, "--json")
    assert done.code == 0, done.err
    return done.json


def test_a_page_is_written_and_a_line_says_so(output, tmp_path) -> None:
    page = tmp_path / "report.html"
    done = call("report", output / "out", "-o", page)
    assert done.code == 0
    assert re.fullmatch(rf"{page}: \d+ images, pixels of \d+ looked at, (no|\d+) flags? raised.*\n", done.out)
    text = page.read_text()
    assert text.startswith("<!doctype html>") and "data:image/webp" in text


def test_a_second_report_is_the_same_page(output, tmp_path) -> None:
    pages = []
    for name in "ab":
        assert call("report", output / "out", "-o", tmp_path / name, "--workers", 1 + (name == "b")).code == 0
        pages.append((tmp_path / name).read_bytes())
    assert pages[0] == pages[1]


def test_nothing_is_written_into_the_output(output, tmp_path) -> None:
    before = {path: path.stat().st_mtime_ns for path in sorted((output / "out").rglob("*"))}
    assert call("report", output / "out", "-o", tmp_path / "r.html").code == 0
    assert {path: path.stat().st_mtime_ns for path in sorted((output / "out").rglob("*"))} == before
    done = call("report", output / "out", "-o", output / "out" / "r.html")
    assert done.code == 2 and "lies inside" in done.err


def test_counts_and_steps_are_those_of_the_rows(output, tmp_path) -> None:
    found = told(output / "out", "-o", tmp_path / "r.html")
    every = rows(output / "out")
    copies = [row for row in every if row["copy"]]
    assert found["counts"]["outputs"] == len(every) and found["counts"]["copies"] == len(copies)
    assert found["counts"]["sources"] == len({(row["split"], row["source"]) for row in every})
    for step in found["steps"]:
        assert step["fired"] == sum(step["id"] in {each["id"] for each in row["steps"]} for row in copies)
    after = {(row["split"], row["class"]): row["after"] for row in found["counts"]["classes"]}
    assert after["val", "a"] == 1
    assert sum(after.values()) == len(every)
    assert found["mixing"]["mixed"] == sum(len(row["labels"]["classes"]) > 1 for row in copies)
    assert found["sample"] == {"outputs": len(every), "of": len(every), "sources": 15, "before": "originals"}


def test_a_flag_that_is_named_decides_the_exit_code(output, tmp_path) -> None:
    page = tmp_path / "r.html"
    common = ("report", output / "out", "-o", page, "--threshold", "near_source=-1")
    assert call(*common).code == 0
    done = call(*common, "--fail-on", "leak,near_source")
    assert done.code == 7 and "error: near_source: " in done.err
    assert call(*common, "--fail-on", "any").code == 7
    assert call(*common, "--fail-on", "hidden_objects").code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--fail-on", "blnk"], "unknown flag 'blnk'; did you mean blank?"),
        (["--fail-on", ","], "expected names of flags"),
        (["--threshold", "blank"], "expected a number for blank, got ''"),
        (["--threshold", "blank=nan"], "expected a number for blank, got 'nan'"),
        (["--stats", __file__], "holds no times of a run"),
        (["--stats", "/nowhere.json"], "cannot be read"),
    ],
)
def test_mistakes_of_the_command_line_are_said(output, tmp_path, words, said) -> None:
    done = call("report", output / "out", "-o", tmp_path / "r.html", *words)
    assert done.code == 2 and said in done.err
    assert not (tmp_path / "r.html").exists()


def test_a_folder_that_is_neither_is_refused(tmp_path) -> None:
    assert call("report", tmp_path / "nothing", "-o", tmp_path / "r.html").code == 2
    (tmp_path / "empty").mkdir()
    done = call("report", tmp_path / "empty", "-o", tmp_path / "r.html")
    assert done.code == 2 and "Traceback" not in done.err


@pytest.mark.parametrize("name", ["photos", "coco", "yolo", "masks", "voc", "labelme", "csv", "yolo-pose"])
def test_a_dataset_that_is_not_ours_shows_its_own_side(name, tmp_path) -> None:
    found = told(ROOT / "sample_data" / name, "-o", tmp_path / "r.html")
    assert not found["output_of_augment"]
    assert found["counts"]["copies"] == 0 and found["counts"]["failed"] == 0
    assert found["pixels"]["before"]["count"] == found["counts"]["outputs"] > 0
    assert found["pixels"]["after"]["count"] == 0 and found["steps"] == []
    if name in ("coco", "yolo", "labelme"):
        assert found["objects"]["before"]["count"] > 0
    if name == "masks":
        assert sum(row["before"] for row in found["masks"]) == pytest.approx(1.0, abs=1e-4)


def test_the_input_gives_the_side_before_where_originals_were_dropped(tmp_path) -> None:
    data = dataset(tmp_path / "data")
    file = recipe(tmp_path, data, ["invert: {}"], more="copies: 1\noriginals: drop\n")
    assert call("run", file, "-q").code == 0
    without = told(tmp_path / "out", "-o", tmp_path / "r.html")
    assert without["sample"]["before"] == "none" and without["pixels"]["against_source"]["copies"] == 0
    given = told(tmp_path / "out", "-o", tmp_path / "r.html", "--input", data)
    assert given["sample"]["before"] == "input"
    assert given["pixels"]["against_source"]["copies"] == 12
    assert given["pixels"]["against_source"]["ssim"]["median"] < 0.0  # negatives


def test_a_source_that_changed_since_is_not_held_against_its_copies(tmp_path) -> None:
    data = dataset(tmp_path / "data", ["train/a/one.jpg", "train/a/two.jpg"])
    file = recipe(tmp_path, data, ["flip: {}"], more="copies: 1\noriginals: drop\n")
    assert call("run", file, "-q").code == 0
    shutil.copy(data / "train/a/two.jpg", data / "train/a/one.jpg")
    given = told(tmp_path / "out", "-o", tmp_path / "r.html", "--input", data)
    assert given["pixels"]["against_source"]["copies"] == 1


def test_the_summary_is_appended_and_can_be_printed(output, tmp_path) -> None:
    file = tmp_path / "summary.md"
    file.write_text("before\n")
    assert call("report", output / "out", "-o", tmp_path / "r.html", "--summary", file).code == 0
    text = file.read_text()
    assert text.startswith("before\n## Report on out\n") and "| train | a | 5 |" in text
    done = call("report", output / "out", "-o", tmp_path / "r.html", "--summary", "-")
    assert done.out == text.removeprefix("before\n")


def test_the_keys_of_the_json_are_stable(output, tmp_path) -> None:
    found = told(output / "out", "-o", tmp_path / "r.html")
    assert list(found) == [
        *("report", "augment", "name", "output_of_augment", "tree", "notes", "sample", "flags", "counts"),
        *("steps", "values", "frames", "pixels", "objects", "masks", "mixing", "twins", "failures"),
        *("warnings", "times"),
    ]
    assert all(
        list(flag)
        == [
            *("name", "raised", "level", "value", "threshold", "kind", "meaning", "remedy"),
            *("detail", "examples"),
        ]
        for flag in found["flags"]
    )
    json.dumps(found, allow_nan=False)


def test_a_run_can_write_the_page_itself(tmp_path) -> None:
    data = dataset(tmp_path / "data")
    file = recipe(tmp_path, data, ["flip: {p: 0.5}"], more="copies: 2\noriginals: drop\n")
    done = call("run", file, "--report-file", tmp_path / "r.html", "--json")
    assert done.code == 0 and done.json["made"] == 27
    text = (tmp_path / "r.html").read_text()
    assert "the sources themselves, found in the input" in text and "ms each" in text
    for place in (tmp_path / "out/r.html", data / "r.html"):
        done = call("run", file, "--report-file", place)
        assert done.code == 2 and "lies inside" in done.err and not place.exists()
    assert call("run", file, "--report-file", tmp_path / "r.html", "--shard", "1/2").code == 2


def test_a_run_puts_the_page_where_report_would_wherever_the_flag_stands(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = recipe(tmp_path, dataset(tmp_path / "data"), ["flip: {p: 0.5}"])
    for words in (("--report", file), (file, "--report")):
        assert call("run", *words, "-q").code == 0
        assert (tmp_path / "report.html").stat().st_size > 10_000
        (tmp_path / "report.html").unlink()
    assert call("run", "--report", file, "--report-file", "other.html", "-q").code == 0
    assert (tmp_path / "other.html").exists() and not (tmp_path / "report.html").exists()


@pytest.mark.parametrize("form", ["webdataset", "parquet"])
def test_outputs_inside_containers_are_looked_at_too(form, tmp_path) -> None:
    data = dataset(tmp_path / "data", ["train/a/one.jpg", "train/b/two.jpg", "val/a/three.jpg"])
    more = f"copies: 2\nlabels: {{lossy: allow}}\noutput: {{path: {tmp_path / 'out'}, format: {form}}}\n"
    file = recipe(tmp_path, data, ["flip: {}"], more=more)
    lines = file.read_text().splitlines()
    file.write_text("\n".join(line for line in lines if not line.endswith("/out")))
    assert call("run", file, "-q").code == 0
    found = told(tmp_path / "out", "-o", tmp_path / "r.html")
    assert found["pixels"]["after"]["count"] == 4 and found["pixels"]["unseen"] == {}
    alone = told(tmp_path / "out", "-o", tmp_path / "r.html", "--workers", 1)
    assert alone["pixels"] == found["pixels"]
