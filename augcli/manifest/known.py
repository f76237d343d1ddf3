"""Which rows exist and where they stand on the disk; the rows themselves stay there."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self

from augcli.manifest.rows import Id, accepted_row, order
from augcli.sample import record_id


class _Place(NamedTuple):
    file: int
    start: int
    length: int
    status: str


class Known:
    """Rows by (split, key, copy). Memory holds a place per row; a row is read when it is asked for.

    The files stay open, so that rows can be read while a new manifest takes the old one's name.
    """

    def __init__(self) -> None:
        self._places: dict[Id, _Place] = {}
        self._files: list[int] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the files; no row can be read afterwards."""
        for file in self._files:
            os.close(file)
        self._files = []

    def open(self, path: Path) -> int:
        """Take a file to read rows from; the number to give to `put`."""
        self._files.append(os.open(path, os.O_RDONLY | os.O_CLOEXEC))
        return len(self._files) - 1

    def put(self, row: Mapping[str, Any], file: int, start: int, length: int, *, newer: bool = True) -> None:
        """Know a row: `length` bytes from `start` in this file, its newline included.

        It takes the place of an older row with its id, unless it is not `newer`.
        """
        place = _Place(file, start, length, row["status"])
        if newer:
            self._places[record_id(row)] = place
        else:
            self._places.setdefault(record_id(row), place)

    def move(self, id_: Id, file: int, start: int) -> None:
        """The row now stands in this file, from `start`."""
        self._places[id_] = self._places[id_]._replace(file=file, start=start)

    def forget(self) -> None:
        """Know nothing any more."""
        self._places.clear()

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, id_: object) -> bool:
        return id_ in self._places

    def status(self, id_: Id) -> str | None:
        """`ok`, `error` or `skipped`; None for a row that does not exist."""
        place = self._places.get(id_)
        return place.status if place else None

    def ids(self) -> list[Id]:
        """All ids in the manifest's order."""
        return sorted(self._places, key=order)

    def line(self, id_: Id) -> bytes:
        """The row's canonical line. Raises KeyError for a row that does not exist."""
        place = self._places[id_]
        return os.pread(self._files[place.file], place.length, place.start)

    def row(self, id_: Id) -> dict[str, Any]:
        """The row, judged when it became known. Raises KeyError for one that does not exist."""
        return accepted_row(self.line(id_))

    def rows(self, ids: Iterable[Id] | None = None) -> Iterator[dict[str, Any]]:
        """The rows of these ids (all by default) in the manifest's order, one at a time."""
        for id_ in self.ids() if ids is None else sorted(ids, key=order):
            yield self.row(id_)

    def of_file(self, file: int) -> list[Id]:
        """The ids whose row stands in this file, in the manifest's order."""
        return sorted((id_ for id_, place in self._places.items() if place.file == file), key=order)
