"""The journal: what an unfinished run has done. Append-only, written by the parent process alone.

Each line is `KIND CHECKSUM JSON`: H the header, P what a job is about to write, R a row, S the hash of a
manifest that is being sealed, E the end of a shard's journal. A line whose checksum (CRC-32, 8 hex digits)
does not fit is passed over, and its output made again.

A shard has a journal of its own, `.augment.journal.2of3`. When it is done, the journal is written anew: its
rows in order, then the end, which counts them and tells what merging needs to know. An end with anything
behind it is none.
"""

from __future__ import annotations

import contextlib
import os
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from augcli import storage
from augcli.errors import OutputMismatch, Problem
from augcli.manifest.known import Known
from augcli.manifest.rows import Id, decode_row, encode_row, order
from augcli.shard import Shard

JOURNAL = ".augment.journal"

SYNC_ROWS = 256
"""Rows are made durable at least this often ..."""

SYNC_SECONDS = 2.0
"""... and at the first row after this time. A killed process loses none: the kernel has them at once."""

_PREFIX = len(b"R 01234567 ")

_REMEDY = {
    True: "remove the output folder, or choose another",
    False: "remove this file and run its shard again",
}


def _line(kind: bytes, value: Mapping[str, Any]) -> bytes:
    text = encode_row(value)
    return b"%b %08x %b" % (kind, zlib.crc32(text), text)


def _lines(path: Path) -> Iterator[tuple[bytes, int, bytes, bool]]:
    """(kind, offset, line, whether the checksum fits) of every line that has an end."""
    offset = 0
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                return
            yield line[:1], offset, line, line[1:_PREFIX] == b" %08x " % zlib.crc32(line[_PREFIX:])
            offset += len(line)


@dataclass(frozen=True)
class Contents:
    """What a journal holds beside rows.

    header  None when the journal was never begun (its first line is torn, or there is no journal)
    sealing hashes of manifests whose sealing had begun
    promised what jobs were about to write; without a row it may be there or not
    size    bytes up to the end of the last whole line
    file    its number in `Known`
    rows    how many rows were read
    end     what a shard that is done says at its end, see `Journal.finish`
    """

    header: dict[str, Any] | None = None
    sealing: frozenset[str] = frozenset()
    promised: tuple[Mapping[str, Any], ...] = ()
    size: int = 0
    file: int = -1
    rows: int = 0
    end: Mapping[str, Any] | None = None


NOTHING = Contents()


def journal_of(output: Path, shard: Shard | None = None) -> Path:
    """The place of the journal of an output folder, or of one of its shards."""
    return output / (JOURNAL + (shard.suffix if shard else ""))


def shards(output: Path) -> list[Shard]:
    """The shards whose journals lie in a folder, sorted."""
    names = storage.names(output) if output.is_dir() else []
    found = (Shard.named(name.removeprefix(f"{JOURNAL}.")) for name in names)
    return sorted(shard for shard in found if shard)


def header(path: Path) -> dict[str, Any] | None:
    """The header of a journal; None where it has none that is whole."""
    _, _, line, sound = next(_lines(path), (b"", 0, b"", False)) if path.is_file() else (b"", 0, b"", False)
    return decode_row(line[_PREFIX:]) if sound and line[:1] == b"H" else None


def read(path: Path, known: Known) -> Contents:
    """Read a journal into `known`. Raises `OutputMismatch` when its header is damaged."""
    if not path.is_file():
        return NOTHING
    file = known.open(path)
    header, size, rows = None, 0, 0
    end: Mapping[str, Any] | None = None
    sealing, promised = set(), list[Mapping[str, Any]]()
    for kind, offset, line, sound in _lines(path):
        size, end = offset + len(line), None
        if offset == 0:
            if not sound or kind != b"H":
                raise OutputMismatch(
                    Problem(str(path), "the first line is damaged", _REMEDY[path.name == JOURNAL])
                )
            header = decode_row(line[_PREFIX:])
        elif sound and kind == b"R":
            known.put(decode_row(line[_PREFIX:]), file, offset + _PREFIX, len(line) - _PREFIX)
            rows += 1
        elif sound and kind == b"S":
            sealing.add(decode_row(line[_PREFIX:])["manifest"])
        elif sound and kind == b"P":
            promised.append(decode_row(line[_PREFIX:]))
        elif sound and kind == b"E":
            end = decode_row(line[_PREFIX:])
    if end is not None and end["rows"] != rows:  # a damaged line lost one
        end = None
    return Contents(header, frozenset(sealing), tuple(promised), size, file, rows, end)


