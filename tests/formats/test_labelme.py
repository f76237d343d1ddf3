"""LabelMe: shapes field by field, groups as parts and keypoints, masks, shapes of other formats."""

import base64
import dataclasses
import io
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from augcli.errors import ItemError
from augcli.formats import labelme
from augcli.labels import boxes, raster, to_plain
from augcli.objects import Bitmap, Objects, Outline, Thing
from augcli.sample import Category, Dataset
from tests.formats.labelme_trees import (
    TRIANGLE,
    document,
    one,
    png,
    read,
    shape,
    tree,
    write,
    written,
)


def test_a_file_comes_back_field_for_field(tmp_path):
    first = document(
        shape("cat", TRIANGLE, description="a tail", flags={"asleep": True}),
        shape("car", [[2.0, 1.0], [9.5, 6.0]], "rectangle", group_id=7),
        shape("nose", [[3.25, 4.0]], "point", score=0.5),
        myOwn={"deep": [1, 2, None]},
    )
    dataset, (entry,) = read(tree(tmp_path, {"a.jpg": b"x", "a.json": first}))
    assert dataset.holds == {"boxes", "polygons", "keypoints", "attributes", "columns"}
    assert labelme.labels(entry, dataset).size == (20, 10)
    assert entry.present == ("car", "cat", "nose")
    assert written(dataset, entry) == first


def test_the_field_mask_of_newer_versions_stays_null(tmp_path):
    first = document(shape("cat", TRIANGLE, mask=None))
    dataset, (entry,) = read(tree(tmp_path, {"a.jpg": b"x", "a.json": first}))
    assert written(dataset, entry) == first


numbers = st.floats(0, 100, allow_nan=False).map(lambda value: round(value, 3))


names = st.text(min_size=1, max_size=6)


polygons = st.tuples(numbers, numbers, st.floats(1, 50), st.floats(1, 50), names).map(
    lambda v: shape(v[4], [[v[0], v[1]], [v[0] + v[2], v[1]], [v[0], v[1] + v[3]]])
)


rectangles = st.tuples(numbers, numbers, st.floats(1, 50), st.floats(1, 50), names).map(
    lambda v: shape(v[4], [[v[0], v[1]], [v[0] + v[2], v[1] + v[3]]], "rectangle")
)


points = st.tuples(numbers, numbers, names).map(lambda v: shape(v[2], [[v[0], v[1]]], "point"))


@given(st.lists(polygons | rectangles | points, max_size=5))
@settings(max_examples=40, deadline=None)
def test_shapes_come_back_to_the_last_bit(tmp_path_factory, shapes):
    root = tree(tmp_path_factory.mktemp("x"), {"a.jpg": b"x", "a.json": document(*shapes, size=(200, 200))})
    dataset, (entry,) = read(root)
    assert written(dataset, entry)["shapes"] == shapes


def test_corners_may_stand_in_any_order(tmp_path):
    corners = [[9.0, 1.0], [2.0, 6.0]], [[2, 1], [9, 1], [9, 6], [2, 6]]
    dataset, (entry,) = read(one(tmp_path, *(shape("car", points, "rectangle") for points in corners)))
    assert boxes(labelme.labels(entry, dataset).objects).tolist() == [[2, 1, 9, 6]] * 2


def test_a_shape_without_a_type_is_a_polygon(tmp_path):
    old = {"label": "cat", "points": TRIANGLE, "line_color": None, "fill_color": None}
    dataset, (entry,) = read(one(tmp_path, old))
    assert written(dataset, entry)["shapes"] == [old | {"shape_type": "polygon"}]


def test_circles_stay_circles_while_they_are_round(tmp_path):
    first = shape("ball", [[5.5, 5.25], [8.5, 9.25]], "circle")
    dataset, (entry,) = read(one(tmp_path, first))
    objects = labelme.labels(entry, dataset).objects
    x0, y0, x1, y1 = boxes(objects)[0]
    assert (x0, x1) == pytest.approx((0.5, 10.5), abs=0.02)
    assert (y0, y1) == pytest.approx((0.25, 10.25), abs=0.02)
    assert written(dataset, entry)["shapes"] == [first]
    (ring,) = objects.evidence[0].parts[0]
    squeezed = Outline(((ring * [1.0, 0.5],),))
    flat = Objects.of([Thing("ball", squeezed, extra=objects.extra[0])])
    (found,) = write(dataset, flat)["shapes"]
    assert (found["shape_type"], len(found["points"])) == ("polygon", 64)


