"""Bring an output folder up to date with a plan, like `make`: the part of `run` that writes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from augcli import engines, formats, manifest
from augcli.errors import ItemError, OutputMismatch, Problem, UsageError
from augcli.plan import Plan
from augcli.progress import Progress
from augcli.review import Review, files_of, remembered, review
from augcli.sample import Dataset, Job, Record
from augcli.summary import Tally, nested
from augcli.work import Work

Id = tuple[str, str, int]
Hashed = Callable[[Path], str | None]


@dataclass(frozen=True)
class Policy:
    """What may be done to an output that is there already.

    update   redo what changed, remove what is no longer planned
    fresh    remove what the manifest owns, start over
    limited  the plan is part of the whole: rows outside it are left alone
    verbose  name every failure
    """

    update: bool = False
    fresh: bool = False
    limited: bool = False
    verbose: bool = False


@dataclass(frozen=True)
class Update:
    """One run, planned. `header` is what decides all outputs, for the journal and run.json."""

    plan: Plan
    work: Work
    header: Mapping[str, Any]
    pool: engines.Options
    progress: Progress
    policy: Policy

    @property
    def output(self) -> Path:
        """The output folder."""
        return Path(self.work.output)

    def bring(self) -> tuple[Tally, str]:
        """Make what is missing and seal: counts over all rows, and the digest of the tree.

        Writes nothing when nothing is to be done. Raises `UsageError` for a folder that is not ours,
        `OutputMismatch`, `OutputBusy`, `Aborted`, `Interrupted`.
        """
        hashed = remembered()
        state = manifest.load(self.output)
        with state.known:
            if state.kind == "sealed" and not self.policy.fresh:
                seen = self._reviewed(state, hashed)
                if not seen.copies and not seen.outdated and not self._differences(state):
                    assert state.run is not None  # a sealed folder has one
                    return self._counted(state.known, seen.kept, seen.kept), str(state.run["tree"])
        with manifest.locked(self.output):
            state = manifest.load(self.output)  # another run may just have ended
            with state.known:
                return self._made(state, hashed)

    def _made(self, state: manifest.State, hashed: Hashed) -> tuple[Tally, str]:
        known = state.known
        if state.kind == "foreign":
            what = "is not empty and was not made by augment"
            raise UsageError(Problem(str(self.output), what, "choose another output.path, or empty it"))
        seen = None if self.policy.fresh else self._reviewed(state, hashed)
        manifest.sweep(self.output)
        with manifest.Journal.begin(self.output, self.header, known, state.journal) as journal:
            if seen is None:
                manifest.clear(self.output, known)
                seen = self._reviewed(state, hashed)
            manifest.remove_outputs(self.output, files_of(known, seen.outdated))
            made = set()
            rendering = 0.0
            self.progress.total = seen.copies
            with self.progress:
                for record in self._records(seen):
                    journal.append(record.row)
                    made.add(record.id)
                    rendering += record.seconds
            tally = self._counted(known, seen.kept | made, seen.kept)
            tally.rendering = rendering
            tally.removed = len(seen.outdated - made)
            tree = manifest.seal(
                self.output,
                journal,
                known,
                seen.kept | made,
                self.header,
                files=self._dataset_files(known, seen.kept | made),
                dataset=vocabulary(self.plan.dataset),
                counts={"outputs": nested(tally.outputs), "failures": dict(sorted(tally.failures.items()))},
                before=state.run,
            )
        return tally, tree

    def _reviewed(self, state: manifest.State, hashed: Hashed) -> Review:
        """The plan against the folder. Raises `OutputMismatch` when it is of another run."""
        different = [] if self.policy.update or self.policy.fresh else self._differences(state)
        if different:
            raise OutputMismatch(self._refusal(line) for line in different)
        seen = review(self.plan, self.work, state.known, hashed, limited=self.policy.limited)
        if seen.changed and not self.policy.update:
            names = ", ".join(seen.changed[:5]) + (", ..." if len(seen.changed) > 5 else "")
            raise OutputMismatch(self._refusal(f"inputs: {len(seen.changed)} files changed ({names})"))
        return seen

    def _differences(self, state: manifest.State) -> list[str]:
        return [] if state.header is None else manifest.differences(state.header, self.header)

    def _refusal(self, difference: str) -> Problem:
        remedy = "--update redoes what this changes, --fresh starts over"
        return Problem(str(self.output), f"belongs to another run: {difference}", remedy)

    def _records(self, seen: Review) -> Iterator[Record]:
        """The records of all jobs as they come; a job that gave none fails with each of its copies."""

        def retried(job: Job) -> None:
            self.progress.say(f"warning: a worker died on {job.entry.id}; trying once more")

        pool = dataclasses.replace(self.pool, on_retry=retried)
        results = engines.apply(self.work, seen.todo, pool)
        for job, result in results:
            records = self._failed(job, result) if isinstance(result, engines.Failure) else result
            for record in records:
                if not record.ok and (self.policy.verbose or record.debug):
                    self.progress.say(f"failed: {record.row['id']}: {record.row['error']['text']}")
                if record.debug:
                    self.progress.say(record.debug)
                yield record
            self.progress.add(len(records), sum(not record.ok for record in records))

    def _failed(self, job: Job, failure: engines.Failure) -> list[Record]:
        error = ItemError(failure.kind, kind=failure.text)
        records = [self.work.failed(job, copy, error) for copy in job.copies]
        if self.work.debug and failure.traceback:
            records[0] = dataclasses.replace(records[0], debug=failure.traceback)
        return records

    def _counted(self, known: manifest.Known, ids: frozenset[Id] | set[Id], kept: frozenset[Id]) -> Tally:
        tally = Tally()
        for row in known.rows(ids):
            record = Record(row)
            tally.add(record, kept=record.id in kept)
        return tally

    def _dataset_files(
        self, known: manifest.Known, ids: frozenset[Id] | set[Id]
    ) -> Iterator[tuple[str, Iterator[bytes]]]:
        target = formats.load(self.plan.format)
        return target.finish(self.plan.dataset, known.rows(ids), self.plan.mixes)


def vocabulary(dataset: Dataset) -> dict[str, Any]:
    """What run.json says of the dataset."""
    return {
        "format": dataset.format,
        "classes": list(dataset.classes),
        "columns": list(dataset.columns),
        "numeric": dataset.numeric,
        "soft": dataset.soft,
    }
