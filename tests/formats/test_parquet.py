"""Parquet tables of images: what is read, what is packed, as Hugging Face has it."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from augcli import formats, storage
from augcli.errors import ItemError, UsageError
from augcli.formats import Source, parquet
from augcli.formats.parquet.packing import _alike
from augcli.images import read as read_image
from augcli.images.files import digest
from augcli.sample import Dataset

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

IMAGE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


def table(path: Path, images: list[Any], features: dict[str, Any] | None = None, **columns: Any) -> Path:
    """A table as the datasets library writes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = pa.table({"image": pa.array(images, IMAGE)} | columns)
    if features is not None:
        text = json.dumps({"info": {"features": {"image": {"_type": "Image"}} | features}})
        made = made.replace_schema_metadata({"huggingface": text})
    pq.write_table(made, path, row_group_size=2)
    return path


def cell(name: str | None, data: bytes = b"x") -> dict[str, Any]:
    return {"bytes": data, "path": name}


def picture(format: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (2, 2)).save(file, format)
    return file.getvalue()


def read(root: Path, name: str = "auto", **options: Any):
    return formats.read(name, Source(str(root), **options))


def refused(root: Path) -> str:
    with pytest.raises(UsageError) as caught:
        read(root, "parquet")
    return str(caught.value)


def test_rows_are_samples_and_class_numbers_have_names(tmp_path):
    classes = {"label": {"_type": "ClassLabel", "names": ["dog", "cat", "emu"]}}
    images = [cell(f"{index}.jpg", bytes([index])) for index in range(5)]
    table(
        tmp_path / "data/train-00000-of-00001.parquet",
        images,
        classes,
        label=[1, 0, -1, None, 1],
        age=range(5),
    )
    table(tmp_path / "data/test-00000-of-00001.parquet", [cell("x/0.png", b"T")], classes, label=[0], age=[7])
    dataset, found = read(tmp_path)
    assert dataset.format == "parquet"
    assert (dataset.classes, dataset.columns) == (("cat", "dog"), ("age",))
    assert dataset.info == {"class_order": ["dog", "cat", "emu"]}
    assert [(entry.id, entry.label, dict(entry.extra)) for entry in found] == [
        ("test/x/0.png", "dog", {"age": 7}),
        ("train/0.jpg", "cat", {"age": 0}),
        ("train/1.jpg", "dog", {"age": 1}),
        ("train/2.jpg", None, {"age": 2}),
        ("train/3.jpg", None, {"age": 3}),
        ("train/4.jpg", "cat", {"age": 4}),
    ]
    assert [read_image(entry.path) for entry in found] == [b"T", *(bytes([index]) for index in range(5))]


def test_images_without_names_get_the_ending_of_their_kind(tmp_path):
    images = [cell(None, picture(format)) for format in ("JPEG", "PNG", "WEBP", "GIF")]
    table(tmp_path / "0.parquet", [*images, cell("name", picture("PNG")), cell(None, b"?")])
    assert [entry.key for entry in read(tmp_path)[1]] == [
        "000000.jpg",
        "000001.png",
        "000002.webp",
        "000003.gif",
        "000005.png",
        "name.png",
    ]


def test_a_column_of_plain_bytes_is_read_too(tmp_path):
    pq.write_table(pa.table({"a": ["t"], "img": [b"abc"], "label": ["cat"]}), tmp_path / "0.parquet")
    _, (entry,) = read(tmp_path)
    assert (read_image(entry.path), entry.label, dict(entry.extra)) == (b"abc", "cat", {"a": "t"})


def test_names_that_lead_out_or_repeat_are_made_keys(tmp_path):
    table(tmp_path / "train-0.parquet", [cell("/data/x/a.jpg"), cell("../b.jpg"), cell("c/d.jpg")])
    assert [entry.key for entry in read(tmp_path)[1]] == ["a.jpg", "b.jpg", "c/d.jpg"]
    table(tmp_path / "train-1.parquet", [cell("a.jpg")])
    assert [entry.key for entry in read(tmp_path)[1]] == [
        "train-0/000000_a.jpg",
        "train-0/000001_b.jpg",
        "train-0/000002_d.jpg",
        "train-1/000000_a.jpg",
    ]


