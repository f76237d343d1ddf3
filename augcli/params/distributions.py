"""How a value varies: each distribution is a map from one uniform number u in [0, 1) (`at(u)`).

One number per value means that changing how one parameter is distributed never moves what another draws.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any


@dataclass(frozen=True, slots=True)
class Fixed:
    """Always `value`."""

    value: Any

    def at(self, _u: float) -> Any:
        return self.value

    def plain(self) -> Any:
        return self.value

    def support(self) -> tuple[Any, ...]:
        return (self.value,)


@dataclass(frozen=True, slots=True)
class Uniform:
    """Uniform in [low, high]; of whole numbers, both ends included, when `whole`."""

    low: float
    high: float
    whole: bool = False

    def at(self, u: float) -> float:
        if self.whole:
            return int(self.low + math.floor(u * (self.high - self.low + 1)))
        return float(self.low + (self.high - self.low) * u)

    def plain(self) -> Any:
        return [self.low, self.high]

    def support(self) -> tuple[Any, ...]:
        return (self.low, self.high)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of `values`, all equally likely."""

    values: tuple[Any, ...]

    def at(self, u: float) -> Any:
        return self.values[int(u * len(self.values))]

    def plain(self) -> Any:
        return {"choice": list(self.values)}

    def support(self) -> tuple[Any, ...]:
        return self.values


@dataclass(frozen=True, slots=True)
class Normal:
    """Normal with `mean` and `std`, clipped to the parameter's limits [low, high]."""

    mean: float
    std: float
    low: float
    high: float
    whole: bool = False

    def at(self, u: float) -> float:
        # Half a step away from 0 and 1, where the inverse is infinite.
        z = NormalDist().inv_cdf(min(max(u, 2.0**-54), 1.0 - 2.0**-53))
        value = min(max(self.mean + self.std * z, self.low), self.high)
        return round(value) if self.whole else value

    def plain(self) -> Any:
        return {"normal": [self.mean, self.std]}

    def support(self) -> tuple[Any, ...]:
        return (self.mean,) if self.std == 0 else (self.mean, self.mean + self.std)


@dataclass(frozen=True, slots=True)
class LogUniform:
    """Uniform in the logarithm, in [low, high], 0 < low."""

    low: float
    high: float
    whole: bool = False

    def at(self, u: float) -> float:
        value = float(self.low * (self.high / self.low) ** u)
        return round(value) if self.whole else min(max(value, self.low), self.high)

    def plain(self) -> Any:
        return {"log_uniform": [self.low, self.high]}

    def support(self) -> tuple[Any, ...]:
        return (self.low, self.high)


@dataclass(frozen=True, slots=True)
class Percent:
    """Percentages of a side, distributed like `of`."""

    of: Fixed | Uniform | Choice | Normal | LogUniform

    def at(self, u: float) -> Any:
        return self.of.at(u)

    def plain(self) -> Any:
        return map_leaves(
            self.of.plain(), lambda number: f"{number!r}%" if isinstance(number, float) else number
        )

    def support(self) -> tuple[Any, ...]:
        return tuple(f"{number!r}%" for number in self.of.support())


def leaves_of(value: object) -> list[object]:
    """The scalars inside lists and mappings."""
    if isinstance(value, list):
        return [leaf for item in value for leaf in leaves_of(item)]
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in leaves_of(item)]
    return [value]


def map_leaves(value: Any, change: Callable[[Any], Any]) -> Any:
    """The same lists and mappings with every scalar changed."""
    if isinstance(value, list):
        return [map_leaves(item, change) for item in value]
    if isinstance(value, dict):
        return {key: map_leaves(item, change) for key, item in value.items()}
    return change(value)


Dist = Fixed | Uniform | Choice | Normal | LogUniform


def varies(value: object) -> bool:
    """Whether draws of this parameter value can differ from each other."""
    return isinstance(value, Dist | Percent) and len(set(map(str, value.support()))) > 1
