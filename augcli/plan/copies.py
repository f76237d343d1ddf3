"""How many copies each training image gets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from augcli.errors import Problem, number_of
from augcli.recipe.model import Copies
from augcli.rng import stream
from augcli.sample import Entry

UNLABELLED = ""
"""The class of images without one."""


@dataclass(frozen=True)
class Allotment:
    """Copies per entry, in the entries' order; what cannot be reached, as sentences; what is wrong."""

    counts: list[int]
    shortfalls: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def allot(copies: Copies, training: Sequence[Entry], keep: bool, seed: int) -> Allotment:
    """Decide the number of copies of each training image.

    keep   originals are kept, and so count as training outputs
    Counts that the recipe sets are of images that can be used: one that listing shows to be broken stands
    outside them and gets `at_least`, but one copy where it would else have no output and so no row.
    """
    if copies.kind == "number":
        return Allotment([copies.count] * len(training))
    of_images = copies.kind != "classes"
    labelled = any(entry.classes if of_images else entry.categories for entry in training)
    if not labelled and copies.kind != "total":
        what = f"{copies.kind} needs classes, and the training images have none"
        problem = Problem("copies", what, "give a number", key=("copies",))
        return Allotment([0] * len(training), problems=(problem,))
    if copies.kind == "classes":
        wanted = dict(copies.classes)
        return Allotment([_largest(entry, wanted, copies.count) for entry in training])

    counts = [copies.at_least or (not keep and entry.error is not None) for entry in training]
    good = [index for index, entry in enumerate(training) if entry.error is None]
    classes: dict[str, list[int]] = {}
    for index in good:
        name = UNLABELLED if copies.kind == "total" else training[index].label or UNLABELLED
        classes.setdefault(name, []).append(index)
    largest = max((len(members) for name, members in classes.items() if name), default=0)
    balanced = largest * max(1, keep + copies.at_least)
    target = balanced if copies.kind == "balance" else copies.count

    shortfalls = []
    for name in sorted(classes):
        members = classes[name]
        if name == UNLABELLED and copies.kind != "total":
            continue
        missing = target - keep * len(members)
        given = min(max(missing, copies.at_least * len(members)), copies.at_most * len(members))
        if given < missing:
            what, reached = f"class {name}" if name else "total", given + keep * len(members)
            shortfalls.append(
                f"{what} reaches {reached} of {target}; raise copies.at_most ({copies.at_most})"
            )
        elif missing < 0 and copies.kind == "total":
            kept = number_of(len(members), "image that is", "images that are")
            shortfalls.append(f"total {target} is below the {kept} kept")
        _share(counts, members, given, training, seed)
    return Allotment([int(count) for count in counts], tuple(shortfalls))


def _largest(entry: Entry, wanted: dict[str, int], default: int) -> int:
    """The largest number among the image's classes that have one of their own, else the default."""
    return max((wanted[name] for name in entry.categories if name in wanted), default=default)


def _share(
    counts: list[int], members: Iterable[int], given: int, training: Sequence[Entry], seed: int
) -> None:
    """Give `given` copies to the members as evenly as it goes; a hash decides who gets one more."""
    members = list(members)
    each, more = divmod(given, len(members))
    if more:
        members.sort(
            key=lambda index: stream(seed, "balance", training[index].split, training[index].key).bits()
        )
    for place, index in enumerate(members):
        counts[index] = each + (place < more)
