"""`annotations.csv` from sealed rows: one line per image, or one per box, streaming."""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from augcli.formats.contract import OF_OBJECTS, aside
from augcli.formats.csv.header import BOX, Header, default_header, meanings
from augcli.formats.object_column import WEIGHT
from augcli.sample import Dataset

FILE = "annotations.csv"

Row = Mapping[str, Any]


def files(
    dataset: Dataset, rows: Iterable[Row], mixes: bool = False
) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield (path, lines) of the one file: the columns that were read, and `split` where there are splits.

    rows   of the manifest, sorted; read once
    """
    good = (row for row in rows if row["status"] == "ok")
    first = next(good, None)
    if first is not None:
        header = header_of(dataset, split=bool(first["split"]), mixes=mixes)
        own = set() if dataset.format == "csv" else meanings((*dataset.attributes, *dataset.columns))
        yield FILE, _lines(header, own, itertools.chain([first], good))


def header_of(dataset: Dataset, *, split: bool, mixes: bool = False) -> Header:
    """The columns of an output of this dataset; of mixed images objects have the share that they have."""
    if dataset.format == "csv":
        columns = tuple((str(name), str(role)) for name, role in dataset.info["columns"])
        header = Header(columns, bool(dataset.info["header"]))
    else:
        boxes = bool(dataset.holds & OF_OBJECTS)
        extra = dataset.attributes if boxes else dataset.columns
        header = default_header(boxes=boxes, extra=tuple(aside(dict.fromkeys(extra), meanings(extra))))
    if mixes and header.boxes and WEIGHT not in header.extra:
        header = Header((*header.columns, (WEIGHT, "")))
    if split and "split" not in header.roles:
        header = Header((*header.columns, ("split", "split")))
    return header


def _lines(header: Header, own: Collection[str], rows: Iterable[Row]) -> Iterator[bytes]:
    """The text of the table. `own`: names of further values that have a meaning in tables."""
    if header.given:
        yield _line([name for name, _ in header.columns])
    for row in rows:
        labels = row["labels"]
        values = {"image": row["output"], "split": row["split"], "label": labels.get("label")}
        values |= dict(zip(("width", "height"), row["size"], strict=True))
        if not header.boxes:
            yield _line(_cells(header, values, aside(labels.get("extra", {}), own)))
            continue
        # A region of many (COCO's iscrowd) is left out: its row would say that it is one object.
        boxes = [one for one in labels.get("objects", ()) if "bbox" in one and not one.get("crowd")]
        for one in boxes or [{"category": None, "bbox": (None,) * 4}]:
            sides = dict(zip(BOX, one["bbox"], strict=True))
            extra = aside(one.get("extra", {}), own)
            yield _line(_cells(header, {**values, **sides, "label": one["category"]}, extra))


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
