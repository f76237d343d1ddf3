"""Categories of COCO and ours: ids kept, names made unique, keypoints with the pairs that a mirror swaps."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from augcli.sample import Category
from augcli.sides import flip_of

NAME = "name"
"""In `Category.extra`: the name in the file, where two categories share one."""


def category(record: Mapping[str, Any]) -> Category:
    """The category of a record. Raises ValueError with what is wrong with it."""
    number, name = record.get("id"), record.get("name")
    if isinstance(number, bool) or not isinstance(number, int):
        raise ValueError(f"id {number!r} is no whole number")
    if not isinstance(name, str) or not name:
        raise ValueError(f"name {name!r} is no text")
    points, bones = record.get("keypoints") or [], record.get("skeleton") or []
    if not isinstance(points, list) or not all(isinstance(point, str) for point in points):
        raise ValueError("keypoints is no list of names")
    if len(set(points)) < len(points):
        raise ValueError("keypoints has a name twice")
    if not isinstance(bones, list) or not all(map(_is_bone, bones)):
        raise ValueError("skeleton is no list of pairs of whole numbers")
    if any(not 1 <= end <= len(points) for bone in bones for end in bone):
        raise ValueError(f"skeleton names a keypoint that is not there; they count from 1 to {len(points)}")
    own = ("id", "name", "keypoints", "skeleton")
    return Category(
        name,
        number,
        tuple(points),
        flip_of(points),
        tuple((bone[0] - 1, bone[1] - 1) for bone in bones),
        extra=tuple((key, value) for key, value in record.items() if key not in own),
    )


def _is_bone(bone: object) -> bool:
    return isinstance(bone, list) and len(bone) == 2 and all(type(end) is int for end in bone)


def record(category: Category) -> dict[str, Any]:
    """The record of a category; the inverse of `category`."""
    made: dict[str, Any] = {"id": category.id, "name": category.name}
    made |= dict(category.extra)
    if category.keypoints:
        made["keypoints"] = list(category.keypoints)
        made["skeleton"] = [[first + 1, second + 1] for first, second in category.skeleton]
    return made


def unique(categories: Sequence[Category], used: Collection[int]) -> tuple[Category, ...]:
    """Sorted by id; of those that share a name one keeps it, the others get `name#id`.

    Exporters add a root category of the same name that no annotation uses, so a used one is preferred.
    """
    taken: set[str] = {each.name for each in categories}
    kept: set[str] = set()
    found = []
    for each in sorted(categories, key=lambda each: (each.id not in used, each.id)):
        name = each.name
        if name in kept:
            name = f"{each.name}#{each.id}"
            while name in taken:
                name += "#"
            taken.add(name)
            each = Category(
                name,
                each.id,
                each.keypoints,
                each.flip,
                each.skeleton,
                each.color,
                (*each.extra, (NAME, each.name)),
            )
        kept.add(name)
        found.append(each)
    return tuple(sorted(found, key=lambda each: each.id))
