"""What every verb about a recipe begins with: the recipe, its dataset, the plan."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from augcli import formats
from augcli.errors import Problem, UsageError
from augcli.messages import Log
from augcli.plan import Pick, Plan, make_plan
from augcli.recipe import Loaded, Recipe, load
from augcli.sample import Dataset, Entry
from augcli.setting import Setting


@dataclass(frozen=True)
class Prelude:
    """A recipe with the dataset it names; see `plan.make_plan` for the plan."""

    loaded: Loaded
    dataset: Dataset
    entries: tuple[Entry, ...]
    plan: Plan

    @cached_property
    def setting(self) -> Setting:
        """What all images share."""
        return Setting(self.loaded.recipe, self.dataset)

    @property
    def recipe(self) -> Recipe:
        """The valid recipe."""
        return self.loaded.recipe

    def tell(self, log: Log) -> None:
        """Advice about the recipe, what listing and plan decided, and what the plan cannot reach."""
        for advice in self.loaded.advice:
            log.warning(advice)
        for note in self.plan.notes:
            log.note(note)
        for shortfall in self.plan.shortfalls:
            log.warning(shortfall)


def prelude(
    recipe_path: Path,
    overrides: Sequence[str],
    limit: int | None = None,
    pick: Callable[[Recipe], Pick] | None = None,
) -> Prelude:
    """Load, list and plan; see `make_plan` for `limit` and `pick`, which is asked when the recipe is known.

    Raises `UsageError` with every problem of recipe and data.
    """
    loaded = load(recipe_path, overrides)
    recipe = loaded.recipe
    problems = misplaced(recipe)
    try:
        source = source_of(recipe, sized=pick is None)
        with uncollected():
            dataset, entries = formats.read(recipe.input.format, source)
            plan = make_plan(recipe, dataset, entries, limit, pick and pick(recipe))
    except UsageError as error:
        problems += error.problems
    if problems:
        raise UsageError(map(loaded.located, problems))
    return Prelude(loaded, dataset, tuple(entries), plan)


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Within, no search for garbage in cycles, and afterwards none through what was made: a listing makes a
    million objects that stay and hardly a cycle, and the collector would look through all of them again and
    again (a fifth of the time for 100,000 images, within and as much afterwards).
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.freeze()
            gc.enable()


def source_of(recipe: Recipe, *, sized: bool = True) -> formats.Source:
    """Where a recipe's dataset is, and which part of it is meant; `sized` asks for the sizes of files."""
    given = recipe.input
    return formats.Source(
        given.path or given.images or "",
        given.include,
        given.exclude,
        given.annotations,
        given.masks,
        recipe.labels.invalid,
        sized=sized,
    )


def inputs(recipe: Recipe) -> list[str]:
    """Every path that the recipe reads from."""
    given = recipe.input
    return [path for path in (given.path, given.images, given.annotations, given.masks) if path]


def spare_input(recipe: Recipe, path: Path) -> None:
    """Refuse, by `UsageError`, to write a file that lies in the input: inputs are never written to."""
    for given in inputs(recipe):
        if Path(given).resolve() in (path.resolve(), *path.resolve().parents):
            what = f"lies inside the input {given}, which is never written to"
            raise UsageError(Problem(str(path), what, "choose a file elsewhere"))


def _same(one: Path, other: Path) -> bool:
    """Whether two paths lead to one place; a folder that is mounted twice has two."""
    try:
        return one == other or one.samefile(other)
    except OSError:  # one of them is not there
        return False


def spare_folder(folder: Path, path: Path) -> None:
    """Refuse, by `UsageError`, to write into an output folder: its readers take every file for data."""
    if folder.resolve() in (path.resolve(), *path.resolve().parents):
        what = f"lies inside {folder}, which holds the dataset alone"
        raise UsageError(Problem(str(path), what, "choose a file elsewhere"))


def misplaced(recipe: Recipe) -> list[Problem]:
    """An output that is an input, lies inside one, or around it; also through links and bind mounts."""
    problems = []
    outside = Path(recipe.output.path).resolve()
    for given in inputs(recipe):
        inside = Path(given).resolve()
        if _same(inside, outside):
            what, remedy = f"is the input {given} itself", "choose another folder"
        elif any(_same(inside, above) for above in outside.parents):
            what, remedy = f"lies inside the input {given}", "choose a folder beside it"
        elif any(_same(outside, above) for above in inside.parents):
            what, remedy = f"lies around the input {given}", "choose a folder beside it"
        else:
            continue
        problems.append(Problem("output.path", what, remedy, key=("output", "path")))
    return problems
