"""Distributions of a million values in the memory of a few hundred: counts in bins that widen as needed.

Nothing is sampled: every value is counted. What is lost is where in its bin a value lies.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

FIRST = 256
"""Values that are kept as they are before there are bins."""

BINS = 256
"""Bins at most; between half of them and all are in use."""

LARGEST = 1e300
"""Beyond it sums overflow."""

WORDS = 40
"""Different words of which each is counted by name."""


@dataclass
class Histogram:
    """The distribution of finite numbers that pass by.

    Up to `FIRST` values are kept. Then they are counted in `BINS` bins of equal width, a power of two times a
    base; a value outside doubles the width, which joins neighbouring bins and loses no count.
    """

    count: int = 0
    low: float = math.inf
    high: float = -math.inf
    total: float = 0.0
    whole: bool = True
    _values: list[float] = field(default_factory=list)
    _bins: list[int] = field(default_factory=list)
    _start: float = 0.0
    _width: float = 0.0

    def add(self, value: float) -> None:
        """Count one value; what is not finite, or has hundreds of digits, is passed over."""
        if not abs(value) < LARGEST:
            return
        self.count += 1
        self.total += value
        self.low, self.high = min(self.low, value), max(self.high, value)
        self.whole = self.whole and value == int(value)
        if not self._bins:
            if len(self._values) < FIRST:
                self._values.append(value)
                return
            if self.high == self.low:  # a constant: its count says it all
                return
            self._divide(self.count - 1)
        self._count(value)

    @property
    def mean(self) -> float:
        """The exact mean; NaN when there is nothing."""
        return self.total / self.count if self.count else math.nan

    def quantile(self, share: float) -> float:
        """The value below which this share lies, to within one bin; NaN when there is nothing."""
        if not self.count:
            return math.nan
        if not self._bins:
            ordered = sorted(self._values)
            return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
        wanted, seen = share * self.count, 0
        for index, number in enumerate(self._bins):
            if number and seen + number >= wanted:
                inside = self._start + (index + (wanted - seen) / number) * self._width
                return min(max(inside, self.low), self.high)
            seen += number
        return self.high

    def bars(self, number: int, low: float | None = None, high: float | None = None) -> list[float]:
        """Counts in `number` equal bars from `low` to `high` (the values' own range by default).

        A bin that lies across two bars is shared between them by its width.
        """
        low = self.low if low is None else low
        high = self.high if high is None else high
        bars = [0.0] * number
        if not self.count or high <= low:
            bars[0] = float(self.count)
            return bars
        scale = number / (high - low)
        for start, end, count in self._pieces():
            a, b = (start - low) * scale, (end - low) * scale
            if b - a < 1e-9:
                bars[min(number - 1, max(0, int(a)))] += count
                continue
            for index in range(max(0, int(a)), min(number - 1, int(b)) + 1):
                bars[index] += count * max(0.0, min(b, index + 1.0) - max(a, float(index))) / (b - a)
        return bars

    def _pieces(self) -> Iterator[tuple[float, float, int]]:
        if not self._bins:
            yield from ((value, value, 1) for value in self._values)
            return
        for index, number in enumerate(self._bins):
            if number:
                start = self._start + index * self._width
                if self.whole and self._width == 1.0:  # a bin of its own for each number
                    yield start, start, number
                    continue
                yield max(start, self.low), min(start + self._width, self.high), number

    def _divide(self, seen: int) -> None:
        """Begin to count in bins: of the width of one whole number, where all values are whole.

        Of `seen` values those beyond `FIRST`, if any, were equal to the first.
        """
        width = (self.high - self.low) / (BINS / 2)
        if self.whole:
            width = 2.0 ** math.ceil(math.log2(max(1.0, width)))
        self._width, self._bins = width, [0] * BINS
        self._start = self.low - (BINS / 4) * width if not self.whole else math.floor(self.low) - BINS // 4
        for value in self._values:
            self._count(value)
        first = min(BINS - 1, int((self._values[0] - self._start) / self._width))
        self._bins[first] += seen - len(self._values)
        self._values = []

    def _count(self, value: float) -> None:
        while value < self._start:
            joined = [a + b for a, b in zip(self._bins[::2], self._bins[1::2], strict=True)]
            self._start -= BINS * self._width
            self._width *= 2.0
            self._bins = [0] * (BINS // 2) + joined
        while value >= self._start + BINS * self._width:
            joined = [a + b for a, b in zip(self._bins[::2], self._bins[1::2], strict=True)]
            self._width *= 2.0
            self._bins = joined + [0] * (BINS // 2)
        self._bins[min(BINS - 1, int((value - self._start) / self._width))] += 1


@dataclass
class Words:
    """How often each of a few words was drawn; beyond `WORDS` different ones, the rest together."""

    counts: Counter[str] = field(default_factory=Counter)
    others: int = 0

    def add(self, word: str) -> None:
        """Count one word."""
        if word in self.counts or len(self.counts) < WORDS:
            self.counts[word] += 1
        else:
            self.others += 1
