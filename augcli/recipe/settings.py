"""The kinds of value outside the steps: plain settings, never random. They parse to plain Python values."""

from __future__ import annotations

import os
import re
import sys
import warnings
from dataclasses import dataclass
from typing import Any

from augcli.params import Colour, Invalid, Kind
from augcli.params.kinds import is_number
from augcli.recipe.model import Symmetry

MAX_TEXT = 4096


class Setting(Kind):
    """A kind whose parsed value is its own plain form."""

    def plain(self, value: Any) -> Any:
        return list(value) if isinstance(value, tuple) else value


@dataclass(frozen=True)
class Amount(Setting):
    """A fixed number within [low, high]; `whole` or not; `above` excludes low itself."""

    low: float
    high: float
    unit: str = ""
    whole: bool = False
    above: bool = False

    def parse(self, value: object) -> Any:
        if is_number(value) and self.low <= value <= self.high and not (self.above and value == self.low):
            if not self.whole:
                return float(value) + 0.0
            if int(value) == value:
                return int(value)
        raise Invalid(self.describe(), value)

    def schema(self) -> dict[str, Any]:
        lower = "exclusiveMinimum" if self.above else "minimum"
        return {"type": "integer" if self.whole else "number", lower: self.low, "maximum": self.high}

    def describe(self) -> str:
        noun = "a whole number" if self.whole else "a number"
        high = str(self.high) if self.whole else f"{self.high:g}"
        bounds = f"above {self.low:g}, at most {high}" if self.above else f"between {self.low:g} and {high}"
        return f"{noun} {bounds}{' ' if self.unit else ''}{self.unit}"


@dataclass(frozen=True)
class Word(Setting):
    """One of a closed list; `synonyms` are read as another of the list."""

    words: tuple[str | int, ...]
    synonyms: tuple[tuple[str | int, str | int], ...] = ()

    def parse(self, value: object) -> Any:
        for given, meant in (*zip(self.words, self.words, strict=True), *self.synonyms):
            if type(value) is type(given) and value == given:
                return meant
        raise Invalid(self.describe(), value)

    def schema(self) -> dict[str, Any]:
        return {"enum": [*self.words, *(given for given, _ in self.synonyms)]}

    def describe(self) -> str:
        return f"one of {', '.join(map(str, self.words))}" if len(self.words) > 1 else str(self.words[0])


@dataclass(frozen=True)
class Text(Setting):
    """A text; `pattern` (whole match) and `form` (in words) say which."""

    form: str = "text"
    pattern: str = ""
    longest: int = MAX_TEXT

    def parse(self, value: object) -> str:
        if is_number(value) or isinstance(value, bool):
            raise Invalid(f"{self.form} (in quotes, when it looks like a number)", value)
        if not isinstance(value, str) or not 0 < len(value) <= self.longest or "\0" in value:
            raise Invalid(self.form, value)
        if self.pattern and not re.fullmatch(self.pattern, value):
            raise Invalid(self.form, value)
        return value

    def schema(self) -> dict[str, Any]:
        extra = {"pattern": f"^(?:{self.pattern})$"} if self.pattern else {}
        return {"type": "string", "minLength": 1, "maxLength": self.longest, **extra}

    def describe(self) -> str:
        return self.form


_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_VARIABLE = re.compile(r"\$[A-Za-z_{]")


@dataclass(frozen=True)
class Local(Text):
    """A path on this machine, as it is: no URL, no `$VAR`, no `~`."""

    form: str = "a path"

    def parse(self, value: object) -> str:
        text = super().parse(value)
        if _URL.match(text):
            raise Invalid("a local path (only those are supported; sync it first)", text)
        if _VARIABLE.search(text):
            raise Invalid("a path without $VAR or ${...} (variables are not replaced; use --set)", text)
        if text == "~" or text.startswith("~/"):
            raise Invalid("a path without ~ (it is not replaced; write it out, or use --set)", text)
        try:
            os.fsencode(text)
        except UnicodeEncodeError:
            encoding = sys.getfilesystemencoding()
            raise Invalid(f"a path of {encoding} characters here (or set PYTHONUTF8=1)", text) from None
        return text

    def schema(self) -> dict[str, Any]:
        refused = rf"^{_URL.pattern}|{_VARIABLE.pattern}|^~(/|$)"
        return {**super().schema(), "not": {"pattern": refused}}


@dataclass(frozen=True)
class Pattern(Text):
    """A regular expression, tried with `search`."""

    form: str = "a regular expression"
    longest: int = 500

    def parse(self, value: object) -> str:
        text = super().parse(value)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # a pattern that Python warns of will mean something else
                re.compile(text)
        except (re.error, Warning, OverflowError, RecursionError) as error:
            raise Invalid(f"a regular expression ({error})", text) from None
        return text


