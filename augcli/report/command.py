"""`augment report`: what an output, or any dataset, is like; a list of steps."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from augcli import engines, storage
from augcli.errors import Exit, Problem, UsageError, number_of, printable, typed
from augcli.messages import Log
from augcli.plan import is_training
from augcli.prelude import spare_folder
from augcli.report.comparing import compare
from augcli.report.flags import Verdict, counted, judge, parse_names, parse_thresholds, quantity
from augcli.report.gathering import gather
from augcli.report.judging import values
from augcli.report.looking import look
from augcli.report.markdown import summary
from augcli.report.page import report_page
from augcli.report.subject import Subject, subject
from augcli.report.telling import Findings, told
from augcli.report.twins import named

Say = Callable[[str], None]

SAMPLE = 5000
"""Outputs whose pixels are looked at when it is not all of them."""


@dataclass(frozen=True)
class Options:
    """The options of the command line.

    page       the file to write; None for none
    folder     the input of the run, for the pictures before
    everything look at the pixels of all outputs
    stats      file that `augment run --stats` wrote, for the times
    summary    file to append the Markdown to; "-" for stdout
    """

    page: Path | None = Path("report.html")
    folder: Path | None = None
    everything: bool = False
    thresholds: tuple[str, ...] = ()
    fail_on: str | None = None
    stats: Path | None = None
    summary: str | None = None
    as_json: bool = False
    workers: int | None = None


def report(
    folder: Path, options: Options, *, log: Log, say: Say, times: Mapping[str, Any] | None = None
) -> Exit:
    """Report on a folder. `times` is the summary of the run, where it has just been made.

    Raises `UsageError` for what cannot be reported on, `Aborted` where the page cannot be written.
    """
    thresholds, fatal = parse_thresholds(options.thresholds), parse_names(options.fail_on)
    for target in (options.page, None if options.summary in (None, "-") else Path(str(options.summary))):
        for kept in (folder, options.folder):
            if target is not None and kept is not None:
                spare_folder(kept, target)
    times = times if options.stats is None else read_times(options.stats)
    about = subject(folder, options.folder)
    found = findings(about, thresholds, None if options.everything else SAMPLE, options.workers, times)
    if options.page is not None:
        storage.hand_over(options.page, report_page(found))
    if options.summary not in (None, "-"):
        storage.append(Path(str(options.summary)), summary(found).encode("utf-8", "backslashreplace"))
    fallen = fatal & {verdict.flag.name for verdict in found.raised}
    for verdict in found.raised:
        if verdict.flag.name in fallen:
            log.error(_problem(verdict), verdict.flag.name)
        elif verdict.flag.level != "note":
            log.warning(_problem(verdict), verdict.flag.name)
    if options.as_json:
        say(json.dumps(told(found), indent=2))
    elif options.summary == "-":
        say(summary(found).rstrip("\n"))
    else:
        say(_line(found, options.page))
    return Exit.FLAGGED if fallen else Exit.OK


def findings(
    about: Subject,
    thresholds: Mapping[str, float],
    limit: int | None,
    workers: int | None,
    times: Mapping[str, Any] | None = None,
) -> Findings:
    """All that there is to be found out."""
    facts = gather(about.rows(), about.recipe, "semantic" in about.dataset.holds, limit)
    seen = look(about, facts.sample, workers or engines.default_workers())
    splits = {meta.split for meta in seen.metas if meta.copy or is_training(meta.split)}
    compared = compare(seen, frozenset(splits) if about.ours else frozenset())
    verdicts = judge(values(facts, compared, seen), thresholds)
    count, hashes = facts.twins.leaked()
    leaked = tuple(map(tuple, named(about.rows(), hashes))) if count else ()
    return Findings(about, facts, seen, compared, verdicts, times, leaked)


def read_times(path: Path) -> dict[str, Any]:
    """The file that `run --stats` wrote. Raises `UsageError` for another."""
    remedy = "give the file that `augment run --stats` wrote"
    try:
        data = json.loads(path.read_bytes())
        stages = {str(name): stage for name, stage in data["stages"].items()}
        times = {
            name: {"seconds": float(stage["seconds"]), "count": int(stage["count"])}
            for name, stage in stages.items()
        }
    except OSError as error:
        raise UsageError(Problem(str(path), f"cannot be read ({error.strerror})", remedy)) from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise UsageError(Problem(str(path), "holds no times of a run", remedy)) from error
    return {"stages": times}


def _problem(verdict: Verdict) -> Problem:
    """A raised flag as a message."""
    flag, value = verdict.flag, verdict.value
    assert value is not None  # what is raised was measured
    sense = "under" if flag.kind == "probability" else "over"
    shown = f"{quantity(value.value, flag.kind)}, {sense} {quantity(verdict.threshold, flag.kind)}"
    detail = f" ({value.detail})" if value.detail else ""
    return Problem(flag.name, f"{typed(shown)}: {flag.meaning}{detail}", flag.remedy)


def _line(found: Findings, output: Path | None) -> str:
    """The result on the terminal."""
    flags = counted(found.raised)
    where = f"{output}: " if output is not None else ""
    looked = f"pixels of {len(found.looked.looks):,} looked at"
    return printable(f"{where}{number_of(found.facts.counting.outputs, 'image')}, {looked}, {flags}")
