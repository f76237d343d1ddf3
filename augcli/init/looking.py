"""A few images looked at: headers for sizes, fewer decoded for what pixels show. A bounded cost, always."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from augcli.attach import laid
from augcli.errors import ItemError
from augcli.images import decode, read
from augcli.images.measuring import Measure, measure
from augcli.init.facts import Looks
from augcli.labels import boxes
from augcli.sample import Dataset, Entry, Image

HEADERS = 200
"""Images of which the header is read."""

DECODED = 24
"""Images that are decoded at most ..."""

MEGAPIXELS = 150.0
"""... while they have no more pixels than this together."""

_SIDE = 256
"""Pixels of a side from which an image is thinned out, by leaving lines out, before it is looked at."""

_LUMA = np.array([0.299, 0.587, 0.114])
"""ITU-R BT.601."""

_COLOURLESS = 2.5
"""Mean difference between the channels, of 255, that JPEG leaves in a grey picture."""

_FULL = 0.85
"""Share of the 16-bit scale from which data are taken to fill it."""


@dataclass(frozen=True)
class _Pixels:
    """What one image shows. `upper` is upper less lower half in luma, by the deviation of all of it."""

    grey: bool
    deep: bool
    alpha: bool
    paper: bool
    upper: float
    levels: tuple[float, float] | None


def look(entries: Sequence[Entry]) -> tuple[Looks, list[Measure | None]]:
    """The looks of these images, and the measure of each; None where its header does not tell."""
    measures = [measure(entry.path) if entry.error is None else None for entry in entries[:HEADERS]]
    sizes = sorted(
        (one.size for one in measures if one is not None), key=lambda size: (size[0] * size[1], size)
    )
    if not sizes:
        return Looks(), measures
    seen, broken = _decoded(entries, measures)
    levels = [one.levels for one in seen if one.levels is not None]
    uppers = np.array([one.upper for one in seen])
    spread = float(uppers.std(ddof=1)) if len(seen) > 1 else 0.0
    return Looks(
        measured=len(sizes),
        smallest=sizes[0],
        middle=sizes[len(sizes) // 2],
        largest=sizes[-1],
        square=sum(width == height for width, height in sizes),
        sizes=len(set(sizes)),
        decoded=len(seen),
        grey=sum(one.grey for one in seen),
        deep=sum(one.deep for one in seen),
        alpha=sum(one.alpha for one in seen),
        levels=_rounded(min(low for low, _ in levels), max(high for _, high in levels)) if levels else None,
        paper=sum(one.paper for one in seen),
        upright=round(float(uppers.mean()) / (spread / len(seen) ** 0.5), 2) if spread > 0.0 else 0.0,
        broken=tuple(broken),
    ), measures


def _decoded(
    entries: Sequence[Entry], measures: Sequence[Measure | None]
) -> tuple[list[_Pixels], list[tuple[str, str]]]:
    """What the first images show, and those that cannot be decoded."""
    seen: list[_Pixels] = []
    broken: list[tuple[str, str]] = []
    left = MEGAPIXELS
    for entry, measured in zip(entries[:DECODED], measures, strict=False):
        cost = measured.size[0] * measured.size[1] / 1e6 if measured is not None else 0.0
        if entry.error is not None or cost > left:
            continue
        left -= cost
        try:
            seen.append(_pixels(decode(read(entry.path), max_megapixels=MEGAPIXELS).image))
        except ItemError as error:
            broken.append((entry.id, error.text))
    return seen, broken


def _pixels(image: Image) -> _Pixels:
    thin = image[:: max(1, image.shape[0] // _SIDE), :: max(1, image.shape[1] // _SIDE)]
    deep = image.dtype == np.uint16
    shown = thin.astype(np.float64) / (257.0 if deep else 1.0)  # of 255
    colour = shown[..., :3] if shown.ndim == 3 and shown.shape[2] >= 3 else None
    flat = shown[..., 0] if shown.ndim == 3 else shown
    luma = flat if colour is None else colour @ _LUMA
    chroma = 0.0 if colour is None else float((colour.max(axis=2) - colour.min(axis=2)).mean())
    half = luma.shape[0] // 2
    deviation = float(luma.std())
    upper = float(luma[:half].mean() - luma[-half:].mean()) / deviation if half and deviation > 0.0 else 0.0
    counted = thin[..., : thin.shape[2] - 1] if thin.ndim == 3 and thin.shape[2] in (2, 4) else thin
    low, high = np.percentile(counted, [0.1, 99.9])
    return _Pixels(
        grey=chroma <= _COLOURLESS,
        deep=deep,
        alpha=image.ndim == 3 and image.shape[2] in (2, 4),
        paper=chroma <= 12.0 and _is_paper(luma),
        upper=upper,
        levels=(float(low), float(high)) if deep else None,
    )


def _is_paper(luma: Image) -> bool:
    """Mostly light, some of it dark, little in between. `luma` (H, W) of 255."""
    light, dark = float((luma >= 190).mean()), float((luma < 110).mean())
    return light > 0.6 and 0.005 < dark < 0.3 and 1.0 - light - dark < 0.15


def _rounded(low: float, high: float) -> tuple[int, int] | None:
    """Levels in round numbers around these; None where the data fill the scale."""
    if high - low >= _FULL * 65535 or high <= low:
        return None
    step = 10 ** max(0, len(str(int(high - low))) - 2)
    return int(low // step) * step, min(65535, int(-(-high // step)) * step)


def objects_of(
    entries: Sequence[Entry], measures: Sequence[Measure | None], dataset: Dataset
) -> tuple[int, float, list[str]]:
    """(objects in the middle labelled image, side of the middle object by its image's longer side, problems).

    The side of an object is the root of its box's area.
    """
    counts: list[int] = []
    shares: list[float] = []
    problems: list[str] = []
    for entry, measured in zip(entries, measures, strict=False):
        if not entry.labels or measured is None:
            continue
        try:
            found = boxes(laid(entry, dataset, measured))
        except ItemError as error:
            problems.append(f"{entry.id}: {error.text}")
            continue
        if len(found):
            counts.append(len(found))
            sides = np.sqrt(np.prod(found[:, 2:] - found[:, :2], axis=1)) / max(measured.size)
            shares += sides.tolist()
    if not counts:
        return 0, 0.0, problems
    return round(median(counts)), round(float(np.median(shares)), 4), problems
