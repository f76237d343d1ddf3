"""The value vocabulary of recipes: numbers, lengths, choices, colours.

A parameter is declared once, as a field of a dataclass made by `param(kind, default, doc)`. The kind
gives everything else: parsing with limits, the draw, the JSON Schema, the row of the docs.

This package knows no YAML and no image.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from augcli.params.distributions import Choice, Dist, Fixed, LogUniform, Normal, Percent, Uniform, varies
from augcli.params.kinds import Colour, Flag, Invalid, Kind, Name, shown
from augcli.params.numbers import Length, Number, pixels

__all__ = [
    "REQUIRED",
    "Choice",
    "Colour",
    "Dist",
    "Fixed",
    "Flag",
    "Invalid",
    "Kind",
    "Length",
    "LogUniform",
    "Name",
    "Normal",
    "Number",
    "Param",
    "Percent",
    "Uniform",
    "param",
    "params_of",
    "pixels",
    "shown",
    "varies",
]

REQUIRED = dataclasses.MISSING
"""The default of a parameter that has none."""


@dataclass(frozen=True)
class Param:
    """A declared parameter: its name, what it accepts, its default (parsed), one sentence of docs."""

    name: str
    kind: Kind
    default: Any
    doc: str

    @property
    def required(self) -> bool:
        return self.default is REQUIRED


def param(kind: Kind, default: object, doc: str) -> Any:
    """A dataclass field for a parameter. `default` is plain YAML data, None (optional) or `REQUIRED`.

    A parameter that may be absent has the default None; then its draw is None too.
    """
    metadata = {"kind": kind, "doc": doc}
    if default is REQUIRED:
        return dataclasses.field(metadata=metadata, kw_only=True)
    parsed = None if default is None else kind.parse(default)
    return dataclasses.field(default=parsed, metadata=metadata, kw_only=True)


def params_of(owner: type) -> Sequence[Param]:
    """The declared parameters of a dataclass, in order."""
    return _declared(owner)


@cache
def _declared(owner: type) -> tuple[Param, ...]:
    return tuple(
        Param(field.name, field.metadata["kind"], field.default, field.metadata["doc"])
        for field in dataclasses.fields(owner)
        if "kind" in field.metadata
    )
