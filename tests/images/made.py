"""Image files written byte by byte, from the specifications alone, to compare the product with."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from augcli.images import Picture, decode


def decoded(data: bytes) -> Picture:
    return decode(data, max_megapixels=100)


def pixels(shape: tuple[int, ...], dtype: str = "uint8", seed: int = 0) -> NDArray[Any]:
    return np.random.default_rng(seed).integers(0, np.iinfo(dtype).max + 1, shape, dtype=dtype)


def smooth(width: int = 64, height: int = 48) -> NDArray[np.uint8]:
    """A photograph-like picture, which JPEG keeps well."""
    y, x = np.mgrid[:height, :width]
    return np.dstack((x * 255 // width, y * 255 // height, (x + y) * 255 // (width + height))).astype(
        np.uint8
    )


def saved(picture: Image.Image, format: str, **options: Any) -> bytes:
    file = BytesIO()
    picture.save(file, format, **options)
    return file.getvalue()


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(rows: list[bytes], width: int, depth: int, colour: int, extra: bytes = b"") -> bytes:
    """A PNG from packed rows; `extra` chunks stand before the pixels."""
    header = struct.pack(">IIBBBBB", width, len(rows), depth, colour, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + row for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def deep_png(image: NDArray[np.uint16], colour: int, extra: bytes = b"") -> bytes:
    return png([row.astype(">u2").tobytes() for row in image], image.shape[1], 16, colour, extra)


def tiff(image: NDArray[Any], tags: dict[int, tuple[int, ...]], order: str = "<") -> bytes:
    """An uncompressed TIFF of one strip; `tags` are SHORTs and replace or add to the plain ones."""
    height, width = image.shape[:2]
    samples = 1 if image.ndim == 2 else image.shape[2]
    strip = image.astype(image.dtype.newbyteorder(order)).tobytes()
    strip += b"\0" * (len(strip) % 2)
    found: dict[int, tuple[int, ...]] = {
        256: (width,),
        257: (height,),
        258: (image.dtype.itemsize * 8,) * samples,
        259: (1,),
        262: (1 if samples < 3 else 2,),
        273: (8,),
        277: (samples,),
        278: (height,),
        279: (len(strip),),
        **tags,
    }
    offset = 8 + len(strip)
    beside, entries, values = offset + 6 + 12 * len(found), b"", b""
    for tag, numbers in sorted(found.items()):
        kind = "I" if tag in (273, 279) else "H"
        value = b"".join(struct.pack(order + kind, number) for number in numbers)
        entries += struct.pack(order + "HHI", tag, 4 if kind == "I" else 3, len(numbers))
        if len(value) > 4:
            value, values = struct.pack(order + "I", beside + len(values)), values + value
        entries += value.ljust(4, b"\0")
    start = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", offset)
    return start + strip + struct.pack(order + "H", len(found)) + entries + b"\0\0\0\0" + values
