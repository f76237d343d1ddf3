"""data.yaml, its splits and list files, and the trees that do without it; read, and written for outputs."""

import os

import pytest
import yaml

from augcli import formats
from augcli.formats import yolo
from augcli.sample import Category, Dataset
from tests.formats.yolo_trees import keys, read, refused, tree

BOX = "0 0.5 0.5 0.2 0.4"
TWO = {"images/train/a.png": BOX, "images/val/b.png": BOX}
PLACES = "train: images/train\nval: images/val\n"


def made(dataset, *splits):
    """The data.yaml of an output with these splits."""
    rows = [{"split": split, "status": "ok"} for split in splits] + [{"split": "lost", "status": "error"}]
    ((path, pieces),) = ((path, b"".join(pieces)) for path, pieces in yolo.finish(dataset, rows, False))
    assert path == "data.yaml"
    return pieces.decode()


@pytest.mark.parametrize(
    ("images", "text", "expected"),
    [
        (TWO, f"{PLACES}names: [cat]\n", [("train", "a.png"), ("val", "b.png")]),
        (TWO, f"{PLACES}names: {{0: cat}}\n", [("train", "a.png"), ("val", "b.png")]),
        (
            TWO,
            "train: images/train\nvalidation: images/val\nnames: [cat]",
            [("train", "a.png"), ("val", "b.png")],
        ),
        (TWO, f"path: .\n{PLACES}test:\nnames: [cat]\n", [("train", "a.png"), ("val", "b.png")]),
        (TWO, "path: images\ntrain: train\nval: val\nnc: 1\n", [("train", "a.png"), ("val", "b.png")]),
        (TWO, f"path: /content/elsewhere\n{PLACES}nc: 1\n", [("train", "a.png"), ("val", "b.png")]),
        (TWO, "train: images\nnc: 1\n", [("", "train/a.png"), ("", "val/b.png")]),
        (TWO, "train: images\nval: images\nnc: 1\n", [("", "train/a.png"), ("", "val/b.png")]),
        (TWO, "train: [images/train, images/val]\nnc: 1\n", [("train", "a.png"), ("train", "val/b.png")]),
        (
            {"train/images/a.png": BOX, "valid/images/x/b.png": BOX},
            "train: ../train/images\nval: ../valid/images\ntest: ../test/images\nnc: 1\n",
            [("train", "a.png"), ("valid", "x/b.png")],
        ),
        (
            {"images/train2017/a.png": BOX, "images/val2017/b.png": BOX},
            "train: images/train2017\nval: images/val2017\nnc: 1\n",
            [("train2017", "a.png"), ("val2017", "b.png")],
        ),
        (
            {"images/one/a.png": BOX, "images/two/a.png": BOX},
            "train: images/one\nval: images/two\nnc: 1\n",
            [("train", "a.png"), ("val", "a.png")],
        ),
        (
            {"one/images/a.png": BOX, "two/images/a.png": BOX, "images/v.png": BOX},
            "train: [one/images, two/images]\nval: images\nnc: 1\n",
            [("train", "one/a.png"), ("train", "two/a.png"), ("val", "v.png")],
        ),
        (
            {"images/train/a.png": BOX},
            "train: images/train\nval: images/train\nnc: 1\n",
            [("train", "a.png")],
        ),
    ],
)
def test_splits_are_those_of_data_yaml(tmp_path, images, text, expected):
    dataset, entries = read(tree(tmp_path, images, {"data.yaml": text}), "auto")
    assert dataset.format == "yolo"
    assert keys(entries) == sorted(expected)
    assert all(entry.labels == BOX.encode() for entry in entries)


def test_list_files_name_images_relative_to_themselves_or_the_root(tmp_path):
    lists = {
        "train.txt": "./images/train2017/a.png\n\nimages/train2017/b.png\n",
        "lists/v.txt": "images/c.png",
    }
    images = dict.fromkeys(["images/train2017/a.png", "images/train2017/b.png", "images/c.png"], BOX)
    more = {"data.yaml": "train: train.txt\nval: lists/v.txt\nnc: 1\n", **lists}
    dataset, entries = read(tree(tmp_path, images, more))
    assert keys(entries) == [("train2017", "a.png"), ("train2017", "b.png"), ("val", "c.png")]
    assert all(entry.labels for entry in entries)
    assert "splits found: train2017, val" in dataset.notes


def test_absolute_paths_are_followed_only_inside_the_dataset(tmp_path):
    root = tree(tmp_path, TWO, {"t.txt": f"{tmp_path}/images/train/a.png\n"})
    (root / "data.yaml").write_text(f"path: {root}\ntrain: t.txt\nval: {root}/images/val\nnc: 1\n")
    assert keys(read(root)[1]) == [("train", "a.png"), ("val", "b.png")]


