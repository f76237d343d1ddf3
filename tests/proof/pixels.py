"""What a picture shows, told from its pixels alone: which of the scenes' colours, and where."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.proof.scenes import PALETTE

Plane = NDArray[np.bool_]
Sides = tuple[float, float, float, float]

_UNKNOWN = 255
_REACH = 2
"""Pixels around a mixture of colours in which the colours themselves are looked for."""

_DIFFERENT = 4
"""Colours around a mixture that are tried; more meet nowhere in these scenes but at single pixels."""
_NOISE = 6.0
"""How far rounding and filters carry a mixture from the line between two colours."""

_RUN = 16
"""Pixels along an edge that may count for nothing, one next to the other."""

_CODES = (PALETTE.astype(np.int64) * (65536, 256, 1)).sum(axis=1)
_ORDER = np.argsort(_CODES)


def grown(plane: Plane, by: int = 1) -> Plane:
    """The plane and its neighbours up to `by` pixels away, corners too."""
    kernel = np.ones((2 * by + 1, 2 * by + 1), np.uint8)
    return cv2.dilate(plane.view(np.uint8), kernel).view(np.bool_)


def shrunk(plane: Plane, by: int = 1) -> Plane:
    """The pixels whose neighbours up to `by` pixels away are all of the plane, and in the picture."""
    kernel = np.ones((2 * by + 1, 2 * by + 1), np.uint8)
    outside = {"borderType": cv2.BORDER_CONSTANT, "borderValue": 0}
    return cv2.erode(plane.view(np.uint8), kernel, **outside).view(np.bool_)


def sides(plane: Plane) -> Sides | None:
    """(x0, y0, x1, y1) around the pixels of a plane."""
    rows, columns = np.flatnonzero(plane.any(axis=1)), np.flatnonzero(plane.any(axis=0))
    if not rows.size:
        return None
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)


def _parted(mixtures: NDArray[np.float64], near: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(N,): the colour that is most of each mixture (N, 3), taken as one of two.

    near   (N, 25): the pure colours around each. Where no two of them make the mixture, as at the frame,
           which may cut one of them off, one of them and any other do; when that is most of it, the pixel
           counts for nothing.
    """
    ordered = np.sort(near, axis=1)
    ordered[:, 1:][ordered[:, 1:] == ordered[:, :-1]] = _UNKNOWN
    local = np.sort(ordered, axis=1)[:, :_DIFFERENT].astype(np.intp)
    one, other = np.triu_indices(_DIFFERENT)
    found, rest = _nearest(mixtures, local[:, one], local[:, other])
    lost = rest > _NOISE**2
    every = np.broadcast_to(np.arange(len(PALETTE)), (int(lost.sum()), _DIFFERENT, len(PALETTE)))
    here = np.broadcast_to(local[lost][:, :, None], every.shape)
    flat = (len(here), _DIFFERENT * len(PALETTE))
    again, rest_again = _nearest(mixtures[lost], here.reshape(flat), every.reshape(flat))
    again[~(again[:, None] == local[lost]).any(axis=1)] = _UNKNOWN
    found[lost] = np.where(rest_again < rest[lost], again, found[lost])
    return found


def _nearest(
    mixtures: NDArray[np.float64], one: NDArray[np.intp], other: NDArray[np.intp]
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Of the pairs of colours (N, K) whose line comes nearest to each mixture: the one that is most of it,
    and the square of the distance.
    """
    wide = np.full((_UNKNOWN + 1, 3), 30000.0)
    wide[: len(PALETTE)] = PALETTE
    begin, way = wide[one], wide[other] - wide[one]
    length = np.maximum((way**2).sum(axis=2), 1.0)
    at = np.clip(((mixtures[:, None] - begin) * way).sum(axis=2) / length, 0.0, 1.0)
    rest = ((mixtures[:, None] - begin - at[..., None] * way) ** 2).sum(axis=2)
    best = rest.argmin(axis=1)[:, None]
    most = np.take_along_axis(np.where(at <= 0.5, one, other), best, axis=1)[:, 0]
    return most.astype(np.uint8), np.take_along_axis(rest, best, axis=1)[:, 0]


@dataclass(frozen=True)
class Shown:
    """A picture made of scenes.

    image   (H, W, 3)
    colour  (H, W): the colour that each pixel shows most of
    pure    whether it shows nothing else
    """

    image: NDArray[np.uint8]
    colour: NDArray[np.uint8]
    pure: Plane

    @classmethod
    def of(cls, image: NDArray[np.uint8]) -> Shown:
        """Pure pixels are recognised; mixtures are parted, see `_parted`."""
        codes = (image.astype(np.int64) * (65536, 256, 1)).sum(axis=2)
        place = np.searchsorted(_CODES[_ORDER], codes).clip(0, len(_CODES) - 1)
        pure = _CODES[_ORDER][place] == codes
        colour = np.where(pure, _ORDER[place], _UNKNOWN).astype(np.uint8)
        rows, columns = np.nonzero(~pure)
        around = np.pad(colour, _REACH, constant_values=_UNKNOWN)
        span = range(2 * _REACH + 1)
        near = np.stack([around[rows + dy, columns + dx] for dy in span for dx in span], axis=1)
        colour[rows, columns] = _parted(image[rows, columns].astype(np.float64), near)
        return cls(image, colour, pure)

    @property
    def size(self) -> tuple[int, int]:
        return self.colour.shape[1], self.colour.shape[0]

    @property
    def known(self) -> Plane:
        """The pixels of which anything can be said."""
        found: Plane = self.colour != _UNKNOWN
        return found

    def of_colours(self, *colours: int) -> Plane:
        """The pixels that show most of one of these colours."""
        table = np.zeros(256, np.bool_)
        table[list(colours)] = True
        return table[self.colour]

    def may_be(self, colour: int) -> Plane:
        """The pixels that may be this colour for one half or more: the other half has colours in 0..255."""
        other = 2.0 * self.image - PALETTE[colour]
        found: Plane = ((other >= -2.0 * _NOISE) & (other <= 255.0 + 2.0 * _NOISE)).all(axis=2)
        return found

    def touched(self, plane: Plane) -> Plane:
        """The plane and the mixtures next to it: where the thing may still be seen a little."""
        for _ in range(_RUN):
            plane = plane | (grown(plane) & ~self.known)
        return plane | (grown(plane) & ~self.pure)

    @cached_property
    def calm(self) -> Plane:
        """Pixels, all of whose neighbours show purely the same."""
        same = cv2.dilate(self.colour, np.ones((3, 3))) == cv2.erode(self.colour, np.ones((3, 3)))
        found: Plane = same & shrunk(self.pure)
        return found
