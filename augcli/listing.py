"""`augment ops`: what the operations are, from their declarations; also the op table of the README."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import Any

import augcli.ops  # noqa: F401 - fills the registry
from augcli.errors import Exit, Problem, UsageError
from augcli.ops.base import OPS, Op, doc_of
from augcli.params import Param, params_of, shown

FAMILIES = ("geometry", "colour", "noise", "blur", "digital", "erasing", "mixing")


def listing(name: str | None, *, as_json: bool, say: Callable[[str], None]) -> Exit:
    """Print all operations, or one with its parameters."""
    if name is not None and name not in OPS:
        near = get_close_matches(name, OPS, 1)
        remedy = f"did you mean {near[0]}?" if near else "`augment ops` lists them"
        raise UsageError(Problem("", f"unknown operation {name!r}", remedy))
    chosen = [OPS[name]] if name else in_order()
    if as_json:
        say(json.dumps([described(cls) for cls in chosen], indent=2))
    elif name:
        say(explained(OPS[name]))
    else:
        for cls in chosen:
            say(f"{cls.name:20} {cls.family:9} {doc_of(cls)}")
    return Exit.OK


def in_order() -> list[type[Op]]:
    """All operations by family, in the order of their registration."""
    return sorted(OPS.values(), key=lambda cls: FAMILIES.index(cls.family))


def _default(parameter: Param) -> Any:
    if parameter.required or parameter.default is None:
        return None
    return parameter.kind.plain(parameter.default)


def described(cls: type[Op]) -> dict[str, Any]:
    """An operation as plain data."""
    return {
        "name": cls.name,
        "family": cls.family,
        "doc": doc_of(cls),
        "parameters": [
            {
                "name": parameter.name,
                "accepts": parameter.kind.describe().replace("\\|", "|"),
                "required": parameter.required,
                "default": _default(parameter),
                "doc": parameter.doc,
            }
            for parameter in params_of(cls)
        ],
        "example": {cls.name: dict(cls.example)} if cls.example else cls.name,
    }


def explained(cls: type[Op]) -> str:
    """An operation for people: docstring, parameters, an example line."""
    lines = [f"{cls.name} ({cls.family})", "", inspect.cleandoc(cls.__doc__ or ""), ""]
    for parameter in params_of(cls):
        given = "required" if parameter.required else f"default {_shown_default(parameter)}"
        accepts = parameter.kind.describe().replace("\\|", "|")
        lines += [f"  {parameter.name}: {parameter.doc}", f"      {accepts}; {given}"]
    inner = ", ".join(f"{key}: {shown(value)}" for key, value in cls.example.items())
    lines += ["", f"  - {cls.name}: {{{inner}}}" if inner else f"  - {cls.name}"]
    return "\n".join(lines)


def _shown_default(parameter: Param) -> str:
    default = _default(parameter)
    return "none" if default is None else (default if isinstance(default, str) else shown(default))


def table() -> Iterator[str]:
    """The op table of the README, line by line."""
    for family in FAMILIES:
        yield f"**{family.capitalize()}**"
        yield ""
        yield "| op | does | parameters and defaults |"
        yield "|---|---|---|"
        for cls in in_order():
            if cls.family == family:
                cells = [
                    f"`{parameter.name}` {'(required)' if parameter.required else _shown_default(parameter)}"
                    for parameter in params_of(cls)
                ]
                yield f"| `{cls.name}` | {doc_of(cls)} | {', '.join(cells)} |"
        yield ""
