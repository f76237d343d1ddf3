"""A dataset -> `Facts`: its labels and names from the listing, its looks from a few images."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from augcli import formats, storage
from augcli.errors import Problem, UsageError, number_of
from augcli.images import format_of
from augcli.init import looking
from augcli.init.facts import Facts
from augcli.init.words import grouping_of, hue_names, overhead_signs, sides, text_signs
from augcli.plan import choose, is_training
from augcli.sample import Dataset, Entry

SHOWN = 5
"""How many examples of one problem are named."""

MANY = 100
"""Sub-folders that are looked at for a hint."""

BACKGROUND = "background"
"""The class of mask pixels that are of no object."""


def listed(path: str, format_: str) -> tuple[Dataset, list[Entry], str, list[str]]:
    """(dataset, entries, what was done with labels that cannot be right, what is wrong with them).

    Where some labels are refused, they are dropped. Raises `UsageError` where that does not help.
    """
    root = Path(path)
    if not root.is_dir():
        what = "is a file" if root.exists() else "no such folder"
        raise UsageError(Problem(path, what, "give the folder of a dataset, images and labels"))
    name = formats.resolve(format_, root)
    try:
        return *formats.read(name, formats.Source(path, sized=False)), "refuse", []
    except UsageError as refused:
        try:
            found = formats.read(name, formats.Source(path, invalid="drop", sized=False))
        except UsageError:
            raise UsageError([*refused.problems, *_hints(root, name, format_)]) from None
        first = [f"{problem.where}: {problem.what}" for problem in refused.problems[:SHOWN]]
        more = len(refused.problems) - len(first)
        return *found, "drop", [*first, *([f"and {more} more labels like these"] if more > 0 else [])]


def _hints(root: Path, name: str, asked: str) -> Iterator[Problem]:
    """What a folder was taken for, and which folders in it may have been meant."""
    if asked == "auto" and name != "folders":
        yield Problem(str(root), f"was read as {name}", "--format names another")
    inside = [
        f"{folder} ({kind})"
        for folder in storage.names(root)[:MANY]
        if (root / folder).is_dir() and (kind := _kind_of(root / folder))
    ]
    if len(inside) > 1:
        shown = ", ".join(inside[:SHOWN]) + (", ..." if len(inside) > SHOWN else "")
        yield Problem(str(root), f"holds what look like datasets: {shown}", "give one of them")


def _kind_of(folder: Path) -> str | None:
    """The format that a folder shows; None for class folders, which any folder may be."""
    with contextlib.suppress(UsageError, OSError):
        name = formats.resolve("auto", folder)
        return name if name != "folders" else None
    return None


def observe(
    path: str, dataset: Dataset, entries: Sequence[Entry], invalid: str, wrong: Sequence[str]
) -> Facts:
    """The facts. Reads the headers of at most `looking.HEADERS` images and decodes `looking.DECODED`."""
    training = [entry for entry in entries if is_training(entry.split)]
    chosen = choose(training, looking.HEADERS, seed=0)
    looks, measures = looking.look(chosen)
    count, side, misfits = looking.objects_of(chosen, measures, dataset)
    names = dataset.classes or tuple(category.name for category in dataset.categories)
    shown = Counter(name for entry in training for name in entry.categories)
    points = tuple(dict.fromkeys(name for one in dataset.categories for name in one.keypoints))
    pairs, one_sided = sides(names)
    folders = Path(path).resolve().parts[-2:]
    task = task_of(dataset)
    blank = [entry for entry in training if not entry.categories and entry.mask is None]
    facts = Facts(
        path=path,
        name=folders[-1],
        format=dataset.format,
        task=task,
        images=len(entries),
        training=len(training),
        splits=tuple(sorted(Counter(entry.split for entry in entries).items(), key=_training_first)),
        classes=tuple(sorted(((name, shown[name]) for name in names), key=lambda pair: (-pair[1], pair[0]))),
        unlabelled=len(blank) if task not in ("none", "semantic") else 0,
        unusable=sum(entry.error is not None for entry in entries),
        kinds=_kinds(entries),
        labels=tuple(sorted(dataset.holds - {"classes"})),
        invalid=invalid,
        objects=count,
        object_side=side,
        keypoints=points,
        swaps=any(category.flip for category in dataset.categories),
        pairs=pairs,
        one_sided=one_sided,
        text=text_signs(folders, names),
        overhead=("rotated boxes",) if task == "rotated" else overhead_signs(folders, names),
        hues=hue_names(names),
        grouping=grouping_of(entries),
        looks=looks,
        notes=dataset.notes,
    )
    return _with_problems(facts, [*wrong, *misfits[:SHOWN]], entries)


def task_of(dataset: Dataset) -> str:
    """What a model would learn from the labels: the richest kind that they hold."""
    holds = dataset.holds
    if "rotated" in holds:
        return "rotated"
    if "keypoints" in holds:
        return "keypoints"
    if holds & {"polygons", "instances", "parts", "holes"}:
        return "instances"
    if "boxes" in holds:
        return "detection"
    if "semantic" in holds:
        return "semantic"
    if dataset.categories:
        return "detection"
    return "classification" if dataset.classes else "none"


def _training_first(split: tuple[str, int]) -> tuple[bool, str]:
    return not is_training(split[0]), split[0]


def _kinds(entries: Sequence[Entry]) -> tuple[tuple[str, int], ...]:
    """File formats by their endings, and how many images have each, most first."""
    endings = Counter(entry.key.rpartition("/")[2].rpartition(".")[2] for entry in entries)
    found: Counter[str] = Counter()
    for ending, count in endings.items():
        if kind := format_of(f"x.{ending}"):
            found[kind] += count
    return tuple(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))


def _with_problems(facts: Facts, wrong: Sequence[str], entries: Sequence[Entry]) -> Facts:
    """The facts with everything that is wrong or missing, as sentences."""
    problems = list(wrong)
    unusable = [entry for entry in entries if entry.error is not None]
    if unusable:
        problems.append(
            f"{number_of(len(unusable), 'file is no image', 'files are no images')} that can be read "
            f"(first: {unusable[0].id})"
        )
    problems += [f"{key}: {why}" for key, why in facts.looks.broken[:SHOWN]]
    if facts.task == "none":
        problems.append("no labels: copies can be made, but nothing can be learnt from their classes")
    elif facts.unlabelled:
        problems.append(
            f"{number_of(facts.unlabelled, 'training image has', 'training images have')} no label"
        )
    missing = [
        name for name, count in facts.classes if not count and facts.task != "semantic" and name != BACKGROUND
    ]
    if missing:
        problems.append(f"classes without a training image: {', '.join(missing[:SHOWN])}")
    names = [name for name, _ in facts.splits]
    if facts.split and all(is_training(name) for name in names):
        problems.append("only training images have a folder: nothing is held out to validate on")
    return replace(facts, problems=tuple(problems))
