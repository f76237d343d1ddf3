"""Why a picture that no decoder accepts is no good: cut short, damaged, or of a mode that is not read.

Knows the outlines of the file formats, never their pixels.
"""

from __future__ import annotations

from collections.abc import Iterator

from PIL import UnidentifiedImageError

from augcli.errors import ItemError
from augcli.images import tiff

_NO_MEMORY = ("insufficient memory", "failed to allocate", "out of memory", "cannot allocate memory")
"""Words of OpenCV (whose `cv2.error.code` belongs to the class, and is that of the last error) and Pillow."""

_CUT_SHORT = ("truncated", "not enough", "unexpected end", "could not read", "eof", "incomplete")


def lacks_memory(error: BaseException) -> bool:
    """Whether an exception of numpy, OpenCV or Pillow says that memory could not be had."""
    return isinstance(error, MemoryError) or any(word in str(error).lower() for word in _NO_MEMORY)


def verdict(kind: str, data: bytes, error: Exception) -> ItemError:
    """The item error for what a decoder raised on these bytes.

    The decoder's own words are used only to tell `memory_limit` and `truncated` from `corrupt`, never shown.
    """
    if lacks_memory(error):
        return ItemError("memory_limit")
    if kind == "jpeg" and (bits := _jpeg_precision(data)) not in (None, 8):
        return ItemError("unsupported_mode", mode=f"{bits}-bit JPEG")
    if isinstance(error, EOFError) or any(word in str(error).lower() for word in _CUT_SHORT):
        return ItemError("truncated")
    if ends_early(kind, data):
        return ItemError("truncated")
    unopened = isinstance(error, UnidentifiedImageError)
    if unopened and kind == "tiff" and (mode := tiff.described(data)) is not None:
        return ItemError("unsupported_mode", mode=mode)
    return ItemError("corrupt")


def ends_early(kind: str, data: bytes) -> bool:
    """Whether the outline of the file says that bytes are missing at its end."""
    if kind == "jpeg":
        return _jpeg_ends_early(data)
    if kind == "png":
        return b"IEND" not in data[-64:] and _png_ends_early(data)
    if kind == "webp":
        return int.from_bytes(data[4:8], "little") + 8 > len(data) + 1
    if kind == "gif":
        return b";" not in data[-4:]
    if kind == "bmp":
        return int.from_bytes(data[2:6], "little") > len(data)
    if kind == "tiff":
        return tiff.ends_early(data)
    return False


def _segments(data: bytes) -> Iterator[tuple[int, int]]:
    """(marker, offset of its length field) of a JPEG up to its scan; marker -1 where the data run out."""
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            return
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        yield marker, at + 2
        if marker == 0xDA:
            return
        at += 2 if 0xD0 <= marker <= 0xD8 else 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    yield -1, len(data)


def _jpeg_precision(data: bytes) -> int | None:
    for marker, at in _segments(data):
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC) and at + 2 < len(data):
            return data[at + 2]
    return None


def _jpeg_ends_early(data: bytes) -> bool:
    for marker, at in _segments(data):
        if marker == -1:
            return True
        if marker == 0xDA:
            return data.find(b"\xff\xd9", at) < 0
    return False


def _png_ends_early(data: bytes) -> bool:
    at = 8
    while at + 8 <= len(data):
        name = data[at + 4 : at + 8]
        if not name.isalpha():
            return False
        at += 12 + int.from_bytes(data[at : at + 4], "big")
    return True
