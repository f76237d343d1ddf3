"""Pixels of outlines and outlines of pixels, against the definition and against pycocotools."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from augcli.labels.raster import area, bitmap_of, bounds, outline_of, raster, tight
from augcli.objects import Bitmap, Outline
from tests.labels.things import box, brute, outlines, polygon, star

mask_utils = pytest.importorskip("pycocotools.mask")
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@settings(max_examples=50, deadline=None)
@given(outlines())
def test_a_pixel_is_inside_when_its_centre_is(outline: Outline) -> None:
    assert (raster(outline, (20, 16)) != brute(outline, 20, 16)).sum() <= 1


def test_touching_boxes_share_no_pixel_and_leave_none() -> None:
    left, right = Outline.box(0, 0, 4.5, 6), Outline.box(4.5, 0, 10, 6)
    one, other = raster(left, (10, 6)), raster(right, (10, 6))
    assert not (one & other).any() and (one | other).all()


def test_parts_are_united_and_rings_within_a_part_are_not() -> None:
    both = polygon((box(0, 0, 4, 4),), (box(2, 2, 6, 6),))
    assert raster(both, (8, 8)).sum() == 16 + 16 - 4 == area(both)
    ring = polygon((box(0, 0, 6, 6), box(2, 2, 4, 4)))
    assert raster(ring, (8, 8)).sum() == 32 == area(ring)


def test_a_polygon_agrees_with_pycocotools() -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        radii = 110 + 40 * np.sin(np.linspace(0, 12, 40)) + rng.uniform(-5, 5, 40)
        outline = polygon((star(200.3, 170.8, radii),))
        runs = mask_utils.merge(mask_utils.frPyObjects([outline.parts[0][0].ravel().tolist()], 340, 400))
        theirs = mask_utils.decode(runs).astype(bool)
        ours = raster(outline, (400, 340))
        assert (ours & theirs).sum() / (ours | theirs).sum() >= 0.99
        assert area(outline) == pytest.approx(ours.sum(), rel=0.01)


@settings(max_examples=50, deadline=None)
@given(arrays.arrays(bool, st.tuples(st.integers(1, 9), st.integers(1, 9))), st.integers(0, 3))
def test_the_outline_of_a_bitmap_is_that_bitmap_again(mask: np.ndarray, x: int) -> None:
    bitmap = Bitmap(mask, x, 2)
    outline = outline_of(bitmap)
    assert np.array_equal(raster(outline, (14, 14)), raster(bitmap, (14, 14)))
    assert area(outline) == mask.sum() or len(outline.parts) > 1
    assert bounds(outline) == bounds(bitmap)


def test_pixels_that_touch_at_a_corner_are_two_parts_and_a_ring_has_a_hole() -> None:
    assert len(outline_of(Bitmap(np.eye(2, dtype=bool))).parts) == 2
    mask = np.ones((5, 5), bool)
    mask[2, 2] = False
    (part,) = outline_of(Bitmap(mask)).parts
    assert [len(line) for line in part] == [4, 4]


def test_bounds_and_area_of_nothing() -> None:
    for nothing in (Outline(()), Bitmap(np.zeros((0, 0), bool)), Bitmap(np.zeros((3, 4), bool), 2, 2)):
        assert bounds(nothing) is None and area(nothing) == 0
        assert not raster(nothing, (5, 4)).any()
        assert bounds(outline_of(nothing) if isinstance(nothing, Bitmap) else nothing) is None


def test_a_bitmap_that_reaches_out_of_the_frame_is_cut() -> None:
    assert raster(Bitmap(np.ones((4, 4), bool), -2, 3), (5, 5)).nonzero()[0].tolist() == [3, 3, 4, 4]
    assert raster(Bitmap(np.ones((4, 4), bool), 9, 9), (5, 5)).sum() == 0
    assert bitmap_of(Outline.box(-5, -5, -1, -1), (5, 5)).mask.size == 0


def test_tight_keeps_the_pixels() -> None:
    mask = np.zeros((6, 7), bool)
    mask[2:4, 3:6] = True
    found = tight(Bitmap(mask, 10, 20))
    assert (found.x, found.y, found.mask.shape) == (13, 22, (2, 3)) and found.mask.all()
