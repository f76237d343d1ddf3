"""YOLO label text written: nothing in it that a reader would drop, and the same fields when it comes back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from augcli.formats import yolo
from augcli.formats.contract import Output
from augcli.formats.yolo.rings import single_ring
from augcli.formats.yolo.rows import Kind
from augcli.formats.yolo.text import objects_of, text_of
from augcli.labels import raster
from augcli.objects import Bitmap, Objects, Outline, Thing
from augcli.sample import Category, Dataset

NAMES = ("cat", "dog")
NUMBERS = {"cat": 0, "dog": 1}
SIZE = (100, 50)


def polygon(*rings):
    return tuple(np.array(ring, dtype=np.float64) for ring in rings)


def square(x0, y0, x1, y1):
    return [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]


def written(*things, kind="detect", size=SIZE, boxes=None):
    kind = kind if isinstance(kind, Kind) else Kind(kind)
    found = [_bounds(thing.evidence) for thing in things] if boxes is None else boxes
    return text_of(Objects.of(things), found, size, kind, NUMBERS)


def _bounds(evidence):
    points = np.concatenate([part[0] for part in evidence.parts])
    return (*points.min(axis=0).tolist(), *points.max(axis=0).tolist())


def pixels(objects, size):
    """The objects of shares, in pixels of a frame: what a pipeline does between reading and writing."""
    scale = np.array(size, dtype=np.float64)
    things = []
    for index, name in enumerate(objects.category):
        outline, points = objects.evidence[index], objects.keypoints[index]
        parts = tuple(tuple(ring * scale for ring in part) for part in outline.parts)
        moved = None if points is None else np.column_stack([points[:, :2] * scale, points[:, 2]])
        things.append(Thing(name, Outline(parts, outline.kind), moved))
    return things


def test_a_box_is_its_centre_and_size_in_shares():
    assert written(Thing("dog", Outline.box(10, 5, 30, 15))) == "1 0.2 0.2 0.2 0.2\n"


def test_no_objects_are_an_empty_file():
    assert written() == ""


def test_boxes_are_those_of_the_output_not_of_the_outline():
    assert written(Thing("cat", Outline.box(0, 0, 1, 1)), boxes=[(10, 5, 30, 15)]) == "0 0.2 0.2 0.2 0.2\n"


def test_a_rotated_box_is_its_four_corners_while_it_has_four():
    ring = [[50, 5], [90, 25], [50, 45], [10, 25]]
    text = written(Thing("cat", Outline((polygon(ring),), "rotated")), kind="obb")
    assert text == "0 0.5 0.1 0.9 0.5 0.5 0.9 0.1 0.5\n"


def test_a_rotated_box_that_was_cut_is_the_least_rectangle_around_it():
    ring = [[0, 20], [10, 10], [30, 10], [30, 30], [10, 30]]
    text = written(Thing("cat", Outline((polygon(ring),), "rotated")), kind="obb")
    values = np.array(text.split()[1:], dtype=float).reshape(4, 2) * SIZE
    assert sorted(map(tuple, values.round(6).tolist())) == [(0, 10), (0, 30), (30, 10), (30, 30)]


def test_a_box_among_polygons_is_its_corners():
    text = written(Thing("cat", Outline.box(10, 5, 30, 15)), kind="segment")
    assert text == "0 0.1 0.1 0.3 0.1 0.3 0.3 0.1 0.3\n"


def test_keypoints_outside_are_not_labelled_and_missing_ones_padded():
    points = np.array([[25.0, 25.0, 2.0], [101.0, 25.0, 2.0], [100.0, 0.0, 1.0]])
    things = (Thing("cat", Outline.box(10, 5, 30, 15), points), Thing("dog", Outline.box(10, 5, 30, 15)))
    text = written(*things, kind=Kind("pose", 4, 3))
    assert text.splitlines() == [
        "0 0.2 0.2 0.2 0.2 0.25 0.5 2 0 0 0 1 0 1 0 0 0",
        "1 0.2 0.2 0.2 0.2 0 0 0 0 0 0 0 0 0 0 0 0",
    ]


def test_a_crowd_is_left_out_because_a_row_would_make_it_one_object():
    crowd = Thing("cat", Outline.box(10, 5, 30, 15), crowd=True)
    assert written(crowd, Thing("dog", Outline.box(10, 5, 30, 15))) == "1 0.2 0.2 0.2 0.2\n"


def test_what_rounds_to_nothing_still_has_an_area():
    tiny = Outline((polygon([[99.9999999999, 50], [100, 50], [100, 49.9999999999]]),))
    values = np.array(written(Thing("cat", tiny), kind="segment").split()[1:], dtype=float).reshape(-1, 2)
    assert len(np.unique(values, axis=0)) >= 3
    box = np.array(written(Thing("cat", tiny)).split()[1:], dtype=float)
    assert (box[2:] > 0).all()
    assert (box <= 1).all()


@pytest.mark.parametrize(
    "parts",
    [
        (polygon(square(5, 5, 45, 45), square(10, 10, 20, 20)[::-1]),),
        (polygon(square(5, 5, 45, 45), square(10, 10, 20, 20), square(25, 25, 40, 40)),),
        (polygon(square(5, 5, 15, 15)), polygon(square(60, 20, 90, 45)), polygon(square(30, 5, 40, 10))),
        (polygon(square(5, 5, 40, 40), square(10, 10, 20, 20)), polygon(square(60, 20, 90, 45)[::-1])),
        (polygon(square(5, 5, 40, 40)), polygon(square(20, 20, 60, 45))),
        (polygon(square(5, 5, 40, 40)), polygon(square(10, 10, 20, 20))),
    ],
    ids=["hole", "two holes", "three parts", "hole and part", "overlap", "part in a part"],
)
def test_holes_and_parts_become_one_line_around_the_same_pixels(parts):
    evidence = Outline(parts)
    ring = single_ring(evidence, SIZE)
    assert np.array_equal(raster(Outline(((ring,),)), SIZE), raster(evidence, SIZE))


@given(st.integers(0, 2**32), st.floats(0.1, 0.9))
@settings(max_examples=40, deadline=None)
def test_an_instance_mask_becomes_one_line_around_the_same_pixels(seed, share):
    mask = np.random.default_rng(seed).random((7, 9)) < share
    ring = single_ring(Bitmap(mask, 3, 4), (20, 20))
    expected = np.zeros((20, 20), bool)
    expected[4:11, 3:12] = mask
    if ring is None:
        assert not mask.any()
    else:
        assert np.array_equal(raster(Outline(((ring,),)), (20, 20)), expected)


SHARE = st.integers(0, 10**6).map(lambda n: n / 10**6)
SPAN = st.tuples(SHARE, SHARE).filter(lambda span: abs(span[0] - span[1]) > 1e-5).map(sorted)


def _number(value):
    return f"{value:.9f}".rstrip("0").rstrip(".")


@st.composite
def rows(draw, task):
    number = str(draw(st.integers(0, 1)))
    (x0, x1), (y0, y1) = draw(SPAN), draw(SPAN)
    if task in {"detect", "pose"}:
        cells = [(x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0]
        for _ in range(3 if task == "pose" else 0):
            cells += [draw(SHARE), draw(SHARE), draw(st.integers(0, 2))]
    else:
        more = [] if task == "obb" else draw(st.lists(st.tuples(SHARE, SHARE), max_size=9))
        ring = [(x0, y0), (x1, y0), (x1, y1), *([(x0, y1)] if task == "obb" else []), *more]
        cells = [value for point in ring for value in point]
    return " ".join([number, *map(_number, cells)])


@pytest.mark.parametrize("task", ["detect", "segment", "pose", "obb"])
@given(st.data(), st.tuples(st.integers(1, 5000), st.integers(1, 5000)))
@settings(max_examples=40, deadline=None)
def test_what_is_read_is_written_again_field_for_field(task, data, size):
    kind = Kind("pose", 3, 3) if task == "pose" else Kind(task)
    lines = data.draw(st.lists(rows(task), max_size=4))
    things = pixels(objects_of("\n".join(lines), kind, NAMES), size)
    assert written(*things, kind=kind, size=size).splitlines() == lines


@given(
    st.lists(st.tuples(*[st.floats(-20, 120)] * 4), max_size=5), st.sampled_from(["detect", "segment", "obb"])
)
@settings(max_examples=50, deadline=None)
def test_every_value_written_is_within_the_image_and_comes_back(boxes, task):
    boxes = [(min(x, z), min(y, w), max(x, z), max(y, w)) for x, y, z, w in boxes]
    text = written(*(Thing("cat", Outline.box(*box)) for box in boxes), kind=task, boxes=boxes)
    for line in text.splitlines():
        values = np.array(line.split()[1:], dtype=np.float64)
        assert len(values) == (4 if task == "detect" else 8)
        assert values.min() >= 0.0
        assert values.max() <= 1.0
        if task == "detect":
            assert (values[:2] - values[2:] / 2 >= -1e-12).all()
            assert (values[:2] + values[2:] / 2 <= 1 + 1e-12).all()


def test_classes_of_another_format_are_numbered_in_the_order_of_their_categories():
    dataset = Dataset(
        "coco", categories=(Category("cat", 7), Category("dog", 18)), holds=frozenset({"boxes"})
    )
    objects = Objects.of([Thing("dog", Outline.box(10, 5, 30, 15))])
    output = Output("train", "images/train/x/a__001.jpg", SIZE, objects)
    (file,) = yolo.label_files(dataset, output)
    assert (file.kind, file.path, file.data) == (
        "labels",
        "labels/train/x/a__001.txt",
        b"1 0.2 0.2 0.2 0.2\n",
    )


@pytest.mark.parametrize(
    ("holds", "task"),
    [
        ({"boxes"}, "detect"),
        (set(), "detect"),
        ({"boxes", "polygons", "holes", "crowd"}, "segment"),
        ({"instances"}, "segment"),
        ({"boxes", "rotated"}, "obb"),
        ({"boxes", "polygons", "keypoints"}, "pose"),
    ],
)
def test_the_task_of_another_format_is_the_one_that_holds_most(holds, task):
    dataset = Dataset("coco", categories=(Category("cat", 7, ("nose",)),), holds=frozenset(holds))
    (_, pieces), *_ = yolo.finish(dataset, [{"split": "", "status": "ok"}], False)
    assert f"task: {task}\n".encode() in b"".join(pieces)
    assert yolo.holds(dataset) <= yolo.HOLDS
