"""A recipe in its normal form: written in the recipe language itself, every default filled in, no paths.

Recipes that mean the same have the same normal form; with `input.path` and `output.path` put back it is a
recipe again. What does not decide the content of the output is no part of it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from typing import Any

from augcli.params import params_of
from augcli.recipe.model import VERSION, Copies, Node, Recipe, Step, Symmetry
from augcli.recipe.settings import Mirrored

_PLACES = ("path", "images", "annotations", "masks")


def identity(recipe: Recipe) -> dict[str, Any]:
    """The normal form: JSON values only."""
    return {
        "augment": VERSION,
        "seed": recipe.seed,
        "input": _section(recipe.input),
        "output": _section(recipe.output),
        "copies": _copies(recipe.copies),
        "originals": recipe.originals,
        "canvas": _section(recipe.canvas),
        "labels": _section(recipe.labels),
        **({"symmetry": Mirrored().plain(recipe.symmetry)} if recipe.symmetry != Symmetry() else {}),
        "prepare": [_prepared(step) for step in recipe.prepare],
        "steps": [step_plain(node) for node in recipe.steps],
    }


def digest(recipe: Recipe) -> str:
    """SHA-256 of the normal form, in hex."""
    text = json.dumps(identity(recipe), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def step_plain(node: Node) -> dict[str, Any]:
    """One step or group in the normal form, `{name: {parameters, id, p, only}}`.

    A weight decides the choice of a group, not what the step does: it stands only among a group's children.
    """
    common: dict[str, Any] = {"id": node.id, "p": node.p}
    if node.only:
        common["only"] = {"classes": list(node.only)}
    if isinstance(node, Step):
        return {node.op.name: {**parameters_plain(node), **common}}
    children = [step_plain(child) for child in node.of]
    if node.kind in ("one_of", "some_of"):
        for child, plain in zip(node.of, children, strict=True):
            next(iter(plain.values()))["weight"] = child.weight
    count = {"n": node.n.plain()} if node.n is not None else {}
    return {node.kind: {**count, **common, "of": children}}


def _prepared(step: Step) -> dict[str, Any]:
    """A step of `prepare`, where `p` has no place."""
    ((name, inside),) = step_plain(step).items()
    return {name: {key: value for key, value in inside.items() if key != "p"}}


def parameters_plain(step: Step) -> dict[str, Any]:
    """The op's parameters as plain data, defaults included, None where one is absent."""
    plain = {}
    for parameter in params_of(type(step.op)):
        value = getattr(step.op, parameter.name)
        plain[parameter.name] = None if value is None else parameter.kind.plain(value)
    return plain


def _section(part: Any) -> dict[str, Any]:
    """The fields of one of the model's dataclasses, without paths and without what is absent."""
    found = {}
    for field in dataclasses.fields(part):
        value = getattr(part, field.name)
        if field.name in _PLACES or value is None or (field.name == "holdout" and not value):
            continue
        if dataclasses.is_dataclass(value):
            value = _section(value)
        elif field.name == "holdout":
            value = dict(value)
        found[field.name] = list(value) if isinstance(value, tuple) else value
    return found


def _copies(copies: Copies) -> dict[str, Any]:
    if copies.kind in ("number", "classes"):
        classes = {"classes": dict(copies.classes)} if copies.classes else {}
        return {"default": copies.count, **classes}
    amount: Any = "max" if copies.kind == "balance" else copies.count
    return {copies.kind: amount, "at_least": copies.at_least, "at_most": copies.at_most}
