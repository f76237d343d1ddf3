"""Settings that measure: the sides of a frame, a length along one, a share of a whole."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from augcli.params import Invalid
from augcli.params.kinds import is_number
from augcli.recipe.settings import Amount, Setting

_PERCENT = re.compile(r"[0-9]{1,2}(?:\.[0-9]{1,10})?%")


@dataclass(frozen=True)
class Sides(Setting):
    """Width and height in whole pixels: one number for both, or `[width, height]`."""

    low: int
    high: int

    def parse(self, value: object) -> tuple[int, int]:
        one = Amount(self.low, self.high, whole=True)
        if is_number(value):
            return one.parse(value), one.parse(value)
        if not isinstance(value, list) or len(value) != 2:
            raise Invalid(self.describe(), value)
        return one.parse(value[0]), one.parse(value[1])

    def schema(self) -> dict[str, Any]:
        one = Amount(self.low, self.high, whole=True).schema()
        return {"anyOf": [one, {"type": "array", "items": one, "minItems": 2, "maxItems": 2}]}

    def describe(self) -> str:
        return f"{Amount(self.low, self.high, 'pixels', whole=True).describe()}, or [width, height]"


@dataclass(frozen=True)
class Extent(Setting):
    """A fixed length below `high`: whole pixels, or a percentage of a side below 100 %."""

    high: int

    def parse(self, value: object) -> int | str:
        if isinstance(value, str) and _PERCENT.fullmatch(value):
            return f"{float(value[:-1]):g}%"
        if is_number(value):
            return int(Amount(0, self.high - 1, whole=True).parse(value))
        raise Invalid(self.describe(), value)

    def schema(self) -> dict[str, Any]:
        percent = {"type": "string", "pattern": f"^{_PERCENT.pattern}$"}
        return {"anyOf": [Amount(0, self.high - 1, whole=True).schema(), percent]}

    def describe(self) -> str:
        return "whole pixels, or a percentage such as 10%"


@dataclass(frozen=True)
class Share(Setting):
    """A share of a whole: `20%`, or a fraction below 1. Parses to the fraction, in (0, 1)."""

    def parse(self, value: object) -> float:
        share = float(value[:-1]) / 100.0 if isinstance(value, str) and _PERCENT.fullmatch(value) else value
        if is_number(share) and 0.0 < share < 1.0:
            return float(share)
        raise Invalid(self.describe(), value)

    def schema(self) -> dict[str, Any]:
        percent = {"type": "string", "pattern": f"^{_PERCENT.pattern}$"}
        return {"anyOf": [percent, {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}]}

    def describe(self) -> str:
        return "a share such as 20% or 0.2, below the whole"
