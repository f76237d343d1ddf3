"""Which images are for training, which are held out, and which belong together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from augcli.errors import Problem, number_of
from augcli.plan.patience import Overdue, patience
from augcli.recipe.model import Input
from augcli.rng import stream
from augcli.sample import Entry

EXAMPLES = 5
"""How many examples a message names."""

GROUP = ("input", "group")

PATIENCE = 5.0
"""Seconds that the search for groups may take, and for every name ..."""

PER_NAME = 20e-6
"""... this many more, several times what a usual pattern needs."""


def is_training(split: str) -> bool:
    """Whether a split is augmented: there are no splits, or its name begins with train."""
    return not split or split.casefold().startswith("train")


def grouped(
    entries: Sequence[Entry], pattern: str | None
) -> tuple[Sequence[Entry], list[Problem], list[str]]:
    """The entries with their group; see `group_names`."""
    if pattern is None:
        return entries, [], []
    names, problems = group_names(entries, pattern)
    if problems:
        return entries, problems, []
    alone = [entry.id for entry, name in zip(entries, names, strict=True) if not name]
    if len(alone) == len(entries):
        problem = Problem("input.group", f"matches no image, for example not {alone[0]!r}", key=GROUP)
        return entries, [problem], []
    notes = [_ungrouped(alone)] if alone else []
    found = [replace(entry, group=name) for entry, name in zip(entries, names, strict=True)]
    return found, _torn(found), notes


def _ungrouped(alone: Sequence[str]) -> str:
    who = number_of(len(alone), "image matches no group and stands", "images match no group and stand")
    return f"{who} alone: {alone[0]}" + ", ..." * (len(alone) > 1)


def group_names(entries: Sequence[Entry], pattern: str) -> tuple[list[str | None], list[Problem]]:
    """The group of each entry: the pattern's first capture in the key, else its whole match; None for none.

    Where the pattern is no use: no names, and what is wrong with it.
    """
    try:
        search = re.compile(pattern).search
    except re.error as error:
        return [], [Problem("input.group", f"is no regular expression: {error}", key=GROUP)]
    matches: list[re.Match[str] | None] = []
    try:
        with patience(PATIENCE + PER_NAME * len(entries)):
            for entry in entries:
                matches.append(search(entry.key))
    except Overdue:
        what = f"takes too long, at the latest on {entries[len(matches)].key!r}"
        remedy = "a repetition inside a repetition, such as (a+)+, tries every way to part a name"
        return [], [Problem("input.group", what, remedy, key=GROUP)]
    return [(match and match[1 if match.re.groups else 0]) or None for match in matches], []


def _torn(entries: Sequence[Entry]) -> list[Problem]:
    """Groups that lie in two splits: what is learnt from one would be tested on the other."""
    home: dict[str, Entry] = {}
    problems: dict[str, Problem] = {}
    for entry in entries:
        if entry.group is None or entry.group in problems:
            continue
        first = home.setdefault(entry.group, entry)
        if first.split != entry.split:
            what = f"group {entry.group!r} is in two splits: {first.id} and {entry.id}"
            problems[entry.group] = Problem("input.group", what, "move the group into one split", key=GROUP)
    shown = list(problems.values())[:EXAMPLES]
    if more := len(problems) - len(shown):
        shown.append(Problem("input.group", f"and {more} more groups in two splits", key=GROUP))
    return shown


def held_out(
    entries: Sequence[Entry], recipe_input: Input, seed: int
) -> tuple[Sequence[Entry], list[Problem], list[str]]:
    """The entries with the splits that `holdout` gives them, by a hash of the group, else of the key.

    So a group stays together, and an image keeps its split when others are added.
    """
    names = sorted({entry.split for entry in entries})
    if not recipe_input.holdout:
        none = names == [""]
        return entries, [], ["no splits found: every image is for training"] if none else []
    if names != [""]:
        what = f"the dataset has splits already: {', '.join(name or '(none)' for name in names)}"
        return entries, [Problem("input.holdout", what, "leave holdout out", key=("input", "holdout"))], []
    divided = [
        replace(entry, split=_drawn(recipe_input, seed, entry.group or entry.key)) for entry in entries
    ]
    sizes = {name: 0 for name, _ in recipe_input.holdout}
    for entry in divided:
        sizes[entry.split] = sizes.get(entry.split, 0) + 1
    told = ", ".join(f"{count} {name}" for name, count in sizes.items())
    return divided, [], [f"held out by hash: {told}", *_classes_not_held_out(divided, recipe_input)]


def _classes_not_held_out(entries: Sequence[Entry], recipe_input: Input) -> Iterator[str]:
    """Splits that a class has no image in: so small a split says nothing of that class."""
    classes = {name for entry in entries for name in entry.categories}
    for split, _ in recipe_input.holdout:
        missing = classes - {name for entry in entries if entry.split == split for name in entry.categories}
        if missing:
            yield f"classes without an image held out for {split}: {', '.join(sorted(missing)[:10])}"


def _drawn(recipe_input: Input, seed: int, name: str) -> str:
    u = stream(seed, "holdout", name).unit()
    for split, share in recipe_input.holdout:
        u -= share
        if u < 0.0:
            return split
    return "train"
