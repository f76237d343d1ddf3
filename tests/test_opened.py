"""A finished output folder is opened as it was sealed; what is not ours, or hostile, is refused in words."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from augcli import opened
from augcli.errors import UsageError
from augcli.manifest.judging import judged_row
from augcli.opened import Damaged, open_output, open_unproved
from tests.conftest import ROOT
from tests.runs import MIXING, call, dataset, recipe, rows

Change = Callable[[dict[str, Any]], object]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("opened")
    assert call("run", recipe(folder, dataset(folder / "in"), MIXING)).code == 0
    return folder / "out"


@pytest.fixture
def out(made: Path, tmp_path: Path) -> Path:
    """A copy to be spoiled."""
    return Path(shutil.copytree(made, tmp_path / "out"))


def spoiled(out: Path, change: Change, number: int = 4) -> Path:
    """The folder with one row changed, and run.json made to fit it, as a forger would."""
    lines = (out / "manifest.jsonl").read_bytes().splitlines(keepends=True)
    row = json.loads(lines[number])
    changed = change(row)
    row = changed if isinstance(changed, dict) else row
    text = json.dumps(row, sort_keys=True, separators=(",", ":"))
    lines[number] = text.encode() + b"\n"
    return forged(out, b"".join(lines))


def forged(out: Path, manifest: bytes) -> Path:
    (out / "manifest.jsonl").write_bytes(manifest)
    run = json.loads((out / "run.json").read_text())
    run["files"]["manifest.jsonl"] = hashlib.sha256(manifest).hexdigest()
    (out / "run.json").write_text(json.dumps(run))
    return out


def test_all_that_a_run_told_is_there(made: Path) -> None:
    found = open_output(made)
    assert list(found.rows()) == rows(made)
    assert found.format == found.dataset.format == "folders" and found.dataset.classes == ("a", "b", "c")
    assert found.vocabulary.mixes and found.header["recipe"]["seed"] == 7
    assert sum(map(sum, (classes.values() for classes in found.counts["outputs"].values()))) == len(
        rows(made)
    )
    assert set(found.wide) >= {"manifest.jsonl"} and len(found.tree) == 64


def test_a_row_is_found_by_its_id_and_by_its_output(made: Path) -> None:
    found = open_output(made)
    for row in rows(made)[::5]:
        assert found.row(row["id"]) == row == found.row(row["output"])
    assert found.row("train/a/a0.jpg#99") is None
    assert found.row("a") is None, "a part of a name is no name"


@pytest.mark.parametrize("form", ["webdataset", "parquet"])
def test_outputs_in_containers_are_read_from_where_they_are(form: str, tmp_path: Path) -> None:
    source = dataset(tmp_path / "in", [f"train/{name}.jpg" for name in ("a/a0", "a/a1", "b/b0")])
    made = recipe(tmp_path, source, more="copies: 1\n")
    assert call("run", made, "--set", f"output.format={form}").code == 0
    found = open_output(tmp_path / "out")
    addresses = found.addresses()
    for row in found.rows():
        data = found.read(row["output"], addresses)
        assert hashlib.sha256(data).hexdigest() == row["files"][0]["sha256"]


def refused(path: Path, *words: str) -> None:
    with pytest.raises(UsageError) as caught:
        list(open_output(path).rows())
    text = str(caught.value)
    assert all(word in text for word in words), text
    assert "\n" not in text and caught.value.exit_code == 2


def test_what_is_not_ours_is_refused(tmp_path: Path) -> None:
    refused(tmp_path / "none", "no such folder")
    (tmp_path / "file").touch()
    refused(tmp_path / "file", "is a file")
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_bytes(b"x")
    refused(tmp_path / "photos", "was not made by augment")
    (tmp_path / "photos" / "manifest.jsonl").write_text('{"id": 1}\n')
    refused(tmp_path / "photos", "was not made by augment")
    (tmp_path / "photos" / "run.json").write_text('{"epochs": 10}')
    refused(tmp_path / "photos", "was not made by augment")
    refused(ROOT, "was not made by augment")


def test_an_unfinished_run_is_told_from_a_finished_one(out: Path) -> None:
    (out / ".augment.journal").write_bytes(b"H 00000000 {}\n")
    refused(out, "is not finished", "run its recipe to the end")


@pytest.mark.parametrize("name", ["run.json", "manifest.jsonl"])
def test_a_folder_that_lost_one_of_its_two_files_is_damaged_not_foreign(out: Path, name: str) -> None:
    (out / name).unlink()
    with pytest.raises(Damaged, match=r"missing.*run its recipe again"):
        open_output(out)
    os.mkfifo(out / name)  # opening one would wait for ever
    with pytest.raises(Damaged, match="no regular file"):
        open_output(out)


def test_a_manifest_that_is_not_the_one_of_the_run_is_refused(out: Path) -> None:
    with (out / "manifest.jsonl").open("ab") as file:
        file.write(b"\n")
    refused(out, "manifest.jsonl is not the one that run.json tells of")
    assert open_unproved(out).run


CHANGES: dict[str, Change] = {
    "absolute": lambda row: row["files"][0].update(path="/etc/passwd"),
    "goes up": lambda row: row["files"][0].update(path="train/../../x.jpg"),
    "source goes up": lambda row: row.update(source="../x.jpg", id="train/../x.jpg#1"),
    "split goes up": lambda row: row.update(split="..", id=f"../{row['source']}#{row['copy']}"),
    "NUL": lambda row: row["files"][0].update(path="a\0b"),
    "no name of a file": lambda row: row["files"][0].update(path="\ud800"),
    "names the manifest": lambda row: row["files"][0].update(path="run.json"),
    "copy is true": lambda row: row.update(copy=True),
    "copy is text": lambda row: row.update(copy="1"),
    "labels are a list": lambda row: row.update(labels=[]),
    "no labels": lambda row: row.pop("labels"),
    "weights without classes": lambda row: row["labels"].update(weights=[1.0, 2.0, 3.0, 4.0, 5.0]),
    "a huge number": lambda row: row["labels"].update(weights=[10**400] * len(row["labels"]["weights"])),
    "a bomb": lambda row: row["labels"].update(
        objects=[
            {"category": "a", "kind": "bitmap", "rle": {"size": [10**6] * 2, "at": [0, 0], "counts": ""}}
        ]
    ),
    "a ring of text": lambda row: row["labels"].update(
        objects=[{"category": "a", "kind": "polygon", "parts": [["abcdef"]]}]
    ),
    "size of nothing": lambda row: row.update(size=[0, 5]),
    "size of everything": lambda row: row.update(size=[10**9, 10**9]),
    "sha256 of another kind": lambda row: row["files"][0].update(sha256="0" * 63),
    "partners within partners": lambda row: row.update(partners=nested(100)),
    "another id": lambda row: row.update(id="train/a/a0.jpg#7"),
    "twice": lambda row: None,
}


def nested(depth: int) -> list[Any]:
    found: list[Any] = []
    for _ in range(depth):
        found = [{"step": "s", "slot": 0, "source": "a", "partners": found}]
    return found


@pytest.mark.parametrize("change", CHANGES)
def test_a_row_that_no_run_writes_is_refused_with_its_line(out: Path, change: str) -> None:
    if change == "twice":
        lines = (out / "manifest.jsonl").read_bytes().splitlines(keepends=True)
        refused(forged(out, b"".join([*lines[:5], lines[4], *lines[5:]])), "line 6 stands twice")
    else:
        refused(spoiled(out, CHANGES[change]), "line 5 is no row of a manifest")


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"null\n",
        b"[]\n",
        b"{}",
        b'{"a":1,"a":1}\n',
        b"\xff\xfe\n",
        b"{" * 100 + b"\n",
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"\n",
        b'{"a":' + b"[" * 100 + b"]" * 100 + b"}\n",
        b'{"a":NaN}\n',
        b'{"a":1e999}\n',
        b'{"a":' + b"9" * 5000 + b"}\n",
        b'{"a": 1}\n',
    ],
)
def test_a_line_that_no_run_writes_is_no_row(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        judged_row(line)


def test_nesting_that_json_allows_is_read_and_written(out: Path) -> None:
    deep: Any = 1
    for _ in range(100):
        deep = [deep]
    found = open_output(spoiled(out, lambda row: row["labels"]["extra"].update(deep=deep)))
    assert list(found.rows())[4]["labels"]["extra"]["deep"] == deep


def test_a_line_that_is_too_long_is_passed_over_in_pieces(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opened, "LARGEST_LINE", 100_000)
    lines = (out / "manifest.jsonl").read_bytes().splitlines(keepends=True)
    long = b'{"a":"' + b"x" * 300_000 + b'"}\n'
    found = open_output(forged(out, b"".join([*lines[:2], long, *lines[2:]])))
    told = list(found.lines())
    assert [number for number, row in told if isinstance(row, str)] == [3]
    assert len(told) == len(lines) + 1, "the lines behind it are read"


def test_no_file_is_read_through_a_link_that_leads_out(out: Path, tmp_path: Path) -> None:
    row = rows(out)[4]
    place = out / row["output"]
    (tmp_path / "secret").write_bytes(b"x")
    place.unlink()
    place.symlink_to(tmp_path / "secret")
    found = open_output(out)
    with pytest.raises(Damaged, match="is a link that leads out of the folder"):
        found.read(row["output"], {})
    place.unlink()
    place.symlink_to(place.name)  # a loop
    with pytest.raises(Exception, match=r"cannot be read|link"):
        found.read(row["output"], {})


@pytest.mark.parametrize(
    "change",
    [
        lambda run: run["files"].update({"/etc/passwd": "0" * 64}),
        lambda run: run["files"].update({"../x": "0" * 64}),
        lambda run: run["files"].update(x="short"),
        lambda run: run["files"].pop("manifest.jsonl"),
        lambda run: run.update(tree=7),
        lambda run: run.update(counts=[]),
        lambda run: run["counts"].update(outputs={"train": 1}),
        lambda run: run.update(recipe=None),
        lambda run: run.update(more=1),
        lambda run: run.update(dataset="coco"),
        lambda run: run["dataset"].update(format="../coco"),
        lambda run: run["dataset"].update(categories=[{"name": 1}]),
    ],
)
def test_a_run_json_that_no_run_writes_is_refused(out: Path, change: Change) -> None:
    run = json.loads((out / "run.json").read_text())
    change(run)
    (out / "run.json").write_text(json.dumps(run))
    with pytest.raises(Damaged, match=r"run\.json"):
        open_output(out)
