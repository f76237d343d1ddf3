"""Tar shards: grouping, labels, splits, hostile archives, and packing what a run staged."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from augcli import formats, storage
from augcli.errors import ItemError, UsageError
from augcli.formats import Source, staging, webdataset
from augcli.images import read as read_image
from augcli.images.files import digest
from augcli.sample import Dataset


def tar(path: Path, members: Iterable[tuple[str, bytes]], **options: Any) -> Path:
    """An archive by the standard library."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w", **options) as file:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            file.addfile(info, io.BytesIO(data))
    return path


def read(root: Path, name: str = "auto", **options: Any):
    return formats.read(name, Source(str(root), **options))


def refused(root: Path, **options: Any) -> str:
    with pytest.raises(UsageError) as caught:
        read(root, "webdataset", **options)
    return str(caught.value)


def samples(path: Path) -> list[tuple[str, dict[str, bytes]]]:
    """(key, {suffix: bytes}) as the webdataset library groups members: by name up to the first dot."""
    found: list[tuple[str, dict[str, bytes]]] = []
    with tarfile.open(path) as file:
        for info in file:
            folder, slash, name = info.name.rpartition("/")
            base, _, suffix = name.partition(".")
            key = f"{folder}{slash}{base}"
            if not found or found[-1][0] != key:
                found.append((key, {}))
            found[-1][1][suffix.lower()] = file.extractfile(info).read()
    return found


def row(split: str, output: str, label: str | None = None, copy: int = 0, **labels: Any) -> dict[str, Any]:
    path = f"{split}/{output}" if split else output
    weights = {"classes": [label] if label else [], "weights": [1.0] if label else []}
    facts = {"label": label, "extra": {}} | weights | labels
    return {"split": split, "source": output, "copy": copy, "status": "ok", "output": path, "labels": facts}


def packed(root: Path, dataset: Dataset, rows: list[dict[str, Any]], images: dict[str, bytes], **limits: int):
    """The files of an output, written as sealing does."""
    mixes = limits.pop("mixes", False)
    for name, pieces in webdataset.finish(dataset, rows, mixes):
        storage.write(root / name, b"".join(pieces))
    for name, pieces in webdataset.pack(dataset, rows, mixes, images.__getitem__, **limits):
        with storage.writing(root / name) as file:
            for piece in pieces:
                file.write(piece)
    return sorted(path.name for path in root.iterdir())


def test_members_are_grouped_by_their_name_up_to_the_first_dot(tmp_path):
    tar(
        tmp_path / "train-000000.tar",
        [
            ("a.jpg", b"A"),
            ("a.cls", b"3\n"),
            ("x.y/b.cls", b"5"),
            ("x.y/b.PNG", b"B"),
            ("c.jpg", b"C"),
            ("c.json", b'{"label": 7, "age": 3}'),
        ],
    )
    tar(tmp_path / "val-000000.tar", [("./a.jpg", b"V"), ("./a.cls", b"3")])
    dataset, found = read(tmp_path)
    assert dataset.format == "webdataset"
    assert (dataset.classes, dataset.numeric, dataset.columns) == (("3", "5", "7"), True, ("age",))
    assert [(entry.id, entry.label, entry.extra) for entry in found] == [
        ("train/a.jpg", "3", ()),
        ("train/c.jpg", "7", (("age", 3),)),
        ("train/x.y/b.PNG", "5", ()),
        ("val/a.jpg", "3", ()),
    ]
    assert [read_image(entry.path) for entry in found] == [b"A", b"C", b"B", b"V"]
    assert [entry.size for entry in found] == [1, 1, 1, 1]


def test_an_image_is_read_and_hashed_where_it_is_in_its_archive(tmp_path):
    data = bytes(range(256)) * 50
    shard = tar(tmp_path / "0.tar", [("a.jpg", b"x" * 700), ("b.jpg", data)])
    entry = read(tmp_path)[1][1]
    assert read_image(entry.path) == data
    assert digest(entry.path) == hashlib.sha256(data).hexdigest()
    assert digest(str(shard)) == hashlib.sha256(shard.read_bytes()).hexdigest()
    shard.write_bytes(shard.read_bytes()[:2000])
    with pytest.raises(ItemError) as caught:
        read_image(entry.path)
    assert caught.value.code == "changed"
    assert digest(entry.path) is None
    shard.unlink()
    with pytest.raises(ItemError) as caught:
        read_image(entry.path)
    assert caught.value.code == "vanished"


