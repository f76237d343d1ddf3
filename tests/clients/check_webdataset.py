"""Tar shards, read by webdataset.

python tests/clients/check_webdataset.py OUTPUT ...
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
from pathlib import Path

import webdataset
from PIL import Image
from written import below, by_split, close, digest, main


def check(output: Path) -> tuple[int, list[str]]:
    """Every split of the output."""
    loaded, found = 0, []
    names = output / "classes.txt"
    classes = names.read_text(encoding="utf-8").splitlines() if names.is_file() else []
    for split, rows in by_split(output).items():
        shards = sorted(map(str, output.glob(f"{split}-*.tar" if split else "*.tar")))
        samples = list(webdataset.WebDataset(shards, shardshuffle=False))
        loaded += len(samples)
        for sample, row in zip(samples, rows, strict=False):
            found += [f"{sample['__key__']}: {what}" for what in _differences(sample, row, split, classes)]
    return loaded, found


def _differences(sample: dict, row: dict, split: str, classes: list[str]) -> list[str]:
    """Between what the client has of one sample and its row."""
    name, labels = Path(below(split, row)), row["labels"]
    if sample["__key__"] != str(name.with_suffix("")):
        return [f"stands where {name} was written"]
    data = sample.get(name.suffix[1:].lower(), b"")
    if hashlib.sha256(data).hexdigest() != digest(row):
        return ["other bytes"]
    found = []
    with Image.open(io.BytesIO(data)) as image:
        if sorted(image.size) != sorted(row["size"]):  # sorted: EXIF is left to the caller
            found.append(f"size {image.size} for {row['size']}")
    label = sample["cls"].decode() if "cls" in sample else None
    if label is not None and classes:
        label = classes[int(label)]
    if label != labels["label"]:
        found.append(f"label {label!r} for {labels['label']!r}")
    columns = json.loads(sample.get("json", b"{}"))
    if "weights" in columns and not close(columns["weights"], labels["weights"]):
        found.append("other weights")
    if columns.get("classes", labels["classes"]) != labels["classes"]:
        found.append("other classes")
    if any(columns.get(field) != value for field, value in labels["extra"].items() if field != "txt"):
        found.append("other columns")
    return found


if __name__ == "__main__":
    sys.exit(main("webdataset", check))
