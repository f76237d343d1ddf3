"""What is laid over objects lowers what is visible of them."""

from __future__ import annotations

import numpy as np
import pytest

from augcli.labels import bounds, cover
from augcli.objects import NOTHING, Bitmap, Objects, Outline, Thing
from tests.labels.things import one


def covered(x0: int, y0: int, x1: int, y1: int) -> np.ndarray:
    mask = np.zeros((40, 60), bool)
    mask[y0:y1, x0:x1] = True
    return mask


def test_an_outline_keeps_its_shape_and_loses_visibility() -> None:
    objects = one(Outline.box(10, 10, 30, 20), visible=0.5)
    made = cover(objects, covered(0, 0, 20, 40))
    assert made.visible == (0.25,)
    assert made.evidence[0] is objects.evidence[0]


def test_a_bitmap_is_cut() -> None:
    made = cover(one(Bitmap(np.ones((10, 20), bool), 10, 10)), covered(0, 0, 15, 40))
    assert made.visible == (0.75,)
    assert bounds(made.evidence[0]) == (15, 10, 30, 20)


def test_only_the_objects_that_are_met_change() -> None:
    objects = Objects.of([Thing("a", Outline.box(0, 0, 5, 5)), Thing("b", Outline.box(50, 30, 60, 40))])
    made = cover(objects, covered(2, 0, 20, 20))
    assert made.visible == (pytest.approx(0.4), 1.0)


def test_covered_keypoints_are_hidden_and_the_others_stay() -> None:
    points = np.array([[5.5, 5.5, 2.0], [5.5, 5.5, 1.0], [30.0, 30.0, 2.0], [0, 0, 0]])
    made = cover(one(Outline.box(40, 20, 50, 30), keypoints=points), covered(0, 0, 10, 10))
    assert made.keypoints[0][:, 2].tolist() == [1, 1, 2, 0]  # type: ignore[index]


def test_an_object_thinner_than_a_pixel_goes_by_the_pixels_around_it() -> None:
    made = cover(one(Outline.box(10.1, 10, 10.3, 20)), covered(0, 0, 60, 15))
    assert made.visible == (0.5,)


def test_nothing_covered_and_nothing_to_cover_change_nothing() -> None:
    objects = one(Outline.box(10, 10, 30, 20))
    assert cover(objects, np.zeros((40, 60), bool)) is objects
    assert cover(NOTHING, covered(0, 0, 9, 9)) is NOTHING


def test_empty_evidence_stays_empty() -> None:
    objects = Objects.of(
        [Thing("a", Outline(()), visible=0.0), Thing("b", Bitmap(np.zeros((0, 0), bool)), visible=0.0)]
    )
    assert cover(objects, covered(0, 0, 60, 40)).visible == (0.0, 0.0)
