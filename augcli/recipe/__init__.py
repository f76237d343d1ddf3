"""The recipe language: YAML -> `Recipe`, with line and column of every value.

This package knows no dataset format and no image. Everything that others need is named here.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from augcli.errors import Problem, UsageError
from augcli.recipe.advice import advice
from augcli.recipe.defaults import defaults
from augcli.recipe.document import MAX_BYTES, Document, read
from augcli.recipe.identity import digest, identity, step_plain
from augcli.recipe.model import VERSION, Group, Node, Recipe, Step, all_steps
from augcli.recipe.override import override
from augcli.recipe.parse import parse
from augcli.recipe.places import places
from augcli.recipe.schema import schema
from augcli.recipe.script import script

__all__ = [
    "VERSION",
    "Group",
    "Loaded",
    "Node",
    "Recipe",
    "Step",
    "advice",
    "all_steps",
    "defaults",
    "digest",
    "identity",
    "load",
    "loads",
    "schema",
    "script",
    "step_plain",
]


@dataclass(frozen=True)
class Loaded:
    """A recipe as it was read.

    recipe    valid
    advice    warnings: what is allowed and probably not meant
    document  the data as written, `--set` included, and where each value stands
    """

    recipe: Recipe
    advice: tuple[Problem, ...]
    document: Document

    def where(self, *path: str | int) -> str:
        """`recipe.yaml:14:5` of a value, for problems found later: `where("copies", "classes", "bus")`."""
        return self.document.value_mark(path).where

    def located(self, problem: Problem) -> Problem:
        """The problem with the place of its `key` in the file; one without a key is given back as it is."""
        if not problem.key:
            return problem
        steps = {place.id: (*place.path, place.name) for place in places(self.document.data)}
        first, *rest = problem.key
        path = (first,) if first in self.document.data else steps.get(first, ())
        what = f"{problem.where}: {problem.what}" if problem.where else problem.what
        return Problem(self.where(*path, *rest), what, problem.remedy)


def load(path: str | os.PathLike[str], overrides: Sequence[str] = ()) -> Loaded:
    """Read a recipe file. `overrides` are the `PATH=VALUE` of `--set`, in order.

    Raises `UsageError` with every problem of the file and of the overrides.
    """
    name = os.fspath(path)
    try:
        # A byte more than is allowed is enough to know that it is too much.
        with Path(name).open("rb") as handle:
            text = handle.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "no such path"
        remedy = "give the path of a recipe file; `augment init DATASET` writes one"
        raise UsageError(Problem(name, f"cannot be read ({reason})", remedy)) from None
    return loads(text, name, overrides)


def loads(text: str | bytes, name: str = "recipe.yaml", overrides: Sequence[str] = ()) -> Loaded:
    """Read a recipe from its text; `name` stands in messages. Raises `UsageError`."""
    document, found = read(text, name)
    document, more = override(document, overrides)
    recipe = parse(document, [*found, *more])
    known = places(document.data)
    where = {key: document.key_mark((key,)).where for key in document.data}
    where |= {place.id: document.key_mark((*place.path, place.name)).where for place in known}
    named = {place.id for place in known if place.named}
    return Loaded(recipe, advice(recipe, where, named), document)
