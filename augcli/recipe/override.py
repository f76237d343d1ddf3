"""`--set PATH=VALUE`: values put into a document before it is read as a recipe.

The path begins with a step's id (`rotate.degrees`) or with a key of the recipe (`steps[2].rotate.degrees`,
`output.encode.quality`). Short forms on the way are written out: `flip` becomes `{flip: {...}}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from augcli.errors import Problem, UsageError
from augcli.params import Kind
from augcli.recipe.document import Document, Mark, Path, value_of
from augcli.recipe.names import nearest
from augcli.recipe.places import GROUPS, places, split
from augcli.recipe.sections import Section, Table
from augcli.recipe.settings import Text
from augcli.recipe.shape import RECIPE
from augcli.recipe.steps import Steps

Found = list[tuple[Mark, Problem]]
_PART = re.compile(r"([^.\[\]=]+)((?:\[[0-9]{1,6}\])*)(?:\.|$)")


@dataclass(frozen=True)
class _Wrong(Exception):
    what: str
    remedy: str = ""


def override(document: Document, settings: Sequence[str]) -> tuple[Document, Found]:
    """The document with each `PATH=VALUE` put in, later ones winning; and the mistakes of the settings."""
    found: Found = []
    for number, setting in enumerate(settings, 1):
        mark = Mark(
            number, 0, 0, f"--set #{number} ({setting if len(setting) <= 80 else setting[:77] + '...'})"
        )
        try:
            document = _put(document, setting, mark)
        except _Wrong as wrong:
            found.append((mark, Problem(mark.where, wrong.what, wrong.remedy)))
    return document, found


def _put(document: Document, setting: str, mark: Mark) -> Document:
    text, equals, raw = setting.partition("=")
    if not equals:
        raise _Wrong("expected PATH=VALUE", "for example rotate.degrees=[-5,5]")
    path = _located(document.data, _parts(text.strip()))
    data = _opened(document.data, path, RECIPE)
    kind = _kind(path)
    value = _value(raw, kind)
    data = _replaced(data, path, value)
    keys: dict[Path, Mark] = {}
    values: dict[Path, Mark] = {}
    for at in _paths(data, ()):
        made = at not in document.values and at == path[: len(at)]
        if made or at[: len(path)] == path:
            keys[at] = values[at] = mark
        else:
            # A short list that was written out moved its items below `of`.
            before = at if at in document.values else tuple(part for part in at if part != "of")
            keys[at], values[at] = document.key_mark(before), document.value_mark(before)
    return Document(document.name, data, keys, values)


def _parts(text: str) -> Path:
    """`steps[2].rotate` -> ("steps", 2, "rotate")."""
    parts: list[str | int] = []
    at = 0
    while at < len(text):
        match = _PART.match(text, at)
        if match is None:
            break
        parts += [match[1], *(int(index) for index in re.findall(r"[0-9]+", match[2]))]
        at = match.end()
    if at < len(text) or not parts or text.endswith("."):
        raise _Wrong(f"{text!r} is no path", "write names with dots and [numbers], as steps[2].rotate.p")
    return tuple(parts)


def _located(data: Any, path: Path) -> Path:
    """The path from the root: a first part that is a step's id is replaced by where the step stands."""
    first = path[0]
    top = [key.name for key in RECIPE.keys]
    if first in top:
        return path
    for place in places(data):
        if place.id == first:
            return (*place.path, place.name, *path[1:])
    ids = [place.id for place in places(data)]
    close = nearest(str(first), [*ids, *top])
    hint = f"did you mean {close}?" if close else f"the steps are {', '.join(ids) or 'none'}"
    raise _Wrong(f"{first!r} is neither a key of the recipe nor the id of a step", hint)


def _opened(data: Any, path: Path, kind: Kind | None) -> Any:
    """The data with every short form and every gap on the way to `path` written out as a mapping."""
    if not path:
        return data
    head, rest = path[0], path[1:]
    if isinstance(kind, Steps) or isinstance(head, int):
        if not isinstance(data, list) or not isinstance(head, int) or head >= len(data):
            size = len(data) if isinstance(data, list) else 0
            raise _Wrong(f"there is no [{head}] among {size} steps", "count from 0, or use the step's id")
        item = _item(data[head], rest)
        return [*data[:head], item, *data[head + 1 :]]
    if data is None:
        data = {}
    if isinstance(data, list) and head in ("of", "n", "p", "id", "only", "weight"):
        data = {"of": data}
    if not isinstance(data, dict):
        short = kind.short if isinstance(kind, Section) else ""
        if not short:
            raise _Wrong(f"{head!r} is looked for inside a value that is no mapping")
        data = {short: data}
    below = _below(kind, str(head))
    if isinstance(kind, Section) and kind.key(str(head)) is None:
        names = [key.name for key in kind.keys]
        close = nearest(str(head), names)
        raise _Wrong(
            f"unknown key {head!r}", f"did you mean {close}?" if close else f"known are {', '.join(names)}"
        )
    return {**data, head: _opened(data.get(head), rest, below)} if rest else data


def _item(item: Any, rest: Path) -> Any:
    """A list item opened along the path below it: the step's name, then its parameters."""
    if not rest:
        return item
    parts = split(item)
    if parts is None:
        raise _Wrong("the step there is not readable")
    name, inside = parts
    if rest[0] != name:
        raise _Wrong(f"the step there is {name}, not {rest[0]}")
    below = rest[1:]
    if not below:
        return {name: inside}
    if name in GROUPS and isinstance(below[0], int):
        return {name: _opened(inside, below, Steps())}
    if name in GROUPS and below[0] == "of" and len(below) > 1:
        opened = inside if isinstance(inside, dict) else {"of": inside}
        return {name: {**opened, "of": _opened(opened.get("of"), below[1:], Steps())}}
    return {name: _opened(inside, below, None)}


def _below(kind: Kind | None, name: str) -> Kind | None:
    if isinstance(kind, Section):
        key = kind.key(name)
        return key.kind if key else None
    return kind.of if isinstance(kind, Table) else None


def _kind(path: Path) -> Kind | None:
    """The kind of the value at a path outside the steps."""
    kind: Kind | None = RECIPE
    for part in path:
        kind = _below(kind, str(part))
    return kind


def _value(raw: str, kind: Kind | None) -> Any:
    """A text is taken as it is; everything else is YAML."""
    short = kind.key(kind.short) if isinstance(kind, Section) else None
    if isinstance(kind, Text) or (
        short and isinstance(short.kind, Text) and not raw.lstrip().startswith("{")
    ):
        return raw
    try:
        return value_of(raw)
    except UsageError as error:
        raise _Wrong(error.problems[0].what, error.problems[0].remedy) from None


def _replaced(data: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    head = path[0]
    if isinstance(data, list):
        assert isinstance(head, int)  # _opened has been here
        return [*data[:head], _replaced(data[head], path[1:], value), *data[head + 1 :]]
    return {**(data or {}), head: _replaced((data or {}).get(head), path[1:], value)}


def _paths(data: Any, path: Path) -> Iterator[Path]:
    """Every path of the data."""
    yield path
    pairs = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, inside in pairs:
        yield from _paths(inside, (*path, key))
