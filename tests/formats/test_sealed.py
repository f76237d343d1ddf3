"""Metadata files from sealed rows: same columns everywhere, and readable by our own reader again."""

import json

from augcli import formats
from augcli.formats import Source
from augcli.sample import Dataset


def row(split, name, weights, status="ok", **extra):
    label = max(weights, key=weights.__getitem__) if weights else None
    return {
        "status": status,
        "split": split,
        "output": f"{split}/{name}" if split else name,
        "labels": {
            "label": label,
            "classes": list(weights),
            "weights": list(weights.values()),
            "extra": extra,
        },
    }


ROWS = [
    row("train", "cat/1.jpg", {"cat": 1.0}, text="a"),
    row("train", "cat/1__001.jpg", {"cat": 0.7, "dog": 0.3}),
    row("train", "cat/2.jpg", {"cat": 1.0}, status="error"),
    row("val", "3.jpg", {}),
]


def files(name, dataset, rows, mixes):
    finished = formats.load(name).finish(dataset, iter(rows), mixes)
    return {path: [json.loads(line) for line in pieces] for path, pieces in finished}


def test_a_mixing_run_writes_a_line_with_all_columns_for_every_good_image():
    dataset = Dataset("hf", classes=("cat", "dog"), columns=("text",))
    expected = {
        "train/metadata.jsonl": [
            {"file_name": "cat/1.jpg", "label": "cat", "classes": ["cat"], "weights": [1.0], "text": "a"},
            {
                "file_name": "cat/1__001.jpg",
                "label": "cat",
                "classes": ["cat", "dog"],
                "weights": [0.7, 0.3],
                "text": None,
            },
        ],
        "val/metadata.jsonl": [
            {"file_name": "3.jpg", "label": None, "classes": [], "weights": [], "text": None}
        ],
    }
    assert files("hf", dataset, ROWS, mixes=True) == expected
    assert files("folders", dataset, ROWS, mixes=True) == expected


def test_class_folders_need_no_metadata_unless_something_would_be_lost():
    assert files("folders", Dataset("folders", classes=("cat",)), ROWS, mixes=False) == {}
    assert files("folders", Dataset("folders", soft=True, classes=("cat",)), ROWS, mixes=False)
    assert files("folders", Dataset("hf", columns=("text",)), ROWS, mixes=False)


def test_without_mixing_the_label_stands_alone_and_numbers_stay_numbers():
    dataset = Dataset("hf", classes=("3",), numeric=True)
    rows = [row("", "1.jpg", {"3": 1.0})]
    assert files("hf", dataset, rows, mixes=False) == {"metadata.jsonl": [{"file_name": "1.jpg", "label": 3}]}


def test_names_that_are_no_unicode_are_still_ascii_json():
    rows = [row("", "caf\udce9.jpg", {"a": 1.0})]
    ((_, pieces),) = formats.load("hf").finish(Dataset("hf", classes=("a",)), rows, False)
    assert b"".join(pieces).isascii()


def test_what_is_written_is_read_back(tmp_path):
    dataset = Dataset("folders", classes=("cat", "dog"))
    for path, pieces in formats.load("folders").finish(dataset, ROWS[:2], True):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_bytes(b"".join(pieces))
    for item in ROWS[:2]:
        (tmp_path / item["output"]).parent.mkdir(exist_ok=True)
        (tmp_path / item["output"]).write_bytes(b"x")
    again, entries = formats.read("auto", Source(str(tmp_path)))
    assert again.format == "hf"
    assert {entry.id: dict(entry.classes) for entry in entries} == {
        "train/cat/1.jpg": {"cat": 1.0},
        "train/cat/1__001.jpg": {"cat": 0.7, "dog": 0.3},
    }
