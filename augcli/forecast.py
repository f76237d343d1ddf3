"""`augment plan`: what run would do; outputs, files, bytes and time, from a few images made in memory."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from augcli import engines
from augcli.engines import default_workers
from augcli.errors import Exit, ItemError, number_of, printable
from augcli.messages import Log
from augcli.plan import Plan, choose
from augcli.prelude import prelude
from augcli.render import open_source
from augcli.run import prepared
from augcli.setting import Setting
from augcli.update import Foreseen, Policy
from augcli.work import Work, settle

TRIED = 6
"""Source images that are made in memory for the estimate."""


def forecast(
    recipe_path: Path,
    overrides: Sequence[str],
    *,
    workers: int | None,
    limit: int | None,
    as_json: bool,
    log: Log,
    say: Callable[[str], None],
) -> Exit:
    """Print the plan, and how it differs from the output folder as it is. Writes nothing."""
    settle()
    found = prelude(recipe_path, overrides, limit)
    plan = found.plan
    counted = estimate(found.setting, plan, workers or default_workers())
    policy = Policy(limited=limit is not None)
    foreseen = prepared(found, policy, engines.Options(), log).foreseen()
    if as_json:
        say(json.dumps(as_data(plan, counted, foreseen), indent=2))
        return Exit.OK
    found.tell(log)
    for problem in foreseen.refusal.problems if foreseen.refusal else ():
        log.warning(problem)
    for count in plan.counts:
        split, label = count.split or "(no split)", count.label or "(no class)"
        say(printable(f"{split:12} {label:20} {count.sources:8} -> {count.outputs}"))
    say(
        f"{number_of(len(plan), 'source image')} -> {number_of(plan.outputs, 'image')}, "
        f"about {counted['bytes'] / 1e6:.1f} MB, {counted['seconds']:.0f} s "
        f"with {number_of(counted['workers'], 'worker')} "
        f"(from {number_of(counted['tried'], 'image')} made in memory)"
    )
    say(printable(f"{found.recipe.output.path}: {told(foreseen)}"))
    return Exit.OK


def told(foreseen: Foreseen) -> str:
    """What run would do to the output folder, in a line."""
    if foreseen.refusal is None:
        return str(foreseen.difference)
    refused = f"run would refuse (exit {foreseen.refusal.exit_code:d})"
    return f"{refused}; with --update: {foreseen.difference}" if foreseen.difference else refused


def estimate(setting: Setting, plan: Plan, workers: int) -> dict[str, Any]:
    """Bytes and seconds of the whole plan, from the jobs of a few sources chosen by hash."""
    work = Work(setting, "", "", plan.format)
    index = {source.entry.id: number for number, source in enumerate(plan.sources)}
    chosen = choose([source.entry for source in plan.sources], TRIED, setting.recipe.seed)
    made = size = 0
    begin = time.perf_counter()
    for entry in chosen:
        job = plan.job(index[entry.id])
        try:
            source = open_source(setting, entry)
            for copy in job.copies:
                size += sum(map(len, work.make(entry, copy, source)[1]))
                made += 1
        except ItemError:
            continue
    seconds = time.perf_counter() - begin
    scale = plan.outputs / made if made else 0.0
    return {
        "tried": len(chosen),
        "workers": workers,
        "bytes": round(size * scale),
        "seconds": round(seconds * scale / workers, 1),
    }


def as_data(plan: Plan, counted: dict[str, Any], foreseen: Foreseen) -> dict[str, Any]:
    """The plan for programs.

    `difference` is null where no run could bring the folder up to date; where `refusal` is not null, it is
    that of a run with --update.
    """
    difference, refusal = foreseen.difference, foreseen.refusal
    refused = (
        {"exit_code": int(refusal.exit_code), "problems": [str(p) for p in refusal.problems]}
        if refusal
        else None
    )
    return {
        "difference": dataclasses.asdict(difference) if difference else None,
        "refusal": refused,
        "sources": len(plan),
        "outputs": plan.outputs,
        "format": plan.format,
        "counts": [
            {
                "split": count.split,
                "class": count.label or None,
                "sources": count.sources,
                "outputs": count.outputs,
            }
            for count in plan.counts
        ],
        "estimate": counted,
        "shortfalls": list(plan.shortfalls),
        "notes": list(plan.notes),
    }
