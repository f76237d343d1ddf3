"""Bad input: a mistake is said before anything is written; a bad image costs its own rows and no more."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from PIL import Image

from tests.conftest import ROOT
from tests.runs import call, dataset, encoded, powerless, recipe, rows


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims to be this large and holds next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    start = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + start + body


BAD = {
    "empty.jpg": "empty",
    "text.jpg": "not_an_image",
    "cut.jpg": "truncated",
    "cut.png": "truncated",
    "huge.png": "too_large",
    "pages.tiff": "multi_page",
    "fifo.jpg": "not_a_file",
    "gone.jpg": "vanished",
    "phone.heic": "unsupported_format",
    "camera.cr2": "unsupported_format",
}
"""File -> the code of its rows."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset with one file of every kind of badness, run once."""
    folder = tmp_path_factory.mktemp("bad")
    bad = dataset(folder / "in") / "train" / "b"
    (bad / "empty.jpg").write_bytes(b"")
    (bad / "text.jpg").write_text("this is a text\n" * 50)
    (bad / "cut.jpg").write_bytes(encoded("cut.jpg")[:-200])
    (bad / "cut.png").write_bytes(encoded("cut.png")[:-500])
    (bad / "huge.png").write_bytes(png_header(60000, 60000))
    Image.new("L", (9, 9)).save(bad / "pages.tiff", save_all=True, append_images=[Image.new("L", (9, 9))])
    os.mkfifo(bad / "fifo.jpg")
    (bad / "gone.jpg").symlink_to(folder / "nowhere.jpg")
    (bad / "phone.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(100))
    (bad / "camera.cr2").write_bytes(b"II*\0" + bytes(100))
    done = call("run", recipe(folder, folder / "in"))
    assert done.code == 3, done.err
    return folder


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_row_per_planned_output_with_its_code(name: str, place: Path) -> None:
    told = [row for row in rows(place / "out") if row["source"] == f"b/{name}"]
    assert [row["copy"] for row in told] == [0, 1, 2]
    for row in told:
        assert (row["status"], row["error"]["code"]) == ("error", BAD[name])
        assert row["output"] is None and row["files"] == [] and row["steps"] == []
        assert str(place) not in str(row)


def test_the_rest_of_the_dataset_is_done(place: Path, tmp_path: Path) -> None:
    good = recipe(tmp_path, dataset(tmp_path / "in"))
    assert call("run", good).code == 0
    fine = [row for row in rows(place / "out") if row["status"] == "ok"]
    assert fine == rows(tmp_path / "out")
    files = [path for path in (place / "out").rglob("*") if path.is_file()]
    assert len(files) == len(fine) + 2


def test_plan_preview_and_check_live_with_bad_files(place: Path, tmp_path: Path) -> None:
    assert call("check", place / "recipe.yaml").code == 0
    assert call("plan", place / "recipe.yaml").code == 0
    sheet = tmp_path / "sheet.png"
    assert call("preview", place / "recipe.yaml", "-n", "30", "--copies", "1", "-o", sheet).code == 0
    assert sheet.stat().st_size > 1000


def test_every_image_bad_is_told_and_nothing_is_made(tmp_path: Path) -> None:
    (tmp_path / "in/a").mkdir(parents=True)
    for name in ("1.jpg", "2.jpg"):
        (tmp_path / "in/a" / name).write_bytes(b"no image")
    done = call("run", recipe(tmp_path, tmp_path / "in"), "--json")
    assert done.code == 3 and done.json["made"] == 0 and done.json["failed"] == 6


def test_the_limit_of_megapixels_is_the_recipes(tmp_path: Path) -> None:
    source = dataset(tmp_path / "in", ["a/1.jpg", "a/2.jpg"])
    Image.new("RGB", (300, 200)).save(source / "a/2.jpg")
    path = recipe(tmp_path, source)
    assert call("run", path, "--set", "input.max_megapixels=0.05").code == 3
    text = next(row["error"]["text"] for row in rows(tmp_path / "out") if row["error"])
    assert text == "300 x 200 pixels are over the limit of 0.05 megapixels"
    assert call("run", path, "--update").code == 0


def test_a_lower_limit_of_megapixels_fails_what_was_made_before(tmp_path: Path) -> None:
    path = recipe(tmp_path, dataset(tmp_path / "in", ["a/1.jpg"]))
    assert call("run", path).code == 0
    assert call("run", path, "--set", "input.max_megapixels=0.001", "--update").code == 3
    assert not list((tmp_path / "out").rglob("*.jpg"))


@pytest.mark.parametrize(
    ("name", "what"),
    [("missing", "missing"), ("empty", "no images"), ("file.jpg", "file.jpg"), ("https://x.org/d", "https")],
)
def test_an_input_without_images_is_an_error_and_nothing_is_written(
    name: str, what: str, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.jpg").write_bytes(encoded("a.jpg"))
    source = name if "://" in name else tmp_path / name
    for verb in ("run", "check", "plan", "preview"):
        done = call(verb, recipe(tmp_path, source))
        assert done.code == 2 and done.out == ""
        assert what in done.err and done.err.startswith("augment: error: ")
    assert not (tmp_path / "out").exists()


def test_a_wrong_recipe_is_refused_with_every_mistake_and_its_place(tmp_path: Path) -> None:
    source = dataset(tmp_path / "in", ["a/1.jpg"])
    steps = ["rotate: {degrees: abc}", "HorizontalFlip", "gaussian_noise: {std: 7}"]
    path = recipe(tmp_path, source, steps, more="copiess: 3\n")
    done = call("run", path)
    assert done.code == 2
    lines = done.err.splitlines()
    assert len(lines) == 4 and all(line.startswith(f"augment: error: {path}:") for line in lines)
    assert "did you mean" in lines[0] and "flip" in lines[2]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("text", ["", "[]", "augment: 1\n  bad: [", "\0", "augment: 99\n", "a: &a [*a]\n"])
def test_a_file_that_is_no_recipe_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").write_text(text)
    done = call("run", tmp_path / "recipe.yaml")
    assert done.code == 2 and "recipe.yaml" in done.err and "Traceback" not in done.err


def test_a_file_that_may_not_be_read_is_a_row(tmp_path: Path) -> None:
    source = dataset(tmp_path / "in")
    (source / "train/a/a0.jpg").chmod(0)
    command = [*powerless(), sys.executable, "-m", "augcli", "run", str(recipe(tmp_path, source))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 3, done.stderr
    failed = [row for row in rows(tmp_path / "out") if row["error"]]
    assert [row["source"] for row in failed] == ["a/a0.jpg"] * 3
    assert {row["error"]["code"] for row in failed} == {"permission_denied"}


def test_file_names_of_any_bytes_are_told_on_one_line(tmp_path: Path) -> None:
    source = dataset(tmp_path / "in", ["a/1.jpg", "a/new\nline\x1b[31m.jpg", "a/späße 写真.jpg"])
    raw = os.fsencode(source / "a") + b"/\xff\xfe.jpg"
    with open(raw, "wb") as file:
        file.write(b"no image")
    done = call("run", recipe(tmp_path, source), "--verbose")
    assert done.code == 3
    assert "\x1b" not in done.out + done.err
    assert len([line for line in done.err.splitlines() if line.startswith("failed: ")]) == 3
    assert "späße 写真" in str([row["output"] for row in rows(tmp_path / "out")])
    assert call("run", tmp_path / "recipe.yaml").code == 3
