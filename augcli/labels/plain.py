"""One object as JSON values, for the rows of the manifest, and back.

Coordinates are rounded to 6 decimals: an error of 5e-7 pixels, which is 5e-7 / W of a frame W pixels wide and
so below the sixth digit of formats that write shares of the frame. Labels that must come back to the last
bit, because no step touched them, are written with `digits=None`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from augcli.labels import rle
from augcli.labels.raster import bounds, tight
from augcli.objects import Bitmap, Evidence, Outline, Part, Points, Ring, Thing

Plain = dict[str, Any]


def to_plain(thing: Thing, digits: int | None = 6) -> Plain:
    """JSON values; what has its default value is left out.

    category    class name
    bbox        [x0, y0, x1, y1] of what is there, in pixels; absent where nothing is
    kind        box, rotated, polygon or bitmap
    parts       [[[x, y, x, y, ...] outer ring, holes ...], ...]; absent for a box that is its `bbox`
    rle         {"size": [height, width], "at": [x, y], "counts": COCO's compressed string} of a bitmap's crop
    keypoints   [x, y, visibility, ...]
    visible     share of the original object, absent when 1
    id, crowd, extra
    """
    plain: Plain = {"category": thing.category}
    box = bounds(thing.evidence)
    if box is not None:
        plain["bbox"] = _rounded(box, digits)
    plain |= _evidence_plain(thing.evidence, box, digits)
    if thing.keypoints is not None:
        plain["keypoints"] = _rounded(thing.keypoints.ravel().tolist(), digits)
    if thing.visible != 1.0:
        plain["visible"] = thing.visible if digits is None else round(thing.visible, digits)
    if thing.id is not None:
        plain["id"] = thing.id
    if thing.crowd:
        plain["crowd"] = True
    if thing.extra:
        plain["extra"] = dict(thing.extra)
    return plain


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


def _evidence_plain(
    evidence: Evidence, box: tuple[float, float, float, float] | None, digits: int | None
) -> Plain:
    if isinstance(evidence, Bitmap):
        found = tight(evidence)
        counts = rle.pack(rle.encode(found.mask))
        return {
            "kind": "bitmap",
            "rle": {"size": list(found.mask.shape), "at": [found.x, found.y], "counts": counts},
        }
    plain: Plain = {"kind": evidence.kind}
    if box is None or evidence.kind != "box" or not _is_box(evidence, box):
        plain["parts"] = [
            [_rounded(ring.ravel().tolist(), digits) for ring in part] for part in evidence.parts
        ]
    return plain


def _is_box(outline: Outline, box: tuple[float, float, float, float]) -> bool:
    """Whether the outline is the four corners of its bounds, in whatever order."""
    if len(outline.parts) != 1 or len(outline.parts[0]) != 1 or len(outline.parts[0][0]) != 4:
        return False
    x0, y0, x1, y1 = box
    corners = {(x0, y0), (x1, y0), (x1, y1), (x0, y1)}
    return {(x, y) for x, y in outline.parts[0][0].tolist()} == corners


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


def _rounded(values: Sequence[float], digits: int | None) -> list[float | int]:
    """Rounded, and whole numbers without their point."""
    numbers = values if digits is None else [round(value, digits) for value in values]
    return [int(value) if value == int(value) else value for value in numbers]
