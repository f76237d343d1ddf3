"""What every verb about a recipe begins with: the recipe, its dataset, the plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from augcli import formats
from augcli.errors import Problem, UsageError
from augcli.plan import Plan, make_plan
from augcli.recipe import Loaded, Recipe, load
from augcli.sample import Dataset, Entry


@dataclass(frozen=True)
class Prelude:
    """A recipe with the dataset it names; see `plan.make_plan` for the plan."""

    loaded: Loaded
    dataset: Dataset
    entries: tuple[Entry, ...]
    plan: Plan

    @property
    def recipe(self) -> Recipe:
        """The valid recipe."""
        return self.loaded.recipe


def prelude(recipe_path: Path, overrides: Sequence[str], limit: int | None = None) -> Prelude:
    """Load, list and plan. Raises `UsageError` with every problem of recipe and data."""
    loaded = load(recipe_path, overrides)
    recipe = loaded.recipe
    problem = misplaced(recipe)
    if problem is not None:
        raise UsageError(problem)
    source = formats.Source(recipe.input.path, recipe.input.include, recipe.input.exclude)
    dataset, entries = formats.read(recipe.input.format, source)
    return Prelude(loaded, dataset, tuple(entries), make_plan(recipe, dataset, entries, limit))


def misplaced(recipe: Recipe) -> Problem | None:
    """An output that is the input, lies inside it, or around it; also through links."""
    inside, outside = Path(recipe.input.path).resolve(), Path(recipe.output.path).resolve()
    if inside == outside:
        return Problem("output.path", "is the input folder itself", "choose another folder")
    if inside in outside.parents:
        return Problem(
            "output.path", f"lies inside the input {recipe.input.path}", "choose a folder beside it"
        )
    if outside in inside.parents:
        return Problem(
            "output.path", f"lies around the input {recipe.input.path}", "choose a folder beside it"
        )
    return None
