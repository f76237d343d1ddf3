"""The size of a picture from its header: what a plan needs of it without decoding."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from augcli.images.files import read
from augcli.images.kinds import reads_heif
from augcli.images.members import NUL
from augcli.images.quiet import hold_frames, undisturbed

_ORIENTATION = 0x0112
_NAMES = ("JPEG", "PNG", "GIF", "TIFF", "WEBP", "BMP")
_TURNS_ITSELF = ("TIFF", "HEIF")
"""Formats whose size Pillow gives as it is after turning."""


@dataclass(frozen=True, slots=True)
class Measure:
    """size      (width, height) turned upright
    raw_size     as stored
    orientation  the EXIF orientation that leads from one to the other, 1 to 8
    """

    size: tuple[int, int]
    raw_size: tuple[int, int]
    orientation: int


def measure(path: str, *, max_megapixels: float = 100.0) -> Measure | None:
    """The size of the picture at a path or inside a file; None where its header does not tell, and for one
    of more than `max_megapixels`, which decoding refuses.

    EXIF data that stand behind the pixels of a PNG are no part of the header and go unseen.
    """
    names: tuple[str, ...] = _NAMES
    if reads_heif():
        import pillow_heif

        pillow_heif.register_heif_opener()
        names = (*_NAMES, "HEIF")
    with undisturbed():
        hold_frames(max_megapixels)
        try:
            with Image.open(BytesIO(read(path)) if NUL in path else path, formats=names) as picture:
                size, form = picture.size, picture.format
                found = _orientation(picture)
        except Exception:  # whatever a decoder raises for what is no image: its row will say so
            return None
    if size[0] * size[1] > max_megapixels * 1e6:
        return None
    orientation = found if isinstance(found, int) and 1 <= found <= 8 else 1
    other = size[::-1] if orientation >= 5 else size
    return Measure(size, other, orientation) if form in _TURNS_ITSELF else Measure(other, size, orientation)


def _orientation(picture: Image.Image) -> object:
    """What the header says; a PNG is not asked for EXIF data that it does not have, which would decode it."""
    if picture.format == "HEIF":
        return picture.info.get("original_orientation")
    if picture.format == "TIFF" or {"exif", "xmp", "XML:com.adobe.xmp"} & picture.info.keys():
        return picture.getexif().get(_ORIENTATION, 1)
    return 1
