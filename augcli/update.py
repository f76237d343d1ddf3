"""Bring an output folder up to date with a plan, like `make`: the part of `run` that writes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from augcli import engines, manifest
from augcli.errors import ItemError, OutputMismatch, Problem, UsageError
from augcli.messages import Log
from augcli.plan import Plan, by_source
from augcli.progress import Progress
from augcli.review import Review, files_of, listing_change, remembered, review
from augcli.sample import Copy, Job, Record
from augcli.shelf import Shelf
from augcli.summary import Tally, nested
from augcli.vocabulary import Vocabulary
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
    shelf: Shelf
    header: Mapping[str, Any]
    pool: engines.Options
    log: Log
    policy: Policy

    @property
    def output(self) -> Path:
        """The output folder."""
        return self.shelf.output

    def bring(self) -> tuple[Tally, str]:
        """Make what is missing and seal: counts over all rows, and the digest of the tree.

        Writes nothing when nothing is to be done. Raises `UsageError` for a folder that is not ours,
        `OutputMismatch`, `OutputBusy`, `Aborted`, `Interrupted`.
        """
        hashed = remembered()
        state = manifest.load(self.output)
        with state.known:
            self._refuse_foreign(state)  # before the lock, which is a file in the folder
            if state.kind == "sealed" and not self.policy.fresh:
                seen = self._reviewed(state, hashed)
                assert state.run is not None  # a sealed folder has one
                whole = all(hashed(self.output / path) == is_ for path, is_ in state.run["files"].items())
                if whole and not seen.copies and not seen.outdated and not self._differences(state):
                    tally = Tally()
                    self._count_kept(state.known, seen.kept, tally)
                    if self._tells_true(state.run, state.known, seen.kept, tally):
                        self.shelf.close()  # left by a kill between sealing and this
                        return tally, str(state.run["tree"])
        with manifest.locked(self.output):
            state = manifest.load(self.output)  # another run may just have ended
            with state.known:
                return self._made(state, hashed)

    def _made(self, state: manifest.State, hashed: Hashed) -> tuple[Tally, str]:
        known = state.known
        self._refuse_foreign(state)
        seen = None if self.policy.fresh else self._reviewed(state, hashed)
        manifest.sweep(self.output)
        if state.journal.promised:
            standing = frozenset(known.ids()) - (seen.outdated if seen else frozenset())
            listed = set(files_of(known, standing))
            manifest.remove_promised(self.shelf.below, state.journal.promised, listed)
        with manifest.Journal.begin(self.output, self.header, known, state.journal) as journal:
            if seen is None:
                manifest.clear(self.shelf.below, known)
                seen = self._reviewed(state, hashed)
            manifest.remove_outputs(self.shelf.below, files_of(known, seen.outdated))
            self.shelf.reopen(known.rows(seen.kept))
            made = set()
            owned: set[str] = set()
            tally = Tally()
            # Closed before the journal and the lock: no worker may outlive them.
            with Progress(seen.copies, self.log) as progress, closing(self._records(seen, journal)) as jobs:
                for records in jobs:
                    progress.add(len(records), sum(not record.ok for record in records))
                    journal.append(*(record.row for record in records))
                    for record in records:
                        made.add(record.id)
                        owned.update(file["path"] for file in record.row["files"])
                        tally.add(record)
            owned |= self._count_kept(known, seen.kept, tally)
            tally.removed = len(seen.outdated - made)
            tree = manifest.seal(
                self.output,
                journal,
                known,
                seen.kept | made,
                self.header,
                files=self._dataset_files(known, seen.kept | made),
                before=state.run,
                **self._told(tally),
            )
        self.shelf.close()
        self._tell_of_others(owned)
        return tally, tree

    def _told(self, tally: Tally) -> dict[str, dict[str, Any]]:
        """What run.json says of the outputs beside their hashes."""
        counts = {"outputs": nested(tally.outputs), "failures": dict(sorted(tally.failures.items()))}
        described = Vocabulary(self.plan.dataset, self.plan.format, self.plan.mixes)
        return {"dataset": described.plain(), "counts": counts}

    def _tells_true(
        self, run: Mapping[str, Any], known: manifest.Known, ids: frozenset[Id], tally: Tally
    ) -> bool:
        """Whether run.json holds what sealing would write, byte for byte; nothing else vouches for it."""
        tree = manifest.tree_digest(known.rows(ids), run["files"])
        sealed = manifest.encode_run(self.header, files=run["files"], tree=tree, **self._told(tally))
        return (self.output / manifest.RUN).read_bytes() == sealed

    def _tell_of_others(self, owned: set[str]) -> None:
        """Readers of the dataset take every file in it for a part of it; those of others are worth a word."""
        count, example = manifest.strangers(self.output, owned)
        if count:
            what = f"{count} files in {self.output} are not of this run: {example}"
            self.log.note(f"{what}, ..." if count > 1 else what)

    def _refuse_foreign(self, state: manifest.State) -> None:
        if state.kind == "foreign":
            what = "is not empty and was not made by augment"
            raise UsageError(Problem(str(self.output), what, "choose another output.path, or empty it"))

    def _reviewed(self, state: manifest.State, hashed: Hashed) -> Review:
        """The plan against the folder. Raises `OutputMismatch` when it is of another run."""
        different = [] if self.policy.update or self.policy.fresh else self._differences(state)
        if different:
            raise OutputMismatch(self._refusal(line) for line in different)
        limited, believed = self.policy.limited, state.believed
        seen = review(
            self.plan,
            self.work,
            state.known,
            hashed,
            self.shelf.written(hashed),
            limited=limited,
            believed=believed,
        )
        if seen.strange and state.header is None and not self.policy.update:
            lost = f"run.json is lost or damaged, and {seen.strange} outputs are not what this recipe makes"
            raise OutputMismatch(self._refusal(lost))
        if seen.changed and not self.policy.update:
            names = ", ".join(seen.changed[:5]) + (", ..." if len(seen.changed) > 5 else "")
            raise OutputMismatch(self._refusal(f"inputs: {len(seen.changed)} files changed ({names})"))
        return seen

    def _differences(self, state: manifest.State) -> list[str]:
        if state.header is None:
            return []
        whole = state.kind == "sealed" and state.believed and not self.policy.limited
        inputs = listing_change(self.plan, state.known) if whole else "the list of images or their labels"
        lines = manifest.differences(state.header, self.header)
        return [f"inputs: {inputs}" if line.startswith("inputs: ") else line for line in lines]

    def _refusal(self, difference: str) -> Problem:
        remedy = "--update redoes what this changes, --fresh starts over"
        return Problem(str(self.output), f"belongs to another run: {difference}", remedy)

    def _records(self, seen: Review, journal: manifest.Journal) -> Generator[list[Record]]:
        """The records of each job as they come; a job that gave none fails with each of its copies."""

        def retried(job: Job) -> None:
            self.log.warning(f"a worker died on {job.entry.id}; trying once more")

        def promised() -> Iterator[Job]:
            for job in by_source(seen.todo):
                journal.promise([copy.output for _, copy in job.outputs], self.work.class_at(job))
                yield job

        pool = dataclasses.replace(self.pool, on_retry=retried)
        with closing(engines.apply(self.work, promised(), pool)) as results:
            for job, result in results:
                records = self._failed(job, result) if isinstance(result, engines.Failure) else result
                for (part, copy), record in zip(job.outputs, records, strict=True):
                    if not record.ok:
                        self._failure(part, copy, record)
                yield records

    def _failure(self, job: Job, copy: Copy, record: Record) -> None:
        """Tell of it, and remove what a worker that was stopped later may have written."""
        if self.policy.verbose or record.debug:
            self.log.failed(record.row)
        if record.debug:
            self.log.trace(record.debug)
        places = self.work.places(job.entry, copy, self.plan.dataset.classes)
        manifest.remove_outputs(self.shelf.below, places)

    def _failed(self, job: Job, failure: engines.Failure) -> list[Record]:
        error = ItemError(failure.kind, kind=failure.text)
        records = [self.work.failed(part, copy, error) for part, copy in job.outputs]
        if self.work.debug and failure.traceback:
            records[0] = dataclasses.replace(records[0], debug=failure.traceback)
        return records

    def _count_kept(self, known: manifest.Known, kept: frozenset[Id], tally: Tally) -> set[str]:
        """Add the rows that stand, and give the files they own; those just made are counted in passing."""
        owned: set[str] = set()
        for row in known.rows(kept):
            tally.add(Record(row), kept=True)
            owned.update(file["path"] for file in row["files"])
        return owned

    def _dataset_files(
        self, known: manifest.Known, ids: frozenset[Id] | set[Id]
    ) -> Iterator[tuple[str, Iterator[bytes]]]:
        return self.shelf.files(self.plan.dataset, lambda: known.rows(ids), self.plan.mixes)
