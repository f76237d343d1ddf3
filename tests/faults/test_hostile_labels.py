"""Label files made to do harm: ways out of the dataset and out of the output, bombs of JSON, XML and YAML.

Each ends in a sentence that names the file, in little time and memory; nothing outside is read or written.
Links that leave: the tests of each format. Recipes: `tests/recipe/test_document.py`.
"""

from __future__ import annotations

import io
import json
import resource
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT, tree
from tests.runs import call, dataset, encoded, recipe

WAYS = (
    "../../secret.jpg",
    "train/../../../secret.jpg",
    "{outside}",
    "~/secret.jpg",
    "\0secret.jpg",
    f"{'n' * 300}.jpg",
)
"""Names that lead to a picture outside; {outside} is its absolute path."""

LAUGHS = '<!DOCTYPE a [<!ENTITY a0 "ha">' + "".join(
    f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 11)
)
ALIASES = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
BOMBS = {
    "deep lists": "[" * 200_000,
    "deep objects": '{"a":' * 200_000,
    "a long number": '{"images": ' + "9" * 100_000 + "}",
    "a key twice": '{"images": [], "images": []}',
    "infinity": '{"images": Infinity}',
    "not UTF-8": '{"images": "\udcff"}',
    "nothing": "",
    "laughs": f"{LAUGHS}]><annotation>&a10;</annotation>",
    "an outer entity": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><annotation>&x;</annotation>',
    "deep XML": "<annotation>" + "<a>" * 100_000,
    "aliases": ALIASES,
    "itself": "names: &a [*a]\n",
    "a program": "names: !!python/object/apply:os.system ['touch gone']\n",
}


def sample(name: str, folder: Path) -> Path:
    return Path(shutil.copytree(ROOT / "sample_data" / name, folder / "in"))


def edit(path: Path, change: Callable[[str], str]) -> None:
    text = path.read_text()
    changed = change(text)
    assert changed != text
    path.write_bytes(changed.encode("utf-8", "surrogateescape"))


def coco(folder: Path, way: str) -> None:
    path = sample("coco", folder) / "annotations/instances_train.json"
    edit(path, lambda text: text.replace('"coffee_01.jpg"', json.dumps(way)))


def voc(folder: Path, way: str) -> None:
    place = sample("voc", folder)
    path = sorted((place / "Annotations").glob("*.xml"))[0]
    way = way.replace("\0", "&#0;")
    edit(path, lambda text: text.replace(f"<filename>{path.stem}.jpg<", f"<filename>{way}<"))


def labelme(folder: Path, way: str) -> None:
    path = sample("labelme", folder) / "train/coffee_01.json"
    edit(path, lambda text: text.replace('"coffee_01.jpg"', json.dumps(way)))


def csv(folder: Path, way: str) -> None:
    path = sample("csv", folder) / "annotations.csv"
    edit(path, lambda text: text.replace("train/coffee_01.jpg", way))


def yolo(folder: Path, way: str) -> None:
    place = sample("yolo", folder)
    (place / "list.txt").write_text(f"{way}\n")
    edit(place / "data.yaml", lambda text: text.replace("train: images/train", "train: list.txt"))


def hf(folder: Path, way: str) -> None:
    place = dataset(folder / "in", ["train/a/1.jpg"])
    (place / "train/metadata.jsonl").write_text(json.dumps({"file_name": way, "label": "a"}) + "\n")


def webdataset(folder: Path, way: str) -> None:
    (folder / "in").mkdir()
    with tarfile.open(folder / "in/train-000000.tar", "w") as tar:
        for name, data in ((way, encoded("1.jpg")), (way.replace(".jpg", ".cls"), b"0")):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))


def parquet(folder: Path, way: str) -> None:
    arrow = pytest.importorskip("pyarrow")
    table = pytest.importorskip("pyarrow.parquet")
    (folder / "in").mkdir()
    images = [{"bytes": encoded("1.jpg"), "path": way}, {"bytes": None, "path": way}]
    table.write_table(arrow.table({"image": images, "label": ["a", "a"]}), folder / "in/train.parquet")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("make", [coco, csv, hf, labelme, parquet, voc, webdataset, yolo])
