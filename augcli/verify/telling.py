"""The outcome of `augment verify`, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from augcli.errors import Exit, Problem, number_of, printable
from augcli.messages import Log
from augcli.verify.damage import REMEDIES, Damages

SHOWN = 100
"""Damages that are printed one by one for people."""


@dataclass
class Verdict:
    """What was looked at, and what was found.

    rows     in the manifest; `failed` of them are of images that could not be made
    checked  rows whose files were looked at
    rebuilt  outputs that were rendered anew and compared
    """

    output: str
    mode: str
    damages: Damages
    tree: str = ""
    rows: int = 0
    failed: int = 0
    checked: int = 0
    rebuilt: int | None = None

    @property
    def exit_code(self) -> Exit:
        """0 for a whole folder, 3 for a damaged one."""
        return Exit.SOME_FAILED if self.damages.count else Exit.OK

    def plain(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "exit_code": int(self.exit_code),
            "output": self.output,
            "mode": self.mode,
            "tree": self.tree or None,
            "rows": self.rows,
            "failed": self.failed,
            "checked": self.checked,
            "rebuilt": self.rebuilt,
            "damaged": self.damages.count,
            "damages": [damage.plain() for damage in self.damages.found],
        }

    def lines(self) -> Iterator[str]:
        """The lines for people, but for the damages."""
        found = self.damages.found[:SHOWN]
        if self.damages.count > len(found):
            yield f"... and {self.damages.count - len(found)} more"
        looked = f"{self.checked:,} of {number_of(self.rows, 'output')} looked at"
        if self.failed:
            looked += f" ({number_of(self.failed, 'row is of an image', 'rows are of images')} that failed)"
        if self.rebuilt is not None:
            looked += f", {self.rebuilt:,} rendered anew"
        verdict = number_of(self.damages.count, "damage") if self.damages.count else "whole"
        yield printable(f"{self.output}: {verdict}; {looked}")
        if self.tree:
            yield f"  tree {self.tree}"


def tell(verdict: Verdict, *, as_json: bool, log: Log, say: Callable[[str], None]) -> Exit:
    """Print it; the exit code. In another form than text the log tells the damages, for annotations."""
    for damage in verdict.damages.found[:SHOWN]:
        if log.form != "text":
            place = str(Path(verdict.output, damage.path))
            log.error(Problem(place, damage.what, REMEDIES[damage.kind]), damage.kind)
        elif not as_json:
            say(str(damage))
    for line in [json.dumps(verdict.plain(), indent=2)] if as_json else verdict.lines():
        say(line)
    return verdict.exit_code
