"""Whether a line is a row of ours, and a text our run.json: a folder may come from anywhere.

What passes here has the types that readers rely on, and no path that leads out of the folder. Whether it is
true is another question, which `verify` asks.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Mapping
from typing import Any

from augcli.manifest.rows import decode_row, encode_row
from augcli.manifest.runfile import KEYS

LARGEST_LINE = 64 << 20
"""Bytes that a row may have."""

RESERVED = frozenset({"manifest.jsonl", "run.json"})
"""Files that no row may name as its own."""

_HEX = re.compile(r"[0-9a-f]{64}")
_LARGEST_AREA = 1 << 30
"""Pixels of a picture or of an object's bitmap; a row could name any number, and memory be taken for it."""

_LARGEST_NUMBER = 1e300
_DEEPEST = 8

Check = Callable[[Any], bool]


def judged_row(line: bytes) -> dict[str, Any]:
    """The row of a line of manifest.jsonl. Raises ValueError, in words, for what no run has written."""
    row = decode_row(line)
    try:
        canonical = encode_row(row) == line
    except (RecursionError, ValueError) as error:
        raise ValueError("holds a value that no row can hold") from error
    if not canonical:
        raise ValueError("is not written as rows are")
    _columns(row, _ROW)
    name = f"{row['split']}/{row['source']}" if row["split"] else row["source"]
    if row["id"] != f"{name}#{row['copy']}":
        raise ValueError("`id` is not that of split, source and copy")
    if (row["status"] == "ok") != (row["output"] is not None):
        raise ValueError("`output` and `status` contradict each other")
    if row["status"] == "ok" and not (row["files"] and row["files"][0]["path"] == row["output"]):
        raise ValueError("`files` does not begin with `output`")
    if row["status"] == "ok" and (row["size"] is None or row["error"] is not None):
        raise ValueError("lacks its `size`, or has an error")
    if row["status"] == "error" and row["error"] is None:
        raise ValueError("`error` is missing")
    return row


def judged_run(text: bytes) -> dict[str, Any]:
    """The contents of run.json. Raises ValueError, in words, for what no run has written."""
    run = decode_row(text)
    if set(run) != KEYS:
        raise ValueError("has other keys than that of a run")
    _columns(run, _RUN)
    return run


def safe(path: object) -> bool:
    """Whether this is the POSIX path of a file below a folder: neither absolute nor going up."""
    if not isinstance(path, str) or not path or "\0" in path:
        return False
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        return False
    return not {"", ".", ".."} & set(path.split("/"))


def _columns(values: Mapping[str, Any], checks: Mapping[str, Check]) -> None:
    for name, check in checks.items():
        if name not in values:
            raise ValueError(f"`{name}` is missing")
        if not check(values[name]):
            raise ValueError(f"`{name}` is not what it must be")


