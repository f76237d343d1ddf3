"""`augment init`: look at a dataset, say what it is, write a recipe to start from.

observe (facts) -> decide (rules) -> write (text); what is written has been read and planned with the data.
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path

from augcli import storage
from augcli.errors import Exit, Problem, UsageError, number_of, printable
from augcli.init import geometry_rules, input_rules, output_rules, pixel_rules
from augcli.init.facts import Facts
from augcli.init.observe import listed, observe
from augcli.init.rules import Choice, decide
from augcli.init.tell import as_data, told
from augcli.init.write import written
from augcli.plan import make_plan
from augcli.prelude import misplaced, spare_input, uncollected
from augcli.recipe import Recipe, loads

KNOBS = (
    *input_rules.KNOBS,
    *output_rules.KNOBS,
    *geometry_rules.CANVAS,
    *geometry_rules.STEPS,
    *pixel_rules.STEPS,
    *pixel_rules.IDEAS,
)
"""Every question about a dataset, in the order of the recipe."""


def init(dataset: str, output: Path, *, format_: str, as_json: bool, say: Callable[[str], None]) -> Exit:
    """Write a recipe for the dataset to `output`.

    Raises `UsageError`, and writes nothing, where the file is there already, the dataset cannot be read, or
    nothing of it can be augmented; `Aborted` where the file cannot be written.
    """
    _refuse_existing(output)
    path = os.path.normpath(dataset)
    with uncollected():
        found, entries, invalid, wrong = listed(path, format_)
        facts = observe(path, found, entries, invalid, wrong)
        choices = decide(facts, KNOBS)
        text, recipe = recipe_for(facts, choices, output)
        spare_input(recipe, output)
        make_plan(recipe, found, entries)
    try:
        storage.create(output, text.encode())
    except FileExistsError:
        _refuse_existing(output)
    if as_json:
        say(json.dumps(as_data(facts, choices), indent=2))
        return Exit.OK
    say(printable(f"{path}: {number_of(facts.images, 'image')}"))
    for line in told(facts):
        say(line)
    name = printable(shlex.quote(str(output)))
    say(f"{name}: written, with the reason for each choice; next: augment preview {name}")
    return Exit.OK


def recipe_for(facts: Facts, choices: Sequence[Choice], output: Path) -> tuple[str, Recipe]:
    """(text, the recipe that it is). Its output folder lies beside the dataset where out/ lies in it.

    Raises `UsageError` for a dataset that no recipe can name.
    """
    beside = os.path.normpath(os.path.join(facts.path, "..", f"{facts.name}-augmented"))
    problems: list[Problem] = []
    for folder in (f"out/{facts.name}", beside):
        text = written(facts, choices, folder, str(output))
        try:
            recipe = loads(text, str(output)).recipe
        except UsageError as error:
            named = [f"no recipe can name this dataset: {problem.what}" for problem in error.problems]
            raise UsageError(Problem(facts.path, what, "rename or link it") for what in named) from None
        problems = misplaced(recipe)
        if not problems:
            return text, recipe
    raise UsageError(problems)


def _refuse_existing(output: Path) -> None:
    if os.path.lexists(output):
        what = "is there already, and is never overwritten"
        raise UsageError(Problem(str(output), what, "name another file with -o"))
