"""What an output folder is, seen from outside."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from augcli import storage
from augcli.errors import Aborted, OutputMismatch, Problem
from augcli.manifest import journal
from augcli.manifest.journal import JOURNAL, NOTHING, Contents
from augcli.manifest.known import Known
from augcli.manifest.rows import decode_row
from augcli.manifest.runfile import header_of, read_run
from augcli.manifest.seal import MANIFEST


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
    believed  the rows are as they were written; else they show no more than whose files these are: all of
              their files have the hashes that they name
    """

    kind: Literal["empty", "sealed", "unfinished", "foreign"]
    known: Known
    header: Mapping[str, Any] | None = None
    run: Mapping[str, Any] | None = None
    journal: Contents = NOTHING
    believed: bool = True


def load(output: Path) -> State:
    """Look at an output folder; writes nothing. Close `known` when done.

    A folder that holds run.json or manifest.jsonl of this program is no foreign one, even when the other is
    lost or damaged. A manifest that is not the one run.json (or a sealing that was interrupted) tells of is
    not believed: its outputs are this folder's, and will be made again.
    Raises `OutputMismatch` when a journal is damaged at its first line, `Aborted` when the folder cannot be
    read.
    """
    known = Known()
    try:
        if not os.path.lexists(output):
            return State("empty", known)
        if not output.is_dir():
            return State("foreign", known)
        foreign = any(not name.startswith(storage.TEMPORARY) for name in storage.names(output))
        run = read_run(output)
        has_manifest = (output / MANIFEST).is_file()
        contents = _journal(output, known, sealed=run is not None and has_manifest)
        believed, ours = True, run is not None or contents.header is not None
        if has_manifest:
            trusted = contents.sealing | ({run["files"].get(MANIFEST)} if run else set())
            believed = storage.sha256_file(output / MANIFEST) in trusted
            if believed:
                _read_manifest(output / MANIFEST, known)
            elif contents.header is None:
                ours |= _read_damaged(output, known)
        if not ours:
            return State("foreign" if foreign else "empty", known)
    except OSError as error:
        known.close()
        what = f"cannot be read ({error.strerror})"
        raise Aborted(Problem(str(output), what, "choose another output.path or change its owner")) from error
    except BaseException:
        known.close()
        raise
    if contents.header is not None:
        return State("unfinished", known, contents.header, run, contents)
    if run is None:
        return State("unfinished", known, believed=False)
    return State("sealed", known, header_of(run), run, believed=believed)


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
    except (ValueError, KeyError, TypeError):
        return None
    return row if type(row.get("copy")) is int and all(isinstance(text, str) for text in texts) else None
