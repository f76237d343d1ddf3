"""Python pasted into a recipe: `Rotate(limit=15)` and `rotation_range=15` -> a name and plain data."""

from __future__ import annotations

import ast
import re
import warnings
from typing import Any

_FORM = re.compile(r"\s*([A-Za-z_][\w.]*)\s*(\(.*\)|=[^=].*)\s*,?\s*", re.DOTALL)
_LONGEST = 2000


def called(text: str) -> tuple[str, Any] | None:
    """(name, arguments); arguments without a name stand in a list under "". None where it is no call."""
    match = _FORM.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        return None
    name, rest = match.groups()
    source = f"f({rest[1:]})" if rest.startswith("=") else f"f{rest}"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what the pasted text looks like to Python
            call = ast.parse(source, mode="eval").body
            if not isinstance(call, ast.Call):
                return None
            listed = [_literal(node) for node in call.args]
            named = {keyword.arg: _literal(keyword.value) for keyword in call.keywords if keyword.arg}
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if rest.startswith("="):
        return (name, listed[0]) if len(listed) == 1 and not named else None
    return name, {"": listed, **named}


def _literal(node: ast.expr) -> Any:
    """Plain data of a literal; the text of anything else."""
    if isinstance(node, ast.List | ast.Tuple):
        return [_literal(item) for item in node.elts]
    if isinstance(node, ast.Dict):
        return {str(_literal(k)): _literal(v) for k, v in zip(node.keys, node.values, strict=True) if k}
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError):
        return ast.unparse(node)
    return value if isinstance(value, int | float | str | None) else ast.unparse(node)