def test_a_listed_image_that_is_not_there_is_a_row_that_fails(tmp_path):
    more = {"data.yaml": "train: t.txt\nnc: 1\n", "t.txt": "images/train/a.png\nimages/train/z.png\n"}
    _, entries = read(tree(tmp_path, TWO, more))
    assert [(entry.key, entry.error) for entry in entries] == [("a.png", None), ("z.png", "vanished")]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("../other/a.png", "leaves the dataset"),
        ("/etc/a.png", "leaves the dataset"),
        ("images/link.png", "leaves the dataset"),
        ("images/train/../../../a.png", "leaves the dataset"),
        ("notes.md", "is no image file"),
        ("images/train/a.png", "is listed already, in line 1"),
    ],
)
def test_list_files_stay_in_the_dataset(tmp_path, line, said):
    (tmp_path / "outside.png").write_bytes(b"x")
    more = {"data.yaml": "train: t.txt\nnc: 1\n", "t.txt": f"images/train/a.png\n{line}\n"}
    root = tree(tmp_path / "set", TWO, more)
    os.symlink(tmp_path / "outside.png", root / "images/link.png")
    assert refused(root) == f"t.txt:2: {line!r} {said}" + {
        "leaves the dataset": "; list images below the folder that is read"
    }.get(said, "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("train: /etc\nnc: 1\n", "data.yaml:1: train: '/etc' leaves the dataset"),
        ("train: ../..\nnc: 1\n", "data.yaml:1: train: '../..' leaves the dataset"),
        ("path: /etc\ntrain: .\nnc: 1\n", "data.yaml:1: path: '/etc' is another folder than input.path"),
        ("train: link\nnc: 1\n", "data.yaml:1: train: 'link' leaves the dataset"),
        ("train: gone\nnc: 1\n", "data.yaml:1: train: no such folder or list file: 'gone'"),
        ("train: empty\nnc: 1\n", "data.yaml:1: train: there are no images"),
        (
            "train: images\nval: images/val\nnc: 1\n",
            "'images/val/b.png' is in two splits, val is one of them",
        ),
        (f"{PLACES}names: [a, a]\n", "data.yaml:3: names: 'a' is the name of class 0 and of class 1"),
        (f"{PLACES}names: [a, b]\nnc: 3\n", "data.yaml:4: nc: says 3 classes, names: has 2"),
        (f"{PLACES}names: {{1: a, 2: b}}\n", "data.yaml:3: names: the class numbers must run from 0"),
        (f"{PLACES}names: {{x: a}}\n", "names: 'x' is no class number"),
        (f"{PLACES}names: [[a]]\n", "names: expected text, got a list or a mapping"),
        (f"{PLACES}names: cat\n", "names: expected a list, or a mapping from class numbers"),
        (f"{PLACES}names: ['']\n", "names: class 0 has no name"),
        (f"{PLACES}nc: many\n", "nc: expected a whole number of classes"),
        (f"{PLACES}nc: 1\nnc: 2\n", "data.yaml:4: duplicate key 'nc', given first in line 3"),
        (f"{PLACES}nc: 1\nkpt_shape: [17, 4]\n", "kpt_shape: expected [number of keypoints, 2 or 3]"),
        (
            f"{PLACES}nc: 1\nkpt_shape: [2, 3]\nflip_idx: [0, 0]\n",
            "flip_idx: expected every number from 0 to 1",
        ),
        (f"{PLACES}nc: 1\nkpt_shape: [2, 3]\nkpt_names: {{0: [a]}}\n", "class 0 has 1 names for 2 keypoints"),
        (f"{PLACES}nc: 1\ntask: depth\n", "task: 'depth' is none of detect, segment, pose, obb"),
        (f"{PLACES}nc: 1\ntask: pose\n", "data.yaml:4: task: pose needs kpt_shape"),
        ("names: [", "is not YAML"),
        ("- a\n", "expected keys such as names: and train:"),
        ("names: " + "[" * 3000, "is nested too deeply"),
        ("names: \x00", "holds a character that YAML does not allow"),
        (b"names: [\xff]", "data.yaml:1: is not UTF-8 text"),
        (b"#" * (1 << 21), "are too many; at most 1 MiB is read"),
    ],
)
def test_a_data_yaml_that_cannot_be_right_is_refused(tmp_path, text, said):
    root = tree(tmp_path / "set", TWO, {"data.yaml": text, "empty/x.md": ""})
    os.symlink(tmp_path, root / "link")
    assert said in refused(root)


def test_all_mistakes_of_a_data_yaml_come_together(tmp_path):
    text = refused(tree(tmp_path, TWO, {"data.yaml": f"{PLACES}names: [a, a]\nnc: 3\nkpt_shape: 3\n"}))
    assert len(text.splitlines()) == 3


