"""The rows of a label file, `metadata.jsonl` or `metadata.csv`, each with its place for messages.

Strict where lenient readers lose data: duplicate keys, NaN, rows of another length are mistakes.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from augcli.errors import Problem
from augcli.formats.strict import refuse, unique


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `where` is `file:line`, `folder` the label file's folder below the root, POSIX, NFC.

    `text`: every value is text, as in CSV, whatever it stands for.
    """

    where: str
    folder: str
    values: dict[str, Any]
    text: bool = False


def read_rows(path: Path, folder: str) -> tuple[list[Row], list[Problem]]:
    """All rows of the file that can be read, and what is wrong with the others."""
    try:
        data = path.read_bytes()
    except OSError as error:
        return [], [Problem(str(path), f"cannot be read ({error.strerror})")]
    rows: list[Row] = []
    problems: list[Problem] = []
    for item in (_csv if path.suffix == ".csv" else _jsonl)(path, folder, data.removeprefix(b"\xef\xbb\xbf")):
        if isinstance(item, Row):
            rows.append(item)
        else:
            problems.append(item)
    return rows, problems


def _jsonl(path: Path, folder: str, data: bytes) -> Iterator[Row | Problem]:
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        try:
            values = json.loads(line.decode("utf-8"), object_pairs_hook=unique, parse_constant=refuse)
        except UnicodeDecodeError:
            yield Problem(where, "is not UTF-8 text")
        except json.JSONDecodeError as error:
            yield Problem(where, f"is not JSON: {error.msg} at column {error.colno}", "one object per line")
        except (ValueError, RecursionError) as error:
            yield Problem(where, str(error) if isinstance(error, ValueError) else "is nested too deeply")
        else:
            if isinstance(values, dict):
                yield Row(where, folder, values)
            else:
                yield Problem(where, "is not a JSON object", "one object per line")


def _csv(path: Path, folder: str, data: bytes) -> Iterator[Row | Problem]:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        yield Problem(f"{path}:{line}", "is not UTF-8 text")
        return
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        columns = next(reader, [])
        if len(set(columns)) < len(columns):
            yield Problem(f"{path}:1", "two columns have the same name")
            return
        for cells in reader:
            where = f"{path}:{reader.line_num}"
            if len(cells) == len(columns):
                yield Row(where, folder, dict(zip(columns, cells, strict=True)), text=True)
            elif cells:
                yield Problem(where, f"has {len(cells)} cells; the header has {len(columns)}")
    except csv.Error as error:
        yield Problem(f"{path}:{reader.line_num}", f"is not CSV: {error}")
