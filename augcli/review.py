"""What of an output folder still stands: which planned copies need not be made again, and why others must.

A copy stands when its row was made by the same build from the same source bytes, and its files are on the
disk with their hashes. Hashes decide; nothing else is believed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from augcli import storage
from augcli.manifest import Known
from augcli.plan import Plan
from augcli.render import used_partners
from augcli.sample import Copy, Entry, Job, Partner
from augcli.work import Work, build

Id = tuple[str, str, int]


@dataclass(frozen=True)
class Review:
    """The plan held against an output folder.

    todo      jobs with the copies that have to be made; to be gone through once
    copies    how many copies these are
    kept      ids of rows that stand
    outdated  ids of rows whose files are to go: remade under another build, or no longer planned
    changed   sources whose bytes are not those that a row names
    """

    todo: Iterable[Job]
    copies: int
    kept: frozenset[Id]
    outdated: frozenset[Id]
    changed: tuple[str, ...]


def review(
    plan: Plan,
    work: Work,
    known: Known,
    hashed: Callable[[Path], str | None],
    *,
    limited: bool,
) -> Review:
    """Hold the plan against the rows in `known` and against the disk.

    hashed    SHA-256 of a file, None where there is none; the caller may remember answers
    limited   the plan is a part of the whole, so rows outside it stand unseen
    """
    if not len(known):  # the usual first run: jobs are made as they are needed
        return Review(plan.jobs(), plan.outputs, frozenset(), frozenset(), ())
    todo: list[Job] = []
    changed: list[str] = []
    kept: set[Id] = set()
    planned: set[Id] = set()
    for job in plan.jobs():
        missing = []
        for copy in job.copies:
            id_ = job.entry.split, job.entry.key, copy.number
            planned.add(id_)
            row = known.row(id_) if known.status(id_) == "ok" else None
            if row is None or not _stands(row, job.entry, copy, work, hashed):
                missing.append(copy)
            else:
                kept.add(id_)
            if row is not None and row["source_sha256"] != hashed(Path(job.entry.path)):
                changed.append(job.entry.id)
        if missing:
            todo.append(replace(job, copies=tuple(missing)))
    unplanned = set() if limited else set(known.ids()) - planned
    if limited:
        kept |= set(known.ids()) - planned
    remade = {id_ for id_ in planned - kept if known.status(id_) == "ok"}
    return Review(
        todo,
        sum(len(job.copies) for job in todo),
        frozenset(kept),
        frozenset(unplanned | remade),
        tuple(dict.fromkeys(changed)),
    )


def _stands(
    row: Mapping[str, Any],
    entry: Entry,
    copy: Copy,
    work: Work,
    hashed: Callable[[Path], str | None],
) -> bool:
    if row["build"] != build(work.recipe, entry, copy, work.environment):
        return False
    if row["source_sha256"] != hashed(Path(entry.path)):
        return False
    guests = {guest.key: guest for guest in _candidates(copy.partners)}
    for partner in used_partners(row["partners"]):
        guest = guests.get(partner["source"])  # one that could not be used has no hash, and is tried again
        if guest is None or "sha256" not in partner or hashed(Path(guest.path)) != partner["sha256"]:
            return False
    return all(hashed(Path(work.output, file["path"])) == file["sha256"] for file in row["files"])


def _candidates(partners: Mapping[str, tuple[Partner, ...]]) -> Iterator[Entry]:
    for slots in partners.values():
        for slot in slots:
            yield from slot.candidates
            yield from _candidates(slot.partners)


def remembered() -> Callable[[Path], str | None]:
    """`storage.sha256_file` that reads every file once."""
    answers: dict[Path, str | None] = {}

    def hashed(path: Path) -> str | None:
        if path not in answers:
            answers[path] = storage.sha256_file(path)
        return answers[path]

    return hashed


def files_of(known: Known, ids: frozenset[Id]) -> Iterator[str]:
    """The paths that these rows own."""
    for row in known.rows(ids):
        yield from (file["path"] for file in row["files"])
