"""An output once more from its row: the recorded values on the same sources, and nothing drawn.

The recipe gives what holds for all outputs (canvas, encoding, rules for labels, `prepare`); what was drawn
and resolved for this one comes from the row, so its seed is not needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from augcli.errors import ItemError
from augcli.images.kinds import format_of
from augcli.ops.base import Op
from augcli.recipe import all_steps
from augcli.render import Act, Source, Story, developed, open_source
from augcli.sample import Copy, Entry, Sample
from augcli.work import Work

Row = Mapping[str, Any]
Find = Callable[[str], Entry]
"""The entry of this key in the split of the row. Raises `Unlike`."""


class Unlike(Exception):
    """The output cannot be made again, and why."""


def names(row: Row) -> list[str]:
    """The keys of all sources that were used for an output, its own first."""
    return list(dict.fromkeys([row["source"], *_guests(row["partners"])]))


def _guests(partners: Sequence[Row]) -> Iterator[str]:
    for partner in partners:
        if "sha256" in partner:
            yield partner["source"]
            yield from _guests(partner.get("partners", ()))


@dataclass(frozen=True)
class Replay:
    """Makes outputs again. `work` is that of the run but for its environment; nothing is written."""

    work: Work

    def __call__(self, row: Row, find: Find) -> list[bytes]:
        """The bytes of the files that a row names, in its order. Raises `Unlike`."""
        if row["status"] != "ok":
            raise Unlike("its row tells of no output")
        try:
            return self._made(row, find)
        except ItemError as error:
            raise Unlike(error.text) from error
        except (KeyError, ValueError, TypeError, IndexError, ArithmeticError, AssertionError) as error:
            raise Unlike(f"its row holds values that no step can act by ({type(error).__name__})") from error

    def _made(self, row: Row, find: Find) -> list[bytes]:
        entry = find(row["source"])
        source = self._source(entry, row["source_sha256"], row.get("mask_sha256"))
        sample, story = source.sample, Story()
        if row["copy"]:
            sample = self._again(row["steps"], row["partners"], source, find)
        copy = Copy(row["copy"], row["output"], format_of(row["output"]) or "")
        made, contents = self.work.finished(entry, copy, source, sample, story)
        paths = [(file["kind"], file["path"]) for file in made["files"]]
        if paths != [(file["kind"], file["path"]) for file in row["files"]]:
            told = ", ".join(path for _, path in paths)
            raise Unlike(f"it would be made under other names ({told})")
        return contents

    def _source(self, entry: Entry, sha256: str, mask_sha256: str | None) -> Source:
        try:
            source = open_source(self.work.setting, entry)
        except ItemError as error:
            raise Unlike(f"its source {entry.id}: {error.text}") from error
        if source.sha256 != sha256:
            raise Unlike(f"its source {entry.id} is not the file that it was made of")
        if mask_sha256 is not None and source.mask_sha256 != mask_sha256:
            raise Unlike(f"the mask of {entry.id} is not the one that it was made of")
        return source

    def _again(self, steps: Sequence[Row], partners: Sequence[Row], source: Source, find: Find) -> Sample:
        """The sample after the recorded steps."""

        def guests(act: Act) -> list[Sample]:
            used = [one for one in partners if one["step"] == act.id and "sha256" in one]
            return [self._guest(one, find) for one in sorted(used, key=lambda one: int(one["slot"]))]

        acts = (self._act(record) for record in steps)
        return developed(self.work.setting, source.sample, acts, guests, Story())

    def _guest(self, partner: Row, find: Find) -> Sample:
        source = self._source(find(partner["source"]), partner["sha256"], partner.get("mask_sha256"))
        return self._again(partner.get("steps", ()), partner.get("partners", ()), source, find)

    def _act(self, record: Row) -> Act:
        return Act(record["id"], self._op(record["id"], record["op"]), dict(record["drawn"]), record)

    def _op(self, id_: str, name: str) -> Op:
        for step in all_steps(self.work.recipe.steps):
            if step.id == id_ and step.op.name == name:
                return step.op
        raise Unlike(f"the recipe has no step {id_} ({name})")