@dataclass(frozen=True)
class Texts(Setting):
    """One text or a list of them; order and repetition mean nothing, so they are sorted."""

    of: Text
    fewest: int = 0
    most: int = 10_000

    def parse(self, value: object) -> tuple[str, ...]:
        items = value if isinstance(value, list) else [value]
        if not self.fewest <= len(items) <= self.most:
            raise Invalid(f"{self.fewest} to {self.most} of: {self.of.describe()}", value)
        return tuple(sorted({self.of.parse(item) for item in items}))

    def schema(self) -> dict[str, Any]:
        one = self.of.schema()
        many = {"type": "array", "items": one, "minItems": self.fewest, "maxItems": self.most}
        return {"anyOf": [one, many]}

    def describe(self) -> str:
        return f"{self.of.describe()}, or a list of them"


QUARTER_TURN = "quarter_turn"


@dataclass(frozen=True)
class Mirrored(Setting):
    """`{turn_left: turn_right, never: [text]}`: classes that a mirror exchanges, and such that have none.

    `quarter_turn: {up: left, ..., never: [six]}` in it: the same for quarter turns counter-clockwise.
    """

    def parse(self, value: object) -> Symmetry:
        if not isinstance(value, dict) or not 0 < len(value) <= 10_000:
            raise Invalid(self.describe(), value)
        name = Text("a class name")
        own = ("never", QUARTER_TURN)
        pairs = {one: name.parse(other) for one, other in value.items() if one not in own}
        never = Texts(name).parse(value.get("never", []))
        for one, other in pairs.items():
            if pairs.get(other, one) != one or one == other:
                raise Invalid(f"{one} to have one mirror image, another class", other)
        if len(set(pairs.values())) < len(pairs):
            raise Invalid("every class to be the mirror image of one other", value)
        unique = sorted({tuple(sorted(pair)) for pair in pairs.items()})
        turns, never_turned = self._turned(value.get(QUARTER_TURN, {}))
        return Symmetry(tuple((one, other) for one, other in unique), never, turns, never_turned)

    def _turned(self, value: object) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
        if not isinstance(value, dict) or len(value) > 10_000:
            raise Invalid("a mapping of classes to what a quarter turn makes of them", value)
        name = Text("a class name")
        turns = {name.parse(one): name.parse(other) for one, other in value.items() if one != "never"}
        if sorted(turns) != sorted(turns.values()):
            raise Invalid("every class that something turns into to be turned, too", value)
        for one in turns:
            after = one
            for _ in range(4):
                after = turns[after]
            if after != one:
                raise Invalid(f"{one} to be itself again after four quarter turns", after)
        return tuple(sorted(turns.items())), Texts(name).parse(value.get("never", []))

    def plain(self, value: Any) -> Any:
        never = {"never": list(value.never)} if value.never else {}
        turned = dict(value.turns) | ({"never": list(value.never_turned)} if value.never_turned else {})
        return dict(value.pairs) | never | ({QUARTER_TURN: turned} if turned else {})

    def schema(self) -> dict[str, Any]:
        name = Text("a class name")
        return {
            "type": "object",
            "minProperties": 1,
            "properties": {
                "never": Texts(name).schema(),
                QUARTER_TURN: {
                    "type": "object",
                    "properties": {"never": Texts(name).schema()},
                    "additionalProperties": name.schema(),
                },
            },
            "additionalProperties": name.schema(),
        }

    def describe(self) -> str:
        return "a mapping of classes to their mirror images, and `never:` with a list of classes"


@dataclass(frozen=True)
class Levels(Setting):
    """`[low, high]` whole pixel values, low < high."""

    low: int = 0
    high: int = 65535

    def parse(self, value: object) -> tuple[int, int]:
        one = Amount(self.low, self.high, whole=True)
        if not isinstance(value, list) or len(value) != 2:
            raise Invalid(self.describe(), value)
        low, high = one.parse(value[0]), one.parse(value[1])
        if low >= high:
            raise Invalid("[low, high] with low < high", value)
        return low, high

    def schema(self) -> dict[str, Any]:
        one = Amount(self.low, self.high, whole=True).schema()
        return {"type": "array", "items": one, "minItems": 2, "maxItems": 2}

    def describe(self) -> str:
        return f"[low, high], whole pixel values of {self.low} to {self.high}"


@dataclass(frozen=True)
class Swatch(Setting):
    """A fixed colour; parses to (r, g, b) on the 8-bit scale."""

    def parse(self, value: object) -> Any:
        return Colour().parse(value).value

    def schema(self) -> dict[str, Any]:
        return Colour().schema()

    def describe(self) -> str:
        return Colour().describe()
