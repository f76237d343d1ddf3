from __future__ import annotations

import itertools
import json
import math
from collections import Counter
from hashlib import blake2b
from pathlib import Path
from statistics import NormalDist, fmean, pvariance

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from augcli.rng import Stream, first_bits, stream

GOLDEN = json.loads((Path(__file__).parent / "golden" / "draws.json").read_text())


def reference_bits(seed, names, count):
    """The definition written out: blake2b of the names, then blake2b of a counter under that key."""
    packed = b""
    for name in (seed, *names):
        data = str(name).encode()
        packed += (b"i" if isinstance(name, int) else b"s") + str(len(data)).encode() + b":" + data
    key = blake2b(packed, digest_size=32, person=b"augment1").digest()
    blocks = (blake2b(n.to_bytes(8, "little"), key=key, digest_size=8) for n in range(1, count + 1))
    return [int.from_bytes(block.digest(), "little") for block in blocks]


def test_a_stream_is_blake2b_in_counter_mode_over_its_names():
    rng = stream(7, "train", "cat/a.png", 3)
    assert [rng.bits() for _ in range(5)] == reference_bits(7, ("train", "cat/a.png", 3), 5)


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case["draw"])
def test_the_draws_are_pinned(case):
    """A change here changes what every recipe draws: an output change."""
    rng = stream(*case["names"])
    for name in case["child"]:
        rng = rng.child(name)
    drawn = [getattr(rng, case["draw"])(*case["arguments"]) for _ in case["values"]]
    assert (
        drawn == pytest.approx(case["values"], rel=1e-12) if case["approximate"] else drawn == case["values"]
    )


NAMES = st.lists(st.text(max_size=4) | st.integers(-100, 100), max_size=4)


@settings(max_examples=50, deadline=None)
@given(NAMES, NAMES)
def test_different_names_are_different_streams(one, two):
    same = [(type(a), a) for a in one] == [(type(b), b) for b in two]
    assert (stream(0, *one).bits() == stream(0, *two).bits()) == same


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (("ab", "c"), ("a", "bc")),
        (("1",), (1,)),
        (("a",), ("a", "")),
        ((1, 2), (12,)),
        (("a1:b",), ("a", "b")),
    ],
)
def test_names_that_look_alike_when_joined_are_told_apart(one, two):
    assert stream(0, *one).bits() != stream(0, *two).bits()


def test_the_seed_matters_and_any_whole_number_is_one():
    seeds = [0, 1, -1, 2**64, 10**40]
    assert len({stream(seed, "a").bits() for seed in seeds}) == len(seeds)


def test_names_that_are_not_utf8_have_a_stream():
    assert stream(0, "\udce9").bits() != stream(0, "\udcea").bits()


def test_a_child_does_not_depend_on_what_was_drawn_before():
    fresh, used = stream(1, "a"), stream(1, "a")
    used.bits()
    assert fresh.child("b").bits() == used.child("b").bits()
    assert fresh.child("b").child("c").bits() != fresh.child("c").child("b").bits()


def test_drawing_from_a_child_leaves_the_parent_alone():
    one, two = stream(1, "a"), stream(1, "a")
    one.child("b").bits()
    assert one.bits() == two.bits()


def draws(method, *arguments, count=20_000):
    rng = stream(5, "statistics", method)
    return [getattr(rng, method)(*arguments) for _ in range(count)]


def kolmogorov(values, distribution):
    """The largest distance between the empirical and the true distribution function, times sqrt(n)."""
    ordered = sorted(values)
    n = len(ordered)
    distance = max(
        max(abs(distribution(x) - i / n), abs(distribution(x) - (i + 1) / n)) for i, x in enumerate(ordered)
    )
    return distance * math.sqrt(n)


def test_units_are_uniform_in_zero_to_one():
    values = draws("unit")
    assert min(values) >= 0 and max(values) < 1
    assert kolmogorov(values, lambda x: x) < 1.95  # exceeded once in a thousand seeds


def test_units_are_not_correlated_with_the_next_one():
    values = draws("unit")
    products = fmean((a - 0.5) * (b - 0.5) for a, b in itertools.pairwise(values))
    assert abs(products) < 4 / 12 / math.sqrt(len(values))


def test_normals_are_normal():
    assert kolmogorov(draws("normal"), NormalDist().cdf) < 1.95


def test_normals_are_finite_at_the_ends_of_the_words():
    class Ends(Stream):
        def __init__(self, word):
            self.word = word

        def bits(self):
            return self.word

    assert -9 < Ends(0).normal() < -8
    assert 8 < Ends(2**64 - 1).normal() < 9
    assert Ends(2**64 - 1).unit() < 1
    assert Ends(2**64 - 1).below(10) == 9


@pytest.mark.parametrize(("a", "b"), [(0.4, 0.4), (1.0, 1.0), (2.0, 5.0), (0.01, 0.01), (30.0, 1.0)])
def test_betas_have_the_mean_and_variance_of_the_beta_distribution(a, b):
    values = draws("beta", a, b)
    variance = a * b / ((a + b) ** 2 * (a + b + 1))
    assert all(0 <= value <= 1 for value in values)
    assert abs(fmean(values) - a / (a + b)) < 4 * math.sqrt(variance / len(values))
    assert pvariance(values) == pytest.approx(variance, rel=0.1)


def test_a_beta_of_one_and_one_is_uniform():
    assert kolmogorov(draws("beta", 1.0, 1.0), lambda x: x) < 1.95


def test_a_beta_of_two_and_one_has_the_square_as_distribution_function():
    assert kolmogorov(draws("beta", 2.0, 1.0), lambda x: x * x) < 1.95


def test_whole_numbers_below_n_are_equally_likely():
    counts = Counter(draws("below", 7))
    expected = 20_000 / 7
    assert set(counts) == set(range(7))
    assert sum((count - expected) ** 2 / expected for count in counts.values()) < 22.5  # chi2(6), 0.001


def test_weights_are_kept_and_zero_never_happens():
    counts = Counter(draws("weighted", [0.0, 1.0, 3.0, 0.0]))
    assert set(counts) == {1, 2}
    assert counts[2] / 20_000 == pytest.approx(0.75, abs=0.015)


def test_rounding_at_the_end_of_the_weights_picks_the_last_that_can_happen():
    class Top(Stream):
        def __init__(self):
            pass

        def unit(self):
            return 1.0

    assert Top().weighted([0.1, 0.2, 0.0]) == 1


def test_samples_are_different_numbers_in_an_order_that_is_random_too():
    counts = Counter(tuple(values) for values in draws("sample", 4, 2, count=12_000))
    assert set(counts) == set(itertools.permutations(range(4), 2))
    expected = 12_000 / 12
    assert sum((count - expected) ** 2 / expected for count in counts.values()) < 31.3  # chi2(11), 0.001


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 30), st.data())
def test_a_sample_has_k_different_numbers_below_n(n, data):
    k = data.draw(st.integers(0, n))
    values = stream(n, k).sample(n, k)
    assert len(values) == len(set(values)) == k
    assert set(values) <= set(range(n))


@given(st.integers(), st.lists(st.text(max_size=9), max_size=5))
def test_the_first_bits_of_many_streams_are_those_of_each(seed, lasts):
    assert first_bits(seed, ("choose", "train"), lasts) == [
        stream(seed, "choose", "train", last).bits() for last in lasts
    ]
    assert first_bits(seed, (), ["lone \udce9"]) == [stream(seed, "lone \udce9").bits()]
