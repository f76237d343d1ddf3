"""COCO trees as people have them, and label files that are wrong in every way."""

import contextlib
import io
import json
import mmap

import pytest

from augcli import formats
from augcli.errors import UsageError
from augcli.formats import Source, coco
from tests.formats.coco_trees import document, image, note, plant, read, rows, written


def refused(root, **options):
    with pytest.raises(UsageError) as caught:
        read(root, **options)
    return str(caught.value)


ONE = document([image(1, "a.jpg")], [note(1, 1)])


@pytest.mark.parametrize(
    ("labels", "picture", "id_"),
    [
        ("annotations/instances_train2017.json", "train2017/a.jpg", "train2017/a.jpg"),
        ("annotations/instances_train2017.json", "images/train2017/a.jpg", "train2017/a.jpg"),
        ("annotations/instances_train2017.json", "images/a.jpg", "train2017/a.jpg"),
        ("annotations/person_keypoints_val2017.json", "val2017/a.jpg", "val2017/a.jpg"),
        ("annotations/train.json", "train/images/a.jpg", "train/a.jpg"),
        ("annotations/train_annotations.json", "train/a.jpg", "train/a.jpg"),
        ("annotations/instances_default.json", "images/a.jpg", "a.jpg"),
        ("train/_annotations.coco.json", "train/a.jpg", "train/a.jpg"),
        ("valid/labels.json", "valid/a.jpg", "valid/a.jpg"),
        ("_annotations.coco.json", "a.jpg", "a.jpg"),
        ("result.json", "images/a.jpg", "a.jpg"),
        ("labels.json", "data/a.jpg", "a.jpg"),
    ],
)
def test_the_usual_layouts_are_recognised(tmp_path, labels, picture, id_):
    plant(tmp_path, labels, ONE, picture)
    dataset, (entry,) = formats.read("auto", Source(str(tmp_path)))
    assert dataset.format == "coco"
    assert (entry.id, entry.path, entry.error) == (id_, str(tmp_path / picture), None)


def test_what_is_no_coco_is_not_taken_for_it(tmp_path):
    plant(tmp_path, "a.json", {"version": "5", "shapes": [], "imagePath": "a.jpg"}, "a.jpg")
    plant(tmp_path, "b.json", b"\xff\x00 nonsense")
    (tmp_path / "folder.json").mkdir()
    assert coco.sniff(tmp_path) == 0
    assert coco.sniff(tmp_path / "missing") == 0
    assert "no COCO label file" in refused(tmp_path)


def test_the_run_file_of_an_output_is_no_label_file(tmp_path):
    (tmp_path / "run.json").write_text('{"dataset": {"categories": []}, "images": []}')
    assert coco.sniff(tmp_path) == 0
    plant(tmp_path, "labels.json", ONE, "a.jpg")
    dataset, (entry,) = formats.read("auto", Source(str(tmp_path)))
    assert dataset.format == "coco" and entry.key == "a.jpg"


def test_splits_of_one_dataset_are_read_together_and_may_share_names(tmp_path):
    for split in ("train", "valid"):
        plant(tmp_path, f"{split}/_annotations.coco.json", ONE, f"{split}/a.jpg")
    dataset, entries = read(tmp_path)
    assert [entry.id for entry in entries] == ["train/a.jpg", "valid/a.jpg"]
    assert [entry.path for entry in entries] == [str(tmp_path / entry.id) for entry in entries]
    assert sorted(written(dataset, rows(dataset, entries))) == [
        "annotations/instances_train.json",
        "annotations/instances_valid.json",
    ]


def test_labels_and_images_may_stand_apart(tmp_path):
    plant(tmp_path / "labels", "x.json", ONE)
    plant(tmp_path / "labels", "sub/instances_val.json", ONE)
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures/a.jpg").write_bytes(b"x")
    for given, id_ in (("labels/x.json", "a.jpg"), ("labels/sub", "val/a.jpg")):
        source = Source(str(tmp_path / "pictures"), annotations=str(tmp_path / given))
        ((entry,),) = formats.read("auto", source)[1:]
        assert (entry.id, entry.error) == (id_, None)
    assert "no such file" in refused(tmp_path, annotations=str(tmp_path / "none"))


