"""EXIF orientation: all eight values, exact, once, wherever a format keeps it."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageOps

from augcli.images import decoding
from augcli.images.pixels import turned
from tests.images.made import decoded, pixels, saved, smooth


def with_orientation(value: int) -> Image.Exif:
    exif = Image.Exif()
    exif[274] = value
    return exif


@pytest.mark.parametrize("value", range(1, 9))
@pytest.mark.parametrize(
    ("format", "mode"), [("JPEG", "RGB"), ("JPEG", "L"), ("PNG", "RGBA"), ("PNG", "LA"), ("WEBP", "RGB")]
)
def test_pixels_are_turned_as_pillow_turns_them(value: int, format: str, mode: str) -> None:
    data = saved(Image.fromarray(smooth(31, 20)).convert(mode), format, exif=with_orientation(value))
    with Image.open(BytesIO(data)) as stored:
        want = np.asarray(ImageOps.exif_transpose(stored))
    picture = decoded(data)
    np.testing.assert_array_equal(picture.image, want)
    assert picture.oriented == (value != 1)
    assert picture.raw_size == (31, 20)
    assert picture.image.flags.c_contiguous


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("shape", [(3, 5), (3, 5, 2), (3, 5, 3), (3, 5, 4)])
def test_turns_are_exact_transposes_in_every_layout(shape: tuple[int, ...], dtype: str) -> None:
    image = pixels(shape, dtype)
    wanted = {
        1: image,
        2: image[:, ::-1],
        3: image[::-1, ::-1],
        4: image[::-1],
        5: np.swapaxes(image, 0, 1),
        6: np.rot90(image, -1),
        7: np.rot90(np.swapaxes(image, 0, 1), 2),
        8: np.rot90(image),
    }
    for value, want in wanted.items():
        np.testing.assert_array_equal(turned(image, value), want)


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_an_orientation_without_a_meaning_turns_nothing(value: int) -> None:
    picture = decoded(saved(Image.fromarray(smooth(31, 20)), "JPEG", exif=with_orientation(value)))
    assert picture.image.shape == (20, 31, 3)
    assert not picture.oriented


def test_damaged_exif_leaves_the_picture_as_it_is() -> None:
    good = saved(Image.fromarray(smooth(31, 20)), "JPEG", exif=with_orientation(6))
    at = good.index(b"Exif\0\0") + 6
    for damage in (b"XX", b"II\0\0\0\0\0\0", b"MM\0*\xff\xff\xff\xff"):
        picture = decoded(good[:at] + damage + good[at + len(damage) :])
        assert picture.image.shape == (20, 31, 3)
        assert picture.warnings in ((), (decoding.NO_EXIF,))
