"""Clipping polygons: areas and bounds against a raster made by definition, and the cases that go wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from augcli.labels.clipping import clip_parts, part_area, ring_area
from augcli.labels.raster import bounds
from augcli.objects import Outline
from tests.labels.things import FINE, box, brute, outlines, polygon, ring


def areas(outline: Outline) -> list[float]:
    return sorted(part_area(part) for part in outline.parts)


@settings(max_examples=50, deadline=None)
@given(outlines())
def test_the_clipped_polygon_is_what_the_frame_shows_of_it(outline: Outline) -> None:
    width, height = 20, 16
    cut = Outline(clip_parts(outline.parts, width, height))
    shown = brute(outline, width, height, FINE)
    assert (brute(cut, width, height, FINE) != shown).sum() <= 2, "but for centres on an edge, to rounding"
    assert sum(areas(cut)) == pytest.approx(shown.sum() / FINE**2, abs=0.02 * width * height + 1)
    rows, columns = np.nonzero(shown)
    if rows.size:
        seen = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]) / FINE
        x0, y0, x1, y1 = bounds(cut)
        assert x0 <= seen[0] + 1 / FINE and y0 <= seen[1] + 1 / FINE
        assert x1 >= seen[2] - 1 / FINE and y1 >= seen[3] - 1 / FINE
    for part in cut.parts:
        points = np.concatenate(part)
        assert points.min() >= 0 and (points <= (width, height)).all()


@settings(max_examples=50, deadline=None)
@given(outlines())
def test_what_was_clipped_once_stays_as_it_is(outline: Outline) -> None:
    once = clip_parts(outline.parts, 20, 16)
    again = clip_parts(once, 20, 16)
    assert sum(map(part_area, again)) == pytest.approx(sum(map(part_area, once)), abs=1e-9)


def test_a_c_that_leaves_and_returns_becomes_two_rings_with_exact_bounds() -> None:
    c = ring((8, 2), (-5, 2), (-5, 10), (8, 10), (8, 8), (-3, 8), (-3, 4), (8, 4))
    cut = clip_parts([(c,)], 20, 20)
    assert len(cut) == 2
    found = sorted(bounds(Outline((part,))) for part in cut)  # type: ignore[type-var]
    assert found == [(0, 2, 8, 4), (0, 8, 8, 10)]


def test_a_frame_inside_a_hole_shows_nothing() -> None:
    assert clip_parts([(box(-10, -10, 30, 30), box(-5, -5, 25, 25))], 20, 20) == ()


def test_a_hole_that_meets_the_border_becomes_a_notch() -> None:
    (part,) = clip_parts([(box(-10, 2, 10, 18), box(-5, 6, 5, 14))], 20, 20)
    assert len(part) == 1
    assert part_area(part) == 10 * 16 - 5 * 8


def test_a_hole_that_covers_a_whole_side_moves_the_bounds() -> None:
    parts = clip_parts([(box(-10, -10, 30, 30), box(-5, -5, 7, 25))], 20, 20)
    assert bounds(Outline(parts)) == (7, 0, 20, 20)
    assert sum(map(part_area, parts)) == 13 * 20


def test_a_hole_stays_with_the_piece_that_holds_it() -> None:
    u = ring((2, -5), (2, 15), (18, 15), (18, -5), (12, -5), (12, 8), (8, 8), (8, -5))
    outer = ring((2, 5), (2, -8), (18, -8), (18, 9), (12, 9), (12, -3), (8, -3), (8, 5))
    hole = box(14, 2, 16, 4)
    parts = clip_parts([(outer, hole)], 20, 20)
    assert sorted(len(part) for part in parts) == [1, 2]
    assert next(bounds(Outline((part,))) for part in parts if len(part) == 2) == (12, 0, 18, 9)
    assert len(clip_parts([(u,)], 20, 20)) == 1


@pytest.mark.parametrize("way", [1, -1])
def test_the_direction_of_rings_does_not_matter(way: int) -> None:
    outer, hole = box(-10, 2, 10, 18)[::way], box(2, 6, 5, 14)
    (part,) = clip_parts([(outer, hole)], 20, 20)
    assert len(part) == 2 and part_area(part) == 10 * 16 - 3 * 8
    assert ring_area(part[0]) > 0 > ring_area(part[1])


def test_what_lies_inside_is_returned_untouched() -> None:
    part = (box(0, 0, 20, 20), box(3, 3, 4, 4))
    assert clip_parts([part], 20, 20)[0] is part


@pytest.mark.parametrize(
    "outside",
    [box(-5, 2, 0, 8), box(20, 2, 25, 8), box(-5, -5, -1, -1), box(30, 30, 40, 40), box(0, -4, 20, 0)],
)
def test_what_only_touches_the_frame_is_gone(outside: np.ndarray) -> None:
    assert clip_parts([(outside,)], 20, 20) == ()


def test_a_polygon_around_the_frame_becomes_the_frame() -> None:
    (part,) = clip_parts([(ring((10, -100), (150, 10), (10, 150), (-100, 10)),)], 20, 20)
    assert part_area(part) == 400


def test_a_ring_that_touches_itself_and_one_that_crosses_itself_keep_their_even_odd_area() -> None:
    hourglass = ring((-4, -4), (24, -4), (10, 10), (24, 24), (-4, 24), (10, 10))
    bow = ring((-4, 2), (16, 18), (16, 2), (-4, 18))
    for line in (hourglass, bow):
        shown = brute(polygon((line,)), 20, 20, FINE)
        cut = Outline(clip_parts([(line,)], 20, 20))
        assert np.array_equal(brute(cut, 20, 20, FINE), shown)


def test_a_ring_without_area_is_gone_where_it_was_cut() -> None:
    assert clip_parts([(ring((-5, 5), (10, 5), (5, 5)),)], 20, 20) == ()