def test_keypoint_files_stand_back_behind_instances_and_that_is_said(tmp_path):
    for kind in ("instances", "person_keypoints", "captions"):
        plant(tmp_path, f"annotations/{kind}_train2017.json", ONE, "train2017/a.jpg")
    notes = " ".join(read(tmp_path)[0].notes)
    assert "person_keypoints_train2017.json is not read beside instances_train2017.json" in notes
    assert "captions_train2017.json holds no objects" in notes


def test_label_files_that_name_no_split_are_refused_together(tmp_path):
    plant(tmp_path, "annotations/a.json", ONE)
    plant(tmp_path, "annotations/b.json", ONE)
    assert "a.json, b.json: it cannot be told" in refused(tmp_path)


def test_images_without_labels_stay_missing_ones_are_refused_and_unnamed_ones_are_noted(tmp_path):
    source = document([image(1, "a.jpg"), image(2, "gone.jpg")], [])
    plant(tmp_path, "annotations/instances_train.json", source, "train/a.jpg", "train/loose.jpg")
    assert "image 2: the image 'train/gone.jpg' is not there; restore it" in refused(tmp_path)
    dataset, entries = read(tmp_path, invalid="drop")
    assert [(entry.key, entry.error) for entry in entries] == [("a.jpg", None)]
    assert len(coco.labels(entries[0], dataset).objects) == 0
    assert "1 image stands in no label file and is left out (first: train/loose.jpg)" in dataset.notes
    (made,) = written(dataset, rows(dataset, entries[:1])).values()
    assert (len(made["images"]), made["annotations"]) == (1, [])


def test_excluded_images_take_their_labels_with_them(tmp_path):
    source = document([image(1, "a.jpg"), image(2, "b.jpg")], [note(1, 1), note(2, 2, bbox=[1, 1, -5, 1])])
    plant(tmp_path, "instances.json", source, "a.jpg", "b.jpg")
    dataset, entries = read(tmp_path, exclude=("b*",))
    assert [entry.key for entry in entries] == ["a.jpg"]
    assert [entry.key for entry in read(tmp_path, include=("a*",))[1]] == ["a.jpg"]
    assert dataset.ignored["excluded"] == 1


def test_folders_that_only_repeat_the_split_leave_the_key(tmp_path):
    for name in ("images/train/x/a.jpg", "train/x/a.jpg"):
        plant(tmp_path, "annotations/instances_train.json", document([image(1, name)], []), name)
        assert read(tmp_path)[1][0].id == "train/x/a.jpg"


@pytest.mark.parametrize(
    "name", ["../a.jpg", "/etc/a.jpg", "x/../../a.jpg", "..\\a.jpg", "C:/a.jpg", "a\0.jpg"]
)
@pytest.mark.parametrize("invalid", ["refuse", "drop", "clip"])
def test_a_path_that_leaves_the_dataset_is_refused_whatever_the_policy(tmp_path, name, invalid):
    (tmp_path / "a.jpg").write_bytes(b"x")
    plant(tmp_path / "data", "instances.json", document([image(1, name)], [note(1, 1)]), "b.jpg")
    assert "image 1: " in (text := refused(tmp_path / "data", invalid=invalid))
    assert "leaves the dataset" in text


@pytest.mark.parametrize("name", ["link.jpg", "folder/a.jpg"])
def test_a_link_that_leaves_the_dataset_is_refused(tmp_path, name):
    (tmp_path / "a.jpg").write_bytes(b"x")
    plant(tmp_path / "data", "instances.json", document([image(1, name)], []))
    (tmp_path / "data/link.jpg").symlink_to(tmp_path / "a.jpg")
    (tmp_path / "data/folder").symlink_to(tmp_path)
    assert "link that leaves the dataset" in refused(tmp_path / "data")


