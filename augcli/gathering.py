"""The shards of one run, brought together: which there are, whether they belong together and are all done."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from augcli import __version__, environment, manifest
from augcli.errors import OutputMismatch, Problem, UsageError, number_of
from augcli.manifest.journal import Contents
from augcli.manifest.judging import judged_row
from augcli.shard import Shard
from augcli.vocabulary import Vocabulary, vocabulary

EXAMPLES = 10
"""How many shards a message names."""


@dataclass(frozen=True)
class Part:
    """One shard as it was found: the folder it worked in, and its journal."""

    shard: Shard
    folder: Path
    contents: Contents

    @property
    def place(self) -> str:
        """For messages: which shard it is, and where."""
        return f"{self.folder}: shard {self.shard}"

    @property
    def header(self) -> Mapping[str, Any]:
        """What decides its outputs."""
        assert self.contents.header is not None  # `parts_of` gives no other
        return self.contents.header


@dataclass(frozen=True)
class Gathered:
    """All shards of one run, sorted, each of them done."""

    parts: tuple[Part, ...]
    vocabulary: Vocabulary

    @property
    def header(self) -> Mapping[str, Any]:
        """What decides the outputs of them all."""
        return self.parts[0].header


def parts_of(folders: Sequence[Path], known: manifest.Known) -> list[Part]:
    """The shards in these folders, their rows read into `known`.

    Raises `UsageError` for a folder without shards and for a shard that is there twice, `OutputBusy` where a
    run is at work.
    """
    problems: list[Problem] = []
    found: dict[Shard, Part] = {}
    for folder in folders:
        if not folder.is_dir():
            what = "is a file; the folder of a shard was expected" if folder.exists() else "no such folder"
            problems.append(Problem(str(folder), what, "give the folders that run --shard wrote to"))
            continue
        manifest.refuse_busy(folder)
        state = list(manifest.read_shards(folder, known))
        if not state:
            whole = manifest.is_whole(folder)
            what = "holds a run that is no shard" if whole else "holds no shard"
            problems.append(Problem(str(folder), what, "give the folders that run --shard wrote to"))
        for shard, contents in state:
            if shard in found:
                what = f"shard {shard} is there twice, also in {found[shard].folder}"
                problems.append(Problem(str(folder), what, "leave one of them out"))
            found.setdefault(shard, Part(shard, folder, contents))
    if problems:
        raise UsageError(problems)
    return [found[shard] for shard in sorted(found)]


def gathered(parts: Sequence[Part], known: manifest.Known) -> Gathered:
    """Judge the shards of one run.

    Raises `OutputMismatch` where they are not of one run, or this program would finish it otherwise than the
    one that made them; `UsageError` where some are missing or not done.
    """
    problems = list(_differences(parts))
    if problems:
        raise OutputMismatch(problems)
    problems = list(_undone(parts))
    if problems:
        raise UsageError(problems)
    told = {part.contents.end["dataset"]: part for part in parts if part.contents.end is not None}
    if len(told) > 1:
        what = "describes the dataset otherwise than the first: categories or fields of its files differ"
        raise OutputMismatch(Problem(list(told.values())[1].place, what, "run them on the same dataset"))
    rows = sum(part.contents.end["rows"] for part in parts if part.contents.end is not None)
    if rows != len(known):
        raise OutputMismatch(Problem("", "some outputs are in two shards", "run them on the same dataset"))
    said = vocabulary(json.loads(next(iter(told))))
    _refuse_other_writer(parts[0], said.target)
    return Gathered(tuple(parts), said)


def _differences(parts: Sequence[Part]) -> Iterator[Problem]:
    first = parts[0]
    for part in parts[1:]:
        if part.shard.of != first.shard.of:
            what = f"is of another division than shard {first.shard} in {first.folder}"
            yield Problem(part.place, what, "merge the shards of one division")
        for line in manifest.differences(first.header, part.header):
            what = f"is of another run than shard {first.shard} in {first.folder}: {line}"
            yield Problem(part.place, what, "run it again with the same recipe, inputs and environment")


def _undone(parts: Sequence[Part]) -> Iterator[Problem]:
    of = parts[0].shard.of
    missing = sorted({Shard(number, of) for number in range(1, of + 1)} - {part.shard for part in parts})
    if missing:
        what = (
            f"{len(missing)} of {of} shards {'is' if len(missing) == 1 else 'are'} missing: {_named(missing)}"
        )
        yield Problem("", what, "run them, or give their folders too")
    for part in parts:
        if part.contents.end is None:
            what = f"is not done, {number_of(part.contents.rows, 'output')} made"
            yield Problem(part.place, what, f"run --shard {part.shard} again: it continues")


def _named(shards: Sequence[Shard]) -> str:
    return ", ".join(map(str, shards[:EXAMPLES])) + (", ..." if len(shards) > EXAMPLES else "")


def _refuse_other_writer(part: Part, target: str) -> None:
    """Dataset-wide files are written here; another program than that of the shards may do it otherwise."""
    here = {"augment": __version__, **environment.writers(target)}
    there = {"augment": part.header["augment"]}
    there |= {name: part.header["environment"].get(name) for name in here if name != "augment"}
    lines = manifest.differences({"shards, here": there}, {"shards, here": here})
    if lines:
        remedy = "merge with the versions that the shards were made with"
        raise OutputMismatch(Problem("", line, remedy) for line in lines)


def rows_of(part: Part, known: manifest.Known) -> Iterator[dict[str, Any]]:
    """The rows of a shard, in order. Raises `UsageError` for one that no run has written."""
    for id_ in known.of_file(part.contents.file):
        try:
            yield judged_row(known.line(id_))
        except ValueError as error:
            raise UsageError(Problem(part.place, f"a row of its journal {error}", "run it again")) from error
