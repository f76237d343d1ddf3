"""`input.tile`: large images as entries of their own, one for each tile, and jobs that decode an image once.

Nothing here reads pixels: sizes come from the headers of the files.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from augcli.errors import ItemError, Problem, number_of
from augcli.recipe.model import Tile
from augcli.sample import Box, Dataset, Entry, Job

if TYPE_CHECKING:
    from augcli.images.measuring import Measure

MOST = 10_000
"""Tiles that one image may have."""


def tiled(
    entries: Sequence[Entry], tile: Tile | None, dataset: Dataset, max_megapixels: float = 100.0
) -> tuple[list[Entry], list[Problem], list[str]]:
    """The entries with those of large images cut into tiles, problems, and notes.

    Split, group and classes of the image are each tile's; what kinds of objects it has is its own. An image
    that is no larger than a tile stays whole, and so does one whose size cannot be told or is over the limit:
    its row says why.
    """
    if tile is None:
        return list(entries), [], []
    from augcli.images.measuring import measure  # Pillow, only where it is needed

    found: list[Entry] = []
    problems = []
    cut = 0
    for entry in entries:
        measured = None if entry.error else measure(entry.path, max_megapixels=max_megapixels)
        if measured is None or (measured.size[0] <= tile.size[0] and measured.size[1] <= tile.size[1]):
            found.append(entry)
            continue
        rows, columns = (grid(measured.size[axis], tile, axis) for axis in (1, 0))
        if len(rows) * len(columns) > MOST:
            what = f"{entry.id!r} would be cut into {len(rows) * len(columns):,} tiles, more than {MOST:,}"
            problems.append(Problem("input.tile", what, "choose larger tiles", key=("input", "tile")))
            continue
        found += _tiles(entry, rows, columns, dataset, measured)
        cut += 1
    pieces = len(found) - len(entries) + cut
    larger = f"{cut:,} of {number_of(len(entries), 'image')} larger than a tile and cut into {pieces:,}"
    return found, problems, [larger]


def grid(length: int, tile: Tile, axis: int) -> list[tuple[int, int]]:
    """[begin, end) of the tiles along a side of `length` pixels; `axis` 0 is the width.

    Every tile but that of a side that is shorter has the full length. They are as few as cover the side with
    at least the overlap, the last one ending where the side ends.
    """
    side = tile.size[axis]
    if length <= side:
        return [(0, length)]
    step = side - tile.overlapping(axis)
    count = math.ceil((length - side) / step) + 1
    begins = [min(number * step, length - side) for number in range(count)]
    return [(begin, begin + side) for begin in begins]


def _tiles(
    entry: Entry,
    rows: Sequence[tuple[int, int]],
    columns: Sequence[tuple[int, int]],
    dataset: Dataset,
    measured: Measure,
) -> Iterator[Entry]:
    boxes: dict[str, Box] = {
        f"r{row}c{column}": (left, top, right, bottom)
        for row, (top, bottom) in enumerate(rows)
        for column, (left, right) in enumerate(columns)
    }
    present = _present(entry, list(boxes.values()), dataset, measured)
    for (name, box), kinds in zip(boxes.items(), present, strict=True):
        yield dataclasses.replace(
            entry,
            key=f"{entry.key}#{name}",
            tile=box,
            present=kinds,
            size=max(1, entry.size // len(boxes)),
        )


def _present(
    entry: Entry, boxes: Sequence[Box], dataset: Dataset, measured: Measure
) -> Iterator[tuple[str, ...]]:
    """The names of the categories in each tile."""
    if not entry.labels:
        yield from [entry.present] * len(boxes)
        return
    from augcli.attach import cut, laid

    try:
        objects = laid(entry, dataset, measured)
    except ItemError:  # the labels do not fit the image: each row will say so
        yield from [entry.present] * len(boxes)
        return
    for box in boxes:
        yield tuple(sorted(set(cut(objects, box).category)))


def by_source(jobs: Iterable[Job]) -> Iterator[Job]:
    """The jobs, with those of one image's tiles put together, so that it is decoded once."""
    for _, group in groupby(jobs, key=_source):
        members = tuple(group)
        if len(members) == 1:
            yield members[0]
            continue
        first = members[0].entry
        whole = dataclasses.replace(first, key=first.key.rpartition("#")[0], tile=None)
        yield Job(whole, (), sum(job.cost for job in members), members)


def _source(job: Job) -> tuple[str, str, str]:
    entry = job.entry
    return entry.split, entry.path, "" if entry.tile is not None else entry.key