def test_what_is_lost_is_told(tmp_path):
    table(
        tmp_path / "0.parquet", [cell("a.jpg")], mask=pa.array([cell("m.png")], IMAGE), score=[float("nan")]
    )
    dataset, (entry,) = read(tmp_path)
    assert dict(entry.extra) == {"score": None}
    assert any("'mask' is not carried over" in note for note in dataset.notes)
    assert any("'score' was read as null" in note for note in dataset.notes)


def test_an_image_that_is_null_is_empty_and_a_table_that_was_replaced_has_changed(tmp_path):
    path = table(
        tmp_path / "0.parquet", [cell("a.jpg"), {"bytes": None, "path": "b.jpg"}, cell("c.jpg", b"3")]
    )
    found = {entry.key: entry.path for entry in read(tmp_path)[1]}
    with pytest.raises(ItemError) as caught:
        read_image(found["b.jpg"])
    assert caught.value.code == "empty"
    assert read_image(found["c.jpg"]) == b"3"
    table(path, [cell("a.jpg", b"new")])
    assert read_image(found["a.jpg"]) == b"new"
    with pytest.raises(ItemError) as caught:
        read_image(found["c.jpg"])
    assert caught.value.code == "changed"
    path.write_bytes(b"PAR1" + b"x" * 50 + b"PAR1")
    with pytest.raises(ItemError) as caught:
        read_image(found["a.jpg"])
    assert caught.value.code == "corrupt"
    assert digest(found["a.jpg"]) is None


def test_wrong_tables_are_refused_in_words(tmp_path):
    names = {"label": {"_type": "ClassLabel", "names": ["a", "a"]}}
    table(tmp_path / "1.parquet", [cell("a.jpg")], names, label=[0])
    names = {"label": {"_type": "ClassLabel", "names": ["a"]}}
    table(tmp_path / "2.parquet", [cell("a.jpg")], names, label=[4])
    pq.write_table(pa.table({"a": [1]}), tmp_path / "3.parquet")
    (tmp_path / "4.parquet").write_bytes(b"x" * 100)
    text = refused(tmp_path)
    assert "1.parquet: the schema names a class twice" in text
    assert "2.parquet: row 0: the class number 4 is none of 0 to 0" in text
    assert "3.parquet: has no column of images" in text
    assert "4.parquet: is no sound Parquet file" in text


def test_tables_that_name_classes_differently_are_refused(tmp_path):
    for name in ("a", "b"):
        names = {"label": {"_type": "ClassLabel", "names": [name]}}
        table(tmp_path / f"{name}.parquet", [cell(f"{name}.jpg")], names, label=[0])
    assert "the tables name their classes differently" in refused(tmp_path)


def test_the_label_file_of_an_image_folder_is_no_table_of_images(tmp_path):
    (tmp_path / "metadata.parquet").write_bytes(b"x")
    assert parquet.sniff(tmp_path) == 0


def test_without_pyarrow_the_line_that_installs_it_is_named(tmp_path, monkeypatch):
    table(tmp_path / "0.parquet", [cell("a.jpg")])
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert refused(tmp_path) == "Parquet files need pyarrow; install it with: pip install 'augcli[parquet]'"


def row(split: str, output: str, label: str | None = None, **labels: Any) -> dict[str, Any]:
    path = f"{split}/{output}" if split else output
    weights = {"classes": [label] if label else [], "weights": [1.0] if label else []}
    facts = {"label": label, "extra": {}} | weights | labels
    return {"split": split, "source": output, "copy": 0, "status": "ok", "output": path, "labels": facts}


def packed(root: Path, dataset: Dataset, rows: list[dict[str, Any]], images: dict[str, bytes]) -> list[str]:
    for name, pieces in parquet.pack(dataset, rows, False, images.__getitem__):
        storage.write(root / name, b"".join(pieces))
    return sorted(path.name for path in (root / "data").iterdir())


