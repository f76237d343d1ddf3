"""Masks: pictures whose pixels are numbers (class ids), not colours. Read and written without changing one.

Converting a palette picture to grey or RGB turns ids into luminance, and Pillow multiplies the samples of 2-
and 4-bit grey pictures; so what the file itself declares decides how it is read, and the files are written
by hand. Knows neither classes nor datasets.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from augcli.errors import ItemError
from augcli.images import tiff
from augcli.images.containers import indexed_png
from augcli.images.kinds import sniff
from augcli.images.png_header import COLOURS, GREY, header
from augcli.images.quiet import hold_frames, undisturbed
from augcli.images.verdict import verdict

Ids = NDArray[np.uint8] | NDArray[np.uint16]
"""(H, W) uint8 or uint16."""

LOSSY = "is a {kind} file, whose compression changes ids; save masks as PNG"
DEEP = "has {bits}-bit samples; save masks as 8- or 16-bit PNG"
PAGES = "holds several pictures; save one mask per file"

_PILLOW_NAMES = {"png": "PNG", "tiff": "TIFF", "gif": "GIF", "bmp": "BMP"}
_BLACK_IS_ZERO, _PALETTE = 1, 3
_SCALED = {2: 85, 4: 17}
"""What Pillow multiplies grey samples of so many bits by."""


def read_mask(data: bytes, *, max_megapixels: float = 100.0) -> tuple[Ids, bytes | None]:
    """The ids of a mask file (PNG, TIFF, GIF, BMP) and its palette.

    ids      (H, W): palette indices, or grey samples as they are stored, 1 to 16 bit; uint16 for 16 bit
    palette  r, g, b, r, g, b, ... of indices 0, 1, ...; None for grey

    Raises ItemError bad_label, which names a remedy, for everything else: colours (their meaning is not in
    the file), alpha, lossy compression, several pictures, other depths, damaged or oversized files.
    """
    kind = sniff(data)
    if kind not in _PILLOW_NAMES:
        raise _bad(LOSSY.format(kind=kind.upper()) if kind in ("jpeg", "webp") else "is no PNG or TIFF file")
    with undisturbed():
        try:
            return _read(data, kind, max_megapixels)
        except ItemError as error:
            raise error if error.code == "bad_label" else _bad(f"cannot be read: {error.text}") from None
        except Exception as error:  # decoders raise nearly everything on damaged data
            found = verdict(kind, data, error)
            raise found if found.code == "memory_limit" else _bad(f"cannot be read: {found.text}") from error


def write_mask(ids: Ids, palette: bytes | None = None, bits: int = 8, *, level: int = 6) -> bytes:
    """A PNG file with exactly these ids.

    ids      (H, W) uint8 or uint16
    palette  as `read_mask` gives it: a palette picture of 8 bit; black entries are added for ids beyond it
    bits     of grey: 1, 2, 4, 8 or 16; more are taken where an id needs them

    Raises ItemError cannot_hold for ids over 255 with a palette.
    """
    largest = int(ids.max(initial=0))
    if palette is None:
        depth = next(depth for depth in (1, 2, 4, 8, 16) if depth >= bits and largest < 1 << depth)
        return indexed_png(ids, depth, None, level)
    if largest > 255:
        raise ItemError("cannot_hold", format="palette PNG", what=f"the class id {largest}")
    return indexed_png(ids.astype(np.uint8), 8, palette.ljust(3 * (largest + 1), b"\0"), level)


def _read(data: bytes, kind: str, max_megapixels: float) -> tuple[Ids, bytes | None]:
    scale = _CHECKS[kind](data)
    if kind == "gif":
        hold_frames(max_megapixels)
    picture = PillowImage.open(BytesIO(data), formats=(_PILLOW_NAMES[kind],))
    width, height = picture.size
    if width * height > max_megapixels * 1e6:
        raise ItemError("too_large", width=width, height=height, limit=f"{max_megapixels:g}")
    if getattr(picture, "is_animated", False):
        raise _bad(PAGES)
    picture.load()
    mode = picture.mode
    if mode not in ("1", "L", "P") and not mode.startswith("I;16"):
        raise _bad(COLOURS.format(mode=mode))
    ids: NDArray[Any] = np.asarray(picture)
    palette = bytes(picture.getpalette("RGB") or ()) if mode == "P" else None
    if mode.startswith("I;16"):
        return ids.astype(np.uint16), palette
    return ids.astype(np.uint8) // np.uint8(scale), palette


def _check_png(data: bytes) -> int:
    found = header(data)
    if found is None:
        raise ItemError("corrupt")
    if found.fault:
        raise _bad(found.fault)
    return _SCALED.get(found.bits, 1) if found.kind == GREY else 1


def _check_tiff(data: bytes) -> int:
    found = tiff.tags(data)
    if found.pages > 1:
        raise _bad(PAGES)
    photometric = found.one(tiff.PHOTOMETRIC, 1)
    if len(found.bits) > 1 or photometric not in (tiff.WHITE_IS_ZERO, _BLACK_IS_ZERO, _PALETTE):
        raise _bad(COLOURS.format(mode=found.layout))
    whole = set(found.many(tiff.SAMPLE_FORMAT)) <= {1}
    if found.bits[0] not in (1, 8, 16) or not whole or photometric == tiff.WHITE_IS_ZERO:
        raise _bad(f"has samples of a layout that is not read ({found.layout}); save masks as PNG")
    return 1


def _check_bmp(data: bytes) -> int:
    bits = int.from_bytes(data[28:30], "little")
    if bits > 8:
        raise _bad(COLOURS.format(mode=f"{bits} bit"))
    if bits not in (1, 8):
        raise _bad(DEEP.format(bits=bits))
    return 1


def _check_gif(_: bytes) -> int:
    return 1


_CHECKS: dict[str, Callable[[bytes], int]] = {
    "png": _check_png,
    "tiff": _check_tiff,
    "bmp": _check_bmp,
    "gif": _check_gif,
}
"""Kind -> what refuses files that Pillow would read as something else; by how much Pillow scales the rest."""


def _bad(reason: str) -> ItemError:
    return ItemError("bad_label", reason=f"the mask {reason}")
