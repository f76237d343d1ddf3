"""The random words, the tables, and the arithmetic of noise on pixels."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from augcli import noise

SHAPES = [
    (1, 1),
    (1, 4),
    (4, 1),
    (2, 2),
    (1, 1, 3),
    (4, 1, 3),
    (1, 4, 3),
    (7, 5, 3),
    (190, 191),
    (190, 191, 3),
]


def picture(shape: tuple[int, ...], dtype: Any = np.uint8) -> np.ndarray[Any, Any]:
    return np.random.default_rng(4).integers(0, np.iinfo(dtype).max + 1, shape, dtype)


def words_of(shape: tuple[int, ...], seed: int) -> np.ndarray[Any, Any]:
    """The words of an image written as one array, however the module splits its work."""
    count = math.prod(shape)
    return np.random.SFC64(seed).random_raw(-(-count // 4)).view(np.uint16)[:count].reshape(shape)


def test_normal_quantiles_are_the_inverse_distribution_at_the_midpoints() -> None:
    table = noise.quantiles("normal")
    for k in (0, 1, 1000, 32767, 32768, 50000, 65535):
        assert table[k] == pytest.approx(NormalDist().inv_cdf((k + 0.5) / 65536), abs=1e-12)
    assert table.std() == pytest.approx(1.0, abs=2e-4)


def test_laplace_quantiles_have_unit_variance_and_the_closed_distribution_function() -> None:
    table = noise.quantiles("laplace")
    b = 1 / math.sqrt(2)
    assert table.std() == pytest.approx(1.0, abs=2e-3)
    for k in (0, 5000, 32767, 32768, 60000, 65535):
        x, u = table[k], (k + 0.5) / 65536
        reached = 0.5 * math.exp(x / b) if x < 0 else 1 - 0.5 * math.exp(-x / b)
        assert reached == pytest.approx(u, abs=1e-12)


def test_uniform_quantiles_are_equally_spaced_within_one() -> None:
    table = noise.quantiles("uniform")
    assert np.allclose(np.diff(table), 2 / 65536)
    assert table[0] > -1 and table[-1] < 1


@pytest.mark.parametrize("shape", ["normal", "laplace", "uniform"])
def test_tables_are_exactly_symmetric_so_rounding_has_no_bias(shape: str) -> None:
    table = noise.levels(shape, 0.0, 10.0)
    assert np.array_equal(table, -table[::-1])
    assert not table.flags.writeable


def test_a_table_takes_the_smallest_type_that_holds_it() -> None:
    assert noise.levels("normal", 0.0, 29.0).dtype == np.int8
    assert noise.levels("normal", 0.0, 30.0).dtype == np.int16
    assert noise.levels("laplace", 0.0, 255.0).dtype == np.int16
    assert noise.levels("normal", 0.0, 65535.0).dtype == np.int32
    assert noise.levels("normal", 120.0, 10.0).max() == round(120 + 10 * 4.324919)


@pytest.mark.parametrize("amount", [0.0, 0.0123, 0.37, 1.0])
@pytest.mark.parametrize("salt", [0.0, 0.3, 0.5, 1.0])
def test_the_shares_of_salt_and_pepper_are_exact_to_a_word(amount: float, salt: float) -> None:
    table = noise.spots(amount, salt)
    assert (table > 0).mean() == pytest.approx(amount * salt, abs=1 / 65536)
    assert (table < 0).mean() == pytest.approx(amount * (1 - salt), abs=1 / 65536)


@pytest.mark.parametrize("spread", [10.0, 100.0, 20000.0])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("shape", SHAPES)
def test_adding_is_the_saturated_sum_of_each_value_and_its_own_word(
    shape: tuple[int, ...], dtype: Any, spread: float
) -> None:
    image, top = picture(shape, dtype), int(np.iinfo(dtype).max)
    table = noise.levels("normal", 0.0, spread)
    expected = np.clip(image.astype(np.int64) + table[words_of(shape, 9)], 0, top)
    made = noise.add(image, table, 9, 0, top)
    assert made.dtype == dtype
    assert np.array_equal(made, expected)


def test_shared_noise_is_the_same_in_all_channels() -> None:
    image = np.full((200, 210, 3), 100, np.uint8)
    table = noise.levels("normal", 0.0, 10.0)
    chosen = table.astype(int)[words_of((200, 210), 3)]
    made = noise.add(image, table, 3, 0, 255, shared=True)
    assert np.array_equal(made, np.repeat(100 + chosen[..., None], 3, axis=2))


def test_levels_bound_the_result() -> None:
    image = np.full((60, 70), 1000, np.uint16)
    made = noise.add(image, noise.levels("normal", 0.0, 400.0), 1, 700, 1200)
    assert (made.min(), made.max()) == (700, 1200)


def test_a_view_that_is_not_contiguous_gives_the_same_pixels() -> None:
    image = picture((40, 50, 3))
    table = noise.levels("normal", 0.0, 10.0)
    mirrored = image[:, ::-1]
    assert np.array_equal(
        noise.add(mirrored, table, 5, 0, 255), noise.add(np.ascontiguousarray(mirrored), table, 5, 0, 255)
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_8_bit_products_are_exact_and_rounded_once(shape: tuple[int, ...]) -> None:
    image = picture(shape)
    gains = np.rint((noise.quantiles("normal") * 0.3 + 1) * 4096)[words_of(shape, 9)]
    expected = np.clip(np.rint(image * gains / 4096), 0, 255)
    assert np.array_equal(noise.multiply(image, 0.3, 9, 0, 255), expected)


def test_16_bit_products_are_within_one_level() -> None:
    image = picture((90, 70, 3), np.uint16)
    gains = np.rint((noise.quantiles("normal") * 0.3 + 1) * 4096)[words_of(image.shape, 9)]
    expected = np.clip(np.rint(image * gains / 4096), 0, 65535)
    assert np.abs(noise.multiply(image, 0.3, 9, 0, 65535) - expected).max() <= 1


def test_products_are_counted_from_black() -> None:
    image = np.full((50, 60), 1000, np.uint16)
    assert np.array_equal(noise.multiply(image, 0.5, 1, 1000, 4000), image)
    brighter = noise.multiply(image + 1500, 0.2, 1, 1000, 4000).astype(float)
    assert brighter.mean() == pytest.approx(2500, abs=25)
    assert brighter.std() == pytest.approx(300, rel=0.05)
    assert noise.multiply(image + 3000, 1.0, 1, 1000, 4000).max() == 4000


@pytest.mark.parametrize("peak", [1.0, 3.0, 12.0, 60.0, 900.0, 50_000.0])
def test_the_photon_table_has_the_mean_and_the_variance_of_poisson(peak: float) -> None:
    counts = noise._counts(peak / 255).reshape(256, 4096).astype(np.float64)
    means = np.arange(256) * peak / 255
    assert np.abs(counts.mean(axis=1) - means).max() <= 2e-3 * math.sqrt(peak) + 1e-3
    bright = means > 0.5  # below, a table of 4,096 equal parts holds too few counts other than 0
    assert counts.var(axis=1)[bright] == pytest.approx(means[bright], rel=0.01)
    assert np.all(np.diff(counts, axis=1) >= 0)


@pytest.mark.parametrize("mean", [0.4, 7.0, 30.0])
def test_the_photon_table_follows_the_probabilities_of_poisson(mean: float) -> None:
    counts = noise._counts(mean / 200).reshape(256, 4096)[200]
    for k in range(int(mean) + 4):
        exact = math.exp(-mean) * mean**k / math.factorial(k)
        assert (counts == k).mean() == pytest.approx(exact, abs=1.01 / 4096)


def test_zero_light_has_no_photon_noise() -> None:
    assert not noise.photons(np.zeros((50, 50, 3), np.uint8), 3.0, 1, 0, 255).any()
    assert not noise.photons(np.zeros((50, 50), np.uint16), 3.0, 1, 0, 65535).any()
    assert (noise.photons(np.full((50, 50), 900, np.uint16), 3.0, 1, 900, 4095) == 900).all()


def clipped_poisson(mean: float, top: float) -> tuple[float, float]:
    """Mean and variance of min(X, top), X ~ Poisson(mean), summed over its probabilities."""
    counts = range(int(mean + 12 * math.sqrt(mean) + 20))
    chances = [math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in counts]
    first = sum(p * min(k, top) for k, p in zip(counts, chances, strict=True))
    return first, sum(p * (min(k, top) - first) ** 2 for k, p in zip(counts, chances, strict=True))


@pytest.mark.parametrize(("low", "high"), [(0, 65535), (500, 4595)])
@pytest.mark.parametrize("peak", [5.0, 200.0, 20_000.0])
@pytest.mark.parametrize("share", [0.0371, 0.3217, 0.9])
def test_16_bit_photon_noise_is_poisson_at_levels_between_those_of_8_bit(
    share: float, peak: float, low: int, high: int
) -> None:
    level = low + round(share * (high - low))
    made = noise.photons(np.full((500, 1000), level, np.uint16), peak, 2, low, high)
    counts = (made.astype(np.float64) - low) / (high - low) * peak
    mean, variance = clipped_poisson((level - low) / (high - low) * peak, peak)
    rounding = (peak / (high - low)) ** 2 / 12
    assert counts.mean() == pytest.approx(mean, abs=5 * math.sqrt(variance / 5e5) + 1.5e-3 * math.sqrt(peak))
    assert counts.var() == pytest.approx(variance + rounding, rel=0.02)


def test_chosen_pixels_have_the_share_and_no_pattern() -> None:
    mask = noise.chosen(8, 1000, 1000, 0.3)
    assert mask.mean() == pytest.approx(0.3, abs=4 * math.sqrt(0.21 / 1e6))
    assert not noise.chosen(8, 30, 20, 0.0).any()
    assert noise.chosen(8, 30, 20, 1.0).all()


@given(st.integers(0, 2**63 - 1), st.integers(0, 30000), st.integers(0, 35535))
@settings(max_examples=30, deadline=None)
def test_random_levels_stay_within_their_ends(seed: int, low: int, width: int) -> None:
    made = noise.random_levels((20, 20), np.dtype(np.uint16), seed, low, low + width)
    assert made.min() >= low and made.max() <= low + width


def test_random_levels_are_uniform_over_all_256() -> None:
    counts = np.bincount(
        noise.random_levels((1024, 1024), np.dtype(np.uint8), 1, 0, 255).ravel(), minlength=256
    )
    expected = 1024 * 1024 / 256
    chi = ((counts - expected) ** 2 / expected).sum()
    assert abs(chi - 255) < 5 * math.sqrt(2 * 255)
