"""Image folders with metadata files: rows, labels, and the traps that the client passes over in silence."""

import json
from pathlib import Path

import pytest

from augcli import formats
from augcli.errors import UsageError
from augcli.formats import Source


def write(root: Path, rows, path: str = "metadata.jsonl") -> Path:
    """A metadata file, and one file for each image that its rows name."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    for row in rows:
        image = file.parent / row["file_name"]
        image.parent.mkdir(parents=True, exist_ok=True)
        image.write_bytes(b"x")
    return root


def read(root: Path, name: str = "auto", **options):
    return formats.read(name, Source(str(root), **options))


def refused(root: Path) -> str:
    with pytest.raises(UsageError) as caught:
        read(root, "hf")
    return str(caught.value)


def test_labels_and_further_columns_come_from_the_rows(tmp_path):
    write(tmp_path, [{"file_name": "x/1.jpg", "label": "cat", "text": "a"}], "train/metadata.jsonl")
    write(tmp_path, [{"file_name": "2.jpg", "label": "dog", "score": [1, None]}], "val/metadata.jsonl")
    dataset, entries = read(tmp_path)
    assert dataset.format == "hf"
    assert (dataset.classes, dataset.columns, dataset.numeric) == (("cat", "dog"), ("text", "score"), False)
    assert [(entry.id, entry.label, entry.extra) for entry in entries] == [
        ("train/x/1.jpg", "cat", (("text", "a"),)),
        ("val/2.jpg", "dog", (("score", [1, None]),)),
    ]
    assert dataset.ignored == {"label files": 2}


def test_class_weights_are_read_back(tmp_path):
    row = {"file_name": "1.jpg", "label": "dog", "classes": ["dog", "cat"], "weights": [0.75, 0.25]}
    dataset, (entry,) = read(write(tmp_path, [row]))
    assert entry.classes == (("cat", 0.25), ("dog", 0.75))
    assert entry.label == "dog"
    assert dataset.soft


def test_whole_numbers_stay_numbers_when_written_again(tmp_path):
    dataset, entries = read(write(tmp_path, [{"file_name": "1.jpg", "label": 10}]))
    assert (dataset.numeric, entries[0].label) == (True, "10")


def test_csv_columns_of_numbers_are_numbers(tmp_path):
    (tmp_path / "metadata.csv").write_text(
        '\ufefffile_name,label,age,ratio,code,text\n1.jpg,3,41,0.5,007,"a,\nb"\n2.jpg,,,1e3,1,\n'
    )
    for name in ("1.jpg", "2.jpg"):
        (tmp_path / name).write_bytes(b"x")
    dataset, entries = read(tmp_path)
    assert dataset.numeric
    assert [entry.label for entry in entries] == ["3", None]
    assert dict(entries[0].extra) == {"age": 41, "ratio": 0.5, "code": "007", "text": "a,\nb"}
    assert dict(entries[1].extra) == {"age": None, "ratio": 1000.0, "code": "1", "text": None}


def test_rows_without_their_image_and_second_rows_are_refused_or_left_out(tmp_path):
    write(tmp_path, [{"file_name": "1.jpg", "label": "a"}, {"file_name": "2.jpg", "label": "b"}])
    (tmp_path / "2.jpg").unlink()
    text = refused(tmp_path)
    assert "metadata.jsonl:2: the image '2.jpg' is not there" in text and "labels.invalid=drop" in text
    with (tmp_path / "metadata.jsonl").open("a") as file:
        file.write('{"file_name": "1.jpg", "label": "b"}\n')
    assert "metadata.jsonl:3: '1.jpg' has a row already, at " in refused(tmp_path)
    dataset, entries = read(tmp_path, invalid="drop")
    assert [(entry.key, entry.error, entry.label) for entry in entries] == [("1.jpg", None, "a")]
    assert any("2 invalid labels were left out" in note for note in dataset.notes)


def test_images_without_rows_are_refused_all_at_once_unless_excluded(tmp_path):
    write(tmp_path, [{"file_name": "1.jpg"}])
    for index in range(30):
        (tmp_path / f"extra{index:02}.png").write_bytes(b"x")
    text = refused(tmp_path)
    assert text.count("has no row") == 20
    assert "and 10 more" in text
    assert [entry.key for entry in read(tmp_path, exclude=("extra*",))[1]] == ["1.jpg"]


def test_folders_name_no_class_beside_metadata(tmp_path):
    dataset, entries = read(write(tmp_path, [{"file_name": "cat/1.jpg"}]))
    assert entries[0].label is None
    assert any("unlabelled" in note for note in dataset.notes)


@pytest.mark.parametrize("name", ["../1.jpg", "/etc/1.jpg", "a/../../1.jpg", "a\0.jpg"])
def test_a_path_that_leaves_the_dataset_is_refused(tmp_path, name):
    (tmp_path / "data").mkdir()
    (tmp_path / "1.jpg").write_bytes(b"x")
    (tmp_path / "data/metadata.jsonl").write_text(json.dumps({"file_name": name}))
    assert "metadata.jsonl:1" in (text := refused(tmp_path / "data"))
    assert "leaves the dataset" in text


@pytest.mark.parametrize("inside", ["link.jpg", "folder/1.jpg"])
def test_a_link_that_leaves_the_dataset_is_refused(tmp_path, inside):
    (tmp_path / "other").mkdir()
    (tmp_path / "other/1.jpg").write_bytes(b"x")
    (tmp_path / "data").mkdir()
    (tmp_path / "data/link.jpg").symlink_to(tmp_path / "other/1.jpg")
    (tmp_path / "data/folder").symlink_to(tmp_path / "other")
    (tmp_path / "data/metadata.jsonl").write_text(json.dumps({"file_name": inside}))
    assert "link that leaves" in refused(tmp_path / "data")


def test_every_bad_line_is_named_with_its_number(tmp_path):
    lines = [
        '{"file_name": "1.jpg", "label": "a"}',
        "{broken",
        "",
        "[1]",
        '{"file_name": "2.jpg", "file_name": "3.jpg"}',
        '{"file_name": "2.jpg", "x": NaN}',
        '{"label": "a"}',
        '{"file_name": "1.jpg", "label": "a"}',
        '{"file_name": "notes.txt"}',
        '{"file_name": "4.jpg", "label": true}',
        '{"file_name": "5.jpg", "label": ["a"]}',
        "[" * 100_000,
    ]
    (tmp_path / "1.jpg").write_bytes(b"x")
    (tmp_path / "metadata.jsonl").write_bytes("\n".join(lines).encode() + b"\n\xff")
    text = refused(tmp_path)
    for line, why in {
        2: "not JSON",
        4: "not a JSON object",
        5: "twice",
        6: "NaN",
        7: "file_name is missing",
        8: "has a row already",
        9: "no image file",
        10: "label",
        11: "label",
        12: "",
        13: "UTF-8",
    }.items():
        assert any(f"jsonl:{line}: " in row and why in row for row in text.splitlines()), line


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"classes": ["a"], "weights": [0.5]}, "sum to 1"),
        ({"classes": ["a", "b"], "weights": [1.0]}, "equal length"),
        ({"classes": ["a", "a"], "weights": [0.5, 0.5]}, "twice"),
        ({"classes": ["a", "b"], "weights": [1.5, -0.5]}, "0 or more"),
        ({"classes": ["a"], "weights": [1.0], "label": "b"}, "none of classes"),
        ({"classes": ["a"], "weights": ["1"]}, "numbers as weights"),
        ({"classes": ["a"]}, "stands alone"),
        ({"bbox": [[1, 2, 3, 4]]}, "places in the image"),
        ({"mask_file_name": "m.png"}, "further files"),
    ],
)
def test_labels_that_make_no_sense_are_refused(tmp_path, row, why):
    write(tmp_path, [{"file_name": "1.jpg"} | row])
    assert why in refused(tmp_path)


def test_labels_of_two_types_are_refused(tmp_path):
    write(tmp_path, [{"file_name": "1.jpg", "label": 1}, {"file_name": "2.jpg", "label": "1"}])
    assert "it is text at" in refused(tmp_path)


def test_label_files_of_two_kinds_none_or_an_unread_kind_are_refused(tmp_path):
    assert "no label file" in refused(tmp_path)
    write(tmp_path, [{"file_name": "1.jpg"}])
    (tmp_path / "metadata.csv").write_text("file_name\n1.jpg\n")
    assert "two kinds" in refused(tmp_path)
    (tmp_path / "metadata.parquet").write_bytes(b"PAR1")
    assert "parquet is not read yet" in refused(tmp_path)


def test_csv_rows_of_another_length_are_named(tmp_path):
    (tmp_path / "metadata.csv").write_text("file_name,label\n1.jpg,a\n2.jpg\n3.jpg,a,b\n")
    text = refused(tmp_path)
    assert "csv:3: has 1 cells" in text
    assert "csv:4: has 3 cells" in text
