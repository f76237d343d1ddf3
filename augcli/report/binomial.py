"""The exact binomial test: could a step of probability p have fired this often?"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_TIE = 1e-7
"""Outcomes are as likely as the observed one when their probabilities agree to this (R's binom.test)."""


def two_sided(fired: int, trials: int, p: float) -> float:
    """The probability of an outcome no likelier than `fired` of `trials`, each of probability `p`.

    The two-sided exact test by the method of small p-values (R's `binom.test`, SciPy's `binomtest`).
    1.0 for no trials. Raises ValueError for a count or a probability that cannot be.
    """
    if not 0 <= fired <= trials or not 0.0 <= p <= 1.0:
        raise ValueError(f"{fired} of {trials} at {p}")
    if trials == 0:
        return 1.0
    if p in (0.0, 1.0):
        return 1.0 if fired == trials * p else 0.0
    logs = _log_probabilities(trials, p)
    # The far tails of large counts are no larger than e-700 and are lost in the sum of the rest.
    chosen = logs[logs <= logs[fired] + math.log1p(_TIE)]
    return min(1.0, float(np.exp(chosen).sum()))


@lru_cache(maxsize=4)
def _log_factorials(n: int) -> NDArray[np.float64]:
    """Log k! for k = 0 ... n."""
    table = np.zeros(n + 1)
    np.cumsum(np.log(np.arange(1, n + 1, dtype=np.float64)), out=table[1:])
    return table


def _log_probabilities(n: int, p: float) -> NDArray[np.float64]:
    """Log P(k) of the binomial distribution for k = 0 ... n."""
    table = _log_factorials(n)
    k = np.arange(n + 1, dtype=np.float64)
    found: NDArray[np.float64] = table[n] - table - table[::-1] + k * math.log(p) + (n - k) * math.log1p(-p)
    return found
