"""One Parquet table: which column is the image, what the others say. Reads no image bytes but to name them.

Only where a table gives its images no names are their first bytes looked at, for the extension of the key.
"""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from augcli.errors import Problem
from augcli.formats.beside import leaves
from augcli.formats.object_column import COLUMN as OBJECTS
from augcli.formats.rows import Row
from augcli.images.kinds import FORMATS, extension, kind_of
from augcli.images.kinds import sniff as kind_by_bytes
from augcli.images.parquet import arrow

FEATURES = b"huggingface"
"""Key of the schema's metadata that tells what the columns mean."""

_LABELS = ("label", "labels")
_HEAD = 32
_READ_BATCH = 64
_FURTHER = {"gif": ".gif", "heif": ".heic"}


@dataclass(frozen=True, slots=True)
class Cell:
    """An image of a table: its row, its key, its bytes where known (0 else)."""

    row: int
    key: str
    size: int = 0


@dataclass(frozen=True)
class Table:
    """What a table holds.

    column    name of the image column
    cells     its images, in order; `rows` are their labels
    names     class names by number; () where there are none
    categories  the same of the column `objects`
    notes     columns that are not carried over
    """

    path: str
    column: str = ""
    cells: list[Cell] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_table(path: str) -> Table:
    """Read everything but images."""
    pa, parquet = arrow()
    try:
        with parquet.ParquetFile(path) as file:
            return _read(path, file, pa)
    except (pa.ArrowException, OSError) as error:
        what = "is no sound Parquet file" if isinstance(error, pa.ArrowException) else "cannot be read"
        return Table(path, problems=(Problem(path, what, "download or write it again, or exclude it"),))
    except ValueError as error:
        return Table(path, problems=(Problem(path, str(error)),))


def _read(path: str, file: Any, pa: Any) -> Table:
    schema = file.schema_arrow
    features = _features(schema.metadata or {})
    column = _image_column(schema, features, pa)
    label = next((name for name in _LABELS if name in schema.names), None)
    names = _class_names(features, label)
    kept = [one.name for one in schema if one.name != column and _is_plain(one.type, pa)]
    lost = [one.name for one in schema if one.name not in (column, *kept)]
    cells = list(_cells(file, schema, column, pa))
    notes = [f"the column {name!r} is not carried over: it holds no plain values" for name in lost]
    columns = {}
    for name in kept:
        columns[name] = file.read(columns=[name], use_threads=False).column(name).to_pylist()
        if any(isinstance(value, float) and not math.isfinite(value) for value in columns[name]):
            notes.append(f"what is no finite number in the column {name!r} was read as null")
            columns[name] = [_finite(value) for value in columns[name]]
    if label in columns:
        columns["label"] = [_named(value, names, row) for row, value in enumerate(columns.pop(label))]
    rows = [
        Row(f"{path}: row {row}", "", {name: values[row] for name, values in columns.items()})
        for row in range(len(cells))
    ]
    return Table(path, column, cells, rows, names, _categories(features.get(OBJECTS)), tuple(notes))


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _features(metadata: Mapping[bytes, bytes]) -> Mapping[str, Any]:
    try:
        found = json.loads(metadata.get(FEATURES, b"{}"))["info"]["features"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _image_column(schema: Any, features: Mapping[str, Any], pa: Any) -> str:
    """The column of images. Raises ValueError where there is none."""
    told = [name for name in schema.names if _type(features.get(name)) == "Image"]
    for name in (*told, *schema.names):
        kind = schema.field(name).type
        if pa.types.is_struct(kind) and {"bytes", "path"} <= {one.name for one in kind}:
            return str(name)
        if _is_binary(kind, pa):
            return str(name)
    raise ValueError("has no column of images (a struct of bytes and path, or bytes)")


def _type(feature: object) -> object:
    return feature.get("_type") if isinstance(feature, Mapping) else None


def _class_names(features: Mapping[str, Any], label: str | None) -> tuple[str, ...]:
    feature = features.get(label or "")
    names = feature.get("names") if isinstance(feature, Mapping) and _type(feature) == "ClassLabel" else None
    if names is None:
        return ()
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise ValueError("the schema's class names are no list of texts")
    if len(set(names)) < len(names):
        raise ValueError("the schema names a class twice")
    return tuple(names)


def _categories(feature: object) -> tuple[str, ...]:
    """The names of category numbers in the feature of `objects`, whichever way round it nests its lists."""
    if isinstance(feature, list):
        return next((found for one in feature if (found := _categories(one))), ())
    if not isinstance(feature, Mapping):
        return ()
    if _type(feature) == "ClassLabel":
        return _class_names({OBJECTS: feature}, OBJECTS)
    return next((found for one in feature.values() if (found := _categories(one))), ())


def _named(value: object, names: tuple[str, ...], row: int) -> object:
    """The name of a class number; -1 is no class, as the datasets library has it."""
    if not names or value is None or not isinstance(value, int):
        return value
    if value == -1:
        return None
    if not 0 <= value < len(names):
        raise ValueError(f"row {row}: the class number {value} is none of 0 to {len(names) - 1}")
    return names[value]


def _is_binary(kind: Any, pa: Any) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _is_plain(kind: Any, pa: Any) -> bool:
    """Whether values of this type are JSON values."""
    types = pa.types
    if types.is_struct(kind):
        return all(_is_plain(one.type, pa) for one in kind)
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return _is_plain(kind.value_type, pa)
    if types.is_dictionary(kind):
        return _is_plain(kind.value_type, pa)
    plain = (types.is_boolean, types.is_integer, types.is_floating, types.is_string, types.is_large_string)
    return any(is_(kind) for is_ in (*plain, types.is_null))


def _cells(file: Any, schema: Any, column: str, pa: Any) -> Iterator[Cell]:
    """The images' keys: their paths where the table has them, else row numbers with a fitting extension."""
    total = file.metadata.num_rows
    struct = pa.types.is_struct(schema.field(column).type)
    paths: list[str | None] = [None] * total
    if struct and total:
        found = file.read(columns=[f"{column}.path"], use_threads=False).column(column)
        paths = [value and value.get("path") for value in found.to_pylist()]
    if all(path and kind_of(_safe(path)) for path in paths):
        yield from (Cell(row, _safe(path or "")) for row, path in enumerate(paths))
        return
    row = 0
    for batch in file.iter_batches(_READ_BATCH, columns=[column], use_threads=False):
        for value in batch.column(0).to_pylist():
            data = (value or {}).get("bytes") if struct else value
            yield Cell(row, _key(row, paths[row], data or b""), len(data or b""))
            row += 1


def _key(row: int, path: str | None, data: bytes) -> str:
    name = _safe(path) if path else f"{row:06d}"
    if kind_of(name) is not None:
        return name
    kind = kind_by_bytes(data[:_HEAD])
    if kind in FORMATS:
        return f"{name}{extension(kind)}"
    return f"{name}{_FURTHER.get(kind or '', '.png')}"  # others are refused when they are opened


def _safe(path: str) -> str:
    """The path as key; its last name alone where it leads out."""
    path = unicodedata.normalize("NFC", path.replace("\0", ""))
    parts = [part for part in path.split("/") if part not in ("", ".")]
    return parts[-1] if leaves(path) and parts else "/".join(parts)
