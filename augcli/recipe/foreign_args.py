"""The arguments of another library's transform, read into values of ours: ranges, factors, shares, sizes.

Pure conversions; a value that cannot be understood gives None. Knows no op and no library.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Span = tuple[float, float]
"""Low and high."""
Step = dict[str, dict[str, Any]]
"""`{op: parameters}`, plain data."""


@dataclass
class Args:
    """Named arguments, and which of them have been read."""

    given: Mapping[str, Any]
    used: set[str] = field(default_factory=set)

    def read(self, convert: Callable[[object], Any], *names: str, default: Any = None) -> Any:
        """The first of these arguments that `convert` understands, else the default."""
        for name in self.given:
            if name.lower() in names:
                value = convert(self.given[name])
                if value is not None:
                    self.used.add(name)
                    return value
        return default

    def left(self) -> tuple[str, ...]:
        """The arguments that nothing has read."""
        return tuple(name for name in self.given if name not in self.used)


@dataclass(frozen=True)
class Rule:
    """How the transforms of these names are written here.

    names   as other libraries spell them, separated by spaces
    order   the arguments that may be given without their name
    p       the probability that holds there when none is given; None where it always happens
    unless  arguments by which a library shows itself in which it always happens
    """

    names: str
    build: Callable[[Args], Step]
    order: str = ""
    p: float | None = None
    unless: str = ""


def step(op: str, **parameters: Any) -> Step:
    """A step of the parameters that are not None; spans become `[low, high]`, or a number when they agree."""
    plain = {name: _plain(value) for name, value in parameters.items() if value is not None}
    return {op: plain}


def always(op: str, **parameters: Any) -> Callable[[Args], Step]:
    """A transform whose arguments have no counterpart."""
    return lambda args: step(op, **parameters)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        low, high = map(_plain, value)
        return low if low == high else [low, high]
    if isinstance(value, float):
        rounded = round(value, 4)
        return int(rounded) if rounded == int(rounded) else rounded
    return value


def real(value: object) -> float | None:
    """A finite number; `15%` is 0.15."""
    if isinstance(value, str) and _PERCENT.fullmatch(value):
        return float(value[:-1]) / 100
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if abs(value) < 1e9 and math.isfinite(value) else None


_PERCENT = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,9})?%")


def pair(value: object) -> Span | None:
    """Two numbers, sorted."""
    if not isinstance(value, list | tuple) or len(value) != 2:
        return None
    low, high = map(real, value)
    return None if low is None or high is None else (min(low, high), max(low, high))


def span(value: object) -> Span | None:
    """A number is that number, a pair is a range."""
    single = real(value)
    return pair(value) if single is None else (single, single)


def spread(value: object) -> Span | None:
    """A number is plus or minus it, a pair is a range."""
    single = real(value)
    return pair(value) if single is None else (-abs(single), abs(single))


def upto(value: object) -> Span | None:
    """A number is from 0 to it, a pair is a range."""
    single = real(value)
    return pair(value) if single is None else (min(0.0, single), max(0.0, single))


def factors(value: object) -> Span | None:
    """torchvision, Keras: a number x is a factor from max(0, 1 - x) to 1 + x, a pair is factors."""
    single = real(value)
    return pair(value) if single is None else (max(0.0, 1 - abs(single)), 1 + abs(single))


def limits(value: object) -> Span | None:
    """albumentations: a number x is a factor from 1 - x to 1 + x, a pair is what is added to 1."""
    around = spread(value)
    return None if around is None else (max(0.0, 1 + around[0]), max(0.0, 1 + around[1]))


def times(convert: Callable[[object], Span | None], factor: float) -> Callable[[object], Span | None]:
    """The converted span in another unit; a negative factor turns it round."""

    def scaled(value: object) -> Span | None:
        found = convert(value)
        if found is None:
            return None
        low, high = sorted((found[0] * factor, found[1] * factor))
        return low, high

    return scaled


def levels(convert: Callable[[object], Span | None]) -> Callable[[object], Span | None]:
    """Fractions of full scale; numbers above 1 are 8-bit levels."""

    def fraction(value: object) -> Span | None:
        found = convert(value)
        if found is None or max(map(abs, found)) <= 1:
            return found
        return found[0] / 255, found[1] / 255

    return fraction


def hundredths(convert: Callable[[object], Span | None]) -> Callable[[object], Span | None]:
    """Fractions; numbers from 1 are percent."""

    def fraction(value: object) -> Span | None:
        found = convert(value)
        return found if found is None or max(map(abs, found)) < 1 else (found[0] / 100, found[1] / 100)

    return fraction


def share(value: float) -> str:
    """A fraction as a length of a recipe: 0.1 is `10%`."""
    return f"{round(value * 100, 4):g}%"


def lengths(found: Span) -> tuple[Any, Any]:
    """Fractions as percent of the side, numbers above 1 as pixels."""
    if max(map(abs, found)) <= 1 and not (isinstance(found[1], int) and found[1] == 1):
        return share(found[0]), share(found[1])
    return round(found[0]), round(found[1])


def shifts(value: object) -> tuple[Any, Any] | None:
    """A distance either way."""
    found = spread(value)
    return None if found is None else lengths(found)


def fixed_lengths(value: object) -> tuple[Any, Any] | None:
    """A distance: a number is that number."""
    found = span(value)
    return None if found is None else lengths(found)


def whole(value: object) -> int | None:
    """A whole number."""
    number = real(value)
    return int(number) if number is not None and number == int(number) else None


def counts(value: object) -> Span | None:
    """A whole number or a range of them."""
    found = span(value)
    return None if found is None or any(number != int(number) for number in found) else found


def size(value: object) -> tuple[int, int] | None:
    """(height, width), as torchvision and albumentations order them; one number is both."""
    sides = list(value) if isinstance(value, list | tuple) else [value]
    numbers = [whole(side) for side in sides]
    if not 1 <= len(numbers) <= 2 or None in numbers:
        return None
    height, width = numbers[0], numbers[-1]
    return None if height is None or width is None else (height, width)


def radii(value: object) -> Span | None:
    """Odd sides of a kernel as radii: 7 is 3."""
    found = counts(value)
    return None if found is None else (max(0, (found[0] - 1) // 2), max(0, (found[1] - 1) // 2))


def flag(value: object) -> bool | None:
    """True or false."""
    return value if isinstance(value, bool) else None


def text(value: object) -> str | None:
    """A word, in lower case."""
    return value.lower() if isinstance(value, str) else None


def colour(value: object) -> Any:
    """A grey level or `[r, g, b]` of 0 to 255; random ones are `noise`."""
    if isinstance(value, str):
        return "noise" if value.lower().startswith("random") or value.lower() == "pixel" else None
    found = value if isinstance(value, list | tuple) else [value]
    numbers = [whole(level) for level in found]
    if len(numbers) not in (1, 3) or any(n is None or not 0 <= n <= 255 for n in numbers):
        return None
    return numbers if len(numbers) == 3 else numbers[0]


def probability(value: object) -> float | None:
    """A number from 0 to 1, or percent."""
    number = real(value)
    return number if number is not None and 0 <= number <= 1 else None
