"""`augment merge`: the shards of one run become the folder that the run would have made undivided.

Shards that shared a folder are sealed in it. Those that did not are brought together in another: every file
is held against the hash that its row names before it gets a name there. A merge that was stopped goes on.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from augcli import manifest, storage, summary
from augcli.errors import Aborted, Exit, OutputMismatch, Problem, UsageError
from augcli.gathering import Gathered, Part, gathered, parts_of, rows_of
from augcli.interrupt import interruptible
from augcli.messages import Log
from augcli.progress import Progress
from augcli.review import files_of, remembered
from augcli.sample import Record, record_id
from augcli.sealing import seal, tell_of_strangers, tells_true, tidy
from augcli.shelf import Shelf
from augcli.summary import Tally
from augcli.vocabulary import Vocabulary, vocabulary

Id = tuple[str, str, int]

EXAMPLES = 10
"""How many damaged files a message names."""


@dataclass(frozen=True)
class Options:
    """The options of the command line."""

    output: Path | None = None
    link: bool = False
    max_failures: str | None = None
    expect: str | None = None
    as_json: bool = False
    quiet: bool = False


def merge(folders: Sequence[Path], options: Options, *, log: Log, say: Callable[[str], None]) -> Exit:
    """Merge shards. Raises `AugmentError` for whatever ends it early; then nothing is sealed."""
    summary.check_limit(options.max_failures)
    if options.expect is not None:
        summary.expected(options.expect)
    output = _target(folders, options)
    log.quiet = options.quiet
    with interruptible():
        begin = time.perf_counter()
        tally, tree = (
            in_place(output, log) if options.output is None else into(folders, output, options.link, log)
        )
        seconds = time.perf_counter() - begin
        code, wrong, tolerated = summary.verdict(tally, tree, options.max_failures, options.expect)
        if options.as_json:
            say(json.dumps(summary.as_json(tally, seconds, tree, code), indent=2))
        elif not options.quiet:
            for line in summary.lines(tally, seconds, tree, str(options.output or folders[0])):
                say(line)
        for problem in tolerated:
            log.warning(problem)
        for problem in wrong:
            log.error(problem, code.name.lower())
        return code


def _target(folders: Sequence[Path], options: Options) -> Path:
    """The folder that is sealed. Raises `UsageError`."""
    if options.output is None:
        if len(folders) > 1:
            raise UsageError(Problem("", "several folders are merged into another", "name it with -o"))
        return folders[0].absolute()
    target = options.output.resolve()
    for folder in folders:
        source = folder.resolve()
        if target == source or target in source.parents or source in target.parents:
            what, remedy = f"is, or lies in or around, the shard's folder {folder}", "choose one beside it"
            if len(folders) == 1 and target == source:
                remedy = "leave -o out to merge shards in the folder that they share"
            raise UsageError(Problem(str(options.output), what, remedy))
    return options.output.absolute()


def in_place(output: Path, log: Log) -> tuple[Tally, str]:
    """Seal the folder that all shards worked in: counts over all rows, and the digest of the tree."""
    if not output.is_dir():
        raise UsageError(Problem(str(output), "no such folder", "give the folder that the shards share"))
    with manifest.load(output) as state:  # before the lock, which is a file in the folder
        if state.kind == "sealed" and state.run is not None:
            return _sealed_before(output, state, state.run)
        if not state.shards:
            what = "is not finished" if state.kind == "unfinished" else "holds no shard"
            raise UsageError(Problem(str(output), what, "run --shard, or give the folder of its output"))
    with manifest.locked(output), manifest.load(output) as state:
        if state.kind == "sealed" and state.run is not None:
            return _sealed_before(output, state, state.run)
        return _sealed_now(output, state, log)


def _sealed_now(output: Path, state: manifest.State, log: Log) -> tuple[Tally, str]:
    parts, known = [Part(shard, output, contents) for shard, contents in state.shards], state.known
    found = gathered(parts, known)
    _refuse_other_run(output, state, found)
    shelf = Shelf(output, found.vocabulary.target)
    written = shelf.written(remembered())
    tally, damaged = Tally(), list[str]()
    with Progress(len(known), log) as progress:
        for row in known.rows():
            damaged += [f"{_owner(parts, known, row)}: {path}" for path in _lost(row, written)]
            tally.add(Record(row), kept=True)
            progress.add(1, int(row["status"] != "ok"))
    _refuse_damaged(damaged)
    manifest.sweep(output)
    with manifest.Journal.begin(output, found.header, known, state.journal) as journal:
        ids = frozenset(known.ids())
        tree = seal(shelf, journal, known, ids, found.header, found.vocabulary, tally, state.run)
    tell_of_strangers(shelf, set(files_of(known, ids)), log)
    return tally, tree


def into(folders: Sequence[Path], output: Path, link: bool, log: Log) -> tuple[Tally, str]:
    """Bring the shards of these folders together in another, and seal it."""
    with manifest.Known() as known:
        found = gathered(parts_of(folders, known), known)
        with manifest.load(output) as state:
            here = _here(found, known, output, state)
            if here is None and state.run is not None:
                return _sealed_before(output, state, state.run)
        with manifest.locked(output), manifest.load(output) as state:
            here = _here(found, known, output, state)
            if here is None and state.run is not None:
                return _sealed_before(output, state, state.run)
            return _brought(found, known, here or frozenset(), output, state, link, log)


def _here(
    found: Gathered, known: manifest.Known, output: Path, state: manifest.State
) -> frozenset[Id] | None:
    """The rows that are in the merged folder already, with their files; None where it is sealed and whole."""
    if state.kind == "foreign" or state.shards:
        what = "holds shards itself" if state.shards else "is not empty and was not made by augment"
        raise UsageError(Problem(str(output), what, "choose another folder"))
    _refuse_other_run(output, state, found)
    hashed = remembered()
    written = Shelf(output, found.vocabulary.target).written(hashed)
    here = frozenset(
        record_id(row) for row in known.rows() if _is_here(state, row, known.line(record_id(row)), written)
    )
    if state.kind == "sealed" and len(here) == len(known) == len(state.known):
        shelf = Shelf(output, found.vocabulary.target)
        if _is_true(shelf, found.header, found.vocabulary, state, _counted(state.known)):
            return None
    return here


def _brought(
    found: Gathered,
    known: manifest.Known,
    here: frozenset[Id],
    output: Path,
    state: manifest.State,
    link: bool,
    log: Log,
) -> tuple[Tally, str]:
    shelf = Shelf(output, found.vocabulary.target)
    manifest.sweep(output)
    manifest.remove_promised(shelf.below, state.promised, set(files_of(state.known, here)))
    tally, damaged = Tally(), list[str]()
    with manifest.Journal.begin(output, found.header, state.known, state.journal) as journal:
        shelf.reopen(state.known.rows(here))
        with Progress(len(known), log) as progress:
            for part in found.parts:
                source = Shelf(part.folder, shelf.format)
                for row in rows_of(part, known):
                    kept = record_id(row) in here
                    if not kept:
                        journal.promise([file["path"] for file in row["files"]], None)
                        lost = [f"{part.place}: {path}" for path in _bring(row, source, shelf, link)]
                        damaged += lost
                        if not lost:
                            journal.append(row)
                    tally.add(Record(row), kept=kept)
                    progress.add(1, int(row["status"] != "ok"))
        _refuse_damaged(damaged)
        ids = frozenset(known.ids())
        tree = seal(shelf, journal, state.known, ids, found.header, found.vocabulary, tally, state.run)
    tell_of_strangers(shelf, set(files_of(state.known, ids)), log)
    return tally, tree


def _owner(parts: Sequence[Part], known: manifest.Known, row: Mapping[str, Any]) -> str:
    """The shard that a row is of, for messages."""
    return next(
        (part.place for part in parts if record_id(row) in known.of_file(part.contents.file)),
        str(parts[0].folder),
    )


def _sealed_before(output: Path, state: manifest.State, run: Mapping[str, Any]) -> tuple[Tally, str]:
    """Nothing is left to do but what a kill at the very end may have left."""
    try:
        told = vocabulary(run["dataset"])
    except ValueError as error:
        raise UsageError(Problem(str(output / manifest.RUN), str(error), "run its recipe again")) from error
    tally, shelf = _counted(state.known), Shelf(output, told.target)
    if not _is_true(shelf, manifest.header_of(run), told, state, tally):
        what = "was merged, and its manifest, run.json or dataset-wide files are damaged since"
        raise Aborted(Problem(str(output), what, "run the recipe again without --shard: it makes it whole"))
    tidy(shelf)
    return tally, str(run["tree"])


def _is_true(
    shelf: Shelf, header: Mapping[str, Any], told: Vocabulary, state: manifest.State, tally: Tally
) -> bool:
    """Whether a sealed folder's files of no single row are as sealing left them."""
    files: Mapping[str, str] = state.run["files"] if state.run is not None else {}
    if not all(storage.sha256_file(shelf.output / path) == digest for path, digest in files.items()):
        return False
    return tells_true(shelf, header, told, state, frozenset(state.known.ids()), tally)