def test_an_empty_member_is_an_empty_image(tmp_path):
    tar(tmp_path / "0.tar", [("a.jpg", b"")])
    with pytest.raises(ItemError) as caught:
        read_image(read(tmp_path)[1][0].path)
    assert caught.value.code == "empty"


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("train-000000.tar", "train"),
        ("pets-val-0003.tar", "val"),
        ("train2017-00001.tar", "train2017"),
        ("train-00000-of-00010.tar", "train"),
        ("train00007.tar", "train"),
        ("val_2-000000.tar", "val_2"),
        ("test.tar", "test"),
        ("train/00000.tar", "train"),
        ("00000.tar", ""),
        ("data-000000.tar", ""),
        ("valley-0.tar", ""),
    ],
)
def test_the_name_or_the_folder_of_a_shard_tells_its_split(tmp_path, name, split):
    tar(tmp_path / name, [("a.jpg", b"A")])
    assert read(tmp_path)[1][0].split == split


def test_shards_with_and_without_a_split_are_refused(tmp_path):
    tar(tmp_path / "train-0.tar", [("a.jpg", b"A")])
    tar(tmp_path / "more-0.tar", [("b.jpg", b"A")])
    assert "train-0.tar looks like a shard of the split 'train', but more-0.tar is of none" in refused(
        tmp_path
    )


def test_keys_that_start_anew_in_every_shard_get_its_name(tmp_path):
    for number in range(2):
        tar(tmp_path / f"train-{number}.tar", [("0.jpg", b"A"), (f"{number + 1}.jpg", b"A")])
    tar(tmp_path / "val-0.tar", [("0.jpg", b"A")])
    assert [entry.id for entry in read(tmp_path)[1]] == [
        "train/train-0/0.jpg",
        "train/train-0/1.jpg",
        "train/train-1/0.jpg",
        "train/train-1/2.jpg",
        "val/0.jpg",
    ]


def test_class_numbers_are_looked_up_in_the_list(tmp_path):
    tar(tmp_path / "0.tar", [("a.jpg", b"A"), ("a.cls", b"1"), ("b.jpg", b"A"), ("b.cls", b"cat")])
    (tmp_path / "classes.txt").write_text("dog\ncat\nemu\n")
    dataset, found = read(tmp_path)
    assert [entry.label for entry in found] == ["cat", "cat"]
    assert dataset.info == {"class_order": ["dog", "cat", "emu"]}
    tar(tmp_path / "0.tar", [("a.jpg", b"A"), ("a.cls", b"3")])
    assert "0.tar: a: .cls says 3, classes.txt has 3 lines" in refused(tmp_path)


def test_captions_are_a_column_and_other_members_are_counted(tmp_path):
    tar(tmp_path / "0.tar", [("a.jpg", b"A"), ("a.txt", "é".encode()), ("a.npy", b"N"), ("__index__", b"")])
    dataset, (entry,) = read(tmp_path)
    assert dict(entry.extra) == {"txt": "é"}
    assert dataset.ignored == {"members .npy": 1, "members without a key": 1}


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ([("a.cls", b"1")], "a: holds no image (.cls)"),
        ([("a.jpg", b"A"), ("a.png", b"B")], "a: holds 2 images (.jpg, .png)"),
        ([("a.mask.png", b"A")], "holds no image (.mask.png)"),
        ([("a.jpg", b"A"), ("b.jpg", b"B"), ("a.cls", b"1")], "'a' began further up"),
        ([("a.jpg", b"A"), ("a.JPG", b"B")], "has two members .jpg"),
        ([("a.jpg", b"A"), ("a.cls", b" ")], ".cls is empty"),
        ([("a.jpg", b"A"), ("a.cls", b"\xff")], "not UTF-8"),
        ([("a.jpg", b"A"), ("a.cls", b"1"), ("a.json", b'{"label": 2}')], ".json says 2, .cls says 1"),
        ([("a.jpg", b"A"), ("a.json", b"[1]")], "no object"),
        ([("a.jpg", b"A"), ("a.json", b'{"x": NaN}')], "NaN"),
        ([("a.jpg", b"A"), ("a.json", b'{"x": 1, "x": 2}')], "twice"),
        ([("a.jpg", b"A"), ("a.json", b"[" * 100_000)], "nested"),
        ([("a.jpg", b"A"), ("a.json", b" " * (1 << 20) + b"{}")], "at most 1048576 are read"),
        ([("a.jpg", b"A"), ("a.cls", b"1"), ("b.jpg", b"B"), ("b.cls", b"cat")], "it is text at"),
        ([("../a.jpg", b"A")], "leaves the archive"),
        ([("/etc/a.jpg", b"A")], "leaves the archive"),
        ([("x/../../a.jpg", b"A")], "leaves the archive"),
    ],
)
def test_what_readers_pass_over_is_refused_in_words(tmp_path, members, words):
    tar(tmp_path / "0.tar", members)
    assert words in refused(tmp_path)


