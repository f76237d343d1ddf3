"""The column `objects` of tables of images: boxes, as detection datasets on the Hugging Face Hub have them.

    {"bbox": [[x, y, width, height], ...], "categories": [name or number, ...]}

in pixels, as COCO has them; `category` stands for `categories` just as often, and a list of one record per
object for the lists. `iscrowd` is read too; further lists, one value per object, are carried over, in which
null stands for nothing said. Where rows
have `width` and `height` they declare the size of the picture. Knows no files.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from augcli.errors import Problem
from augcli.formats.columns import SPATIAL
from augcli.formats.contract import OF_OBJECTS, aside
from augcli.formats.invalid import Judge
from augcli.formats.rows import Row
from augcli.sample import Category, Dataset, Entry

if TYPE_CHECKING:
    from augcli.formats.contract import ImageLabels

COLUMN = "objects"
HOLDS = frozenset({"boxes", "crowd", "attributes"})

_NAMES = ("categories", "category")
_CROWD = "iscrowd"
WEIGHT = "weight"
"""Extra column that an average of images gives its objects (`ops.mixing`)."""

_MADE_ANEW = frozenset({"id", "bbox_id", "area"})
"""Further lists that are not carried over: they would be wrong of a copy, or follow from the boxes."""

_OWN = frozenset({"bbox", *_NAMES, _CROWD, *_MADE_ANEW})

_SIZE = ("width", "height")


@dataclass
class Objects:
    """What the column of all rows says.

    rows        without the column, where it was understood
    labels      of each row, packed for `opened`; b"" where it has no objects
    present     names of its categories, sorted
    categories  of all, () where no row has the column
    attributes  names of the further lists
    info        for `Dataset.info`: how it was written
    """

    rows: list[Row] = field(default_factory=list)
    labels: list[bytes] = field(default_factory=list)
    present: list[tuple[str, ...]] = field(default_factory=list)
    categories: tuple[Category, ...] = ()
    attributes: tuple[str, ...] = ()
    info: dict[str, Any] = field(default_factory=dict)
    holds: frozenset[str] = frozenset()


def read_objects(rows: Sequence[Row], judge: Judge, names: Sequence[str] = ()) -> Objects:
    """Take the column out of the rows; what is wrong is told to `judge`.

    names   of the category numbers, where the dataset says them
    Rows of text, as CSV has them, are left as they are.
    """
    if not any(COLUMN in row.values and not row.text for row in rows):
        return Objects(list(rows), [b""] * len(rows), [()] * len(rows))
    found = Objects()
    numbers: dict[str, int | None] = dict.fromkeys(names)
    keys: dict[str, None] = {}
    sized = all(_sized(row.values) for row in rows)
    for row in rows:
        size = tuple(row.values[side] for side in _SIZE) if sized else None
        things = list(_things(row, size, judge, names, numbers, keys))
        found.rows.append(replace(row, values={k: v for k, v in row.values.items() if k != COLUMN}))
        packed = json.dumps({"size": size, "objects": things}) if things else ""
        found.labels.append(packed.encode())
        found.present.append(tuple(sorted({thing[0] for thing in things})))
    if any(number is None for number in numbers.values()) and any(n is not None for n in numbers.values()):
        where = next(row.where for row in rows if COLUMN in row.values)
        judge.problems.append(Problem(where, "some categories are numbers and some are names"))
    numeric = not names and all(number is not None for number in numbers.values())
    if not numeric:  # in their own order, or sorted
        numbers = {name: at for at, name in enumerate(names or sorted(numbers, key=str.encode), 1)}
    found.categories = tuple(
        sorted((Category(n, number or 0) for n, number in numbers.items()), key=lambda c: c.id)
    )
    name = next((name for name in _NAMES if name in keys), _NAMES[0])
    crowd = {"crowd"} if _CROWD in keys else set()
    found.holds = frozenset({"boxes"} | crowd)
    found.attributes = tuple(key for key in keys if key not in _OWN)
    found.info = {COLUMN: {"category": name, "numeric": numeric, "sized": sized}}
    return found


def _sized(values: Mapping[str, Any]) -> bool:
    return all(type(values.get(side)) is int and values[side] > 0 for side in _SIZE)


def _things(
    row: Row,
    size: Any,
    judge: Judge,
    names: Sequence[str],
    numbers: dict[str, int | None],
    keys: dict[str, None],
) -> Iterator[list[Any]]:
    """[category, edges, crowd, further values] of each valid object of a row."""
    try:
        records = list(_records(row.values.get(COLUMN)))
        keys |= dict.fromkeys(key for record in records for key in record)
        if strange := SPATIAL & keys.keys() - {"bbox"}:
            what = f"the column {COLUMN!r} holds {min(strange)!r}, which is not read yet"
            judge.problems.append(Problem(row.where, what, "coco holds outlines and keypoints"))
            return
    except ValueError as error:
        judge.invalid(row.where, f"the column {COLUMN!r} {error}")
        return
    for number, record in enumerate(records, 1):
        where = f"{row.where}: object {number}"
        name = next((record[key] for key in _NAMES if key in record), None)
        box = record.get("bbox")
        known = (isinstance(name, str) and name != "") or (type(name) is int and name >= 0)
        if type(name) is int and names:
            known = 0 <= name < len(names)
        if not known:
            judge.invalid(where, f"{name!r:.40} is no category")
        elif not isinstance(box, list) or len(box) != 4 or not all(type(v) in (int, float) for v in box):
            judge.invalid(where, f"{box!r:.60} is no box [x, y, width, height]")
        else:
            x, y, width, height = box
            edges = judge.box((x, y, x + width, y + height), size, where)
            if edges is not None:
                shown = names[name] if names and isinstance(name, int) else str(name)
                numbers.setdefault(shown, name if isinstance(name, int) else None)
                further = {k: v for k, v in record.items() if k not in _OWN and v is not None}
                yield [shown, edges, bool(record.get(_CROWD)), further]


def _records(value: object) -> Iterator[dict[str, Any]]:
    """One record per object, whichever way round the column has them. Raises ValueError."""
    if value is None or value == {}:
        return
    if isinstance(value, list) and all(isinstance(record, dict) for record in value):
        yield from value
        return
    if not isinstance(value, dict) or not all(isinstance(each, list) for each in value.values()):
        raise ValueError("is no object of lists, such as bbox and categories")
    lengths = {key: len(each) for key, each in value.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"has lists of several lengths: {lengths}")
    for values in zip(*value.values(), strict=True):
        yield dict(zip(value, values, strict=True))


def opened(entry: Entry) -> ImageLabels:
    """The objects of `Entry.labels`; in the worker."""
    from augcli import objects
    from augcli.formats.contract import ImageLabels

    if not entry.labels:
        return ImageLabels(objects.NOTHING)
    packed = json.loads(entry.labels)
    outlines = objects.Outline.boxes([edges for _, edges, _, _ in packed["objects"]])
    things = [
        objects.Thing(name, outline, crowd=crowd, extra=further)
        for (name, _, crowd, further), outline in zip(packed["objects"], outlines, strict=True)
    ]
    return ImageLabels(objects.Objects.of(things), tuple(packed["size"]) if packed["size"] else None)


def written(dataset: Dataset, row: Mapping[str, Any], *, weights: bool = False) -> dict[str, Any]:
    """The column of a row of the manifest, as lists; {} where the dataset has no objects.

    weights   write the share that each object has of an averaged image

    Edges are floats everywhere, because readers take the type of a column from what they see first.
    """
    if not dataset.holds & OF_OBJECTS:
        return {}
    form = dataset.info.get(COLUMN, {"category": _NAMES[0], "numeric": False, "sized": False})
    things = row["labels"].get("objects", [])
    column: dict[str, list[Any]] = {"bbox": [_bbox(thing["bbox"]) for thing in things]}
    column[form["category"]] = [
        int(thing["category"]) if form["numeric"] else thing["category"] for thing in things
    ]
    if "crowd" in dataset.holds:
        column[_CROWD] = [int(thing.get("crowd", False)) for thing in things]
    further = [thing.get("extra", {}) for thing in things]
    if weights and WEIGHT not in dataset.attributes:
        column[WEIGHT] = [values.get(WEIGHT, 1.0) for values in further]
    names = aside(dict(zip(dataset.attributes, dataset.attributes, strict=True)), _OWN | SPATIAL)
    column |= {shown: [values.get(name) for values in further] for shown, name in names.items()}
    size = dict(zip(_SIZE, row["size"], strict=True)) if form["sized"] else {}
    return {**size, COLUMN: column}


def _bbox(edges: Sequence[float]) -> list[float]:
    x0, y0, x1, y1 = edges
    return [float(x0), float(y0), round(float(x1 - x0), _DIGITS), round(float(y1 - y0), _DIGITS)]


_DIGITS = 9
"""Decimals that survive the way from width and height to edges and back in double precision."""
