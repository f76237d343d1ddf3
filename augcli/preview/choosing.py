"""Which sources a preview shows, and which copies of each."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from augcli.errors import Problem, UsageError
from augcli.formats.source import matches
from augcli.plan import Pick, Plan, choose
from augcli.recipe.model import Recipe
from augcli.sample import Entry, Job

MOST = 6
"""Copies of each source when their number is not given."""


@dataclass(frozen=True)
class Wanted:
    """What the command line asks for.

    images  how many sources, chosen by hash across the classes
    copies  of each; None: as planned, at most `MOST`
    select  glob over `key` and `split/key`
    label   name of a class, of the image or of an object in it
    index   of one training image in the order of the listing, from 0
    """

    images: int = 6
    copies: int | None = None
    select: str | None = None
    label: str | None = None
    index: int | None = None


def picking(wanted: Wanted, recipe: Recipe) -> Pick:
    """What `make_plan` is to plan. Raises `UsageError` when nothing is as wanted."""
    return lambda training: choose(_those(training, wanted), wanted.images, recipe.seed)


def jobs(plan: Plan, wanted: Wanted) -> Iterator[Job]:
    """The jobs of the sources that were picked, each with its first copies as `run` plans them."""
    for source in plan.sources:
        count = min(source.copies, MOST) if wanted.copies is None else wanted.copies
        changed = dataclasses.replace(source, copies=count)
        job = dataclasses.replace(plan, sources=(changed,)).job(0)
        yield dataclasses.replace(job, copies=tuple(copy for copy in job.copies if copy.number))


def _those(training: Sequence[Entry], wanted: Wanted) -> Sequence[Entry]:
    if wanted.index is not None:
        if wanted.select is not None or wanted.label is not None:
            raise UsageError("--index names one image; leave --select and --class out")
        if wanted.index >= len(training):
            remedy = f"there are {len(training)} training images, counted from 0"
            raise UsageError(Problem("--index", f"no training image {wanted.index}", remedy))
        return [training[wanted.index]]
    found = training
    if wanted.label is not None:
        found = [entry for entry in found if wanted.label in entry.categories]
        if not found:
            raise UsageError(_no_class(wanted.label, training))
    if wanted.select is not None:
        glob = wanted.select
        found = [entry for entry in found if matches((glob,), entry.key, entry.id)]
        if not found:
            of_class = f" of class {wanted.label!r}" if wanted.label is not None else ""
            what = f"no training image{of_class} matches {glob!r}"
            raise UsageError(Problem("--select", what, f"they are called like {training[0].id!r}"))
    return found


def _no_class(label: str, training: Sequence[Entry]) -> Problem:
    names = sorted({name for entry in training for name in entry.categories})
    near = get_close_matches(label, names, 1)
    remedy = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(names[:10]) or 'none'}"
    return Problem("--class", f"no training image of class {label!r}", remedy)
