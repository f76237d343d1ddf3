"""Which mask belongs to which image: both lie at the same place in two trees, under the same stem.

The folder that says what lies in it (`images`, `masks`) is no part of a place, at whatever level it stands:
`images/train/a.jpg` and `train/images/a.jpg` are both `train/a`. A mask may be called like its image, or so
with `_mask`, `-mask`, `_label` or `_gt` behind; images that have a mask of exactly their name take it first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from augcli.errors import Problem
from augcli.formats.beside import IMAGE_FOLDERS, stem
from augcli.formats.tree import Found

MASK_FOLDERS = ("masks", "mask", "annotations", "annotation", "labels", "label", "gt")
"""Folders, in lower case, that hold masks; of several that do, the first named here is taken."""

SUFFIXES = ("", "_mask", "-mask", "_label", "_gt")


@dataclass(frozen=True)
class Sorted:
    """The picture files of a dataset: (place, file) of images and of masks; those that are neither.

    A place is the POSIX path without the folder that says what lies in it.
    """

    images: list[tuple[str, Found]] = field(default_factory=list)
    masks: list[tuple[str, Found]] = field(default_factory=list)
    others: list[Found] = field(default_factory=list)


def sort_out(files: Iterable[Found]) -> Sorted:
    """Tell images from masks by the folders they lie in."""
    found = Sorted()
    by_folder: dict[str, list[tuple[str, Found]]] = defaultdict(list)
    for file in files:
        word, place = _place(file.path)
        if word in IMAGE_FOLDERS:
            found.images.append((place, file))
        elif word:
            by_folder[word].append((place, file))
        else:
            found.others.append(file)
    words = [word for word in MASK_FOLDERS if by_folder[word]]
    for word in words[:1]:
        found.masks.extend(by_folder[word])
    for word in words[1:]:
        found.others.extend(file for _, file in by_folder[word])
    return found


def _place(path: str) -> tuple[str, str]:
    """(the first folder that says what lies in it, in lower case, or "", the path without it)."""
    parts = path.split("/")
    for at, part in enumerate(parts[:-1]):
        word = part.lower()
        if word in IMAGE_FOLDERS or word in MASK_FOLDERS:
            return word, "/".join(parts[:at] + parts[at + 1 :])
    return "", path


def pair(
    images: Sequence[tuple[str, Found]], masks: Sequence[tuple[str, Found]]
) -> tuple[dict[str, Found], list[tuple[str, Found]], list[Problem]]:
    """(path of each image that has one -> its mask, masks that are left over, what is missing or unclear).

    An image file that is no use by its name alone may go without a mask: it is an error of its own.
    """
    free: dict[str, list[tuple[str, Found]]] = defaultdict(list)
    for place, file in masks:
        free[stem(place)].append((place, file))
    waiting: dict[str, list[Found]] = defaultdict(list)
    for place, file in images:
        waiting[stem(place)].append(file)
    pairs: dict[str, Found] = {}
    problems: list[Problem] = []
    for suffix in SUFFIXES:
        for name in [name for name in waiting if name + suffix in free]:
            owners, found = waiting.pop(name), [file for _, file in free.pop(name + suffix)]
            if len(found) > 1:
                problems.append(_twice(found, "masks", owners[0]))
            elif len(owners) > 1:
                problems.append(_twice(owners, "images", found[0]))
            else:
                pairs[owners[0].path] = found[0]
    for name, owners in waiting.items():
        wanted = ", ".join(name.rpartition("/")[2] + suffix for suffix in SUFFIXES)
        remedy = f"it would be called {wanted} (.png)"
        problems += [Problem(owner.file, "has no mask", remedy) for owner in owners if owner.error is None]
    return pairs, [left for found in free.values() for left in found], problems


ORPHAN = "add the image, or exclude the mask"


def _twice(files: Sequence[Found], kind: str, other: Found) -> Problem:
    names = " and ".join(file.path for file in files)
    whose = f"is the mask of {len(files)} images" if kind == "images" else f"has {len(files)} masks"
    return Problem(other.file, f"{whose}: {names}", f"keep one of the {kind}, or exclude the others")
