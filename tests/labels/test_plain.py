"""Objects as JSON values and back."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from augcli.labels import from_plain, raster, to_plain
from augcli.objects import Bitmap, Evidence, Objects, Outline, Thing
from tests.labels.things import box, outlines, polygon


def plain(thing: Thing, digits: int | None = 6) -> dict[str, Any]:
    (row,) = to_plain(Objects.of([thing]), digits)
    return row


def there_and_back(thing: Thing, digits: int | None = 6) -> Thing:
    return from_plain(json.loads(json.dumps(plain(thing, digits), allow_nan=False)))


def assert_equal(one: Evidence, other: Evidence, error: float) -> None:
    assert type(one) is type(other)
    if isinstance(one, Bitmap) and isinstance(other, Bitmap):
        assert np.array_equal(raster(one, (40, 40)), raster(other, (40, 40)))
        return
    assert isinstance(one, Outline) and isinstance(other, Outline)
    assert one.kind == other.kind and [len(part) for part in one.parts] == [len(part) for part in other.parts]
    for mine, yours in zip(one.parts, other.parts, strict=True):
        for ring, line in zip(mine, yours, strict=True):
            assert ring.shape == line.shape and np.abs(ring - line).max() <= error


@settings(max_examples=50, deadline=None)
@given(outlines())
def test_polygons_come_back_to_half_a_millionth_of_a_pixel_or_to_the_bit(outline: Outline) -> None:
    assert_equal(there_and_back(Thing("a", outline)).evidence, outline, 5e-7 + 1e-12)
    assert_equal(there_and_back(Thing("a", outline), None).evidence, outline, 0.0)


def test_every_column_comes_back() -> None:
    points = np.array([[1.5, 2.25, 2.0], [0, 0, 0]])
    thing = Thing("a", Outline.box(1, 2, 3.5, 4), points, 0.125, "x7", True, {"area": 3, "attr": {"k": [1]}})
    back = there_and_back(thing)
    assert np.array_equal(back.keypoints, points)  # type: ignore[arg-type]
    assert (back.category, back.visible, back.id, back.crowd, back.extra) == (
        "a",
        0.125,
        "x7",
        True,
        {"area": 3, "attr": {"k": [1]}},
    )


def test_a_plain_box_is_short() -> None:
    assert plain(Thing("a", Outline.box(1, 2, 3.5, 4))) == {
        "category": "a",
        "bbox": [1, 2, 3.5, 4],
        "kind": "box",
    }


def test_a_turned_box_and_a_polygon_that_is_a_box_keep_their_corners() -> None:
    turned = Outline(((np.array([[5.0, 0], [10, 5], [5, 10], [0, 5]]),),), "box")
    square = polygon((box(0, 0, 5, 5),))
    crossed = Outline(((np.array([[0.0, 0], [5, 0], [0, 0], [0, 5]]),),), "box")
    for outline in (turned, square, crossed):
        assert "parts" in plain(Thing("a", outline))
        assert_equal(there_and_back(Thing("a", outline)).evidence, outline, 0.0)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_bitmaps_come_back(share: float) -> None:
    bitmap = Bitmap(np.random.default_rng(0).random((9, 13)) < share, 4, 6)
    assert_equal(there_and_back(Thing("a", bitmap)).evidence, bitmap, 0.0)


def test_nothing_comes_back_as_nothing() -> None:
    for kind in ("box", "rotated", "polygon"):
        assert_equal(there_and_back(Thing("a", Outline((), kind))).evidence, Outline((), kind), 0.0)