def test_polygons_of_one_group_and_label_are_parts_of_one_object(tmp_path):
    second = [[10, 1], [12, 1], [12, 3]]
    shapes = [
        shape("cat", TRIANGLE, group_id=3),
        shape("cat", second, group_id=3),
        shape("dog", second, group_id=3),
        shape("cat", second, group_id=4),
    ]
    dataset, (entry,) = read(one(tmp_path, *shapes))
    objects = labelme.labels(entry, dataset).objects
    assert [
        (name, len(found.parts)) for name, found in zip(objects.category, objects.evidence, strict=True)
    ] == [
        ("cat", 2),
        ("dog", 1),
        ("cat", 1),
    ]
    assert "parts" in dataset.holds
    assert written(dataset, entry)["shapes"] == shapes


def test_points_of_a_group_are_keypoints_of_its_object(tmp_path):
    shapes = [
        shape("person", [[1.0, 1.0], [9.0, 9.0]], "rectangle", group_id=1),
        shape("left_eye", [[3.0, 3.5]], "point", group_id=1),
        shape("right_eye", [[5.0, 3.5]], "point", group_id=1, flags={"occluded": True}),
        shape("person", [[10.0, 1.0], [19.0, 9.0]], "rectangle", group_id=2),
        shape("nose", [[14.0, 5.0]], "point", group_id=2),
        shape("person", [[11.0, 2.0], [18.0, 8.0]], "rectangle"),
    ]
    dataset, (entry,) = read(one(tmp_path, *shapes))
    names = ("left_eye", "right_eye", "nose")
    assert dataset.categories == (Category("person", 1, names, flip=(1, 0, 2)),), (
        "a mirror exchanges the eyes"
    )
    objects = labelme.labels(entry, dataset).objects
    assert objects.keypoints[0].tolist() == [[3, 3.5, 2], [5, 3.5, 1], [0, 0, 0]]
    assert objects.keypoints[1].tolist() == [[0, 0, 0], [0, 0, 0], [14, 5, 2]]
    assert objects.keypoints[2] is None
    assert written(dataset, entry)["shapes"] == shapes


def test_points_stand_alone_where_it_is_not_clear_whose_they_are(tmp_path):
    shapes = [
        shape("cat", TRIANGLE, group_id=1),
        shape("dog", TRIANGLE, group_id=1),
        shape("nose", [[3.0, 3.5]], "point", group_id=1),
        shape("cat", TRIANGLE, group_id=2),
        shape("nose", [[3.0, 4.5]], "point", group_id=2, description="wet"),
        shape("hat", TRIANGLE, group_id=3),
        shape("pin", [[3.0, 3.0]], "point", group_id=3),
        shape("pin", [[4.0, 4.0]], "point", group_id=3),
    ]
    dataset, (entry,) = read(one(tmp_path, *shapes))
    assert len(labelme.labels(entry, dataset).objects) == len(shapes)
    assert written(dataset, entry)["shapes"] == shapes


def test_objects_of_a_mosaic_do_not_share_a_group(tmp_path):
    shapes = [
        shape("person", [[1.0, 1.0], [9.0, 9.0]], "rectangle", group_id=1),
        shape("nose", [[3.0, 3.5]], "point", group_id=1),
    ]
    dataset, (entry,) = read(one(tmp_path, *shapes))
    objects = labelme.labels(entry, dataset).objects
    found = write(dataset, objects.concat(objects))["shapes"]
    assert [item["group_id"] for item in found] == [2, 2, 3, 3]


