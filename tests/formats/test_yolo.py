"""YOLO label files: which task they are of, which rows cannot be right, and what becomes of them."""

import os

import numpy as np
import pytest

from augcli.formats import yolo
from augcli.formats.yolo.rows import SURELY_A_PIXEL
from tests.formats.yolo_trees import keys, read, refused, tree

NAMES = "train: images\nnames: [cat, dog]\n"
BOX = "0 0.5 0.5 0.2 0.4"


def one(tmp_path, text, yaml=NAMES, **options):
    """The entry, objects and dataset of one image with this label text."""
    root = tree(tmp_path, {"images/a.png": text}, {"data.yaml": yaml} if yaml else None)
    dataset, (entry,) = read(root, **options)
    return entry, yolo.labels(entry, dataset), dataset


def why(tmp_path, text, yaml=NAMES, **options):
    return refused(tree(tmp_path, {"images/a.png": text}, {"data.yaml": yaml}), **options)


def corners(labels, index=0):
    return labels.objects.evidence[index].parts[0][0].round(9).tolist()


def test_a_box_is_read_in_shares_of_the_upright_image(tmp_path):
    _, labels, dataset = one(tmp_path, "1 0.5 0.25 0.2 0.5\n")
    assert labels.objects.category == ("dog",)
    assert labels.objects.evidence[0].kind == "box"
    assert corners(labels) == [[0.4, 0.0], [0.6, 0.0], [0.6, 0.5], [0.4, 0.5]]
    assert (labels.relative, labels.size) == (True, None)
    assert (dataset.holds, yolo.holds(dataset)) == ({"boxes"}, {"boxes"})


def test_rows_of_points_are_polygons(tmp_path):
    _, labels, dataset = one(tmp_path, "0 0.1 0.1 0.9 0.1 0.5 0.8\n1 0.1 0.1 0.2 0.1 0.2 0.2 0.1 0.2\n")
    assert [evidence.kind for evidence in labels.objects.evidence] == ["polygon", "polygon"]
    assert corners(labels) == [[0.1, 0.1], [0.9, 0.1], [0.5, 0.8]]
    assert dataset.holds == {"polygons"}


FOUR = "0 0.5 0.1 0.9 0.5 0.5 0.9 0.1 0.5\n"


def test_four_corners_in_every_row_are_rotated_boxes_and_it_is_said(tmp_path):
    _, labels, dataset = one(tmp_path, FOUR)
    assert labels.objects.evidence[0].kind == "rotated"
    assert dataset.holds == {"rotated"}
    assert any("taken as rotated boxes" in note for note in dataset.notes)


def test_the_task_of_data_yaml_decides_what_four_corners_are(tmp_path):
    _, labels, dataset = one(tmp_path, FOUR, NAMES + "task: segment\n")
    assert labels.objects.evidence[0].kind == "polygon"
    assert not any("rotated" in note for note in dataset.notes)


POSE = NAMES + "kpt_shape: [2, 3]\nflip_idx: [1, 0]\n"


def test_poses_have_a_box_and_keypoints(tmp_path):
    _, labels, dataset = one(tmp_path, f"{BOX} 0.25 0.5 2 0 0 0\n", POSE)
    assert labels.objects.keypoints[0].tolist() == [[0.25, 0.5, 2.0], [0.0, 0.0, 0.0]]
    assert corners(labels)[0] == [0.4, 0.3]
    assert [(c.keypoints, c.flip) for c in dataset.categories] == [(("0", "1"), (1, 0))] * 2
    assert dataset.holds == {"boxes", "keypoints"}


def test_keypoints_without_a_visibility_are_visible(tmp_path):
    _, labels, dataset = one(tmp_path, f"{BOX} 0.25 0.5 1 0\n", NAMES + "kpt_shape: [2, 2]\n")
    assert labels.objects.keypoints[0].tolist() == [[0.25, 0.5, 2.0], [1.0, 0.0, 2.0]]
    assert any("no flip_idx" in note for note in dataset.notes)
    assert any("no visibility" in note for note in dataset.notes)


def test_empty_and_missing_label_files_are_background(tmp_path):
    images = {"images/a.png": "", "images/b.png": None, "images/c.png": " \n\n", "images/d.png": BOX}
    dataset, entries = read(tree(tmp_path, images, {"data.yaml": NAMES}))
    assert [len(yolo.labels(entry, dataset).objects) for entry in entries] == [0, 0, 0, 1]
    assert "3 images are background (1 without a label file)" in dataset.notes


