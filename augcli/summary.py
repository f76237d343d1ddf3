"""What a run tells at its end: counts, failures by kind, time; for people and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from augcli.errors import Exit, Problem, printable
from augcli.messages import Log
from augcli.sample import Record


@dataclass
class Tally:
    """Counts over rows, kept while they pass by."""

    made: int = 0
    kept: int = 0
    removed: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    outputs: Counter[tuple[str, str]] = field(default_factory=Counter)
    dropped: int = 0
    warned: int = 0
    examples: dict[str, str] = field(default_factory=dict)
    rendering: float = 0.0

    def add(self, record: Record, *, kept: bool = False) -> None:
        """Count one row."""
        row = record.row
        if row["status"] != "ok":
            code = row["error"]["code"]
            self.failures[code] += 1
            example = printable(f"{row['id']}: {row['error']['text']}")
            self.examples[code] = min(example, self.examples.get(code, example))  # whatever came first
            return
        self.made += not kept
        self.kept += kept
        self.outputs[row["split"], row["labels"]["label"] or ""] += 1
        self.dropped += len(row["dropped"])
        self.warned += bool(row["warnings"])
        self.rendering += record.seconds

    @property
    def failed(self) -> int:
        """Rows that failed."""
        return sum(self.failures.values())

    @property
    def total(self) -> int:
        """Rows in all."""
        return self.made + self.kept + self.failed


def exit_code(failed: int, total: int, max_failures: str | None) -> Exit:
    """The exit code for this many failures; `max_failures` is a number, a percentage (`"1%"`) or None."""
    if not failed:
        return Exit.OK
    if max_failures is None:
        return Exit.SOME_FAILED
    share = max_failures.endswith("%")
    allowed = float(max_failures.removesuffix("%")) * (total / 100.0 if share else 1.0)
    return Exit.OK if failed <= allowed else Exit.TOO_MANY_FAILED


def tell_failures(log: Log, tally: Tally, code: Exit, max_failures: str | None) -> None:
    """What failures there are and whether they are too many: the reason for the exit code."""
    what = f"{tally.failed} of {tally.total} images failed"
    if code is Exit.SOME_FAILED:
        remedy = "their rows in manifest.jsonl say why; --max-failures allows some"
        log.error(Problem("", what, remedy), "some_failed")
    elif code is Exit.TOO_MANY_FAILED:
        remedy = "their rows in manifest.jsonl say why"
        log.error(Problem("", f"{what}, more than --max-failures {max_failures}", remedy), "too_many_failed")
    elif tally.failed:
        log.warning(f"{what}, within --max-failures {max_failures}")


def lines(tally: Tally, seconds: float, tree: str, output: str) -> Iterator[str]:
    """The summary for people; names of files and classes in it are printable."""
    return map(printable, _lines(tally, seconds, tree, output))


def _lines(tally: Tally, seconds: float, tree: str, output: str) -> Iterator[str]:
    rate = tally.made / seconds if seconds > 0 else 0.0
    removed = f", {tally.removed} removed" if tally.removed else ""
    done = f"{tally.made} made, {tally.kept} kept{removed}, {tally.failed} failed"
    yield f"{output}: {done} in {seconds:.1f} s ({rate:.1f} images/s)"
    splits = sorted({split for split, _ in tally.outputs})
    for split in splits:
        named = {label or "(no class)": n for (at, label), n in sorted(tally.outputs.items()) if at == split}
        shown = ", ".join(f"{label} {n}" for label, n in list(named.items())[:20])
        more = f", and {len(named) - 20} more classes" if len(named) > 20 else ""
        yield f"  {split or 'all'}: {sum(named.values())} images: {shown}{more}"
    for code, n in sorted(tally.failures.items()):
        yield f"  failed, {code}: {n}, for example {tally.examples[code]}"
    if tally.warned:
        yield f"  with warnings: {tally.warned} images; see `warnings` in manifest.jsonl"
    yield f"  tree {tree}"


def as_json(tally: Tally, seconds: float, tree: str, exit_code: int) -> dict[str, Any]:
    """The summary for programs."""
    return {
        "exit_code": exit_code,
        "made": tally.made,
        "kept": tally.kept,
        "removed": tally.removed,
        "failed": tally.failed,
        "failures": dict(sorted(tally.failures.items())),
        "dropped": tally.dropped,
        "outputs": nested(tally.outputs),
        "seconds": round(seconds, 3),
        "images_per_second": round(tally.made / seconds, 2) if seconds > 0 else 0.0,
        "render_seconds": round(tally.rendering, 3),
        "tree": tree,
    }


def nested(outputs: Mapping[tuple[str, str], int]) -> dict[str, dict[str, int]]:
    """Split -> class -> count."""
    nested: dict[str, dict[str, int]] = {}
    for (split, label), n in sorted(outputs.items()):
        nested.setdefault(split, {})[label] = n
    return nested
