"""The annotations of one image as objects; runs in the worker, on what listing has checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from augcli.formats.coco import figures
from augcli.formats.contract import ImageLabels
from augcli.labels import rle
from augcli.labels.raster import area, tight
from augcli.objects import Bitmap, Bounds, Evidence, Objects, Outline, Points
from augcli.sample import Category

OWN = frozenset(
    {"id", "image_id", "category_id", "segmentation", "bbox", "area", "iscrowd", "keypoints", "num_keypoints"}
)
"""Fields that are made anew for every output; all others are carried over."""


def opened(packed: bytes, categories: Sequence[Category]) -> ImageLabels:
    """The objects of `Entry.labels`."""
    if not packed:
        return ImageLabels(Objects())
    values = msgspec.json.decode(packed)
    names = {category.id: category.name for category in categories}
    found = values["annotations"]
    shapes = evidence_of(found)
    points = [_points(annotation) for annotation in found]
    objects = Objects(
        tuple(names[annotation["category_id"]] for annotation in found),
        tuple(shapes),
        tuple(points),
        (1.0,) * len(found),
        tuple(annotation.get("id") for annotation in found),
        tuple(bool(annotation.get("iscrowd")) for annotation in found),
        tuple(map(_extra, found, shapes, points)),
    )
    size = values["size"]
    return ImageLabels(objects, (size[0], size[1]) if size else None)


def _points(annotation: Mapping[str, Any]) -> Points | None:
    flat = annotation.get("keypoints")
    if not flat:
        return None
    points = np.array(flat, dtype=np.float64).reshape(-1, 3)
    points[:, :2] += np.where(points[:, 2:] > 0, 0.5, 0.0)
    return points


def _extra(annotation: Mapping[str, Any], evidence: Evidence, points: Points | None) -> dict[str, Any]:
    more = annotation.keys() - OWN
    extra = {name: value for name, value in annotation.items() if name in more} if more else {}
    told = _told(annotation, evidence, points)
    if told:
        extra[figures.ORIGINAL] = told
    return extra


def evidence_of(annotations: Sequence[Mapping[str, Any]]) -> list[Evidence]:
    """Of each record the mask, else the polygons, else the box, else the box around the keypoints' pixels."""
    shapes = [_shape(annotation) for annotation in annotations]
    edges = [_edges(one) for one, shape in zip(annotations, shapes, strict=True) if shape is None]
    boxes = iter(Outline.boxes(edges))
    return [next(boxes) if shape is None else shape for shape in shapes]


def _shape(annotation: Mapping[str, Any]) -> Evidence | None:
    shape = annotation.get("segmentation")
    if isinstance(shape, dict):
        counts = shape["counts"]
        height, width = shape["size"]
        runs = rle.unpack(counts) if isinstance(counts, str) else counts
        return tight(Bitmap(rle.decode(runs, (height, width))))
    if shape and shape != [[]]:
        return Outline(tuple((np.array(ring, dtype=np.float64).reshape(-1, 2),) for ring in shape))
    return None


def _edges(annotation: Mapping[str, Any]) -> tuple[float, float, float, float]:
    """x0, y0, x1, y1 of the box."""
    box = annotation.get("bbox")
    if box:
        x, y, width, height = box
        return x, y, x + width, y + height
    points = np.array(annotation["keypoints"], dtype=np.float64).reshape(-1, 3)
    places = points[points[:, 2] > 0, :2]
    (x0, y0), (x1, y1) = places.min(axis=0).tolist(), places.max(axis=0).tolist()
    return max(x0, 0.0), max(y0, 0.0), x1 + 1, y1 + 1


def _told(annotation: Mapping[str, Any], evidence: Evidence, points: Points | None) -> dict[str, Any]:
    """What the file says that would not be written again from the evidence."""
    box = evidence.bounds
    assert box is not None  # listing leaves out what is empty
    told: dict[str, Any] = {}
    if annotation.get("bbox") and annotation["bbox"] != figures.sides(box):
        told["bbox"] = annotation["bbox"]
    if annotation.get("area") is not None and annotation["area"] != figures.rounded(_area(evidence, box)):
        told["area"] = annotation["area"]
    if points is not None and annotation["keypoints"] != figures.keypoints(points.ravel().tolist()):
        told["keypoints"] = annotation["keypoints"]
    shape = annotation.get("segmentation")
    if isinstance(shape, dict) and not isinstance(shape["counts"], str):
        told["segmentation"] = "counts"
    return told | {"bounds": list(box)} if told else told


def _area(evidence: Evidence, box: Bounds) -> float:
    if isinstance(evidence, Outline) and evidence.kind == "box":  # as its writer does
        x0, y0, x1, y1 = box
        return (x1 - x0) * (y1 - y0)
    if isinstance(evidence, Outline) and len(evidence.parts) == 1:
        return figures.ring_area(evidence.parts[0][0].ravel().tolist())
    return area(evidence)
