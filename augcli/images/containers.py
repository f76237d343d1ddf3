"""File structures written by hand: colour profiles put into finished files, TIFF, PNG of grey + alpha or ids.

OpenCV writes no TIFF alpha tag and no grey + alpha PNG, Pillow no 16-bit colour; each is a few lines.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from augcli.errors import ItemError

if TYPE_CHECKING:
    from augcli.sample import Image

_APP2_ROOM = 65519
_PNG_START = b"\x89PNG\r\n\x1a\n"
_PNG_HEADER_END = 33
_PNG_COLOUR_TYPE = {1: 0, 2: 4, 3: 2, 4: 6}
_DEFLATE, _HORIZONTAL = 8, 2
_SHORT, _LONG, _UNDEFINED = 3, 4, 7


def jpeg_with_profile(jpeg: bytes, icc: bytes) -> bytes:
    """Insert an ICC profile after the JFIF segment, in APP2 segments (ICC.1:2022, annex B.4)."""
    parts = [icc[at : at + _APP2_ROOM] for at in range(0, len(icc), _APP2_ROOM)]
    if len(parts) > 255:
        raise ItemError("cannot_hold", format="jpeg", what=f"a colour profile of {len(icc)} bytes")
    segments = b"".join(
        b"\xff\xe2" + struct.pack(">H", len(part) + 16) + b"ICC_PROFILE\0" + bytes((n, len(parts))) + part
        for n, part in enumerate(parts, 1)
    )
    start = 2 + (2 + int.from_bytes(jpeg[4:6], "big") if jpeg[2:4] == b"\xff\xe0" else 0)
    return jpeg[:start] + segments + jpeg[start:]


def png_with_profile(png: bytes, icc: bytes) -> bytes:
    """Insert an iCCP chunk after the header (PNG 3rd edition, 11.3.2.3)."""
    chunk = _png_chunk(b"iCCP", b"ICC Profile\0\0" + zlib.compress(icc, 9))
    return png[:_PNG_HEADER_END] + chunk + png[_PNG_HEADER_END:]


def png(image: Image, level: int) -> bytes:
    """A PNG of any layout and depth, each row as its difference to the row above (filter `up`)."""
    height, width = image.shape[:2]
    colour_type = _PNG_COLOUR_TYPE[1 if image.ndim == 2 else image.shape[2]]
    samples = image.astype(image.dtype.newbyteorder(">")).reshape(height, -1).view(np.uint8)
    rows = np.empty((height, samples.shape[1] + 1), np.uint8)
    rows[:, 0] = 2
    rows[:, 1:] = samples
    rows[1:, 1:] -= samples[:-1]
    header = struct.pack(">IIBBBBB", width, height, image.dtype.itemsize * 8, colour_type, 0, 0, 0)
    body = _png_chunk(b"IDAT", zlib.compress(rows.tobytes(), level))
    return _PNG_START + _png_chunk(b"IHDR", header) + body + _png_chunk(b"IEND", b"")


def indexed_png(ids: NDArray[Any], bits: int, palette: bytes | None, level: int) -> bytes:
    """A PNG of (H, W) numbers of 1, 2, 4, 8 or 16 bit: palette indices, or grey where there is no palette.

    Rows are stored as they are, as the specification advises for palettes (PNG 3rd edition, 12.7).
    """
    height, width = ids.shape
    if bits < 8:
        planes = (ids[..., None] >> np.arange(bits - 1, -1, -1)) & 1  # bits of a sample, the highest first
        samples = np.packbits(planes.astype(np.uint8).reshape(height, width * bits), axis=1)
    else:
        samples = np.ascontiguousarray(ids, f">u{bits // 8}").view(np.uint8)
    rows = np.zeros((height, samples.shape[1] + 1), np.uint8)
    rows[:, 1:] = samples
    header = struct.pack(">IIBBBBB", width, height, bits, 0 if palette is None else 3, 0, 0, 0)
    colours = b"" if palette is None else _png_chunk(b"PLTE", palette)
    body = _png_chunk(b"IDAT", zlib.compress(rows.tobytes(), level))
    return _PNG_START + _png_chunk(b"IHDR", header) + colours + body + _png_chunk(b"IEND", b"")


def _png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def tiff(image: Image, level: int, icc: bytes | None) -> bytes:
    """A little-endian TIFF 6.0 of grey, RGB or RGBA (alpha not premultiplied), deflated, one strip."""
    height, width = image.shape[:2]
    channels = 1 if image.ndim == 2 else image.shape[2]
    pixels = image.reshape(height, width, channels).astype(image.dtype.newbyteorder("<"))
    differences: NDArray[Any] = pixels.copy()
    differences[:, 1:] -= pixels[:, :-1]
    strip = zlib.compress(differences.tobytes(), level)
    strip += b"\0" * (len(strip) % 2)  # the directory begins on a word
    tags: dict[int, tuple[int, bytes]] = {
        256: (_LONG, struct.pack("<I", width)),
        257: (_LONG, struct.pack("<I", height)),
        258: (_SHORT, struct.pack("<H", image.dtype.itemsize * 8) * channels),
        259: (_SHORT, struct.pack("<H", _DEFLATE)),
        262: (_SHORT, struct.pack("<H", 1 if channels == 1 else 2)),
        273: (_LONG, struct.pack("<I", 8)),
        277: (_SHORT, struct.pack("<H", channels)),
        278: (_LONG, struct.pack("<I", height)),
        279: (_LONG, struct.pack("<I", len(strip))),
        284: (_SHORT, struct.pack("<H", 1)),
        317: (_SHORT, struct.pack("<H", _HORIZONTAL)),
    }
    if channels == 4:
        tags[338] = (_SHORT, struct.pack("<H", 2))
    if icc:
        tags[34675] = (_UNDEFINED, icc)
    return b"II*\0" + struct.pack("<I", 8 + len(strip)) + strip + _tiff_directory(tags, 8 + len(strip))


def _tiff_directory(tags: dict[int, tuple[int, bytes]], offset: int) -> bytes:
    beside = offset + 2 + 12 * len(tags) + 4
    entries, values = b"", b""
    for tag, (kind, value) in sorted(tags.items()):
        count = len(value) // {_SHORT: 2, _LONG: 4, _UNDEFINED: 1}[kind]
        entries += struct.pack("<HHI", tag, kind, count)
        if len(value) <= 4:
            entries += value.ljust(4, b"\0")
        else:
            entries += struct.pack("<I", beside + len(values))
            values += value + b"\0" * (len(value) % 2)
    return struct.pack("<H", len(tags)) + entries + b"\0\0\0\0" + values
