"""`augment check`: every mistake of a recipe and its dataset, and advice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from augcli.errors import Exit
from augcli.prelude import prelude
from augcli.recipe import load


def check(recipe_path: Path, overrides: Sequence[str], *, data: bool, say: Callable[[str], None]) -> Exit:
    """Say what is noteworthy. Raises `UsageError` with all mistakes. `data`: look at the dataset too."""
    if not data:
        for advice in load(recipe_path, overrides).advice:
            say(f"warning: {advice}")
        say(f"{recipe_path}: the recipe is valid (its dataset was not looked at)")
        return Exit.OK
    found = prelude(recipe_path, overrides)
    for advice in found.loaded.advice:
        say(f"warning: {advice}")
    for note in found.plan.notes:
        say(f"note: {note}")
    for shortfall in found.plan.shortfalls:
        say(f"warning: {shortfall}")
    where = found.recipe.input.path or found.recipe.input.images or found.recipe.input.annotations
    say(
        f"{recipe_path}: valid; {len(found.entries)} images in {where} "
        f"(format {found.dataset.format}), {found.plan.outputs} outputs"
    )
    return Exit.OK
