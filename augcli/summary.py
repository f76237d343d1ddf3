"""What a run tells at its end: counts, failures by kind, time; for people and as JSON."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from augcli.errors import Exit, Problem, UsageError, number_of, printable
from augcli.sample import Record


@dataclass(frozen=True)
class Difference:
    """How an output folder and a plan differ, in numbers of outputs.

    added    planned, and not there
    changed  there, and to be made anew: of another recipe or source, or damaged
    removed  there, and no longer planned
    kept     there as planned
    """

    added: int
    changed: int
    removed: int
    kept: int

    def __str__(self) -> str:
        return f"+{self.added} added, ~{self.changed} changed, -{self.removed} removed, ={self.kept} kept"


@dataclass
class Tally:
    """Counts over rows, kept while they pass by; `changed` are those made in the place of another output."""

    made: int = 0
    changed: int = 0
    kept: int = 0
    removed: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    outputs: Counter[tuple[str, str]] = field(default_factory=Counter)
    dropped: int = 0
    warned: int = 0
    examples: dict[str, str] = field(default_factory=dict)
    rendering: float = 0.0
    stages: dict[str, tuple[float, int]] = field(default_factory=dict)

    def add(self, record: Record, *, kept: bool = False, changed: bool = False) -> None:
        """Count one row, `kept` as it was, or made anew in the place of another one (`changed`)."""
        row = record.row
        if row["status"] != "ok":
            code = row["error"]["code"]
            self.failures[code] += 1
            example = printable(f"{row['id']}: {row['error']['text']}")
            self.examples[code] = min(example, self.examples.get(code, example))  # whatever came first
            return
        self.made += not kept
        self.kept += kept
        self.changed += changed
        self.outputs[row["split"], row["labels"]["label"] or ""] += 1
        self.dropped += len(row["dropped"])
        self.warned += bool(row["warnings"])
        self.rendering += record.seconds
        for name, (seconds, times) in record.stages.items():
            before = self.stages.get(name, (0.0, 0))
            self.stages[name] = before[0] + seconds, before[1] + times

    @property
    def failed(self) -> int:
        """Rows that failed."""
        return sum(self.failures.values())

    @property
    def difference(self) -> Difference:
        """What was done to the folder; what failed was not."""
        return Difference(self.made - self.changed, self.changed, self.removed, self.kept)

    @property
    def total(self) -> int:
        """Rows in all."""
        return self.made + self.kept + self.failed


def check_limit(max_failures: str | None) -> None:
    """Raise `UsageError` for a value of `--max-failures` that is none."""
    form = r"\d+|(\d{1,2}(\.\d+)?|100(\.0+)?)%"
    if max_failures is not None and not re.fullmatch(form, max_failures, re.ASCII):
        what = "expected a whole number of outputs, or a percentage of them from 0% to 100%"
        raise UsageError(Problem("--max-failures", f"{what}, got {max_failures!r}", "such as 10 or 1%"))


def exit_code(failed: int, total: int, max_failures: str | None) -> Exit:
    """The exit code for this many failures; `max_failures` is a number, a percentage (`"1%"`) or None."""
    if not failed:
        return Exit.OK
    if max_failures is None:
        return Exit.SOME_FAILED
    share = max_failures.endswith("%")
    allowed = float(max_failures.removesuffix("%")) * (total / 100.0 if share else 1.0)
    return Exit.OK if failed <= allowed else Exit.TOO_MANY_FAILED


def expected(digest: str) -> str:
    """What `--expect` was given. Raises `UsageError` for what is no digest of a tree."""
    if not re.fullmatch("[0-9a-f]{64}", digest):
        what = f"expected the 64 hex digits that run prints after `tree`, got {digest!r}"
        raise UsageError(Problem("--expect", what))
    return digest


def verdict(
    tally: Tally, tree: str, max_failures: str | None, expect: str | None
) -> tuple[Exit, list[Problem], list[Problem]]:
    """The exit code of a run that came to its end, what is wrong with it, and what was tolerated.

    A tree that is not the expected one is told with the code of failures, 3, unless there are worse.
    """
    code = exit_code(tally.failed, tally.total, max_failures)
    wrong: list[Problem] = []
    tolerated: list[Problem] = []
    if tally.failed:
        what, remedy = (
            f"{tally.failed:,} of {number_of(tally.total, 'image')} failed",
            "their rows in manifest.jsonl say why",
        )
        if max_failures is None:
            remedy += "; --max-failures allows some"
        else:
            what += f", {'within' if code is Exit.OK else 'more than'} --max-failures {max_failures}"
        (tolerated if code is Exit.OK else wrong).append(Problem("", what, remedy))
    if expect is not None and tree != expect:
        code = code or Exit.SOME_FAILED
        what = f"the tree is {tree}, not the expected {expect}"
        remedy = "recipe, inputs or environment differ: compare run.json with that of the expected tree"
        wrong.append(Problem("--expect", what, remedy))
    return code, wrong, tolerated


def lines(tally: Tally, seconds: float, tree: str, output: str, *, difference: bool = False) -> Iterator[str]:
    """The summary for people, with the `difference` where asked for; names in it are printable."""
    return map(printable, _lines(tally, seconds, tree, output, difference))


def _lines(tally: Tally, seconds: float, tree: str, output: str, difference: bool) -> Iterator[str]:
    rate = tally.made / seconds if seconds > 0 else 0.0
    removed = f", {tally.removed} removed" if tally.removed else ""
    done = f"{tally.made} made, {tally.kept} kept{removed}, {tally.failed} failed"
    yield f"{output}: {done} in {seconds:.1f} s ({rate:.1f} images/s)"
    if difference:
        yield f"  {tally.difference}"
    splits = sorted({split for split, _ in tally.outputs})
    for split in splits:
        named = {label or "(no class)": n for (at, label), n in sorted(tally.outputs.items()) if at == split}
        shown = ", ".join(f"{label} {n}" for label, n in list(named.items())[:20])
        more = f", and {len(named) - 20} more classes" if len(named) > 20 else ""
        yield f"  {split or 'all'}: {number_of(sum(named.values()), 'image')}: {shown}{more}"
    for code, n in sorted(tally.failures.items()):
        yield f"  failed, {code}: {n}, for example {tally.examples[code]}"
    if tally.warned:
        yield f"  with warnings: {number_of(tally.warned, 'image')}; see `warnings` in manifest.jsonl"
    yield f"  tree {tree}"


def as_json(
    tally: Tally, seconds: float, tree: str, exit_code: int, expect: str | None = None
) -> dict[str, Any]:
    """The summary for programs; `as_expected` is null where nothing was expected."""
    return {
        "exit_code": exit_code,
        "made": tally.made,
        "added": tally.difference.added,
        "changed": tally.changed,
        "kept": tally.kept,
        "removed": tally.removed,
        "failed": tally.failed,
        "failures": dict(sorted(tally.failures.items())),
        "dropped": tally.dropped,
        "outputs": nested(tally.outputs),
        "seconds": round(seconds, 3),
        "images_per_second": round(tally.made / seconds, 2) if seconds > 0 else 0.0,
        "render_seconds": round(tally.rendering, 3),
        "stages": {
            name: {"seconds": round(spent, 4), "count": times}
            for name, (spent, times) in sorted(tally.stages.items())
        },
        "tree": tree,
        "as_expected": None if expect is None else tree == expect,
    }


def nested(outputs: Mapping[tuple[str, str], int]) -> dict[str, dict[str, int]]:
    """Split -> class -> count."""
    nested: dict[str, dict[str, int]] = {}
    for (split, label), n in sorted(outputs.items()):
        nested.setdefault(split, {})[label] = n
    return nested
