"""Numbers and lengths: the kinds of value that may be random."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from augcli.params.distributions import (
    Choice,
    Dist,
    Fixed,
    LogUniform,
    Normal,
    Percent,
    Uniform,
    leaves_of,
    map_leaves,
)
from augcli.params.kinds import Invalid, Kind, is_number, shown
from augcli.rng import Stream

_RANGE_SCHEMA_KEYS = ("choice", "normal", "log_uniform")


@dataclass(frozen=True)
class Number(Kind):
    """A number within [low, high]; fixed, `[low, high]`, or a written-out distribution."""

    low: float
    high: float
    unit: str = ""
    whole: bool = False

    def parse(self, value: object) -> Dist:
        if is_number(value):
            return Fixed(self._within(value))
        if isinstance(value, list):
            if len(value) != 2 or not all(map(is_number, value)):
                raise Invalid(self._expected(), value)
            low, high = self._within(value[0]), self._within(value[1])
            if low > high:
                raise Invalid(f"[low, high] with low <= high (perhaps {shown([high, low])})", value)
            return Uniform(low, high, self.whole)
        if isinstance(value, dict) and len(value) == 1:
            ((form, inner),) = value.items()
            if form == "choice" and isinstance(inner, list) and 0 < len(inner) <= 1000:
                return Choice(tuple(self._within(item) for item in inner))
            pair = isinstance(inner, list) and len(inner) == 2 and all(map(is_number, inner))
            if form == "normal" and pair:
                mean, std = self._within(inner[0]), inner[1]
                if not 0 <= std <= self.high - self.low:
                    raise Invalid(f"a std between 0 and {self.high - self.low:g}", std)
                return Normal(mean, float(std), self.low, self.high, self.whole)
            if form == "log_uniform" and pair:
                low, high = self._within(inner[0]), self._within(inner[1])
                if not 0 < low <= high:
                    raise Invalid("{log_uniform: [low, high]} with 0 < low <= high", value)
                return LogUniform(low, high, self.whole)
            if form in _RANGE_SCHEMA_KEYS:
                raise Invalid("{choice: [...]}, {normal: [mean, std]} or {log_uniform: [low, high]}", value)
        raise Invalid(self._expected(), value)

    def _within(self, value: Any) -> Any:
        fits = is_number(value) and self.low <= value <= self.high
        if not fits or (self.whole and int(value) != value):
            raise Invalid(f"{self._noun()} between {self.low:g} and {self.high:g}{self._in_unit()}", value)
        # One type per parameter, so that `15` and `15.0` are recorded alike; + 0.0 turns -0.0 into 0.0.
        return int(value) if self.whole else float(value) + 0.0

    def _noun(self) -> str:
        return "a whole number" if self.whole else "a number"

    def _in_unit(self) -> str:
        return f" in {self.unit}" if self.unit else ""

    def _expected(self) -> str:
        return f"{self._noun()} or [low, high]{self._in_unit()}"

    def schema(self) -> dict[str, Any]:
        one = {"type": "integer" if self.whole else "number", "minimum": self.low, "maximum": self.high}
        pair = {"type": "array", "items": one, "minItems": 2, "maxItems": 2}
        forms: list[dict[str, Any]] = [one, pair]
        inner: dict[str, Any] = {
            "choice": {"type": "array", "items": one, "minItems": 1, "maxItems": 1000},
            "normal": {
                "type": "array",
                "prefixItems": [one, {"type": "number", "minimum": 0, "maximum": self.high - self.low}],
                "items": False,
                "minItems": 2,
            },
        }
        if self.high > 0:
            positive = {**one, "exclusiveMinimum": 0}
            inner["log_uniform"] = {"type": "array", "items": positive, "minItems": 2, "maxItems": 2}
        for name, form in inner.items():
            forms.append(
                {
                    "type": "object",
                    "properties": {name: form},
                    "required": [name],
                    "additionalProperties": False,
                }
            )
        return {"anyOf": forms}

    def describe(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        return f"{'whole number' if self.whole else 'number'}{unit}, {self.low:g} to {self.high:g}"


_PERCENT = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?%")


@dataclass(frozen=True)
class Length(Kind):
    """A length: pixels, or `"10%"` of the side it lies along. Draws to a number or a `"…%"` text."""

    low: float = 0.0
    high: float = 16384.0
    low_percent: float = 0.0
    high_percent: float = 100.0

    def _numbers(self) -> tuple[Number, Number]:
        return (
            Number(self.low, self.high, "pixels"),
            Number(self.low_percent, self.high_percent, "percent"),
        )

    def parse(self, value: object) -> Dist | Percent:
        pixels, percent = self._numbers()
        leaves = leaves_of(value)
        if leaves and all(isinstance(leaf, str) and _PERCENT.fullmatch(leaf) for leaf in leaves):
            inner = percent.parse(map_leaves(value, lambda leaf: float(leaf[:-1])))
            return Percent(inner)
        if any(isinstance(leaf, str) for leaf in leaves):
            raise Invalid('pixels or "10%" of the side (not both in one range)', value)
        return pixels.parse(value)

    def draw(self, value: Any, rng: Stream) -> Any:
        drawn = value.at(rng.unit())
        return drawn if not isinstance(value, Percent) else f"{drawn!r}%"

    def schema(self) -> dict[str, Any]:
        text = {"type": "string", "pattern": r"^-?\d+(\.\d+)?([eE][+-]?\d+)?%$"}
        pixels = self._numbers()[0].schema()["anyOf"]
        forms = [
            text,
            {"type": "array", "items": text, "minItems": 2, "maxItems": 2},
            {
                "type": "object",
                "properties": {"choice": {"type": "array", "items": text, "minItems": 1}},
                "required": ["choice"],
                "additionalProperties": False,
            },
        ]
        return {"anyOf": [*pixels, *forms]}

    def describe(self) -> str:
        return (
            f'pixels, {self.low:g} to {self.high:g}, or "%" of the side, '
            f"{self.low_percent:g}% to {self.high_percent:g}%"
        )


def pixels(drawn: float | str, side: float) -> float:
    """A drawn length in pixels along a side of `side` pixels."""
    if isinstance(drawn, str):
        return float(drawn[:-1]) * side / 100.0
    return float(drawn)
