"""Splits are told from classes by the folders' names and what lies in them."""

import pytest

from augcli.errors import UsageError
from augcli.formats.splits import find_splits, role


def tree(*folders: str) -> list[str]:
    return [f"{folder}/{index}.jpg" if folder else f"{index}.jpg" for index, folder in enumerate(folders)]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("train", "training"),
        ("Train", "training"),
        ("training", "training"),
        ("train2017", "training"),
        ("trainset", "training"),
        ("val", "validation"),
        ("valid", "validation"),
        ("validation", "validation"),
        ("dev", "validation"),
        ("val_2", "validation"),
        ("test", "test"),
        ("TESTING", "test"),
        ("test_data", "test"),
        ("trainee", None),
        ("train_station", None),
        ("test_tube", None),
        ("valley", None),
        ("device", None),
        ("bus", None),
    ],
)
def test_a_folder_is_called_like_a_split_by_the_whole_word(name, expected):
    assert role(name) == expected


@pytest.mark.parametrize(
    ("folders", "splits"),
    [
        (["train/cat", "val/cat"], ("train", "val")),
        (["train", "test"], ("test", "train")),
        (["train/cat"], ("train",)),
        (["Train2017/cat", "Val2017/cat"], ("Train2017", "Val2017")),
        (["bus", "car", "train"], ()),  # a vehicle
        (["train_station", "test_tube"], ()),
        (["train_station/berlin", "test_tube/lab"], ()),
        (["train_clean/cat", "test_hard/cat"], ("test_hard", "train_clean")),
        (["train/cat", "val_seen/cat", "val_unseen/cat"], ("train", "val_seen", "val_unseen")),
        (["train_small/cat", "train_small/dog"], ("train_small",)),
        (["valley", "mountain"], ()),
        (["train", "train/night", "bus/night"], ()),
        (["cat/train", "dog/train"], ()),  # what is left when tests are excluded
        (["cat/lab", "cat/test", "dog/lab"], ()),
        (["cat", "dog"], ()),
        (["", ""], ()),
        ([], ()),
    ],
)
def test_folders_are_splits_when_all_of_them_are(folders, splits):
    assert find_splits("root", tree(*folders)).names == splits


@pytest.mark.parametrize(
    ("folders", "why"),
    [
        (["train/cat", "val/cat", "misc/cat"], "misc/"),
        (["train/cat", "val/cat", ""], "beside the split folders"),
        (["train/cat", "test_hard/other"], "test_hard/"),
        (["train/cat", "train/dog", "extra"], r"exclude: \['extra/\*\*'\]"),
        (["train/cat", "extra/cat"], "extra/ beside them"),
        (["cat/train", "cat/test", "dog/train", "dog/test"], "test/, train/ lie below cat/, dog/"),
        (["bottle/train/good", "bottle/test/good", "bottle/test/bad"], r"input.path \(bottle\)"),
        (["cat/val2", "dog/a", "dog/val2"], r"exclude: \['\*\*/val2/\*\*'\]"),
        (["lab/cat/train", "lab/cat/test"], "splits below class folders"),
        (["cat/1", "dog/train", "dog/test"], "below dog/"),
    ],
)
def test_what_cannot_be_told_is_refused(folders, why):
    with pytest.raises(UsageError, match=why):
        find_splits("root", tree(*folders))


def test_what_was_decided_is_said_aloud():
    assert find_splits("root", tree("train/a", "val/a")).notes == ("splits found: train, val",)
    assert "classes, not as splits: train/" in find_splits("root", tree("train", "bus")).notes[0]
    assert find_splits("root", tree("cat", "dog")).notes == ()


def test_a_label_file_in_a_folder_shows_that_it_is_a_split():
    assert find_splits("root", tree("train_a", "test_b"), {"train_a", "test_b"}).names == (
        "test_b",
        "train_a",
    )
