"""CSV: columns by many names, with and without a header, classes and boxes, rows that cannot be right."""

import csv as table
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from augcli import formats
from augcli.errors import UsageError
from augcli.formats import Source, csv
from augcli.formats.csv.header import read_header
from augcli.labels import boxes, to_plain
from augcli.sample import Dataset

HEADER = "image,xmin,ymin,xmax,ymax,label\n"


def tree(root: Path, text: str | bytes, images=("a.jpg", "b.jpg"), name="annotations.csv") -> Path:
    for image in images:
        (root / image).parent.mkdir(parents=True, exist_ok=True)
        (root / image).write_bytes(b"x")
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return root


def read(root: Path, **options):
    return formats.read("csv", Source(str(root), **options))


def refused(root: Path, **options) -> str:
    with pytest.raises(UsageError) as caught:
        read(root, **options)
    return str(caught.value)


def found(dataset, entries) -> dict:
    """id -> (labels, boxes) of every entry."""
    opened = {entry.id: csv.labels(entry, dataset).objects for entry in entries}
    return {name: (list(objects.category), boxes(objects).tolist()) for name, objects in opened.items()}


def sealed(dataset, entries) -> list[dict]:
    """The rows of the manifest that originals without steps give."""
    rows = []
    for entry in entries:
        opened = csv.labels(entry, dataset)
        objects = to_plain(opened.objects)
        home = csv.home(entry.split)
        rows.append(
            {
                "split": entry.split,
                "source": entry.key,
                "copy": 0,
                "status": "ok",
                "output": f"{home}/{entry.key}" if home else entry.key,
                "size": list(opened.size or (20, 10)),
                "labels": {"label": entry.label, "extra": dict(entry.extra), "objects": objects},
            }
        )
    return rows


def written(dataset, rows) -> str:
    ((path, lines),) = csv.finish(dataset, rows, False)
    assert path == "annotations.csv"
    return b"".join(lines).decode()


BOXES = [
    HEADER + "a.jpg,1,2,5,7,cat\na.jpg,0,0,20,10,dog\nb.jpg,,,,,\n",
    "filename,width,height,class,xmin,ymin,xmax,ymax\na.jpg,20,10,cat,1,2,5,7\nb.jpg,20,10,dog,1.5,2.25,5,7\n",
    'image,x1,y1,x2,y2,label,score,by\na.jpg,1,2,5,7,cat,0.50,me\nb.jpg,1,2,5,7,"a, ""b""",,\n',
    "a.jpg,1,2,5,7,cat\nb.jpg,,,,,\n",
]


@pytest.mark.parametrize("text", BOXES, ids=["plain", "tensorflow", "extra", "keras-retinanet"])
def test_tables_of_boxes_come_back_cell_for_cell(tmp_path, text):
    dataset, entries = read(tree(tmp_path, text))
    assert dataset.holds - {"attributes"} == {"boxes"}
    assert written(dataset, sealed(dataset, entries)) == text


@pytest.mark.parametrize(
    "text",
    [
        "image,label\na.jpg,cat\nb.jpg,dog\n",
        "id,Class,File Name\n1,cat,a.jpg\n2,,b.jpg\n",
        "a.jpg,cat\nb.jpg,dog\n",
    ],
)
def test_tables_of_classes_come_back_cell_for_cell(tmp_path, text):
    dataset, entries = read(tree(tmp_path, text))
    assert dataset.holds - {"columns"} == {"classes"}
    assert entries[0].classes == (("cat", 1.0),)
    assert written(dataset, sealed(dataset, entries)) == text


def test_boxes_are_edges_in_pixels(tmp_path):
    dataset, entries = read(tree(tmp_path, BOXES[0]))
    assert found(dataset, entries) == {
        "a.jpg": (["cat", "dog"], [[1, 2, 5, 7], [0, 0, 20, 10]]),
        "b.jpg": ([], []),
    }
    assert [(one.id, one.name) for one in dataset.categories] == [(1, "cat"), (2, "dog")]
    assert csv.labels(entries[0], dataset).size is None
    assert [entry.present for entry in entries] == [("cat", "dog"), ()]


sides = st.tuples(
    *[st.integers(0, 4000).map(lambda v: v / 8)] * 2, *[st.integers(16, 800).map(lambda v: v / 8)] * 2
)
cell = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8)
lines = st.lists(st.tuples(st.sampled_from(["a.jpg", "b.jpg"]), sides, cell, cell), min_size=1, max_size=6)


@given(lines)
@settings(max_examples=40, deadline=None)
def test_boxes_survive_the_way_there_and_back(tmp_path_factory, rows):
    text = io.StringIO()
    out = table.writer(text, lineterminator="\n")
    out.writerow(["image", "xmin", "ymin", "xmax", "ymax", "label", "note"])
    for image, (x, y, w, h), label, note in sorted(rows, key=lambda row: row[0]):
        numbers = [int(side) if side == int(side) else side for side in (x, y, x + w, y + h)]
        out.writerow([image, *numbers, label, note])
    root = tree(tmp_path_factory.mktemp("x"), text.getvalue())
    dataset, entries = read(root)
    assert written(dataset, sealed(dataset, entries)) == text.getvalue()


