"""`augment verify`: is an output folder still what its run made?

A list of steps: open, hash what is of no row, pass over the rows and look at their files, list the folder
again by its own format, make the dataset-wide files anew, tell.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from augcli import engines, manifest
from augcli.errors import Exit, Problem, UsageError
from augcli.interrupt import interruptible
from augcli.messages import Log
from augcli.opened import Damaged, Opened, Row, open_unproved
from augcli.progress import Progress
from augcli.sources import Sources
from augcli.summary import expected
from augcli.verify import wide
from augcli.verify.again import Listed, listed_again
from augcli.verify.damage import Damage, Damages
from augcli.verify.looking import Batch, Item, Looking
from augcli.verify.rebuilding import Rebuilding, found_again, tasks
from augcli.verify.survey import Survey, sampled
from augcli.verify.telling import Verdict, tell
from augcli.work import settle

BATCH = 16
"""Rows that a worker is given at a time."""

FEW = 32
"""Rows for which starting workers costs more than they save."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class Options:
    """The options of the command line.

    sample  look at so many rows only
    quick   names, sizes, headers and dataset-wide files; no image is hashed or decoded
    expect  the tree's digest as it should be
    rebuild make outputs again from their rows; then `folder` or `recipe` says where the inputs are
    """

    sample: int | None = None
    quick: bool = False
    expect: str | None = None
    rebuild: bool = False
    folder: Path | None = None
    recipe: Path | None = None
    workers: int | None = None
    as_json: bool = False
    quiet: bool = False
    debug: bool = False

    @property
    def mode(self) -> str:
        """What is looked at, in a word."""
        return "quick" if self.quick else "full" if self.sample is None else "sample"


def verify(output: Path, options: Options, *, log: Log, say: Say) -> Exit:
    """Verify an output folder. `say` prints results. Raises `UsageError` for one that is not ours."""
    _check(options)
    log.quiet = options.quiet
    damages = Damages()
    with interruptible("run the same command again: it begins anew"):
        try:
            opened = open_unproved(output)
        except Damaged as error:
            for problem in error.problems:
                name = Path(problem.where).name if problem.where != str(output) else manifest.MANIFEST
                damages.add(Damage("manifest", name, problem.what))
            verdict = Verdict(str(output), options.mode, damages)
        else:
            verdict = _verified(opened, options, damages, log)
    return tell(verdict, as_json=options.as_json, log=log, say=say)


def _check(options: Options) -> None:
    if options.quick and options.sample is not None:
        raise UsageError(Problem("--quick", "cannot stand beside --sample", "leave one of them out"))
    if (options.folder or options.recipe) and not options.rebuild:
        raise UsageError(Problem("--input" if options.folder else "--recipe", "is for --rebuild", "add it"))
    if options.expect is not None:
        expected(options.expect)


def _verified(opened: Opened, options: Options, damages: Damages, log: Log) -> Verdict:
    found = found_again(opened, options.folder, options.recipe) if options.rebuild else None
    verdict = Verdict(str(opened.output), options.mode, damages, opened.tree)
    if options.expect is not None and options.expect != opened.tree:
        damages.add(Damage("expected", manifest.RUN, f"the tree is {opened.tree}, not {options.expect}"))
    begun = damages.count
    for damage in wide.hashed(opened):
        damages.add(damage)
    whole = damages.count == begun
    survey = Survey(opened, damages)
    addresses = _addresses(opened, damages)
    listed = Listed()
    if not options.quick and not any(damage.kind in ("wide", "link") for damage in damages.found):
        listed = listed_again(opened)
    chosen = None if options.sample is None else sampled(survey.rows(), options.sample)
    with Progress(_expected(opened, options), log) as progress:
        rows = survey.rows() if chosen is None else _picked(opened, chosen)
        for damage in _looked(opened, rows, addresses, listed, options, progress):
            damages.add(damage)
        verdict.checked = progress.done
    if found is not None:
        with Progress(_expected(opened, options), log) as progress:
            for damage in _rebuilt(found, _picked(opened, chosen), options, progress):
                damages.add(damage)
            verdict.rebuilt = progress.done
    survey.conclude()
    verdict.rows, verdict.failed = survey.count, sum(survey.failures.values())
    for damage in wide.strangers(opened, survey.owned):
        damages.add(damage)
    if damages.count == begun and verdict.rows > verdict.failed:
        for problem in listed.problems:
            damages.add(Damage("labels", str(opened.output), f"cannot be read again: {problem}"))
    if whole and survey.sound and (not opened.packs or damages.count == begun):
        for damage in wide.remade(opened, addresses):
            damages.add(damage)
    return verdict


