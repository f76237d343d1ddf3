"""`augment init`: a dataset of any format in, a recipe that checks and runs out, nothing overwritten."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from augcli import storage
from augcli.formats import FORMATS
from augcli.init import looking
from tests.conftest import ROOT, tree
from tests.init.made import classes, images, page
from tests.runs import Done, call, dataset, picture, recipe, rows

SAMPLES = {
    "photos": ("folders", "classification"),
    "coco": ("coco", "instances"),
    "yolo": ("yolo", "detection"),
    "yolo-pose": ("yolo", "keypoints"),
    "voc": ("voc", "instances"),
    "masks": ("masks", "semantic"),
    "labelme": ("labelme", "keypoints"),
    "csv": ("csv", "detection"),
}


def started(source: Path, folder: Path) -> tuple[Path, dict[str, Any]]:
    """Recipe and JSON of `init`."""
    done = call("init", source, "-o", folder / "start.yaml", "--json")
    assert done.code == 0, done.err
    return folder / "start.yaml", done.json


def runs(path: Path, out: Path, *words: str) -> list[dict[str, Any]]:
    """Check and run the recipe as it stands; the rows."""
    checked = call("check", path)
    assert checked.code == 0, checked.err
    warnings = [line for line in checked.out.splitlines() if line.startswith("warning:")]
    assert all("raise copies.at_most" in line for line in warnings), warnings
    done = call("run", path, "--set", f"output.path={out}", "--workers", "1", "--quiet", *words)
    assert done.code == 0, done.err
    return rows(out)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_sample_data_of_a_format_is_recognised_and_its_recipe_runs(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    path, told = started(Path("sample_data") / name, tmp_path)
    assert (told["facts"]["format"], told["facts"]["task"]) == SAMPLES[name]
    made = runs(path, tmp_path / "out", "--limit", "4")
    assert any(row["copy"] for row in made) and all(row["status"] == "ok" for row in made)


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {found for found, _ in SAMPLES.values()}))
def test_the_other_formats_are_recognised_in_what_run_writes(name: str, tmp_path: Path) -> None:
    source = dataset(tmp_path / "in")
    given = recipe(tmp_path, source, ["flip: {p: 0.5}"], more="copies: 0\n", output=tmp_path / "made")
    assert call("run", given, "--set", f"output.format={name}", "--workers", "1").code == 0
    path, told = started(tmp_path / "made", tmp_path)
    assert (told["facts"]["format"], told["facts"]["task"]) == (name, "classification")
    assert dict(told["facts"]["classes"]) == {"a": 5, "b": 4, "c": 3}
    assert any(row["copy"] for row in runs(path, tmp_path / "out"))


def deep(number: int) -> np.ndarray:
    return (picture(number, channels=1).astype(np.uint16) * 16) + 100


def yolo(count: int, size: tuple[int, int], side: float, names: str = "cat") -> dict[str, Any]:
    """Images with one box in the middle, of this share of both sides."""
    files: dict[str, Any] = {"data.yaml": f"path: .\ntrain: images/train\nnames: [{names}]\n"}
    for number in range(count):
        files[f"images/train/i{number}.jpg"] = picture(number, *size)
        files[f"labels/train/i{number}.txt"] = f"0 0.5 0.5 {side} {side}\n"
    return files


MADE: dict[str, tuple[str, Callable[[], dict[str, Any]], dict[str, str]]] = {
    "digits": (
        "in",
        lambda: classes({str(digit): 2 for digit in range(10)}, (28, 28), "png"),
        {"mirror": "characters or text", "move": "tiny images", "blur": "tiny images"},
    ),
    "pages": (
        "in",
        lambda: {f"{'ab'[n % 2]}/{'abcdefgh'[n]}x.png": page(n) for n in range(8)},
        {"turn": "documents", "mirror": "characters or text", "canvas": "documents", "colour": "grey images"},
    ),
    "sides": (
        "in",
        lambda: classes({"turn_left": 5, "turn_right": 5, "stop": 5}),
        {"symmetry": "classes with a left and a right", "mirror": "a usual mirror"},
    ),
    "one side": (
        "in",
        lambda: classes({"lane_left": 6, "straight on": 6}),
        {"symmetry": "classes with a side and no twin", "mirror": "classes with a side and no twin"},
    ),
    "from above": ("eurosat", lambda: classes({"a": 6, "b": 6}, (64, 64)), {"quarter turns": "no up"}),
    "16 bit": (
        "in",
        lambda: {f"{'ab'[n % 2]}/{'abcdefghijkl'[n]}x.png": deep(n) for n in range(12)},
        {"colour": "16 bit", "levels": "16 bit that fills a part of the scale"},
    ),
    "imbalance": ("in", lambda: classes({"a": 9, "b": 3}), {"copies": "classes of unequal size"}),
    "patients": (
        "in",
        lambda: {f"{'ab'[n % 2]}/patient{n}_{k}x.jpg": picture(n + k) for n in range(12) for k in range(3)},
        {"group": "names show groups", "holdout": "no split, enough images"},
    ),
    "few": ("in", lambda: classes({"a": 2, "b": 2}), {"holdout": "no split, too few images"}),
    "one": ("in", lambda: {"only.jpg": picture(1)}, {"holdout": "no split, too few images"}),
    "huge": (
        "in",
        lambda: {f"{'ab'[n]}/x.jpg": picture(n, 2100, 300) for n in range(2)},
        {"prepare": "huge images"},
    ),
    "small objects": ("in", lambda: yolo(2, (2400, 600), 0.01), {"tile": "small objects in large images"}),
    "boxes": (
        "in",
        lambda: yolo(3, (90, 70), 0.4),
        {"turn": "boxes alone", "labels": "labels of objects, or wrong ones"},
    ),
    "rotated": (
        "in",
        lambda: yolo(2, (90, 70), 0.4)
        | {f"labels/train/i{n}.txt": "0 0.5 0.2 0.8 0.5 0.5 0.8 0.2 0.5\n" for n in range(2)}
        | {"data.yaml": "path: .\ntrain: images/train\ntask: obb\nnames: [ship]\n"},
        {"quarter turns": "no up"},
    ),
    "wrong labels": (
        "in",
        lambda: yolo(3, (90, 70), 0.4) | {"labels/train/i0.txt": "0 0.5 0.5 0.4 0.4\n0 7.5 0.5 0.2 0.2\n"},
        {"labels": "labels of objects, or wrong ones"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MADE)
def test_what_a_dataset_shows_decides_and_the_recipe_runs(name: str, tmp_path: Path) -> None:
    folder, files, rules = MADE[name]
    source = images(tmp_path / folder, files())
    before = tree(source)
    path, told = started(source, tmp_path)
    found = {choice["knob"]: choice["rule"] for choice in told["choices"]}
    assert rules.items() <= found.items()
    assert runs(path, tmp_path / "out", "--limit", "6")
    assert tree(source) == before


def test_what_was_found_is_printed_with_its_problems(tmp_path: Path) -> None:
    source = images(tmp_path / "in", MADE["wrong labels"][1]() | {"images/train/bad.jpg": b"\xff\xd8\xffno"})
    out = call("init", source, "-o", tmp_path / "r.yaml").out
    assert "task       detection (boxes)" in out and "classes    cat 3 (training images)" in out
    assert "i0.txt:2" in out and "bad.jpg: the image data" in out
    assert "1 training image has no label" in out
    assert out.splitlines()[-1].startswith(f"{tmp_path / 'r.yaml'}: written")
    assert "invalid: drop" in (tmp_path / "r.yaml").read_text()


def test_the_same_dataset_gives_the_same_recipe(tmp_path: Path) -> None:
    source = images(tmp_path / "in", classes({"a": 9, "b": 4}))
    texts = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        texts.append(started(source, tmp_path / name)[0].read_text().replace(f"/{name}/", "/"))
    assert texts[0] == texts[1]


@pytest.mark.parametrize("kind", ["file", "folder", "dangling link"])
def test_what_is_there_is_never_overwritten(kind: str, tmp_path: Path) -> None:
    source, path = dataset(tmp_path / "in"), tmp_path / "recipe.yaml"
    if kind == "file":
        path.write_text("mine")
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(tmp_path / "nowhere")
    done = call("init", source, "-o", path)
    assert done.code == 2 and "is never overwritten" in done.err and done.out == ""
    assert not (tmp_path / "nowhere").exists() and (kind != "file" or path.read_text() == "mine")


@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_comes_between_the_look_and_the_writing_stays(
    links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    if not links:
        monkeypatch.setattr(os, "link", refuse)
    storage.create(tmp_path / "a", b"first")
    with pytest.raises(FileExistsError):
        storage.create(tmp_path / "a", b"second")
    assert tree(tmp_path).keys() == {"a"} and (tmp_path / "a").read_bytes() == b"first"


def failed(done: Done, what: str) -> None:
    assert done.code == 2 and done.out == "", done
    assert what in done.err and done.err.startswith("augment: error: ")


def test_what_is_no_dataset_is_said_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    images(tmp_path / "held", {"test/a/x.jpg": picture(1), "val/a/x.jpg": picture(2)})
    (tmp_path / "a.txt").write_text("")
    for name, what in (
        ("missing", "no such folder"),
        ("empty", "no images found"),
        ("a.txt", "is a file"),
        ("held", "no training images to augment"),
    ):
        failed(call("init", tmp_path / name, "-o", tmp_path / "r.yaml"), what)
    failed(call("init", tmp_path / "held", "-o", tmp_path / "held/r.yaml"), "lies inside the input")
    failed(call("init", ROOT / "sample_data", "-o", tmp_path / "r.yaml"), "masks (masks)")
    failed(
        call("init", ROOT / "sample_data", "-o", tmp_path / "r.yaml"),
        "was read as coco; --format names another",
    )
    failed(call("init", tmp_path, "--format", "yolov8", "-o", tmp_path / "r.yaml"), "did you mean yolo?")
    assert not (tmp_path / "r.yaml").exists() and not (tmp_path / "held/r.yaml").exists()


def test_a_recipe_that_cannot_be_written_is_named_as_it_was_asked_for(tmp_path: Path) -> None:
    source = images(tmp_path / "in", classes({"a": 3, "b": 3}))
    (tmp_path / "file").write_text("")
    done = call("init", source, "-o", tmp_path / "file/r.yaml")
    assert done.code == 1 and "file/r.yaml: cannot be written" in done.err and ".tmp" not in done.err


def test_hostile_names_stay_data(tmp_path: Path) -> None:
    names = ["a: b", "# x left", 'it\'s "quoted"', "new\nline", "- no", "null", "{x}", "*y"]
    source = images(tmp_path / "d: #'\"\n{x}", classes(dict.fromkeys(names, 2) | {"many": 9}))
    path, told = started(source, tmp_path)
    assert {name for name, _ in told["facts"]["classes"]} == {*names, "many"}
    assert told["facts"]["one_sided"] == ["# x left"]
    made = runs(path, tmp_path / "out", "--limit", "9")
    assert {row["labels"]["label"] for row in made} == {*names, "many"}
    printed = call("init", source, "-o", tmp_path / "again.yaml").out
    assert "new\\nline" in printed and "\nline" not in printed


def test_a_name_that_is_no_utf8_is_named_all_the_same(tmp_path: Path) -> None:
    folder = os.fsdecode(os.fsencode(tmp_path) + b"/f\xff")
    try:
        os.mkdir(folder)
    except OSError:
        pytest.skip("this file system wants names in UTF-8")
    path, _ = started(images(Path(folder), classes({"a": 3, "b": 3})), tmp_path)
    assert runs(path, tmp_path / "out", "--limit", "2")


def test_a_path_that_no_recipe_can_name_is_refused_in_its_own_words(tmp_path: Path) -> None:
    source = images(tmp_path / "a$b", classes({"a": 3}))
    failed(call("init", source, "-o", tmp_path / "r.yaml"), "no recipe can name this dataset")


def test_few_images_are_opened_however_many_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = images(tmp_path / "in", classes({"a": 40, "b": 40}, (16, 12)))
    headers, decodes = [], []
    measure, read = looking.measure, looking.read
    monkeypatch.setattr(looking, "measure", lambda path: headers.append(path) or measure(path))
    monkeypatch.setattr(looking, "read", lambda path: decodes.append(path) or read(path))
    monkeypatch.setattr(looking, "HEADERS", 30)
    _, told = started(source, tmp_path)
    assert len(headers) == 30 and len(decodes) == looking.DECODED
    assert sum(f"{os.sep}a{os.sep}" in path for path in headers) == 15, "across classes"
    assert told["facts"]["looks"]["measured"] == 30


def test_a_written_recipe_begins_with_what_to_do(tmp_path: Path) -> None:
    path, told = started(images(tmp_path / "in", classes({"a": 9, "b": 4})), tmp_path)
    head = path.read_text().split("augment: 1")[0]
    assert "does not always help" in head and "cross-validation" in head and f"augment preview {path}" in head
    assert json.dumps(told)
