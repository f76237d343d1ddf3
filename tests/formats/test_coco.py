"""COCO read and written: fields, ids, keypoints, masks, against pycocotools and the file itself."""

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as cocomask

from augcli.formats import coco
from augcli.labels.raster import bounds, raster
from augcli.objects import Bitmap, Objects, Outline, Thing
from augcli.sample import Category, Dataset
from tests.formats.coco_trees import document, image, note, plant, read, rows, written
from tests.formats.datasets import Picture, dataset_of, pictures, plain, rows_of

# pycocotools decodes with an array interface that numpy 2 warns of.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

PERSON = {
    "id": 1,
    "name": "person",
    "keypoints": ["nose", "left_eye", "right_eye"],
    "skeleton": [[1, 2], [1, 3]],
}
COUNTS = [23, 4, 6, 4, 6, 4, 153]
"""20 x 10 pixels: three columns of four pixels, from (2, 3)."""


def full():
    """A file that has a bit of everything."""
    compressed = cocomask.encode(np.asfortranarray(np.eye(10, 20, dtype=np.uint8)))["counts"].decode()
    return document(
        [image(7, "b.jpg", license=2, coco_url="http://x/b.jpg"), image(3, "a.jpg", flickr_url=None)],
        [
            note(40, 3, segmentation=[[1, 2, 5, 2, 5.25, 5], [10, 1, 12, 1, 12, 3, 10, 3]], area=9.5),
            note(12, 7, segmentation={"size": [10, 20], "counts": COUNTS}, iscrowd=1),
            note(13, 7, segmentation={"size": [10, 20], "counts": compressed}, bbox=[0, 0, 10, 10], area=10),
            note(14, 7, bbox=[0.1, 0.2, 3.3, 4.4], area=7.77, attributes={"occluded": True}, score=0.5),
            note(15, 7, segmentation=[], bbox=[2, 2, 3, 3], area=9),
            note(
                16,
                7,
                category_id=1,
                bbox=[1, 2, 6, 4],
                area=24,
                keypoints=[3, 4, 2, 5.1, 4, 1, 0, 0, 0],
                num_keypoints=2,
            ),
        ],
        categories=[{"id": 18, "name": "dog", "supercategory": "animal", "x": [1]}, PERSON],
        info={"year": 2017, "url": None},
        licenses=[{"id": 2, "name": "CC"}],
        videos=[{"id": 1}],
    )


def by_id(records):
    return {record["id"]: record for record in records}


def test_what_is_read_is_written_field_for_field(tmp_path):
    source = full()
    plant(
        tmp_path, "annotations/person_keypoints_train2017.json", source, "train2017/a.jpg", "train2017/b.jpg"
    )
    dataset, entries = read(tmp_path)
    assert [entry.id for entry in entries] == ["train2017/a.jpg", "train2017/b.jpg"]
    ((path, made),) = written(dataset, rows(dataset, entries)).items()
    assert path == "annotations/person_keypoints_train2017.json"
    assert by_id(made["images"]) == by_id(source["images"])
    assert by_id(made["categories"]) == by_id(source["categories"])
    expected = by_id(source["annotations"])
    del expected[15]["segmentation"]  # empty ones break annToMask: a box is written without
    assert by_id(made["annotations"]) == expected
    assert {key: made[key] for key in ("info", "licenses", "videos")} == {
        key: source[key] for key in ("info", "licenses", "videos")
    }


def test_copies_get_new_ids_above_the_largest_and_their_own_figures(tmp_path):
    plant(tmp_path, "annotations/instances_train.json", full(), "train/a.jpg", "train/b.jpg")
    dataset, entries = read(tmp_path)
    originals = rows(dataset, entries)
    copies = [
        json.loads(json.dumps(row)) | {"copy": 1, "output": f"train/{row['source']}_1.jpg"}
        for row in originals
    ]
    sealed = sorted(originals + copies, key=lambda row: (row["source"], row["copy"]))
    (made,) = written(dataset, sealed).values()
    assert [each["id"] for each in made["images"]] == [3, 8, 7, 9]
    assert [each["id"] for each in made["annotations"]] == [40, 41, 12, 13, 14, 15, 16, 42, 43, 44, 45, 46]
    copy = by_id(made["annotations"])[44]
    assert (copy["area"], copy["bbox"]) == (pytest.approx(3.3 * 4.4), [0.1, 0.2, 3.3, 4.4])
    assert copy["attributes"] == {"occluded": True}
    assert not any("coco:original" in each for each in made["annotations"])