def _counted(known: manifest.Known) -> Tally:
    tally = Tally()
    for row in known.rows():
        tally.add(Record(row), kept=True)
    return tally


def _refuse_other_run(output: Path, state: manifest.State, found: Gathered) -> None:
    if state.header is not None:
        lines = manifest.differences(state.header, found.header)
        remedy = "choose another folder"
        if lines:
            raise OutputMismatch(
                Problem(str(output), f"belongs to another run than the shards: {line}", remedy)
                for line in lines
            )


def _refuse_damaged(damaged: Sequence[str]) -> None:
    if damaged:
        what = "is missing, or not as its row says"
        remedy = "run that shard again where it ran, which makes it anew, then merge"
        problems = [Problem(each, what, remedy) for each in damaged[:EXAMPLES]]
        if more := len(damaged) - len(problems):
            problems.append(Problem("", f"and {more} more files", remedy))
        raise Aborted(problems)


def _is_here(
    state: manifest.State, row: Mapping[str, Any], line: bytes, written: Callable[[str], str | None]
) -> bool:
    """Whether a shard's row and its files are in the merged folder already."""
    id_ = record_id(row)
    return state.believed and id_ in state.known and state.known.line(id_) == line and not _lost(row, written)


def _lost(row: Mapping[str, Any], written: Callable[[str], str | None]) -> list[str]:
    """The files of a row that are not there with its hash."""
    return [file["path"] for file in row["files"] if written(file["path"]) != file["sha256"]]


def _bring(row: Mapping[str, Any], source: Shelf, target: Shelf, link: bool) -> Iterator[str]:
    """Copy or link the files of a row; yields the paths of those that are not as the row says."""
    for file in row["files"]:
        path, digest = file["path"], file["sha256"]
        origin, place = storage.below(source.below, path), storage.below(target.below, path)
        if link and storage.sha256_file(origin) == digest and storage.link(origin, place):
            continue
        data = storage.contents(origin)
        if data is None or hashlib.sha256(data).hexdigest() != digest:
            yield path
        else:
            storage.write(place, data)
