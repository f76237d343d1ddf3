"""`stream(seed, *names)`: the only source of randomness.

A stream is a pure function of the seed and its names (split, key, copy, step id, purpose), so what
one step draws for one copy depends on nothing else: not on other steps, other images, the order of
work, or the number of workers.

The numbers come from blake2b in counter mode. It is not the fastest generator, but a step draws only a
handful of numbers, a stream costs a few microseconds, and the values are the same on every platform
and with every version of numpy. Pixel noise uses numpy's SFC64, seeded by one number drawn here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from statistics import NormalDist
from typing import Self

_NORMAL = NormalDist()


def _packed(names: Sequence[str | int]) -> bytes:
    """Names as bytes, each with its kind and length in front, so that no two lists look alike."""
    return b"".join([_packed_one(name) for name in names])


def _packed_one(name: str | int) -> bytes:
    if isinstance(name, int):
        kind, data = b"i", str(name).encode()
    else:
        kind, data = b"s", name.encode("utf-8", "surrogateescape")
    return b"%b%d:%b" % (kind, len(data), data)


class Stream:
    """A sequence of random numbers that belongs to one list of names."""

    __slots__ = ("_counter", "_key")

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._counter = 0

    def child(self, *names: str | int) -> Self:
        """The stream of this one's names followed by `names`; independent of what was drawn here."""
        return type(self)(blake2b(_packed(names), key=self._key, digest_size=32).digest())

    def bits(self) -> int:
        """A whole number in [0, 2**64)."""
        self._counter += 1
        block = blake2b(self._counter.to_bytes(8, "little"), key=self._key, digest_size=8).digest()
        return int.from_bytes(block, "little")

    def unit(self) -> float:
        """A number in [0, 1) with 53 bits."""
        return (self.bits() >> 11) * 2.0**-53

    def below(self, n: int) -> int:
        """A whole number in [0, n), n >= 1; the bias is below n / 2**64."""
        return (self.bits() * n) >> 64

    def normal(self) -> float:
        """A standard normal number, by the inverse of its distribution function."""
        # Half a step away from 0; the topmost word would round to 1, where the inverse is infinite.
        return _NORMAL.inv_cdf(min(((self.bits() >> 11) + 0.5) * 2.0**-53, 1.0 - 2.0**-53))

    def beta(self, a: float, b: float) -> float:
        """A Beta(a, b) number, a and b > 0, as X / (X + Y) of two gamma numbers, taken in logarithms.

        In logarithms because Gamma(0.01) underflows more often than not, and 0 / 0 is no lambda.
        """
        x, y = self._log_gamma(a), self._log_gamma(b)
        top = max(x, y)
        return math.exp(x - top) / (math.exp(x - top) + math.exp(y - top))

    def _log_gamma(self, shape: float) -> float:
        """Logarithm of a Gamma(shape, 1) number (Marsaglia and Tsang 2000, with their boost below 1)."""
        if shape < 1.0:
            boost = math.log(((self.bits() >> 11) + 0.5) * 2.0**-53) / shape
            return self._log_gamma(shape + 1.0) + boost
        d = shape - 1.0 / 3.0
        c = 1.0 / math.sqrt(9.0 * d)
        while True:
            x = self.normal()
            v = (1.0 + c * x) ** 3
            if v <= 0.0:
                continue
            u = ((self.bits() >> 11) + 0.5) * 2.0**-53
            if math.log(u) < 0.5 * x * x + d - d * v + d * math.log(v):
                return math.log(d * v)

    def weighted(self, weights: Sequence[float]) -> int:
        """An index, drawn with probability weight / sum of weights."""
        target = self.unit() * sum(weights)
        for index, weight in enumerate(weights):
            target -= weight
            if target < 0.0:
                return index
        return max(index for index, weight in enumerate(weights) if weight > 0.0)

    def sample(self, n: int, k: int) -> list[int]:
        """Draw k different whole numbers of [0, n) in random order, 0 <= k <= n (Floyd 1987)."""
        chosen: list[int] = []
        seen: set[int] = set()
        for top in range(n - k, n):
            pick = self.below(top + 1)
            pick = top if pick in seen else pick
            seen.add(pick)
            chosen.insert(self.below(len(chosen) + 1), pick)
        return chosen


def stream(seed: int, *names: str | int) -> Stream:
    """The stream of these names. The same arguments give the same numbers, always and everywhere."""
    return Stream(blake2b(_packed((seed, *names)), digest_size=32, person=b"augment1").digest())


def first_bits(seed: int, names: Sequence[str | int], lasts: Iterable[str]) -> list[int]:
    """`stream(seed, *names, last).bits()` for each of `lasts`: for long lists, three times as fast."""
    begun = blake2b(_packed((seed, *names)), digest_size=32, person=b"augment1")
    first = (1).to_bytes(8, "little")
    found = []
    for last in lasts:
        hashed = begun.copy()
        hashed.update(_packed_one(last))
        found.append(int.from_bytes(blake2b(first, key=hashed.digest(), digest_size=8).digest(), "little"))
    return found
