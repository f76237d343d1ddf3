"""The header of a PNG mask: what its pixels are, read from the first bytes and without any library.

It lets a listing refuse masks that hold colours before a single pixel is decoded.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
"""Colour types (PNG 3rd edition, 11.2.1)."""

COLOURS = (
    "holds colours ({mode}), not class ids; map each colour to its id and save it as palette or grey PNG"
)
ALPHA = "has an alpha channel ({mode}); save it as palette or grey PNG without one"

HEAD = 65536
"""Bytes of a file that are looked at."""

_START = b"\x89PNG\r\n\x1a\n"
_BITS = {GREY: (1, 2, 4, 8, 16), PALETTE: (1, 2, 4, 8)}


@dataclass(frozen=True, slots=True)
class Header:
    """What a PNG declares.

    kind     colour type: GREY, RGB, PALETTE, GREY_ALPHA, RGBA
    bits     of one sample
    size     (width, height)
    palette  r, g, b, ... of a palette picture, else None
    fault    why it is no mask, with a remedy; "" when it is one
    """

    kind: int
    bits: int
    size: tuple[int, int]
    palette: bytes | None = None
    fault: str = ""


def header(data: bytes) -> Header | None:
    """The header of a PNG file, from its first bytes; None where they are not those of a sound one."""
    if data[:8] != _START or data[12:16] != b"IHDR" or len(data) < 33:
        return None
    width, height, bits, kind = struct.unpack(">IIBB", data[16:26])
    if kind in (RGB, RGBA, GREY_ALPHA):
        fault = ALPHA.format(mode="grey + alpha") if kind == GREY_ALPHA else ""
        return Header(kind, bits, (width, height), None, fault or COLOURS.format(mode=_name(kind)))
    if bits not in _BITS.get(kind, ()) or not width or not height:
        return None
    palette = _palette(data) if kind == PALETTE else None
    if kind == PALETTE and palette is None:
        return None
    return Header(kind, bits, (width, height), palette)


def chunks_fit(data: bytes) -> bool:
    """Whether every chunk of a PNG up to its end lies within the data, as its length says."""
    at = len(_START)
    while at + 12 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] == b"IEND" or end > len(data):
            return end <= len(data)
        at = end
    return False


def _name(kind: int) -> str:
    return "RGB" if kind == RGB else "RGBA"


def _palette(data: bytes) -> bytes | None:
    """The PLTE chunk, which stands before the pixels."""
    at = 33
    while at + 12 <= len(data):
        length, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        body = data[at + 8 : at + 8 + length]
        if name == b"PLTE":
            sound = data[at + 8 + length : at + 12 + length] == zlib.crc32(name + body).to_bytes(4, "big")
            return body if sound and body and length % 3 == 0 else None
        if name == b"IDAT":
            return None
        at += 12 + length
    return None
