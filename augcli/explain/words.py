"""What happened to one output, in sentences: values with their units, sources with their hashes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

import augcli.ops  # noqa: F401 - fills the registry
from augcli.geometry import mirrors
from augcli.ops.base import OPS, doc_of
from augcli.params import Length, Number, Param, params_of

Row = Mapping[str, Any]

WIDTH = 72
"""Characters of a list; the values of longer ones are counted, and stand whole in the JSON form."""

_REASONS = {
    "outside": "lies outside the frame",
    "visibility": "only {visible} of it is to be seen, and labels.min_visibility is {min_visibility:.4g}",
    "area": "its area is below labels.min_area, {min_area:.6g} pixels",
    "size": "its box is thinner than labels.min_size, {min_size:.6g} pixels",
}
"""Why an object was dropped; the reasons are those of `labels.finishing`."""


def told(row: Row, recipe: Row) -> Iterator[str]:
    """The row in words, line by line; `recipe` is that of run.json."""
    yield row["id"]
    if row["error"] is not None:
        yield f"  failed: {row['error']['text']} ({row['error']['code']})"
    for number, file in enumerate(row["files"]):
        what = file["kind"] if number else "output"
        size = "" if number else f", {row['size'][0]} x {row['size'][1]} pixels"
        yield f"  {what}: {file['path']}{size}, SHA-256 {file['sha256']}"
    yield f"  source: {_source(row, row['source'], row['source_sha256'])}"
    if "mask_sha256" in row:
        yield f"  its mask: SHA-256 {row['mask_sha256']}"
    if "tile" in row:
        yield f"  a tile of it: {_box(row['tile'])}"
    if row["group"] is not None:
        yield f"  group: {row['group']}"
    yield from _prepared(recipe)
    yield from _story(row)
    yield from _labels(row)
    for one in row["dropped"]:
        yield f"  dropped: {_dropped(one, recipe)}"
    for warning in row["warnings"]:
        yield f"  warning: {warning}"


def _source(row: Row, key: str, sha256: str | None) -> str:
    name = f"{row['split']}/{key}" if row["split"] else key
    return f"{name}, SHA-256 {sha256}" if sha256 else f"{name}, which could not be read"


def _prepared(recipe: Row) -> Iterator[str]:
    for step in recipe.get("prepare", ()):
        ((name, inside),) = step.items()
        values = {key: value for key, value in inside.items() if key != "id" and value is not None}
        yield f"  prepared: {name}: {_values(name, values)}"


def _story(row: Row) -> Iterator[str]:
    if row["status"] != "ok":
        return
    count = len(row["steps"])
    if not row["copy"]:
        yield "  the original: no step acts on it"
    else:
        yield f"  copy {row['copy']}: {count or 'no'} step{'' if count == 1 else 's'} happened"
    yield from _steps(row, row["steps"], row["partners"], "  ", set())


def _steps(
    row: Row, steps: Sequence[Row], partners: Sequence[Row], indent: str, seen: set[str]
) -> Iterator[str]:
    """The steps in their order, each with its partners and their own steps; `seen` ops are known by now."""
    inner = f"{indent}   "
    for number, step in enumerate(steps, 1):
        name = step["id"] if step["id"] == step["op"] else f"{step['id']} ({step['op']})"
        yield f"{indent}{number}. {name}{_does(step['op'], seen)}"
        yield from (f"{inner}{line}" for line in _acted(step))
        for partner in partners:
            if partner["step"] != step["id"]:
                continue
            if "sha256" not in partner:
                yield f"{inner}passed over: {partner['source']} ({partner.get('error', 'unusable')})"
                continue
            tile = f", its tile {_box(partner['tile'])}" if "tile" in partner else ""
            own = partner.get("steps", ())
            after = ", after these steps of its own:" if own else ""
            yield f"{inner}with {_source(row, partner['source'], partner['sha256'])}{tile}{after}"
            yield from _steps(row, own, partner.get("partners", ()), inner, seen)


def _does(op: str, seen: set[str]) -> str:
    """What an op does, where it was not said before."""
    if op in seen:
        return ""
    seen.add(op)
    return f": {doc_of(OPS[op])}" if op in OPS else ": an operation that this version does not know."


def _acted(step: Row) -> Iterator[str]:
    """What was drawn, and what that came to."""
    values = {key: value for key, value in step["drawn"].items() if value is not None}
    if values:
        yield f"drawn: {_values(step['op'], values)}"
    if step.get("resolved"):
        yield f"came to: {_values(step['op'], step['resolved'])}"
    if "size" in step and len(step.get("matrix", [[]])[0]) == 3:
        mirrored = "mirrored, " if mirrors(np.array(step["matrix"], dtype=np.float64)) else ""
        yield f"the picture is then {mirrored}{step['size'][0]} x {step['size'][1]} pixels"


def _values(op: str, values: Row) -> str:
    kinds = {param.name: param for param in params_of(OPS[op])} if op in OPS else {}
    named = (f"{name} {_value(name, value, kinds.get(name))}" for name, value in values.items())
    return ", ".join(named) or "as it is"


def _value(name: str, value: Any, parameter: Param | None) -> str:
    """A value with its unit, where the name does not say it."""
    kind = parameter.kind if parameter else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _text(value)
    unit = kind.unit if isinstance(kind, Number) else "pixels" if isinstance(kind, Length) else ""
    return f"{_text(value)} {unit}" if unit and unit != name else _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return "none" if value is None else "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, str):
        return value
    if not isinstance(value, list | dict):
        return str(value)
    text = json.dumps([_rounded(one) for one in value] if isinstance(value, list) else value)
    return text if len(text) <= WIDTH else f"({len(value)} values)"


def _rounded(value: Any) -> Any:
    """A number to six digits, alone or in a list."""
    if isinstance(value, list):
        return [float(f"{one:.6g}") if isinstance(one, float) else one for one in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value


def _labels(row: Row) -> Iterator[str]:
    labels = row["labels"]
    if labels["classes"]:
        shares = zip(labels["classes"], labels["weights"], strict=True)
        yield f"  classes: {', '.join(f'{name} {_share(weight)}' for name, weight in shares)}"
    if "objects" in labels:
        counts = Counter(one["category"] for one in labels["objects"])
        yield f"  objects: {', '.join(f'{n} {name}' for name, n in sorted(counts.items())) or 'none'}"
        for one in labels["objects"]:
            if one.get("visible", 1) < 1:
                yield f"    a {one['category']}: {_share(one['visible'])} of the original is to be seen"


def _dropped(one: Row, recipe: Row) -> str:
    rules = {"min_visibility": 0.0, "min_area": 0.0, "min_size": 1.0, **recipe.get("labels", {})}
    reason = str(one["reason"])
    text = _REASONS[reason].format(visible=_share(one["visible"]), **rules) if reason in _REASONS else reason
    number = "" if one["id"] is None else f" (id {one['id']})"
    return f"a {one['category']}{number}: {text}"


def _share(value: float) -> str:
    return f"{100 * value:.4g}%"


def _box(box: Sequence[int]) -> str:
    x0, y0, x1, y1 = box
    return f"columns {x0} to {x1}, rows {y0} to {y1}"
