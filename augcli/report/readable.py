"""A row as text for people."""

from __future__ import annotations

import json
from typing import Any

LONGEST = 160
"""Characters of a text in a row that are shown."""

ITEMS = 200
"""Items of a list, or keys of an object, that are shown."""


def readable(value: Any) -> str:
    """JSON that can be read: short lists and objects on one line, long texts cut."""
    return _lines(value, "")


def _lines(value: Any, indent: str) -> str:
    if isinstance(value, str) and len(value) > LONGEST:
        return _json(f"{value[:LONGEST]}… ({len(value)} characters)")
    if not isinstance(value, (dict, list)) or not value:
        return _json(value)
    inside = list(value.values()) if isinstance(value, dict) else value
    flat = _json(value)
    plain = not any(isinstance(each, (dict, list)) for each in inside)
    if len(flat) <= 96 or (isinstance(value, list) and plain and len(flat) <= 400):
        return flat
    more = indent + "  "
    if isinstance(value, dict):
        items = [f"{_json(key)}: {_lines(each, more)}" for key, each in list(value.items())[:ITEMS]]
    else:
        items = [_lines(each, more) for each in value[:ITEMS]]
    if len(inside) > ITEMS:
        items.append(f"… {len(inside) - ITEMS} more")
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    inner = f",\n{more}".join(items)
    return f"{opening}\n{more}{inner}\n{indent}{closing}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
