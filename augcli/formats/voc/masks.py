"""Pixels of `SegmentationClass` and `SegmentationObject`: palette PNG files of indices, read and written.

In `SegmentationObject` a pixel is the number of an object, counted from 1 as the objects stand in the XML; 0
is background and 255 counts for nothing (VOC devkit, section 5). Runs in a worker.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augcli.errors import ItemError
from augcli.formats.voc.classes import VOID, color
from augcli.images import read
from augcli.images.masks import read_mask, write_mask
from augcli.labels import area, bitmap_of
from augcli.objects import Bitmap, Evidence, Objects

MAX_OBJECTS = VOID - 1

Indices = NDArray[np.uint8]


def indices(path: str, size: tuple[int, int] | None = None) -> Indices:
    """(H, W) uint8: the indices of a palette or grey PNG. Raises ItemError, also for another size."""
    found, _ = read_mask(read(path))
    height, width = found.shape
    if size is not None and (width, height) != size:
        reason = f"a mask has {width} x {height} pixels, its image {size[0]} x {size[1]}"
        raise ItemError("bad_label", reason=reason)
    if found.max(initial=0) > VOID:
        raise ItemError("bad_label", reason="a mask has numbers above 255")
    return found.astype(np.uint8)


def instances(found: Indices) -> dict[int, Bitmap]:
    """Number of each object -> its pixels, cut to their bounds."""
    counts = np.bincount(found.reshape(-1), minlength=256)
    bitmaps = {}
    for number in np.flatnonzero(counts[1:VOID]) + 1:
        mask = found == number
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        y, x = int(rows[0]), int(columns[0])
        cut = mask[y : int(rows[-1]) + 1, x : int(columns[-1]) + 1]
        bitmaps[int(number)] = Bitmap(np.ascontiguousarray(cut), x, y)
    return bitmaps


def majority(classes: Indices, bitmap: Bitmap) -> int:
    """The class that most pixels of an object have; 0 when none has one."""
    rows, columns = bitmap.mask.shape
    inside = classes[bitmap.y : bitmap.y + rows, bitmap.x : bitmap.x + columns][bitmap.mask]
    counts = np.bincount(inside, minlength=256)[1:VOID]
    return int(counts.argmax()) + 1 if counts.any() else 0


def instance_mask(
    evidence: Sequence[Evidence | None], size: tuple[int, int], void: NDArray[np.bool_] | None
) -> Indices:
    """(H, W) uint8: the number of the object that each pixel shows.

    evidence  of each object in order; None for one without a mask
    void      (H, W) pixels that count for nothing where no object is
    Raises ItemError for more than 254 objects.
    """
    if len(evidence) > MAX_OBJECTS:
        raise ItemError("cannot_hold", format="voc", what=f"masks of {len(evidence)} objects")
    image = np.zeros((size[1], size[0]), np.uint8)
    if void is not None:
        image[void] = VOID
    _paint(image, [(one, number) for number, one in enumerate(evidence, 1) if one is not None])
    return image


def class_mask_of(objects: Objects, numbers: Mapping[str, int], size: tuple[int, int]) -> Indices:
    """(H, W) uint8: the class of the object that each pixel shows.

    What counts for nothing is 255: regions of many (COCO's iscrowd), and where no outline but a box alone
    says that there is an object, the pixels of that box which no outline has.
    """
    image = np.zeros((size[1], size[0]), np.uint8)
    kinds = zip(objects.category, objects.evidence, objects.crowd, strict=True)
    layers = [(one, VOID if crowd else numbers[name], shown(one)) for name, one, crowd in kinds]
    _paint(image, [(one, VOID) for one, _, outlined in layers if not outlined])
    _paint(image, [(one, number) for one, number, outlined in layers if outlined])
    return image


def shown(evidence: Evidence) -> bool:
    """Whether the evidence says which pixels the object has."""
    return isinstance(evidence, Bitmap) or evidence.kind == "polygon"


def _paint(image: Indices, layers: Sequence[tuple[Evidence, int]]) -> None:
    """Set the pixels of each to its number. Where they overlap the smaller one is in front."""
    for one, number in sorted(layers, key=lambda layer: -area(layer[0])):
        bitmap = bitmap_of(one, (image.shape[1], image.shape[0]))
        rows, columns = bitmap.mask.shape
        image[bitmap.y : bitmap.y + rows, bitmap.x : bitmap.x + columns][bitmap.mask] = number


def class_mask(mask: NDArray[Any], ignore: int | None) -> Indices:
    """The mask in VOC's numbers: what counts for nothing is 255. Raises ItemError for numbers above 255."""
    if mask.size and int(mask.max()) > VOID and int(mask[mask != ignore].max(initial=0)) > VOID:
        raise ItemError("cannot_hold", format="voc", what="class numbers above 255")
    if ignore is None or ignore == VOID:
        return mask.astype(np.uint8)
    return np.where(mask == ignore, VOID, mask).astype(np.uint8)


def png(found: Indices) -> bytes:
    """A palette PNG of the indices in VOC's colours."""
    return write_mask(found, bytes(channel for number in range(256) for channel in color(number)))