def test_ids_of_other_formats_are_not_kept_and_new_ones_start_at_1():
    dataset = dataset_of("yolo")
    picture = Picture("a.png", (20, 10), Objects.of([Thing("dog", Outline.box(1, 2, 5, 5), id=0)]))
    sealed = rows_of([picture, dataclasses.replace(picture, key="b.png")], home="images")
    (made,) = written(dataset, sealed).values()
    assert [each["id"] for each in made["images"]] == [1, 2]
    assert [(each["id"], each["image_id"]) for each in made["annotations"]] == [(1, 1), (2, 2)]
    assert made["annotations"][0] == {
        "id": 1,
        "image_id": 1,
        "category_id": 18,
        "area": 12,
        "bbox": [1, 2, 4, 3],
        "iscrowd": 0,
    }


def test_the_annotation_id_0_is_replaced_because_evaluators_take_it_for_none(tmp_path):
    plant(tmp_path, "instances.json", document([image(0, "a.jpg")], [note(0, 0), note(5, 0)]), "a.jpg")
    dataset, entries = read(tmp_path)
    assert any("id 0" in text for text in dataset.notes)
    (made,) = written(dataset, rows(dataset, entries)).values()
    assert [each["id"] for each in made["images"]] == [0]
    assert [each["id"] for each in made["annotations"]] == [6, 5]


def test_objects_come_in_edges_space_with_their_best_evidence(tmp_path):
    plant(tmp_path, "instances.json", full(), "a.jpg", "b.jpg")
    dataset, entries = read(tmp_path)
    first, second = (coco.labels(entry, dataset) for entry in entries)
    assert (first.size, first.relative) == ((20, 10), False)
    assert [ring.tolist() for (ring,) in first.objects.evidence[0].parts] == [
        [[1, 2], [5, 2], [5.25, 5]],
        [[10, 1], [12, 1], [12, 3], [10, 3]],
    ]
    crowd, mask, box, emptied, pose = second.objects.evidence
    expected = np.zeros((10, 20), bool)
    expected[3:7, 2:5] = True
    assert (raster(crowd, (20, 10)) == expected).all()
    assert (raster(mask, (20, 10)) == np.eye(10, 20)).all()
    assert [each.kind for each in (box, emptied, pose)] == ["box"] * 3
    assert bounds(emptied) == (2, 2, 5, 5)
    assert second.objects.crowd == (True, False, False, False, False)
    assert second.objects.id == (12, 13, 14, 15, 16)
    assert second.objects.keypoints[4].tolist() == [[3.5, 4.5, 2], [5.6, 4.5, 1], [0, 0, 0]]
    assert second.objects.category[4] == "person"


def test_categories_keep_ids_and_know_what_a_mirror_swaps(tmp_path):
    plant(tmp_path, "instances.json", full(), "a.jpg", "b.jpg")
    person, dog = read(tmp_path)[0].categories
    assert (person.id, person.flip, person.skeleton) == (1, (0, 2, 1), ((0, 1), (0, 2)))
    assert (dog.id, dict(dog.extra)) == (18, {"supercategory": "animal", "x": [1]})


@pytest.mark.parametrize(
    ("names", "flip"),
    [
        (["nose", "left_eye", "right_eye"], (0, 2, 1)),
        (["l_hip", "R_Hip"], (1, 0)),
        (["ear_left", "ear_right", "tail"], (1, 0, 2)),
        (["paw_r", "paw_l"], (1, 0)),
        (["LeftHand", "RightHand"], (1, 0)),
        (["left_eye", "nose"], ()),
        (["bell", "tail"], ()),
        (["l_left", "r_left", "l_right", "r_right"], (1, 0, 3, 2)),
    ],
)
def test_left_and_right_are_told_from_names(names, flip):
    from augcli.sides import flip_of

    assert flip_of(names) == flip


def test_categories_that_share_a_name_stay_apart_and_are_written_as_they_were(tmp_path):
    twins = [{"id": 0, "name": "fish", "supercategory": "none"}, {"id": 1, "name": "fish"}]
    source = document([image(1, "a.jpg")], [note(1, 1, category_id=1)], categories=twins)
    plant(tmp_path, "instances.json", source, "a.jpg")
    dataset, entries = read(tmp_path)
    assert [(each.id, each.name) for each in dataset.categories] == [(0, "fish#0"), (1, "fish")]
    (made,) = written(dataset, rows(dataset, entries)).values()
    assert made["categories"] == twins


def test_keypoints_alone_are_evidence_of_their_own(tmp_path):
    pose = {"id": 1, "image_id": 1, "category_id": 1, "keypoints": [3, 4, 2, 5, 6, 2, 0, 0, 0], "iscrowd": 0}
    plant(tmp_path, "instances.json", document([image(1, "a.jpg")], [pose], categories=[PERSON]), "a.jpg")
    dataset, (entry,) = read(tmp_path)
    assert bounds(coco.labels(entry, dataset).objects.evidence[0]) == (3, 4, 6, 7)
    (made,) = written(dataset, rows(dataset, [entry])).values()
    assert made["annotations"][0] == pose | {"bbox": [3, 4, 3, 3], "area": 9, "num_keypoints": 2}