def test_splits_come_from_a_column(tmp_path):
    text = "image,label,split\na.jpg,cat,train\nb.jpg,dog,val\n"
    dataset, entries = read(tree(tmp_path / "in", text))
    assert [entry.id for entry in entries] == ["train/a.jpg", "val/b.jpg"]
    out = written(dataset, sealed(dataset, entries))
    assert out == "image,label,split\ntrain/a.jpg,cat,train\nval/b.jpg,dog,val\n"
    again = read(tree(tmp_path / "out", out, images=("train/a.jpg", "val/b.jpg")))[1]
    assert [(entry.id, entry.classes) for entry in again] == [(entry.id, entry.classes) for entry in entries]


def test_splits_come_from_folders_and_get_a_column(tmp_path):
    dataset, entries = read(
        tree(tmp_path, "train/a.jpg,cat\nval/b.jpg,dog\n", images=("train/a.jpg", "val/b.jpg"))
    )
    assert [entry.id for entry in entries] == ["train/a.jpg", "val/b.jpg"]
    out = written(dataset, sealed(dataset, entries))
    assert (
        out == "image,label,split\ntrain/a.jpg,cat,train\nval/b.jpg,dog,val\n"
    )  # else the third says nothing


def test_splits_come_from_the_names_of_files(tmp_path):
    tree(tmp_path, "filename,label\na.jpg,cat\n", name="train_labels.csv")
    tree(tmp_path, "filename,label\nb.jpg,dog\n", name="test_labels.csv")
    assert [entry.id for entry in read(tmp_path)[1]] == ["test/b.jpg", "train/a.jpg"]


def test_several_files_that_are_no_splits_are_refused(tmp_path):
    tree(tmp_path, "image,label\na.jpg,cat\n", name="one.csv")
    tree(tmp_path, "image,label\na.jpg,cat\n", name="two.csv")
    assert "several files of labels" in refused(tmp_path)
    source = Source(str(tmp_path), annotations=str(tmp_path / "one.csv"))
    assert [entry.label for entry in formats.read("csv", source)[1]] == ["cat"]


def test_images_are_found_by_the_end_of_their_path_where_it_is_unique(tmp_path):
    images = ("images/a.jpg", "images/x/c.jpg", "images/y/c.jpg", "labels/d.jpg")
    root = tree(tmp_path, "image,label\na.jpg,cat\nx/c.jpg,dog\n./d.jpg,dog\n", images, "labels/all.csv")
    dataset, entries = read(root, annotations=str(root / "labels"))
    assert [entry.id for entry in entries] == ["images/a.jpg", "images/x/c.jpg", "labels/d.jpg"]
    assert any("1 image stands in no row and is left out" in note for note in dataset.notes)
    tree(tmp_path, "image,label\nc.jpg,cat\n", images, "labels/all.csv")
    assert "several images are called 'c.jpg'" in refused(root, annotations=str(root / "labels"))


BAD = [
    "a.jpg,30,1,40,5,x",
    "a.jpg,10,1,40,5,x",
    "a.jpg,9,1,4,5,x",
    "a.jpg,9,1,9,5,x",
    "a.jpg,nan,1,9,5,x",
    "a.jpg,inf,1,9,5,x",
    "a.jpg,one,1,9,5,x",
    "a.jpg,1,1,,5,x",
    "a.jpg,1,1,4,5,",
    "c.jpg,1,1,4,5,x",
    "../a.jpg,1,1,4,5,x",
    "/a.jpg,1,1,4,5,x",
    ",1,1,4,5,x",
]


def test_all_bad_rows_are_named_at_once_with_file_and_line(tmp_path):
    rows = "".join(f"{row},20,10\n" for row in BAD)
    text = refused(tree(tmp_path, "image,xmin,ymin,xmax,ymax,label,width,height\n" + rows))
    assert len(text.splitlines()) == len(BAD)
    for number in range(2, len(BAD) + 2):
        assert f"annotations.csv:{number}: " in text
    assert "--set labels.invalid=drop" in text


