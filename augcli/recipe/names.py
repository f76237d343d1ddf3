"""From a name that is not known to the line that would be right.

Knows the registry of ops and, through `foreign`, what other libraries call things; no YAML document.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from augcli.ops.base import OPS
from augcli.params import Colour, Flag, Kind, Length, Name, Number, params_of
from augcli.recipe import foreign, foreign_tables
from augcli.recipe.places import GROUPS


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that looks most like `name`; None when none does."""
    plain = {foreign.normal(candidate): candidate for candidate in known}
    close = difflib.get_close_matches(foreign.normal(name[:80]), plain, 1, 0.6)
    return plain[close[0]] if close else None


def flow(value: object) -> str:
    """Plain data as one line of YAML."""
    if isinstance(value, dict):
        return "{" + _pairs(value) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in ("true", "false", "null"):
        return value
    return json.dumps(value, ensure_ascii=False)


_PLAIN = re.compile(r"[A-Za-z_][\w./-]*(?: [\w./-]+)*%?|[0-9.]+%")


def _pairs(mapping: dict[str, Any]) -> str:
    return ", ".join(f"{flow(key)}: {flow(inside)}" for key, inside in mapping.items())


def line(name: str, inside: object = None) -> str:
    """A step as one line: `- flip: {axis: horizontal}`."""
    text = f"- {name}: {flow(inside)}" if inside else f"- {name}"
    return text if len(text) <= 120 else f"- {name}: {{...}}"


def unknown_operation(name: str, inside: object, known: Sequence[str]) -> tuple[str, str]:
    """(what is wrong, what would be right) for the name of a step."""
    what = f"unknown operation {name[:60]!r}"
    refusal = foreign.refusal(name)
    if refusal:
        return what, refusal
    step = foreign.operation(name)
    if step is not None:
        ((ours, values),) = step.items()
        if isinstance(values, dict | None):
            values = {**(values or {}), **_probability(inside)}
        return what, f"write `{line(ours, values)}`"
    close = nearest(name, known)
    if close and foreign.normal(close) == foreign.normal(name):
        return what, f"write `{line(close, _probability(inside))}`"
    if close:
        return what, f"did you mean {close}?"
    return what, "`augment ops` lists what there is"


def _probability(inside: object) -> dict[str, Any]:
    """The `p` among foreign parameters: the one value whose meaning every library shares."""
    given = inside if isinstance(inside, dict) else {}
    values = [given[key] for key in ("p", "prob", "probability") if key in given]
    return {"p": values[0]} if values else {}


def unknown_parameter(owner: str, name: str, known: Sequence[str]) -> tuple[str, str]:
    """(what is wrong, what would be right) for a parameter of an op or group."""
    what = f"unknown parameter {name[:60]!r}"
    kinds = {parameter.name: parameter.kind for parameter in params_of(OPS[owner])} if owner in OPS else {}
    ours = foreign.parameter(owner, name, known)
    if ours is None and owner in OPS and name in foreign_tables.CANVAS:
        return what, "write `canvas: {border: constant, fill: 0, interpolation: bilinear}` beside steps:"
    ours = ours or nearest(name, known)
    if ours is None:
        return what, f"{owner} has {', '.join(known)}"
    return (
        what,
        f"{owner} has `{ours}: {_form(kinds[ours]) if ours in kinds else _COMMON_FORMS.get(ours, '...')}`",
    )


_COMMON_FORMS = {
    "p": "0.5",
    "id": "name",
    "only": "{classes: [name]}",
    "weight": "2",
    "of": "[...]",
    "n": "2",
}


def _form(kind: Kind) -> str:
    """How a value of this kind is written."""
    if isinstance(kind, Name):
        return " | ".join(kind.names)
    forms: dict[type[Kind], str] = {
        Number: "[low, high]",
        Length: "[low, high]",
        Flag: "true",
        Colour: "[r, g, b]",
    }
    return next((form for cls, form in forms.items() if isinstance(kind, cls)), "...")


def unknown_key(name: str, known: Sequence[str]) -> tuple[str, str]:
    """(what is wrong, what would be right) for a key outside the steps."""
    what = f"unknown key {name[:60]!r}"
    if name == "<<":
        return what, "merge keys are not part of YAML 1.2; write the keys out"
    ours = foreign.key(name)
    if ours is not None and ours.split(".")[0].split(":")[0] in known:
        return what, f"write `{ours}`"
    close = nearest(name, known)
    return what, f"did you mean {close}?" if close else f"known are {', '.join(known)}"


def known_form(item: dict[str, Any]) -> str:
    """The corrected line for a list item that is a mapping of several keys."""
    names = [key for key in item if key in OPS or key in GROUPS]
    if len(names) == 1:
        name = names[0]
        inside = item[name]
        beside = {key: value for key, value in item.items() if key != name}
        if name in GROUPS and isinstance(inside, list):
            inside = {"of": inside}
        if inside is None or isinstance(inside, dict):
            return f"indent the parameters below the name: `{line(name, {**(inside or {}), **beside})}`"
    if names:
        return "begin each step with `- `: " + ", ".join(f"`- {name}: ...`" for name in names[:4])
    for key in ("name", "type", "transform", "op"):
        given = item.get(key)
        if isinstance(given, str):
            name = given
            inside = next((item[k] for k in ("params", "options", "args", "kwargs") if k in item), None)
            if name in OPS:
                return f"write `{line(name, inside)}`"
            return unknown_operation(name, inside, (*OPS, *GROUPS))[1]
    return "write `- name: {parameter: value}`"
