"""A COCO file opened: its fields found without decoding what is in them, its records given one by one.

A file of a million annotations has some hundred megabytes and would take five times that as Python
objects. So it is read into memory once, msgspec finds where each record begins and ends, and what lies
behind the record that is being looked at is given back to the system.
"""

from __future__ import annotations

import json
import math
import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from augcli.errors import Problem, UsageError
from augcli.formats.strict import refuse, unique

MAX_BYTES = 16 << 30
"""Larger files are refused."""

MAX_DEPTH = 32
"""Levels of lists and objects within one record; more are refused."""

_STEP = 32 << 20
_FIELD = re.compile(rb'\s*"((?:[^"\\]|\\.)*)"\s*:\s*')
_NEXT = re.compile(rb"\s*[,}]")
_NO_NUMBER = re.compile(rb"NaN|Infinity")
_BYTE = re.compile(r"\(byte (\d+)\)")


@dataclass(frozen=True)
class Document:
    """The fields of the file, as the text of their values; `buffer` is what the text lies in."""

    path: str
    fields: dict[str, msgspec.Raw]
    buffer: mmap.mmap

    def records(self, name: str) -> list[msgspec.Raw]:
        """The texts of the items of a field; [] when it is missing or null. Raises `UsageError`."""
        raw = self.fields.get(name)
        if raw is None:
            return []
        try:
            return msgspec.json.decode(raw, type=list[msgspec.Raw] | None) or []
        except msgspec.DecodeError as error:
            raise UsageError(Problem(self.path, f"{name!r}: {error}", "a list was expected")) from error

    def consumed(self, name: str) -> Iterator[bytes]:
        """The items of a field, compact; to be asked for last, because the text is given up on the way."""
        passed = freed = 0
        for raw in self.records(name):
            yield msgspec.json.format(raw, indent=-1)
            passed += len(memoryview(raw)) + 1
            if passed - freed > 2 * _STEP:  # at least `passed` bytes of the file lie behind this record
                if hasattr(mmap, "MADV_DONTNEED"):
                    self.buffer.madvise(mmap.MADV_DONTNEED, freed, _STEP)
                freed += _STEP


def load(path: Path) -> Document:
    """Open a file. Raises `UsageError` for one that cannot be read or is not JSON, with the line."""
    buffer, size = _bytes(path)
    view = memoryview(buffer)[:size]
    if bytes(view[:3]) == b"\xef\xbb\xbf":
        view = view[3:]
    try:
        fields = msgspec.json.decode(view, type=dict[str, msgspec.Raw])
    except msgspec.DecodeError as error:
        at = _BYTE.search(str(error))
        line = f":{bytes(view[: int(at[1])]).count(10) + 1}" if at else ""
        text = _BYTE.sub("", str(error)).strip()
        if at and (word := _NO_NUMBER.match(view, int(at[1]))):
            what = f"holds {word[0].decode()}, which is no JSON number"
            raise UsageError(
                Problem(f"{path}{line}", what, "write null, or leave the annotation out")
            ) from error
        raise _bad(f"{path}{line}", f"is no COCO file: {text}") from error
    except RecursionError as error:
        raise _bad(str(path), "is nested too deeply") from error
    except UnicodeDecodeError as error:
        raise _bad(str(path), "is not UTF-8 text") from error
    twice = _twice(view, fields)
    if twice is not None:
        raise _bad(str(path), f"has the key {twice!r} twice")
    return Document(str(path), fields, buffer)


def strict(text: msgspec.Raw | bytes) -> Any:
    """The JSON value. Raises ValueError, in words, for duplicate keys, NaN, too large or too deep values."""
    try:
        value = json.loads(bytes(text), object_pairs_hook=unique, parse_constant=refuse)
    except RecursionError as error:
        raise ValueError("is nested too deeply") from error
    except UnicodeDecodeError as error:
        raise ValueError("is not UTF-8 text") from error
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise ValueError("is nested too deeply")
        if any(isinstance(item, float) and not math.isfinite(item) for item in level):
            raise ValueError("holds a number that is too large")
        level = [
            inner
            for item in level
            if isinstance(item, dict | list)
            for inner in (item.values() if isinstance(item, dict) else item)
        ]
    return value


def _bytes(path: Path) -> tuple[mmap.mmap, int]:
    """The file in anonymous memory, which can be given back in pieces, and its size."""
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            if size > MAX_BYTES:
                raise _bad(str(path), f"has {size} bytes; at most {MAX_BYTES} are read")
            buffer = mmap.mmap(-1, max(size, 1))
            with memoryview(buffer) as view:
                got = 0
                while got < size and (count := file.readinto(view[got:size])):
                    got += count
    except OSError as error:
        raise _bad(str(path), f"cannot be read ({error.strerror})") from error
    return buffer, got


def _twice(view: memoryview, fields: dict[str, msgspec.Raw]) -> str | None:
    """A key that stands twice at the top, of which msgspec keeps the last: then the texts do not add up."""
    start = re.compile(rb"\s*\{").match(view)
    at = start.end() if start else 0
    for name, raw in fields.items():
        found = _FIELD.match(view, at)
        if found is None or json.loads(b'"' + found[1] + b'"') != name:
            return name
        end = _NEXT.match(view, found.end() + len(memoryview(raw)))
        if end is None:
            return name
        at = end.end()
    again = _FIELD.match(view, at)
    return again[1].decode("utf-8", "replace") if again else None


def _bad(where: str, what: str) -> UsageError:
    return UsageError(Problem(where, what, "one JSON object with images, annotations, categories"))
