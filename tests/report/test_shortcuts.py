"""What tells a class without a look at the picture."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from augcli.report.shortcuts import spread, told_by_kind, told_by_number


def test_a_number_that_parts_a_class_has_an_area_of_one() -> None:
    assert told_by_number([1, 2, 3, 8, 9, 10], list("aaabbb"), 3) == {"a": 1.0, "b": 1.0}
    assert told_by_number([5, 5, 5, 5], list("aabb"), 2) == {"a": 0.5, "b": 0.5}


def test_the_area_is_the_share_of_pairs_in_order() -> None:
    rng = np.random.default_rng(2)
    values = rng.integers(0, 9, 60).tolist()
    classes = rng.choice(list("xyz"), 60).tolist()
    for name, area in told_by_number(values, classes, 5).items():
        own = [value for value, of in zip(values, classes, strict=True) if of == name]
        others = [value for value, of in zip(values, classes, strict=True) if of != name]
        pairs = [(a > b) + (a == b) / 2 for a in own for b in others]
        assert area == pytest.approx(max(np.mean(pairs), 1 - np.mean(pairs)))


def test_classes_of_a_few_images_are_not_asked() -> None:
    assert told_by_number([1, 2, 3], list("abb"), 2) == {}
    assert told_by_kind({"a": Counter(png=3), "b": Counter(jpg=3)}, 10) == (0.0, "", "")


def test_a_format_that_only_one_class_has_is_found() -> None:
    kinds = {"a": Counter(png=20), "b": Counter(jpg=18, png=2), "c": Counter(jpg=20)}
    share, name, kind = told_by_kind(kinds, 10)
    assert (name, kind) == ("a", "jpg") and share == pytest.approx(38 / 40)


def test_the_spread_names_both_ends() -> None:
    assert spread({"a": 0.2, "b": 0.9, "c": 0.5}) == (pytest.approx(0.7), "a", "b")
    assert spread({"a": 0.2}) == (0.0, "", "")