def _has(checks: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """An object with these keys, and with those that it may have; other keys are passed over."""

    def check(value: Any) -> bool:
        return (
            isinstance(value, dict)
            and all(name in value and is_(value[name]) for name, is_ in checks.items())
            and all(is_(value[name]) for name, is_ in (optional or {}).items() if name in value)
        )

    return check


def _all(is_: Check, least: int = 0, most: int | None = None) -> Check:
    def check(value: Any) -> bool:
        return (
            isinstance(value, list)
            and least <= len(value)
            and (most is None or len(value) <= most)
            and all(map(is_, value))
        )

    return check


def _or_none(is_: Check) -> Check:
    return lambda value: value is None or is_(value)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _object(value: Any) -> bool:
    return isinstance(value, dict)


def _whole(value: Any) -> bool:
    return type(value) is int and abs(value) < 1 << 63


def _number(value: Any) -> bool:
    """A number that is finite as a float."""
    return type(value) in (int, float) and abs(value) < _LARGEST_NUMBER and math.isfinite(value)


def _size(value: Any) -> bool:
    """Two sides in whole pixels of a picture that memory can hold."""
    return _all(_count, 2, 2)(value) and bool(0 < value[0] * value[1] <= _LARGEST_AREA)


def _digest(value: Any) -> bool:
    return isinstance(value, str) and _HEX.fullmatch(value) is not None


def _matrix(value: Any) -> bool:
    """3 x 3 of a move, or 3 x 4 of linear colour."""
    return _all(_all(_number), 3, 3)(value) and {len(row) for row in value} in ({3}, {4})


def _named(value: Any) -> bool:
    """A step as a recipe has it: its name with what stands inside."""
    return isinstance(value, dict) and len(value) == 1 and all(map(_object, value.values()))


def _count(value: Any) -> bool:
    return _whole(value) and bool(value >= 0)


def _owned(value: Any) -> bool:
    return safe(value) and value not in RESERVED


def _split(value: Any) -> bool:
    return value == "" or safe(value)


def _values(is_: Check) -> Check:
    return lambda value: isinstance(value, dict) and all(map(is_, value.values()))


def _ring(value: Any) -> bool:
    return _all(_number, 6)(value) and len(value) % 2 == 0


def _evidence(value: Any) -> bool:
    """Whether an object of a row says where it is in one of the three ways."""
    if value["kind"] == "bitmap":
        return _BITMAP(value)
    if "parts" in value:
        return _all(_all(_ring, 1))(value["parts"])
    return "bbox" in value


def _thing(value: Any) -> bool:
    return _THING(value) and _evidence(value)


def _partners(depth: int) -> Check:
    def check(value: Any) -> bool:
        if depth > _DEEPEST:
            return False
        optional = _PARTNER_MAY | {"partners": _partners(depth + 1)}
        return _all(_has({"step": _text, "slot": _count, "source": safe}, optional))(value)

    return check


_BOX = _all(_whole, 4, 4)

_STEP = _has(
    {"id": _text, "op": _text, "drawn": _object},
    {"matrix": _matrix, "size": _size, "resolved": _object},
)

_PARTNER_MAY: dict[str, Check] = {
    "sha256": _digest,
    "mask_sha256": _digest,
    "tile": _BOX,
    "error": _text,
    "steps": _all(_STEP),
}

_BITMAP = _has(
    {
        "rle": _has(
            {
                "size": lambda value: _all(_count, 2, 2)(value) and value[0] * value[1] <= _LARGEST_AREA,
                "at": _all(_whole, 2, 2),
                "counts": _text,
            }
        )
    }
)

_THING = _has(
    {"category": _text, "kind": lambda value: value in ("box", "rotated", "polygon", "bitmap")},
    {
        "bbox": _all(_number, 4, 4),
        "keypoints": lambda value: _all(_number)(value) and len(value) % 3 == 0,
        "visible": _number,
        "id": lambda value: _text(value) or _whole(value),
        "crowd": lambda value: isinstance(value, bool),
        "extra": _object,
    },
)

_LABELS = _has(
    {"label": _or_none(_text), "classes": _all(_text), "weights": _all(_number), "extra": _object},
    {"objects": _all(_thing)},
)

_DROPPED = _has(
    {
        "category": _text,
        "id": _or_none(lambda value: _text(value) or _whole(value)),
        "reason": _text,
        "visible": _number,
    }
)

_ROW: dict[str, Check] = {
    "id": _text,
    "status": lambda value: value in ("ok", "error", "skipped"),
    "split": _split,
    "source": safe,
    "source_sha256": _or_none(_digest),
    "group": _or_none(_text),
    "copy": _count,
    "output": _or_none(_owned),
    "files": _all(_has({"kind": _text, "path": _owned, "sha256": _digest, "bytes": _count})),
    "size": _or_none(_size),
    "labels": lambda value: _LABELS(value) and len(value["classes"]) == len(value["weights"]),
    "partners": _partners(1),
    "steps": _all(_STEP),
    "dropped": _all(_DROPPED),
    "warnings": _all(_text),
    "error": _or_none(_has({"code": _text, "text": _text})),
    "build": _text,
}

_RUN: dict[str, Check] = {
    "augment": _text,
    "environment": _values(_text),
    "recipe": _has(
        {"seed": _whole, "input": _object, "output": _has({"format": _text}), "steps": _all(_named)},
        {
            "prepare": _all(_named),
            "labels": _has(dict.fromkeys(("min_visibility", "min_area", "min_size"), _number)),
        },
    ),
    "inputs": _text,
    "dataset": _has({"format": _text}),
    "counts": _has({"outputs": _values(_values(_count)), "failures": _values(_count)}),
    "files": lambda value: (
        isinstance(value, dict)
        and all(safe(path) and _digest(sha256) for path, sha256 in value.items())
        and "manifest.jsonl" in value
        and "run.json" not in value
    ),
    "tree": _digest,
}
