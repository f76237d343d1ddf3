"""Labels of one image in the worker: what listing packed becomes objects."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PIL import Image as PillowImage

from augcli.errors import ItemError
from augcli.formats.contract import ImageLabels
from augcli.images.quiet import undisturbed
from augcli.labels import bitmap_of
from augcli.objects import NOTHING, Bitmap, Evidence, Objects, Outline, Points, Thing
from augcli.sample import Dataset, Entry

REACH = 8.0
"""Half the side of the square, in pixels, that stands for a single point."""

MAX_PIXELS = 1 << 28
"""Pixels of a mask that are decoded at most."""


def labels(entry: Entry, dataset: Dataset) -> ImageLabels:
    """The objects of an image. Raises ItemError for a mask that is damaged."""
    if not entry.labels:
        return ImageLabels(NOTHING)
    packed = json.loads(entry.labels)
    size = tuple(packed["size"]) if packed["size"] else None
    names = {one.name: one.keypoints for one in dataset.categories}
    things = []
    for label, kind, data, extra, keypoints in packed["objects"]:
        if kind in ("circle", "point"):
            extra = {**extra, "shape_type": kind}
        found = _evidence(kind, data)
        if size is not None and isinstance(found, Bitmap):
            found = bitmap_of(found, size)
        things.append(Thing(label, found, _keypoints(keypoints, names[label]), extra=extra))
    return ImageLabels(Objects.of(things), size)


def _evidence(kind: str, data: Sequence[Any]) -> Evidence:
    if kind == "box":
        return Outline.box(*data)
    if kind == "point":
        x, y = data
        return Outline.box(x - REACH, y - REACH, x + REACH, y + REACH)
    if kind == "mask":
        x, y, text = data
        return Bitmap(_pixels(text), x, y)
    return Outline(tuple((np.array(ring, dtype=np.float64).reshape(-1, 2),) for ring in data))


def _keypoints(found: Mapping[str, Sequence[float]], names: Sequence[str]) -> Points | None:
    """(K, 3) in the order of the category's names; None for an object without keypoints."""
    if not found:
        return None
    return np.array([found.get(name, (0.0, 0.0, 0.0)) for name in names], dtype=np.float64)


def _pixels(text: str) -> Any:
    """(h, w) bool. Raises ItemError."""
    with undisturbed():
        try:
            picture = PillowImage.open(io.BytesIO(base64.b64decode(text)), formats=("PNG",))
            if picture.size[0] * picture.size[1] > MAX_PIXELS or picture.mode not in ("1", "L", "P"):
                raise ValueError
            return np.asarray(picture).astype(bool)
        except Exception:  # decoders raise nearly everything on damaged data
            raise ItemError("bad_label", reason="the pixels of a mask are damaged") from None
