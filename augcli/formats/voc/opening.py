"""Labels of one image in the worker: what listing packed, with the instance masks."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from augcli.errors import ItemError
from augcli.formats.contract import ImageLabels
from augcli.formats.voc.document import PART, WHOLE
from augcli.objects import NOTHING, Objects, Outline, Thing
from augcli.sample import Dataset, Entry


def labels(entry: Entry, dataset: Dataset) -> ImageLabels:
    """The objects of an image. Raises ItemError where its instance mask does not go with its XML."""
    if not entry.labels:
        return ImageLabels(NOTHING)
    packed = json.loads(entry.labels)
    size = tuple(packed["size"]) if packed.get("size") else None
    named = {row[0]: list(_things(row[1:], f"{entry.key}#{row[0]}")) for row in packed.get("objects", ())}
    if "instances" in packed:
        named = _with_masks(named, packed, size, entry, dataset)
    things = [thing for number in sorted(named) for thing in named[number]]
    return ImageLabels(Objects.of(things), size)


def _things(row: Sequence[Any], link: str, part_of: str | None = None) -> Iterator[Thing]:
    """An object, then its parts."""
    name, box, fields, parts = row
    extra = dict(fields)
    if parts:
        extra[WHOLE] = link
    if part_of is not None:
        extra[PART] = part_of
    yield Thing(name, Outline.box(*box), extra=extra)
    for number, part in enumerate(parts, 1):
        yield from _things(part, f"{link}.{number}", link)


def _with_masks(
    named: Mapping[int, list[Thing]],
    packed: Mapping[str, Any],
    size: tuple[int, int] | None,
    entry: Entry,
    dataset: Dataset,
) -> dict[int, list[Thing]]:
    """The objects with the pixels of `SegmentationObject`; those that no XML names are added."""
    from augcli.formats.voc import masks

    file = os.path.join(os.path.dirname(entry.path), packed["instances"][0])
    pixels = masks.indices(file, size)
    found = masks.instances(pixels)
    classes = masks.indices(entry.mask, pixels.shape[::-1]) if entry.mask else None
    names = {one.id: one.name for one in dataset.categories if one.id}
    made = dict(named)
    for number, bitmap in found.items():
        shown = names.get(masks.majority(classes, bitmap)) if classes is not None else None
        if number in named:
            first = named[number][0]
            if shown not in (None, first.category):
                what = f"object {number} is {first.category!r} in the XML and {shown!r} in the masks"
                raise ItemError("bad_label", reason=what)
            made[number] = [replace(first, evidence=bitmap), *named[number][1:]]
        elif number > packed.get("count", 0):
            if shown is None:
                raise ItemError("bad_label", reason=f"nothing says the class of object {number} of the masks")
            made[number] = [Thing(shown, bitmap)]
    return made
