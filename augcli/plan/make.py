"""`make_plan`: a list of steps from a recipe and a listing to a plan, or to all problems at once."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import PurePosixPath

from augcli import formats
from augcli.errors import Problem, UsageError
from augcli.plan.choice import choose
from augcli.plan.copies import allot
from augcli.plan.labels import label_problems
from augcli.plan.model import Plan, Planned, counts_of
from augcli.plan.names import LIMIT, Naming, Subject, name_all, not_utf8
from augcli.plan.partners import Matchmaker, partner_problems
from augcli.plan.splits import grouped, held_out, is_training
from augcli.plan.tiles import tiled
from augcli.recipe.model import Group, Node, Recipe
from augcli.sample import Dataset, Entry, by_bytes

Pick = Callable[[Sequence[Entry]], Sequence[Entry]]
"""Chooses among the training entries, sorted by the bytes of split and key."""


def make_plan(
    recipe: Recipe,
    dataset: Dataset,
    entries: Sequence[Entry],
    limit: int | None = None,
    pick: Pick | None = None,
) -> Plan:
    """Plan a run.

    entries   as a format lists them
    limit     plan for that many source images only, chosen by `choose`; names, numbers of copies and
              partners are those of the whole dataset, so a limited run makes some of the full run's files
    pick      plan for these alone, in their order. Numbers of copies and partners are those of the whole
              dataset; names are not held against those of the others, which takes most of the time of a
              plan, so clashes with them are not found: for pictures of what a run makes, not for a run
    Raises `UsageError` with every problem that recipe and data have together.
    """
    problems = list(_unknown_classes(recipe, dataset))
    entries, wrong, notes = grouped(entries, recipe.input.group)
    problems += wrong
    entries, wrong, more = held_out(entries, recipe.input, recipe.seed)
    problems += wrong
    entries, wrong, more_notes = tiled(entries, recipe.input.tile, dataset, recipe.input.max_megapixels)
    problems += wrong
    more += more_notes
    entries = sorted(entries, key=by_bytes)

    training = [entry for entry in entries if is_training(entry.split)]
    if not training:
        found = ", ".join(sorted({entry.split for entry in entries})) or "nothing"
        problems.append(Problem("", f"no training images to augment (found: {found})", "name a split train/"))
        raise UsageError(problems)
    keep = recipe.originals == "keep"
    allotment = allot(recipe.copies, training, keep, recipe.seed)
    problems += allotment.problems
    notes += more + list(_unseen_classes(training, entries))
    if recipe.mixes and recipe.copies.kind in ("balance", "per_class"):
        kind = recipe.copies.kind
        notes.append(
            f"copies.{kind} counts by the class of the source; a mixed copy is of its heaviest class"
        )

    output = dataset.format if recipe.output.format == "same" else recipe.output.format
    wrong, said = label_problems(recipe, dataset, output)
    problems += wrong
    notes += said
    counts = dict(zip(map(id, training), allotment.counts, strict=True))
    planned = entries if pick is None else pick(training)
    subjects = _subjects(planned, counts, keep, formats.load(output))
    if output == "folders":
        problems += _no_class_folders(subjects, dataset)
    naming = Naming(
        recipe.output.encode.format,
        bool(recipe.prepare),
        recipe.mixes and output == "folders",
        stems=bool(dataset.categories),
    )
    names, wrong = name_all(subjects, naming)
    problems += wrong
    if output == "hf" or (output == "folders" and (recipe.mixes or dataset.soft or dataset.columns)):
        problems += not_utf8([one.original for one in names], "metadata.jsonl")
    if output == "parquet":
        problems += not_utf8([*(one.original for one in names), *dataset.classes], "a Parquet table")

    if output == "webdataset" and len({PurePosixPath(one.original).suffix.lower() for one in names}) > 1:
        notes.append(
            "the images are of several kinds (JPEG, PNG, ...), and readers such as Hugging Face's want one "
            "in all shards: output.encode.format makes them alike"
        )

    matchmaker = Matchmaker(recipe, _usable(training))
    hosts = [subject.entry for subject in subjects if subject.copies and subject.entry.error is None]
    wrong, more = partner_problems(matchmaker, hosts)
    problems += wrong
    notes += more
    sources = [
        Planned(subject.entry, subject.original, subject.copies, name)
        for subject, name in zip(subjects, names, strict=True)
        if subject.original or subject.copies
    ]
    if not sources:
        what = "nothing to make: no copies, and originals are dropped"
        problems.append(Problem("copies", what, key=("copies",)))
    if problems:
        raise UsageError(problems)

    sources = _limited(sources, limit, recipe.seed)
    return Plan(
        tuple(sources),
        dataset,
        output,
        recipe.mixes,
        counts_of(sources),
        allotment.shortfalls,
        tuple(dataset.notes) + tuple(notes),
        matchmaker,
    )


def _subjects(
    entries: Sequence[Entry], counts: Mapping[int, int], keep: bool, target: formats.Format
) -> list[Subject]:
    """Every entry with its number of copies and its place; what is not for training is carried over.

    counts   `id` of each training entry -> its copies
    """
    subjects = []
    for entry in entries:
        folder, rest = target.place(entry.name, entry.label)
        if is_training(entry.split):
            subjects.append(Subject(entry, keep, counts[id(entry)], folder, rest, target.home(entry.split)))
        else:
            subjects.append(Subject(entry, True, 0, folder, rest, target.home(entry.split)))
    return subjects


def _usable(training: Sequence[Entry]) -> dict[str, list[Entry]]:
    splits: dict[str, list[Entry]] = defaultdict(list)
    for entry in training:
        if entry.error is None:
            splits[entry.split].append(entry)
    return dict(splits)


def _limited(sources: list[Planned], limit: int | None, seed: int) -> list[Planned]:
    if limit is None or limit >= len(sources):
        return sources
    chosen = {entry.id for entry in choose([source.entry for source in sources], limit, seed)}
    return [source for source in sources if source.entry.id in chosen]


def _unknown_classes(recipe: Recipe, dataset: Dataset) -> Iterator[Problem]:
    """Class names in the recipe that the dataset does not have."""
    classes = dataset.classes or tuple(category.name for category in dataset.categories)
    named: list[tuple[tuple[str, ...], str]] = [
        (("symmetry",), name) for pair in recipe.symmetry.pairs for name in pair
    ]
    turned = [*(name for name, _ in recipe.symmetry.turns), *recipe.symmetry.never_turned]
    named += [(("symmetry", "quarter_turn"), name) for name in turned]
    named += [(("symmetry", "never"), name) for name in recipe.symmetry.never]
    named += [(("copies", "classes"), name) for name, _ in recipe.copies.classes]
    for node in [*_all_nodes(recipe.prepare), *_all_nodes(recipe.steps)]:
        named += [((node.id, "only", "classes"), name) for name in node.only]
    for key, name in named:
        if name not in classes:
            near = get_close_matches(name, classes, 1)
            known = ", ".join(classes[:10]) or "none"
            remedy = f"did you mean {near[0]!r}?" if near else f"its classes are: {known}"
            what = f"the dataset has no class {name!r}"
            yield Problem(".".join(key), what, remedy, key=(*key, name))


def _all_nodes(nodes: Sequence[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        if isinstance(node, Group):
            yield from _all_nodes(node.of)


def _unseen_classes(training: Sequence[Entry], entries: Sequence[Entry]) -> Iterator[str]:
    seen = _classes_of(training)
    others = _classes_of(entries) - seen
    if others and seen:
        yield f"classes without a training image: {', '.join(sorted(others)[:10])}"


def _classes_of(entries: Sequence[Entry]) -> set[str]:
    """The names of all their classes; equal labels are looked into once."""
    labels = {entry.classes: entry for entry in entries} | {entry.present: entry for entry in entries}
    return {name for entry in labels.values() for name in entry.categories}


def _no_class_folders(subjects: Sequence[Subject], dataset: Dataset) -> Iterator[Problem]:
    """What class folders cannot say: names that are no folder's, and no class for an image in a folder."""
    for name in dataset.classes:
        if name.startswith(".") or "/" in name or "\0" in name or len(os.fsencode(name)) > LIMIT:
            what = f"class {name!r} cannot be the name of a folder"
            yield Problem("output.format", what, "write format hf", key=("output", "format"))
    if dataset.format == "folders":
        return
    lost = [subject.entry.id for subject in subjects if not subject.folder and "/" in subject.rest]
    if lost:
        what = f"{len(lost)} unlabelled images lie in sub-folders, which would become their classes"
        what += f" (first: {lost[0]!r})"
        yield Problem("output.format", what, "write format hf", key=("output", "format"))
