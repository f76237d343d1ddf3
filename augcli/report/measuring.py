"""The pixels of the sampled outputs, each held against its source; in worker processes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from augcli.errors import ItemError
from augcli.images import decode, read
from augcli.images.masks import read_mask
from augcli.report import pixels
from augcli.report.filling import Trace, points, shown
from augcli.report.pixels import Grey, Measures
from augcli.report.similarity import correlation, distance

MEGAPIXELS = 1000.0
"""What is decoded at most: outputs are under the recipe's own limit already."""


@dataclass(frozen=True)
class Shot:
    """One output that is to be looked at.

    number   its place in the sample
    copy     0 for an original
    address  for `images.read`; None where it is not to be found
    mask     the same of its semantic mask; None where there is none
    trace    the steps of its row that moved or covered the frame; None where the frame before them is not
             known, or other sources are shown too
    """

    number: int
    copy: int
    address: str | None
    mask: str | None
    trace: Trace | None


@dataclass(frozen=True)
class Probe:
    """A job: one source with those of its outputs that are in the sample.

    source    (address, SHA-256) of the picture before; None: the original among the shots, if there is one
    cost      pixels, for the engine
    """

    shots: tuple[Shot, ...]
    source: tuple[str, str] | None
    cost: float


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of one output; of a copy also against its source, None where that was not to be had.

    number       its place in the sample; -1 for a source that is no output
    bits         of the file per pixel
    small        16 x 16 RGB
    ssim         of both as 64 x 64 grey (`pixels.ssim`)
    apart        bits in which the dHash differs
    difference   root mean square of the small pictures' difference, a share of full scale
    alike        correlation of the small pictures
    clipping     clipped share of what shows the source, less that of the source
    fill         share of the frame that does not show the source (`filling`)
    blank        nothing is to be seen of it, though of its source there was
    ids          pixels of each class id of its mask
    error        code of why nothing was seen
    """

    number: int
    measures: Measures | None = None
    bits: float = 0.0
    small: bytes = b""
    ssim: float | None = None
    apart: int | None = None
    difference: float | None = None
    alike: float | None = None
    clipping: float | None = None
    fill: float | None = None
    blank: bool = False
    ids: tuple[tuple[int, int], ...] = ()
    error: str = ""


@dataclass(frozen=True)
class _Seen:
    """A decoded picture in the forms that are compared: `grey` reduced, `whole` as it is."""

    measures: Measures
    bits: float
    small: NDArray[np.uint8]
    grey: Grey
    whole: Grey


@dataclass(frozen=True)
class Measure:
    """The work of one `Probe`: a `Look` per shot, and one with the number -1 for a source of its own.

    levels  pixel values of black and white in 16 bit
    """

    levels: tuple[float, float]

    def __call__(self, probe: Probe) -> list[Look]:
        looks: list[Look] = []
        before: _Seen | None = None
        if probe.source is not None:
            before = self._source(*probe.source)
            if before is not None:
                looks.append(self._look(-1, before))
        for shot in probe.shots:
            if shot.address is None:
                looks.append(Look(shot.number, error="vanished"))
                continue
            try:
                seen = self._seen(read(shot.address))
            except ItemError as error:
                looks.append(Look(shot.number, error=error.code))
                continue
            if not shot.copy and before is None:
                before = seen
            ids = _ids(shot.mask)
            looks.append(self._look(shot.number, seen, before if shot.copy else None, shot, ids))
        return looks

    def _source(self, address: str, sha256: str) -> _Seen | None:
        """The source, if it is still the file that the row names."""
        try:
            data = read(address)
            return self._seen(data) if hashlib.sha256(data).hexdigest() == sha256 else None
        except ItemError:
            return None

    def _seen(self, data: bytes) -> _Seen:
        image = decode(data, max_megapixels=MEGAPIXELS).image
        rgb = pixels.eight_bit(image, *self.levels)
        grey = pixels.grey_of(rgb)
        thumb = pixels.reduced(rgb, pixels.SSIM_SIDE, pixels.SSIM_SIDE)
        small = pixels.reduced(thumb, pixels.SMALL_SIDE, pixels.SMALL_SIDE)
        thumb_grey = pixels.grey_of(thumb)
        measures = pixels.measure(grey, thumb, thumb_grey)
        return _Seen(measures, 8.0 * len(data) / grey.size, small, thumb_grey, grey)

    def _look(
        self,
        number: int,
        seen: _Seen,
        before: _Seen | None = None,
        shot: Shot | None = None,
        ids: tuple[tuple[int, int], ...] = (),
    ) -> Look:
        measures, small = seen.measures, seen.small.tobytes()
        is_blank = pixels.blank(
            measures.contrast, measures.entropy, before.measures.entropy if before else None
        )
        if before is None:
            return Look(number, measures, seen.bits, small, blank=is_blank, ids=ids)
        was_blank = pixels.blank(before.measures.contrast, before.measures.entropy, None)
        fill, clipped = None, measures.clipped
        if shot is not None and shot.trace is not None:
            fill, clipped = _filled(before.measures, shot.trace, seen)
        return Look(
            number,
            measures,
            seen.bits,
            small,
            pixels.ssim(before.grey, seen.grey),
            distance(before.measures.hash, measures.hash),
            pixels.rms(before.small, seen.small),
            correlation(before.small, seen.small),
            clipped - before.measures.clipped,
            fill,
            is_blank and not was_blank,
            ids,
        )


def _filled(before: Measures, trace: Trace, seen: _Seen) -> tuple[float, float]:
    """(share of the frame that does not show the source, clipped share of what does)."""
    if not trace:
        return 0.0, seen.measures.clipped
    mask = shown((before.width, before.height), trace)
    if mask.all() or not mask.any():
        return 1.0 - float(mask.mean()), seen.measures.clipped
    x, y = points(seen.measures.width, seen.measures.height)
    levels = seen.whole[y[mask].astype(np.intp), x[mask].astype(np.intp)]
    return 1.0 - float(mask.mean()), pixels.clipped_share(levels)


def _ids(address: str | None) -> tuple[tuple[int, int], ...]:
    """(class id, pixels) of a mask, by id; () where it cannot be read."""
    if address is None:
        return ()
    try:
        ids, _ = read_mask(read(address), max_megapixels=MEGAPIXELS)
    except ItemError:
        return ()
    counts = np.bincount(ids.ravel())
    return tuple((int(number), int(counts[number])) for number in np.flatnonzero(counts))