def test_samples_without_an_image_can_be_dropped(tmp_path):
    tar(tmp_path / "0.tar", [("a.cls", b"1"), ("b.jpg", b"B"), ("c.jpg", b"C"), ("c.json", b"{")])
    dataset, found = read(tmp_path, invalid="drop")
    assert [entry.key for entry in found] == ["b.jpg"]
    assert any("2 invalid labels were left out" in note for note in dataset.notes)


@pytest.mark.parametrize("kind", [tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_refused(tmp_path, kind):
    with tarfile.open(tmp_path / "0.tar", "w") as file:
        info = tarfile.TarInfo("a.jpg")
        info.type, info.linkname = kind, "/etc/passwd"
        file.addfile(info)
    assert "0.tar: a.jpg: is no plain file" in refused(tmp_path)


def damaged(data: bytes, how: str) -> bytes:
    if how == "header":
        return data[:1024] + b"X" * 20 + data[1044:]
    return {"cut": data[:1300], "two": data * 2, "nothing": b"", "text": b"hello" * 500}[how]


@pytest.mark.parametrize("how", ["header", "cut", "two", "nothing", "text"])
def test_damage_is_refused_where_tarfile_ends_without_a_word(tmp_path, how):
    path = tar(tmp_path / "0.tar", [("a.jpg", b"A"), ("b.jpg", b"B")])
    path.write_bytes(damaged(path.read_bytes(), how))
    assert "0.tar: is no whole tar archive" in refused(tmp_path)


def test_an_archive_without_its_end_mark_is_told(tmp_path):
    path = tar(tmp_path / "0.tar", [("a.jpg", b"A")])
    path.write_bytes(path.read_bytes()[:1024])
    dataset, found = read(tmp_path)
    assert len(found) == 1
    assert any("no end mark" in note for note in dataset.notes)


def test_compressed_archives_and_links_that_leave_are_refused(tmp_path):
    tar(tmp_path / "in" / "0.tar.gz", [("a.jpg", b"A")])
    (tmp_path / "in" / "1.tar").symlink_to(tar(tmp_path / "2.tar", [("a.jpg", b"A")]))
    text = refused(tmp_path / "in")
    assert "0.tar.gz: is compressed" in text
    assert "unpack it to .tar" in text
    assert "1.tar: is a link that leaves the dataset" in text
    assert "no tar shards found" in refused(tmp_path / "in", exclude=("*",))


def test_long_and_foreign_names_are_read(tmp_path):
    names = ["ü" * 60 + ".jpg", "d/" * 120 + "x.jpg"]
    for index, format in enumerate((tarfile.PAX_FORMAT, tarfile.GNU_FORMAT)):
        root = tmp_path / str(index)
        tar(root / "0.tar", [(name, b"A") for name in names], format=format)
        assert sorted(entry.key for entry in read(root)[1]) == sorted(names)


def test_outputs_are_packed_in_the_order_of_the_rows(tmp_path):
    dataset = Dataset("folders", classes=("cat", "dog"))
    rows = [row("train", "b.jpg", "dog"), row("train", "x/a.jpg", "cat"), row("val", "c.jpg")]
    rows.insert(1, row("train", "b__001.jpg", "dog", 1) | {"status": "error"})
    images = {"train/b.jpg": b"B" * 1000, "train/x/a.jpg": b"A", "val/c.jpg": b"C"}
    assert packed(tmp_path, dataset, rows, images) == ["classes.txt", "train-000000.tar", "val-000000.tar"]
    assert samples(tmp_path / "train-000000.tar") == [
        ("b", {"jpg": b"B" * 1000, "cls": b"1"}),
        ("x/a", {"jpg": b"A", "cls": b"0"}),
    ]
    assert samples(tmp_path / "val-000000.tar") == [("c", {"jpg": b"C"})]
    assert (tmp_path / "classes.txt").read_text() == "cat\ndog\n"
    with tarfile.open(tmp_path / "train-000000.tar") as file:
        facts = {(info.mtime, info.uid, info.gid, info.uname, info.gname, info.mode) for info in file}
    assert facts == {(0, 0, 0, "", "", 0o644)}
    assert (tmp_path / "train-000000.tar").stat().st_size % 10240 == 0


def test_a_shard_is_full_at_so_many_samples_or_bytes(tmp_path):
    rows = [row("", f"{index}.jpg") for index in range(5)]
    images = {f"{index}.jpg": bytes([index]) * 600 for index in range(5)}
    names = packed(tmp_path / "a", Dataset("folders"), rows, images, max_samples=2)
    assert names == ["000000.tar", "000001.tar", "000002.tar"]
    assert [len(samples(tmp_path / "a" / name)) for name in names] == [2, 2, 1]
    names = packed(tmp_path / "b", Dataset("folders"), rows, images, max_bytes=3 * 1536)
    assert [len(samples(tmp_path / "b" / name)) for name in names] == [3, 2]
    names = packed(tmp_path / "c", Dataset("folders"), rows, images, max_bytes=1)
    assert len(names) == 5


def test_weights_and_columns_are_written_as_json(tmp_path):
    dataset = Dataset("hf", classes=("1", "2"), columns=("txt", "age"), numeric=True, soft=True)
    extra = {"txt": "two words", "age": None}
    rows = [row("", "a.jpg", "2", classes=["1", "2"], weights=[0.25, 0.75], extra=extra)]
    packed(tmp_path, dataset, rows, {"a.jpg": b"A"})
    ((_, members),) = samples(tmp_path / "000000.tar")
    assert members["cls"] == b"2"
    assert members["txt"] == b"two words"
    assert json.loads(members["json"]) == {
        "label": 2,
        "classes": [1, 2],
        "weights": [0.25, 0.75],
        "age": None,
    }
    again, (entry,) = read(tmp_path)
    assert entry.classes == (("1", 0.25), ("2", 0.75))
    assert dict(entry.extra) == extra
    assert (again.numeric, again.soft, set(again.columns)) == (True, True, {"txt", "age"})


def test_two_outputs_of_one_key_are_refused(tmp_path):
    rows = [row("", "a.jpg"), row("", "a.png")]
    with pytest.raises(UsageError, match="second output with the key 'a'"):
        packed(tmp_path, Dataset("folders"), rows, {"a.jpg": b"A", "a.png": b"B"})


def test_keys_hold_no_dots():
    assert webdataset.place("x.y/a.b.c.jpg", "cat") == ("", "x.y/a_b_c.jpg")
    assert webdataset.place("a.jpg", None) == ("", "a.jpg")


names_ = st.text("abé_-0", min_size=1, max_size=6)


@settings(max_examples=30, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.sampled_from(["train", "val"]), st.lists(names_, min_size=1, max_size=3).map("/".join)),
        st.tuples(st.binary(min_size=1, max_size=2000), st.sampled_from([None, "cat", "dog", "emu"])),
        min_size=1,
        max_size=8,
    ),
    st.integers(1, 4),
)
def test_what_is_packed_is_read_back_byte_for_byte(tmp_path_factory, made, limit):
    root = tmp_path_factory.mktemp("out")
    rows = [row(split, f"{key}.jpg", label) for (split, key), (_, label) in sorted(made.items())]
    images = {f"{split}/{key}.jpg": data for (split, key), (data, _) in made.items()}
    dataset = Dataset("folders", classes=tuple(sorted({label for _, label in made.values() if label})))
    packed(root, dataset, rows, images, max_samples=limit)
    again, found = read(root)
    assert {(entry.split, entry.key): (read_image(entry.path), entry.label) for entry in found} == {
        (split, f"{key}.jpg"): value for (split, key), value in made.items()
    }
    assert again.classes == dataset.classes
    held = webdataset.held(root)
    assert {path: read_image(held[path]) for path in images} == images
    first = {path.name: path.read_bytes() for path in root.iterdir()}
    packed(root, again, rows, images, max_samples=limit)
    assert {path.name: path.read_bytes() for path in root.iterdir()} == first


def test_a_stage_is_verified_filled_from_the_shards_and_removed(tmp_path):
    rows = [row("train", "x/a.jpg"), row("train", "b.jpg")]
    images = {"train/x/a.jpg": b"A", "train/b.jpg": b"B"}
    packed(tmp_path, Dataset("folders"), rows, images)
    held = webdataset.held(tmp_path)
    storage.write(staging.staged(tmp_path, "train/b.jpg"), b"new")
    digest_of = staging.digests(tmp_path, held)
    assert digest_of("train/x/a.jpg") == hashlib.sha256(b"A").hexdigest()
    assert digest_of("train/b.jpg") == hashlib.sha256(b"new").hexdigest()
    assert digest_of("train/c.jpg") is None
    staging.restage(tmp_path, images, held)
    assert staging.staged(tmp_path, "train/x/a.jpg").read_bytes() == b"A"
    assert staging.staged(tmp_path, "train/b.jpg").read_bytes() == b"new"
    staging.clear(tmp_path)
    staging.clear(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["train-000000.tar"]
