"""keep_objects of random_crop and random_resized_crop, and crop_to_object: crops that look at the labels."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from augcli.camera import Camera
from augcli.geometry import Canvas, Move, inverse, move_points, translation
from augcli.objects import Objects, Outline, Thing
from augcli.ops.base import OPS, Drawn, Geometry, View, make
from augcli.ops.keeping import first_that_keeps
from augcli.rng import stream
from augcli.sample import Sample

W, H = 200, 120
CROPS: dict[str, dict[str, Any]] = {
    "random_crop": {"width": 90, "height": 60},
    "random_resized_crop": {"width": 64, "height": 64},
}

Box = tuple[float, float, float, float]


def view(*boxes: Box, width: int = W, height: int = H) -> View:
    return View(width, height, boxes=lambda: np.array(boxes, dtype=np.float64).reshape(-1, 4))


def unasked() -> Any:
    raise AssertionError("the labels were looked at")


def op_of(name: str, **values: object) -> Geometry:
    op = make(OPS[name], **CROPS.get(name, {}), **values)
    assert isinstance(op, Geometry)
    return op


def frame_of(move: Move) -> Box:
    """(x0, y0, x1, y1) of the source that the frame shows."""
    corners = move_points(inverse(move.matrix), [(0, 0), (move.width, move.height)])
    (x0, y0), (x1, y1) = np.rint(corners).tolist()
    return x0, y0, x1, y1


def share(box: Box, frame: Box) -> float:
    """The share of the box inside the frame, counted on a fine grid of points."""
    x = np.linspace(box[0], box[2], 400, endpoint=False) + (box[2] - box[0]) / 800
    y = np.linspace(box[1], box[3], 400, endpoint=False) + (box[3] - box[1]) / 800
    across = ((x > frame[0]) & (x < frame[2])).mean()
    return float(across * ((y > frame[1]) & (y < frame[3])).mean())


def candidates(name: str, drawn: Drawn) -> list[Box]:
    """Every candidate as a crop of its own, without `keep_objects`; those that do not fit are left out."""
    op = op_of(name)
    first = {key: drawn[key] for key in drawn if key not in ("places", "keep_objects")}
    found = [frame_of(op.resolve(first, View(W, H)))]
    for place in drawn["places"]:
        if name == "random_crop":
            found.append(frame_of(op.resolve(first | dict(zip("xy", place, strict=True)), View(W, H))))
            continue
        area, ratio, x, y = place
        width, height = round((area * W * H * ratio) ** 0.5), round((area * W * H / ratio) ** 0.5)
        if width <= W and height <= H:
            left, top = int(x * (W - width + 1)), int(y * (H - height + 1))
            found.append((left, top, left + width, top + height))
    return found


boxes_in_the_frame = st.lists(
    st.tuples(
        st.floats(0, W - 30), st.floats(0, H - 30), st.floats(2, 30), st.floats(2, 30)
    ).map(lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])),
    min_size=1,
    max_size=4,
)  # fmt: skip


@pytest.mark.parametrize("name", CROPS)
def test_by_default_labels_are_not_looked_at_and_nothing_more_is_drawn(name: str) -> None:
    op = op_of(name)
    drawn = op.draw(stream(1))
    assert "keep_objects" not in drawn and "places" not in drawn
    assert op.resolve(drawn, View(W, H, boxes=unasked)).chosen == {}


@pytest.mark.parametrize("name", CROPS)
@pytest.mark.parametrize("rule", ["any", "all"])
def test_looking_at_objects_leaves_the_first_candidate_as_it_was(name: str, rule: str) -> None:
    for seed in range(20):
        plain = op_of(name).resolve(op_of(name).draw(stream(seed)), View(W, H))
        keeping = op_of(name, keep_objects=rule)
        drawn = keeping.draw(stream(seed))
        assert len(drawn["places"]) == 9
        move = keeping.resolve(drawn, view())  # an image without objects has nothing to keep
        assert np.array_equal(move.matrix, plain.matrix)
        assert move.chosen == {"candidate": 1, "keeps": True}


@pytest.mark.parametrize("name", CROPS)
@given(boxes_in_the_frame, st.integers(0, 10**6), st.sampled_from(["any", "all"]))
@settings(max_examples=50, deadline=None)
def test_the_first_candidate_that_keeps_the_objects_is_taken_else_the_one_that_keeps_most(
    name: str, boxes: list[Box], seed: int, rule: str
) -> None:
    op = op_of(name, keep_objects=rule)
    drawn = json.loads(json.dumps(op.draw(stream(seed))))
    move = op.resolve(drawn, view(*boxes))
    frames = candidates(name, drawn)
    taken = move.chosen["candidate"] - 1
    assert frame_of(move) == frames[taken]
    kept = [[share(box, frame) for box in boxes] for frame in frames]
    best = [max(row) if rule == "any" else float(np.mean(row)) for row in kept]
    limit = 0.3 if rule == "any" else 1.0
    blur = 0.006  # of the grid of points
    if move.chosen["keeps"]:
        assert best[taken] >= limit - blur
        assert all(other < limit + blur for other in best[:taken])
        if rule == "all":
            x0, y0, x1, y1 = frames[taken]
            assert all(x0 <= b[0] and y0 <= b[1] and x1 >= b[2] and y1 >= b[3] for b in boxes)
    else:
        assert all(other < limit + blur for other in best)
        assert best[taken] >= max(best) - 2 * blur


def test_ten_candidates_keep_an_object_as_often_as_chance_has_it() -> None:
    box = (20.0, 30.0, 50.0, 60.0)
    one = 21 / 111 * 31 / 61  # the places of a 90 x 60 frame in 200 x 120, and those that hold the box
    for rule, chance in (("none", one), ("all", 1 - (1 - one) ** 10)):
        op, kept = op_of("random_crop", keep_objects=rule), 0
        for seed in range(600):
            x0, y0, x1, y1 = frame_of(op.resolve(op.draw(stream(seed)), view(box)))
            kept += x0 <= box[0] and y0 <= box[1] and x1 >= box[2] and y1 >= box[3]
        assert abs(kept - 600 * chance) < 4 * (600 * chance * (1 - chance)) ** 0.5


def test_any_counts_an_object_from_three_tenths_of_its_box() -> None:
    boxes = np.array([[0.0, 0.0, 10.0, 10.0]])
    frames = [(8, 0, 10, 10), (7, 0, 10, 10), (0, 0, 10, 10)]
    assert first_that_keeps(frames, "any", boxes) == (frames[1], {"candidate": 2, "keeps": True})
    assert first_that_keeps(frames, "all", boxes) == (frames[2], {"candidate": 3, "keeps": True})
    assert first_that_keeps(frames[:1], "any", boxes) == (frames[0], {"candidate": 1, "keeps": False})


def test_objects_that_no_crop_can_hold_together_are_kept_as_far_as_it_goes() -> None:
    boxes = np.array([[0.0, 0.0, 10.0, 10.0], [90.0, 0.0, 100.0, 10.0]])
    frames = [(40, 0, 20, 10), (5, 0, 20, 10), (85, 0, 20, 10)]
    assert first_that_keeps(frames, "all", boxes) == (frames[2], {"candidate": 3, "keeps": False})


@pytest.mark.parametrize("value", ["some", None, {"choice": ["any", "all"]}, True])
def test_keep_objects_is_one_of_three_words(value: object) -> None:
    with pytest.raises(ValueError, match="one of none, any, all"):
        op_of("random_crop", keep_objects=value)


def thing(*box: float) -> Thing:
    return Thing("cat", Outline.box(*box))


def camera_on(*boxes: Box, width: int = W, height: int = H) -> Camera:
    image = np.zeros((height, width, 3), np.uint8)
    return Camera(Sample(image, objects=Objects.of(thing(*box) for box in boxes)), Canvas(), None)


def test_objects_are_looked_for_where_earlier_steps_have_moved_them() -> None:
    camera = camera_on((10, 10, 30, 30), (150, 80, 170, 100))
    camera.move(Move(translation(-100, -50), 100, 70))  # the first object is out of the frame now
    op = op_of("crop_to_object", margin=0)
    for seed in range(8):
        move = op.resolve(op.draw(stream(seed)), camera.view())
        assert frame_of(move) == (50, 30, 70, 50) and move.chosen == {"object": 0}


def test_the_crop_is_the_object_s_box_with_its_margin() -> None:
    move = op_of("crop_to_object", margin=0.25).resolve(
        {"margin": 0.25, "object": 0.9}, view((50, 40, 90, 60))
    )
    assert frame_of(move) == (40, 35, 100, 65) and (move.width, move.height) == (60, 30)


def test_the_crop_around_an_object_is_limited_to_the_image() -> None:
    move = op_of("crop_to_object").resolve({"margin": 0.5, "object": 0.0}, view((0, 100, 40, 119.5)))
    assert frame_of(move) == (0, 90, 60, 120)


def test_an_image_without_objects_stays_as_it_is_and_the_record_says_so() -> None:
    op = op_of("crop_to_object")
    move = op.resolve(op.draw(stream(4)), view())
    assert np.array_equal(move.matrix, np.eye(3)) and (move.width, move.height) == (W, H)
    assert move.chosen == {"object": None}


def test_all_objects_are_equally_likely() -> None:
    op = op_of("crop_to_object")
    every = view(*[(10.0 * n, 0.0, 10.0 * n + 5, 5.0) for n in range(4)])
    taken = [op.resolve(op.draw(stream(seed)), every).chosen["object"] for seed in range(800)]
    counts = np.bincount(taken, minlength=4)
    assert len(counts) == 4 and counts.min() > 150  # 200 expected, 12 its standard deviation


@given(boxes_in_the_frame, st.integers(0, 10**6))
@settings(max_examples=50, deadline=None)
def test_the_crop_around_an_object_holds_it_wholly_and_has_whole_pixels(boxes: list[Box], seed: int) -> None:
    op = op_of("crop_to_object")
    drawn = json.loads(json.dumps(op.draw(stream(seed))))
    move = op.resolve(drawn, view(*boxes))
    assert np.array_equal(move.matrix, np.rint(move.matrix))
    x0, y0, x1, y1 = frame_of(move)
    box = boxes[move.chosen["object"]]
    assert 0 <= x0 <= box[0] and 0 <= y0 <= box[1] and box[2] <= x1 <= W and box[3] <= y1 <= H
    assert x1 - x0 <= (1 + 2 * drawn["margin"]) * (box[2] - box[0]) + 2
    assert y1 - y0 <= (1 + 2 * drawn["margin"]) * (box[3] - box[1]) + 2


def test_the_smallest_object_makes_a_crop_of_one_pixel() -> None:
    move = op_of("crop_to_object").resolve({"margin": 0.0, "object": 0.0}, view((7.2, 3.1, 7.3, 3.2)))
    assert frame_of(move) == (7, 3, 8, 4)
