"""What an output folder is, seen from outside."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

from augcli import storage
from augcli.errors import OutputMismatch
from augcli.manifest import journal
from augcli.manifest.journal import JOURNAL, NOTHING, Contents
from augcli.manifest.known import Known
from augcli.manifest.rows import decode_row
from augcli.manifest.runfile import header_of, read_run
from augcli.manifest.seal import MANIFEST
from augcli.shard import Shard


@dataclass(frozen=True)
class State:
    """What exists.

    kind      empty:      nothing, or no folder at all
              sealed:     a finished run
              unfinished: a run that was interrupted; its journal counts as a manifest
              foreign:    something else; not to be touched
    header    what made it (`runfile.HEADER`); None for empty and foreign, and where run.json is lost
    run       the contents of run.json, when there is one
    known     rows of the manifest, and of the journal, which wins
    journal   for `Journal.begin`
    shards    the journals of shards in a folder that is not sealed; their rows are known too
    believed  the rows are as they were written; else they show no more than whose files these are: all of
              their files have the hashes that they name
    """

    kind: Literal["empty", "sealed", "unfinished", "foreign"]
    known: Known
    header: Mapping[str, Any] | None = None
    run: Mapping[str, Any] | None = None
    journal: Contents = NOTHING
    believed: bool = True
    shards: tuple[tuple[Shard, Contents], ...] = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.known.close()

    @property
    def headers(self) -> list[Mapping[str, Any]]:
        """The headers of all that is there: one, or that of each shard where no run took them over yet."""
        if self.header is not None:
            return [self.header]
        return [contents.header for _, contents in self.shards if contents.header is not None]

    @property
    def promised(self) -> tuple[Mapping[str, Any], ...]:
        """What was about to be written when the run, or one of its shards, was stopped."""
        return (*self.journal.promised, *(each for _, found in self.shards for each in found.promised))


def load(output: Path) -> State:
    """Look at an output folder; writes nothing. Close `known` when done.

    A folder that holds run.json or manifest.jsonl of this program is no foreign one, even when the other is
    lost or damaged. A manifest that is not the one run.json (or a sealing that was interrupted) tells of is
    not believed: its outputs are this folder's, and will be made again.
    Raises `OutputMismatch` when a journal is damaged at its first line, `Aborted` when the folder cannot be
    read.
    """
    with looked_into(output) as (known, bare):
        run = read_run(output)
        has_manifest = (output / MANIFEST).is_file()
        begun = os.path.lexists(output / JOURNAL)
        parts = () if run is not None and not begun else tuple(read_shards(output, known))
        contents = _journal(output, known, sealed=run is not None and has_manifest)
        believed, ours = True, run is not None or contents.header is not None or bool(parts)
        if has_manifest:
            trusted = contents.sealing | ({run["files"].get(MANIFEST)} if run else set())
            believed = storage.sha256_file(output / MANIFEST) in trusted
            if believed:
                _read_manifest(output / MANIFEST, known)
            elif contents.header is None:
                ours |= _read_damaged(output, known)
        if not ours:
            return State(bare, known)
    if contents.header is not None:
        return State("unfinished", known, contents.header, run, contents, shards=parts)
    if parts:
        return State("unfinished", known, shards=parts)
    if run is None:
        return State("unfinished", known, believed=False)
    return State("sealed", known, header_of(run), run, believed=believed)


@contextlib.contextmanager
def looked_into(output: Path) -> Iterator[tuple[Known, Literal["empty", "foreign"]]]:
    """Where to put the rows of a folder, and what it is unless something of this program is in it.

    What fails meanwhile closes `Known`. Raises `Aborted` when the folder cannot be read.
    """
    known = Known()
    try:
        if output.is_dir():
            bare = all(name.startswith(storage.TEMPORARY) for name in storage.names(output))
        else:
            bare = not os.path.lexists(output)
        yield known, "empty" if bare else "foreign"
    except OSError as error:
        known.close()
        raise storage.unreadable(output, error) from error
    except BaseException:
        known.close()
        raise


def read_shards(output: Path, known: Known) -> Iterator[tuple[Shard, Contents]]:
    """The journals of shards in a folder, as far as they were begun; their rows are read into `known`."""
    for shard in journal.shards(output):
        contents = journal.read(journal.journal_of(output, shard), known)
        if contents.header is not None:
            yield shard, contents


def _journal(output: Path, known: Known, sealed: bool) -> Contents:
    try:
        return journal.read(output / JOURNAL, known)
    except OutputMismatch:
        if sealed:  # the manifest says it all but for the last rows
            return NOTHING
        raise


def _read_manifest(path: Path, known: Known) -> None:
    """Add the rows of a manifest whose hash is right, but for those that the journal has."""
    file = known.open(path)
    offset = 0
    with path.open("rb") as lines:
        for line in lines:
            known.put(decode_row(line), file, offset, len(line), newer=False)
            offset += len(line)


def _read_damaged(output: Path, known: Known) -> bool:
    """Add the rows of a manifest that nothing vouches for, where the disk does: each of its files is there
    with its hash. Whether any line is a row of ours.
    """
    path = output / MANIFEST
    file = known.open(path)
    offset, ours = 0, False
    with path.open("rb") as lines:
        for line in lines:
            row = _row_of_ours(line)
            if row is not None:
                ours = True
                if all(storage.sha256_file(output / each["path"]) == each["sha256"] for each in row["files"]):
                    known.put(row, file, offset, len(line))
            offset += len(line)
    return ours


def _row_of_ours(line: bytes) -> dict[str, Any] | None:
    """The row, where it has the columns that tell of a row's identity and files; other tools write
    manifest.jsonl too.
    """
    try:
        row = decode_row(line)
        texts = [row[column] for column in ("id", "split", "source", "status", "build")]
        texts += [each[key] for each in row["files"] for key in ("path", "sha256")]
        texts += [row["source_sha256"]] if row["source_sha256"] is not None else []
    except (ValueError, KeyError, TypeError):
        return None
    return row if type(row.get("copy")) is int and all(isinstance(text, str) for text in texts) else None
