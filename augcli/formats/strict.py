"""What strict JSON does not allow and Python's reader does: a key that stands twice, NaN and infinities."""

from __future__ import annotations

from typing import Any, NoReturn


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object's pairs as a dict (`object_pairs_hook`). Raises ValueError for a key that stands twice."""
    values = dict(pairs)
    if len(values) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"has the key {next(name for name in names if names.count(name) > 1)!r} twice")
    return values


def refuse(constant: str) -> NoReturn:
    """Raise ValueError for NaN, Infinity and -Infinity (`parse_constant`)."""
    raise ValueError(f"holds {constant}, which is no JSON number")
