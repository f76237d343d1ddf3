"""What values a parameter accepts: the base of all kinds, and the kinds that are no number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from augcli.params.distributions import Choice, Dist, Fixed
from augcli.rng import Stream


class Invalid(ValueError):
    """A value does not fit; the text reads `expected ..., got ...`."""

    def __init__(self, expected: str, got: object) -> None:
        super().__init__(f"expected {expected}, got {shown(got)}")


def shown(value: object) -> str:
    """A value as an error message shows it: short, on one line, in the recipe's own notation."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        text = "{" + ", ".join(f"{k}: {shown(v)}" for k, v in list(value.items())[:4]) + "}"
    elif isinstance(value, list | tuple):
        text = "[" + ", ".join(shown(v) for v in value[:6]) + (", ..." if len(value) > 6 else "") + "]"
    elif isinstance(value, int) and abs(value) > 10**18:
        text = "a number of many digits"
    else:
        text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether a value is a number; YAML's booleans are Python's numbers, but not ours."""
    return isinstance(value, int | float) and not isinstance(value, bool)


class Kind:
    """What values a parameter accepts. Subclasses are frozen dataclasses holding the limits."""

    def parse(self, value: object) -> Any:
        """The parsed value of plain YAML data. Raises `Invalid`."""
        raise NotImplementedError  # pragma: no cover - abstract

    def draw(self, value: Any, rng: Stream) -> Any:
        """A JSON value; takes exactly one number of `rng`."""
        return value.at(rng.unit())

    def plain(self, value: Any) -> Any:
        """The value as plain YAML data again; `parse(plain(v)) == v`."""
        return value.plain()

    def schema(self) -> dict[str, Any]:
        """JSON Schema of what `parse` accepts."""
        raise NotImplementedError  # pragma: no cover - abstract

    def describe(self) -> str:
        """What is accepted, in a few words, for the docs and for error messages."""
        raise NotImplementedError  # pragma: no cover - abstract


@dataclass(frozen=True)
class Name(Kind):
    """One of a closed list of words; or `{choice: [...]}` of them, unless `fixed`."""

    names: tuple[str, ...]
    fixed: bool = False

    def parse(self, value: object) -> Dist:
        if isinstance(value, str) and value in self.names:
            return Fixed(value)
        if not self.fixed and isinstance(value, dict) and set(value) == {"choice"}:
            inner = value["choice"]
            if isinstance(inner, list) and inner and all(item in self.names for item in inner):
                return Choice(tuple(inner))
        raise Invalid(f"one of {', '.join(self.names)}", value)

    def schema(self) -> dict[str, Any]:
        one = {"enum": list(self.names)}
        if self.fixed:
            return one
        choice = {
            "type": "object",
            "properties": {"choice": {"type": "array", "items": one, "minItems": 1}},
            "required": ["choice"],
            "additionalProperties": False,
        }
        return {"anyOf": [one, choice]}

    def describe(self) -> str:
        return " \\| ".join(self.names)


@dataclass(frozen=True)
class Flag(Kind):
    """`true` or `false`; never random."""

    def parse(self, value: object) -> Fixed:
        if isinstance(value, bool):
            return Fixed(value)
        raise Invalid("true or false", value)

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}

    def describe(self) -> str:
        return "true \\| false"


_HEX = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class Colour(Kind):
    """A colour on the 8-bit scale whatever the image's depth: a grey level, `[r, g, b]` or `"#rrggbb"`.

    Draws to `[r, g, b]`, or to one of `words`.
    """

    words: tuple[str, ...] = ()

    def parse(self, value: object) -> Fixed:
        if isinstance(value, str) and value in self.words:
            return Fixed(value)
        if isinstance(value, str) and _HEX.fullmatch(value):
            return Fixed(tuple(int(value[i : i + 2], 16) for i in (1, 3, 5)))
        levels: list[Any] = value if isinstance(value, list) else [value] * 3
        if len(levels) == 3 and all(is_number(v) and 0 <= v <= 255 and v == int(v) for v in levels):
            return Fixed(tuple(int(v) for v in levels))
        raise Invalid(self._expected(), value)

    def _expected(self) -> str:
        words = "".join(f", {word}" for word in self.words)
        return f'a grey level 0 to 255, [r, g, b], "#rrggbb"{words}'

    def draw(self, value: Any, rng: Stream) -> Any:
        drawn = value.at(rng.unit())
        return list(drawn) if isinstance(drawn, tuple) else drawn

    def plain(self, value: Any) -> Any:
        plain = value.plain()
        return list(plain) if isinstance(plain, tuple) else plain

    def schema(self) -> dict[str, Any]:
        level = {"type": "integer", "minimum": 0, "maximum": 255}
        forms: list[dict[str, Any]] = [
            level,
            {"type": "array", "items": level, "minItems": 3, "maxItems": 3},
            {"type": "string", "pattern": "^#[0-9a-fA-F]{6}$"},
        ]
        if self.words:
            forms.append({"enum": list(self.words)})
        return {"anyOf": forms}

    def describe(self) -> str:
        return "grey level 0 to 255, [r, g, b], #rrggbb" + "".join(f", {word}" for word in self.words)
