"""Which kinds of image file there are, by name and by first bytes: what is read, refused, written.

Imports neither numpy nor OpenCV nor Pillow, because listing a dataset needs it and must start fast.
"""

from __future__ import annotations

import re
from importlib.util import find_spec
from typing import Literal

FORMATS = ("jpeg", "png", "webp", "bmp", "tiff")
"""The formats that are written."""

_EXTENSIONS = {"jpeg": ".jpg", "png": ".png", "webp": ".webp", "bmp": ".bmp", "tiff": ".tif"}
_WRITTEN_FOR = {"gif": "png", "heif": "jpeg"}

_READ = {
    **dict.fromkeys((".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"), "jpeg"),
    **dict.fromkeys((".png", ".apng"), "png"),
    **dict.fromkeys((".tif", ".tiff"), "tiff"),
    **dict.fromkeys((".bmp", ".dib"), "bmp"),
    **dict.fromkeys((".heic", ".heif", ".hif"), "heif"),
    ".webp": "webp",
    ".gif": "gif",
}

_RAW_HINT = "; develop RAW files to 16-bit TIFF first"
_CONVERT_HINT = "; convert them to PNG or JPEG first"
HEIF_HINT = "; install them with: pip install 'augcli[heif]'"

_REFUSED = {
    **dict.fromkeys((".jp2", ".j2k", ".j2c", ".jpc", ".jpf", ".jpx"), "JPEG 2000"),
    **dict.fromkeys((".avif", ".avifs"), "AVIF"),
    **dict.fromkeys((".svg", ".svgz"), "SVG"),
    **dict.fromkeys((".eps", ".ps"), "EPS"),
    **dict.fromkeys((".psd", ".psb"), "Photoshop"),
    **dict.fromkeys((".pbm", ".pgm", ".ppm", ".pnm", ".pam", ".pfm"), "Netpbm"),
    **dict.fromkeys((".fit", ".fits"), "FITS"),
    ".jxl": "JPEG XL",
    ".tga": "TGA",
    ".exr": "OpenEXR",
    ".hdr": "Radiance HDR",
    ".ico": "ICO",
    ".qoi": "QOI",
    ".xcf": "GIMP",
    ".dcm": "DICOM",
    ".dds": "DDS",
    ".cr2": "Canon RAW",
    ".cr3": "Canon RAW",
    ".crw": "Canon RAW",
    ".nef": "Nikon RAW",
    ".nrw": "Nikon RAW",
    ".arw": "Sony RAW",
    ".sr2": "Sony RAW",
    ".srf": "Sony RAW",
    ".dng": "DNG",
    ".orf": "Olympus RAW",
    ".rw2": "Panasonic RAW",
    ".raf": "Fujifilm RAW",
    ".pef": "Pentax RAW",
    ".srw": "Samsung RAW",
}

KNOWN_EXTENSIONS = frozenset(_READ) | frozenset(_REFUSED)
"""Lower-case extensions, dot included, of the files that a listing takes for images."""


def kind_of(name: str) -> Literal["image", "unsupported"] | None:
    """What a file is by its name: read, a known image that is not read (an error row), or no image."""
    ending = _ending(name)
    kind = _READ.get(ending)
    if kind is None:
        return "unsupported" if ending in _REFUSED else None
    return "unsupported" if kind == "heif" and not reads_heif() else "image"


def format_of(name: str) -> str | None:
    """The format that a file has by its name (jpeg, png, webp, bmp, tiff, gif, heif); None when not read."""
    return _READ.get(_ending(name))


def why_unsupported(name: str) -> tuple[tuple[str, str], ...]:
    """The facts that fill the text of `unsupported_format` for a file that `kind_of` calls unsupported."""
    ending = _ending(name)
    return tuple(refusal(_REFUSED.get(ending, "HEIF")).items())


def refusal(kind: str) -> dict[str, str]:
    """{format, hint} of a kind of image that is not read."""
    if kind == "HEIF":
        return {"format": kind, "hint": HEIF_HINT}
    return {"format": kind, "hint": _RAW_HINT if kind.endswith("RAW") or kind == "DNG" else _CONVERT_HINT}


def reads_heif() -> bool:
    """Whether the extra `heif` is installed."""
    return find_spec("pillow_heif") is not None


def _ending(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    return f".{ending.lower()}" if dot and stem else ""


def extension(format: str) -> str:
    """The extension, dot included, of files written in this format."""
    return _EXTENSIONS[format]


def format_for(source: str, wanted: str) -> str:
    """The format to write for a picture that was read as `source`.

    `same` keeps what can be written; a GIF becomes PNG (lossless), a HEIF photograph JPEG.
    """
    return _WRITTEN_FOR.get(source, source) if wanted == "same" else wanted


def can_hold(format: str, dtype: object, channels: int) -> bool:
    """Whether the format keeps this depth (a numpy dtype or its name) and, for 2 and 4 channels, alpha."""
    if str(dtype) == "uint16" and format not in ("png", "tiff"):
        return False
    return channels in (1, 3) or format != "jpeg"


_BMP_HEADERS = (12, 16, 40, 52, 56, 64, 108, 124)
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1")

_FIRST_BYTES = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"II+\0", "tiff"),
    (b"MM\0+", "tiff"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
    (b"\xff\x0a", "JPEG XL"),
    (b"8BPS", "Photoshop"),
    (b"%PDF-", "PDF"),
    (b"%!PS", "EPS"),
    (b"\xc5\xd0\xd3\xc6", "EPS"),
    (b"\x76\x2f\x31\x01", "OpenEXR"),
    (b"#?RADIANCE", "Radiance HDR"),
    (b"\0\0\1\0", "ICO"),
    (b"qoif", "QOI"),
    (b"gimp xcf", "GIMP"),
    (b"DDS ", "DDS"),
    (b"SIMPLE  =", "FITS"),
    (b"FUJIFILMCCD-RAW", "Fujifilm RAW"),
    (b"II\x1a\0\0\0HEAPCCDR", "Canon RAW"),
    (b"IIU\0", "Panasonic RAW"),
    (b"IIRO", "Olympus RAW"),
    (b"IIRS", "Olympus RAW"),
    (b"MMOR", "Olympus RAW"),
)


def sniff(data: bytes) -> str | None:
    """The kind of image these bytes begin: a format that is read, a kind that is refused, or None.

    RAW files built on TIFF need a look at their tags: see `tiff.raw_kind`.
    """
    for start, kind in _FIRST_BYTES:
        if data.startswith(start):
            return "Canon RAW" if kind == "tiff" and data[8:10] == b"CR" else kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[:2] == b"BM" and int.from_bytes(data[14:18], "little") in _BMP_HEADERS:
        return "bmp"
    if data[4:8] == b"ftyp":
        return _sniff_iso_media(data)
    if data[128:132] == b"DICM":
        return "DICOM"
    if re.match(rb"P[1-7Ff][ \t\r\n#]", data):
        return "Netpbm"
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<svg", b"<?xml", b"<!doctype svg", b"<!--")) and b"<svg" in head:
        return "SVG"
    return None


def _sniff_iso_media(data: bytes) -> str | None:
    """AVIF, HEIF and CR3 share a container (ISO/IEC 14496-12); the brands of its first box tell."""
    box = data[8 : min(int.from_bytes(data[:4], "big"), 256)]
    brands = [box[i : i + 4] for i in range(0, len(box), 4) if i != 4]
    if b"avif" in brands or b"avis" in brands:
        return "AVIF"
    if b"crx " in brands:
        return "Canon RAW"
    return "heif" if any(brand in _HEIF_BRANDS for brand in brands) else None
