"""Random pixels from whole numbers: 16-bit random words looked up in tables of whole pixel levels.

A table holds the inverse of a distribution function at the midpoints (k + 0.5) / 65536, so that a uniform
16-bit word becomes a number of that distribution by one look-up. Apart from the tables, which are made with
scalar `math`, all arithmetic on pixels is exact: no processor's floating-point kernels show in an image.

Every value of an image has a word of its own; no tile is reused. An image is worked through in bands that fit
the processor's cache, which is three times as fast as whole arrays and needs no memory to speak of.

This module knows images and numbers, but no operation, no recipe and no label.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from augcli.sample import Image

Words = NDArray[np.uint16]
Table = NDArray[Any]

WORDS = 1 << 16
"""How many values a word can take; probabilities are whole multiples of 1 / WORDS."""

_BAND = 1 << 15
"""Pixels per band; a multiple of 4, because words come four at a time."""

_GAIN_BITS = 12
_COLOUR_BITS = 12
_DEPTHS = {"uint8": cv2.CV_8U, "uint16": cv2.CV_16U}


def random_words(source: np.random.SFC64, count: int) -> Words:
    """(count,) uint16: the next words of a generator. Up to three more are used up when 4 does not divide."""
    raw: NDArray[np.uint64] = source.random_raw((count + 3) // 4)
    return raw.view(np.uint16)[:count]


def chosen(seed: int, width: int, height: int, share: float) -> NDArray[np.bool_]:
    """(height, width): True for this share of the pixels, each independently of the others.

    The probability is `share` rounded to a multiple of 1 / 65536.
    """
    words = random_words(np.random.SFC64(seed), width * height)
    return (words < round(share * WORDS)).reshape(height, width)


def random_levels(shape: tuple[int, ...], dtype: np.dtype[Any], seed: int, low: int, high: int) -> Image:
    """An image of independent values, uniform over the whole levels low to high, both included."""
    table = (np.arange(WORDS) * (high - low + 1) // WORDS + low).astype(dtype)
    words = random_words(np.random.SFC64(seed), math.prod(shape))
    return cv2.LUT(words, table).reshape(shape)


def _bands(image: Image, out: Image, seed: int, shared: bool) -> Iterator[tuple[Image, Words, Image]]:
    """(old, words, new) of each band, all (1, n): `new` is a view of `out`, to be filled.

    One word per value, or with `shared` one per pixel, repeated for its channels.
    """
    source = np.random.SFC64(seed)
    channels = image.shape[2] if image.ndim == 3 else 1
    old, new = image.reshape(1, -1), out.reshape(1, -1)  # a plain (n,) of one value would pass for a scalar
    for start in range(0, old.size, _BAND * channels):
        part = slice(start, min(start + _BAND * channels, old.size))
        count = part.stop - part.start
        if shared and channels > 1:
            words = np.asarray(cv2.merge([random_words(source, count // channels)] * channels), np.uint16)
        else:
            words = random_words(source, count)
        yield old[:, part], words.reshape(1, -1), new[:, part]


def clip(image: Image, low: float, high: float) -> Image:
    """The image with every value within [low, high]; written into it, so it must be the caller's own."""
    if low > 0 or high < np.iinfo(image.dtype).max:
        np.clip(image, int(low), int(high), out=image)
    return image


def add(image: Image, table: Table, seed: int, low: float, high: float, *, shared: bool = False) -> Image:
    """The image plus one looked-up number per value, clipped to [low, high].

    image   (H, W) or (H, W, C), uint8 or uint16
    table   (65536,) of whole levels, see `levels` and `spots`
    shared  the same number for all channels of a pixel
    """
    out, depth = np.empty(image.shape, image.dtype), _DEPTHS[image.dtype.name]
    for old, words, new in _bands(image, out, seed, shared):
        cv2.add(old, cv2.LUT(words, table), dst=new, dtype=depth)
    return clip(out, low, high)


