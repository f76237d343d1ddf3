"""How often each step fired against its probability, and what it drew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from augcli.report.binomial import two_sided
from augcli.report.expectation import Expected
from augcli.report.histogram import Histogram, Words

Row = Mapping[str, Any]

MOST_VALUES = 400
"""Values of steps whose distributions are kept; a recipe has some dozens."""

UNTOLD = frozenset({"seed", "noise"})
"""Seeds: large numbers without a meaning."""

NO_PARTNER = ": no other image to mix with"
"""How the warning ends of a mixing step that fired in vain (`render`)."""


@dataclass
class Fired:
    """One step over all copies.

    trials     copies it was meant for
    fired      of these, those in which it happened
    unknown    copies of which it could not be told whether it was meant for them
    alien      copies in which it happened although it was not meant for them
    """

    expected: Expected
    trials: int = 0
    fired: int = 0
    unknown: int = 0
    alien: int = 0

    @property
    def share(self) -> float | None:
        """Fired of trials."""
        return self.fired / self.trials if self.trials else None

    @property
    def probability(self) -> float | None:
        """Of an outcome no likelier under p (two-sided exact binomial test); None: not tested."""
        if self.expected.p is None or self.unknown or self.alien or not self.trials:
            return None
        return two_sided(self.fired, self.trials, min(1.0, self.expected.p))


@dataclass
class Firing:
    """The steps of a recipe over the rows that pass by."""

    steps: dict[str, Fired]
    values: dict[tuple[str, str], Histogram | Words] = field(default_factory=dict)
    units: dict[tuple[str, str], str] = field(default_factory=dict)
    unplotted: set[tuple[str, str]] = field(default_factory=set)
    strange: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, expected: Sequence[Expected]) -> Firing:
        """For these steps."""
        return cls({each.id: Fired(each) for each in expected})

    def add(self, row: Row, classes: frozenset[str] | None) -> None:
        """Count one finished copy; `classes` are those of its source, None where they are not known."""
        happened = {step["id"] for step in row["steps"]}
        happened |= {text.removesuffix(NO_PARTNER) for text in row["warnings"] if text.endswith(NO_PARTNER)}
        for id_, fired in self.steps.items():
            meant = fired.expected.meant_for(row["copy"], classes)
            if meant is None:
                fired.unknown += 1
            elif meant:
                fired.trials += 1
                fired.fired += id_ in happened
            else:
                fired.alien += id_ in happened
        for step in row["steps"]:
            if step["id"] not in self.steps:
                self.strange[step["id"]] = self.strange.get(step["id"], 0) + 1
            self._values(step)

    def _values(self, step: Mapping[str, Any]) -> None:
        drawn = step["drawn"]
        resolved = step.get("resolved") or {}
        if "lambda" in resolved:
            drawn = {**drawn, "lambda as pasted": resolved["lambda"]}
        for name, value in drawn.items():
            if name in UNTOLD:
                continue
            found = False
            for suffix, number, unit in flat(value):
                found = True
                self._count((step["id"], name + suffix), number, unit)
            if not found and value is not None:
                self.unplotted.add((step["id"], name))

    def _count(self, key: tuple[str, str], value: float | str, unit: str) -> None:
        kept = self.values.get(key)
        if kept is None:
            if len(self.values) >= MOST_VALUES:
                self.unplotted.add(key)
                return
            kept = self.values[key] = Words() if isinstance(value, str) else Histogram()
            self.units[key] = unit
        if isinstance(kept, Words):
            kept.add(value if isinstance(value, str) else f"{value:g}{unit}")
        elif not isinstance(value, str):
            kept.add(value)


def flat(value: Any) -> Iterator[tuple[str, float | str, str]]:
    """(suffix of the name, number or word, unit) of a drawn value; `[*]` for the numbers of long lists and of
    lists of lists, which are taken together.
    """
    if isinstance(value, bool):
        yield "", str(value).lower(), ""
    elif isinstance(value, (int, float)):
        yield "", float(value), ""
    elif isinstance(value, str):
        share = _percent(value)
        yield ("", value[:60], "") if share is None else ("", share, "%")
    elif isinstance(value, list):
        short = len(value) <= 4
        for number, each in enumerate(value):
            if isinstance(each, list):
                yield from (("[*]", found, unit) for _, found, unit in flat(each))
            elif isinstance(each, (int, float)) and not isinstance(each, bool):
                yield f"[{number}]" if short else "[*]", float(each), ""


def _percent(text: str) -> float | None:
    if not text.endswith("%"):
        return None
    try:
        return float(text[:-1])
    except ValueError:
        return None


def varying(firing: Firing) -> list[tuple[str, str]]:
    """(step, name) of the values that are not the same in every draw, in the order of the recipe's steps."""
    found = [
        key
        for key, kept in firing.values.items()
        if (len(kept.counts) > 1 if isinstance(kept, Words) else kept.high > kept.low)
    ]
    order = {step: place for place, step in enumerate(firing.steps)}
    return sorted(found, key=lambda key: order.get(key[0], len(order)))
