"""`annotations.csv` from sealed rows: one line per image, or one per box, streaming."""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from augcli.formats.csv.header import BOX, Header, default_header
from augcli.sample import Dataset

FILE = "annotations.csv"

Row = Mapping[str, Any]


def files(dataset: Dataset, rows: Iterable[Row]) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield (path, lines) of the one file: the columns that were read, and `split` where there are splits.

    rows   of the manifest, sorted; read once
    """
    good = (row for row in rows if row["status"] == "ok")
    first = next(good, None)
    if first is not None:
        header = header_of(dataset, split=bool(first["split"]))
        yield FILE, _lines(header, itertools.chain([first], good))


def header_of(dataset: Dataset, *, split: bool) -> Header:
    """The columns of an output of this dataset."""
    if dataset.format == "csv":
        columns = tuple((str(name), str(role)) for name, role in dataset.info["columns"])
        header = Header(columns, bool(dataset.info["header"]))
    else:
        boxes = bool(dataset.holds - {"classes", "weights", "columns"})
        header = default_header(boxes=boxes, extra=() if boxes else dataset.columns)
    if split and "split" not in header.roles:
        header = Header((*header.columns, ("split", "split")))
    return header


def _lines(header: Header, rows: Iterable[Row]) -> Iterator[bytes]:
    if header.given:
        yield _line([name for name, _ in header.columns])
    for row in rows:
        labels = row["labels"]
        values = {"image": row["output"], "split": row["split"], "label": labels.get("label")}
        values |= dict(zip(("width", "height"), row["size"], strict=True))
        if not header.boxes:
            yield _line(_cells(header, values, labels.get("extra", {})))
            continue
        # A region of many (COCO's iscrowd) is left out: its row would say that it is one object.
        boxes = [one for one in labels.get("objects", ()) if "bbox" in one and not one.get("crowd")]
        for one in boxes or [{"category": None, "bbox": (None,) * 4}]:
            sides = dict(zip(BOX, one["bbox"], strict=True))
            yield _line(_cells(header, {**values, **sides, "label": one["category"]}, one.get("extra", {})))


def _cells(header: Header, values: Row, extra: Row) -> list[str]:
    return [_text(values.get(role) if role else extra.get(name)) for name, role in header.columns]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value == int(value) else repr(value)
    return value if isinstance(value, str) else json.dumps(value)


def _line(cells: Iterable[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue().encode("utf-8", "surrogateescape")