def multiply(image: Image, std: float, seed: int, low: float, high: float, *, shared: bool = False) -> Image:
    """Every value v becomes low + (v - low) (1 + n), n ~ N(0, std), clipped to [low, high].

    `std` is at most 1. Factors are multiples of 1 / 4096, so that 8-bit products are exact, and rounded
    once.
    """
    table = _gains(std)
    out = np.empty(image.shape, image.dtype)
    for old, words, new in _bands(image, out, seed, shared):
        gains = cv2.LUT(words, table)
        above = _above(old, low, high)
        cv2.multiply(above, gains, dst=new, scale=2.0**-_GAIN_BITS, dtype=_DEPTHS[image.dtype.name])
        _lift(new, low, high)
    return out


def photons(image: Image, peak: float, seed: int, low: float, high: float) -> Image:
    """Photon noise: every value v becomes Poisson(v peak) / peak, v in units of full scale high - low.

    `peak` is the mean photon count of white, 1 to 50,000. In 16 bit, v = 256 a + b, and the sum of
    Poisson numbers of 256 a and of b is one of v: two tables of 256 rows serve all 65,536 levels.
    Probabilities are multiples of 1 / 4096.
    """
    step = peak / (high - low)
    out = np.empty(image.shape, image.dtype)
    second = np.random.SFC64([seed, 1])
    for old, words, new in _bands(image, out, seed, shared=False):
        above = _above(old, low, high)
        if image.dtype == np.uint8:
            new[...] = _photon_levels(peak, high - low)[_cell(above, words)]
        else:
            more = random_words(second, words.size).reshape(1, -1)
            counts = _counts(256 * step)[_cell(above >> 8, words)].astype(np.float64)
            counts += _counts(step)[_cell(above & 255, more)]
            new[...] = np.minimum(np.rint(counts / step), high - low)
        _lift(new, low, high)
    return out


def _cell(rows: Image, words: Words) -> NDArray[np.intp]:
    """Indices into a table of 4,096 columns: the row, and the column from the upper 12 bits of a word."""
    return (rows.astype(np.intp) << 12) | (words >> np.uint16(4))


def _above(values: Image, low: float, high: float) -> Image:
    """What lies above black: values - low, within [0, high - low]."""
    if low <= 0 and high >= np.iinfo(values.dtype).max:
        return values
    clipped: Image = np.clip(values, int(low), int(high)) - values.dtype.type(low)
    return clipped


def _lift(values: Image, low: float, high: float) -> None:
    """The reverse of `_above`, in place; values over high - low become high."""
    if low > 0 or high < np.iinfo(values.dtype).max:
        np.minimum(values, int(high - low), out=values)
        values += values.dtype.type(low)