def test_holes_are_written_as_run_lengths_and_rotated_boxes_as_polygons():
    square = np.array([[1, 1], [7, 1], [7, 7], [1, 7]], float)
    holed = Outline(((square, square[::-1] / 2 + 2),))
    turned = Outline(((np.array([[10, 1], [14, 4], [12, 8], [8, 5]], float),),), "rotated")
    dataset = dataset_of("labelme")
    picture = Picture("a.png", (20, 10), Objects.of([Thing("dog", holed), Thing("dog", turned)]))
    (made,) = written(dataset, rows_of([picture], "val", "val")).values()
    first, second = made["annotations"]
    expected = np.zeros((10, 20), bool)
    expected[1:7, 1:7] = True
    expected[2:6, 2:6] = raster(Outline(((square[::-1] / 2 + 2,),)), (20, 10))[2:6, 2:6] ^ True
    assert (cocomask.decode(first["segmentation"]) == expected).all()
    assert first["area"] == 36 - 9
    assert second["segmentation"] == [[10, 1, 14, 4, 12, 8, 8, 5]]


@settings(max_examples=40, deadline=None)
@given(pictures(points=True), st.integers(0, 1))
def test_every_mask_is_what_pycocotools_decodes(found, copy):
    dataset = dataset_of("coco", points=True)
    sealed = rows_of(found, "train", "train", copy)
    for made in written(dataset, sealed).values():
        records = iter(made["annotations"])
        for picture in found:
            for evidence, record in zip(picture.objects.evidence, records):  # noqa: B905
                x, y, width, height = record["bbox"]
                assert (x, y, x + width, y + height) == pytest.approx(bounds(evidence))
                shape = record.get("segmentation")
                if isinstance(shape, dict):
                    decoded = cocomask.decode(shape).astype(bool)
                    assert (decoded == raster(evidence, picture.size)).all()
                    assert record["area"] == decoded.sum()
                    assert cocomask.encode(np.asfortranarray(decoded.astype(np.uint8))) == {
                        "size": shape["size"],
                        "counts": shape["counts"].encode(),
                    }
                else:
                    assert (shape is None) == (evidence.kind == "box")


@settings(max_examples=40, deadline=None)
@given(pictures(kinds=("box", "polygon", "parts", "bitmap"), points=True))
def test_any_dataset_without_holes_survives_writing_and_reading(tmp_path_factory, found):
    root = tmp_path_factory.mktemp("coco")
    dataset = dataset_of("coco", points=True)
    for path, made in written(dataset, rows_of(found, "train", "train")).items():
        plant(root, path, made, *[f"train/{picture.key}" for picture in found])
        again, entries = read(root)
        assert again.categories == dataset.categories
        assert [entry.key for entry in entries] == [picture.key for picture in found]
        for entry, picture in zip(entries, found, strict=True):
            opened = coco.labels(entry, again)
            assert opened.size == picture.size
            objects = [{**each, "extra": None} for each in plain(opened.objects)]
            assert objects == [{**each, "extra": None} for each in plain(picture.objects)]


def test_a_mask_that_fills_columns_to_the_border_has_joined_runs():
    mask = np.zeros((10, 20), bool)
    mask[:, 18:] = True
    dataset = Dataset("voc", categories=(Category("dog", 18),))
    picture = Picture("a.png", (20, 10), Objects.of([Thing("dog", Bitmap(mask))]))
    (made,) = written(dataset, rows_of([picture], home="images")).values()
    reference = cocomask.encode(np.asfortranarray(mask.astype(np.uint8)))
    assert made["annotations"][0]["segmentation"]["counts"] == reference["counts"].decode()


def test_names_that_are_not_utf8_survive_writing():
    dataset = dataset_of("folders")
    (made,) = written(dataset, rows_of([Picture("\udcff.png", (4, 4), Objects())], home="images")).values()
    assert made["images"][0]["file_name"] == "\udcff.png"


def test_columns_of_other_formats_step_aside_for_the_fields_of_coco():
    (row,) = rows_of([Picture("a.png", (4, 4), Objects())], home="images")
    row["labels"]["extra"] = {"id": "x1", "width": "wide", "scene": 3}
    (made,) = written(dataset_of("hf"), [row]).values()
    assert made["images"] == [
        {
            "id": 1,
            "file_name": "a.png",
            "width": 4,
            "height": 4,
            "source_id": "x1",
            "source_width": "wide",
            "scene": 3,
        }
    ]
