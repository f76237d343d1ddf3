"""Class folders: splits, classes, what is passed over and what becomes an error."""

import json
import os
import unicodedata
from pathlib import Path

import pytest

from augcli import formats
from augcli.errors import UsageError
from augcli.formats import Source


def make(root: Path, *paths: str) -> Path:
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x")
    return root


def read(root: Path, **options):
    return formats.read("folders", Source(str(root), **options))


def test_the_class_is_the_first_folder_below_the_split(tmp_path):
    make(tmp_path, "train/cat/deep/1.jpg", "train/dog/2.png", "val/cat/3.webp")
    dataset, entries = read(tmp_path)
    assert [(entry.split, entry.key, entry.label) for entry in entries] == [
        ("train", "cat/deep/1.jpg", "cat"),
        ("train", "dog/2.png", "dog"),
        ("val", "cat/3.webp", "cat"),
    ]
    assert dataset.classes == ("cat", "dog")
    assert [entry.size for entry in entries] == [1, 1, 1]


def test_images_in_no_class_folder_are_unlabelled(tmp_path):
    make(tmp_path, "1.jpg", "2.jpg")
    dataset, entries = read(tmp_path)
    assert [(entry.key, entry.label, entry.split) for entry in entries] == [
        ("1.jpg", None, ""),
        ("2.jpg", None, ""),
    ]
    assert dataset.classes == ()
    make(tmp_path, "cat/3.jpg")
    assert "2 images lie in no class folder" in read(tmp_path)[0].notes[0]


def test_entries_are_sorted_by_bytes_whatever_the_order_of_creation(tmp_path):
    names = ["a/B.jpg", "a/a.jpg", "a-/x.jpg", "é/x.jpg", "z/x.jpg", "Z/x.jpg"]
    make(tmp_path / "one", *names)
    make(tmp_path / "two", *reversed(names))
    one, two = ([entry.key for entry in read(tmp_path / which)[1]] for which in ("one", "two"))
    assert one == two == sorted(names, key=os.fsencode)


def test_what_is_no_image_is_counted_and_what_cannot_be_read_is_an_error(tmp_path):
    make(
        tmp_path,
        "cat/1.jpg",
        "cat/.hidden.jpg",
        ".cache/x.jpg",
        "__MACOSX/cat/._1.jpg",
        "cat/notes.txt",
        "cat/photo.jp2",
    )
    os.mkfifo(tmp_path / "cat/pipe.png")
    (tmp_path / "cat/gone.png").symlink_to(tmp_path / "nowhere.png")
    dataset, entries = read(tmp_path)
    assert dataset.ignored == {"__MACOSX": 1, "dotfiles": 2, "other files": 1}
    errors = {entry.key: entry.error for entry in entries}
    assert errors == {
        "cat/1.jpg": None,
        "cat/photo.jp2": "unsupported_format",
        "cat/pipe.png": "not_a_file",
        "cat/gone.png": "vanished",
    }
    facts = next(entry.facts for entry in entries if entry.key == "cat/photo.jp2")
    assert dict(facts)["format"] == "JPEG 2000"


def test_a_folder_that_cannot_be_listed_is_an_error_of_its_own(tmp_path, monkeypatch):
    make(tmp_path, "cat/1.jpg", "cat/closed/2.jpg")
    scandir, listdir = os.scandir, os.listdir

    def guarded(function):
        def guard(path):
            if str(path).endswith("closed"):
                raise PermissionError(13, "Permission denied")
            return function(path)

        return guard

    monkeypatch.setattr(os, "scandir", guarded(scandir))
    monkeypatch.setattr(os, "listdir", guarded(listdir))
    entries = read(tmp_path)[1]
    assert [(entry.key, entry.error) for entry in entries] == [
        ("cat/1.jpg", None),
        ("cat/closed", "permission_denied"),
    ]


def test_links_to_folders_are_not_followed_and_named(tmp_path):
    make(tmp_path / "other", "secret/1.jpg")
    make(tmp_path / "data", "cat/1.jpg")
    (tmp_path / "data/dog").symlink_to(tmp_path / "other/secret")
    (tmp_path / "data/cat/loop").symlink_to(".")
    (tmp_path / "data/cow").symlink_to("cat")
    dataset, entries = read(tmp_path / "data")
    assert [entry.key for entry in entries] == ["cat/1.jpg"]
    assert (dataset.classes, dataset.ignored) == (("cat",), {"links to folders": 3})
    assert dataset.notes[-1].startswith("3 links to folders are not followed")
    assert dataset.notes[-1].endswith(": cat/loop, cow, dog")
    assert read(tmp_path / "data", exclude=("cow", "dog", "cat/loop"))[0].notes == ()


