"""Counts in bins that widen: nothing is lost, whatever the order and the scale."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from augcli.report.histogram import BINS, FIRST, WORDS, Histogram, Words


def filled(values: list[float]) -> Histogram:
    kept = Histogram()
    for value in values:
        kept.add(value)
    return kept


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=3 * FIRST), st.integers(1, 50))
def test_every_value_is_counted_once_in_whatever_bars(values: list[float], bars: int) -> None:
    kept = filled(values)
    assert kept.count == len(values)
    assert (kept.low, kept.high) == (min(values), max(values))
    assert math.fsum(kept.bars(bars)) == pytest.approx(len(values))
    assert len(kept._values) <= FIRST and len(kept._bins) <= BINS


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e12])
def test_quantiles_and_bars_are_those_of_numpy_to_within_a_bin(scale: float) -> None:
    values = (np.random.default_rng(5).normal(3.0, 1.0, 20_000) * scale).tolist()
    kept = filled(values)
    width = (max(values) - min(values)) / (BINS / 2)
    for share in (0.05, 0.5, 0.95):
        assert kept.quantile(share) == pytest.approx(float(np.quantile(values, share)), abs=width)
    expected, _ = np.histogram(values, 20)
    assert np.abs(np.array(kept.bars(20)) - expected).max() < 0.03 * len(values)
    assert kept.mean == pytest.approx(float(np.mean(values)))


def test_whole_numbers_keep_bars_of_their_own() -> None:
    values = [float(number % 7) for number in range(7000)]
    kept = filled(values)
    assert kept.whole and kept.bars(7, -0.5, 6.5) == [1000.0] * 7


def test_a_constant_takes_no_room_and_is_told_when_it_ends() -> None:
    kept = filled([4.0] * 10_000)
    assert len(kept._values) == FIRST and kept.quantile(0.5) == 4.0
    kept.add(5.0)
    assert kept.bars(2, 3.5, 5.5) == [10_000.0, 1.0]


def test_what_is_no_number_is_passed_over() -> None:
    kept = filled([math.nan, math.inf, -math.inf, 1e305, 2.0])
    assert (kept.count, kept.low, kept.high) == (1, 2.0, 2.0)
    assert math.isnan(Histogram().quantile(0.5)) and math.isnan(Histogram().mean)


def test_words_beyond_a_few_are_counted_together() -> None:
    kept = Words()
    for number in range(WORDS + 5):
        kept.add(f"word {number}")
    kept.add("word 0")
    assert len(kept.counts) == WORDS and kept.counts["word 0"] == 2 and kept.others == 5
