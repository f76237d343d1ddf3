"""The LabelMe file of one output.

What has holes or is made of pixels is written as a mask, because a polygon of LabelMe has none.
"""

from __future__ import annotations

import base64
import io
import json
import posixpath
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from PIL import Image as PillowImage

from augcli.formats.beside import stem
from augcli.formats.contract import LabelFile, Output, aside
from augcli.formats.labelme.shapes import DEFAULTS, HIDDEN, OCCLUDED, OWN, SHAPE_OWN, SIDES
from augcli.labels import bitmap_of
from augcli.objects import Bitmap, Evidence, Outline, Points, Ring
from augcli.sample import Dataset

VERSION = "5.5.0"
"""The version of LabelMe that files of other formats are written for."""

_FOREIGN = ("group_id", "description", "flags")
_TYPE = "shape_type"
_KINDS: Mapping[str, Any] = {"group_id": int | None, "description": str | None, "flags": dict | None}

Shape = dict[str, Any]


def label_files(dataset: Dataset, output: Output) -> tuple[LabelFile, ...]:
    """One JSON file, beside the image."""
    fields = dict(output.extra) if dataset.format == "labelme" else aside(output.extra, OWN)
    document = {
        "version": fields.pop("version", VERSION),
        "flags": fields.pop("flags", {}),
        "shapes": list(shapes(dataset, output)),
        "imagePath": posixpath.basename(output.path),
        "imageData": None,
        "imageHeight": output.size[1],
        "imageWidth": output.size[0],
    }
    text = json.dumps({**fields, **document}, indent=2, allow_nan=False)
    return (LabelFile("labels", f"{stem(output.path)}.json", text.encode("ascii") + b"\n"),)


def shapes(dataset: Dataset, output: Output) -> Iterator[Shape]:
    """The shapes of all objects: parts and keypoints of one share a group by which they find together."""
    names = {one.name: one.keypoints for one in dataset.categories}
    objects = output.objects
    usual = dataset.info["usual"] if dataset.format == "labelme" else _FOREIGN
    empty = {name: DEFAULTS[name] for name in usual}
    groups = _Groups([extra.get("group_id") for extra in objects.extra])
    for index, category in enumerate(objects.category):
        extra = empty | aside(objects.extra[index], _unfit(objects.extra[index]))
        kind = extra.pop(_TYPE, None)
        keypoints = list(_keypoints(objects.keypoints[index], names.get(category, ())))
        if kind == "point" and objects.keypoints[index] is not None:
            for _, point, hidden in keypoints:
                yield _shape(category, [point], "point", _flagged(extra, hidden))
            continue
        made = list(_regions(objects.evidence[index], output.boxes[index], output.size, kind))
        polygon = made[0][1] == "polygon" if made else False
        if len(made) > 1 or keypoints or extra.get("group_id") is not None:
            extra["group_id"] = groups.of(category, extra, polygon=polygon, pointed=bool(keypoints))
        for points, form, mask in made:
            yield _shape(category, points, form, extra) | ({"mask": mask} if mask else {})
        for name, point, hidden in keypoints:
            plain = {**empty, "group_id": extra["group_id"]}
            yield _shape(name, [point], "point", _flagged(plain, hidden))


def _unfit(extra: Mapping[str, Any]) -> set[str]:
    """Names of fields of other formats that would mean something else in a shape."""
    return {
        name
        for name, value in extra.items()
        if name in SHAPE_OWN or not isinstance(value, _KINDS.get(name, object))
    }


class _Groups:
    """Groups that a reader will take as they are meant (`shapes.joined`): an object keeps its own, unless it
    has keypoints and another is in the group, or another polygon that is alike in all else.

    An output may hold an object twice, or those of several pictures.
    """

    def __init__(self, used: Sequence[object]) -> None:
        self._next = max([0, *(group for group in used if isinstance(group, int))]) + 1
        self._counts = Counter(map(repr, used))
        self._polygons: dict[tuple[str, str], Mapping[str, Any]] = {}

    def of(self, label: str, extra: Mapping[str, Any], *, polygon: bool, pointed: bool) -> object:
        group = extra.get("group_id")
        key = (label, repr(group))
        joined = polygon and self._polygons.get(key) == extra
        if polygon:
            self._polygons.setdefault(key, dict(extra))
        if group is None or joined or (pointed and self._counts[repr(group)] > 1):
            group, self._next = self._next, self._next + 1
        return group


def _shape(label: str, points: list[list[float]], kind: str, extra: Mapping[str, Any]) -> Shape:
    return {"label": label, "points": points, **extra, _TYPE: kind}


def _flagged(extra: Mapping[str, Any], hidden: bool) -> Mapping[str, Any]:
    flags = dict(extra.get("flags") or {})
    if hidden == (flags.get(OCCLUDED) is True):
        return extra
    flags.pop(OCCLUDED, None)
    return {**extra, "flags": {**flags, **({OCCLUDED: True} if hidden else {})}}


def _keypoints(points: Points | None, names: Sequence[str]) -> Iterator[tuple[str, list[float], bool]]:
    """(name, [x, y], hidden) of each that is labelled."""
    if points is None:
        return
    for number, (x, y, visible) in enumerate(points.tolist()):
        if visible:
            yield names[number] if number < len(names) else str(number), [x, y], visible == HIDDEN


def _regions(
    evidence: Evidence, box: Sequence[float], size: tuple[int, int], kind: str | None
) -> Iterator[tuple[list[list[float]], str, str | None]]:
    """(points, shape type, pixels of a mask) of each shape that the object is written as."""
    if isinstance(evidence, Outline) and evidence.kind == "box":
        yield [list(box[:2]), list(box[2:])], "rectangle", None
    elif isinstance(evidence, Outline) and all(len(part) == 1 for part in evidence.parts):
        for (ring,) in evidence.parts:
            circle = _circle(ring) if kind == "circle" and len(evidence.parts) == 1 else None
            yield (circle, "circle", None) if circle else (ring.tolist(), "polygon", None)
    else:
        bitmap = bitmap_of(evidence, size)
        if bitmap.mask.size:
            rows, columns = bitmap.mask.shape
            last = [float(bitmap.x + columns - 1), float(bitmap.y + rows - 1)]
            yield [[float(bitmap.x), float(bitmap.y)], last], "mask", _png(bitmap)


def _circle(ring: Ring) -> list[list[float]] | None:
    """[centre, first point] where the polygon of a circle still is round."""
    if len(ring) != SIDES:
        return None
    centre = (ring[0] + ring[SIDES // 2]) / 2.0
    radii = np.hypot(*(ring - centre).T)
    if np.ptp(radii) > 1e-6 * radii[0]:
        return None
    return [[round(side, 9) for side in centre.tolist()], ring[0].tolist()]


def _png(bitmap: Bitmap) -> str:
    """The pixels, 0 and 1, as LabelMe keeps them."""
    file = io.BytesIO()
    PillowImage.fromarray(bitmap.mask.astype(np.uint8)).save(file, "PNG", compress_level=6)
    return base64.b64encode(file.getvalue()).decode("ascii")
