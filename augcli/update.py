"""Bring an output folder up to date with a plan, like `make`: the part of `run` that writes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from augcli import engines, manifest
from augcli.errors import ItemError, OutputMismatch, Problem, UsageError, number_of
from augcli.messages import Log
from augcli.plan import Plan, by_source
from augcli.progress import Progress
from augcli.review import Review, files_of, listing_change, remembered, review
from augcli.sample import Copy, Job, Record
from augcli.sealing import finish, seal, tell_of_strangers, tells_true, tidy
from augcli.shard import Shard
from augcli.shelf import Shelf
from augcli.summary import Difference, Tally
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
class Foreseen:
    """What a run would do.

    difference  what it would do to the output folder, with --update where it refuses; None where that would
                not help
    refusal     why it would refuse
    """

    difference: Difference | None
    refusal: UsageError | OutputMismatch | None = None


@dataclass(frozen=True)
class Update:
    """One run, planned, of a whole folder or of one shard (`plan` is then its part).

    `header` is what decides all outputs, for the journal and run.json.
    """

    plan: Plan
    work: Work
    shelf: Shelf
    header: Mapping[str, Any]
    pool: engines.Options
    log: Log
    policy: Policy
    shard: Shard | None = None

    @property
    def output(self) -> Path:
        """The output folder."""
        return self.shelf.output

    @property
    def _vocabulary(self) -> Vocabulary:
        return Vocabulary(self.plan.dataset, self.plan.format, self.plan.mixes)

    def bring(self) -> tuple[Tally, str]:
        """Make what is missing and seal: counts over all rows, and the digest of the tree.

        Writes nothing when nothing is to be done. Raises `UsageError` for a folder that is not ours,
        `OutputMismatch`, `OutputBusy`, `Aborted`, `Interrupted`.
        """
        hashed = remembered()
        if self.shard is not None and manifest.is_whole(self.output):
            return self._part_of_whole(hashed)
        state = self._load()
        with state.known:
            self._refuse_foreign(state)  # before the lock, which is a file in the folder
            if state.kind == "sealed" and not self.policy.fresh:
                seen = self._reviewed(state, hashed)
                assert state.run is not None  # a sealed folder has one
                whole = all(hashed(self.output / path) == is_ for path, is_ in state.run["files"].items())
                if whole and not seen.copies and not seen.outdated and not self._differences(state):
                    tally = self._kept(state, seen)
                    if self.shard is not None:
                        return tally, str(state.run["tree"])
                    if tells_true(self.shelf, self.header, self._vocabulary, state, seen.kept, tally):
                        tidy(self.shelf)  # left by a kill between sealing and this
                        return tally, str(state.run["tree"])
        with manifest.locked(self.output, self.shard):
            state = self._load()  # another run may just have ended
            with state.known:
                return self._made(state, hashed)

    def foreseen(self) -> Foreseen:
        """What `bring` would do. Writes nothing, and takes no lock: a run at work here is not noticed."""
        hashed = remembered()
        try:
            with self._load() as state:
                self._refuse_foreign(state)
                try:
                    return Foreseen(self._reviewed(state, hashed).difference)
                except OutputMismatch as error:
                    willing = dataclasses.replace(
                        self, policy=Policy(update=True, limited=self.policy.limited)
                    )
                    return Foreseen(willing._reviewed(state, hashed).difference, error)
        except (UsageError, OutputMismatch) as error:
            return Foreseen(None, error)

    def _load(self) -> manifest.State:
        if self.shard is None:
            return manifest.load(self.output)
        return manifest.load_shard(self.output, self.shard)

    def _kept(self, state: manifest.State, seen: Review) -> Tally:
        tally = Tally()
        self._count_kept(state.known, seen.kept, tally)
        return tally

    def _part_of_whole(self, hashed: Hashed) -> tuple[Tally, str]:
        """A shard has nothing to do where the whole is done; else that is for a run of the whole."""
        state = manifest.load(self.output)
        with state.known:
            if state.run is not None and not self.policy.fresh and not self._differences(state):
                seen = self._reviewed(state, hashed)
                if state.kind == "sealed" and not seen.copies:
                    tree = manifest.tree_digest(state.known.rows(), state.run["files"])
                    return self._kept(state, seen), tree
        what = "holds a run that was not divided into shards, or whose shards were merged"
        remedy = "go on without --shard, or choose another output.path"
        raise OutputMismatch(Problem(str(self.output), what, remedy))

    def _made(self, state: manifest.State, hashed: Hashed) -> tuple[Tally, str]:
        known = state.known
        self._refuse_foreign(state)
        seen = None if self.policy.fresh else self._reviewed(state, hashed)
        if self.shard is None:  # files of other shards may be on their way
            manifest.sweep(self.output)
            if state.kind == "sealed":
                manifest.remove_shards(self.output)
        if state.promised:
            standing = frozenset(known.ids()) - (seen.outdated if seen else frozenset())
            listed = set(files_of(known, standing))
            manifest.remove_promised(self.shelf.below, state.promised, listed)
        begin = manifest.Journal.begin
        with begin(self.output, self.header, known, state.journal, self.shard) as journal:
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
                        tally.add(record, changed=record.id in seen.outdated)
            owned |= self._count_kept(known, seen.kept, tally)
            tally.removed = seen.removed
            ids = seen.kept | made
            if self.shard is not None:
                return tally, finish(journal, known, ids, self._vocabulary)
            tree = seal(self.shelf, journal, known, ids, self.header, self._vocabulary, tally, state.run)
        tell_of_strangers(self.shelf, owned, self.log)
        return tally, tree

    def _refuse_foreign(self, state: manifest.State) -> None:
        if state.kind == "foreign":
            what = "is not empty and was not made by augment"
            raise UsageError(Problem(str(self.output), what, "choose another output.path, or empty it"))
        if self.shard is None:
            return
        other = manifest.strange_division(self.output, self.shard)
        if other is not None:
            what = f"holds shard {other}, which is no part of a division into {self.shard.of}"
            remedy = "go on with that division, or without --shard, which takes over what is there"
            raise OutputMismatch(Problem(str(self.output), what, remedy))

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
            what = number_of(seen.strange, "output is", "outputs are")
            lost = f"run.json is lost or damaged, and {what} not what this recipe makes"
            raise OutputMismatch(self._refusal(lost))
        if seen.changed and not self.policy.update:
            names = ", ".join(seen.changed[:5]) + (", ..." if len(seen.changed) > 5 else "")
            changed = f"inputs: {number_of(len(seen.changed), 'file')} changed ({names})"
            raise OutputMismatch(self._refusal(changed))
        return seen

    def _differences(self, state: manifest.State) -> list[str]:
        whole = state.kind == "sealed" and state.believed and not self.policy.limited and not self.shard
        inputs = listing_change(self.plan, state.known) if whole else "the list of images or their labels"
        found = [manifest.differences(header, self.header) for header in state.headers]
        lines = list(dict.fromkeys(line for lines in found for line in lines))
        if self.shard is not None:
            lines += manifest.unlike_others(self.output, self.shard, self.header)
        return [f"inputs: {inputs}" if "inputs: " in line else line for line in lines]

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
