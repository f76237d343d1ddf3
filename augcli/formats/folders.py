"""Class folders: the class of an image is the first folder below its split (torchvision's ImageFolder).

    root/[split/]class/**/image       labelled
    root/[split/]image                unlabelled

Outputs keep that tree. Class folders cannot hold several classes of one image, nor other columns: where a
dataset or a recipe has them, `metadata.jsonl` stands in every split beside the folders.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from augcli.errors import number_of
from augcli.formats.sealed import metadata_files
from augcli.formats.source import Source
from augcli.formats.splits import find_splits
from augcli.formats.tree import in_order, refuse_nothing, scan
from augcli.formats.whole import home, label_files, labels
from augcli.sample import Dataset, Entry

__all__ = ["HOLDS", "entries", "finish", "home", "label_files", "labels", "place", "sniff"]

HOLDS = frozenset({"classes", "weights", "columns"})
"""Weights and columns by `metadata.jsonl`."""


def sniff(root: Path) -> int:
    """Any folder will do, so every format with a sign of its own is surer."""
    return 10 if root.is_dir() else 0


def entries(source: Source) -> tuple[Dataset, list[Entry]]:
    """List the images of class folders. Raises `UsageError` (no folder, no images, unclear splits)."""
    listing = scan(source)
    paths = [found.path for found in listing.images]
    if source.include:
        paths = [path for path in paths if source.includes(path, path.partition("/")[2])]
    splits = find_splits(source.path, paths)
    wanted = []
    kinds: dict[str, tuple[tuple[str, float], ...]] = {}  # the same object for all images of a class
    for found in listing.images:
        split, key = splits.divide(found.path)
        if not source.wants(found.path, key):
            listing.ignored["excluded"] += 1
            continue
        folder, _, rest = key.partition("/")
        classes = kinds.setdefault(folder, ((folder, 1.0),)) if rest else ()
        wanted.append(Entry(split, key, found.file, None, classes, (), found.error, found.facts, found.size))
    refuse_nothing(source, len(wanted), listing.ignored)
    labels = {entry.classes[0][0] for entry in wanted if entry.classes}
    loose = [entry for entry in wanted if not entry.classes]
    notes = list(splits.notes)
    if labels and loose:
        who = number_of(len(loose), "image lies", "images lie")
        notes.append(
            f"{who} in no class folder, without a label then: {loose[0].id}" + ", ..." * (len(loose) > 1)
        )
    dataset = Dataset(
        format="folders",
        classes=tuple(sorted(labels, key=os.fsencode)),
        ignored=dict(sorted(listing.ignored.items())),
        notes=tuple(notes),
    )
    return dataset, in_order(wanted)


def place(key: str, label: str | None) -> tuple[str, str]:
    """(class folder or "", path below it): below the folder of its class, whatever tree it comes from."""
    if label is None:
        return "", key
    first, _, rest = key.partition("/")
    return (label, rest) if rest and first == label else (label, key)


def finish(
    dataset: Dataset, rows: Iterable[Mapping[str, Any]], mixes: bool
) -> Iterator[tuple[str, Iterator[bytes]]]:
    """`metadata.jsonl` of every split, where folders alone would lose something; see `Format.finish`."""
    if mixes or dataset.soft or dataset.columns:
        yield from metadata_files(dataset, rows, weights=mixes or dataset.soft)
