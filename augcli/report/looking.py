"""From the sample of rows to what was seen of their pixels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from augcli import engines
from augcli.report.counting import NO_CLASS
from augcli.report.filling import trace_of
from augcli.report.measuring import Look, Measure, Probe, Shot
from augcli.report.sampling import Sample
from augcli.report.subject import Subject
from augcli.work import settle

Row = Mapping[str, Any]

FEW = 48
"""Outputs that are looked at in this process: a pool takes longer to start."""

PRELOAD = ("augcli.report.measuring", "augcli.work")


@dataclass(frozen=True, slots=True)
class Meta:
    """Whose an output is; its number is its place in the list."""

    id: str
    split: str
    label: str
    copy: int
    source: int


@dataclass(frozen=True)
class Looked:
    """What was seen.

    metas    one per output of the sample
    looks    one per output, in the same order
    sources  of the sources that were read from the input, in no order
    """

    metas: Sequence[Meta]
    looks: Sequence[Look]
    sources: Sequence[Look]


def look(about: Subject, sample: Sample, workers: int) -> Looked:
    """Look at every output of the sample."""
    metas: list[Meta] = []
    found: dict[int, Look] = {}
    sources: list[Look] = []
    options = engines.Options(
        engine="processes" if len(sample) > FEW and workers > 1 else "serial",
        workers=workers,
        timeout=300.0,
        preload=PRELOAD,
        initializer=settle,
    )
    work = Measure(about.levels)
    with closing(engines.apply(work, _probes(about, sample, metas), options)) as results:
        for probe, result in results:
            if isinstance(result, engines.Failure):
                found |= {shot.number: Look(shot.number, error=result.kind) for shot in probe.shots}
                continue
            for each in result:
                if each.number < 0:
                    sources.append(each)
                else:
                    found[each.number] = each
    return Looked(metas, [found[number] for number in range(len(metas))], sources)


def _probes(about: Subject, sample: Sample, metas: list[Meta]) -> Iterator[Probe]:
    """The jobs, made as they are asked for; each output is noted in `metas`."""
    prepared = bool(about.recipe.get("prepare"))
    for source, rows in enumerate(sample.sources()):
        before = about.before(rows[0])
        framed = before is None or not prepared
        shots = []
        for row in rows:
            shots.append(_shot(about, row, len(metas), framed))
            label = row["labels"]["label"] or NO_CLASS
            metas.append(Meta(row["id"], row["split"], label, row["copy"], source))
        area = sum((row["size"] or (0, 0))[0] * (row["size"] or (0, 0))[1] for row in rows)
        yield Probe(tuple(shots), before, max(1.0, area))


def _shot(about: Subject, row: Row, number: int, framed: bool) -> Shot:
    mask = next((file["path"] for file in row["files"] if file["kind"] == "mask"), None)
    plain = framed and not row["partners"]
    return Shot(
        number,
        row["copy"],
        about.address(row["output"]),
        None if mask is None or "semantic" not in about.dataset.holds else about.address(mask),
        trace_of(row["steps"]) if plain else None,
    )
