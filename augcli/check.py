"""`augment check`: every mistake of a recipe and its dataset, and advice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from augcli.errors import Exit, Problem, UsageError, number_of
from augcli.messages import Log
from augcli.prelude import prelude
from augcli.recipe import load


def check(
    recipe_path: Path,
    overrides: Sequence[str],
    *,
    data: bool,
    strict: bool,
    log: Log,
    say: Callable[[str], None],
) -> Exit:
    """Say what is noteworthy. Raises `UsageError` with all mistakes; under `strict` for a warning too.

    data  look at the dataset as well
    """
    if data:
        found = prelude(recipe_path, overrides)
        found.tell(log)
        where = found.recipe.input.path or found.recipe.input.images or found.recipe.input.annotations
        valid = (
            f"valid; {number_of(len(found.entries), 'image')} in {where} "
            f"(format {found.dataset.format}), {number_of(found.plan.outputs, 'output')}"
        )
    else:
        for advice in load(recipe_path, overrides).advice:
            log.warning(advice)
        valid = "the recipe is valid (its dataset was not looked at)"
    if strict and log.warnings:
        raise UsageError(
            Problem(str(recipe_path), number_of(log.warnings, "warning"), "--strict allows none")
        )
    say(f"{recipe_path}: {valid}")
    return Exit.OK
