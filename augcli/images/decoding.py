"""Bytes of an image file become pixels, or an item error that says why not.

Pillow opens every file from a closed list of formats: it gives the header, the size (checked before any
pixel is decoded) and the verdict on damaged data. OpenCV decodes plain JPEG, with the same pixels in
less time, and the colour files of 16 bit, which Pillow reduces to 8. Nothing but ItemError is raised.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image as PillowImage

from augcli.errors import ItemError
from augcli.images import tiff
from augcli.images.kinds import reads_heif, refusal, sniff
from augcli.images.pixels import from_opencv, from_pillow, turned, with_alpha
from augcli.images.png_header import chunks_fit
from augcli.images.quiet import hold_frames, undisturbed
from augcli.images.verdict import verdict

if TYPE_CHECKING:
    from augcli.sample import Image

_PILLOW_NAMES = {
    "jpeg": ("JPEG", "MPO"),
    "png": ("PNG",),
    "gif": ("GIF",),
    "tiff": ("TIFF",),
    "webp": ("WEBP",),
    "bmp": ("BMP",),
    "heif": ("HEIF",),
}
_READ_FLAGS = {
    "RGB": cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION,
    "L": cv2.IMREAD_GRAYSCALE | cv2.IMREAD_IGNORE_ORIENTATION,
}
_ORIENTATION = 274
_PNG_GREY, _PNG_PALETTE = 0, 3

FIRST_FRAME = "only the first frame of the animation is used"
FIRST_PICTURE = "only the first picture of the file is used"
FROM_CMYK = "CMYK was converted to RGB and its colour profile dropped"
EXTRA_DROPPED = "a channel of no stated meaning was dropped"
PREMULTIPLIED = "premultiplied alpha was divided out"
NO_EXIF = "the EXIF data are damaged; the picture was not turned"
DAMAGED = "the JPEG data are damaged in places"
REDUCED = "{bits}-bit samples were reduced to 8 bit"


@dataclass(frozen=True)
class Picture:
    """A decoded file.

    image      see `augcli.sample.Image`; orientation applied
    format     jpeg, png, webp, bmp, tiff, gif, heif
    mode       of the file: Pillow's name, with `;16` where the samples of a colour file have 16 bit
    icc        the embedded colour profile, when it still describes the pixels
    orientation  the EXIF orientation, 1 to 8, by which the pixels were turned; 1 when they were not
    raw_size   (width, height) as stored, before that
    warnings   what was not kept as it was
    """

    image: Image
    format: str
    mode: str
    icc: bytes | None
    orientation: int
    raw_size: tuple[int, int]
    warnings: tuple[str, ...]

    @property
    def oriented(self) -> bool:
        """Whether an orientation tag had the pixels turned."""
        return self.orientation != 1


def decode(data: bytes, *, max_megapixels: float) -> Picture:
    """Decode one picture of at most `max_megapixels` million pixels, and 4 bytes for each of them.

    Animations (GIF, WebP, APNG) and multi-picture JPEG give their first frame and a warning; TIFF files
    of several pages are refused. Raises ItemError: empty, not_an_image, unsupported_format, too_large,
    too_many_bytes, multi_page, unsupported_mode, truncated, corrupt, memory_limit.

    Damage inside a JPEG that still decodes gives a warning where libjpeg notices it. It often cannot: nearly
    every sequence of bits is a valid code, so most pictures with some bytes overwritten decode to
    shifted blocks and colours without complaint. CMYK JPEG is decoded by Pillow, which keeps libjpeg silent.
    """
    if not data:
        raise ItemError("empty")
    kind = sniff(data)
    if kind is None:
        raise ItemError("not_an_image")
    if kind not in _PILLOW_NAMES or (kind == "heif" and not reads_heif()):
        raise ItemError("unsupported_format", **refusal("HEIF" if kind == "heif" else kind))
    with undisturbed() as heard:
        try:
            return _decode(data, kind, max_megapixels, heard)
        except ItemError:
            raise
        except Exception as error:  # decoders raise nearly everything on damaged data
            raise verdict(kind, data, error) from error


def _decode(data: bytes, kind: str, max_megapixels: float, heard: Callable[[], bytes]) -> Picture:
    if kind == "tiff":
        return _decode_tiff(data, max_megapixels)
    picture, size = _opened(data, kind, max_megapixels)
    mode, warnings = picture.mode, list[str]()
    if getattr(picture, "is_animated", False):
        warnings.append(FIRST_PICTURE if kind in ("jpeg", "heif") else FIRST_FRAME)
    if kind == "png" and data[24] == 16 and data[25] not in (_PNG_GREY, _PNG_PALETTE):
        mode = {2: "RGB;16", 4: "LA;16", 6: "RGBA;16"}.get(data[25], mode)
        _check_depth(size, mode, max_megapixels)
        image = _deep_png(data, picture, mode)
    else:
        if kind == "heif" and (bits := picture.info.get("bit_depth", 8)) > 8:
            warnings.append(REDUCED.format(bits=bits))
        image = _shallow(data, kind, picture, warnings, heard)
    if image.shape[1::-1] != size:
        raise ItemError("corrupt")
    if mode == "CMYK":
        warnings.append(FROM_CMYK)
    orientation = _orientation(picture, warnings)
    if kind == "heif":  # turned already, by the container's own rule
        applied = picture.info.get("original_orientation") or 1
        size = size[::-1] if applied >= 5 else size
    else:
        image, applied = turned(image, orientation), orientation
    return Picture(image, kind, mode, _profile(picture, mode), applied, size, tuple(warnings))


def _opened(data: bytes, kind: str, max_megapixels: float) -> tuple[PillowImage.Image, tuple[int, int]]:
    if kind == "heif":
        import pillow_heif

        pillow_heif.register_heif_opener()
    if kind == "gif":
        screen = int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
        _check_size(screen, max_megapixels)
        hold_frames(max_megapixels)
    picture = PillowImage.open(BytesIO(data), formats=_PILLOW_NAMES[kind])
    _check_size(picture.size, max_megapixels)
    return picture, picture.size


def _check_size(size: tuple[int, int], max_megapixels: float) -> None:
    if size[0] * size[1] > max_megapixels * 1e6:
        raise ItemError("too_large", width=size[0], height=size[1], limit=f"{max_megapixels:g}")
    if min(size) < 1:
        raise ItemError("corrupt")


def _check_depth(size: tuple[int, int], mode: str, max_megapixels: float) -> None:
    """Hold a colour picture of 16 bit to the bytes that one of 8 bit with alpha may have: 4 a pixel."""
    depth = 6 if mode == "RGB;16" else 8  # OpenCV decodes grey with alpha as RGBA
    if size[0] * size[1] * depth > max_megapixels * 4e6:
        limit = f"{max_megapixels * 4:g}"
        raise ItemError("too_many_bytes", width=size[0], height=size[1], depth=depth, limit=limit)


def _shallow(
    data: bytes, kind: str, picture: PillowImage.Image, warnings: list[str], heard: Callable[[], bytes]
) -> Image:
    """8-bit pictures and 16-bit grey."""
    if kind == "jpeg" and picture.mode in _READ_FLAGS:
        image: Image | None = cv2.imdecode(np.frombuffer(data, np.uint8), _READ_FLAGS[picture.mode])
        # OpenCV gives partly decoded pixels for some damage, but never without libjpeg's complaint.
        complaint = heard()
        if image is not None and not complaint:
            return image
        if b"Corrupt JPEG data" in complaint:
            warnings.append(DAMAGED)
    picture.load()
    return from_pillow(picture, grey_bits=data[24] if kind == "png" else 8)


def _deep_png(data: bytes, picture: PillowImage.Image, mode: str) -> Image:
    """A colour PNG of 16 bit: Pillow judges the data, OpenCV gives the depth."""
    if getattr(picture, "is_animated", False):
        raise ItemError("unsupported_mode", mode=f"{mode} animation")
    picture.load()
    if not chunks_fit(data):  # OpenCV allocates what a chunk declares, up to 2 GiB, before it reads
        raise ItemError("truncated")
    image = from_opencv(data)
    if image is None or image.dtype != np.uint16 or image.ndim != 3:
        raise ItemError("corrupt")
    if mode == "LA;16":  # OpenCV repeats the grey channel
        return np.ascontiguousarray(image[..., (0, 3)])
    if mode == "RGB;16":
        return with_alpha(np.ascontiguousarray(image[..., :3]), picture.info.get("transparency"))
    return image


def _decode_tiff(data: bytes, max_megapixels: float) -> Picture:
    found = tiff.tags(data)
    if (raw := tiff.raw_kind(found)) is not None:
        raise ItemError("unsupported_format", **refusal(raw))
    if found.pages > 1:
        raise ItemError("multi_page", pages=found.pages)
    _check_size(found.size, max_megapixels)
    if found.tile_size[0] * found.tile_size[1] > max(max_megapixels * 1e6, 1 << 20):
        raise ItemError("corrupt")
    picture, size = _opened(data, "tiff", max_megapixels)
    mode, warnings, extra = picture.mode, list[str](), found.many(tiff.EXTRA_SAMPLES)
    deep = len(found.bits) > 1 and max(found.bits) > 8
    if deep:
        mode = _deep_tiff_mode(found, extra)
        _check_depth(size, mode, max_megapixels)
    picture.load()
    image = from_opencv(data) if deep else from_pillow(picture)
    if image is None or image.shape[1::-1] != size or (deep and image.dtype != np.uint16):
        raise ItemError("corrupt")
    if mode == "RGB;16":
        image = np.ascontiguousarray(image[..., :3])
    if mode.startswith("I;16") and found.one(tiff.PHOTOMETRIC, 1) == tiff.WHITE_IS_ZERO:
        image = np.iinfo(np.uint16).max - image
    if extra and (image.ndim == 2 or image.shape[2] == 3):
        warnings.append(EXTRA_DROPPED)
    if extra == (1,) and mode == "RGBA":
        warnings.append(PREMULTIPLIED)
    if mode == "CMYK":
        warnings.append(FROM_CMYK)
    turned_by = found.one(_ORIENTATION, 1)  # Pillow and OpenCV both turn TIFF themselves
    turned_by = turned_by if turned_by in range(2, 9) else 1
    return Picture(image, "tiff", mode, _profile(picture, mode), turned_by, found.size, tuple(warnings))


def _deep_tiff_mode(found: tiff.Tags, extra: tuple[int, ...]) -> str:
    """RGB;16 or RGBA;16; refuses what OpenCV reads wrongly without a word."""
    bits = found.bits
    plain = set(bits) == {16} and set(found.many(tiff.SAMPLE_FORMAT)) <= {1}
    rgb = found.one(tiff.PHOTOMETRIC, -1) == tiff.RGB and found.one(tiff.PLANAR, 1) == 1
    if plain and rgb and (len(bits), extra) in ((3, ()), (4, (0,))):
        return "RGB;16"
    if plain and rgb and (len(bits), extra) == (4, (2,)):
        return "RGBA;16"
    raise ItemError("unsupported_mode", mode=found.layout)


def _orientation(picture: PillowImage.Image, warnings: list[str]) -> int:
    """1 to 8. The EXIF data are parsed only where there are any."""
    if not {"exif", "xmp", "XML:com.adobe.xmp"} & picture.info.keys():
        return 1
    try:
        orientation = picture.getexif().get(_ORIENTATION, 1)
    except Exception:
        warnings.append(NO_EXIF)
        return 1
    return orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else 1


def _profile(picture: PillowImage.Image, mode: str) -> bytes | None:
    profile = picture.info.get("icc_profile")
    return profile if isinstance(profile, bytes) and profile and mode != "CMYK" else None
