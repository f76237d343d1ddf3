"""`metadata.jsonl` from sealed rows: one line per image, the same columns everywhere, lists not maps.

Lists because readers that infer a table (Hugging Face datasets) refuse columns that differ between rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from augcli.formats import object_column
from augcli.sample import Dataset


def metadata_files(
    dataset: Dataset, rows: Iterable[Mapping[str, Any]], *, weights: bool
) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield (path, lines) of one file per split that has an output; at the root where there are no splits.

    rows      of the manifest, sorted by split, source and copy; read once, while the lines are consumed
    weights   write `classes` and `weights` beside `label`
    """
    good = (row for row in rows if row["status"] == "ok")
    for split, group in groupby(good, key=lambda row: str(row["split"])):
        yield (f"{split}/metadata.jsonl" if split else "metadata.jsonl"), _lines(dataset, group, weights)


def _lines(dataset: Dataset, rows: Iterable[Mapping[str, Any]], weights: bool) -> Iterator[bytes]:
    for row in rows:
        yield json.dumps(_line(dataset, row, weights), allow_nan=False).encode("ascii") + b"\n"


def _line(dataset: Dataset, row: Mapping[str, Any], weights: bool) -> dict[str, Any]:
    split, output = row["split"], row["output"]
    name = output[len(split) + 1 :] if split else output
    return {"file_name": name} | values_of(dataset, row, weights)


def values_of(dataset: Dataset, row: Mapping[str, Any], weights: bool) -> dict[str, Any]:
    """The label columns of a row, the same for every row of a dataset."""
    labels = row["labels"]
    line: dict[str, Any] = {}
    if dataset.classes:
        line["label"] = _written(dataset, labels["label"])
        if weights:
            line["classes"] = [_written(dataset, name) for name in labels["classes"]]
            line["weights"] = list(labels["weights"])
    line |= {column: labels["extra"].get(column) for column in dataset.columns}
    return line | object_column.written(dataset, row, weights=weights)


def _written(dataset: Dataset, name: str | None) -> str | int | None:
    return int(name) if dataset.numeric and name is not None else name
