"""`augment run`: make the output folder match the recipe.

A list of steps: load and plan, hold the plan against what is there, make what is missing, seal, tell.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from augcli import __version__, engines, environment, storage, summary
from augcli.errors import Exit, Problem, UsageError
from augcli.interrupt import interruptible
from augcli.messages import Log
from augcli.prelude import Prelude, prelude, spare_folder, spare_input
from augcli.recipe import Recipe, identity
from augcli.sample import Entry
from augcli.shard import Shard, shard
from augcli.shelf import Shelf
from augcli.summary import Tally
from augcli.update import Policy, Update
from augcli.work import Work, settle

PRELOAD = ("augcli.preloaded",)
"""What the fork server imports once for all workers."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class Options:
    """The options of the command line; none of them changes a byte of an output."""

    workers: int | None = None
    limit: int | None = None
    max_failures: str | None = None
    timeout: float | None = 300.0
    expect: str | None = None
    shard: str | None = None
    update: bool = False
    fresh: bool = False
    as_json: bool = False
    stats: Path | None = None
    report: bool = False
    report_file: Path | None = None
    quiet: bool = False
    verbose: bool = False
    debug: bool = False
    start_method: str = "forkserver"

    @property
    def page(self) -> Path | None:
        """Where the report goes: to the file that is named, else where `augment report` puts it."""
        return self.report_file or (Path("report.html") if self.report else None)


def run(recipe_path: Path, overrides: Sequence[str], options: Options, *, log: Log, say: Say) -> Exit:
    """Run a recipe. `say` prints results, `log` tells the rest. Raises `AugmentError` where it ends early."""
    _check(options)
    part = _part(options)
    log.quiet = options.quiet
    with interruptible() as heed:
        begin = time.perf_counter()
        pool = engines.Options(
            workers=options.workers or engines.default_workers(),
            timeout=options.timeout,
            start_method=options.start_method,
            preload=PRELOAD,
            initializer=settle,
        )
        engines.warm_up(pool)
        settle()
        found = prelude(recipe_path, overrides, options.limit)
        if part is not None:
            found = dataclasses.replace(found, plan=found.plan.part(part))
        for file in (options.stats, options.page):
            if file is not None:
                spare_input(found.recipe, file)
        if options.page is not None:
            spare_folder(Path(found.recipe.output.path), options.page)
        found.tell(log)
        policy = Policy(options.update, options.fresh, options.limit is not None, options.verbose)
        update = prepared(found, policy, pool, log, shard=part, debug=options.debug)
        heed()  # all that is large was imported by now
        tally, tree = update.bring()
        seconds = time.perf_counter() - begin
        code, wrong, tolerated = summary.verdict(tally, tree, options.max_failures, options.expect)
        _tell(tally, seconds, tree, code, found, options, say)
        for problem in tolerated:
            log.warning(problem)
        for problem in wrong:
            log.error(problem, code.name.lower())
        if options.page is not None:
            from augcli import report  # templates and charts are loaded when they are used

            seen = report.Options(options.page, _before(found.recipe), workers=options.workers)
            silent = options.as_json or options.quiet
            times = summary.as_json(tally, seconds, tree, code)
            report.report(update.output, seen, log=log, say=_nothing if silent else say, times=times)
        if part is not None and not options.as_json and not options.quiet:
            say(f"  shard {part} is done; when all {part.of} are, augment merge makes one dataset of them")
        return code


def _before(recipe: Recipe) -> Path | None:
    """The input to hold copies against in the report; None where the output keeps their originals."""
    given = recipe.input
    apart = given.annotations or given.masks or not given.path
    return None if recipe.originals == "keep" or apart else Path(given.path)


def _nothing(_: str) -> None:
    """Says no result."""


def prepared(
    found: Prelude,
    policy: Policy,
    pool: engines.Options,
    log: Log,
    *,
    shard: Shard | None = None,
    debug: bool = False,
) -> Update:
    """What brings the output folder of a recipe up to date, or foresees it; nothing is done yet."""
    described = environment.describe(found.plan.format)
    shelf = Shelf(Path(found.recipe.output.path).absolute(), found.plan.format)
    digest = environment.digest(described)
    work = Work(found.setting, str(shelf.below), digest, found.plan.format, debug)
    header = {
        "augment": __version__,
        "environment": described,
        "recipe": identity(found.recipe),
        "inputs": inputs_digest(found.entries),
    }
    return Update(found.plan, work, shelf, header, pool, log, policy, shard)


def inputs_digest(entries: Sequence[Entry]) -> str:
    """Digest of what was listed: names, labels and groups, not bytes, which every row tells of itself."""
    digest = hashlib.sha256()
    for entry in entries:
        facts: list[object] = [entry.split, entry.key, entry.classes, entry.extra, entry.error]
        if entry.labels or entry.mask:
            facts += [hashlib.sha256(entry.labels).hexdigest(), entry.mask is not None]
        digest.update(json.dumps(facts, sort_keys=True).encode() + b"\n")
    return digest.hexdigest()


def _check(options: Options) -> None:
    summary.check_limit(options.max_failures)
    if options.expect is not None:
        summary.expected(options.expect)
    if options.update and (options.fresh or options.limit):
        other = "--fresh" if options.fresh else "--limit"
        raise UsageError(Problem("--update", f"cannot stand beside {other}", "leave one of them out"))


def _part(options: Options) -> Shard | None:
    """The shard that is asked for; None for the whole, which 1/1 is too."""
    if options.shard is None:
        return None
    given = shard(options.shard)
    if options.page is not None:
        what = "cannot stand beside --shard"
        raise UsageError(Problem("--report", what, "report on the dataset that merge makes"))
    if options.limit:
        what = "cannot stand beside --limit: shards are merged whatever their limits were"
        raise UsageError(Problem("--shard", what, "try the recipe with --limit first, then divide it"))
    return given if given.of > 1 else None


def _tell(
    tally: Tally,
    seconds: float,
    tree: str,
    code: Exit,
    found: Prelude,
    options: Options,
    say: Say,
) -> None:
    """The summary, in the forms that were asked for."""
    data = summary.as_json(tally, seconds, tree, code, options.expect)
    if options.stats is not None:
        storage.hand_over(options.stats, json.dumps(data, indent=2).encode() + b"\n")
    if options.as_json:
        say(json.dumps(data, indent=2))
    elif not options.quiet:
        output = found.recipe.output.path
        for line in summary.lines(tally, seconds, tree, output, difference=options.update):
            say(line)
