"""A picture as Pillow sees it becomes an array, mode by mode, or is refused by the name of its mode.

Every conversion here keeps the exact values, but for CMYK, which says so in a warning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from augcli.errors import ItemError

if TYPE_CHECKING:
    from augcli.sample import Image

_AS_IT_IS = ("L", "LA", "RGB", "RGBA")
_CONVERTED = {"1": "L", "RGBX": "RGB", "PA": "RGBA", "CMYK": "RGB"}
_TURNS = {3: cv2.ROTATE_180, 6: cv2.ROTATE_90_CLOCKWISE, 8: cv2.ROTATE_90_COUNTERCLOCKWISE}
_MIRRORS = {2: 1, 4: 0}


def from_pillow(picture: PillowImage.Image, grey_bits: int = 8) -> Image:
    """The pixels of a loaded Pillow image; see `augcli.sample.Image` for the layouts.

    1: grey 0 and 255. P: looked up in the palette, RGBA when any entry is transparent. PA: RGBA.
    CMYK: RGB by Pillow's plain formula, (255 - C)(255 - K) / 255. I;16 of any byte order: uint16 grey.
    A colour declared transparent (PNG tRNS, GIF) becomes an alpha channel of 0 and full.
    `grey_bits` is the depth of a PNG's grey samples, which its tRNS value is counted in.
    Raises ItemError unsupported_mode for the rest: I, F, LAB, HSV, YCbCr.
    """
    mode = picture.mode
    transparent = picture.info.get("transparency")
    if mode == "P":
        return np.asarray(picture.convert("RGB" if not picture.has_transparency_data else "RGBA"))
    if mode.startswith("I;16"):
        return with_alpha(np.asarray(picture).astype(np.uint16), transparent)
    if mode not in _AS_IT_IS and mode not in _CONVERTED:
        raise ItemError("unsupported_mode", mode=mode)
    image: Image = np.asarray(picture.convert(_CONVERTED[mode]) if mode in _CONVERTED else picture)
    top = (1 << grey_bits) - 1
    if mode in ("1", "L") and isinstance(transparent, int) and transparent <= top:
        transparent = transparent * 255 // top  # above: scaled by Pillow already, as it does for 1 bit
    return with_alpha(image, transparent) if mode in ("1", "L", "RGB") else image


def with_alpha(image: Image, transparent: object) -> Image:
    """Add an alpha channel: 0 where a pixel has exactly the `transparent` colour, full elsewhere.

    `transparent` is a grey value for (H, W), an (r, g, b) for (H, W, 3); anything else adds nothing.
    """
    if image.ndim == 2 and isinstance(transparent, int):
        see_through: NDArray[Any] = image == transparent
    elif image.ndim == 3 and isinstance(transparent, tuple) and len(transparent) == image.shape[2]:
        see_through = (image == np.array(transparent)).all(axis=2)
    else:
        return image
    alpha = np.where(see_through, 0, np.iinfo(image.dtype).max).astype(image.dtype)
    return np.dstack((image, alpha))


def from_opencv(data: bytes) -> Image | None:
    """8- and 16-bit grey, RGB and RGBA in the file's own depth; None where OpenCV gives nothing.

    OpenCV turns TIFF pictures by their orientation tag, and no others.
    """
    image: Image | None = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if image is None or image.ndim == 2:
        return image
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB if image.shape[2] == 3 else cv2.COLOR_BGRA2RGBA)


def turned(image: Image, orientation: int) -> Image:
    """Move the pixels as an EXIF orientation of 1 to 8 asks for (CIPA DC-008, tag 274); exact."""
    if orientation in _TURNS:
        return cv2.rotate(image, _TURNS[orientation])
    if orientation in _MIRRORS:
        return cv2.flip(image, _MIRRORS[orientation])
    if orientation in (5, 7):
        transposed = cv2.transpose(image)
        return transposed if orientation == 5 else cv2.rotate(transposed, cv2.ROTATE_180)
    return image