def test_a_name_in_a_label_file_leads_neither_out_of_the_input_nor_out_of_the_output(
    make: Callable[[Path, str], None], way: str, tmp_path: Path
) -> None:
    place = tmp_path / "deep/er"
    place.mkdir(parents=True)
    for above in (tmp_path, tmp_path / "deep", place):
        (above / "secret.jpg").write_bytes(encoded("secret.jpg"))
    make(place, way.format(outside=tmp_path / "secret.jpg"))
    path = recipe(place, place / "in", ["flip: {p: 0.5}"], more="copies: 1\nlabels: {lossy: allow}\n")
    before = {name: digest for name, digest in tree(tmp_path).items() if "/out/" not in name}
    done = call("run", path)
    # Containers hold the picture itself; LabelMe and VOC fall back on the picture of the label file's name.
    refused = make not in (parquet, webdataset) and not way.startswith(("~", "n"))
    assert done.code in ((2, 3) if refused else (0, 2, 3)), (done.out, done.err)
    assert "Traceback" not in done.err
    after = tree(tmp_path)
    assert {name: digest for name, digest in after.items() if "/out/" not in name} == before
    secret = before["secret.jpg"]
    assert secret not in [digest for name, digest in after.items() if "/out/" in name]


TARGETS = {
    "coco": "annotations/instances_train.json",
    "labelme": "train/coffee_01.json",
    "voc": "Annotations/coffee_01.xml",
    "yolo": "data.yaml",
    "csv": "annotations.csv",
}
HARMLESS = {"yolo": {"a long number", "infinity", "aliases"}, "csv": {"a NUL"}}
"""Keys that nobody asks for are never looked into; a class may have any name that its files can hold."""

COLUMNS = "filename,width,height,class,xmin,ymin,xmax,ymax\ntrain/coffee_01.jpg,600,400,"
CSV_BOMBS = {
    "a long field": f'{COLUMNS}"{"x" * 3_000_000}",1,1,9,9\n',
    "an open quote": f'{COLUMNS}"cup,1,1,9,9\n' + "train/coffee_01.jpg,600,400,cup,1,1,9,9\n" * 100_000,
    "many columns": COLUMNS + "cup,1,1,9,9" + ",9" * 500_000 + "\n",
    "many names": ",".join(map(str, range(200_000))) + "\n",
    "a NUL": f"{COLUMNS}cu\0p,1,1,9,9\n",
    "a long number": f"{COLUMNS}cup,1,1,{'9' * 100_000},9\n",
    "infinity": f"{COLUMNS}cup,1,1,inf,nan\n",
    "not UTF-8": f"{COLUMNS}c\udcffp,1,1,9,9\n",
    "nothing": "",
}


@pytest.mark.parametrize("name", TARGETS)
def test_a_bomb_in_a_label_file_is_refused_in_words(name: str, tmp_path: Path) -> None:
    source = sample(name, tmp_path)
    target = source / TARGETS[name]
    assert target.is_file()
    given = f"{{path: {source}, format: {name}}}"
    if name == "csv":
        given = f"{{images: {source}, annotations: {target}, format: csv}}"
    path = recipe(tmp_path, given, ["flip: {p: 0.5}"])
    before = resource.getrusage(resource.RUSAGE_SELF)
    for bomb, text in (CSV_BOMBS if name == "csv" else BOMBS).items():
        target.write_bytes(text.encode("utf-8", "surrogateescape"))
        done = call("check", path)
        assert "Traceback" not in done.err, (bomb, done.err)
        assert done.code == (0 if bomb in HARMLESS.get(name, ()) else 2), (bomb, done)
        if done.code:
            assert f"augment: error: {source}" in done.err and len(done.err.splitlines()) < 200, bomb
            assert "annotations" in done.err or target.name in done.err or name == "yolo", (bomb, done.err)
            assert len(done.err) < 100_000, bomb
    after = resource.getrusage(resource.RUSAGE_SELF)
    assert after.ru_maxrss - before.ru_maxrss < 400_000
    assert after.ru_utime - before.ru_utime < 60
    assert not Path("gone").exists()