BAD = {
    "inverted": note(9, 1, bbox=[5, 5, -3, 2]),
    "no area": note(9, 1, bbox=[5, 5, 0, 2]),
    "outside the image of 20 x 10": note(9, 1, bbox=[50, 50, 3, 2]),
    "four numbers": note(9, 1, bbox=[1, 2, 3]),
    "Expected `float`": note(9, 1, bbox=[1, 2, "3", 4]),
    "neither bbox nor segmentation": note(9, 1, bbox=None),
    "image 77 is not": note(9, 77),
    "category 5 is not": note(9, 1, category_id=5),
    "stands twice": note(1, 1),
    "2 points|3 points": note(9, 1, segmentation=[[1, 1, 2, 2]]),
    "polygons have no area": note(9, 1, segmentation=[[1, 1, 2, 2, 3, 3]]),
    "polygons lie outside": note(9, 1, segmentation=[[30, 1, 32, 2, 33, 13]]),
    "made for 5 x 4": note(9, 1, segmentation={"size": [4, 5], "counts": [20]}),
    "make 21": note(9, 1, segmentation={"size": [10, 20], "counts": [20, 1]}),
    "no pixels": note(9, 1, segmentation={"size": [10, 20], "counts": [200]}),
    "no compressed": note(9, 1, segmentation={"size": [10, 20], "counts": "zz\x01"}),
    "3 numbers; its category names 0": note(9, 1, keypoints=[1, 2, 2]),
    "nested too deeply": note(9, 1, deep=json.loads("[" * 100 + "]" * 100)),
}


@pytest.mark.parametrize(("why", "bad"), BAD.items())
def test_a_bad_annotation_is_named_or_left_out_and_never_ends_in_a_crash(tmp_path, why, bad):
    source = document([image(1, "a.jpg")], [note(1, 1), bad, note(3, 1, bbox=[0, 0, 0, 0])])
    plant(tmp_path, "instances.json", source, "a.jpg")
    text = refused(tmp_path)
    assert any(part in text for part in why.split("|")), text
    assert text.count("instances.json: annotation") == 2
    assert "--set labels.invalid=drop" in text
    for policy in ("drop", "clip"):
        dataset, (entry,) = read(tmp_path, invalid=policy)
        assert coco.labels(entry, dataset).objects.id == (1,)
        assert "2 invalid labels were left out" in " ".join(dataset.notes)


def test_labels_that_leave_the_image_are_cut_when_asked_and_by_a_pixel_always(tmp_path):
    source = document(
        [image(1, "a.jpg")],
        [
            note(1, 1, bbox=[18, 2, 2.0000001, 3]),
            note(2, 1, bbox=[-5, 2, 10, 3], area=30),
            note(3, 1, segmentation=[[10, 5, 30, 5, 30, 8, 10, 8]], bbox=[10, 5, 20, 3], area=60),
        ],
    )
    plant(tmp_path, "instances.json", source, "a.jpg")
    assert "leaves the image of 20 x 10 pixels by 5" in refused(tmp_path)
    dataset, (entry,) = read(tmp_path, invalid="clip")
    assert "1 label overshot" in " ".join(dataset.notes)
    (made,) = written(dataset, rows(dataset, [entry])).values()
    assert [each["bbox"] for each in made["annotations"]] == [[18, 2, 2, 3], [0, 2, 5, 3], [10, 5, 10, 3]]
    dataset, (entry,) = read(tmp_path, invalid="drop")
    assert coco.labels(entry, dataset).objects.id == (1,)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b'{"images": [],\n"annotations": [NaN], "categories": []}', "json:2: holds NaN, which is"),
        (b'{"images": [], "annotations": [-Infinity]}', "json:1: holds Infinity"),
        (b'{"images": [], "annotations": [Nan]}', "json:1: is no COCO file"),
        (b'{"images": [], "annotations": [', "is no COCO file"),
        (b'{"images": [], "categories": [], "images": []}', "the key 'images' twice"),
        (b'{"images": [], "info": {"a": 1, "a": 2}}', "the key 'a' twice"),
        (b'{"images": {}}', "a list was expected"),
        (b'{"images": [[1]], "annotations": []}', "images[0]: is no object"),
        (b'{"images": [{"id": 1, "file_name": "\xff.jpg"}]}', "not UTF-8"),
        (b'{"images": [' + b"[" * 100_000, "nested too deeply"),
        (b'{"images": [{"id": 1, "file_name": "a.txt"}]}', "no image file"),
        (b'{"images": [{"id": true, "file_name": "a.jpg"}]}', "neither a whole number nor text"),
        (b'{"images": [{"id": 1, "file_name": "a.jpg", "width": "9", "height": 3}]}', "no size in pixels"),
        (b'{"images": [{"id": 1, "file_name": "a.jpg", "width": 99999, "height": 99999}]}', "no size of an"),
        (b'{"images": [{"id": 1, "file_name": "a.jpg", "x": 1e999}]}', "too large"),
        (b'{"images": [], "categories": [{"id": "1", "name": "a"}]}', "no whole number"),
        (b'{"images": [], "categories": [{"id": 1, "name": "a"}, {"id": 1, "name": "b"}]}', "twice"),
        (b'{"images": [], "categories": [{"id": 1, "name": "a", "skeleton": [[1, 2]]}]}', "skeleton names"),
    ],
)
def test_a_file_that_cannot_be_right_is_refused_with_the_reason(tmp_path, text, why):
    plant(tmp_path, "instances.json", b"\xef\xbb\xbf" + text, "a.jpg")
    assert why in refused(tmp_path, annotations=str(tmp_path / "instances.json"))


