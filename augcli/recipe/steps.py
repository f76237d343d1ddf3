"""Steps and groups: list items -> `Step` and `Group`.

A step is a one-key mapping or a bare name; a group holds steps. What stands beside the parameters of every
step (`p`, `id`, `only`, `weight`) is declared here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import augcli.ops  # noqa: F401 - fills the registry
from augcli.ops.base import OPS, Mix, Op
from augcli.params import Invalid, Number, Param, params_of, varies
from augcli.recipe.document import Path
from augcli.recipe.model import Group, Node, Step
from augcli.recipe.names import known_form, not_a_mapping, unknown_operation, unknown_parameter
from augcli.recipe.places import GROUPS, children, split
from augcli.recipe.sections import BAD, Composite, Key, Reader, Section
from augcli.recipe.settings import Amount, Text, Texts
from augcli.rng import stream

MAX_STEPS = 1000
MAX_NESTING = 8
WEIGHTED = ("one_of", "some_of")

COMMON = (
    Key("p", Amount(0, 1), "Probability that the step happens."),
    Key(
        "id",
        Text("an id of letters, digits, _ and -", "[A-Za-z0-9_-]+", 64),
        "Names the step's random numbers; the op's name by default.",
    ),
    Key(
        "only",
        Section(
            (Key("classes", Texts(Text("a class name"), 1), "Class names.", required=True),),
            lambda classes: classes,
        ),
        "Only for images labelled with one of these classes.",
    ),
    Key("weight", Amount(0, 1_000_000, above=True), "Share of the choice, inside one_of and some_of."),
)
"""What may stand among the parameters of every step and group."""


def count_kind(most: int) -> Number:
    """The kind of `n` in a `some_of` of `most` children."""
    return Number(0, most, whole=True)


@dataclass(frozen=True)
class Steps(Composite):
    """A list of steps. `prepare`: of ops that draw nothing, without groups, `p`, `only` and `weight`."""

    prepare: bool = False

    def read(self, value: object, path: Path, reader: Reader) -> Any:
        if value is None:
            return ()
        if not isinstance(value, list):
            return reader.wrong(path, str(Invalid("a list of steps (`- name: {...}`)", value)))
        return _nodes(_Context(reader, prepare=self.prepare), value, path)

    def schema(self) -> dict[str, Any]:
        item = "prepare" if self.prepare else "step"
        return {"type": ["array", "null"], "items": {"$ref": f"#/$defs/{item}"}, "maxItems": MAX_STEPS}

    def describe(self) -> str:
        return "a list of steps"


@dataclass(frozen=True)
class _Context:
    """Where in the tree of steps reading is."""

    reader: Reader
    prepare: bool = False
    weighted: bool = False
    depth: int = 0

    def common(self) -> tuple[Key, ...]:
        """The common keys that are allowed here."""
        if self.prepare:
            return tuple(key for key in COMMON if key.name == "id")
        return COMMON if self.weighted else tuple(key for key in COMMON if key.name != "weight")


def _nodes(context: _Context, items: Sequence[object], path: Path) -> Any:
    nodes = [_node(context, item, (*path, index)) for index, item in enumerate(items)]
    return BAD if any(node is BAD for node in nodes) else tuple(nodes)


def _node(context: _Context, item: object, path: Path) -> Any:
    wrong = context.reader.wrong
    parts = split(item)
    if parts is None:
        if isinstance(item, dict) and item:
            return wrong(path, "a step is one name with its parameters inside", known_form(item))
        return wrong(path, str(Invalid("a step, `- name: {...}` or `- name`", item)))
    name, inside = parts
    if name in GROUPS:
        if context.prepare:
            return wrong(path, f"{name} chooses; prepare holds fixed steps only", f"put {name} into steps:")
        return _group(context, name, inside, path)
    if name not in OPS:
        what, remedy = unknown_operation(name, inside, (*OPS, *GROUPS))
        return wrong(path, what, remedy, at_key=True)
    return _step(context, OPS[name], inside, (*path, name))


def _step(context: _Context, cls: type[Op], inside: object, path: Path) -> Any:
    reader = context.reader
    known = {parameter.name: parameter for parameter in params_of(cls)}
    if inside is not None and not isinstance(inside, dict):
        first = next(iter(known), "p")
        return reader.wrong(
            path,
            str(Invalid(f"the parameters of {cls.name} in a mapping", inside)),
            not_a_mapping(cls.name, first, inside),
        )
    common, bad = _common(context, cls.name, inside or {}, path, [*known])
    values: dict[str, Any] = {}
    for name, value in (inside or {}).items():
        if name in known:
            values[name] = _parameter(reader, known[name], value, (*path, name))
    for parameter in known.values():
        if parameter.required and parameter.name not in values:
            expected = f"expected {parameter.kind.describe()}"
            values[parameter.name] = reader.wrong((*path, parameter.name), "missing", expected, at_key=True)
    if bad or any(value is BAD for value in values.values()):
        return BAD
    op = cls(**values)
    problems = [(path, text) for text in op.problems()]
    if context.prepare:
        problems += _random_parts(op, path)
    for where, text in problems:
        reader.wrong(where, text)
    if problems:
        return BAD
    return Step(op=op, **({"id": reader.ids[path[:-1]]} | common))


def _parameter(reader: Reader, parameter: Param, value: object, path: Path) -> Any:
    return None if value is None and parameter.default is None else reader.value(parameter.kind, value, path)


def _common(
    context: _Context, owner: str, inside: dict[str, Any], path: Path, own: Sequence[str]
) -> tuple[dict[str, Any], bool]:
    """The values of the common keys; and whether any of them, or any unknown key, is wrong."""
    allowed = {key.name: key for key in context.common()}
    values: dict[str, Any] = {}
    bad = False
    for name, value in inside.items():
        at = (*path, name)
        if name in own:
            continue
        if name in allowed:
            values[name] = context.reader.value(allowed[name].kind, value, at)
            bad |= values[name] is BAD
            continue
        bad = True
        if any(key.name == name for key in COMMON):
            where = "has no place in prepare" if context.prepare else "belongs inside one_of and some_of"
            context.reader.wrong(at, f"{name} {where}", "remove it", at_key=True)
            continue
        what, remedy = unknown_parameter(owner, name, [*own, *allowed], value)
        context.reader.wrong(at, what, remedy, at_key=True)
    return values, bad


def _random_parts(op: Op, path: Path) -> list[tuple[Path, str]]:
    """What makes an op unfit for `prepare`."""
    if isinstance(op, Mix):
        return [(path, f"{op.name} mixes images; prepare holds fixed steps only")]
    random = [p.name for p in params_of(type(op)) if varies(getattr(op, p.name))]
    if random:
        return [((*path, name), "varies; prepare holds fixed steps only") for name in random]
    if always_random(op):
        return [(path, f"{op.name} draws at random; prepare holds fixed steps only")]
    return []


def always_random(op: Op) -> bool:
    """Whether an op of these parameters still draws different values."""
    return any(op.draw(stream(0, "prepare", 0)) != op.draw(stream(0, "prepare", k)) for k in range(1, 5))


def _group(context: _Context, name: str, inside: object, path: Path) -> Any:
    reader = context.reader
    own = ["of", "n"] if name == "some_of" else ["of"]
    inner, items = children(name, inside, path)
    at = (*path, name)
    if context.depth >= MAX_NESTING:
        return reader.wrong(at, f"groups are nested deeper than {MAX_NESTING}")
    mapping = inside if isinstance(inside, dict) else {}
    common, bad = _common(context, name, mapping, at, own)
    if not items:
        form = "{n: 2, of: [...]}" if name == "some_of" else "[...]"
        expected = f"a list of steps, `{name}: {form}`"
        shown = mapping.get("of", inside)
        return reader.wrong(inner if "of" in mapping else at, str(Invalid(expected, shown)))
    below = _Context(reader, weighted=name in WEIGHTED, depth=context.depth + 1)
    nodes: tuple[Node, ...] | Any = _nodes(below, items, inner)
    extra: dict[str, Any] = {}
    if name == "some_of":
        if "n" in mapping:
            extra["n"] = reader.value(count_kind(len(items)), mapping["n"], (*at, "n"))
        else:
            remedy = "write `some_of: {n: 2, of: [...]}`; n may be [low, high]"
            extra["n"] = reader.wrong((*at, "n"), "missing", remedy, at_key=True)
    if bad or nodes is BAD or BAD in extra.values():
        return BAD
    return Group(kind=name, of=nodes, **({"id": reader.ids[path]} | common | extra))