@pytest.mark.parametrize(
    "text", [f"\ufeff{BOX}\r\n", f"  {BOX}  \n\n", BOX.replace(" ", "\t"), f"0.0{BOX[1:]}"]
)
def test_byte_order_marks_line_ends_tabs_and_classes_with_a_point_are_read(tmp_path, text):
    assert one(tmp_path, text)[0].labels == BOX.encode()


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("0 0.5 0.5 0.2", "4 columns; a box has 5: class x y w h"),
        (f"{BOX} 0.9", "6 columns; a box has 5: class x y w h"),
        ("2 0.5 0.5 0.2 0.4", "class 2 is not among the 2 of data.yaml (0 to 1)"),
        ("-1 0.5 0.5 0.2 0.4", "'-1' is no class number"),
        ("0.5 0.5 0.5 0.2 0.4", "'0.5' is no class number"),
        ("nan 0.5 0.5 0.2 0.4", "'nan' is no class number"),
        ("cat 0.5 0.5 0.2 0.4", "'cat' is no class number"),
        ("0 nan 0.5 0.2 0.4", "holds a coordinate that is no finite number"),
        ("0 0.5 inf 0.2 0.4", "holds a coordinate that is no finite number"),
        ("0 0.5 x 0.2 0.4", "'x' is no number"),
        ("0 0.5 1_0 0.2 0.4", "'1_0' is no number"),
        ("0 0.5 0.5 -0.2 0.4", "is inverted"),
        ("0 0.5 0.5 0 0.4", "has no area"),
        ("0 1.5 0.5 0.2 0.4", "lies outside the image"),
        ("0 50 25 20 20", "lies outside the image"),
        ("0 0.95 0.5 0.2 0.4", "leaves the image of 100 x 50 pixels by 5"),
        (
            "0 0.1 0.1 0.9 0.1 0.5 0.8",
            "7 columns; a box has 5: class x y w h; segment and detection rows do not",
        ),
    ],
)
def test_a_row_that_cannot_be_right_is_refused_with_its_line(tmp_path, row, said):
    text = why(tmp_path, f"{BOX}\n{BOX}\n{row}\n")
    assert text.startswith("labels/a.txt:3: ")
    assert said in text
    assert "--set labels.invalid=drop" in text or "(or drop)" in text


def test_every_mistake_is_listed(tmp_path):
    text = why(tmp_path, f"7 0.5 0.5 0.2 0.4\n{BOX}\n0 0.5\n0 nan 0.5 0.1 0.1\n")
    assert [line.split(": ")[0] for line in text.splitlines()] == [f"labels/a.txt:{n}" for n in (1, 3, 4)]


@pytest.mark.parametrize("policy", ["drop", "clip"])
def test_other_policies_leave_out_what_cannot_be_mended_and_say_how_many(tmp_path, policy):
    entry, _, dataset = one(tmp_path, f"7 0.5 0.5 0.2 0.4\n{BOX}\n0 nan 0.5 0.1 0.1\n", invalid=policy)
    assert entry.labels == BOX.encode()
    assert any(note.startswith("2 invalid labels were left out (first: ") for note in dataset.notes)


def test_clip_cuts_what_leaves_the_image_and_drop_leaves_it_out(tmp_path):
    text = f"{BOX}\n0 0.95 0.5 0.2 0.4\n"
    _, labels, dataset = one(tmp_path, text, invalid="clip")
    assert corners(labels, 1) == [[0.85, 0.3], [1.0, 0.3], [1.0, 0.7], [0.85, 0.7]]
    assert any("1 label left the image and was clipped" in note for note in dataset.notes)
    assert one(tmp_path, text, invalid="drop")[0].labels == BOX.encode()


@pytest.mark.parametrize(
    ("row", "ok"),
    [
        ("0 0.5 0.5 1.0000001 1", True),
        ("0 0.5049 0.5 1 1", True),  # 0.49 of 100 pixels
        ("0 0.5 0.51 1 1", True),  # half of one of 50
        ("0 0.5 0.5199 1 1", True),
        ("0 0.5 0.5201 1 1", False),
        ("0 0.5101 0.5 1 1", False),
    ],
)
def test_an_overshoot_of_up_to_one_pixel_is_clipped_and_counted(tmp_path, row, ok):
    if not ok:
        assert "leaves the image of 100 x 50 pixels by 1.0" in why(tmp_path, row)
        return
    _, labels, dataset = one(tmp_path, row)
    assert all(0.0 <= value <= 1.0 for point in corners(labels) for value in point)
    assert any("1 label overshot the image by up to a pixel" in note for note in dataset.notes)


def test_six_digits_overshoot_by_less_than_a_pixel_without_a_look_at_the_image(tmp_path):
    root = tree(tmp_path, {"images/a.png": "0 0.083333 0.5 0.166667 1"}, {"data.yaml": NAMES})
    (root / "images/a.png").write_bytes(b"no image")
    _, (entry,) = read(root)
    assert entry.labels == b"0 0.08333325 0.5 0.1666665 1"
    assert SURELY_A_PIXEL * 65535 == 1


