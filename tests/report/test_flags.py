"""Flags on outputs that deserve them, and none on one that does not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from augcli.images import encode
from augcli.report.expectation import Expected
from augcli.report.firing import Fired
from augcli.report.flags import FLAGS, judge, parse_names
from tests.browser.scenes import coco
from tests.runs import call, encoded, recipe


def scene(number: int) -> np.ndarray:
    """(40, 48, 3) uint8: blocks of chance colours, unlike those of other numbers, with some grain."""
    rng = np.random.default_rng(number)
    blocks = np.kron(rng.integers(20, 220, (5, 6, 3)), np.ones((8, 8, 1), np.int64))
    return (blocks + rng.integers(0, 20, blocks.shape)).astype(np.uint8)


def folders(root: Path, classes: str, number: int, suffix: str = "jpg", split: str = "train") -> Path:
    """A class-folder dataset of different pictures."""
    for place, label in enumerate(classes):
        for index in range(number):
            path = root / split / label / f"{label}{index}.{suffix}"
            path.parent.mkdir(parents=True, exist_ok=True)
            kind = "png" if suffix == "png" else "jpeg"
            path.write_bytes(encode(scene(index + 100 * place), kind))
    return root


def flags(folder: Path, data: Path, steps: list[str], more: str = "copies: 2\n") -> dict[str, dict]:
    """Run, report; flag -> what is told of it."""
    done = call("run", recipe(folder, data, steps, more=more), "-q")
    assert done.code == 0, done.err
    told = call("report", folder / "out", "-o", folder / "r.html", "--json").json
    return {flag["name"]: flag for flag in told["flags"]}


def raised(found: dict[str, dict]) -> set[str]:
    return {name for name, flag in found.items() if flag["raised"]}


def test_a_decent_recipe_raises_nothing(tmp_path) -> None:
    steps = ["rotate: {degrees: [-15, 15]}", "flip: {p: 0.5}", "gaussian_noise: {std: 0.02}"]
    assert raised(flags(tmp_path, folders(tmp_path / "data", "ab", 6), steps)) == set()


def test_copies_in_which_nothing_is_to_be_seen_are_blank(tmp_path) -> None:
    found = flags(tmp_path, folders(tmp_path / "data", "ab", 4), ["brightness: {factor: 0.01}"])
    assert {"blank", "blank_many", "clipped"} <= raised(found)
    assert (
        found["blank"]["value"] == pytest.approx(16 / 24, abs=1e-4) and len(found["blank"]["examples"]) == 12
    )


def test_a_recipe_that_changes_little_makes_copies_of_no_use(tmp_path) -> None:
    found = flags(tmp_path, folders(tmp_path / "data", "ab", 4), ["flip: {p: 0.000001}"], "copies: 3\n")
    assert {"near_source", "near_sibling", "repeated"} == raised(found)


def test_a_frame_that_is_mostly_fill_is_told(tmp_path) -> None:
    found = flags(tmp_path, folders(tmp_path / "data", "ab", 4), ["zoom: {factor: 0.5}"])
    assert "fill" in raised(found) and found["fill"]["value"] == pytest.approx(0.75, abs=0.01)


def test_a_picture_in_two_splits_is_a_leak_also_recompressed(tmp_path) -> None:
    data = folders(tmp_path / "data", "ab", 4)
    folders(tmp_path / "data", "ab", 2, split="val")
    (data / "train/a/twin.jpg").write_bytes((data / "val/a/a0.jpg").read_bytes())
    (data / "val/b/b1.jpg").write_bytes(encode(scene(500), "jpeg"))
    (data / "train/b/again.jpg").write_bytes(encode(scene(500), "jpeg", quality=60))
    for path in (data / "val/a/a1.jpg", data / "val/b/b0.jpg"):
        path.unlink()
    found = flags(tmp_path, data, ["rotate: {degrees: 90}"], "copies: 1\n")
    assert {"leak"} == raised(found) - {"near_sibling"}
    assert "1 identical source files, 2 nearly identical pairs" in found["leak"]["detail"]
    page = (tmp_path / "r.html").read_text()
    assert "One file in several splits" in page and "Nearly identical, in two splits or classes" in page


def test_a_picture_in_two_classes_is_told_with_both_names(tmp_path) -> None:
    data = folders(tmp_path / "data", "ab", 4)
    (data / "train/b/twin.jpg").write_bytes((data / "train/a/a0.jpg").read_bytes())
    found = flags(tmp_path, data, ["rotate: {degrees: 90}"], "copies: 1\n")
    assert found["cross_class"]["raised"] and "2 of a and b" in found["cross_class"]["detail"]


def test_classes_that_are_augmented_apart_can_be_told_by_it(tmp_path) -> None:
    more = "copies: {default: 0, classes: {a: 4}}\n"
    found = flags(tmp_path, folders(tmp_path / "data", "ab", 10), ["rotate: {degrees: 9}"], more)
    assert {"augmented_by_class", "imbalance"} <= raised(found)
    assert found["augmented_by_class"]["detail"] == "a 80 %, b 0 %"


def test_a_format_or_a_frame_of_one_class_can_be_told(tmp_path) -> None:
    data = folders(tmp_path / "data", "a", 12)
    folders(tmp_path / "data", "b", 12, "png")
    found = flags(
        tmp_path, data, ["random_crop: {width: 30, height: 30, only: {classes: [b]}}"], "copies: 3\n"
    )
    assert {"format_by_class", "size_by_class"} <= raised(found)


def test_a_step_for_one_class_alone_is_a_shortcut(tmp_path) -> None:
    steps = ["brightness: {factor: 0.4, only: {classes: [a]}}", "flip: {}"]
    found = flags(tmp_path, folders(tmp_path / "data", "ab", 20), steps, "copies: 4\noriginals: keep\n")
    told = found["shortcut"]["detail"]
    assert found["shortcut"]["value"] > 0.7 and ("tells a" in told or "tells b" in told)


def test_objects_that_are_cut_away_are_told(tmp_path) -> None:
    path = coco(tmp_path, ["random_crop: {width: '30%', height: '30%'}"])
    assert call("run", path, "-q").code == 0
    output = next(each.parent for each in tmp_path.rglob("run.json"))
    told = call("report", output, "-o", tmp_path / "r.html", "--json").json
    named = {flag["name"] for flag in told["flags"] if flag["raised"]}
    assert "dropped_objects" in named and told["objects"]["dropped"]


def test_a_file_that_a_link_leads_out_of_the_folder_is_not_looked_at(tmp_path) -> None:
    data = folders(tmp_path / "data", "ab", 3)
    assert call("run", recipe(tmp_path, data, ["flip: {}"], more="copies: 1\n"), "-q").code == 0
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(encoded("secret.jpg"))
    copy = tmp_path / "out/train/a/a0__001.jpg"
    copy.unlink()
    copy.symlink_to(secret)
    told = call("report", tmp_path / "out", "-o", tmp_path / "r.html", "--json").json
    found = {flag["name"]: flag for flag in told["flags"]}
    assert found["unseen"]["raised"] and found["unseen"]["detail"] == "1 vanished"
    assert "train/a/a0.jpg#1" not in (tmp_path / "r.html").read_text()


def test_a_manifest_that_was_touched_is_refused(tmp_path) -> None:
    data = folders(tmp_path / "data", "ab", 2)
    assert call("run", recipe(tmp_path, data, ["flip: {}"], more="copies: 1\n"), "-q").code == 0
    manifest = tmp_path / "out/manifest.jsonl"
    manifest.write_text(manifest.read_text().replace("train/a/a0__001.jpg", "../../../etc/passwd"))
    done = call("report", tmp_path / "out", "-o", tmp_path / "r.html")
    assert done.code == 2 and not (tmp_path / "r.html").exists()


def test_a_count_that_no_honest_roll_gives_is_implausible() -> None:
    honest = Fired(Expected("flip", "flip", 0.5), trials=1000, fired=510)
    biased = Fired(Expected("flip", "flip", 0.5), trials=1000, fired=600)
    assert honest.probability is not None and honest.probability > 0.5
    assert biased.probability is not None and biased.probability < 1e-9


def test_thresholds_decide_and_what_was_not_measured_is_not_raised() -> None:
    assert not any(verdict.raised for verdict in judge({}, {}))
    assert len({flag.name for flag in FLAGS}) == len(FLAGS)
    assert "size" not in parse_names("any") and parse_names(" blank, leak") == {"blank", "leak"}
