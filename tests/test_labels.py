"""Class weights say what the pixels show."""

from __future__ import annotations

import numpy as np
import pytest

from augcli.labels import class_weights, combine
from augcli.sample import NO_ORIGIN, Sample

IMAGE = np.zeros((4, 10, 3), np.uint8)


def test_an_unmixed_sample_keeps_its_classes() -> None:
    assert class_weights(Sample(IMAGE, {"cat": 1.0})) == {"cat": 1.0}


def test_an_unlabelled_sample_has_none() -> None:
    assert class_weights(Sample(IMAGE)) == {}


def test_after_pasting_each_source_weighs_its_pixels() -> None:
    origin = np.zeros((4, 10), np.uint8)
    origin[:, 7:] = 1
    sample = Sample(IMAGE, {"cat": 1.0}, origin, ({"cat": 1.0}, {"dog": 1.0}))
    assert class_weights(sample) == pytest.approx({"cat": 0.7, "dog": 0.3})


def test_border_pixels_count_for_nobody() -> None:
    origin = np.full((4, 10), NO_ORIGIN, np.uint8)
    origin[:, :2], origin[:, 2:4] = 0, 1
    sample = Sample(IMAGE, {}, origin, ({"cat": 1.0}, {"dog": 1.0}))
    assert class_weights(sample) == pytest.approx({"cat": 0.5, "dog": 0.5})


def test_a_source_that_was_cropped_away_leaves_its_class() -> None:
    origin = np.ones((4, 10), np.uint8)
    assert class_weights(Sample(IMAGE, {}, origin, ({"cat": 1.0}, {"dog": 1.0}))) == {"dog": 1.0}


def test_a_frame_of_border_alone_keeps_what_was_pasted() -> None:
    origin = np.full((4, 10), NO_ORIGIN, np.uint8)
    sample = Sample(IMAGE, {}, origin, ({"cat": 1.0}, {"dog": 1.0}))
    assert class_weights(sample) == pytest.approx({"cat": 0.5, "dog": 0.5})


def test_combining_normalises_and_leaves_out_the_unlabelled() -> None:
    mixed = combine([{"a": 0.5, "b": 0.5}, {"b": 1.0}, {}], [1.0, 1.0, 8.0])
    assert mixed == pytest.approx({"a": 0.25, "b": 0.75})


def test_a_share_of_zero_leaves_no_class_behind() -> None:
    assert combine([{"a": 1.0}, {"b": 1.0}], [1.0, 0.0]) == {"a": 1.0}
