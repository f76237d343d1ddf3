"""Boxes once, from the best evidence; and which objects stay."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from augcli.geometry import about, compose, move_points, rotation, scaling, translation
from augcli.labels import Rules, boxes, cover, finish, move, rotated
from augcli.labels.clipping import ring_area
from augcli.objects import NOTHING, Bitmap, Objects, Outline, Thing
from tests.labels.things import box, one, outlines, polygon, ring


def test_boxes_come_from_all_parts_and_from_pixels() -> None:
    mask = np.zeros((9, 9), bool)
    mask[2:4, 3:8] = True
    objects = Objects.of(
        [
            Thing("a", polygon((box(1, 2, 3, 4),), (box(7, 1, 9, 3),))),
            Thing("b", Bitmap(mask, 10, 20)),
            Thing("c", Outline(())),
        ]
    )
    assert boxes(objects).tolist() == [[1, 1, 9, 4], [13, 22, 18, 24], [0, 0, 0, 0]]
    assert boxes(NOTHING).shape == (0, 4)


def test_a_turned_polygon_has_a_tighter_box_than_its_turned_box() -> None:
    diamond = ring((50, 20), (80, 50), (50, 80), (20, 50))
    turned = move(one(polygon((diamond,))), about(rotation(45), 50, 50), (100, 100))
    side = 60 / np.sqrt(2)
    assert boxes(turned)[0] == pytest.approx([50 - side / 2, 50 - side / 2, 50 + side / 2, 50 + side / 2])


def test_by_default_all_that_shows_a_pixel_stays() -> None:
    objects = Objects.of(
        [
            Thing("stays", Outline.box(0, 0, 1, 1), visible=0.01),
            Thing("thin", Outline.box(0, 0, 0.9, 30), id=3, visible=0.2),
            Thing("gone", Outline(()), visible=0.0),
            Thing("away", Outline.box(40, 0, 50, 9)),
        ]
    )
    kept, dropped = finish(objects, (40, 40))
    assert kept.category == ("stays",)
    assert [(one.category, one.reason) for one in dropped] == [
        ("thin", "size"),
        ("gone", "outside"),
        ("away", "outside"),
    ]
    assert json.loads(json.dumps(dropped[0].plain())) == {
        "category": "thin",
        "id": 3,
        "reason": "size",
        "visible": 0.2,
    }


def test_the_rules_name_the_first_reason() -> None:
    rules = Rules(min_visibility=0.25, min_area=50, min_size=4)
    rows = [
        Thing("a", Outline.box(0, 0, 20, 20), visible=0.2),
        Thing("b", Outline.box(0, 0, 7, 7)),
        Thing("c", Outline.box(0, 0, 3, 30)),
        Thing("d", Outline.box(0, 0, 20, 20), visible=0.25),
    ]
    kept, dropped = finish(Objects.of(rows), (40, 40), rules)
    assert kept.category == ("d",)
    assert [one.reason for one in dropped] == ["visibility", "area", "size"]


def test_an_object_that_is_covered_wholly_does_not_stay() -> None:
    objects = cover(one(Outline.box(3, 3, 9, 9)), np.ones((20, 20), bool))
    assert [one.reason for one in finish(objects, (20, 20))[1]] == ["visibility"]


def test_a_bitmap_that_was_covered_to_the_last_pixel_is_not_outside() -> None:
    objects = cover(one(Bitmap(np.ones((4, 4), bool), 3, 3)), np.ones((20, 20), bool))
    assert [one.reason for one in finish(objects, (20, 20))[1]] == ["visibility"]


def test_objects_that_all_stay_are_the_same_table() -> None:
    objects = one(Outline.box(0, 0, 9, 9))
    assert finish(objects, (20, 20)) == (objects, ())


@pytest.mark.parametrize("degrees", [0, 17, 90, 200])
@pytest.mark.parametrize("mirror", [1, -1])
def test_a_rotated_box_that_is_still_a_rectangle_keeps_its_corners(degrees: float, mirror: int) -> None:
    corners = move_points(about(rotation(30), 50, 50), box(30, 40, 70, 60))
    matrix = compose(scaling(mirror, 1), translation(50 - 50 * mirror, 0), about(rotation(degrees), 50, 50))
    found = rotated(Outline(((move_points(matrix, corners),),), "rotated"))
    wanted = move_points(matrix, corners)
    assert np.array_equal(found[0], wanted[0]) and ring_area(found) == pytest.approx(800)
    assert {tuple(point) for point in found} == {tuple(point) for point in wanted}


@settings(max_examples=50, deadline=None)
@given(outlines(holes=False), st.floats(0, 90))
def test_the_least_rectangle_holds_the_outline_and_no_turned_box_is_smaller(
    outline: Outline, degrees: float
) -> None:
    corners = rotated(outline)
    points = np.concatenate([part[0] for part in outline.parts])
    for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        sides = (b[0] - a[0]) * (points[:, 1] - a[1]) - (b[1] - a[1]) * (points[:, 0] - a[0])
        assert (sides >= -1e-6 * 200).all()
    turned = move_points(rotation(degrees), points)
    width, height = np.ptp(turned, axis=0)
    assert ring_area(corners) <= width * height * (1 + 1e-9) + 1e-9


@settings(max_examples=30, deadline=None)
@given(st.floats(-20, 120), st.floats(-20, 120), st.floats(0, 90))
def test_what_the_frame_cut_gets_a_rectangle_in_the_frame_that_holds_all_of_it(
    x: float, y: float, degrees: float
) -> None:
    turn = compose(about(rotation(degrees), 50, 50), translation(x - 50, y - 50))
    left = move(one(Outline(((box(20, 40, 80, 60),),), "rotated")), turn, (100, 100)).evidence[0]
    assert isinstance(left, Outline)
    if not left.parts:
        return
    corners = rotated(left, (100, 100))
    assert corners.min() >= -1e-5 and corners.max() <= 100 + 1e-5
    for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        points = left.parts[0][0]
        sides = (b[0] - a[0]) * (points[:, 1] - a[1]) - (b[1] - a[1]) * (points[:, 0] - a[0])
        assert (sides >= -1e-3).all()


def test_the_least_rectangle_of_pixels_goes_along_their_edges() -> None:
    found = rotated(Bitmap(np.ones((3, 7), bool), 10, 20))
    assert {tuple(point) for point in found} == {(10, 20), (17, 20), (17, 23), (10, 23)}


def test_nothing_has_no_rectangle() -> None:
    for nothing in (Outline(()), Bitmap(np.zeros((2, 2), bool))):
        with pytest.raises(ValueError, match="nothing is left"):
            rotated(nothing)
