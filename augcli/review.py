"""What of an output folder still stands: which planned copies need not be made again, and why others must.

A copy stands when its row was made by the same build from the same source bytes, and its files are on the
disk with their hashes. Hashes decide; nothing else is believed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from augcli.build import build
from augcli.images.files import digest
from augcli.manifest import Known
from augcli.plan import Plan
from augcli.render import used_partners
from augcli.sample import Copy, Entry, Job, Partner
from augcli.summary import Difference
from augcli.work import Work

Id = tuple[str, str, int]


@dataclass(frozen=True)
class Review:
    """The plan held against an output folder.

    todo      jobs with the copies that have to be made; to be gone through once
    copies    how many copies these are
    kept      ids of rows that stand
    outdated  ids of rows whose files are to go: remade under another build, or no longer planned
    changed   sources whose bytes are not those that a row names
    strange   how many rows are of another build, or of a copy that is not planned; counted where the rows
              are not believed
    remade    how many of the copies have an output already: of another build, other sources, or damaged
    removed   how many outputs are no longer planned
    """

    todo: Iterable[Job]
    copies: int
    kept: frozenset[Id]
    outdated: frozenset[Id]
    changed: tuple[str, ...]
    strange: int = 0
    remade: int = 0
    removed: int = 0

    @property
    def difference(self) -> Difference:
        """In numbers."""
        return Difference(self.copies - self.remade, self.remade, self.removed, len(self.kept))


def review(
    plan: Plan,
    work: Work,
    known: Known,
    hashed: Callable[[Path], str | None],
    written: Callable[[str], str | None],
    *,
    limited: bool,
    believed: bool = True,
) -> Review:
    """Hold the plan against the rows in `known` and against the disk.

    hashed    SHA-256 of a file, None where there is none; the caller may remember answers
    written   SHA-256 of an output by its path in a row, None where it is not there
    limited   the plan is a part of the whole, so rows outside it stand unseen
    believed  what rows say may be kept (`State.believed`); else each of them is made anew
    """
    if not len(known):  # the usual first run: jobs are made as they are needed
        return Review(plan.jobs(), plan.outputs, frozenset(), frozenset(), ())
    todo: list[Job] = []
    changed: list[str] = []
    kept: set[Id] = set()
    planned: set[Id] = set()
    strange = 0
    for job in plan.jobs():
        missing = []
        for copy in job.copies:
            id_ = job.entry.split, job.entry.key, copy.number
            planned.add(id_)
            row = known.row(id_) if known.status(id_) == "ok" else None
            if row is not None and not believed:
                strange += row["build"] != build(work.setting, work.target, job.entry, copy, work.environment)
            if row is None or not believed or not _stands(row, job.entry, copy, work, hashed, written):
                missing.append(copy)
            else:
                kept.add(id_)
            if row is not None and row["source_sha256"] != hashed(Path(job.entry.path)):
                changed.append(job.entry.id)
        if missing:
            todo.append(replace(job, copies=tuple(missing)))
    unplanned = set(known.ids()) - planned
    if limited and believed:
        kept |= unplanned
        unplanned = set()
    elif not believed and not limited:
        strange += len(unplanned)
    remade = {id_ for id_ in planned - kept if known.status(id_) == "ok"}
    return Review(
        todo,
        sum(len(job.copies) for job in todo),
        frozenset(kept),
        frozenset(unplanned | remade),
        tuple(dict.fromkeys(changed)),
        strange,
        len(remade),
        sum(known.status(id_) == "ok" for id_ in unplanned),
    )


def listing_change(plan: Plan, known: Known) -> str:
    """How the planned sources differ from those of a finished run's rows: `1 added (a/x.jpg), 0 removed`."""
    planned = {(source.entry.split, source.entry.key) for source in plan.sources}
    before = {(split, key) for split, key, _ in known.ids()}
    if planned == before:
        return "labels or groups of images changed"
    return f"{_named('added', planned - before)}, {_named('removed', before - planned)}"


def _named(what: str, sources: set[tuple[str, str]]) -> str:
    names = [f"{split}/{key}" if split else key for split, key in sorted(sources)]
    shown = f" ({', '.join(names[:5])}{', ...' if len(names) > 5 else ''})" if names else ""
    return f"{len(names)} {what}{shown}"


def _stands(
    row: Mapping[str, Any],
    entry: Entry,
    copy: Copy,
    work: Work,
    hashed: Callable[[Path], str | None],
    written: Callable[[str], str | None],
) -> bool:
    if row["build"] != build(work.setting, work.target, entry, copy, work.environment):
        return False
    if row["source_sha256"] != hashed(Path(entry.path)):
        return False
    if entry.mask is not None and row.get("mask_sha256") != hashed(Path(entry.mask)):
        return False
    guests = {guest.key: guest for guest in _candidates(copy.partners)}
    for partner in used_partners(row["partners"]):
        guest = guests.get(partner["source"])  # one that could not be used has no hash, and is tried again
        if guest is None or "sha256" not in partner or hashed(Path(guest.path)) != partner["sha256"]:
            return False
        if guest.mask is not None and partner.get("mask_sha256") != hashed(Path(guest.mask)):
            return False
    return all(written(file["path"]) == file["sha256"] for file in row["files"])


def _candidates(partners: Mapping[str, tuple[Partner, ...]]) -> Iterator[Entry]:
    for slots in partners.values():
        for slot in slots:
            yield from slot.candidates
            yield from _candidates(slot.partners)


def remembered() -> Callable[[Path], str | None]:
    """`images.files.digest` that reads every file, or part of a container, once."""
    answers: dict[Path, str | None] = {}

    def hashed(path: Path) -> str | None:
        if path not in answers:
            answers[path] = digest(str(path))
        return answers[path]

    return hashed


def files_of(known: Known, ids: frozenset[Id]) -> Iterator[str]:
    """The paths that these rows own."""
    for row in known.rows(ids):
        yield from (file["path"] for file in row["files"])