def test_a_root_of_links_alone_is_refused(tmp_path):
    make(tmp_path / "other", "cat/1.jpg")
    (tmp_path / "data").mkdir()
    (tmp_path / "data/cat").symlink_to(tmp_path / "other/cat")
    with pytest.raises(UsageError, match=r"1 links to folders passed over.*are not followed"):
        read(tmp_path / "data")
    (tmp_path / "link").symlink_to(tmp_path / "other")  # the root itself may be one
    assert [entry.key for entry in read(tmp_path / "link")[1]] == ["cat/1.jpg"]


def test_include_and_exclude_settle_splits_below_class_folders(tmp_path):
    make(tmp_path, *(f"{name}/{split}/1.jpg" for name in ("cat", "dog") for split in ("train", "test")))
    with pytest.raises(UsageError, match="splits below class folders"):
        read(tmp_path)
    for options in ({"include": ("*/train/**",)}, {"exclude": ("**/test/**",)}):
        assert [entry.id for entry in read(tmp_path, **options)[1]] == ["cat/train/1.jpg", "dog/train/1.jpg"]


def test_odd_names_survive_and_are_fit_for_json(tmp_path):
    folder = tmp_path / "cat"
    folder.mkdir()
    odd = [b"\xff\xfe.png", b"new\nline.png", b"tab\t.png", b"'quote\".png", b"-dash.png", b" .png"]
    for name in odd:
        (folder / os.fsdecode(name)).write_bytes(b"x")
    keys = [entry.key for entry in read(tmp_path)[1]]
    assert sorted(os.fsencode(key) for key in keys) == sorted(b"cat/" + name for name in odd)
    assert [json.loads(json.dumps(key)) for key in keys] == keys


def test_keys_are_nfc_while_paths_stay_raw(tmp_path):
    raw = unicodedata.normalize("NFD", "é.png")
    make(tmp_path, f"cat/{raw}")
    (entry,) = read(tmp_path)[1]
    assert entry.key == "cat/é.png"
    assert entry.path.endswith(raw)


def test_of_one_name_in_two_unicode_forms_one_is_nfc_and_one_its_own(tmp_path):
    names = [unicodedata.normalize(form, "é.png") for form in ("NFC", "NFD")]
    make(tmp_path, *(f"cat/{name}" for name in names))
    assert {entry.key: Path(entry.path).name for entry in read(tmp_path)[1]} == {
        f"cat/{name}": name for name in names
    }


def test_folders_of_one_name_in_two_unicode_forms_cannot_hold_one_image_name(tmp_path):
    make(tmp_path, *(f"{unicodedata.normalize(form, 'é')}/1.png" for form in ("NFC", "NFD")))
    with pytest.raises(UsageError, match=r"same name.*rename one of them"):
        read(tmp_path)


def test_include_and_exclude_choose_images_and_say_how_many_are_left_out(tmp_path):
    make(tmp_path, "train/cat/1.jpg", "train/cat/1_mask.jpg", "train/dog/2.jpg", "misc/x.jpg")
    dataset, entries = read(tmp_path, include=("cat/**",), exclude=("**/*_mask.jpg", "misc/**"))
    assert [entry.id for entry in entries] == ["train/cat/1.jpg"]
    assert dataset.ignored == {"excluded": 3}


@pytest.mark.parametrize(
    ("path", "why"),
    [("nowhere", "no such folder"), ("file.jpg", "is a file"), ("empty", "no images found")],
)
def test_a_root_without_images_is_refused(tmp_path, path, why):
    (tmp_path / "file.jpg").write_bytes(b"x")
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty/readme.txt").write_bytes(b"x")
    with pytest.raises(UsageError, match=why):
        formats.read("auto", Source(str(tmp_path / path)))


def test_a_tree_of_images_beside_labels_of_no_known_kind_is_not_taken_for_classes(tmp_path):
    make(tmp_path, "images/1.jpg", "labels/1.mat")
    with pytest.raises(UsageError, match="not read yet"):
        formats.read("auto", Source(str(tmp_path)))
    assert read(tmp_path)[0].classes == ("images",)


def test_an_unknown_format_is_answered_with_the_nearest_known(tmp_path):
    with pytest.raises(UsageError, match="did you mean folders"):
        formats.resolve("folder", tmp_path)


@pytest.mark.parametrize(
    ("key", "label", "place"),
    [
        ("cat/1.jpg", "cat", ("cat", "1.jpg")),
        ("1.jpg", "cat", ("cat", "1.jpg")),
        ("x/1.jpg", "cat", ("cat", "x/1.jpg")),
        ("cat", "cat", ("cat", "cat")),
        ("1.jpg", None, ("", "1.jpg")),
    ],
)
def test_an_image_goes_below_the_folder_of_its_class(key, label, place):
    assert formats.load("folders").place(key, label) == place
