"""What the pixels of the sample tell together: before and after, likeness, twins, shortcuts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from augcli.plan import is_training
from augcli.report import similarity
from augcli.report.histogram import Histogram
from augcli.report.looking import Looked, Meta
from augcli.report.measuring import Look
from augcli.report.pixels import SMALL_SIDE
from augcli.report.shortcuts import told_by_number

MEASURES = ("brightness", "contrast", "saturation", "sharpness", "clipped", "bits")
"""What is told of pictures before and after; bits are those of the file per pixel."""

SAME = 0.02
"""Difference of the small pictures up to which a copy with a near hash counts as nearly identical."""

LEAST = 20
"""Images that a class must have in the sample before it is asked whether a number tells it."""

MOST_PAIRS = 1000
"""Pairs of nearly identical pictures that are kept; all are counted."""


@dataclass
class Side:
    """The pictures of one side of the comparison."""

    count: int = 0
    values: dict[str, Histogram] = field(default_factory=lambda: {name: Histogram() for name in MEASURES})

    def add(self, look: Look) -> None:
        """Count one picture."""
        if look.measures is None:
            return
        self.count += 1
        for name in MEASURES:
            value = value_of(look, name)
            # Sharpness spans decades: its histogram is of the logarithm.
            self.values[name].add(math.log10(max(value, 1e-2)) if name == "sharpness" else value)


def value_of(look: Look, name: str) -> float:
    """One of `MEASURES`."""
    if name == "bits" or look.measures is None:
        return look.bits
    return float(getattr(look.measures, name))


@dataclass
class Compared:
    """The sample, seen together.

    before, after   originals of augmented splits (or their sources), and copies
    held            copies that could be held against their source
    unseen          error code -> outputs that could not be looked at
    near_source     copies nearly identical to their source
    near_sibling    copies nearly identical to an earlier copy of their source
    pairs           nearly identical outputs of different sources, whatever their number, as far as kept
    others, crossed, leaked   how many such pairs; of different classes; in different splits
    blanks          outputs in which nothing is to be seen
    ssim, fill, clipping, size, aspect   of copies against their sources; size is a ratio of areas
    told            measure -> class -> how well it tells the class: (before, after)
    ids             class id -> (pixels before, after), shares of all
    """

    before: Side = field(default_factory=Side)
    after: Side = field(default_factory=Side)
    held: int = 0
    unseen: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    near_source: list[int] = field(default_factory=list)
    near_sibling: list[int] = field(default_factory=list)
    pairs: list[tuple[int, int]] = field(default_factory=list)
    others: int = 0
    crossed: list[tuple[int, int]] = field(default_factory=list)
    leaked: list[tuple[int, int]] = field(default_factory=list)
    blanks: list[int] = field(default_factory=list)
    ssim: Histogram = field(default_factory=Histogram)
    fill: Histogram = field(default_factory=Histogram)
    clipping: Histogram = field(default_factory=Histogram)
    area: Histogram = field(default_factory=Histogram)
    aspect: Histogram = field(default_factory=Histogram)
    told: dict[str, dict[str, tuple[float, float]]] = field(default_factory=dict)
    ids: dict[int, tuple[float, float]] = field(default_factory=dict)


def compare(looked: Looked, augmented: frozenset[str]) -> Compared:
    """See the sample together. `augmented` are the splits that have copies; all of them where none has."""
    found = Compared()
    firsts: dict[int, Look] = {}
    pixels_before: Counter[int] = Counter()
    pixels_after: Counter[int] = Counter()
    for meta, look in zip(looked.metas, looked.looks, strict=True):
        if look.measures is None:
            found.unseen[look.error] += 1
            found.examples.setdefault(look.error, meta.id)
            continue
        if look.blank:
            found.blanks.append(look.number)
        if meta.copy:
            found.after.add(look)
            pixels_after.update(dict(look.ids))
            _held(found, look, firsts.get(meta.source))
        elif not augmented or meta.split in augmented:
            firsts[meta.source] = look
            pixels_before.update(dict(look.ids))
            if not looked.sources:
                found.before.add(look)
    for look in looked.sources:
        found.before.add(look)
    found.ids = _shares(pixels_before, pixels_after)
    _find_twins(found, looked)
    for name in MEASURES:
        found.told[name] = _told(name, looked)
    return found


def _held(found: Compared, look: Look, first: Look | None) -> None:
    """A copy against its source."""
    if look.ssim is None or look.apart is None or look.difference is None or look.measures is None:
        return
    found.held += 1
    found.ssim.add(look.ssim)
    if look.clipping is not None:
        found.clipping.add(look.clipping)
    if look.fill is not None:
        found.fill.add(look.fill)
    if look.apart <= similarity.NEAR and look.difference <= SAME and not look.blank:
        found.near_source.append(look.number)
    if first is not None and first.measures is not None:
        now, then = look.measures, first.measures
        found.area.add(now.width * now.height / (then.width * then.height))
        found.aspect.add((now.width / now.height) / (then.width / then.height))


def _shares(before: Counter[int], after: Counter[int]) -> dict[int, tuple[float, float]]:
    total_before, total_after = max(1, sum(before.values())), max(1, sum(after.values()))
    return {
        number: (before[number] / total_before, after[number] / total_after)
        for number in sorted(before.keys() | after.keys())
    }


def _find_twins(found: Compared, looked: Looked) -> None:
    """Nearly identical outputs: near hashes, confirmed on the small pictures; blank ones are all alike."""
    seen = [look for look in looked.looks if look.measures is not None and not _flat(look)]
    if not seen:
        return
    hashes = np.array([look.measures.hash if look.measures else 0 for look in seen], dtype=np.uint64)
    siblings: set[int] = set()
    for i, j in similarity.near_pairs(hashes):
        one, other = seen[i], seen[j]
        a, b = looked.metas[one.number], looked.metas[other.number]
        if a.source == b.source:
            if a.copy and b.copy and _difference(one, other) <= SAME:
                siblings.add(max(one.number, other.number))
        elif similarity.correlation(_small(one), _small(other)) >= similarity.ALIKE:
            found.others += 1
            _keep(found.pairs, one, other)
            if a.label != b.label:
                _keep(found.crossed, one, other)
            if a.split != b.split:
                _keep(found.leaked, one, other)
    found.near_sibling = sorted(siblings)


def _keep(pairs: list[tuple[int, int]], one: Look, other: Look) -> None:
    if len(pairs) < MOST_PAIRS:
        pairs.append((one.number, other.number))


def _flat(look: Look) -> bool:
    return look.blank or (look.measures is not None and look.measures.contrast < 4.0 / 255.0)


def _small(look: Look) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.frombuffer(look.small, dtype=np.uint8).reshape(SMALL_SIDE, SMALL_SIDE, 3)


def _difference(one: Look, other: Look) -> float:
    apart = _small(one).astype(np.float32) - _small(other)
    return float(np.sqrt(np.mean(apart * apart))) / 255.0


def _told(name: str, looked: Looked) -> dict[str, tuple[float, float]]:
    """Class -> how well a measure tells it among originals, and among all training outputs."""
    before = told_by_number(*_training(name, looked, originals=True), LEAST)
    after = told_by_number(*_training(name, looked, originals=False), LEAST)
    return {label: (before[label], share) for label, share in after.items() if label in before}


def _training(name: str, looked: Looked, *, originals: bool) -> tuple[list[float], list[str]]:
    chosen = list(_chosen(looked, originals))
    return [value_of(look, name) for _, look in chosen], [meta.label for meta, _ in chosen]


def _chosen(looked: Looked, originals: bool) -> Iterator[tuple[Meta, Look]]:
    pairs: Sequence[tuple[Meta, Look]] = list(zip(looked.metas, looked.looks, strict=True))
    for meta, look in pairs:
        if look.measures is not None and is_training(meta.split) and (not originals or not meta.copy):
            yield meta, look