def test_bad_rows_are_dropped_or_clipped_on_request_and_counted(tmp_path):
    rows = "".join(f"{row},20,10\n" for row in [*BAD, "b.jpg,1,1,4,5,y"])
    root = tree(tmp_path, "image,xmin,ymin,xmax,ymax,label,width,height\n" + rows)
    dataset, entries = read(root, invalid="drop")
    assert found(dataset, entries) == {"a.jpg": ([], []), "b.jpg": (["y"], [[1, 1, 4, 5]])}
    assert any(note.startswith(f"{len(BAD)} invalid labels were left out") for note in dataset.notes)
    dataset, entries = read(root, invalid="clip")
    assert found(dataset, entries)["a.jpg"] == (["x"], [[10, 1, 20, 5]])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HEADER + "a.jpg,1,2,3\n", "annotations.csv:2: has 4 cells; there are 6 columns"),
        (HEADER + 'a.jpg,1,2,3,4,"x\n', "is not CSV"),
        (HEADER.encode() + b"a.jpg,1,2,3,4,\xe9\n", "is not UTF-8 text (line 2)"),
        (HEADER + "a.jpg,0.1,0.1,0.9,0.9,cat\n", "all coordinates lie between 0 and 1"),
        ("image,label\na.jpg,cat\na.jpg,dog\n", "annotations.csv:3: 'a.jpg' has a row already"),
        ("image,label,split\na.jpg,cat,..\n", "the split '..' cannot be"),
        ("image,label,split\na.jpg,cat,\n", "the split '' cannot be"),
        (
            "image,xmin,ymin,xmax,ymax,label,split\na.jpg,1,1,2,2,x,train\na.jpg,1,1,2,2,x,val\n",
            "'a.jpg' is in two splits",
        ),
    ],
)
def test_tables_with_mistakes_are_refused(tmp_path, text, says):
    assert says in refused(tree(tmp_path, text))


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("image,xmin,ymin,label", "boxes without xmax and ymax"),
        ("image,bbox,label", "column 'bbox' describes places"),
        ("image,x,y,w,h,label", "column 'x' describes places"),
        ("image,xmin,ymin,xmax,ymax", "no column for the label"),
        ("image,label,a,a", "two columns of one name"),
        ("name,cat", "no column for the image"),
        ("", "no column for the image"),
    ],
)
def test_headers_that_are_not_understood_say_why(header, says):
    with pytest.raises(ValueError, match=says):
        read_header(header.split(","))


def test_links_that_leave_the_dataset_are_refused(tmp_path):
    root = tree(tmp_path / "data", "image,label\na.jpg,cat\n")
    (root / "a.jpg").rename(tmp_path / "a.jpg")
    (root / "a.jpg").symlink_to(tmp_path / "a.jpg")
    assert "is a link that leaves the dataset" in refused(root)


def test_excluded_images_take_their_rows_with_them(tmp_path):
    root = tree(tmp_path, "image,label\na.jpg,cat\nb.jpg,dog\n")
    dataset, entries = read(root, exclude=("b.jpg",))
    assert ([entry.key for entry in entries], dataset.classes) == (["a.jpg"], ("cat",))


def test_auto_recognises_a_table_of_labels_and_no_other(tmp_path):
    root = tree(tmp_path, "image,label\na.jpg,cat\n", name="labels.csv")
    (root / "notes.csv").write_text("when,what\n1,2\n")
    assert formats.read("auto", Source(str(root)))[0].format == "csv"
    (root / "labels.csv").unlink()
    assert csv.sniff(root) == 0


def test_whole_number_classes_stay_numbers(tmp_path):
    dataset, entries = read(tree(tmp_path, "image,label\na.jpg,7\nb.jpg,10\n"))
    assert (dataset.numeric, entries[0].label) == (True, "7")


def test_other_formats_are_written_in_the_usual_columns():
    dataset = Dataset("coco", holds=frozenset({"boxes", "polygons"}))
    row = {
        "split": "train",
        "status": "ok",
        "output": "train/a.jpg",
        "size": [20, 10],
        "labels": {"label": None, "extra": {}, "objects": [{"category": "cat", "bbox": [1, 2.5, 5, 7]}]},
    }
    row["labels"]["objects"].append({"category": "cat", "bbox": [0, 0, 9, 9], "crowd": True})
    failed = {"split": "train", "status": "error", "output": None}
    assert written(dataset, [failed, row]) == (
        "image,xmin,ymin,xmax,ymax,label,split\ntrain/a.jpg,1,2.5,5,7,cat,train\n"
    )
    assert list(csv.finish(dataset, [failed], False)) == []
    plain = Dataset("folders", classes=("cat",), holds=frozenset({"classes"}))
    assert (
        written(plain, [row | {"split": "", "labels": {"label": "cat"}}]) == "image,label\ntrain/a.jpg,cat\n"
    )


def test_objects_of_mixed_images_have_the_share_of_their_image() -> None:
    dataset = Dataset("coco", holds=frozenset({"boxes"}))
    objects = [{"category": "cat", "bbox": [1, 2, 5, 7], "extra": {"weight": 0.25}}]
    row = {"status": "ok", "split": "", "output": "a.jpg", "size": [20, 10], "labels": {"objects": objects}}
    ((_, lines),) = csv.finish(dataset, [row], True)
    assert b"".join(lines) == b"image,xmin,ymin,xmax,ymax,label,weight\na.jpg,1,2,5,7,cat,0.25\n"
