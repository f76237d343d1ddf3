"""One annotation, checked when its file is listed: kept as the file has it, mended, or left out.

Works on the text of the annotation, so that numbers that are fine are never written anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from augcli.formats.coco.document import strict
from augcli.formats.invalid import HOPELESS, Judge, Size, judge_box

Id = int | str


class Runs(msgspec.Struct, gc=False):
    """A mask as run lengths: [height, width], and counts as a list or compressed."""

    size: tuple[int, int]
    counts: str | list[int]


class Annotation(msgspec.Struct, gc=False):
    """What is read of an annotation; all else is carried over."""

    image_id: Id
    category_id: int
    id: Id | UnsetType | None = UNSET
    segmentation: list[list[float]] | Runs | UnsetType | None = UNSET
    bbox: list[float] | UnsetType | None = UNSET
    iscrowd: int | bool | UnsetType | None = UNSET
    area: float | UnsetType | None = UNSET
    keypoints: list[float] | UnsetType | None = UNSET
    num_keypoints: int | UnsetType | None = UNSET


@dataclass
class Seen:
    """What the annotations of a dataset turned out to hold, words of `contract.LABELS`."""

    words: set[str] = field(default_factory=set)
    used: set[int] = field(default_factory=set)


def decode(text: bytes) -> tuple[Annotation, list[str]]:
    """The annotation and the names of its further fields. Raises ValueError with what is wrong with it."""
    made = _DECODER.decode(text)
    return made, _further(text) if text.count(b'"') != _quotes(made) else []


_DECODER = msgspec.json.Decoder(Annotation)


def _quotes(made: Annotation) -> int:
    """Quotation marks in the text of an annotation that has neither further fields nor one twice."""
    count = 4 + 2 * isinstance(made.image_id, str) + 2 * isinstance(made.id, str)
    for value in (made.id, made.segmentation, made.bbox, made.iscrowd, made.area, made.keypoints):
        count += 2 * (value is not UNSET)
    if isinstance(made.segmentation, Runs):
        count += 4 + 2 * isinstance(made.segmentation.counts, str)
    return count + 2 * (made.num_keypoints is not UNSET)


def _further(text: bytes) -> list[str]:
    return [name for name in strict(text) if name not in Annotation.__struct_fields__]


def judged(
    text: bytes, found: Annotation, size: Size, names: Sequence[str], judge: Judge, where: str, seen: Seen
) -> bytes | None:
    """The text to keep of an annotation; None when it is left out.

    size   (width, height) that the file declares for the image
    names  the keypoints of its category
    """
    mended: dict[str, Any] = {}
    outline = found.segmentation
    shape = False
    if isinstance(outline, Runs):
        fault = runs_fault(outline, size)
        if fault:
            judge.invalid(where, fault)
            return None
        shape = True
        seen.words.add("instances")
    elif isinstance(outline, list) and outline and outline != [[]]:
        rings = judge.rings(outline, size, where)
        if rings is None:
            return None
        if rings is not outline:
            mended |= {"segmentation": rings, "area": None}
        shape = True
        seen.words.add("polygons")
        if len(outline) > 1:
            seen.words.add("parts")
    points = found.keypoints if found.keypoints is not UNSET else None
    if points:
        kept = _points(points, size, names, judge, where)
        if kept is None:
            return None
        if kept is not points:
            mended["keypoints"] = kept
            mended["num_keypoints"] = sum(value > 0 for value in kept[2::3])
        if any(points[2::3]):
            seen.words.add("keypoints")
    if not _box(found.bbox, size, shape or bool(points and any(points[2::3])), judge, where, mended):
        return None
    if found.iscrowd:
        seen.words.add("crowd")
    if isinstance(found.id, int | str):
        seen.words.add("ids")
    seen.used.add(found.category_id)
    return _mended(text, mended) if mended else text


def _box(box: object, size: Size, shape: bool, judge: Judge, where: str, mended: dict[str, Any]) -> bool:
    """Whether the object goes on. A box beside better evidence that would have to be mended is left out."""
    if box is None or box is UNSET or box == []:
        if not shape:
            judge.invalid(where, "has neither bbox nor segmentation")
        return shape
    if not isinstance(box, tuple | list) or len(box) != 4:
        judge.invalid(where, "bbox has not four numbers, [x, y, width, height]")
        return False
    x, y, width, height = box
    edges = (x, y, x + width, y + height)
    if shape and judge.policy == "clip" and judge_box(edges, size)[2] == HOPELESS:
        mended["bbox"] = None
        return True
    kept = judge.box(edges, size, where)
    if kept is None:
        return False
    if kept is not edges:
        x0, y0, x1, y1 = kept
        mended |= {"bbox": None} if shape else {"bbox": [x0, y0, x1 - x0, y1 - y0], "area": None}
    return True


def _points(
    flat: list[float], size: Size, names: Sequence[str], judge: Judge, where: str
) -> list[float] | None:
    """COCO's keypoints are indices of pixels, whose centres lie half a pixel further."""
    if len(flat) != 3 * len(names):
        text = f"keypoints has {len(flat)} numbers; its category names {len(names)} keypoints"
        judge.invalid(where, text)
        return None
    points = [(x + 0.5, y + 0.5, v) for x, y, v in zip(flat[0::3], flat[1::3], flat[2::3], strict=True)]
    kept = judge.points(points, size, where)
    if kept is None or kept is points:
        return None if kept is None else flat
    return [value for x, y, v in kept for value in ((x - 0.5, y - 0.5, v) if v else (0.0, 0.0, 0.0))]


def runs_fault(runs: Runs, size: Size) -> str:
    """What is wrong with run lengths; "" when nothing is."""
    from augcli.labels import rle

    height, width = runs.size
    if size is not None and (width, height) != tuple(size):
        return f"the mask is made for {width} x {height} pixels, the image has {size[0]:g} x {size[1]:g}"
    try:
        counts = rle.unpack(runs.counts) if isinstance(runs.counts, str) else runs.counts
    except ValueError:
        return "the counts of the mask are no compressed run lengths"
    if min(counts, default=0) < 0 or sum(counts) != height * width or min(height, width) < 1:
        return f"the counts of a mask of {width} x {height} pixels make {sum(counts)}"
    return "" if sum(counts[1::2]) else "the mask has no pixels"


def _mended(text: bytes, changes: Mapping[str, Any]) -> bytes:
    """The annotation with other values; None takes a field away."""
    value = msgspec.json.decode(text) | changes
    return msgspec.json.encode(
        {name: item for name, item in value.items() if changes.get(name, 0) is not None}
    )
