"""Parquet tables of images, read by pyarrow.

python tests/clients/check_pyarrow.py OUTPUT ...
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import pyarrow
from pyarrow import parquet
from written import below, by_split, close, digest, main

IMAGE = pyarrow.struct([("bytes", pyarrow.binary()), ("path", pyarrow.string())])


def check(output: Path) -> tuple[int, list[str]]:
    """The table of every split."""
    loaded, found = 0, []
    for split, rows in by_split(output).items():
        table = parquet.read_table(output / f"data/{split or 'all'}-00000-of-00001.parquet")
        loaded += table.num_rows
        features = json.loads(table.schema.metadata[b"huggingface"])["info"]["features"]
        if table.schema.field("image").type != IMAGE or features["image"] != {"_type": "Image"}:
            found.append(f"the column image is {table.schema.field('image').type}")
        names = features.get("label", {}).get("names")
        for item, row in zip(table.to_pylist(), rows, strict=False):
            found += [f"{row['output']}: {what}" for what in _differences(item, row, split, names)]
    return loaded, found


def _differences(item: dict, row: dict, split: str, names: list[str] | None) -> list[str]:
    """Between what the client has of one row and the row of the manifest."""
    labels, found = row["labels"], []
    if item["image"]["path"] != below(split, row):
        return [f"stands where {item['image']['path']} was written"]
    if hashlib.sha256(item["image"]["bytes"]).hexdigest() != digest(row):
        found.append("other bytes")
    label = item.get("label")
    if label is not None and names:
        label = names[label]
    if label != labels["label"]:
        found.append(f"label {label!r} for {labels['label']!r}")
    if "weights" in item and not close(item["weights"], labels["weights"]):
        found.append("other weights")
    if item.get("classes", labels["classes"]) != labels["classes"]:
        found.append("other classes")
    if any(item.get(field) != value for field, value in labels["extra"].items()):
        found.append("other columns")
    return found


if __name__ == "__main__":
    sys.exit(main("pyarrow", check))
