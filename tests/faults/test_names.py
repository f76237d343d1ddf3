"""Names that a file system allows and programs stumble over: each input still has its rows, nothing escapes.

Control characters in messages: `tests/test_odd_names.py`; collisions of stems, cases and Unicode forms:
`tests/plan/test_names.py`; listing: `tests/formats/test_folders.py`.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.conftest import tree
from tests.faults.moments import whole
from tests.runs import call, dataset, encoded, recipe, rows

NAMES = (
    b"-rf.jpg",
    b"--set.jpg",
    b"quote'\".jpg",
    b"new\nline.jpg",
    b"tab\tcomma,semi;colon:.jpg",
    b"back\\slash.jpg",
    b"space .jpg",
    b" space.jpg",
    b"$(touch gone).jpg",
    b"%s%n{0}{key}.jpg",
    b"<script>alert(1)<.jpg",
    b"CON.jpg",
    b"a..jpg",
    b"latin-\xe9\xff.jpg",
    "\u202egpj.exe.jpg".encode(),
    "e\u0301.jpg".encode(),
    "\U0001f600.jpg".encode(),
)


def make(source: Path, names: tuple[bytes, ...]) -> None:
    (source / "train/a").mkdir(parents=True)
    for name in names:
        with open(os.fsencode(source / "train/a") + b"/" + name, "wb") as file:
            file.write(encoded("1.jpg"))


TEXT_ALONE = ("hf", "parquet")
"""Formats whose tables cannot hold a name that is no UTF-8."""


@pytest.mark.parametrize("target", ["folders", "csv", "webdataset", *TEXT_ALONE])
def test_odd_names_come_through_every_format_or_are_refused_in_words(target: str, tmp_path: Path) -> None:
    make(tmp_path / "in", NAMES)
    path = recipe(
        tmp_path,
        tmp_path / "in",
        ["flip: {}"],
        more="copies: 1\n",
        output=f"{{path: {tmp_path}/out, format: {target}}}",
    )
    names = len(NAMES)
    if target in TEXT_ALONE:
        done = call("run", path, "--set", "labels.lossy=allow")
        assert done.code == 2 and "latin-\\udce9\\udcff.jpg" in done.err and not (tmp_path / "out").exists()
        assert all(line.startswith(("augment: error: ", "note: ")) for line in done.err.splitlines())
        os.unlink(os.fsencode(tmp_path / "in/train/a") + b"/latin-\xe9\xff.jpg")
        names -= 1
    before = tree(tmp_path / "in")
    done = call("run", path, "--set", "labels.lossy=allow")
    assert "Traceback" not in done.err and "\x1b" not in done.err
    assert tree(tmp_path / "in") == before
    assert {name.name for name in tmp_path.iterdir()} <= {"in", "out", "recipe.yaml"}
    assert done.code == 0, done.err
    told = rows(tmp_path / "out")
    assert len({row["source"] for row in told}) == names and len(told) == 2 * names
    whole(tmp_path / "out")
    assert call("run", path, "--set", "labels.lossy=allow", "--json").json["kept"] == len(told)


@pytest.mark.parametrize("stem", ["n" * 251, "é" * 125 + "x", "n" * 246, "n" * 245])
def test_a_name_as_long_as_the_file_system_allows_is_made(stem: str, tmp_path: Path) -> None:
    name = f"{stem}.jpg"
    assert len(name.encode()) <= 255
    source = dataset(tmp_path / "in", [f"train/a/{name}", "train/a/short.jpg"])
    done = call("run", recipe(tmp_path, source, ["flip: {}"], more="copies: 1\n"))
    assert done.code == 0, done.err
    told = rows(tmp_path / "out")
    assert len(told) == 4
    assert all(len(Path(row["output"]).name.encode()) <= 255 for row in told if row["output"])
    whole(tmp_path / "out")


def test_loops_and_ways_out_of_the_input_by_links_are_not_followed(tmp_path: Path) -> None:
    source = dataset(tmp_path / "in", ["train/a/1.jpg"])
    dataset(tmp_path / "outside", ["secret/2.jpg"])
    (source / "train/a/loop").symlink_to(source)
    (source / "train/b").symlink_to(tmp_path / "outside/secret")
    (source / "train/c").symlink_to("c")
    (source / "train/a/self.jpg").symlink_to("self.jpg")
    done = call("run", recipe(tmp_path, source, ["flip: {}"], more="copies: 1\n"))
    assert "links to folders are not followed" in done.err
    sources = {row["source"] for row in rows(tmp_path / "out") if row["status"] == "ok"}
    assert sources == {"a/1.jpg"}


def test_devices_and_pipes_in_place_of_images_cost_their_rows_and_no_time(tmp_path: Path) -> None:
    source = dataset(tmp_path / "in", ["train/a/1.jpg"])
    for name, place in (("zero", "/dev/zero"), ("tty", "/dev/tty"), ("random", "/dev/urandom")):
        (source / f"train/a/{name}.jpg").symlink_to(place)
    os.mkfifo(source / "train/a/pipe.png")
    done = call("run", recipe(tmp_path, source, ["flip: {}"], more="copies: 1\n"))
    assert done.code == 3
    codes = {row["error"]["code"] for row in rows(tmp_path / "out") if row["error"]}
    assert codes == {"not_a_file"}
