"""What the columns of label rows mean: class weights, and extra columns to carry over."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from augcli.errors import Problem
from augcli.formats.rows import Row

OWN = ("file_name", "label", "classes", "weights")
"""Columns with a meaning; all others are carried over."""

SPATIAL = frozenset({"objects", "bbox", "bboxes", "boxes", "keypoints", "polygons", "segmentation"})
"""Columns that describe places in the image: carried over unmoved they would be wrong."""

_WHOLE = re.compile(r"-?(?:0|[1-9]\d{0,17})")
_REAL = re.compile(r"-?(?:0|[1-9]\d{0,17})(?:\.\d+)?(?:[eE][-+]?\d{1,2})?")


@dataclass(frozen=True)
class Labels:
    """The columns of all rows, in the order of the rows.

    classes   ((name, weight), ...) summing to 1, sorted by name; () when unlabelled
    extra     ((column, value), ...) of the columns to carry over
    columns   their names, in the order of first appearance
    numeric   class names are whole numbers in the file
    """

    classes: list[tuple[tuple[str, float], ...]]
    extra: list[tuple[tuple[str, Any], ...]]
    columns: tuple[str, ...]
    numeric: bool
    problems: list[Problem]


def read_labels(rows: Sequence[Row]) -> Labels:
    """Read every row; `problems` says what is wrong, all at once."""
    first: dict[str, Row] = {}
    for row in rows:
        for column in row.values:
            first.setdefault(column, row)
    problems = [problem for column, row in first.items() if (problem := _refused(column, row.where, first))]
    columns = tuple(column for column in first if column not in OWN)
    typed = _typed(rows, [*columns, "label"])
    classes: list[tuple[tuple[str, float], ...]] = []
    whole: dict[bool, str] = {}
    for row, values in zip(rows, typed, strict=True):
        found = _classes(values)
        if isinstance(found, str):
            problems.append(Problem(row.where, found))
            found = []
        for name, _ in found:
            whole.setdefault(isinstance(name, int), row.where)
        classes.append(tuple(sorted((str(name), weight) for name, weight in found)))
    if len(whole) > 1:
        problems.append(Problem(whole[True], f"the label is a number; it is text at {whole[False]}"))
    extra = [tuple((column, values[column]) for column in columns if column in values) for values in typed]
    return Labels(classes, extra, columns, True in whole, problems)


def _refused(column: str, where: str, first: Iterable[str]) -> Problem | None:
    if column != "file_name" and column.endswith(("file_name", "file_names")):
        return Problem(where, f"column {column!r} names further files, which are not read yet")
    if column in SPATIAL:
        return Problem(where, f"column {column!r} describes places in the image, which are not read yet")
    if column in {"classes", "weights"} and not {"classes", "weights"} <= set(first):
        return Problem(where, f"column {column!r} stands alone", "classes and weights go together")
    return None


def _classes(values: dict[str, Any]) -> list[tuple[str | int, float]] | str:
    """Class and weight pairs of a row, or what is wrong with them."""
    label = values.get("label")
    if label is not None and (isinstance(label, bool) or not isinstance(label, str | int) or label == ""):
        return f"expected text or a whole number as label, got {label!r}"
    names, weights = values.get("classes"), values.get("weights")
    if names is None and weights is None:
        return [] if label is None else [(label, 1.0)]
    if not isinstance(names, list) or not isinstance(weights, list) or len(names) != len(weights):
        return "expected lists of equal length as classes and weights"
    if any(isinstance(name, bool) or not isinstance(name, str | int) or name == "" for name in names):
        return "expected text or whole numbers as classes"
    if len(set(map(str, names))) < len(names):
        return "classes names one class twice"
    if any(isinstance(weight, bool) or not isinstance(weight, int | float) for weight in weights):
        return "expected numbers as weights"
    if not names:
        return [] if label is None else "label names a class, classes names none"
    if min(weights) < 0 or not math.isclose(sum(weights), 1.0, abs_tol=1e-6):
        return f"weights must be 0 or more and sum to 1; they sum to {sum(weights)!r}"
    if label is not None and label not in names:
        return f"label {label!r} is none of classes"
    return [(name, float(weight)) for name, weight in zip(names, weights, strict=True) if weight > 0]


def _typed(rows: Sequence[Row], columns: Sequence[str]) -> list[dict[str, Any]]:
    """The rows' values, with columns of CSV text read as numbers where every cell is one; "" is null."""
    if not any(row.text for row in rows):
        return [row.values for row in rows]
    kinds = {}
    for column in columns:
        cells = [cell for row in rows if (cell := row.values.get(column))]
        if cells and all(_WHOLE.fullmatch(cell) for cell in cells):
            kinds[column] = int
        elif cells and all(_REAL.fullmatch(cell) for cell in cells) and column != "label":
            kinds[column] = float  # type: ignore[assignment]
        else:
            kinds[column] = str  # type: ignore[assignment]
    return [
        {name: kinds.get(name, str)(cell) if cell != "" else None for name, cell in row.values.items()}
        for row in rows
    ]
