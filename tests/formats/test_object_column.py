"""Boxes in a column of tables of images: the ways they are written, what is wrong with them, and back."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from augcli import formats
from augcli.errors import UsageError
from augcli.formats import Source
from augcli.formats.invalid import Judge
from augcli.formats.object_column import opened, read_objects, written
from augcli.formats.rows import Row
from augcli.labels import boxes, to_plain
from augcli.sample import Dataset, Entry
from tests.runs import call, rows


def found(*columns, names=(), policy="refuse", **more):
    judge = Judge(policy)
    return read_objects(
        [Row(f"m:{n}", "", {**column, **more}) for n, column in enumerate(columns)], judge, names
    ), judge


def labels(packed: bytes):
    objects = opened(Entry("", "a", "a", labels=packed)).objects
    return list(objects.category), boxes(objects).tolist(), list(objects.crowd), list(objects.extra)


LISTS = {"objects": {"bbox": [[1, 2, 3, 4.5], [0, 0, 1, 1]], "categories": ["cat", "dog"]}}


def test_lists_and_records_of_names_and_numbers_are_read() -> None:
    expected = ["cat", "dog"], [[1, 2, 4, 6.5], [0, 0, 1, 1]], [False, False], [{}, {}]
    records = [{"bbox": [1, 2, 3, 4.5], "category": "cat"}, {"bbox": [0, 0, 1, 1], "category": "dog"}]
    numbers = {"objects": {"bbox": LISTS["objects"]["bbox"], "category": [1, 0]}}
    for column, names in ((LISTS, ()), ({"objects": records}, ()), (numbers, ("dog", "cat"))):
        read, judge = found(column, {}, {"objects": None}, names=names)
        assert not judge.problems and labels(read.labels[0]) == expected
        assert read.labels[1:] == [b"", b""] and read.present == [("cat", "dog"), (), ()]
        assert all("objects" not in row.values for row in read.rows)
    assert [(one.name, one.id) for one in found(numbers)[0].categories] == [("0", 0), ("1", 1)]


def test_crowds_and_further_lists_are_carried_and_ids_and_areas_are_not() -> None:
    column = {
        "objects": {"bbox": [[1, 2, 3, 4]], "category": [7], "iscrowd": [1], "worn": ["red"], "area": [9]}
    }
    read, _ = found(column)
    assert labels(read.labels[0]) == (["7"], [[1, 2, 4, 6]], [True], [{"worn": "red"}])
    dataset = Dataset(
        "hf", (), (), read.attributes, categories=read.categories, holds=read.holds, info=read.info
    )
    objects = to_plain(opened(Entry("", "a", "a", labels=read.labels[0])).objects)
    row = {"size": [9, 9], "labels": {"objects": objects}}
    assert written(dataset, row) == {
        "objects": {"bbox": [[1.0, 2.0, 3.0, 4.0]], "category": [7], "iscrowd": [1], "worn": ["red"]}
    }
    assert all(type(side) is float for side in written(dataset, row)["objects"]["bbox"][0])


def test_the_share_that_an_object_has_of_an_averaged_image_is_written() -> None:
    dataset = Dataset("coco", holds=frozenset({"boxes"}))
    things = [
        {"bbox": [1, 2, 4, 6], "category": "cat", "extra": {"weight": 0.25}},
        {"bbox": [0, 0, 1, 1], "category": "dog"},
    ]
    row = {"size": [9, 9], "labels": {"objects": things}}
    assert written(dataset, row, weights=True)["objects"]["weight"] == [0.25, 1.0]
    assert "weight" not in written(dataset, row)["objects"]


def test_a_declared_size_limits_boxes_and_follows_the_output() -> None:
    read, judge = found(LISTS, width=3, height=9)
    assert "leaves the image of 3 x 9" not in str(judge.problems) and judge.counts["overshot"] == 1
    read, judge = found(LISTS, width=2, height=9)
    assert "leaves the image of 2 x 9" in judge.problems[0].what
    dataset = Dataset(
        "hf", (), (), read.attributes, categories=read.categories, holds=read.holds, info=read.info
    )
    assert written(dataset, {"size": [5, 6], "labels": {}}) == {
        "width": 5,
        "height": 6,
        "objects": {"bbox": [], "categories": []},
    }


@pytest.mark.parametrize(
    ("column", "what"),
    [
        ({"bbox": [[1, 2, 3]], "category": ["a"]}, "is no box"),
        ({"bbox": [[1, 2, "3", 4]], "category": ["a"]}, "is no box"),
        ({"bbox": [[1, 2, True, 4]], "category": ["a"]}, "is no box"),
        ({"bbox": [[1, 2, -3, 4]], "category": ["a"]}, "inverted"),
        ({"bbox": [[1, 2, 0, 4]], "category": ["a"]}, "no area"),
        ({"bbox": [[1, 2, 1e400, 4]], "category": ["a"]}, "finite"),
        ({"bbox": [[1, 2, 3, 4]], "category": [None]}, "no category"),
        ({"bbox": [[1, 2, 3, 4]], "category": [True]}, "no category"),
        ({"bbox": [[1, 2, 3, 4]], "category": [-1]}, "no category"),
        ({"bbox": [[1, 2, 3, 4]], "category": [""]}, "no category"),
        ({"bbox": [[1, 2, 3, 4]]}, "no category"),
        ({"category": ["a"]}, "is no box"),
        ({"bbox": [[1, 2, 3, 4]], "category": []}, "several lengths"),
        ({"bbox": 5}, "no object of lists"),
        ("cat", "no object of lists"),
        ([1], "no object of lists"),
    ],
)
def test_what_is_no_box_of_a_category_is_told_with_its_row_or_left_out(column, what) -> None:
    _, judge = found({}, {"objects": column})
    assert [what in problem.what for problem in judge.problems] == [True] and "m:1" in judge.problems[0].where
    read, judge = found({}, {"objects": column}, policy="drop")
    assert not judge.problems and judge.counts["dropped"] == 1 and read.labels == [b"", b""]


def test_numbers_beyond_the_names_names_beside_numbers_and_outlines_are_refused() -> None:
    assert (
        "no category"
        in found({"objects": {"bbox": [[1, 2, 3, 4]], "category": [2]}}, names=("a", "b"))[1].problems[0].what
    )
    mixed = {"objects": {"bbox": [[1, 2, 3, 4]] * 2, "category": [2, "a"]}}
    assert "some are names" in found(mixed)[1].problems[0].what
    outlines = {"objects": {"bbox": [[1, 2, 3, 4]], "category": [2], "segmentation": [[1, 2]]}}
    assert "'segmentation', which is not read yet" in found(outlines)[1].problems[0].what


def planted(root, column=LISTS):
    (root / "train").mkdir(parents=True)
    lines = []
    for number, values in enumerate((column, {"objects": {key: [] for key in column["objects"]}})):
        name = f"{number}.png"
        Image.fromarray(np.full((12, 20, 3), number, np.uint8)).save(root / "train" / name)
        lines.append(json.dumps({"file_name": name, "note": "x", **values}) + "\n")
    (root / "train" / "metadata.jsonl").write_text("".join(lines))
    return root


def converted(tmp_path, source, target):
    out = tmp_path / f"to-{target}-{source.name}"
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(
        "augment: 1\n"
        f"input: {{path: {source}}}\noutput: {{path: {out}, format: {target}}}\ncopies: 1\noriginals: keep\n"
        "steps: [{crop: {width: 3, height: 12, anchor: top_left}}]\n"
    )
    done = call("run", recipe, "--workers", "1")
    assert done.code == 0, done.err
    return out


def every_box(format_, root):
    dataset, entries = formats.read(format_, Source(str(root)))
    opened_ = {e.key: formats.load(format_).labels(e, dataset).objects for e in entries}
    return {key: (list(o.category), boxes(o).tolist()) for key, o in opened_.items()}, dict(entries[0].extra)


@pytest.mark.parametrize("format_", ["hf", "webdataset", "parquet"])
def test_boxes_come_back_from_every_format_with_tables_and_follow_a_crop(tmp_path, format_) -> None:
    if format_ == "parquet":
        pytest.importorskip("pyarrow")
    out = converted(tmp_path, planted(tmp_path / "in"), format_)
    told, extra = every_box(format_, out)
    assert extra == {"note": "x"}
    assert told == {
        "0.png": (["cat", "dog"], [[1, 2, 4, 6.5], [0, 0, 1, 1]]),
        "0__001.png": (["cat", "dog"], [[1, 2, 3, 6.5], [0, 0, 1, 1]]),
        "1.png": ([], []),
        "1__001.png": ([], []),
    }
    again, _ = every_box(format_, converted(tmp_path, out, format_))
    assert {key: again[key] for key in told} == told
    assert [len(row["labels"]["objects"]) for row in rows(out)] == [2, 2, 0, 0]


def test_class_labels_of_a_table_name_the_numbers(tmp_path) -> None:
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    picture = io.BytesIO()
    Image.fromarray(np.zeros((12, 20, 3), np.uint8)).save(picture, "png")
    table = pa.table(
        {
            "image": [{"bytes": picture.getvalue(), "path": "a.png"}],
            "objects": [{"id": [4], "area": [12], "bbox": [[1.0, 2.0, 3.0, 4.0]], "category": [1]}],
        }
    )
    feature = {"category": {"names": ["coverall", "mask"], "_type": "ClassLabel"}, "_type": "Sequence"}
    told = {"info": {"features": {"image": {"_type": "Image"}, "objects": {"feature": feature}}}}
    (tmp_path / "data").mkdir()
    parquet.write_table(
        table.replace_schema_metadata({"huggingface": json.dumps(told)}),
        tmp_path / "data" / "train-00000-of-00001.parquet",
    )
    dataset, (entry,) = formats.read("auto", Source(str(tmp_path)))
    assert [one.name for one in dataset.categories] == ["coverall", "mask"]
    assert labels(entry.labels)[:2] == (["mask"], [[1, 2, 4, 6]])


def test_bad_boxes_of_a_dataset_are_refused_with_file_and_line(tmp_path) -> None:
    column = {"objects": {"bbox": [[1, 2, -3, 4]], "categories": ["cat"]}}
    with pytest.raises(UsageError, match=r"metadata\.jsonl:1: object 1: .*inverted"):
        formats.read("hf", Source(str(planted(tmp_path / "in", column))))
