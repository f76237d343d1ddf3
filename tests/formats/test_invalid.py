"""Labels that cannot be right: each kind of fault under each policy, and the pixel of grace."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from augcli.errors import UsageError
from augcli.formats.invalid import SLACK_RELATIVE, Judge, cut_ring

SIZE = (10, 8)
BAD_BOXES = {
    "inverted": (5, 1, 2, 4),
    "no area": (2, 2, 2, 4),
    "outside": (11, 1, 14, 4),
    "no finite": (math.nan, 1, 3, 4),
    "no finite number": (0, 1, math.inf, 4),
    "no finite n": (0, 1, 10**400, 4),
}


@pytest.mark.parametrize(("why", "box"), BAD_BOXES.items())
def test_a_box_that_cannot_be_right_is_refused_or_left_out(why, box):
    judge = Judge("refuse")
    assert judge.box(box, SIZE, "a.txt:3") is None
    with pytest.raises(UsageError, match=rf"a\.txt:3: .*{why}.*--set labels.invalid=drop"):
        judge.settle()
    for policy in ("drop", "clip"):
        judge = Judge(policy)
        assert judge.box(box, SIZE, "a.txt:3") is None
        assert "1 invalid label was left out (first: a.txt:3: " in judge.settle()[0]


def test_a_box_that_leaves_the_image_is_refused_left_out_or_cut():
    box = (-3.0, 2.0, 4.0, 20.0)
    kept = {policy: Judge(policy).box(box, SIZE, "") for policy in ("refuse", "drop", "clip")}
    assert kept == {"refuse": None, "drop": None, "clip": (0.0, 2.0, 4.0, 8)}
    judge = Judge()
    judge.box(box, SIZE, "x")
    assert "by 12; correct the label file, or go on: --set labels.invalid=clip" in str(judge.problems[0])


@pytest.mark.parametrize("policy", ["refuse", "drop", "clip"])
def test_an_overshoot_of_up_to_a_pixel_is_clipped_and_counted_and_never_invalid(policy):
    judge = Judge(policy)
    assert judge.box((-1, 0, 10.5, 8.0000001), SIZE, "first") == (0, 0, 10, 8)
    assert judge.points([(10.9, 3, 2)], SIZE, "") == [(10, 3, 2)]
    assert judge.rings([[0, 0, 10.5, 0, 10.5, 8]], SIZE, "") is not None
    assert judge.settle() == ("3 labels overshot the image by up to a pixel and were clipped (first: first)",)


def test_shares_of_the_side_have_a_grace_of_their_own():
    judge = Judge("refuse", SLACK_RELATIVE)
    assert judge.box((0.5, 0.5, 1.0000001, 1), (1, 1), "") == (0.5, 0.5, 1, 1)
    assert judge.box((0.5, 0.5, 1.5, 1), (1, 1), "") is None


def test_everything_inside_is_kept_as_it_is():
    judge = Judge()
    box, rings, points = (0, 0, 10, 8), [[0, 0, 10, 0, 10, 8]], [(10, 8, 1), (math.nan, -5, 0)]
    assert judge.box(box, SIZE, "") is box
    assert judge.rings(rings, SIZE, "") is rings
    assert judge.points(points, SIZE, "") is points
    assert judge.settle() == ()


def test_without_a_size_only_the_near_sides_are_known():
    assert Judge().box((5, 5, 1e9, 1e9), None, "") == (5, 5, 1e9, 1e9)
    assert Judge().box((-5, 5, 9, 9), None, "") is None


@pytest.mark.parametrize(
    "ring",
    [
        [1, 1, 2, 2],
        [1, 1, 2, 2, 3],
        [1, 1, 3, 3, 2, 2],
        [1, 1, 1, 1, 1, 1],
        [0.1, 0.1, 0.2, 0.2, 0.3, 0.3],
        [1, 1, 2, 2, math.nan, 3],
        [20, 20, 30, 20, 30, 30],
    ],
)
def test_polygons_without_points_or_area_are_invalid(ring):
    judge = Judge("clip")
    assert judge.rings([ring], SIZE, "") is None
    assert judge.counts == {"dropped": 1}


def test_a_figure_of_eight_has_an_area_although_its_signed_area_is_zero():
    ring = [0, 0, 4, 4, 4, 0, 0, 4]
    assert Judge().rings([ring], SIZE, "") == [ring]
    assert Judge().rings([[0, 0, 2, 0, 4, 0, 4, 3]], SIZE, "") is not None  # begins with three in a row


def test_a_keypoint_outside_is_refused_or_no_longer_labelled():
    points = [(3, 3, 2), (30, 3, 1)]
    assert Judge("refuse").points(points, SIZE, "") is None
    assert Judge("drop").points(points, SIZE, "") is None
    assert Judge("clip").points(points, SIZE, "") == [(3, 3, 2), (0, 0, 0)]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(-10, 20), min_size=4, max_size=4))
def test_cutting_a_rectangle_is_the_intersection_of_intervals(sides):
    x0, x1 = sorted(sides[:2])
    y0, y1 = sorted(sides[2:])
    found = cut_ring([x0, y0, x1, y0, x1, y1, x0, y1], *SIZE)
    left, right, top, bottom = max(x0, 0), min(x1, 10), max(y0, 0), min(y1, 8)
    if left >= right or top >= bottom:
        assert found == []
    else:
        assert (min(found[0::2]), max(found[0::2])) == (left, right)
        assert (min(found[1::2]), max(found[1::2])) == (top, bottom)


def test_a_triangle_is_cut_where_its_sides_cross_the_border():
    assert sorted(zip(*[iter(cut_ring([5, 4, 15, 4, 5, 14], *SIZE))] * 2, strict=True)) == [
        (5, 4),
        (5, 8),
        (10, 4),
        (10, 8),
    ]
