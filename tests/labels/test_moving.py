"""Moving objects: against closed formulas, and against the pixels that the same move makes."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from augcli.geometry import (
    Canvas,
    about,
    compose,
    perspective,
    resample,
    rotation,
    scaling,
    translation,
)
from augcli.labels import Symmetry, bounds, clip, cover, move, raster
from augcli.objects import NOTHING, Bitmap, Objects, Outline, Thing
from tests.labels.things import box, one, polygon, star

MIRROR = compose(scaling(-1, 1), translation(100, 0))


def test_a_quarter_turn_moves_a_box_exactly() -> None:
    turn = compose(rotation(90), translation(0, 100))
    moved = move(one(Outline.box(10, 20, 30, 50)), turn, (80, 100))
    assert bounds(moved.evidence[0]) == (20, 70, 50, 90)
    assert moved.visible == (1.0,)


def test_a_box_that_is_cut_keeps_the_share_that_shows() -> None:
    moved = move(one(Outline.box(10, 10, 30, 50)), translation(-20, -20), (100, 100))
    assert bounds(moved.evidence[0]) == (0, 0, 10, 30)
    assert moved.visible == (0.5 * 0.75,)


def test_visibility_is_against_the_original_object_over_several_cuts() -> None:
    objects = one(Outline.box(0, 0, 40, 10))
    for _ in range(2):
        objects = move(objects, translation(-10, 0), (100, 100))
    assert objects.visible == pytest.approx((0.5,))


def test_an_object_outside_keeps_its_row() -> None:
    things = [
        Thing("a", Outline.box(0, 0, 5, 5), np.array([[1.0, 1.0, 2.0]]), id=7),
        Thing("b", Bitmap(np.ones((3, 3), bool), 2, 2), extra={"k": 1}),
        Thing("c", Outline.box(60, 60, 70, 70)),
    ]
    moved = move(Objects.of(things), translation(-50, -50), (50, 50))
    assert moved.category == ("a", "b", "c") and moved.id == (7, None, None)
    assert moved.visible == (0.0, 0.0, 1.0)
    assert [bounds(evidence) for evidence in moved.evidence] == [None, None, (10, 10, 20, 20)]
    assert moved.keypoints[0] is not None and moved.keypoints[0].tolist() == [[0, 0, 0]]
    again = move(moved, translation(1, 1), (50, 50))
    assert bounds(again.evidence[2]) == (11, 11, 21, 21) and again.visible == (0.0, 0.0, 1.0)


def test_nothing_moves_to_nothing() -> None:
    assert move(NOTHING, MIRROR, (100, 100)) is NOTHING


@settings(max_examples=50, deadline=None)
@given(
    degrees=st.floats(-180, 180),
    size=st.tuples(st.integers(40, 120), st.integers(40, 120)),
    dx=st.floats(-60, 60),
    tilt=st.floats(0, 0.3),
    seed=st.integers(0, 10**6),
)
def test_outlines_and_bitmaps_go_where_their_pixels_go(
    degrees: float, size: tuple[int, int], dx: float, tilt: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    corners = np.array([(0, 0), (100, 0), (100, 80), (0, 80)], dtype=float)
    bent = perspective(corners, corners + rng.uniform(0, 25 * tilt, (4, 2)))
    matrix = compose(bent, about(rotation(degrees), 50, 40), translation(dx, 0))
    outer = star(50, 40, rng.uniform(20, 38, 9))
    outline = polygon((outer, (outer - (50, 40)) * 0.4 + (50, 40)))
    scene = raster(outline, (100, 80))
    moved = resample(scene.astype(np.uint8) * 255, matrix, size, Canvas()) > 127
    both = Objects.of([Thing("o", outline), Thing("b", Bitmap(scene[2:, 3:], 3, 2))])
    found = move(both, matrix, size)
    ours = raster(found.evidence[0], size)
    around = np.ones((5, 5), np.uint8)
    surely, perhaps = (change(moved.astype(np.uint8), around) > 0 for change in (cv2.erode, cv2.dilate))
    inner = slice(2, -2), slice(2, -2)  # of pixels at the rim of the frame half the neighbours are unknown
    assert not ((surely & ~ours) | (ours & ~perhaps))[inner].any(), "the binary scene itself is a pixel off"
    assert abs(int(ours.sum()) - int(moved.sum())) <= 0.04 * moved.sum() + 8
    assert (raster(found.evidence[1], size) != moved).sum() <= 0.001 * moved.size
    assert found.visible[0] == pytest.approx(found.visible[1], abs=0.02)


def test_a_bitmap_is_moved_in_its_own_corner_and_not_over_the_frame() -> None:
    moved = move(one(Bitmap(np.ones((4, 6), bool), 10, 20)), translation(5, -3), (1000, 1000))
    (evidence,) = moved.evidence
    assert isinstance(evidence, Bitmap)
    assert (evidence.x, evidence.y, evidence.mask.shape) == (15, 17, (4, 6)) and evidence.mask.all()


@pytest.mark.parametrize("interpolation", ["bilinear", "nearest"])
def test_a_bitmap_that_is_moved_again_and_again_stays_with_the_pixels(interpolation: str) -> None:
    scene = raster(polygon((star(60, 50, np.full(30, 36.0)),)), (120, 100))
    image, objects = scene.astype(np.uint8) * 255, one(Bitmap(scene))
    for degrees, factor in ((7, 0.9), (-11, 1.07), (40, 0.95), (3, 1.08)):
        turn = compose(about(rotation(degrees), 60, 50), about(scaling(factor, factor), 60, 50))
        image = resample(image, turn, (120, 100), Canvas(interpolation=interpolation))
        objects = move(objects, turn, (120, 100), interpolation=interpolation)
        seen = raster(objects.evidence[0], (120, 100))
        assert (seen != (image > 127)).sum() <= 3
    hidden = np.zeros((100, 120), bool)
    hidden[:, :60] = True
    shifted = move(cover(objects, hidden), translation(0.5, 0.0), (120, 100))
    assert bounds(shifted.evidence[0])[0] in (60, 61)  # type: ignore[index]


def test_what_is_half_of_no_pixel_keeps_the_pixels_it_is_most_of() -> None:
    moved = move(one(Bitmap(np.ones((1, 1), bool), 8, 8)), scaling(0.25, 0.25), (8, 8))
    (evidence,) = moved.evidence
    assert isinstance(evidence, Bitmap) and evidence.mask.sum() == 1 and (evidence.x, evidence.y) == (2, 2)


def test_a_bitmap_counts_the_pixels_whose_centres_stay() -> None:
    mask = np.zeros((10, 10), bool)
    mask[:, :3] = True
    moved = move(one(Bitmap(mask)), translation(-1, 0), (50, 50))
    assert moved.visible == pytest.approx((2 / 3,))


def test_a_mirror_exchanges_left_and_right_and_two_do_not() -> None:
    symmetry = Symmetry({"dog": (1, 0, 2)}, {"turn_left": "turn_right"}, {1: 2})
    points = np.array([[10.0, 5.0, 2.0], [20.0, 6.0, 1.0], [30.0, 7.0, 2.0]])
    objects = Objects.of(
        [
            Thing("dog", Outline.box(0, 0, 50, 20), points),
            Thing("turn_left", Outline.box(0, 0, 5, 5)),
            Thing("turn_right", Outline.box(0, 0, 5, 5)),
            Thing("cat", Outline.box(0, 0, 5, 5), points),
        ]
    )
    once = move(objects, MIRROR, (100, 100), symmetry)
    assert once.keypoints[0].tolist() == [[80, 6, 1], [90, 5, 2], [70, 7, 2]]  # type: ignore[union-attr]
    assert once.keypoints[3].tolist() == [[90, 5, 2], [80, 6, 1], [70, 7, 2]]  # type: ignore[union-attr]
    assert once.category == ("dog", "turn_right", "turn_left", "cat")
    twice = move(once, MIRROR, (100, 100), symmetry)
    assert twice.category == objects.category
    assert np.array_equal(twice.keypoints[0], points)  # type: ignore[arg-type]
    half_turn = about(rotation(180), 50, 50)
    assert move(objects, half_turn, (100, 100), symmetry).category == objects.category
    exchange = symmetry.under(MIRROR)
    assert exchange.mask(np.array([[0, 1, 2, 3]], np.uint8)).tolist() == [[0, 2, 1, 3]]
    assert exchange.weights({"turn_left": 0.7, "cat": 0.3}) == {"turn_right": 0.7, "cat": 0.3}


def test_keypoints_outside_are_zero_and_unlabelled_ones_stay_zero() -> None:
    points = np.array([[10.0, 10.0, 2.0], [0.0, 0.0, 0.0], [90.0, 10.0, 1.0]])
    moved = move(one(Outline.box(0, 0, 100, 20), keypoints=points), translation(20, 0), (100, 100))
    assert moved.keypoints[0].tolist() == [[30, 10, 2], [0, 0, 0], [0, 0, 0]]  # type: ignore[union-attr]


def test_a_box_turned_and_turned_back_before_the_cut_is_the_box() -> None:
    there, back = about(rotation(33), 50, 50), about(rotation(-33), 50, 50)
    moved = move(one(Outline.box(0, 0, 10, 10)), compose(there, back), (100, 100))
    assert bounds(moved.evidence[0]) == pytest.approx((0, 0, 10, 10), abs=1e-9)
    assert moved.visible == pytest.approx((1.0,))


def test_an_outline_that_reaches_beyond_the_horizon_shows_only_what_lies_before_it() -> None:
    matrix = np.array([[1.0, 0, 0], [0, 1, 0], [-0.01, 0, 1]])  # the horizon is x = 100
    objects = one(Outline.box(20, 0, 180, 50), keypoints=np.array([[150.0, 10, 2], [50.0, 10, 2]]))
    moved = move(objects, matrix, (200, 200))
    # x' = x / (1 - x / 100) = 200 at x = 200 / 3; y' = y / (1 - x / 100) = 150 at most there
    assert bounds(moved.evidence[0]) == pytest.approx((25, 0, 200, 150))
    assert moved.visible == pytest.approx(((200 / 3 - 20) / 160,))
    assert moved.keypoints[0].tolist() == [[0, 0, 0], [100, 20, 2]]  # type: ignore[union-attr]
    bitmap = move(one(Bitmap(np.ones((50, 160), bool), 20, 0)), matrix, (200, 200))
    assert bitmap.visible == pytest.approx(((200 / 3 - 20) / 160,), abs=0.01)


def test_clipping_to_a_box_leaves_the_place() -> None:
    objects = one(Outline.box(10, 10, 30, 30), keypoints=np.array([[12.0, 12, 2], [28.0, 28, 2]]))
    cut = clip(objects, (20, 0, 90, 90))
    assert bounds(cut.evidence[0]) == (20, 10, 30, 30)
    assert cut.keypoints[0].tolist() == [[0, 0, 0], [28, 28, 2]]  # type: ignore[union-attr]


def test_what_is_moved_is_not_written_to() -> None:
    outline, mask = box(0, 0, 50, 50), np.ones((9, 9), bool)
    points = np.array([[1.0, 1.0, 2.0]])
    for array in (outline, mask, points):
        array.setflags(write=False)
    objects = Objects.of([Thing("a", polygon((outline,)), points), Thing("b", Bitmap(mask))])
    move(objects, about(rotation(20), 0, 0), (30, 30))
    assert objects.visible == (1.0, 1.0)