def _addresses(opened: Opened, damages: Damages) -> Mapping[str, str]:
    try:
        return opened.addresses()
    except Damaged as error:
        if not damages.count:
            damages.add(Damage("wide", manifest.RUN, error.problems[0].what))
        return {}


def _expected(opened: Opened, options: Options) -> int:
    """Rows that will be looked at, if run.json is right."""
    numbers = [number for classes in opened.counts["outputs"].values() for number in classes.values()]
    number = int(sum(numbers) + sum(opened.counts["failures"].values()))
    return number if options.sample is None else min(number, options.sample)


def _picked(opened: Opened, chosen: frozenset[str] | None) -> Iterator[Row]:
    """The rows of these ids, or all."""
    for _, row in opened.lines():
        if not isinstance(row, str) and (chosen is None or row["id"] in chosen):
            yield row


def _looked(
    opened: Opened,
    rows: Iterator[Row],
    addresses: Mapping[str, str],
    listed: Listed,
    options: Options,
    progress: Progress,
) -> Iterator[Damage]:
    """The damages of the rows, as workers find them."""
    looking = Looking(str(opened.output), options.quick, listed.dataset)
    items = (_item(opened, row, addresses, listed) for row in rows)
    batches = (
        Batch(batch, float(sum(map(_cost, batch))))
        for batch in iter(lambda: tuple(itertools.islice(items, BATCH)), ())
    )
    with closing(engines.apply(looking, batches, _pool(options, progress))) as results:
        for batch, result in results:
            progress.add(len(batch.items), 0)
            if isinstance(result, engines.Failure):
                why = f"{result.kind} {result.text}".strip()
                for item in batch.items:
                    yield Damage("unreadable", str(item.row["id"]), f"could not be looked at ({why})")
            else:
                yield from result


def _cost(item: Item) -> int:
    width, height = item.row["size"] or (1, 1)
    return int(width) * int(height)


def _item(opened: Opened, row: Row, addresses: Mapping[str, str], listed: Listed) -> Item:
    packed: tuple[tuple[str, str | None], ...] = ()
    if opened.packs:
        packed = tuple((file["path"], addresses.get(file["path"])) for file in row["files"])
    if row["output"] is None or listed.entries is None:
        return Item(row, packed)
    address = addresses.get(row["output"], "") if opened.packs else str(opened.output / row["output"])
    return Item(row, packed, listed.of(address), listed=True)


def _rebuilt(found: Sources, rows: Iterator[Row], options: Options, progress: Progress) -> Iterator[Damage]:
    """The damages of outputs that were made again, as workers find them."""
    work = Rebuilding(found.replay)
    with closing(engines.apply(work, tasks(found, rows), _pool(options, progress))) as results:
        for task, result in results:
            progress.add(1, 0)
            if isinstance(result, engines.Failure):
                why = f"{result.kind} {result.text}".strip()
                yield Damage("source", str(task.row["output"]), f"could not be made again ({why})")
            else:
                yield from result


def _pool(options: Options, progress: Progress) -> engines.Options:
    workers = options.workers or engines.default_workers()
    return engines.Options(
        engine="serial" if workers == 1 or progress.total <= FEW else "processes",
        workers=workers,
        timeout=300.0,
        preload=("augcli.preloaded",),
        initializer=settle,
    )
