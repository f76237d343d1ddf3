"""Lay the labels of an entry on its decoded picture: from shares to pixels, from the raw to the upright.

A label file that declares a size says on which of the two its labels were made; one that declares none
speaks of the upright picture, as viewers show it. A size that fits neither is a label error.
"""

from __future__ import annotations

import numpy as np

from augcli import formats
from augcli.errors import ItemError
from augcli.geometry import Matrix, compose, rotation, scaling, translation
from augcli.images import Picture, read
from augcli.images.files import most_bytes
from augcli.images.masks import read_mask
from augcli.images.measuring import Measure
from augcli.images.pixels import turned
from augcli.labels import bounds, boxes, move
from augcli.objects import NOTHING, Objects
from augcli.sample import Box, Dataset, Entry, Image

_TAGGED = ("jpeg", "png", "webp")
"""Formats whose orientation tag label tools pass over, where they made labels on the raw picture."""


def objects_of(entry: Entry, dataset: Dataset, picture: Picture) -> tuple[Objects, bool]:
    """The objects of an entry's image, in pixels of the upright picture, and whether they were made on the
    raw one. Raises `ItemError`.
    """
    size = picture.image.shape[1], picture.image.shape[0]
    return _laid(entry, dataset, Measure(size, picture.raw_size, picture.orientation))


def laid(entry: Entry, dataset: Dataset, picture: Measure) -> Objects:
    """The same objects of a picture of which only the header is known."""
    return _laid(entry, dataset, picture)[0]


def _laid(entry: Entry, dataset: Dataset, picture: Measure) -> tuple[Objects, bool]:
    if not entry.labels:
        return NOTHING, False
    found = formats.load(dataset.format).labels(entry, dataset)
    size = picture.size
    if found.relative:
        return move(found.objects, scaling(*size), size), False
    if found.size is None or found.size == size:
        return found.objects, False
    if found.size == picture.raw_size:
        return move(found.objects, upright(picture.orientation, picture.raw_size), size), True
    raise _misfit("the labels are", found.size, size)


def misleads(picture: Picture, on_raw: bool) -> bool:
    """Whether a byte copy of the file would not do beside labels of the upright picture: they were made on
    the raw one, by tools that pass over the orientation tag, and their readers will pass over it too.
    """
    return on_raw and picture.format in _TAGGED


def cut(objects: Objects, box: Box) -> Objects:
    """The objects of which a tile shows anything, in pixels of the tile; `visible` is what it shows of them.

    The columns that are a format's own stay behind: they are of the whole object.
    """
    x0, y0, x1, y1 = box
    found = boxes(objects)
    near = (found[:, 0] < x1) & (found[:, 2] > x0) & (found[:, 1] < y1) & (found[:, 3] > y0)
    moved = move(objects.select(np.flatnonzero(near).tolist()), translation(-x0, -y0), (x1 - x0, y1 - y0))
    left = [index for index, evidence in enumerate(moved.evidence) if bounds(evidence) is not None]
    return moved.select(left).public()


def mask_of(entry: Entry, picture: Picture, max_megapixels: float) -> tuple[Image | None, bytes, bool]:
    """The semantic mask of an entry, the bytes of its file, and whether it was made on the raw picture.

    Without a mask: None, b"" and False.
    """
    if entry.mask is None:
        return None, b"", False
    data = read(entry.mask, most_bytes(max_megapixels))
    mask, _ = read_mask(data, max_megapixels=max_megapixels)
    size, of_mask = (picture.image.shape[1], picture.image.shape[0]), (mask.shape[1], mask.shape[0])
    if of_mask == size:
        return mask, data, False
    if of_mask == picture.raw_size:
        return np.ascontiguousarray(turned(mask, picture.orientation)), data, True
    raise _misfit("the mask is", of_mask, size)


def _misfit(what: str, declared: tuple[int, int], size: tuple[int, int]) -> ItemError:
    reason = f"{what} for {declared[0]} x {declared[1]} pixels, the picture has {size[0]} x {size[1]}"
    return ItemError("bad_label", reason=reason)


def upright(orientation: int, raw: tuple[int, int]) -> Matrix:
    """The matrix from the raw frame of this (width, height) to the upright one (CIPA DC-008, tag 274)."""
    width, height = raw
    mirror = compose(scaling(-1.0, 1.0), translation(width, 0.0))
    clockwise = compose(rotation(-90.0), translation(height, 0.0))
    half = compose(scaling(-1.0, -1.0), translation(width, height))
    # After a mirror the width is as before; a turn by a quarter exchanges the sides.
    counter = compose(rotation(90.0), translation(0.0, width))
    return {
        2: mirror,
        3: half,
        4: compose(mirror, half),
        5: compose(mirror, counter),
        6: clockwise,
        7: compose(mirror, clockwise),
        8: counter,
    }.get(orientation, translation(0.0, 0.0))