def test_what_a_mosaic_puts_into_one_group_is_read_as_what_it_was(tmp_path):
    shapes = [
        shape("person", [[1.0, 1.0], [9.0, 9.0]], "rectangle", group_id=1),
        shape("nose", [[3.0, 3.5]], "point", group_id=1),
        shape("cat", TRIANGLE, group_id=2),
        shape("cat", [[11.0, 1.0], [18.0, 2.0], [14.0, 8.0]], group_id=2),
        shape("cat", [[1.0, 1.0], [8.0, 2.0], [4.0, 8.0]], group_id=5),
    ]
    dataset, (entry,) = read(one(tmp_path / "first", *shapes))
    objects = labelme.labels(entry, dataset).objects
    hidden = dataclasses.replace(objects, keypoints=(None,) * len(objects))
    every = objects.concat(hidden).concat(objects)
    again, (other,) = read(one(tmp_path / "again", *write(dataset, every)["shapes"]))
    assert _without_groups(labelme.labels(other, again).objects) == _without_groups(every)


def _without_groups(objects):
    return [{**plain, "extra": None} for plain in to_plain(objects)]


def test_masks_are_read_and_written_by_pixel(tmp_path):
    pixels = [[0, 1, 1], [1, 1, 0]]
    dataset, (entry,) = read(one(tmp_path, shape("cat", [[4, 5], [6, 6]], "mask", mask=png(pixels))))
    assert "instances" in dataset.holds
    objects = labelme.labels(entry, dataset).objects
    full = np.zeros((10, 20), bool)
    full[5:7, 4:7] = pixels
    assert (raster(objects.evidence[0], (20, 10)) == full).all()
    (found,) = written(dataset, entry)["shapes"]
    assert (found["shape_type"], found["points"]) == ("mask", [[4.0, 5.0], [6.0, 6.0]])
    assert np.asarray(Image.open(io.BytesIO(base64.b64decode(found["mask"])))).tolist() == pixels


def test_damaged_masks_cost_their_image(tmp_path):
    text = base64.b64encode(base64.b64decode(png([[1, 1], [1, 1]]))[:45]).decode()
    dataset, (entry,) = read(one(tmp_path, shape("cat", [[4, 5], [5, 6]], "mask", mask=text)))
    with pytest.raises(ItemError, match="the pixels of a mask are damaged"):
        labelme.labels(entry, dataset)


def test_what_has_holes_is_written_as_a_mask():
    ring = np.array([[2.0, 2.0], [8.0, 2.0], [8.0, 8.0], [2.0, 8.0]])
    hole = np.array([[4.0, 4.0], [6.0, 4.0], [6.0, 6.0], [4.0, 6.0]])
    objects = Objects.of([Thing("cat", Outline(((ring, hole),)))])
    (found,) = write(Dataset("coco"), objects)["shapes"]
    expected = np.ones((6, 6), int)
    expected[2:4, 2:4] = 0
    assert found["points"] == [[2.0, 2.0], [7.0, 7.0]]
    assert np.asarray(Image.open(io.BytesIO(base64.b64decode(found["mask"])))).tolist() == expected.tolist()


def test_foreign_objects_get_the_fields_that_labelme_expects():
    dataset = Dataset("coco", categories=(Category("person", 1, keypoints=("nose", "tail")),))
    keypoints = np.array([[3.0, 4.0, 1.0], [0.0, 0.0, 0.0]])
    things = [
        Thing("person", Outline.box(1, 2, 5, 7), keypoints, extra={"score": 0.5}),
        Thing("person", Bitmap(np.ones((1, 2), bool), 3, 4)),
    ]
    found = write(dataset, Objects.of(things), path="images/b.png")
    assert (found["version"], found["imagePath"], found["imageData"]) == ("5.5.0", "b.png", None)
    region, nose, mask = found["shapes"]
    assert region == shape("person", [[1, 2], [5, 7]], "rectangle", group_id=1, score=0.5)
    assert nose == shape("nose", [[3.0, 4.0]], "point", group_id=1, flags={"occluded": True})
    assert mask["shape_type"] == "mask"


def test_the_polygon_of_a_circle_lies_on_it(tmp_path):
    dataset, (entry,) = read(one(tmp_path, shape("a", [[5.0, 5.0], [9.0, 5.0]], "circle")))
    (ring,) = labelme.labels(entry, dataset).objects.evidence[0].parts[0]
    assert [math.hypot(x - 5, y - 5) for x, y in ring.tolist()] == pytest.approx([4.0] * 64)
