"""Boxes of tables of images, read as any client would: JSON lines, tar members, Arrow columns.

Nothing of the product takes part.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.proof.pixels import Sides

Told = tuple[str, NDArray[np.uint8], list[tuple[str, Sides]]]
"""Name of the image, its pixels, category and x0, y0, x1, y1 of each object."""


def hf(output: Path) -> Iterator[Told]:
    for table in sorted(output.rglob("metadata.jsonl")):
        for line in table.read_text().splitlines():
            row = json.loads(line)
            yield _told(row["file_name"], (table.parent / row["file_name"]).read_bytes(), row)


def webdataset(output: Path) -> Iterator[Told]:
    for shard in sorted(output.glob("*.tar")):
        with tarfile.open(shard) as archive:
            members = {one.name: archive.extractfile(one).read() for one in archive}  # type: ignore[union-attr]
        for name, data in members.items():
            if name.endswith(".png"):
                yield _told(name, data, json.loads(members[name.removesuffix(".png") + ".json"]))


def parquet(output: Path) -> Iterator[Told]:
    tables = pytest.importorskip("pyarrow.parquet")
    for file in sorted(output.rglob("*.parquet")):
        for row in tables.read_table(file).to_pylist():
            yield _told(row["image"]["path"], row["image"]["bytes"], row)


def _told(name: str, data: bytes, row: Mapping[str, Any]) -> Told:
    objects = row["objects"]
    boxes = [(x, y, x + width, y + height) for x, y, width, height in objects["bbox"]]
    with Image.open(io.BytesIO(data)) as image:
        return Path(name).name, np.asarray(image), list(zip(objects["categories"], boxes, strict=True))
