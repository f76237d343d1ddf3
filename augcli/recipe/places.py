"""Which steps a recipe lists, where they stand and what they are called: the ids.

Works on plain data that may still hold any mistake, because `--set rotate.p=1` must find its step before
the recipe is known to be right.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from augcli.recipe.document import Path

GROUPS = ("one_of", "some_of", "sequence", "each_of")


@dataclass(frozen=True, slots=True)
class Place:
    """A listed step or group.

    path   of its list item
    name   of the op or group, as written
    id     as written, or the name (`rotate`, `rotate_2`, ... in document order)
    named  whether the recipe writes the id
    """

    path: Path
    name: str
    id: str
    named: bool


def split(item: object) -> tuple[str, Any] | None:
    """(name, parameters or None) of a list item; None when it is no bare name and no one-key mapping."""
    if isinstance(item, str):
        return item, None
    if isinstance(item, dict) and len(item) == 1:
        return next(iter(item.items()))
    return None


def children(name: str, inside: object, path: Path) -> tuple[Path, list[Any]]:
    """The path and the items of what a group holds, in its list form or its mapping form."""
    if name in GROUPS and isinstance(inside, list):
        return (*path, name), inside
    if name in GROUPS and isinstance(inside, dict) and isinstance(inside.get("of"), list):
        return (*path, name, "of"), inside["of"]
    return (*path, name), []


def places(data: object) -> tuple[Place, ...]:
    """Every step and group of a recipe, children after their group.

    Counting starts with `steps` and goes on with `prepare`, which draws nothing: so a step put into
    `prepare` never renames one that draws.
    """
    used: dict[str, int] = {}
    found = []
    for top in ("steps", "prepare"):
        items = data.get(top) if isinstance(data, dict) else None
        for path, name, inside in _walk(items if isinstance(items, list) else [], (top,)):
            written = inside.get("id") if isinstance(inside, dict) else None
            if isinstance(written, str):
                found.append(Place(path, name, written, named=True))
                continue
            used[name] = used.get(name, 0) + 1
            number = used[name]
            found.append(Place(path, name, name if number == 1 else f"{name}_{number}", named=False))
    return tuple(found)


def _walk(items: list[Any], path: Path) -> Iterator[tuple[Path, str, Any]]:
    for index, item in enumerate(items):
        parts = split(item)
        if parts is None:
            continue
        name, inside = parts
        yield (*path, index), name, inside
        below, inner = children(name, inside, (*path, index))
        yield from _walk(inner, below)