def test_an_annotation_with_a_key_twice_is_found_without_decoding_all_of_them(tmp_path):
    text = json.dumps(ONE).replace('"area": 12', '"area": 12, "area": 13')
    plant(tmp_path, "instances.json", text.encode(), "a.jpg")
    assert "has the key 'area' twice" in refused(tmp_path)


def test_images_that_stand_twice_are_named(tmp_path):
    source = document([image(1, "a.jpg"), image(2, "a.jpg"), image(1, "b.jpg")], [])
    plant(tmp_path, "instances.json", source, "a.jpg", "b.jpg")
    text = refused(tmp_path)
    assert "image 2: 'a.jpg' is image 1 already" in text
    assert "the id 1 stands twice" in text


def test_files_that_number_their_categories_differently_are_refused(tmp_path):
    other = ONE | {"categories": [{"id": 18, "name": "cat"}, {"id": 2, "name": "person"}]}
    plant(tmp_path, "annotations/instances_train.json", ONE, "train/a.jpg")
    plant(tmp_path, "annotations/instances_val.json", other, "val/a.jpg")
    text = refused(tmp_path)
    assert "id 18 is 'cat' here and 'dog' in another file" in text
    assert "'person' has the id 2 here and 1 in another file" in text


def test_pretty_printed_files_are_packed_without_their_spaces(tmp_path):
    plant(tmp_path, "instances.json", json.dumps(ONE, indent=4).encode(), "a.jpg")
    assert b" " not in read(tmp_path)[1][0].labels


@pytest.mark.parametrize("order", [("images", "annotations"), ("annotations", "images")])
def test_text_is_given_up_behind_the_record_that_is_read_and_never_before(tmp_path, monkeypatch, order):
    monkeypatch.setattr("augcli.formats.coco.document._STEP", mmap.PAGESIZE)
    source = document(
        [image(1, "a.jpg"), image(2, "b.jpg")],
        [note(number, 1 + number % 2, text="x" * 97) for number in range(1, 801)],
    )
    source = {key: source[key] for key in (*order, "categories")}
    plant(tmp_path, "instances.json", source, "a.jpg", "b.jpg")
    dataset, entries = read(tmp_path)
    assert [len(coco.labels(entry, dataset).objects) for entry in entries] == [400, 400]
    assert dataset.info["largest"] == {"annotation": 800, "image": 2}


def test_evaluation_of_an_output_against_itself_is_perfect(tmp_path):
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    plant(
        tmp_path,
        "instances.json",
        document([image(1, "a.jpg")], [note(0, 1), note(2, 1, bbox=[9, 1, 5, 5])]),
        "a.jpg",
    )
    dataset, entries = read(tmp_path)
    (made,) = written(dataset, rows(dataset, entries)).values()
    (tmp_path / "out.json").write_text(json.dumps(made))
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(str(tmp_path / "out.json"))
        found = truth.loadRes([each | {"score": 1.0} for each in made["annotations"]])
        evaluation = COCOeval(truth, found, "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    assert evaluation.stats[0] == 1.0
