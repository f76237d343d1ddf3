"""Label text and objects, both ways; `rows` describes the rows.

Written so that no reader drops anything: shares within [0, 1], corners to nine decimals (below a
hundred-thousandth of a pixel of any image), rows of one kind, polygons of at least three points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from augcli.formats.yolo.rings import single_ring
from augcli.formats.yolo.rows import Kind
from augcli.labels import rotated
from augcli.objects import Evidence, Objects, Outline, Points, Ring, Thing

_GRID = 10**9
"""Corners are whole multiples of its inverse."""

Box = tuple[float, float, float, float]


def objects_of(text: str, kind: Kind, names: Sequence[str]) -> Objects:
    """The objects of a text of checked rows, in shares of width and height. Keypoints have three columns."""
    return Objects.of(_thing(line.split(), kind, names) for line in text.split("\n") if line)


def text_of(
    objects: Objects,
    boxes: Sequence[Box],
    size: tuple[int, int],
    kind: Kind,
    numbers: Mapping[str, int],
) -> str:
    """The label text of one image.

    objects  in pixels of a frame of `size` (width, height)
    boxes    x0, y0, x1, y1 of each
    numbers  class name -> its number
    Regions of many (COCO's iscrowd) are left out: a row would say that they are one object.
    """
    rows = [
        f"{numbers[category]} {_written(objects, index, boxes[index], size, kind)}\n"
        for index, category in enumerate(objects.category)
        if not objects.crowd[index]
    ]
    return "".join(rows)


def _thing(cells: Sequence[str], kind: Kind, names: Sequence[str]) -> Thing:
    values = np.array(cells[1:], dtype=np.float64)
    name = names[int(cells[0])]
    if kind.task in {"segment", "obb"}:
        ring = np.clip(values.reshape(-1, 2), 0.0, 1.0)
        return Thing(name, Outline(((ring,),), "polygon" if kind.task == "segment" else "rotated"))
    x, y, w, h = values[:4].tolist()
    corners = x - w / 2, y - h / 2, x + w / 2, y + h / 2
    box = Outline.box(*(min(max(corner, 0.0), 1.0) for corner in corners))
    return Thing(name, box, values[4:].reshape(-1, 3) if kind.task == "pose" else None)


def _written(objects: Objects, index: int, box: Box, size: tuple[int, int], kind: Kind) -> str:
    """The cells of one row behind its class."""
    evidence = objects.evidence[index]
    if kind.task == "segment":
        return _ring_text(single_ring(evidence, size), box, size)
    if kind.task == "obb":
        return _ring_text(_corners(evidence, size), box, size)
    if kind.task == "pose":
        return f"{_box_text(box, size)} {_points_text(objects.keypoints[index], size, kind.keypoints)}"
    return _box_text(box, size)


def _corners(evidence: Evidence, size: tuple[int, int]) -> Ring | None:
    """Four corners: the label's own while it has four, else of the least rectangle around it in the frame.

    Corners outside of the frame could not be written: to clip them would cut the object off.
    """
    if isinstance(evidence, Outline):
        if not evidence.parts:
            return None
        if len(evidence.parts) == 1 and len(evidence.parts[0][0]) == 4:
            return evidence.parts[0][0]
    return rotated(evidence, size)


def _ring_text(ring: Ring | None, box: Box, size: tuple[int, int]) -> str:
    """Points of a closed line; the box where rounding leaves no line that encloses anything."""
    points = np.rint(np.clip((ring if ring is not None else np.empty((0, 2))) / size, 0.0, 1.0) * _GRID)
    if len(np.unique(points, axis=0)) < 3:
        x0, y0, x1, y1 = _grid(box, size)
        points = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])
    return " ".join(_share(int(value)) for value in points.ravel().tolist())


def _box_text(box: Box, size: tuple[int, int]) -> str:
    """Centre and size of a box, so exact that its corners are on the grid again."""
    x0, y0, x1, y1 = _grid(box, size)
    return f"{_share(x0 + x1, 2)} {_share(y0 + y1, 2)} {_share(x1 - x0)} {_share(y1 - y0)}"


def _grid(box: Box, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """The corners on the grid, within the frame, an area between them."""
    shares = (box[0] / size[0], box[1] / size[1], box[2] / size[0], box[3] / size[1])
    x0, y0, x1, y1 = (round(min(max(share, 0.0), 1.0) * _GRID) for share in shares)
    x0, y0 = min(x0, _GRID - 1), min(y0, _GRID - 1)
    return x0, y0, max(x1, x0 + 1), max(y1, y0 + 1)


def _points_text(points: Points | None, size: tuple[int, int], count: int) -> str:
    """Keypoints, padded to the dataset's number; what lies outside is not labelled: 0 0 0."""
    rows = [] if points is None else points.tolist()
    cells = [_point_text(x / size[0], y / size[1], int(v)) for x, y, v in rows]
    return " ".join(cells + ["0 0 0"] * (count - len(cells)))


def _point_text(x: float, y: float, visible: int) -> str:
    over = max(-x, -y, x - 1.0, y - 1.0)
    if over > 1.0 / _GRID:
        return "0 0 0"
    x, y = min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)
    return f"{_share(round(x * _GRID))} {_share(round(y * _GRID))} {visible}"


def _share(count: int, halves: int = 1) -> str:
    """A count of grid steps, or of half steps, as a decimal number without needless digits."""
    digits = 9 if halves == 1 else 10
    whole, rest = divmod(count * 10**digits // (_GRID * halves), 10**digits)
    return f"{whole}.{rest:0{digits}d}".rstrip("0").rstrip(".")
