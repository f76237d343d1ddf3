"""Objects as JSON values, for the rows of the manifest, and back.

Coordinates are rounded to 6 decimals: an error of 5e-7 pixels, which is 5e-7 / W of a frame W pixels wide and
so below the sixth digit of formats that write shares of the frame. Labels that must come back to the last
bit, because no step touched them, are written with `digits=None`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from augcli.labels import rle
from augcli.labels.raster import tight
from augcli.objects import Bitmap, Bounds, Evidence, Objects, Outline, Part, Points, Ring, Thing

Plain = dict[str, Any]


def to_plain(objects: Objects, digits: int | None = 6) -> list[Plain]:
    """Each object as JSON values; what has its default value is left out.

    category    class name
    bbox        [x0, y0, x1, y1] of what is there, in pixels; absent where nothing is
    kind        box, rotated, polygon or bitmap
    parts       [[[x, y, x, y, ...] outer ring, holes ...], ...]; absent for a box that is its `bbox`
    rle         {"size": [height, width], "at": [x, y], "counts": COCO's compressed string} of a bitmap's crop
    keypoints   [x, y, visibility, ...]
    visible     share of the original object, absent when 1
    id, crowd, extra
    """
    rows = []
    found = _Numbers(digits)
    told = zip(objects.category, objects.bounds, objects.evidence, objects.keypoints, strict=True)
    more = zip(objects.visible, objects.id, objects.crowd, objects.extra, strict=True)
    for (category, box, evidence, keypoints), (visible, id_, crowd, extra) in zip(told, more, strict=True):
        plain: Plain = {"category": category}
        if box is not None:
            found.later(plain, "bbox", box)
        _evidence_plain(plain, evidence, box, found)
        if keypoints is not None:
            found.later(plain, "keypoints", keypoints.ravel().tolist())
        if visible != 1.0:
            plain["visible"] = visible if digits is None else round(visible, digits)
        if id_ is not None:
            plain["id"] = id_
        if crowd:
            plain["crowd"] = True
        if extra:
            plain["extra"] = dict(extra)
        rows.append(plain)
    found.fill()
    return rows


@dataclass
class _Numbers:
    """Coordinates of all objects of an image, to be rounded together."""

    digits: int | None
    flat: list[float] = field(default_factory=list)
    places: list[tuple[Any, Any, int]] = field(default_factory=list)

    def later(self, into: Any, key: Any, values: Sequence[float]) -> None:
        """`into[key]` is to become the list of these."""
        into[key] = values
        self.places.append((into, key, len(values)))
        self.flat += values

    def fill(self) -> None:
        """Put them there; whole numbers stand without their point."""
        numbers: list[float | int]
        if self.digits is None:
            numbers = [int(value) if value.is_integer() else value for value in self.flat]
        else:  # in plain Python: for so few, numpy takes as long before it begins
            scale = 10**self.digits
            parts = [round(value * scale) for value in self.flat]
            numbers = [part / scale if part % scale else part // scale for part in parts]
        at = 0
        for into, key, count in self.places:
            into[key] = numbers[at : at + count]
            at += count


def from_plain(plain: Mapping[str, Any]) -> Thing:
    """The object again. Raises ValueError or KeyError for what `to_plain` never makes."""
    keypoints: Points | None = None
    if "keypoints" in plain:
        keypoints = np.array(plain["keypoints"], dtype=np.float64).reshape(-1, 3)
    return Thing(
        plain["category"],
        _evidence(plain),
        keypoints,
        float(plain.get("visible", 1.0)),
        plain.get("id"),
        bool(plain.get("crowd", False)),
        dict(plain.get("extra", {})),
    )


def _evidence_plain(plain: Plain, evidence: Evidence, box: Bounds | None, numbers: _Numbers) -> None:
    """Add what is there to the object's values."""
    if isinstance(evidence, Bitmap):
        found = tight(evidence)
        counts = rle.pack(rle.encode(found.mask))
        plain["kind"] = "bitmap"
        plain["rle"] = {"size": list(found.mask.shape), "at": [found.x, found.y], "counts": counts}
        return
    plain["kind"] = evidence.kind
    rings = [[ring.ravel().tolist() for ring in part] for part in evidence.parts]
    if evidence.kind == "box" and box is not None and _is_box(rings, box):
        return
    plain["parts"] = rings
    for part in rings:
        for number, values in enumerate(part):
            numbers.later(part, number, values)


def _is_box(rings: list[list[list[float]]], box: Bounds) -> bool:
    """Whether these are the four corners of the box, in whatever order."""
    if len(rings) != 1 or len(rings[0]) != 1 or len(rings[0][0]) != 8:
        return False
    corners = rings[0][0]
    if corners[0] != corners[2] and corners[1] != corners[3]:
        return False
    (xs, ys), (x0, y0, x1, y1) = (corners[0::2], corners[1::2]), box
    if not all(x in (x0, x1) for x in xs) or not all(y in (y0, y1) for y in ys):
        return False
    return set(zip(xs, ys, strict=True)) == {(x0, y0), (x1, y0), (x1, y1), (x0, y1)}


def _evidence(plain: Mapping[str, Any]) -> Evidence:
    if plain["kind"] == "bitmap":
        run = plain["rle"]
        height, width = run["size"]
        x, y = run["at"]
        return Bitmap(rle.decode(rle.unpack(run["counts"]), (height, width)), x, y)
    if "parts" not in plain:
        return Outline.box(*plain["bbox"])
    return Outline(tuple(_part(rings) for rings in plain["parts"]), plain["kind"])


def _part(rings: Sequence[Sequence[float]]) -> Part:
    made: list[Ring] = [np.array(ring, dtype=np.float64).reshape(-1, 2) for ring in rings]
    return tuple(made)
