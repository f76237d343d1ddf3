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
from augcli.recipe import foreign
from augcli.recipe.foreign_call import called
from augcli.recipe.foreign_canvas import canvas_of
from augcli.recipe.foreign_keys import key_line
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


_PLAIN = re.compile(r"[A-Za-z_][\w./-]*(?: [\w./-]+)*")


def _pairs(mapping: dict[str, Any]) -> str:
    return ", ".join(f"{flow(key)}: {flow(inside)}" for key, inside in mapping.items())


def line(name: str, inside: object = None, longest: int = 120) -> str:
    """A step as one line: `- flip: {axis: horizontal}`."""
    text = f"- {name}: {flow(inside)}" if inside else f"- {name}"
    return text if len(text) <= longest else f"- {name}: {{...}}"


def unknown_operation(name: str, inside: object, known: Sequence[str]) -> tuple[str, str]:
    """(what is wrong, what would be right) for the name of a step."""
    what = f"unknown operation {name[:60]!r}"
    name, inside = called(name) or (name, inside)
    refusal = foreign.refusal(name)
    if refusal:
        return what, refusal
    if inside is False and foreign.known(name):
        return what, "leave it out: only what is listed happens"
    found = foreign.translated(name, inside)
    if found is not None:
        return what, _written(found)
    canvas = canvas_of(name, inside)
    if canvas:
        return what, f"write `{flow_line('canvas', canvas)}` beside steps:"
    close = nearest(name, known)
    if close:
        return what, f"did you mean {close}?"
    return what, "`augment ops` lists what there is"


def _written(found: foreign.Translation) -> str:
    """The step to write, and what it does not hold of the arguments that were given."""
    text = f"write `{_step_line(found.step)}`"
    if found.canvas:
        text += f", and `{flow_line('canvas', found.canvas)}` beside steps:"
    if found.left:
        text += f"; left out, having no counterpart: {', '.join(dict.fromkeys(found.left[:6]))}"
    return text


def _step_line(step: dict[str, dict[str, Any]]) -> str:
    """The step on one line; an endless one is replaced by what shows the form."""
    ((name, inside),) = _bare(step, name_alone=False).items()
    text = line(name, inside, _LONGEST)
    if not text.endswith("{...}"):
        return text
    shown: dict[str, Any] = {"n": 1} if name == "some_of" else {}
    return line(name, {**shown, "of": ["flip", "rotate90"]} if name in GROUPS else dict(OPS[name].example))


_LONGEST = 400


def _bare(step: Any, *, name_alone: bool = True) -> Any:
    """A step in its shortest form: without parameters its name alone, a group of nothing else its list."""
    ((name, inside),) = step.items()
    if name in GROUPS:
        children = [_bare(child) for child in inside["of"]]
        return {name: children if set(inside) == {"of"} else {**inside, "of": children}}
    return step if inside or not name_alone else name


def flow_line(key: str, inside: object) -> str:
    """One key with its value."""
    return f"{key}: {flow(inside)}"


def not_a_mapping(name: str, first: str, inside: object) -> str:
    """What would be right where the parameters of an op are one value: `grayscale: 15%`."""
    plain = foreign.own(name, {first: inside})
    found = plain if plain is not None else foreign.translated(name, inside)
    return _written(found) if found else f"write `{line(name, dict(OPS[name].example))}`"


def unknown_parameter(owner: str, name: str, known: Sequence[str], value: object = None) -> tuple[str, str]:
    """(what is wrong, what would be right) for a parameter of an op or group."""
    what = f"unknown parameter {name[:60]!r}"
    kinds = {parameter.name: parameter.kind for parameter in params_of(OPS[owner])} if owner in OPS else {}
    ours = foreign.parameter(owner, name, known, value)
    if ours is not None and ours[1] is not None:
        return what, f"{owner} has `{flow_line(ours[0], ours[1])}`"
    if ours is None and owner in OPS:
        canvas = canvas_of(name, value) or _CANVAS_FORMS.get(name)
        if canvas:
            return what, f"write `{flow_line('canvas', canvas)}` beside steps:"
    close = ours[0] if ours else nearest(name, known)
    if close is None:
        return what, f"{owner} has {', '.join(known)}"
    form = _form(kinds[close]) if close in kinds else _COMMON_FORMS.get(close, "...")
    return what, f"{owner} has `{close}: {form}`"


_CANVAS_FORMS: dict[str, dict[str, Any]] = {
    **{key: {"border": "edge"} for key in ("border_mode", "padding_mode", "fill_mode", "border")},
    **{key: {"fill": 0} for key in ("fill", "fill_value", "cval")},
    **{key: {"interpolation": "bilinear"} for key in ("interpolation", "resample")},
}
"""What to write about the area outside the image where the value itself is not known."""

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


def unknown_key(name: str, known: Sequence[str], value: object = None) -> tuple[str, str]:
    """(what is wrong, what would be right) for a key outside the steps."""
    what = f"unknown key {name[:60]!r}"
    if name == "<<":
        return what, "merge keys are not part of YAML 1.2; write the keys out"
    ours = key_line(name, known, value)
    if ours is not None:
        return what, f"write `{ours}`"
    canvas = canvas_of(name, value) or _CANVAS_FORMS.get(name, {})
    if canvas and set(canvas) <= set(known):
        return what, f"write `{flow(canvas)[1:-1]}`"
    if canvas and "canvas" in known:
        return what, f"write `{flow_line('canvas', canvas)}`"
    if "steps" in known and (name in OPS or foreign.known(name)):
        found = foreign.own(name, value) or foreign.translated(name, value)
        if found is not None:
            return what, f"{_written(found)}; it belongs below steps:"
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
    for key in ("name", "type", "transform", "op", "__class_fullname__"):
        given = item.get(key)
        if isinstance(given, str):
            beside = {name: value for name, value in item.items() if name != key}
            inside = next((item[k] for k in ("params", "options", "args", "kwargs") if k in item), beside)
            found = foreign.own(given, inside)
            return _written(found) if found else unknown_operation(given, inside, (*OPS, *GROUPS))[1]
    return "write `- name: {parameter: value}`"
