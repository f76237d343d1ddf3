"""Images inside other files: how their place is written as a path, and how they are read from it.

An address is the path of the file that holds them, NUL, and where in it: no path of a file holds a NUL.

    shard.tar NUL tar:OFFSET:SIZE               bytes of an uncompressed archive
    table.parquet NUL parquet:ROW:COLUMN        a cell of a table: bytes, or a struct with the field `bytes`
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from augcli.errors import ItemError

if TYPE_CHECKING:
    from collections.abc import Callable

NUL = "\0"


def tar_member(file: str, offset: int, size: int) -> str:
    """The address of `size` bytes from `offset` of a file."""
    return f"{file}{NUL}tar:{offset}:{size}"


def parquet_cell(file: str, row: int, column: str) -> str:
    """The address of the image in a row (from 0, over all row groups) of a table."""
    return f"{file}{NUL}parquet:{row}:{column}"


def read_member(file: str, handle: int, member: str) -> bytes:
    """The bytes at a place of a regular file, open as `handle`.

    Raises OSError, UsageError (pyarrow is missing), ItemError: changed, corrupt.
    """
    kind, _, place = member.partition(":")
    return _READERS[kind](file, handle, place)


def _tar(_: str, handle: int, place: str) -> bytes:
    offset, size = map(int, place.split(":"))
    data = os.pread(handle, size, offset)
    while len(data) < size and (more := os.pread(handle, size - len(data), offset + len(data))):
        data += more  # one call reads at most 2 GiB
    if len(data) < size:
        raise ItemError("changed")
    return data


def _parquet(file: str, handle: int, place: str) -> bytes:
    from augcli.images.parquet import cell

    row, _, column = place.partition(":")
    facts = os.fstat(handle)
    return cell(file, (facts.st_size, facts.st_mtime_ns), int(row), column)


_READERS: dict[str, Callable[[str, int, str], bytes]] = {"tar": _tar, "parquet": _parquet}
