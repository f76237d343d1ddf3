"""The shapes of a LabelMe file: judged one by one, joined by their groups, ready to be packed.

    polygon    points of the line                rectangle  two opposite corners (or all four)
    circle     centre, a point of the line       point      one point
    mask       corners of its bounds, a PNG of its pixels as base64

Points are (x, y) in pixels, pixel i covering [i, i+1). Lines have no area and cannot be kept. Shapes with one
`group_id` belong together: polygons of one label are parts of one object, and points with one other shape are
its keypoints. A point may carry the flag `occluded`: it is hidden. Knows neither files nor arrays.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from augcli.formats.invalid import Judge

Size = tuple[int, int] | None

SIDES = 64
"""Sides of the polygon that a circle moves as; its first point is that of the label."""

OCCLUDED = "occluded"
HIDDEN, SEEN = 1, 2

_PNG = b"\x89PNG\r\n\x1a\n"
OWN = ("shapes", "imagePath", "imageData", "imageHeight", "imageWidth")
SHAPE_OWN = ("label", "points", "mask")
"""Fields with a meaning, of a file and of a shape; all others are carried over."""

DEFAULTS: Mapping[str, Any] = {"group_id": None, "description": "", "flags": {}, "mask": None}
"""Fields that LabelMe writes for every shape, with what they say when they say nothing."""
_LINES = ("line", "linestrip", "points")


@dataclass(frozen=True)
class Shape:
    """One object.

    kind       box [x0, y0, x1, y1]; polygon and circle [[x, y, x, y, ...], ...]; point [x, y];
               mask [x, y, base64 of a PNG]
    extra      all other fields of the shape that say something
    keypoints  name -> [x, y, visibility]
    """

    label: str
    kind: str
    data: Sequence[Any]
    extra: Mapping[str, Any] = field(default_factory=dict)
    keypoints: Mapping[str, Sequence[float]] = field(default_factory=dict)


def judged(value: object, size: Size, where: str, judge: Judge) -> Shape | None:
    """The shape of a JSON value, or None for one that is left out."""
    try:
        if not isinstance(value, dict):
            raise ValueError("is no JSON object")
        label = value.get("label")
        if not isinstance(label, str) or not label:
            raise ValueError("has no label")
        kind = value.get("shape_type") or "polygon"
        found = _data(kind, value, _points(value.get("points")), size, where, judge)
    except ValueError as error:
        judge.invalid(where, str(error))
        return None
    if found is None:
        return None
    extra = {
        name: one
        for name, one in value.items()
        if name not in (*SHAPE_OWN, "shape_type") and not (name in DEFAULTS and one == DEFAULTS[name])
    }
    return Shape(label, *found, extra)


def _points(value: object) -> list[tuple[float, float]]:
    """Raises ValueError."""
    if not isinstance(value, list):
        raise ValueError("has no list of points")
    points = []
    for point in value:
        if not isinstance(point, list) or len(point) != 2 or not all(map(_is_number, point)):
            raise ValueError(f"has a point that is no pair of numbers: {str(point)[:40]}")
        points.append((float(point[0]), float(point[1])))
    return points


def _is_number(value: object) -> bool:
    return isinstance(value, float) or (
        isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1e15
    )


def _data(
    kind: object,
    value: Mapping[str, Any],
    points: list[tuple[float, float]],
    size: Size,
    where: str,
    judge: Judge,
) -> tuple[str, Sequence[Any]] | None:
    """(kind, data) of what is kept; None where the judge leaves it out. Raises ValueError."""
    if kind == "polygon" or (kind == "rectangle" and len(points) == 4 and not _upright(points)):
        rings = judge.rings([[side for point in points for side in point]], size, where)
        return None if rings is None else ("polygon", [list(ring) for ring in rings])
    if kind == "rectangle":
        if len(points) not in (2, 4):
            raise ValueError(f"a rectangle of {len(points)} points; 2 opposite corners were expected")
        xs, ys = [x for x, _ in points], [y for _, y in points]
        box = judge.box((min(xs), min(ys), max(xs), max(ys)), size, where)
        return None if box is None else ("box", list(box))
    if kind == "circle":
        return "circle", [_circle(points, size)]
    if kind == "point":
        if len(points) != 1:
            raise ValueError(f"a point of {len(points)} points")
        kept = judge.points([(*points[0], SEEN)], size, where)
        return ("point", list(kept[0][:2])) if kept and kept[0][2] else None
    if kind == "mask":
        x, y, width, height = _mask(value.get("mask"), points)
        inside = judge.box((x, y, x + width, y + height), size, where)
        return None if inside is None else ("mask", [x, y, value["mask"]])
    text = "have no area" if kind in _LINES else "are not known"
    raise ValueError(f"shapes of type {str(kind)[:40]!r} {text} and cannot be kept")


def _upright(points: Sequence[tuple[float, float]]) -> bool:
    """Whether four corners are those of an upright rectangle."""
    return len({x for x, _ in points}) == 2 == len({y for _, y in points})


def _circle(points: Sequence[tuple[float, float]], size: Size) -> list[float]:
    """The polygon. A circle may leave the image: its centre is what was set. Raises ValueError."""
    if len(points) != 2:
        raise ValueError(f"a circle of {len(points)} points; its centre and a point of it were expected")
    (x, y), (edge_x, edge_y) = points
    radius = math.hypot(edge_x - x, edge_y - y)
    if not 0 < radius < 1e9:
        raise ValueError("a circle without area")
    width, height = size or (math.inf, math.inf)
    if x + radius <= 0 or y + radius <= 0 or x - radius >= width or y - radius >= height:
        raise ValueError("a circle outside the image")
    begin = math.atan2(edge_y - y, edge_x - x)
    ring = [edge_x, edge_y]
    for step in range(1, SIDES):
        angle = begin + math.tau * step / SIDES
        ring += [x + radius * math.cos(angle), y + radius * math.sin(angle)]
    return ring


def _mask(text: object, points: Sequence[tuple[float, float]]) -> tuple[int, int, int, int]:
    """(x, y, width, height) from the first corner and the PNG's own header. Raises ValueError."""
    if not points or not isinstance(text, str):
        raise ValueError("a mask without its corners or its pixels")
    try:
        head = base64.b64decode(text[:44], validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("a mask whose pixels are no base64") from None
    if not head.startswith(_PNG) or len(head) < 24:
        raise ValueError("a mask whose pixels are no PNG")
    x, y = points[0]
    return round(x), round(y), int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")


def joined(shapes: Sequence[Shape]) -> list[Shape]:
    """The objects: shapes of one group become parts or keypoints of one, where it is clear of which."""
    objects: list[Shape] = []
    polygons: dict[tuple[str, str], int] = {}
    for shape in shapes:
        group = _group(shape)
        at = polygons.get((shape.label, group)) if shape.kind == "polygon" and group else None
        if at is not None and objects[at].extra == shape.extra:
            objects[at] = replace(objects[at], data=[*objects[at].data, *shape.data])
            continue
        if shape.kind == "polygon" and group:
            polygons.setdefault((shape.label, group), len(objects))
        objects.append(shape)
    return _with_keypoints(objects)


def _with_keypoints(shapes: list[Shape]) -> list[Shape]:
    groups: dict[str, list[Shape]] = {}
    for shape in shapes:
        if group := _group(shape):
            groups.setdefault(group, []).append(shape)
    owners: dict[int, Shape] = {}
    gone: set[int] = set()
    for members in groups.values():
        points = [shape for shape in members if shape.kind == "point"]
        others = [shape for shape in members if shape.kind != "point"]
        names = {shape.label for shape in points}
        if len(others) == 1 and points and len(names) == len(points) and all(map(_is_bare, points)):
            found = {shape.label: [*shape.data, _visibility(shape)] for shape in points}
            owners[id(others[0])] = replace(others[0], keypoints=found)
            gone.update(map(id, points))
    kept = [owners.get(id(shape), shape) for shape in shapes if id(shape) not in gone]
    return [
        replace(shape, keypoints={shape.label: [*shape.data, _visibility(shape)]})
        if shape.kind == "point"
        else shape
        for shape in kept
    ]


def _group(shape: Shape) -> str:
    """The group as text, "" for none."""
    group = shape.extra.get("group_id")
    return "" if group is None else repr(group)


def _is_bare(point: Shape) -> bool:
    """Whether a point says nothing that a keypoint cannot hold."""
    flags = point.extra.get("flags") or {}
    return flags in ({}, {OCCLUDED: True}) and not any(
        value for name, value in point.extra.items() if name not in ("group_id", "flags")
    )


def _visibility(point: Shape) -> int:
    flags = point.extra.get("flags")
    return HIDDEN if isinstance(flags, dict) and flags.get(OCCLUDED) is True else SEEN