def add_camera(image: Image, luma: float, colour: float, seed: int, low: float, high: float) -> Image:
    """RGB plus noise Y ~ N(0, luma) and Cb, Cr ~ N(0, colour) in pixel levels, by the JFIF colour equations.

    R + Y + 1.402 Cr, G + Y - 0.344136 Cb - 0.714136 Cr, B + Y + 1.772 Cb (ITU-T T.871). Parts are summed
    in 1/4096 of a level and rounded once. `image` is (H, W, 3).
    """
    one = 1 << _COLOUR_BITS
    of_luma = _fixed(luma * one, one // 2)  # half a level, because the shift below rounds down
    red_cr, green_cb, green_cr, blue_cb = (
        _fixed(colour * weight * one, 0.0) for weight in (1.402, -0.344136, -0.714136, 1.772)
    )
    out = np.empty(image.shape, image.dtype)
    for old, words, new in _bands(image, out, seed, shared=False):
        for_y, for_cb, for_cr = words.reshape(3, -1)
        y = cv2.LUT(for_y, of_luma)
        red = y + cv2.LUT(for_cr, red_cr)
        green = y + cv2.LUT(for_cb, green_cb) + cv2.LUT(for_cr, green_cr)
        blue = y + cv2.LUT(for_cb, blue_cb)
        noise = np.asarray(cv2.merge([red, green, blue]), np.int32) >> _COLOUR_BITS
        cv2.add(old, noise.reshape(1, -1), dst=new, dtype=_DEPTHS[image.dtype.name])
    return clip(out, low, high)


@lru_cache(maxsize=3)
def quantiles(shape: str) -> NDArray[np.float64]:
    """(65536,) float64: quantiles of a distribution of mean 0 at (k + 0.5) / 65536; exactly antisymmetric.

    shape   normal   standard deviation 1; the ends are +-4.32
            laplace  standard deviation 1: -sign(u - 1/2) ln(1 - 2 |u - 1/2|) / sqrt(2)
            uniform  on [-1, 1]
    """
    lower = [(k + 0.5) / WORDS for k in range(WORDS // 2)]
    if shape == "normal":
        inverse = NormalDist().inv_cdf
        half = [inverse(u) for u in lower]
    elif shape == "laplace":
        half = [math.log(2.0 * u) / math.sqrt(2.0) for u in lower]
    else:
        half = [2.0 * u - 1.0 for u in lower]
    left = np.array(half)
    return _frozen(np.concatenate([left, -left[::-1]]))


@lru_cache(maxsize=8)
def levels(shape: str, mean: float, spread: float) -> Table:
    """(65536,): mean + spread * quantiles(shape), rounded to whole levels, in the smallest type that fits."""
    values = np.rint(quantiles(shape) * spread + mean)
    largest = max(-values[0], values[-1])
    return _frozen(values.astype(np.int8 if largest <= 127 else np.int16 if largest <= 32767 else np.int32))


@lru_cache(maxsize=8)
def spots(amount: float, salt: float) -> Table:
    """(65536,) int32: +65535 for salt, -65535 for pepper, 0 elsewhere; to be added with saturation.

    amount  share of words that are spots; salt  share of the spots that are salt. Both shares are rounded
    to multiples of 1 / 65536.
    """
    table = np.zeros(WORDS, np.int32)
    table[: round(amount * WORDS)] = -65535
    table[: round(amount * salt * WORDS)] = 65535
    return _frozen(table)


@lru_cache(maxsize=4)
def _gains(std: float) -> Table:
    one = 1 << _GAIN_BITS
    return _frozen(np.rint((quantiles("normal") * std + 1.0) * one).astype(np.int16))


@lru_cache(maxsize=12)
def _fixed(spread: float, offset: float) -> Table:
    return _frozen(np.rint(quantiles("normal") * spread + offset).astype(np.int32))


@lru_cache(maxsize=4)
def _counts(step: float) -> NDArray[np.uint16]:
    """(256 * 4096,): in row i the quantiles of Poisson(i step) at (k + 0.5) / 4096.

    Probabilities by p(k) = p(k-1) mean / k from five standard deviations below the mean, where scalar `math`
    gives the first; products and sums run in order, so that they are the same on every processor.
    """
    means = [row * step for row in range(256)]
    first = [max(0, math.floor(mean - 5 * math.sqrt(mean) - 10)) for mean in means]
    start = [
        math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) if mean else 1.0
        for k, mean in zip(first, means, strict=True)
    ]
    width = max(math.ceil(mean + 5 * math.sqrt(mean) + 10) - k for k, mean in zip(first, means, strict=True))
    counts = np.array(first)[:, None] + np.arange(width)
    factors = np.array(means)[:, None] / np.maximum(counts, 1)
    factors[:, 0] = start
    reached = np.cumsum(np.cumprod(factors, axis=1), axis=1)
    ends = np.minimum(np.rint(reached * 4096), 4096).astype(np.intp)
    ends[:, -1] = 4096
    times = np.diff(ends, axis=1, prepend=0)
    return _frozen(np.repeat(counts.astype(np.uint16).ravel(), times.ravel()))


@lru_cache(maxsize=2)
def _photon_levels(peak: float, scale: float) -> NDArray[np.uint8]:
    """`_counts` of 8-bit levels, as levels again."""
    step = peak / scale
    level = np.minimum(np.rint(np.arange(WORDS) / step), scale).astype(np.uint8)
    return _frozen(level[_counts(step)])


def _frozen(table: Table) -> Table:
    """The same array, read-only: a cached table is shared by all images."""
    table.flags.writeable = False
    return table
