"""Keys of other tools' settings -> the line to write, with their value where it means the same."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from augcli.recipe.foreign_args import real, share
from augcli.recipe.foreign_tables import KEYS

_PLACES = ("input", "output", "path", "annotations")


def key_line(name: str, known: Sequence[str], value: object) -> str | None:
    """The line for a foreign key; None when it is not known, or ours is none of `known`."""
    line = KEYS.get(name.lower())
    if line is None:
        return None
    ours = line.split(":")[0]
    if ours == "holdout" and "input" in known:
        return f"input: {{path: FOLDER, {_with(ours, line, value)}}}"
    return _with(ours, line, value) if ours in known else None


def _with(ours: str, line: str, value: object) -> str:
    """The line with the value that was given, where it fits the key."""
    number = real(value)
    whole = number is not None and not isinstance(value, str) and number == int(number) and number >= 0
    if ours in ("copies", "seed", "quality", "at_most", "at_least") and whole and number is not None:
        limit = {"copies": 1000, "quality": 100, "at_most": 1000, "at_least": 1000}.get(ours, 10**9)
        return f"{ours}: {int(number)}" if number <= limit and (number or ours != "quality") else line
    if ours == "holdout" and number is not None and 0 < number < 1:
        return f"holdout: {{val: {share(number)}}}"
    if ours == "originals" and value is False:
        return "originals: drop"
    if ours in _PLACES and isinstance(value, str) and 0 < len(value) <= 200:
        return f"{ours}: {value if _PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)}"
    return line


_PLAIN = re.compile(r"[A-Za-z_.][\w./-]*")
