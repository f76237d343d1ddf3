"""Staged outputs become Parquet tables, one per split, in the order of the manifest.

The schema's metadata tells Hugging Face's `datasets` which column is the image and what the class numbers
mean. The bytes depend on the version of pyarrow, which writes its name into every table.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from augcli.errors import Problem, UsageError
from augcli.formats.object_column import COLUMN as OBJECTS
from augcli.formats.parquet.tables import FEATURES, read_table
from augcli.formats.sealed import values_of
from augcli.images.members import parquet_cell
from augcli.images.parquet import arrow
from augcli.sample import Dataset

GROUP_ROWS = 100
GROUP_BYTES = 32 << 20
"""A row group is decoded as a whole to read one image of it, so it is kept small."""

IMAGE = "image"

Read = Callable[[str], bytes]


def pack(
    dataset: Dataset, rows: Iterable[Mapping[str, Any]], mixes: bool, read: Read
) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield (path below the output folder, its bytes in pieces) of each table.

    rows   of the manifest, sorted; the labels of one split are held in memory at a time, its images are not
    read   gives the bytes of the image that a row names (`row["output"]`)
    Raises `UsageError` where a column holds values of several types.
    """
    good = (row for row in rows if row["status"] == "ok")
    for split, group in groupby(good, key=lambda row: str(row["split"])):
        outputs, columns = list[str](), list[dict[str, Any]]()
        for row in group:
            outputs.append(row["output"])
            columns.append(values_of(dataset, row, mixes or dataset.soft))
        if IMAGE in columns[0]:
            raise UsageError(Problem("", f"a column is called {IMAGE!r}, as that of the images is"))
        path = f"data/{split or 'all'}-00000-of-00001.parquet"
        yield path, _table(dataset, path, split, outputs, columns, read)


def class_order(dataset: Dataset) -> list[str]:
    """Class names by number: those of the source first, then others; [] where numbers are names."""
    if dataset.numeric:
        return []
    return list(dict.fromkeys((*dataset.info.get("class_order", ()), *dataset.classes)))


def held(output: Path) -> dict[str, str]:
    """What the tables of an output folder hold: path of an output as rows name it -> address of its bytes."""
    found = {}
    for file in sorted((output / "data").glob("*-00000-of-00001.parquet")):
        split = file.name.removesuffix("-00000-of-00001.parquet")
        table = read_table(str(file))
        for cell in table.cells:
            path = cell.key if split == "all" else f"{split}/{cell.key}"
            found[path] = parquet_cell(str(file), cell.row, table.column)
    return found


class _Sink:
    """What the writer of a table writes to: pieces, to be taken away."""

    closed = False

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self._size = 0

    def write(self, data: Any) -> int:
        """Keep a copy, for the writer's buffer is its own."""
        piece = bytes(data)
        self.pieces.append(piece)
        self._size += len(piece)
        return len(piece)

    def tell(self) -> int:
        """Bytes that were written."""
        return self._size

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """The pieces stay."""

    def take(self) -> Iterator[bytes]:
        """The pieces since the last time."""
        taken, self.pieces = self.pieces, []
        yield from taken


def _table(
    dataset: Dataset,
    where: str,
    split: str,
    outputs: list[str],
    columns: list[dict[str, Any]],
    read: Read,
) -> Iterator[bytes]:
    pa, parquet = arrow()
    order = {name: number for number, name in enumerate(class_order(dataset))}
    arrays = {}
    for name in columns[0]:
        values = [line[name] for line in columns]
        if name == "label" and order:
            values = [None if value is None else order[value] for value in values]
        kind = pa.int64() if name == "label" and order else None
        if name == OBJECTS and not any(value["bbox"] for value in values):
            kind = _of_nothing(pa, values[0])
        elif name == OBJECTS:
            values = _alike(pa, values)
        try:
            arrays[name] = pa.array(values, kind)
            if _hollow(pa, arrays[name].type):
                arrays[name] = pa.array(_texts(values))
        except pa.ArrowException as error:
            raise UsageError(
                Problem(where, f"the column {name!r} holds values of several types", "make them alike")
            ) from error
    image = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    fields = [pa.field(IMAGE, image), *(pa.field(name, array.type) for name, array in arrays.items())]
    features: dict[str, Any] = {IMAGE: {"_type": "Image"}}
    if "label" in arrays and order:
        features["label"] = {"names": list(order), "_type": "ClassLabel"}
    text = json.dumps({"info": {"features": features}})
    schema = pa.schema(fields, metadata={FEATURES: text.encode()})
    sink = _Sink()
    with parquet.ParquetWriter(pa.PythonFile(sink, "w"), schema, compression="snappy") as writer:
        at = 0
        while at < len(outputs):
            images, size = list[dict[str, Any]](), 0
            while at + len(images) < len(outputs) and len(images) < GROUP_ROWS and size < GROUP_BYTES:
                output = outputs[at + len(images)]
                data = read(output)
                images.append({"bytes": data, "path": output[len(split) + 1 :] if split else output})
                size += len(data)
            parts = [array.slice(at, len(images)) for array in arrays.values()]
            writer.write_table(pa.Table.from_arrays([pa.array(images, image), *parts], schema=schema))
            at += len(images)
            yield from sink.take()
    yield from sink.take()


def _alike(pa: Any, values: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The values of `objects`; a list that Parquet cannot hold is written as JSON texts.

    Such are values of several types, and objects without fields.
    """
    odd = set()
    for key in values[0]:
        try:
            if _hollow(pa, pa.array([value[key] for value in values]).type):
                odd.add(key)
        except pa.ArrowException:
            odd.add(key)
    return [{key: _texts(one) if key in odd else one for key, one in value.items()} for value in values]


def _hollow(pa: Any, kind: Any) -> bool:
    """Whether a type is, or has in it, that of an object without fields."""
    if pa.types.is_struct(kind):
        return kind.num_fields == 0 or any(_hollow(pa, field.type) for field in kind)
    return bool(pa.types.is_list(kind) and _hollow(pa, kind.value_type))


def _texts(values: list[Any]) -> list[str | None]:
    return [value if isinstance(value, str | None) else json.dumps(value) for value in values]


def _of_nothing(pa: Any, value: Mapping[str, Any]) -> Any:
    """The type of `objects` in a table without any, which cannot be told from the lists."""
    kinds = {"bbox": pa.list_(pa.float64()), "iscrowd": pa.int64()}
    return pa.struct([(key, pa.list_(kinds.get(key, pa.string()))) for key in value])
