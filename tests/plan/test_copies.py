"""How many copies each image gets, in every form of `copies`."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from augcli.plan.copies import allot
from augcli.recipe.model import Copies
from tests.plan.listing import entry, many


def counts(copies, entries, keep=True, seed=0):
    result = allot(copies, entries, keep, seed)
    assert not result.problems
    return result.counts


def per_class(copies, entries, keep=True):
    sums = {}
    for item, count in zip(entries, counts(copies, entries, keep), strict=True):
        sums[item.label] = sums.get(item.label, 0) + count
    return sums


def test_a_number_is_that_many_each():
    assert counts(Copies(count=4), many("cat", 3)) == [4, 4, 4]


def test_the_largest_among_an_images_classes_decides():
    entries = [
        entry("bus/1.jpg"),
        entry("car/1.jpg"),
        entry("x.jpg", classes=(("bus", 0.1), ("van", 0.9))),
        entry("y.jpg", classes=(("car", 0.5), ("van", 0.5))),
    ]
    copies = Copies("classes", 1, classes=(("bus", 8), ("van", 3), ("tram", 9)))
    assert counts(copies, entries) == [8, 1, 8, 3]
    assert counts(Copies("classes", 5, classes=(("bus", 2),)), entries[:1]) == [2]


@pytest.mark.parametrize(
    ("keep", "expected"), [(True, {"bus": 16, "car": 10}), (False, {"bus": 20, "car": 20})]
)
def test_per_class_counts_kept_originals(keep, expected):
    entries = many("bus", 4) + many("car", 10)
    assert per_class(Copies("per_class", 20, at_most=10), entries, keep) == expected


def test_balance_brings_every_class_to_the_largest():
    entries = many("bus", 4) + many("car", 10) + many("van", 3)
    assert per_class(Copies("balance"), entries) == {"bus": 6, "car": 0, "van": 7}
    assert per_class(Copies("balance"), entries, keep=False) == {"bus": 10, "car": 10, "van": 10}
    assert per_class(Copies("balance", at_least=1), entries) == {"bus": 16, "car": 10, "van": 17}


def test_a_total_counts_the_whole_split():
    entries = many("bus", 4) + many("car", 10)
    assert sum(counts(Copies("total", 50), entries)) == 36
    assert sum(counts(Copies("total", 50), entries, keep=False)) == 50


def test_nothing_is_removed_and_shortfalls_are_said():
    entries = many("bus", 4) + many("car", 100)
    result = allot(Copies("per_class", 50, at_most=3), entries, True, 0)
    assert result.counts == [3] * 4 + [0] * 100
    assert result.shortfalls == ("class bus reaches 16 of 50; raise copies.at_most (3)",)
    total = allot(Copies("total", 5000, at_most=1), entries, True, 0)
    assert total.shortfalls == ("total reaches 208 of 5000; raise copies.at_most (1)",)
    below = allot(Copies("total", 30), entries, True, 0)
    assert below.shortfalls == ("total 30 is below the 104 images that are kept",)
    assert allot(Copies("total", 30), entries, False, 0).shortfalls == ()


@settings(max_examples=50, deadline=None)
@given(
    st.integers(1, 12), st.integers(0, 60), st.integers(0, 3), st.integers(3, 9), st.booleans(), st.integers()
)
def test_copies_are_shared_evenly_within_their_bounds(images, target, least, most, keep, seed):
    result = counts(Copies("total", target, at_least=least, at_most=most), many("a", images), keep, seed)
    assert max(result) - min(result) <= 1
    assert least <= min(result)
    assert max(result) <= most
    wanted = max(target - keep * images, least * images)
    assert sum(result) == min(wanted, most * images)


def test_who_gets_one_more_is_decided_by_hash_not_by_order():
    entries = many("a", 10)
    copies = Copies("total", 15)
    forward = dict(zip([item.key for item in entries], counts(copies, entries), strict=True))
    backward = dict(zip([item.key for item in entries[::-1]], counts(copies, entries[::-1]), strict=True))
    assert forward == backward
    assert counts(copies, entries) != [1] * 5 + [0] * 5
    assert any(counts(copies, entries, seed=seed) != counts(copies, entries) for seed in range(1, 5))


def test_broken_images_stand_outside_the_counting_but_get_their_row():
    entries = [*many("a", 3), entry("a/bad.jp2", error="unsupported_format")]
    assert counts(Copies("per_class", 9), entries) == [2, 2, 2, 0]
    assert counts(Copies("per_class", 9), entries, keep=False) == [3, 3, 3, 1]
    assert counts(Copies(count=2), entries) == [2, 2, 2, 2]


def test_counting_by_class_needs_classes():
    assert "needs classes" in str(allot(Copies("balance"), [entry("1.jpg")], True, 0).problems[0])
    assert not allot(Copies("total", 4), [entry("1.jpg")], True, 0).problems