class Journal:
    """An open journal. `append` adds to the file and to `known` alike."""

    def __init__(self, path: Path, header: Mapping[str, Any], known: Known, size: int, file: int) -> None:
        self.path = path
        self._header = header
        self._known = known
        self._size = size
        self._file = file
        self._unsynced = 0
        self._synced_at = time.monotonic()
        try:
            self._handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
            os.ftruncate(self._handle, size)  # drops the torn line of a run that was killed
        except OSError as error:
            raise storage.failure(path, error) from error

    @classmethod
    def begin(
        cls,
        output: Path,
        header: Mapping[str, Any],
        known: Known,
        contents: Contents,
        shard: Shard | None = None,
    ) -> Self:
        """Go on with the journal, or begin one, durably, before anything else is written.

        `known` and `contents` are those of `State`. Under another header the journal is begun anew and keeps
        its rows, because the files they name are still this folder's to keep or remove.
        """
        path = journal_of(output, shard)
        if contents.header is not None and encode_row(contents.header) == encode_row(header):
            return cls(path, header, known, contents.size, contents.file)
        kept: list[tuple[Id, int]] = []
        with storage.writing(path, sync=True) as file:
            file.write(_line(b"H", header))
            for digest in sorted(contents.sealing):  # a manifest that got its name still tells of its files
                file.write(_line(b"S", {"manifest": digest}))
            for id_ in known.of_file(contents.file):
                kept.append((id_, file.size + _PREFIX))
                line = known.line(id_)
                file.write(b"R %08x %b" % (zlib.crc32(line), line))
            size = file.size
        number = known.open(path)
        for id_, start in kept:
            known.move(id_, number, start)
        return cls(path, header, known, size, number)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def append(self, *rows: Mapping[str, Any]) -> None:
        """Add rows, in one write. Raises `Aborted` when they cannot be written; the journal stays whole."""
        lines = [_line(b"R", row) for row in rows]
        start = self._size + _PREFIX
        self._write(b"".join(lines))
        for row, line in zip(rows, lines, strict=True):
            self._known.put(row, self._file, start, len(line) - _PREFIX)
            start += len(line)
        self._unsynced += len(rows)
        if self._unsynced >= SYNC_ROWS or time.monotonic() - self._synced_at >= SYNC_SECONDS:
            self.sync()

    def promise(self, paths: Sequence[str], class_at: int | None) -> None:
        """Say which files a job is about to write, before it may, so that none is left unknown by a kill.

        class_at  the part of these paths that is a class folder which only the finished picture decides
        """
        self._write(_line(b"P", {"paths": list(paths), "class_at": class_at}))

    def announce(self, manifest: str) -> None:
        """Say, durably, that a manifest with this SHA-256 is about to get its name."""
        self._write(_line(b"S", {"manifest": manifest}))
        self.sync()

    def finish(self, ids: Iterable[Id], end: Mapping[str, Any]) -> None:
        """Close the journal of a shard that is done: only these rows, in order, and what `end` says."""
        count = 0
        with storage.writing(self.path, sync=True) as file:
            file.write(_line(b"H", self._header))
            for id_ in sorted(ids, key=order):
                line = self._known.line(id_)
                file.write(b"R %08x %b" % (zlib.crc32(line), line))
                count += 1
            file.write(_line(b"E", {**end, "rows": count}))
        self.close()

    def _write(self, line: bytes) -> None:
        try:
            rest = memoryview(line)
            while rest:
                rest = rest[os.write(self._handle, rest) :]
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self._handle, self._size)
            raise storage.failure(self.path, error) from error
        self._size += len(line)

    def sync(self) -> None:
        """Make all rows durable."""
        try:
            os.fsync(self._handle)
        except OSError as error:
            raise storage.failure(self.path, error) from error
        self._unsynced, self._synced_at = 0, time.monotonic()

    def close(self) -> None:
        """Make all rows durable and close; harmless when closed already."""
        if self._handle >= 0:
            try:
                self.sync()
            finally:
                os.close(self._handle)
                self._handle = -1

    def remove(self) -> None:
        """The last step of sealing: the folder is finished."""
        self.close()
        storage.remove(self.path)
        storage.sync_folder(self.path.parent)
