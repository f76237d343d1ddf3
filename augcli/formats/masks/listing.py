"""The files of a dataset of images and masks: what lies where, what is wanted, what is passed over."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from augcli.errors import Problem, UsageError
from augcli.formats.masks import pairing, vocabulary
from augcli.formats.source import Source
from augcli.formats.splits import Splits, find_splits
from augcli.formats.tree import Found, scan

Placed = tuple[str, Found]


@dataclass(frozen=True)
class Files:
    """What was found.

    images    (split, key, file) of the wanted ones
    masks     path of each image that has one -> its mask
    problems  images without a mask, masks without an image, what is not one to one
    words     files that may name the classes
    """

    images: list[tuple[str, str, Found]]
    masks: dict[str, Found]
    problems: list[Problem]
    words: list[Path]
    splits: Splits
    ignored: Counter[str]


def list_files(source: Source) -> Files:
    """List and pair. Raises `UsageError` where a folder cannot be listed or splits are unclear."""
    images, masks, words, ignored = _together(source) if source.masks is None else _apart(source)
    splits = find_splits(source.path, [place for place, _ in images])
    wanted, passed = list[Placed](), list[Placed]()
    for place, file in images:
        key = splits.divide(place)[1]
        (wanted if source.wants(file.path, key) else passed).append((place, file))
    kept = [mask for mask in masks if not source.excludes(mask[1].path)]
    ignored["excluded"] += len(passed) + len(masks) - len(kept)
    pairs, left, problems = pairing.pair(wanted, kept)
    _, left, _ = pairing.pair(passed, left)  # a mask is not left over because its image is not wanted
    problems += [Problem(mask.file, "is a mask without an image", pairing.ORPHAN) for _, mask in left]
    found = [(*splits.divide(place), file) for place, file in wanted]
    return Files(found, pairs, problems, words, splits, +ignored)


def _together(source: Source) -> tuple[list[Placed], list[Placed], list[Path], Counter[str]]:
    listing = scan(replace(source, include=(), exclude=()), vocabulary.FILES)
    found = pairing.sort_out(listing.images)
    listing.ignored["pictures outside of images/ and masks/"] += len(found.others)
    if not found.masks:
        what = f"no folder of masks ({', '.join(pairing.MASK_FOLDERS[:3])}, ...) beside the images"
        raise UsageError(Problem(source.path, what, "name it: input: {images: FOLDER, masks: FOLDER}"))
    words = _words(source, Path(source.path), listing.labels)
    return found.images, found.masks, words, listing.ignored


def _apart(source: Source) -> tuple[list[Placed], list[Placed], list[Path], Counter[str]]:
    folder = source.masks or ""
    if not Path(folder).is_dir():
        raise UsageError(
            Problem(folder, "no such folder", "input.masks names the folder that holds the masks")
        )
    pictures = scan(Source(source.path), vocabulary.FILES)
    beside = scan(Source(folder), vocabulary.FILES)
    inside = os.path.join(os.path.realpath(folder), "")
    images = [
        (file.path, file)
        for file in pictures.images
        if not os.path.realpath(file.file).startswith(inside)  # the masks may lie below the images
    ]
    masks = [(file.path, file._replace(path=f"masks/{file.path}")) for file in beside.images]
    words = _words(source, Path(source.path), pictures.labels) + _words(source, Path(folder), beside.labels)
    return images, masks, sorted(set(words)), pictures.ignored + beside.ignored


def _words(source: Source, root: Path, names: Sequence[str]) -> list[Path]:
    """The uppermost of the files that may name the classes; the file that the recipe names, if it does."""
    if source.annotations is not None:
        named = Path(source.annotations)
        inside = [named / name for name in vocabulary.FILES if (named / name).is_file()]
        return inside if named.is_dir() else [named]
    kept = [name for name in names if not source.excludes(name)]
    top = min((name.count("/") for name in kept), default=0)
    return [root / name for name in kept if name.count("/") == top]
