"""Where the time of a job goes: a stopwatch with named laps. What it tells is never part of a dataset."""

from __future__ import annotations

from time import perf_counter

PENDING = "camera and exposure"
"""The stage in which what is pending is applied: pixels resampled, labels moved, colours multiplied."""


class Laps:
    """Every lap ends at a call and began at the one before; a fraction of a microsecond each.

    `spent` is the name of each stage -> (seconds, how many times).
    """

    __slots__ = ("_last", "spent")

    def __init__(self) -> None:
        self._last = perf_counter()
        self.spent: dict[str, tuple[float, int]] = {}

    def lap(self, name: str) -> None:
        """What was done since the last lap is of this stage."""
        now = perf_counter()
        seconds, times = self.spent.get(name, (0.0, 0))
        self.spent[name] = seconds + now - self._last, times + 1
        self._last = now
