"""What other libraries call our operations, parameters and keys, for the suggestions of error messages."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import Any

from augcli.recipe.document import value_of
from augcli.recipe.foreign_tables import KEYS, OPERATIONS, PARAMETERS, REFUSED


def normal(name: str) -> str:
    """A name without what libraries spell differently: case, separators, module, `Random`."""
    bare = re.sub(r"[^a-z0-9]", "", name.rsplit(".", 1)[-1].lower())
    return bare.removeprefix("random") or bare


@functools.cache
def operations() -> dict[str, Any]:
    """Foreign name (normal form) -> the step to write, as plain data."""
    table: dict[str, Any] = {}
    step = None
    for row in OPERATIONS.strip().splitlines():
        if not row.startswith(" "):
            step = value_of("{" + row + "}")
            continue
        table |= {normal(name): step for name in row.split()}
    return table


@functools.cache
def parameters() -> dict[str, dict[str, str]]:
    """Op, or "*" -> their parameter: ours."""
    table: dict[str, dict[str, str]] = value_of(PARAMETERS)
    return table


def operation(name: str) -> Any:
    """The step to write for a foreign name, `{op: parameters or None}`; None when it is not known."""
    return operations().get(normal(name))


def refusal(name: str) -> str | None:
    """Why there is no such operation; None when nothing is known of it."""
    return REFUSED.get(normal(name)) or REFUSED.get(name.lower())


def parameter(owner: str, name: str, known: Sequence[str]) -> str | None:
    """The parameter of `owner` that other libraries call `name`."""
    for table in (parameters().get(owner, {}), parameters()["*"]):
        ours = table.get(name) or table.get(name.lower())
        if ours in known:
            return ours
    return None


def key(name: str) -> str | None:
    """The line to write for a foreign key."""
    return KEYS.get(name.lower())
