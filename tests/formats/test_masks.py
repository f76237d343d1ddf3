"""Images beside masks: pairing, classes, what is refused, and the way out and back in."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from augcli import formats
from augcli.errors import UsageError
from augcli.formats import Source, masks
from augcli.formats.contract import Output
from augcli.formats.masks import vocabulary
from augcli.images.masks import read_mask, write_mask
from augcli.objects import NOTHING
from augcli.sample import Category

IDS = np.array([[0, 1], [2, 255]], np.uint8)
COLOURS = bytes([0, 0, 0, 128, 0, 0, 0, 128, 0])
VOID = COLOURS.ljust(765, b"\0") + bytes([224, 224, 192])


def put(root: Path, *names: str, data: bytes = b"x") -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


def mask(root: Path, *names: str, palette: bytes | None = None, bits: int = 8) -> Path:
    return put(root, *names, data=write_mask(IDS % 3, palette, bits))


def read(root: Path, name: str = "auto", **options):
    return formats.read(name, Source(str(root), **options))


def pairs(root: Path, **options) -> dict[str, str]:
    return {entry.id: Path(entry.mask or "").name for entry in read(root, **options)[1]}


def refused(root: Path, **options) -> str:
    with pytest.raises(UsageError) as caught:
        read(root, "masks", **options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("image", "ids"),
    [
        ("{images}/a.jpg", "{masks}/a.png"),
        ("{images}/train/a.jpg", "{masks}/train/a.png"),
        ("train/{images}/a.jpg", "train/{masks}/a.png"),
        ("train/{images}/a.jpg", "{masks}/train/a.png"),
    ],
)
@pytest.mark.parametrize("folders", [("images", "masks"), ("Images", "annotations"), ("imgs", "labels")])
def test_split_folders_may_stand_on_either_level(tmp_path, image, ids, folders):
    names = {"images": folders[0], "masks": folders[1]}
    put(tmp_path, image.format(**names))
    mask(tmp_path, ids.format(**names))
    dataset, (entry,) = read(tmp_path, "masks")
    assert (entry.split, entry.key) == ("train" if "train" in image else "", "a.jpg")
    assert entry.mask == str(tmp_path / ids.format(**names))
    assert dataset.holds == {"semantic"}
    if image.index("{") == ids.index("{"):  # else it has to be named
        assert read(tmp_path)[0].format == "masks"


@pytest.mark.parametrize("suffix", ["", "_mask", "-mask", "_label", "_gt"])
def test_masks_may_have_a_suffix(tmp_path, suffix):
    put(tmp_path, "images/x/a.jpg")
    assert pairs(mask(tmp_path, f"masks/x/a{suffix}.png")) == {"x/a.jpg": f"a{suffix}.png"}


def test_an_image_takes_the_mask_of_its_own_name_before_another_takes_it_by_suffix(tmp_path):
    put(tmp_path, "images/a.jpg", "images/a_mask.jpg")
    mask(tmp_path, "masks/a_mask.png", "masks/a_gt.png")
    assert pairs(tmp_path) == {"a.jpg": "a_gt.png", "a_mask.jpg": "a_mask.png"}


def test_folders_may_stand_apart(tmp_path):
    put(tmp_path, "one/train/a.jpg", "one/val/b.jpg")
    mask(tmp_path, "two/train/a.png", "two/val/b.png")
    put(tmp_path, "two/classes.txt", data=b"road\nsky\n")
    dataset, found = read(tmp_path / "one", masks=str(tmp_path / "two"))
    assert dataset.format == "masks"
    assert [(entry.id, Path(entry.mask or "").name) for entry in found] == [
        ("train/a.jpg", "a.png"),
        ("val/b.jpg", "b.png"),
    ]
    assert [category.name for category in dataset.categories] == ["road", "sky"]


def test_masks_may_lie_in_a_folder_below_the_images(tmp_path):
    put(tmp_path, "a.png")
    assert pairs(mask(tmp_path, "ids/a.png"), masks=str(tmp_path / "ids")) == {"a.png": "a.png"}


def test_what_has_no_partner_is_told_all_at_once(tmp_path):
    put(tmp_path, "images/a.jpg", "images/b.jpg", "images/c.jpg", "images/c.png")
    mask(tmp_path, "masks/b.png", "masks/c.png", "masks/d.png", "masks/e.png")
    text = refused(tmp_path)
    assert "images/a.jpg: has no mask; it would be called a, a_mask" in text
    assert "masks/c.png: is the mask of 2 images: images/c.jpg and images/c.png" in text
    assert "masks/d.png: is a mask without an image" in text
    assert "masks/e.png" in text
    dataset, found = read(tmp_path, invalid="drop")
    assert [entry.key for entry in found] == ["b.jpg"]
    assert any("4 invalid labels were left out" in note for note in dataset.notes)


def test_two_masks_of_one_image_are_unclear(tmp_path):
    put(tmp_path, "images/a.jpg")
    mask(tmp_path, "masks/a.png", "masks/a.bmp")
    assert "images/a.jpg: has 2 masks: masks/a.bmp and masks/a.png" in refused(tmp_path)
    assert pairs(tmp_path, exclude=("**/*.bmp",)) == {"a.jpg": "a.png"}


def test_the_mask_of_an_excluded_image_is_not_left_over(tmp_path):
    put(tmp_path, "images/a.jpg", "images/a.png", "images/b.jpg")
    mask(tmp_path, "masks/a.png", "masks/b.png")
    assert pairs(tmp_path, exclude=("b.*", "images/a.png")) == {"a.jpg": "a.png"}


def test_masks_that_hold_colours_are_refused_at_listing_all_at_once(tmp_path):
    put(tmp_path, *(f"images/{name}.jpg" for name in "abcd"))
    for name, mode in (("a", "RGB"), ("b", "RGBA"), ("c", "LA")):
        Image.new(mode, (2, 2)).save(put(tmp_path, "masks/x.png") / f"masks/{name}.png")
    (tmp_path / "masks/x.png").unlink()
    Image.new("L", (2, 2)).save(tmp_path / "masks/d.jpg")
    text = refused(tmp_path)
    assert text.count("holds colours") == 2
    assert "map each colour to its id" in text
    assert "has an alpha channel" in text
    assert "d.jpg: is a JPEG file and no mask" in text


def test_a_damaged_mask_costs_its_own_image_alone(tmp_path):
    put(tmp_path, "images/a.jpg", "images/b.jpg", "masks/b.png")
    assert pairs(mask(tmp_path, "masks/a.png")) == {"a.jpg": "a.png", "b.jpg": "b.png"}


def test_a_broken_link_is_no_mask_and_no_image(tmp_path):
    put(tmp_path, "images/a.jpg", "images/b.jpg")
    mask(tmp_path, "masks/b.png")
    (tmp_path / "masks/a.png").symlink_to("nowhere")
    assert "masks/a.png: cannot be used as mask: the file is gone" in refused(tmp_path)
    (tmp_path / "masks/a.png").unlink()
    (tmp_path / "images/a.jpg").unlink()
    (tmp_path / "images/a.jpg").symlink_to("nowhere")
    assert [(entry.key, entry.error) for entry in read(tmp_path)[1]] == [
        ("a.jpg", "vanished"),
        ("b.jpg", None),
    ]


def test_a_palette_names_classes_by_number_and_declares_void(tmp_path):
    put(tmp_path, "images/a.jpg")
    dataset, _ = read(mask(tmp_path, "masks/a.png", palette=VOID))
    assert dataset.categories == (
        Category("0", 0, color=(0, 0, 0)),
        Category("1", 1, color=(128, 0, 0)),
        Category("2", 2, color=(0, 128, 0)),
    )
    assert dataset.ignore == 255


@pytest.mark.parametrize("palette", [bytes(value for i in range(256) for value in (i, i, i)), None])
def test_grey_declares_nothing(tmp_path, palette):
    put(tmp_path, "images/a.jpg")
    dataset, _ = read(mask(tmp_path, "masks/a.png", palette=palette))
    assert (dataset.categories, dataset.ignore) == ((), None)


def test_one_id_may_not_have_two_colours(tmp_path):
    put(tmp_path, "images/a.jpg", "images/b.jpg", "images/c.jpg")
    mask(tmp_path, "masks/a.png", palette=COLOURS)
    mask(tmp_path, "masks/b.png", palette=VOID)  # the same, and more
    mask(tmp_path, "masks/c.png", palette=COLOURS[::-1])
    assert "c.png: has other colours for the same ids than" in refused(tmp_path)
    assert sorted(pairs(tmp_path, invalid="drop")) == ["a.jpg", "b.jpg"]
    dataset, found = read(tmp_path, invalid="clip")
    assert len(found) == 3
    assert any("1 masks have another palette" in note for note in dataset.notes)
    assert bytes.fromhex(dataset.info["masks"]["palette"]) == VOID


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("classes.txt", "road\nsky\n\n", ((0, "road"), (1, "sky"))),
        ("labels.txt", "\ufeff7: road\n11: sky\n255: void\n", ((7, "road"), (11, "sky"))),
        ("classes.txt", "3 wheeler\nbus\n255", ((0, "3 wheeler"), (1, "bus"), (2, "255"))),
        ("categories.json", '{"1": "road", "0": "sky"}', ((0, "sky"), (1, "road"))),
        ("categories.json", '[{"id": 300, "name": "road", "x": 1}]', ((300, "road"),)),
        ("categories.json", '{"categories": {"0": "a", "255": "b"}}', ((0, "a"), (255, "b"))),
    ],
)
def test_a_file_names_the_classes(tmp_path, name, text, expected):
    put(tmp_path, "images/a.jpg")
    mask(tmp_path, "masks/a.png")
    (tmp_path / name).write_text(text, encoding="utf-8")
    dataset, _ = read(tmp_path)
    assert tuple((category.id, category.name) for category in dataset.categories) == expected
    assert dataset.ignore == (255 if "void" in text else None)


def test_a_palette_gives_named_classes_their_colours(tmp_path):
    put(tmp_path, "images/a.jpg")
    mask(tmp_path, "masks/a.png", palette=VOID)
    (tmp_path / "classes.txt").write_text("road\nsky\n")
    dataset, _ = read(tmp_path)
    assert dataset.categories == (
        Category("road", 0, color=(0, 0, 0)),
        Category("sky", 1, color=(128, 0, 0)),
    )
    assert dataset.ignore == 255


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("classes.txt", b"a\n\nb\n", "line 2 is empty"),
        ("classes.txt", b"a\nb\na\n", "'a' stands at"),
        ("labels.txt", b"1 a\n1 b\n", "the id 1 stands at"),
        ("labels.txt", b"65536 a\n", "no pixel value"),
        ("classes.txt", b"\xff", "not UTF-8"),
        ("categories.json", b'[{"id": true, "name": "a"}]', "expected {"),
        ("categories.json", b'[{"id": 1, "name": "a", "color": [0, 0, 256]}]', "0 to 255"),
        ("categories.json", b'{"1": "a", "1": "b"}', "twice"),
        ("categories.json", b'[{"id": NaN, "name": "a"}]', "NaN"),
        ("categories.json", b"[" * 5000, "nested"),
        ("categories.json", b'{"categories": [], "ignore": -1}', "expected a pixel value"),
        ("categories.json", b"7", "expected a list"),
        ("categories.json", b"{", "line 1"),
    ],
)
def test_a_wrong_file_of_classes_is_refused_in_words(tmp_path, name, text, words):
    put(tmp_path, "images/a.jpg")
    mask(tmp_path, "masks/a.png")
    put(tmp_path, name, data=text)
    found = refused(tmp_path)
    assert name in found
    assert words in found


def test_files_of_classes_that_differ_are_refused(tmp_path):
    put(tmp_path, "images/a.jpg")
    mask(tmp_path, "masks/a.png")
    put(tmp_path, "labels.txt", data=b"a\nb\n")
    put(tmp_path, "classes.txt", data=b"b\na\n")
    assert "names the classes otherwise" in refused(tmp_path)
    assert read(tmp_path, exclude=("labels.txt",))[0].categories[0].name == "b"


def test_other_layouts_are_not_taken_for_masks(tmp_path):
    put(tmp_path / "yolo", "images/a.jpg", "labels/a.txt", "labels/classes.txt")
    put(tmp_path / "coco", "images/a.jpg", "annotations/instances.json")
    put(tmp_path / "voc", "JPEGImages/a.jpg", "Annotations/a.xml")
    put(tmp_path / "folders", "cat/a.jpg", "dog/b.jpg")
    for folder in ("yolo", "coco", "voc", "folders", "missing"):
        assert masks.sniff(tmp_path / folder) == 0
    assert "no folder of masks" in refused(put(tmp_path / "bare", "images/a.jpg"))


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([(None, 1), (None, 8), (None, 16), (COLOURS, 8), (VOID, 8)]),
    st.sampled_from(["", "train"]),
    st.lists(st.integers(0, 2**16 - 1), min_size=6, max_size=6),
)
def test_a_mask_comes_back_as_it_was_written(tmp_path_factory, storing, split, values):
    palette, bits = storing
    ids = np.array(values, np.uint16).reshape(2, 3) & ((1 << bits) - 1)
    ids = ids.astype(np.uint16 if bits == 16 else np.uint8)
    if palette is not None:
        ids = np.minimum(ids, 2).astype(np.uint8)
    root = tmp_path_factory.mktemp("masks")
    above = f"{split}/" if split else ""
    first = write_mask(ids, palette, bits)
    put(root, f"in/{above}images/x/a.jpg")
    put(root, f"in/{above}masks/x/a.png", data=first)
    dataset, (entry,) = read(root / "in")
    found, _ = read_mask(Path(entry.mask or "").read_bytes())
    path = f"{masks.home(split)}/x/a__001.jpg"
    output = Output(split, path, (3, 2), NOTHING, mask=found)
    (file,) = masks.label_files(dataset, output)
    assert (file.kind, file.path, file.data) == ("mask", f"{above}masks/x/a__001.png", first)
    put(root / "out", path)
    put(root / "out", file.path, data=file.data)
    for name, pieces in masks.finish(dataset, [], False):
        put(root / "out", name, data=b"".join(pieces))
    again, (copy,) = read(root / "out")
    assert (again.categories, again.ignore, again.info) == (dataset.categories, dataset.ignore, dataset.info)
    assert (copy.split, copy.key) == (split, "x/a__001.jpg")
    picture = Image.open(BytesIO(file.data))
    assert picture.mode == ("P" if palette else {1: "1", 8: "L", 16: "I;16"}[bits])


def test_categories_are_written_with_all_that_was_said_of_them(tmp_path):
    put(tmp_path, "images/a.jpg")
    mask(tmp_path, "masks/a.png")
    text = {"categories": [{"id": 3, "name": "a", "color": [1, 2, 3], "trainId": None}], "ignore": 255}
    (tmp_path / "categories.json").write_text(json.dumps(text))
    dataset, _ = read(tmp_path)
    ((name, pieces),) = masks.finish(dataset, [], False)
    assert name == "categories.json"
    assert json.loads(b"".join(pieces)) == text


def test_masks_of_other_formats_take_the_colours_of_their_classes():
    dataset = replace(
        formats.Dataset("voc"),
        categories=(Category("a", 1, color=(9, 8, 7)), Category("b", 3, color=(1, 1, 1))),
    )
    (file,) = masks.label_files(dataset, Output("", "images/a.jpg", (2, 2), NOTHING, mask=IDS % 4))
    assert read_mask(file.data)[1] == bytes([0, 0, 0, 9, 8, 7, 0, 0, 0, 1, 1, 1])
    assert vocabulary.palette_of((Category("a", 1),)) is None
    assert masks.label_files(dataset, Output("", "images/a.jpg", (2, 2), NOTHING)) == ()


def test_place_and_labels_say_that_there_is_nothing_but_the_mask():
    assert masks.place("x/a.jpg", None) == ("", "x/a.jpg")
    assert len(masks.labels(formats.Entry("", "a", "a"), formats.Dataset("masks")).objects) == 0
