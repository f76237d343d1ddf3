"""From what other libraries write to the step of ours that does the same, with its values.

Every step given here is one that a recipe accepts: what does not fit is left out, and named.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from augcli.ops.base import OPS
from augcli.params import Invalid, params_of
from augcli.recipe import foreign_colour, foreign_frames, foreign_geometry, foreign_pixels
from augcli.recipe.document import value_of
from augcli.recipe.foreign_args import Args, Rule, Step, probability, real, span
from augcli.recipe.foreign_call import called
from augcli.recipe.foreign_canvas import canvas_of
from augcli.recipe.foreign_tables import GROUPS, PARAMETERS, REFUSED
from augcli.recipe.places import split

RULES: tuple[Rule, ...] = (
    *foreign_geometry.RULES,
    *foreign_frames.RULES,
    *foreign_colour.RULES,
    *foreign_pixels.RULES,
)

_DEPTH = 3
"""How deep groups of other libraries are followed."""


@dataclass(frozen=True)
class Translation:
    """What to write.

    step    `{op: parameters}`, right as it stands
    left    arguments that have no counterpart in it
    canvas  what they say about the area outside the image, for `canvas:`
    """

    step: Step
    left: tuple[str, ...] = ()
    canvas: Mapping[str, Any] | None = None


def plain(name: str) -> str:
    """A name without what libraries spell differently: case, separators, module."""
    return re.sub(r"[^a-z0-9]", "", name.rsplit(".", 1)[-1].lower())


def normal(name: str) -> str:
    """The same without `Random`."""
    bare = plain(name)
    return bare.removeprefix("random") or bare


@functools.cache
def rules() -> Mapping[str, Rule]:
    """Every foreign name (plain form, and without `Random` where that is no other's name) -> its rule."""
    exact = {plain(name): rule for rule in RULES for name in rule.names.split()}
    return {normal(name): rule for rule in RULES for name in rule.names.split()} | exact


@functools.cache
def parameters() -> dict[str, dict[str, str]]:
    """Op, or "*" -> their parameter: ours."""
    table: dict[str, dict[str, str]] = value_of(PARAMETERS)
    return table


def known(name: str) -> bool:
    """Whether the name is that of an op elsewhere."""
    return _rule(name) is not None or plain(name) in GROUPS


def _rule(name: str) -> Rule | None:
    return rules().get(plain(name)) or rules().get(normal(name))


def translated(name: str, inside: object = None, depth: int = 0) -> Translation | None:
    """The step for a transform of another library, written as a step, `name=value` or `Name(...)`."""
    name, inside = called(name) or (name, inside)
    if plain(name) in GROUPS:
        return _group(plain(name), inside, depth)
    rule = _rule(name)
    given = _named(rule.order.split() if rule else [], inside)
    found = _by_rule(rule, given) if rule else None
    return found if found and not found.left else _as_ours(name, given) or found


def _named(order: Sequence[str], inside: object) -> dict[str, Any]:
    """Arguments by name; those without one take the names of `order`."""
    if inside is None or inside is True:
        return {}
    if not isinstance(inside, dict):
        return {order[0] if order else "value": inside}
    given = {str(key): value for key, value in inside.items() if key != ""}
    listed = inside.get("")
    listed = listed if isinstance(listed, list) else []
    if len(listed) > len(order):
        listed = [listed]  # Resize(224, 256) is a size
    return dict(zip(order or ["value"], listed, strict=False)) | given


def _by_rule(rule: Rule, given: dict[str, Any]) -> Translation:
    args = Args(given)
    ((op, values),) = rule.build(args).items()
    default = None if set(rule.unless.split()) & given.keys() else rule.p
    values = {**({"p": default} if default is not None else {}), **values}
    values |= _probability(args)
    values |= {"p": values.pop("p")} if "p" in values else {}
    if op == "sequence":
        return _result({op: values}, args, ())
    sound, wrong = _sound(op, values)
    return _result({op: sound}, args, wrong)


def _probability(args: Args) -> dict[str, Any]:
    p = args.read(probability, "p", "prob", "probability", "chance")
    if args.read(lambda value: value is True or None, "always_apply"):
        return {"p": 1}
    return {} if p is None else {"p": p}


def _result(step: Step, args: Args, wrong: Sequence[str]) -> Translation:
    canvas: dict[str, Any] = {}
    left = []
    for name in args.left():
        part = canvas_of(name, args.given[name])
        canvas |= part
        left += [] if part else [name[:40]]
    return Translation(step, (*left, *wrong), canvas)


def _as_ours(name: str, given: dict[str, Any]) -> Translation | None:
    """Our own op in another spelling, where all its parameters are right."""
    own = {plain(op): op for op in OPS}
    op = own.get(plain(name)) or own.get(normal(name))
    if op is None:
        return None
    sound, wrong = _sound(op, given)
    return Translation({op: sound}) if not wrong and given.items() <= sound.items() else None


def own(name: str, given: object) -> Translation | None:
    """An op of ours with these parameters, where all of them are right."""
    if name not in OPS or not isinstance(given, dict | None):
        return None
    return _as_ours(name, {str(key): value for key, value in (given or {}).items()})


def _sound(op: str, values: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Parameters that the op accepts together, and the names of those that it does not."""
    cls = OPS[op]
    kinds: dict[str, Callable[[object], Any]] = {param.name: param.kind.parse for param in params_of(cls)}
    sound: dict[str, Any] = {}
    for name, value in values.items():
        chance = name == "p" and probability(value) is not None and not isinstance(value, str)
        if chance or (name in kinds and _parses(kinds[name], value)):
            sound[name] = value
    required = [param.name for param in params_of(cls) if param.required]
    sound = {name: cls.example[name] for name in required if name not in sound} | sound
    given = {name: kinds[name](value) for name, value in sound.items() if name in kinds}
    if cls(**given).problems():
        # Nothing of the foreign arguments holds, so the op is shown by its example.
        sound = {**cls.example, **({"p": sound["p"]} if "p" in sound else {})}
    return sound, tuple(name for name in values if name not in sound)


def _parses(parse: Callable[[object], Any], value: object) -> bool:
    try:
        parse(value)
    except Invalid:
        return False
    return True


def _group(name: str, inside: object, depth: int) -> Translation:
    """A group with its steps translated; where there are none, one that shows the form."""
    group, p = GROUPS[name]
    given = _named(["transforms", "n"], inside)
    args = Args(given)
    listed = args.read(lambda v: v if isinstance(v, list) else None, "transforms", "of", default=[])
    names = list(listed) if depth < _DEPTH else []
    found = [part for item in names if (part := _child(item, depth + 1))]
    steps = [part.step for part in found] or [{"flip": {}}, {"rotate90": {}}]
    if group == "one_of":
        steps = [_weighed(step) for step in steps]
    inner: dict[str, Any] = {"of": steps}
    if group == "some_of":
        n = args.read(span, "n", default=(min(2, len(steps)),) * 2)
        low, high = (int(min(max(0, number), len(steps))) for number in n)
        inner = {"n": low if low == high else [low, high], **inner}
    chance = _probability(args) or ({"p": p} if p is not None else {})
    dropped = [] if len(found) == len(names) else ["unknown steps inside"]
    left = (*args.left(), *(name for part in found for name in part.left), *dropped)
    canvas = {key: value for part in found for key, value in (part.canvas or {}).items()}
    return Translation({group: {**inner, **chance}}, left, canvas)


def _child(item: object, depth: int) -> Translation | None:
    parts = split(item)
    return translated(parts[0], parts[1], depth) if parts and isinstance(parts[0], str) else None


def _weighed(step: Step) -> Step:
    """Albumentations' OneOf takes p as the weight of a step that then always happens."""
    ((op, values),) = step.items()
    p = real(values.get("p"))
    rest = {name: value for name, value in values.items() if name != "p"}
    return {op: rest if p in (None, 0.0, 0.5, 1.0) else {**rest, "weight": p}}


def refusal(name: str) -> str | None:
    """Why there is no such operation; None when nothing is known of it."""
    return REFUSED.get(normal(name)) or REFUSED.get(name.lower())


def parameter(owner: str, name: str, accepted: Sequence[str], value: object = None) -> tuple[str, Any] | None:
    """(our parameter, its value or None) that other libraries call `name` in `owner`."""
    for table in (parameters().get(owner, {}), parameters()["*"]):
        ours = table.get(name) or table.get(name.lower())
        if ours is not None and ours in accepted:
            return ours, _carried(owner, name, ours, value)
    return None


def _carried(owner: str, name: str, ours: str, value: object) -> Any:
    """The value of their parameter as that of ours; None where that is not known."""
    if ours == "p":
        return probability(value)
    rule = _rule(owner)
    if rule is None or value is None or owner not in OPS:
        return None
    args = Args({name: value})
    made = rule.build(args).get(owner, {})
    kind = next((param.kind for param in params_of(OPS[owner]) if param.name == ours), None)
    if kind is None:  # `id` and `weight` stand beside the parameters of an op
        return None
    fits = name in args.used and ours in made and _parses(kind.parse, made[ours])
    return made[ours] if fits else None
