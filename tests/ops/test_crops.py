"""crop, random_crop, random_resized_crop."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from augcli.errors import ItemError
from augcli.geometry import Canvas, Move, move_points, resample
from augcli.ops.base import OPS, View, make
from augcli.rng import stream

W, H = 60, 40
IMAGE = np.random.default_rng(0).integers(0, 256, (H, W, 3)).astype(np.uint8)


def move_of(name: str, seed: int = 1, view: View | None = None, **values: object) -> Move:
    op = make(OPS[name], **values)
    return op.resolve(op.draw(stream(seed)), view or View(W, H, step=name))  # type: ignore[attr-defined, no-any-return]


def box_of(move: Move) -> tuple[float, float, float, float]:
    """(x0, y0, x1, y1) of the source that the frame shows."""
    (x0, y0), (x1, y1) = move_points(np.linalg.inv(move.matrix), [(0, 0), (move.width, move.height)])
    return float(x0), float(y0), float(x1), float(y1)


@pytest.mark.parametrize(
    ("anchor", "left", "top"),
    [
        ("center", 19, 11),
        ("top_left", 0, 0),
        ("top", 19, 0),
        ("top_right", 39, 0),
        ("left", 0, 11),
        ("right", 39, 11),
        ("bottom_left", 0, 23),
        ("bottom", 19, 23),
        ("bottom_right", 39, 23),
    ],
)
def test_a_crop_lies_at_its_anchor(anchor: str, left: int, top: int) -> None:
    move = move_of("crop", width=21, height=17, anchor=anchor)
    made = resample(IMAGE, move.matrix, (move.width, move.height), Canvas())
    assert np.array_equal(made, IMAGE[top : top + 17, left : left + 21])


def test_a_crop_lies_where_x_and_y_say() -> None:
    move = move_of("crop", width="50%", height=10, x="10%", y=3)
    made = resample(IMAGE, move.matrix, (move.width, move.height), Canvas())
    assert np.array_equal(made, IMAGE[3:13, 6:36])


@pytest.mark.parametrize("values", [{"width": 61, "height": 2}, {"width": 20, "height": 20, "x": 41, "y": 0}])
def test_a_crop_of_pixels_that_are_not_there_names_the_step(values: dict[str, object]) -> None:
    with pytest.raises(ItemError, match=r"step crop: a crop of .* needs more than 60 x 40") as caught:
        move_of("crop", **values)
    assert caught.value.code == "too_small"


def test_a_place_needs_both_coordinates() -> None:
    op = make(OPS["crop"], width=1, height=1, x=3)
    assert op.problems() == ["expected x and y together, got only x"]


def test_a_crop_of_almost_nothing_is_one_pixel() -> None:
    move = move_of("crop", width="0.1%", height="0.1%")
    assert (move.width, move.height) == (1, 1)


def test_random_crops_reach_every_place_equally_often() -> None:
    boxes = [box_of(move_of("random_crop", n, width=57, height=40)) for n in range(800)]
    lefts, counts = np.unique([round(box[0]) for box in boxes], return_counts=True)
    assert lefts.tolist() == [0, 1, 2, 3]
    assert counts.min() > 150  # 200 expected, 12 its standard deviation


def test_a_random_crop_is_limited_to_a_smaller_image() -> None:
    move = move_of("random_crop", width=500, height=10)
    assert (move.width, move.height) == (W, 10) and box_of(move)[0] == 0


@given(st.integers(1, 700), st.integers(1, 700), st.integers(0, 10**6))
@settings(max_examples=50, deadline=None)
def test_a_random_resized_crop_is_a_whole_pixel_box_inside_the_image(w: int, h: int, seed: int) -> None:
    move = move_of("random_resized_crop", seed, View(w, h), width=224, height=112)
    box = np.array(box_of(move))
    assert np.allclose(box, np.rint(box), atol=1e-6)
    assert (move.width, move.height) == (224, 112)
    x0, y0, x1, y1 = np.rint(box)
    assert 0 <= x0 < x1 <= w and 0 <= y0 < y1 <= h


def test_area_and_ratio_of_random_resized_crops_are_distributed_as_declared() -> None:
    """In a square image a box fits for all areas up to 3/4, whatever the ratio."""
    view = View(3000, 3000)
    boxes = np.array(
        [
            box_of(move_of("random_resized_crop", n, view, width=10, height=10, area=[0.08, 0.75]))
            for n in range(1500)
        ]
    )
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    area, ratio = width * height / 9e6, np.log(width / height)
    limit = math.log(4 / 3)
    assert 0.0795 < area.min() < 0.09 and 0.74 < area.max() < 0.7505
    assert abs(area.mean() - 0.415) < 4 * 0.67 / math.sqrt(12 * 1500)
    assert -limit - 1e-3 < ratio.min() < -0.27 and 0.27 < ratio.max() < limit + 1e-3
    assert abs(ratio.mean()) < 4 * 2 * limit / math.sqrt(12 * 1500)
    place = boxes[:, 0] / (3000 - width)
    assert abs(place.mean() - 0.5) < 4 / math.sqrt(12 * 1500)
    assert abs(np.corrcoef(area, place)[0, 1]) < 0.1 and abs(np.corrcoef(area, ratio)[0, 1]) < 0.1


@pytest.mark.parametrize(
    ("size", "box"),
    [((1000, 100), (433, 0, 566, 100)), ((100, 1000), (0, 433, 100, 566)), ((90, 90), (0, 0, 90, 90))],
)
def test_without_a_fitting_box_the_largest_central_one_within_the_ratios_is_taken(
    size: tuple[int, int], box: tuple[int, int, int, int]
) -> None:
    op = make(OPS["random_resized_crop"], width=10, height=10)
    drawn = {
        "width": 10, "height": 10, "area": 1.0, "ratio": 4 / 3 if size[0] <= size[1] else 0.75,
        "x": 0.1, "y": 0.9, "tries": [], "ratios": [0.75, 4 / 3],
    }  # fmt: skip
    assert np.allclose(box_of(op.resolve(drawn, View(*size))), box)  # type: ignore[attr-defined]


def test_ten_candidates_are_drawn_and_survive_json() -> None:
    op = make(OPS["random_resized_crop"], width=224, height=224)
    drawn = op.draw(stream(3))
    assert len(drawn["tries"]) == 9 and drawn["ratios"] == [3 / 4, 4 / 3]
    again = op.resolve(json.loads(json.dumps(drawn)), View(W, H))  # type: ignore[attr-defined]
    assert np.array_equal(again.matrix, op.resolve(drawn, View(W, H)).matrix)  # type: ignore[attr-defined]


def test_a_later_candidate_is_used_when_the_first_does_not_fit() -> None:
    op = make(OPS["random_resized_crop"], width=10, height=10)
    drawn = {
        "width": 10, "height": 10, "area": 1.0, "ratio": 1.0, "x": 0.0, "y": 0.0,
        "tries": [[0.25, 1.5], [0.01, 1.0]], "ratios": [0.5, 2.0],
    }  # fmt: skip
    assert np.allclose(box_of(op.resolve(drawn, View(W, H))), (0, 0, 30, 20))  # type: ignore[attr-defined]
