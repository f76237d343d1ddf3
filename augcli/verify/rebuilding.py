"""Outputs made again from their rows, held against the hashes that those rows name. Runs in workers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from augcli.errors import OutputMismatch, Problem
from augcli.opened import Opened, Row
from augcli.replay import Replay, Unlike, names
from augcli.sample import Entry
from augcli.sources import Sources, sources
from augcli.verify.damage import Damage


@dataclass(frozen=True, slots=True)
class Task:
    """A row with the entries that it needs, by key; None in their place where the inputs lack one."""

    row: Row
    entries: Mapping[str, Entry] | None
    lacking: str
    cost: float


@dataclass(frozen=True)
class Rebuilding:
    """Makes the files of a task again."""

    replay: Replay

    def __call__(self, task: Task) -> list[Damage]:
        """What comes out otherwise."""
        row, entries = task.row, task.entries
        if entries is None:
            return [Damage("source", str(row["output"]), task.lacking)]
        try:
            contents = self.replay(row, lambda key: entries[key])
        except Unlike as error:
            return [Damage("source", str(row["output"]), f"cannot be made again: {error}")]
        return [
            Damage("rebuilt", file["path"], "is not what its row makes")
            for file, data in zip(row["files"], contents, strict=True)
            if hashlib.sha256(data).hexdigest() != file["sha256"]
        ]


def found_again(opened: Opened, folder: Path | None, recipe: Path | None) -> Sources:
    """The inputs. Raises `UsageError`; `OutputMismatch` in another environment, whose pixels may differ."""
    found = sources(opened, folder=folder, recipe=recipe)
    if found.changed:
        remedy = "rebuild it where it was made, or with the same versions"
        raise OutputMismatch(
            Problem(str(opened.output), f"was made in another environment: {line}", remedy)
            for line in found.changed
        )
    return found


def tasks(found: Sources, rows: Iterator[Row]) -> Iterator[Task]:
    """A task for every row that has an output."""
    for row in rows:
        if row["status"] != "ok":
            continue
        cost = float(row["size"][0] * row["size"][1] * (1 + len(row["partners"])))
        try:
            yield Task(row, {key: found.find(row, key) for key in names(row)}, "", cost)
        except Unlike as error:
            yield Task(row, None, f"cannot be made again: {error}", cost)
