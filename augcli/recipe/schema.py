"""The JSON Schema (draft 2020-12) of recipes, for editors: made from the shape and the ops' parameters."""

from __future__ import annotations

from typing import Any

import augcli.ops  # noqa: F401 - fills the registry
from augcli.ops.base import OPS, Mix, Op, doc_of
from augcli.params import Fixed, Param, Percent, params_of
from augcli.recipe.places import GROUPS
from augcli.recipe.shape import RECIPE
from augcli.recipe.steps import COMMON, WEIGHTED, always_random, count_kind

_GROUP_DOCS = {
    "one_of": "One of the steps, by weight.",
    "some_of": "n different steps, in listed order.",
    "sequence": "All of the steps, in order.",
    "each_of": "Copy k takes step k, and begins again after the last.",
}


def schema() -> dict[str, Any]:
    """The schema of recipe version 1. What it refuses the parser refuses, too."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "augment recipe, version 1",
        "description": "A recipe of the augment command: which dataset becomes which, by which steps.",
        **RECIPE.schema(),
        "$defs": {
            "step": {"allOf": [{"$ref": "#/$defs/node"}, _without("weight")]},
            "node": _items([*OPS, *GROUPS], [name for name, cls in OPS.items() if _bare(cls)]),
            "prepare": _prepare(),
            **{key.name: {"description": key.doc, **key.kind.schema()} for key in COMMON},
            **{f"op_{name}": _op(cls) for name, cls in OPS.items()},
            **{f"group_{name}": _group(name) for name in GROUPS},
        },
    }


def _items(names: list[str], bare: list[str]) -> dict[str, Any]:
    """A list item: a bare name, or a mapping of one name to its parameters."""
    kinds = {name: f"#/$defs/{'group' if name in GROUPS else 'op'}_{name}" for name in names}
    mapping = {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "properties": {name: {"$ref": where} for name, where in kinds.items()},
        "additionalProperties": False,
    }
    return {"anyOf": [{"enum": bare}, mapping]} if bare else mapping


def _without(*keys: str) -> dict[str, Any]:
    """An item whose parameters hold none of these keys."""
    holding = {"type": "object", "anyOf": [{"required": [key]} for key in keys]}
    return {"additionalProperties": {"not": holding}}


def _required(cls: type[Op]) -> list[str]:
    return [parameter.name for parameter in params_of(cls) if parameter.required]


def _bare(cls: type[Op]) -> bool:
    """Whether the name alone is a whole step."""
    return not _required(cls) and not cls().problems()


def _common() -> dict[str, Any]:
    return {key.name: {"$ref": f"#/$defs/{key.name}"} for key in COMMON}


def _op(cls: type[Op]) -> dict[str, Any]:
    properties = {parameter.name: _parameter(parameter) for parameter in params_of(cls)}
    required = _required(cls)
    return {
        "description": doc_of(cls),
        "type": "object" if required else ["object", "null"],
        "properties": {**properties, **_common()},
        "additionalProperties": False,
        **({"required": required} if required else {}),
    }


def _parameter(parameter: Param) -> dict[str, Any]:
    values = parameter.kind.schema()
    made: dict[str, Any] = {"description": parameter.doc}
    if parameter.required:
        return made | values
    if parameter.default is None:
        return made | {"anyOf": [values, {"type": "null"}]}
    return made | values | {"default": parameter.kind.plain(parameter.default)}


def _group(name: str) -> dict[str, Any]:
    child = {"$ref": "#/$defs/node" if name in WEIGHTED else "#/$defs/step"}
    of = {"type": "array", "items": child, "minItems": 1}
    counted = name == "some_of"
    mapping = {
        "type": "object",
        "properties": {
            "of": {"description": "The steps.", **of},
            **({"n": {"description": "How many.", **count_kind(1000).schema()}} if counted else {}),
            **_common(),
        },
        "required": ["of", "n"] if counted else ["of"],
        "additionalProperties": False,
    }
    return {"description": _GROUP_DOCS[name], **(mapping if counted else {"anyOf": [of, mapping]})}


def _prepare() -> dict[str, Any]:
    """A step of `prepare`: an op that can be fixed, without what chooses, and without ranges."""
    names = [name for name, cls in OPS.items() if _can_be_fixed(cls)]
    bare = [name for name in names if _bare(OPS[name]) and not always_random(OPS[name]())]
    ranges = {"anyOf": [{"type": "object"}, {"type": "array", "minItems": 2, "maxItems": 2}]}
    fixed = {"additionalProperties": {"additionalProperties": {"not": ranges}}}
    return {"allOf": [_items(names, bare), _without("p", "only", "weight"), fixed]}


def _can_be_fixed(cls: type[Op]) -> bool:
    """Whether fixed parameters make the op draw nothing."""
    if issubclass(cls, Mix):
        return False
    written = {p.name: p.kind.parse(cls.example[p.name]) for p in params_of(cls) if p.name in cls.example}
    values = {p.name: _fixed(written.get(p.name, p.default)) for p in params_of(cls)}
    return not always_random(cls(**values))


def _fixed(value: Any) -> Any:
    """The value without its variation."""
    if isinstance(value, Percent):
        return Percent(_fixed(value.of))
    return None if value is None else Fixed(value.at(0.0))
