"""How two runs differ, in words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any

_ABSENT = object()


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """What changed from one header to another, one line each, such as
    `recipe: steps[0].rotate.degrees: [-5, 5] -> [-10, 10]`; empty when nothing did.
    """
    lines = []
    for part in sorted({*old, *new}):
        for where, change in _changes("", old.get(part, _ABSENT), new.get(part, _ABSENT)):
            lines.append(f"{part}: {where}: {change}" if where else f"{part}: {change}")
    return lines


def _changes(where: str, old: Any, new: Any) -> Iterator[tuple[str, str]]:
    if old is not _ABSENT and new is not _ABSENT and _text(old) == _text(new):
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted({*old, *new}):
            inner = f"{where}.{key}" if where else str(key)
            yield from _changes(inner, old.get(key, _ABSENT), new.get(key, _ABSENT))
    elif isinstance(old, list) and isinstance(new, list) and _holds_structures(old + new):
        yield from _list_changes(where, old, new)
    else:
        yield where, f"{_shown(old)} -> {_shown(new)}"


def _holds_structures(items: list[Any]) -> bool:
    """Lists such as steps are compared item by item; a list of scalars, such as a range, is one value."""
    return any(isinstance(item, Mapping | list) for item in items)


def _list_changes(where: str, old: list[Any], new: list[Any]) -> Iterator[tuple[str, str]]:
    matcher = SequenceMatcher(
        None, [_text(item) for item in old], [_text(item) for item in new], autojunk=False
    )
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            continue
        pairs = min(b - a, d - c)
        for step in range(pairs):
            yield from _changes(f"{where}[{c + step}]", old[a + step], new[c + step])
        for index in range(a + pairs, b):
            yield f"{where}[{index}]", f"removed {_shown(old[index])}"
        for index in range(c + pairs, d):
            yield f"{where}[{index}]", f"added {_shown(new[index])}"


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _shown(value: Any) -> str:
    if value is _ABSENT:
        return "nothing"
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}..."
