"""The tags of a TIFF file, read before any pixel: depth, pages, RAW variants, missing strips.

Pillow opens 16-bit RGB as 8-bit without a word, and RAW files as their thumbnail, so the tags decide.
Tag numbers: TIFF 6.0 (Adobe, 1992), DNG 1.7 and TIFF/EP.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Literal

from PIL import TiffImagePlugin

SUBFILE_TYPE, WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC = 254, 256, 257, 258, 259, 262
MAKE, STRIP_OFFSETS, ORIENTATION, SAMPLES, STRIP_SIZES, PLANAR = 271, 273, 274, 277, 279, 284
TILE_WIDTH, TILE_HEIGHT, TILE_OFFSETS, TILE_SIZES, SUB_IFDS = 322, 323, 324, 325, 330
EXTRA_SAMPLES, SAMPLE_FORMAT, DNG_VERSION = 338, 339, 50706
_USED: tuple[int, ...] = (
    *(SUBFILE_TYPE, WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, MAKE, STRIP_OFFSETS, ORIENTATION),
    *(SAMPLES, STRIP_SIZES, PLANAR, TILE_WIDTH, TILE_HEIGHT, TILE_OFFSETS, TILE_SIZES, SUB_IFDS),
    *(EXTRA_SAMPLES, SAMPLE_FORMAT, DNG_VERSION),
)

WHITE_IS_ZERO, RGB = 0, 2
_COLOUR_FILTER_ARRAY = (32803, 34892)
_RAW_COMPRESSIONS = (32767, 32769, 32770, 32867, 34713)
_MAKERS = {"nikon": "Nikon", "sony": "Sony", "canon": "Canon", "pentax": "Pentax", "samsung": "Samsung"}
_MOST_PAGES = 65536


@dataclass(frozen=True)
class Tags:
    """The first page's tags and the number of pages (thumbnails and masks not counted)."""

    values: Mapping[int, Any]
    pages: int

    def one(self, tag: int, default: int) -> int:
        """A tag that holds one integer."""
        value = self.values.get(tag, default)
        value = value[0] if isinstance(value, tuple) and value else value
        return int(value) if isinstance(value, int | float) else default

    def many(self, tag: int) -> tuple[int, ...]:
        """A tag that holds any number of integers; empty when missing."""
        value = self.values.get(tag, ())
        value = value if isinstance(value, tuple) else (value,)
        return tuple(int(item) for item in value if isinstance(item, int | float))

    @property
    def bits(self) -> tuple[int, ...]:
        """Bits of each sample of a pixel."""
        return self.many(BITS) or (1,)

    @property
    def layout(self) -> str:
        """The pixel layout in words."""
        bits = "/".join(map(str, self.bits[:8]))
        photometric, compression = self.one(PHOTOMETRIC, -1), self.one(COMPRESSION, 1)
        return f"TIFF photometric {photometric}, {bits} bit, compression {compression}"

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) as stored, before orientation."""
        return self.one(WIDTH, 0), self.one(HEIGHT, 0)

    @property
    def tile_size(self) -> tuple[int, int]:
        """(width, height) of a tile; (0, 0) in a file of strips. A tile may be larger than its picture."""
        return self.one(TILE_WIDTH, 0), self.one(TILE_HEIGHT, 0)


def tags(data: bytes) -> Tags:
    """The tags of the file. Raises ValueError, or whatever Pillow raises, on a damaged directory."""
    file = BytesIO(data)
    first: Mapping[int, Any] | None = None
    pages, offset, seen = 0, -1, set[int]()
    while offset and offset not in seen and len(seen) < _MOST_PAGES:
        directory = TiffImagePlugin.ImageFileDirectory_v2(data[: 16 if _is_big(data) else 8])
        offset = directory.next if offset < 0 else offset
        seen.add(offset)
        file.seek(offset)
        directory.load(file)  # type: ignore[no-untyped-call,unused-ignore]
        values = {tag: directory[tag] for tag in _USED if tag in directory}
        if WIDTH not in values:
            break
        first = values if first is None else first
        # Bit 0: a reduced picture of another page; bit 2: a transparency mask.
        pages += not int(values.get(SUBFILE_TYPE, 0)) & 0b101
        offset = directory.next
    if first is None:
        raise ValueError("no directory")
    return Tags(first, max(pages, 1))


def _is_big(data: bytes) -> bool:
    return b"+" in data[2:4]


def raw_kind(found: Tags) -> str | None:
    """The kind of camera RAW file that these tags belong to, or None."""
    if DNG_VERSION in found.values:
        return "DNG"
    sensor = found.one(PHOTOMETRIC, -1) in _COLOUR_FILTER_ARRAY
    packed = found.one(COMPRESSION, 1) in _RAW_COMPRESSIONS
    # Cameras put a thumbnail first and the sensor's data into a sub-directory.
    thumbnail = SUB_IFDS in found.values and found.one(SUBFILE_TYPE, 0) & 1
    if not (sensor or packed or thumbnail):
        return None
    maker = str(found.values.get(MAKE, "")).lower()
    return next((f"{name} RAW" for word, name in _MAKERS.items() if word in maker), "camera RAW")


def described(data: bytes) -> str | None:
    """The pixel layout in words, for a file whose directory is whole but whose layout nobody reads."""
    try:
        found = tags(data)
    except Exception:
        return None
    if not all(found.size) or not (found.many(STRIP_OFFSETS) or found.many(TILE_OFFSETS)):
        return None
    return found.layout


def ends_early(data: bytes) -> bool:
    """Whether the directory or a strip or tile lies beyond the end of the data."""
    try:
        found = tags(data)
    except Exception:
        return not _is_big(data) and _directory_ends_early(data)
    for offsets, sizes in ((STRIP_OFFSETS, STRIP_SIZES), (TILE_OFFSETS, TILE_SIZES)):
        starts, lengths = found.many(offsets), found.many(sizes)
        if any(start + length > len(data) for start, length in zip(starts, lengths, strict=False)):
            return True
    return False


def _directory_ends_early(data: bytes) -> bool:
    order: Literal["little", "big"] = "little" if data[:2] == b"II" else "big"
    start = int.from_bytes(data[4:8], order)
    entries = int.from_bytes(data[start : start + 2], order)
    return start + 2 + 12 * max(entries, 1) + 4 > len(data)
