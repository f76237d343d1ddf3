"""VOC's masks: palette, instances in the order of the XML, numbers of classes, lists of images with masks."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from augcli.errors import ItemError
from augcli.formats import voc
from augcli.formats.contract import Output
from augcli.formats.voc.classes import declared
from augcli.labels import boxes
from augcli.objects import Bitmap, Objects, Outline, Thing
from augcli.sample import Category, Dataset
from tests.formats.voc_trees import (
    CLASS_PIXELS,
    OBJECT_PIXELS,
    SMALL,
    indexed,
    masked,
    one_object,
    output_of,
    read,
)


def test_instance_masks_are_the_objects_of_the_xml_in_order(tmp_path):
    dataset, (entry,) = read(masked(tmp_path, CLASS_PIXELS, OBJECT_PIXELS))
    assert dataset.holds == {"boxes", "semantic", "instances"}
    assert (dataset.ignore, entry.mask) == (255, str(tmp_path / "SegmentationClass" / "a.png"))
    objects = voc.labels(entry, dataset).objects
    assert objects.category == ("cat", "dog")  # the second has no entry in the XML: the class mask names it
    assert boxes(objects).tolist() == [[2, 0, 4, 2], [3, 1, 4, 3]]
    assert objects.evidence[0].mask.tolist() == [[True, True], [True, False]]


def test_masks_are_written_with_the_devkit_s_palette(tmp_path):
    dataset, (entry,) = read(masked(tmp_path, CLASS_PIXELS, OBJECT_PIXELS))
    files = voc.label_files(dataset, output_of(dataset, entry, np.array(CLASS_PIXELS, np.uint8)))
    assert [(file.kind, file.path) for file in files] == [
        ("labels", "Annotations/a.xml"),
        ("mask", "SegmentationClass/a.png"),
        ("instances", "SegmentationObject/a.png"),
    ]
    classes, objects = (Image.open(io.BytesIO(file.data)) for file in files[1:])
    assert (classes.mode, objects.mode) == ("P", "P")
    assert np.asarray(classes).tolist() == CLASS_PIXELS
    assert np.asarray(objects).tolist() == OBJECT_PIXELS
    palette = classes.getpalette()
    published = {
        0: (0, 0, 0),
        1: (128, 0, 0),
        8: (64, 0, 0),
        15: (192, 128, 128),
        20: (0, 64, 128),
        255: (224, 224, 192),
    }
    assert {n: tuple(palette[3 * n : 3 * n + 3]) for n in published} == published


@pytest.mark.parametrize(
    ("classes", "objects", "says"),
    [
        ([[12, 12, 12, 12]] * 3, [[1, 1, 1, 1]] * 3, "object 1 is 'cat' in the XML and 'dog' in the masks"),
        ([[0, 0, 0, 0]] * 3, [[3, 3, 3, 3]] * 3, "nothing says the class of object 3"),
        (None, [[1, 1]], "a mask has 2 x 1 pixels, its image 4 x 3"),
        ([[8, 8]], [[1, 1, 1, 1]] * 3, "a mask has 2 x 1 pixels"),
    ],
)
def test_instance_masks_that_do_not_fit_cost_their_image(tmp_path, classes, objects, says):
    dataset, (entry,) = read(masked(tmp_path, classes, objects))
    with pytest.raises(ItemError, match=says):
        voc.labels(entry, dataset)


def test_broken_and_coloured_masks_cost_their_image(tmp_path):
    dataset, (entry,) = read(masked(tmp_path, CLASS_PIXELS, OBJECT_PIXELS))
    file = tmp_path / "SegmentationObject" / "a.png"
    Image.new("RGB", (4, 3)).save(file)
    with pytest.raises(ItemError, match="holds colours"):
        voc.labels(entry, dataset)
    indexed(file, OBJECT_PIXELS)
    file.write_bytes(file.read_bytes()[:-30])
    with pytest.raises(ItemError, match="cannot be read"):
        voc.labels(entry, dataset)


def test_smaller_instances_lie_in_front_and_more_than_254_are_too_many():
    small = Thing("a", Bitmap(np.ones((1, 1), bool), 1, 1))
    large = Thing("a", Outline((((np.array([[0, 0], [3, 0], [3, 3], [0, 3]], float)),),)))
    objects = Objects.of([small, large])
    coco = of_coco("a")
    files = voc.label_files(coco, Output("", "JPEGImages/a.jpg", (3, 3), objects))
    assert pixels(files)["instances"] == [[2, 2, 2], [2, 1, 2], [2, 2, 2]]
    many = Objects.of([small] * 255)
    with pytest.raises(ItemError, match="masks of 255 objects"):
        voc.label_files(coco, Output("", "JPEGImages/a.jpg", (3, 3), many))


def of_coco(*names, first=1):
    found = tuple(Category(name, number) for number, name in enumerate(names, first))
    return Dataset("coco", categories=found, holds=frozenset({"boxes", "polygons"}))


def pixels(files) -> dict:
    return {file.kind: np.asarray(Image.open(io.BytesIO(file.data))).tolist() for file in files[1:]}


def test_outlines_become_masks_of_classes_and_what_counts_for_nothing_is_255():
    square = Outline((((np.array([[0, 0], [2, 0], [2, 2], [0, 2]], float)),),))
    things = [
        Thing("mole", square),
        Thing("rat", Bitmap(np.ones((1, 2), bool), 1, 1)),
        Thing("rat", Bitmap(np.ones((1, 1), bool), 4, 0), crowd=True),
        Thing("mole", Outline.box(3, 0, 5, 2)),  # nothing says which of its pixels are a mole
    ]
    objects = Objects.of(things)
    output = Output("train", "JPEGImages/a.jpg", (5, 3), objects)
    found = pixels(voc.label_files(of_coco("mole", "rat", first=8), output))
    assert found["mask"] == [[8, 8, 0, 255, 255], [8, 9, 9, 255, 255], [0, 0, 0, 0, 0]]
    assert found["instances"] == [[1, 1, 0, 0, 3], [1, 2, 2, 0, 0], [0, 0, 0, 0, 0]]
    empty = voc.label_files(of_coco("mole"), Output("train", "JPEGImages/b.jpg", (2, 1), Objects()))
    assert pixels(empty) == {"mask": [[0, 0]], "instances": [[0, 0]]}, "a background image is listed too"


@pytest.mark.parametrize(("first", "numbers"), [(8, (8, 9)), (0, (1, 2)), (254, (1, 2))])
def test_the_labelmap_tells_the_numbers_of_classes_that_had_none_in_masks(tmp_path, first, numbers):
    dataset = of_coco("mole", "rat", first=first)
    text = dict(voc.finish(dataset, [], False))["labelmap.txt"]
    (tmp_path / "labelmap.txt").write_bytes(b"".join(text))
    assert {one.name: one.id for one in declared(tmp_path)} == {
        "background": 0,
        **dict(zip(("mole", "rat"), numbers, strict=True)),
    }


def test_more_classes_than_a_mask_can_number_have_masks_of_objects_alone():
    crowded = of_coco(*map(str, range(300)))
    thing = Objects.of([Thing("299", Bitmap(np.ones((1, 1), bool)))])
    files = voc.label_files(crowded, Output("", "JPEGImages/a.jpg", (2, 1), thing))
    assert pixels(files) == {"instances": [[1, 0]]}


def test_numbers_of_masks_come_from_the_labelmap_and_go_back_into_it(tmp_path):
    root = masked(tmp_path, CLASS_PIXELS, OBJECT_PIXELS, xml=one_object(SMALL, name="mole", size=(4, 3)))
    assert any("taken as sorted by name" in note for note in read(root)[0].notes)
    (root / "labelmap.txt").write_text("# label:color_rgb:parts:actions\nrat:64,0,128::\nmole:64,0,0::\n")
    dataset, (entry,) = read(root)
    assert [(one.id, one.name) for one in dataset.categories] == [(0, "background"), (8, "mole"), (12, "rat")]
    assert voc.labels(entry, dataset).objects.category == ("mole", "rat")
    files = {path: b"".join(lines) for path, lines in voc.finish(dataset, [], False)}
    (root / "labelmap.txt").write_bytes(files["labelmap.txt"])
    assert read(root)[0].categories == dataset.categories


def test_class_names_of_labelme2voc_are_read(tmp_path):
    root = masked(tmp_path, [[1, 1, 1, 1]] * 3, xml=one_object(SMALL, name="mole", size=(4, 3)))
    (root / "class_names.txt").write_text("__ignore__\n_background_\nmole\nrat\n")
    assert [(one.id, one.name) for one in read(root)[0].categories] == [
        (0, "background"),
        (1, "mole"),
        (2, "rat"),
    ]


def row(split, output, *kinds, status="ok"):
    files = [{"kind": kind, "path": "p", "sha256": ""} for kind in ("image", "labels", *kinds)]
    return {"split": split, "source": "s", "copy": 0, "status": status, "output": output, "files": files}


def test_lists_name_all_outputs_and_those_with_class_masks():
    rows = [
        row("train", "JPEGImages/a.jpg", "mask", "instances"),
        row("train", "JPEGImages/s/b.x.jpg"),
        row("train", None, status="error"),
        row("val", "JPEGImages/c.jpg", "instances"),
    ]
    found = [(path, b"".join(lines)) for path, lines in voc.finish(Dataset("voc"), rows, False)]
    assert found == [
        ("ImageSets/Main/train.txt", b"a\ns/b.x\n"),
        ("ImageSets/Segmentation/train.txt", b"a\n"),
        ("ImageSets/Main/val.txt", b"c\n"),
    ], "torchvision's VOCSegmentation opens the class mask of every image that is listed"
    assert [path for path, _ in voc.finish(Dataset("voc"), [row("", "JPEGImages/a.jpg")], False)] == [
        "ImageSets/Main/trainval.txt"
    ]


def test_entries_hold_plain_small_labels_and_no_path_of_the_machine(tmp_path):
    _, (entry,) = read(masked(tmp_path, CLASS_PIXELS, OBJECT_PIXELS))
    assert str(tmp_path) not in entry.labels.decode()
    assert json.loads(entry.labels)["instances"][0] == "../SegmentationObject/a.png"