def test_polygons_and_rotated_boxes_are_clipped_too(tmp_path):
    _, labels, _ = one(tmp_path, "0 0.5 0.5 1.005 0.5 0.5 1.0\n")
    assert np.max(corners(labels)) == 1.0
    four = "0 0.5 -0.2 0.9 0.3 0.5 0.8 0.1 0.3\n"
    assert "a polygon leaves the image" in why(tmp_path, four)
    _, labels, _ = one(tmp_path, four, invalid="clip")
    points = np.array(corners(labels))
    assert points.shape == (4, 2)
    assert points.min() >= 0.0


@pytest.mark.parametrize("row", ["0 0.1 0.1 0.5 0.5 0.9 0.9", "0 nan 0.1 0.5 0.5 0.9 0.1", "0 2 2 3 2 3 3"])
def test_polygons_without_area_or_outside_are_refused(tmp_path, row):
    good = "0 0.1 0.1 0.9 0.1 0.5 0.8\n"
    assert why(tmp_path, good + row).startswith("labels/a.txt:2: ")


def test_keypoints_outside_are_refused_or_no_longer_labelled(tmp_path):
    text = f"{BOX} 0.25 0.5 2 1.2 0.5 1\n"
    assert "keypoint 2 lies outside the image of 100 x 50 pixels by 20" in why(tmp_path, text, POSE)
    _, labels, _ = one(tmp_path, text, POSE, invalid="clip")
    assert labels.objects.keypoints[0].tolist() == [[0.25, 0.5, 2.0], [0.0, 0.0, 0.0]]


def test_a_clipped_keypoint_without_a_visibility_gets_one(tmp_path):
    yaml = NAMES + "kpt_shape: [2, 2]\n"
    _, labels, _ = one(tmp_path, f"{BOX} 0.25 0.5 1.2 0.5\n", yaml, invalid="clip")
    assert labels.objects.keypoints[0].tolist() == [[0.25, 0.5, 2.0], [0.0, 0.0, 0.0]]


@pytest.mark.parametrize("v", ["0.87", "3", "-1", "nan"])
def test_visibilities_are_0_1_or_2(tmp_path, v):
    text = why(tmp_path, f"{BOX} 0.25 0.5 2 0.1 0.1 {v}\n", POSE)
    assert f"{v} is no visibility of a keypoint (0, 1 or 2)" in text


def test_poses_of_another_length_are_refused(tmp_path):
    assert "8 columns; a pose has 11: class x y w h and 2 x 3 of keypoints" in why(
        tmp_path, f"{BOX} 1 1 2", POSE
    )


def test_rows_that_stand_twice_are_kept_and_noted(tmp_path):
    entry, _, dataset = one(tmp_path, f"{BOX}\n{BOX}\n")
    assert entry.labels.count(b"\n") == 1
    assert any(note.startswith("1 row stands twice") for note in dataset.notes)


def test_labels_without_an_image_are_refused_or_counted(tmp_path):
    root = tree(tmp_path, {"images/a.png": BOX}, {"data.yaml": NAMES, "labels/gone.txt": BOX})
    assert refused(root).startswith("labels/gone.txt: labels without an image; restore the image, or go on: ")
    assert any("1 invalid label was left out" in note for note in read(root, invalid="drop")[0].notes)


def test_labels_of_excluded_images_are_no_mistake(tmp_path):
    root = tree(tmp_path, {"images/a.png": BOX, "images/b.png": "9 nonsense"}, {"data.yaml": NAMES})
    dataset, entries = read(root, exclude=("images/b.png",))
    assert (keys(entries), dataset.ignored["excluded"]) == ([("", "a.png")], 1)


def test_text_that_is_not_utf_8_is_refused(tmp_path):
    more = {"data.yaml": NAMES, "labels/a.txt": b"0 0.5\n\xff"}
    root = tree(tmp_path, {"images/a.png": BOX, "images/b.png": "9"}, more)
    told = refused(root).splitlines()
    assert told[0].startswith("labels/a.txt: is not UTF-8 text (line 2); ") and told[1].startswith(
        "labels/b.txt:1: 1"
    )
    assert keys(read(root, invalid="drop")[1]) == [("", "b.png")]


def test_labels_that_are_links_out_of_the_dataset_are_refused(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/a.txt").write_text(BOX)
    root = tree(tmp_path / "set", {"images/a.png": None, "more/images/a.png": None}, {"labels/b.md": ""})
    os.symlink(tmp_path / "elsewhere/a.txt", root / "labels/a.txt")
    os.symlink(tmp_path / "elsewhere", root / "more/labels")
    text = refused(root)
    assert "labels/a.txt: is a link that leaves the dataset" in text
    assert "more/labels: is a link that leaves the dataset" in text


def test_images_that_are_no_use_keep_their_place_without_labels(tmp_path):
    root = tree(
        tmp_path, {"images/a.png": BOX}, {"data.yaml": NAMES, "images/b.avif": "", "labels/b.txt": BOX}
    )
    _, entries = read(root)
    assert [(entry.key, entry.error) for entry in entries] == [
        ("a.png", None),
        ("b.avif", "unsupported_format"),
    ]
