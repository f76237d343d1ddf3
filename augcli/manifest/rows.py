"""Rows as bytes: one canonical JSON line each, so that equal rows are equal bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from augcli.errors import Problem, UsageError

Id = tuple[str, str, int]
"""(split, key, copy), as of `sample.record_id`."""


def encode_row(row: Mapping[str, Any]) -> bytes:
    """The canonical line of a row: ASCII, keys sorted, no spaces, floats by `repr`, a newline at the end.

    Names that are not UTF-8 (surrogate escapes) survive. Raises ValueError for NaN and infinities,
    TypeError for what is not JSON: a row holds plain values only.
    """
    text = json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return text.encode("ascii") + b"\n"


def decode_row(line: bytes) -> dict[str, Any]:
    """The row of a line. Raises ValueError for anything that `encode_row` would not have written."""
    try:
        row = json.loads(line, object_pairs_hook=_unique, parse_constant=_refused)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(row, dict):
        raise ValueError("expected a JSON object")
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
