"""Rows as bytes: one canonical JSON line each, so that equal rows are equal bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from augcli.errors import Problem, UsageError

Id = tuple[str, str, int]
"""(split, key, copy), as of `sample.record_id`."""


def encode_row(row: Mapping[str, Any]) -> bytes:
    """The canonical line of a row: ASCII, keys sorted, no spaces, floats by `repr`, a newline at the end.

    Names that are not UTF-8 (surrogate escapes) survive. Raises ValueError for NaN and infinities,
    TypeError for what is not JSON: a row holds plain values only.
    """
    text = _quickly(row)
    if text is None:
        plain = json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
        text = plain.encode("ascii")
    return text + b"\n"


_QUICK = msgspec.json.Encoder(order="sorted")

_EXPONENT = re.compile(rb"e-?[0-9]+[,\]}]")
"""In a number; in a name too, which then costs microseconds."""


def _quickly(row: Mapping[str, Any]) -> bytes | None:
    """The line by msgspec, in a quarter of the time that json takes; None where json may write another.

    They differ in what is not ASCII, in numbers with exponents or below 0.0001, and in NaN, which becomes
    null here: a line goes the other way when it has more nulls than its columns and those of `labels` tell.
    """
    try:
        text = _QUICK.encode(row)
    except (TypeError, ValueError, OverflowError):
        return None
    labels = row.get("labels")
    columns = [*row.values(), *labels.values()] if isinstance(labels, dict) else list(row.values())
    same = text.isascii() and b"\x7f" not in text and b"0.0000" not in text
    return (
        text if same and text.count(b"null") == columns.count(None) and not _EXPONENT.search(text) else None
    )


def decode_row(line: bytes) -> dict[str, Any]:
    """The row of a line. Raises ValueError for anything that `encode_row` would not have written."""
    try:
        row = json.loads(line, object_pairs_hook=_unique, parse_constant=_refused)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(row, dict):
        raise ValueError("expected a JSON object")
    return row


def accepted_row(line: bytes) -> dict[str, Any]:
    """The row of a line that `decode_row` took before, or `encode_row` wrote, in a third of the time."""
    try:
        row: dict[str, Any] = msgspec.json.decode(line)
    except msgspec.DecodeError:  # a name that is not UTF-8, which only json takes
        row = json.loads(line)
    return row


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) != len(pairs):
        raise ValueError("a key stands twice")
    return row


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a sealed manifest, one at a time. Raises `UsageError` naming file and line."""
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    if not line.endswith(b"\n"):
                        raise ValueError("the line is torn")
                    yield decode_row(line)
                except ValueError as error:
                    raise _damaged(f"{path}:{number}", str(error)) from error
    except OSError as error:
        raise _damaged(str(path), error.strerror or "unreadable") from error


def _damaged(where: str, why: str) -> UsageError:
    return UsageError(Problem(where, f"no row of a manifest ({why})", "run again to make it anew"))


def order(id_: Id) -> tuple[bytes, bytes, int]:
    """What rows are sorted by: the bytes of split and key, then the copy."""
    split, key, copy = id_
    return split.encode("utf-8", "surrogateescape"), key.encode("utf-8", "surrogateescape"), copy
