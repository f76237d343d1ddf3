"""The exact binomial test against values of R and SciPy, and against sums of exact fractions."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest

from augcli.report.binomial import two_sided


@pytest.mark.parametrize(
    ("fired", "trials", "p", "expected"),
    [
        # scipy.stats.binomtest(k, n, p).pvalue, SciPy 1.11
        (682, 925, 0.75, 0.38249155957480695),  # R's own example: p-value = 0.3825
        (3, 15, 0.1, 0.18406106910639106),
        (0, 10, 0.5, 0.001953125),
        (51, 235, 1 / 6, 0.043747970182413345),
    ],
)
def test_it_gives_what_other_programs_give(fired: int, trials: int, p: float, expected: float) -> None:
    assert two_sided(fired, trials, p) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("p", [Fraction(1, 2), Fraction(1, 8), Fraction(13, 16)])
@pytest.mark.parametrize("trials", [1, 7, 30])
def test_it_is_the_sum_over_outcomes_no_likelier(p: Fraction, trials: int) -> None:
    chances = [comb(trials, k) * p**k * (1 - p) ** (trials - k) for k in range(trials + 1)]
    for fired, chance in enumerate(chances):
        exact = sum(other for other in chances if other <= chance)
        assert two_sided(fired, trials, float(p)) == pytest.approx(float(exact), rel=1e-9)


def test_what_always_or_never_happens_is_certain() -> None:
    assert two_sided(9, 9, 1.0) == two_sided(0, 9, 0.0) == two_sided(0, 0, 0.5) == 1.0
    assert two_sided(8, 9, 1.0) == two_sided(1, 9, 0.0) == 0.0


def test_a_count_of_a_hundred_thousand_far_off_is_practically_impossible() -> None:
    assert two_sided(52_000, 100_000, 0.5) < 1e-30
    assert two_sided(50_100, 100_000, 0.5) > 0.5


@pytest.mark.parametrize(("fired", "trials", "p"), [(3, 2, 0.5), (-1, 2, 0.5), (1, 2, 1.5)])
def test_what_cannot_be_is_refused(fired: int, trials: int, p: float) -> None:
    with pytest.raises(ValueError, match=" of "):
        two_sided(fired, trials, p)