def test_class_names_are_words_whatever_yaml_takes_them_for(tmp_path):
    text = f"{PLACES}names: [no, 1e3, 012, null, 2001-01-01, true]\ndownload: import os\n"
    dataset, _ = read(tree(tmp_path, TWO, {"data.yaml": text}))
    names = ["no", "1e3", "012", "null", "2001-01-01", "true"]
    assert [category.name for category in dataset.categories] == names
    assert "keys of data.yaml that are not carried over: download" in dataset.notes
    assert list(yaml.safe_load(made(dataset, "train"))["names"].values()) == names


def test_aliases_that_multiply_cost_nothing(tmp_path):
    bomb = "a0: &a0 [x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
    )
    root = tree(tmp_path, TWO, {"data.yaml": f"{bomb}{PLACES}names: *a11\n"})
    assert "names: expected text, got a list or a mapping" in refused(root)


def test_without_data_yaml_the_tree_and_a_class_list_say_what_is_needed(tmp_path):
    dataset, entries = read(tree(tmp_path, TWO, {"classes.txt": "cat\ndog\n"}), "auto")
    assert keys(entries) == [("train", "a.png"), ("val", "b.png")]
    assert [category.name for category in dataset.categories] == ["cat", "dog"]


def test_without_any_names_classes_are_called_by_their_numbers(tmp_path):
    dataset, entries = read(tree(tmp_path, {"a.png": "2 0.5 0.5 0.2 0.4", "b/c.png": BOX}))
    assert keys(entries) == [("", "a.png"), ("", "b/c.png")]
    assert [category.name for category in dataset.categories] == ["0", "1", "2"]
    assert any("called by their numbers" in note for note in dataset.notes)


def test_images_and_labels_may_stand_apart(tmp_path):
    tree(tmp_path, TWO, {"data.yaml": "names: [cat]\n"})
    (tmp_path / "labels").rename(tmp_path / "elsewhere")
    dataset, entries = read(tmp_path / "images", annotations=str(tmp_path / "elsewhere"))
    assert keys(entries) == [("train", "a.png"), ("val", "b.png")]
    assert all(entry.labels for entry in entries)
    assert [category.name for category in dataset.categories] == ["cat"]


def test_globs_choose_by_key_and_by_path(tmp_path):
    root = tree(tmp_path, TWO, {"data.yaml": f"{PLACES}nc: 1\n"})
    assert keys(read(root, include=("a.png",))[1]) == [("train", "a.png")]
    assert keys(read(root, exclude=("images/train/**",))[1]) == [("val", "b.png")]


def test_an_output_says_its_splits_names_and_keypoints(tmp_path):
    categories = tuple(
        Category(name, number, ("nose", "l", "r"), (0, 2, 1))
        for number, name in enumerate(['a "b": #', "\u00e9\x85"])
    )
    dataset = Dataset("coco", categories=categories, holds=frozenset({"keypoints", "boxes"}))
    text = made(dataset, "train_b", "train_a", "valid", "test", "extra")
    data = yaml.safe_load(text)
    assert data == {
        "train": ["images/train_a", "images/train_b"],
        "val": "images/valid",
        "test": "images/test",
        "extra": "images/extra",
        "task": "pose",
        "kpt_shape": [3, 3],
        "flip_idx": [0, 2, 1],
        "names": {0: 'a "b": #', 1: "\u00e9\x85"},
        "kpt_names": {0: ["nose", "l", "r"], 1: ["nose", "l", "r"]},
    }


def test_an_output_without_a_validation_split_names_its_images_again_and_reads_as_it_was(tmp_path):
    dataset = Dataset("coco", categories=(Category("cat", 3),), holds=frozenset({"boxes"}))
    text = made(dataset, "")
    assert (yaml.safe_load(text)["train"], yaml.safe_load(text)["val"]) == ("images", "images")
    assert "# classes are numbered anew" in text
    again, entries = read(tree(tmp_path, {"images/a.png": BOX, "images/x/b.png": ""}, {"data.yaml": text}))
    assert keys(entries) == [("", "a.png"), ("", "x/b.png")]
    assert made(again, "") == "".join(line for line in text.splitlines(True) if not line.startswith("#"))


def test_data_yaml_of_an_output_reads_back(tmp_path):
    text = f'{PLACES}task: pose\nkpt_shape: [2, 3]\nflip_idx: [1, 0]\nnames:\n  0: "cat"\n  1: "dog"\n'
    row = f"{BOX} 0.1 0.1 2 0 0 0"
    dataset, _ = read(tree(tmp_path, dict.fromkeys(TWO, row), {"data.yaml": text}))
    assert made(dataset, "train", "val") == text


def test_folders_of_captions_and_class_folders_are_not_taken_for_yolo(tmp_path):
    tree(tmp_path / "captions", {"a.png": "a cat"}, {})
    tree(tmp_path / "config", {"cat/a.png": None}, {"data.yaml": "version: 3\n"})
    assert formats.resolve("auto", tmp_path / "captions") == "folders"
    assert formats.resolve("auto", tmp_path / "config") == "folders"