@pytest.mark.parametrize("split", ["train", ""])
def test_what_is_packed_is_read_back(tmp_path, split):
    dataset = Dataset("folders", classes=("cat", "dog"), columns=("age", "tags"))
    rows = [
        row(split, f"x/{index:03}.jpg", ("dog", "cat", None)[index % 3], extra={"age": index, "tags": ["a"]})
        for index in range(250)
    ]
    rows.insert(3, rows[0] | {"status": "error"})
    images = {entry["output"]: bytes([index % 256]) * 100 for index, entry in enumerate(rows)}
    assert packed(tmp_path, dataset, rows, images) == [f"{split or 'all'}-00000-of-00001.parquet"]
    file = pq.ParquetFile(next((tmp_path / "data").iterdir()))
    assert [file.metadata.row_group(index).num_rows for index in range(3)] == [100, 100, 50]
    features = json.loads(file.schema_arrow.metadata[b"huggingface"])["info"]["features"]
    assert features == {
        "image": {"_type": "Image"},
        "label": {"names": ["cat", "dog"], "_type": "ClassLabel"},
    }
    again, found = read(tmp_path)
    assert again.classes == dataset.classes
    assert {entry.id: (read_image(entry.path), entry.label, dict(entry.extra)) for entry in found} == {
        entry["output"]: (images[entry["output"]], entry["labels"]["label"], entry["labels"]["extra"])
        for entry in rows
    }
    held = parquet.held(tmp_path)
    assert {path: read_image(held[path]) for path in images} == images
    first = next((tmp_path / "data").iterdir()).read_bytes()
    packed(tmp_path, again, rows, images)
    assert next((tmp_path / "data").iterdir()).read_bytes() == first


def test_numbers_stay_numbers_and_weights_are_lists(tmp_path):
    dataset = Dataset("hf", classes=("1", "2"), numeric=True, soft=True)
    packed(
        tmp_path, dataset, [row("", "a.jpg", "2", classes=["1", "2"], weights=[0.25, 0.75])], {"a.jpg": b"A"}
    )
    again, (entry,) = read(tmp_path)
    assert (again.numeric, entry.classes) == (True, (("1", 0.25), ("2", 0.75)))


def test_a_column_of_several_types_is_refused(tmp_path):
    dataset = Dataset("hf", columns=("age",))
    rows = [row("", f"{age}.jpg", extra={"age": age}) for age in (1, "two")]
    with pytest.raises(UsageError, match="'age' holds values of several types"):
        packed(tmp_path, dataset, rows, {"1.jpg": b"A", "two.jpg": b"B"})
    with pytest.raises(UsageError, match="is called 'image'"):
        packed(tmp_path, Dataset("hf", columns=("image",)), rows, {})


def test_objects_without_fields_which_parquet_cannot_hold_are_written_as_texts(tmp_path: Path) -> None:
    tables = pytest.importorskip("pyarrow.parquet")
    dataset = Dataset("coco", columns=("meta",), attributes=("attributes",), holds=frozenset({"boxes"}))
    thing = {"category": "cat", "bbox": [0, 0, 1, 1], "extra": {"attributes": {}}}
    labels = {"label": None, "classes": [], "weights": [], "extra": {"meta": {}}, "objects": [thing]}
    row = {"status": "ok", "split": "", "output": "a.png", "size": [2, 2], "labels": labels}
    ((_, pieces),) = parquet.pack(dataset, [row], False, lambda path: b"x")
    (tmp_path / "a.parquet").write_bytes(b"".join(pieces))
    (found,) = tables.read_table(tmp_path / "a.parquet").to_pylist()
    assert found["meta"] == "{}" and found["objects"]["attributes"] == ["{}"]


def test_further_lists_of_several_types_are_written_as_texts() -> None:
    pa = pytest.importorskip("pyarrow")
    values = [
        {"bbox": [[0.0, 0, 1, 1]] * 2, "score": [1, None], "odd": [1, "a"]},
        {"bbox": [], "score": [], "odd": []},
    ]
    assert pa.array(_alike(pa, values)).to_pylist() == [
        {"bbox": [[0, 0, 1, 1]] * 2, "score": [1, None], "odd": ["1", "a"]},
        {"bbox": [], "score": [], "odd": []},
    ]
