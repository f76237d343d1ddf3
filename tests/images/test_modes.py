"""Every mode of 8-bit picture: which layout it becomes, and with exactly which values."""

from __future__ import annotations

import struct
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from augcli.errors import ItemError
from augcli.images import decoding
from tests.images.made import chunk, decoded, pixels, png, saved, smooth, tiff


@pytest.mark.parametrize("format", ["PNG", "TIFF", "BMP"])
def test_one_bit_pictures_become_black_and_white_grey(format: str) -> None:
    bits = pixels((9, 13)) > 127
    picture = decoded(saved(Image.fromarray(bits), format))
    np.testing.assert_array_equal(picture.image, bits * np.uint8(255))
    assert picture.image.dtype == np.uint8


@pytest.mark.parametrize(
    ("mode", "channels", "format"),
    [
        *(("L", 1, format) for format in ("PNG", "TIFF", "BMP")),
        *(("LA", 2, format) for format in ("PNG", "TIFF")),
        *(("RGB", 3, format) for format in ("PNG", "TIFF", "BMP", "WEBP")),
        *(("RGBA", 4, format) for format in ("PNG", "TIFF", "WEBP")),
    ],
)
def test_plain_modes_keep_their_values(mode: str, channels: int, format: str) -> None:
    image = pixels((7, 11) if channels == 1 else (7, 11, channels))
    options = {"lossless": True, "exact": True} if format == "WEBP" else {}
    picture = decoded(saved(Image.fromarray(image, mode), format, **options))
    np.testing.assert_array_equal(picture.image, image)
    assert (picture.format, picture.mode, picture.warnings) == (format.lower(), mode, ())
    assert (picture.raw_size, picture.oriented, picture.icc) == ((11, 7), False, None)


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_grey_png_of_few_bits_spans_the_full_scale(depth: int) -> None:
    top = (1 << depth) - 1
    values = np.arange(8) % (top + 1)
    row = int("".join(f"{value:0{depth}b}" for value in values), 2).to_bytes(depth, "big")
    picture = decoded(png([row], 8, depth, 0))
    np.testing.assert_array_equal(picture.image, [values * 255 // top])


@pytest.mark.parametrize("depth", [1, 2, 4, 8])
def test_a_grey_png_with_a_transparent_value_gets_an_alpha_channel(depth: int) -> None:
    values = np.arange(8) % (1 << depth)
    row = int("".join(f"{value:0{depth}b}" for value in values), 2).to_bytes(depth, "big")
    picture = decoded(png([row], 8, depth, 0, chunk(b"tRNS", struct.pack(">H", 1))))
    assert picture.image.shape == (1, 8, 2)
    np.testing.assert_array_equal(picture.image[0, :, 1], np.where(values == 1, 0, 255))
    np.testing.assert_array_equal(picture.image[0, :, 0], values * 255 // ((1 << depth) - 1))


def test_an_rgb_png_with_a_transparent_colour_gets_an_alpha_channel() -> None:
    image = pixels((5, 6, 3))
    image[2, 3] = image[4, 4] = (10, 20, 30)
    image[0, 0] = (10, 20, 31)
    trns = chunk(b"tRNS", struct.pack(">HHH", 10, 20, 30))
    picture = decoded(png([row.tobytes() for row in image], 6, 8, 2, trns))
    np.testing.assert_array_equal(picture.image[..., :3], image)
    assert {tuple(place) for place in np.argwhere(picture.image[..., 3] == 0)} == {(2, 3), (4, 4)}
    assert set(np.unique(picture.image[..., 3])) == {0, 255}


@pytest.mark.parametrize("grey", [False, True])
def test_a_palette_is_looked_up_exactly(grey: bool) -> None:
    palette = np.repeat(np.arange(256, dtype=np.uint8)[::-1], 3).reshape(256, 3) if grey else pixels((256, 3))
    indices = pixels((8, 9), seed=1)
    plte = chunk(b"PLTE", palette.tobytes())
    picture = decoded(png([row.tobytes() for row in indices], 9, 8, 3, plte))
    np.testing.assert_array_equal(picture.image, palette[indices])
    assert picture.mode == "P"


def test_a_palette_with_transparent_entries_becomes_rgba() -> None:
    palette, indices, alpha = pixels((256, 3)), pixels((8, 9), seed=1), pixels((200,), seed=2)
    extra = chunk(b"PLTE", palette.tobytes()) + chunk(b"tRNS", alpha.tobytes())
    picture = decoded(png([row.tobytes() for row in indices], 9, 8, 3, extra))
    full = np.concatenate((alpha, np.full(56, 255, np.uint8)))
    np.testing.assert_array_equal(picture.image, np.dstack((palette[indices], full[indices])))


def test_a_gif_shows_its_palette_and_its_transparent_entry() -> None:
    palette, indices = pixels((256, 3)), pixels((8, 9), seed=1)
    indices[0, 0] = 7
    source = Image.fromarray(indices)
    source.putpalette(palette.tobytes())
    opaque = decoded(saved(source, "GIF"))
    np.testing.assert_array_equal(opaque.image, palette[indices])
    clear = decoded(saved(source, "GIF", transparency=7))
    np.testing.assert_array_equal(clear.image[..., 3], np.where(indices == 7, 0, 255))
    np.testing.assert_array_equal(clear.image[indices != 7][:, :3], palette[indices][indices != 7])
    assert clear.format == "gif"


@pytest.mark.parametrize("format", ["JPEG", "TIFF"])
def test_cmyk_becomes_rgb_with_a_warning_and_without_its_profile(format: str) -> None:
    source = Image.fromarray(pixels((16, 16, 4)), "CMYK")
    data = saved(source, format, icc_profile=b"\0" * 128)
    picture = decoded(data)
    with Image.open(BytesIO(data)) as stored:
        c, m, y, k = (np.asarray(band).astype(int) for band in stored.split())
    want = np.dstack([(255 - ink) * (255 - k) / 255 for ink in (c, m, y)])
    assert np.abs(picture.image - want).max() <= 1
    assert picture.warnings == (decoding.FROM_CMYK,)
    assert picture.icc is None and picture.mode == "CMYK"


@pytest.mark.parametrize("mode", ["I", "F", "LAB", "YCbCr"])
def test_modes_without_an_exact_meaning_are_refused_by_name(mode: str) -> None:
    data = saved(Image.new(mode, (4, 4)), "TIFF")
    with pytest.raises(ItemError) as caught:
        decoded(data)
    if mode == "YCbCr" and caught.value.code == "truncated":  # so Pillow 12.3 takes what it writes itself
        return
    assert caught.value.code == "unsupported_mode"
    assert mode in caught.value.text


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0}, {"subsampling": 1}])
def test_jpeg_pixels_are_those_that_pillow_decodes(mode: str, options: dict[str, int]) -> None:
    source = Image.fromarray(smooth(77, 53)).convert(mode)
    data = saved(source, "JPEG", quality=85, **options)
    picture = decoded(data)
    with Image.open(BytesIO(data)) as reference:
        np.testing.assert_array_equal(picture.image, np.asarray(reference))
    assert picture.image.ndim == (3 if mode == "RGB" else 2)


def test_white_is_zero_is_turned_into_black_is_zero() -> None:
    grey = pixels((4, 6))
    np.testing.assert_array_equal(decoded(tiff(grey, {262: (0,)})).image, 255 - grey)
    deep = pixels((4, 6), "uint16")
    np.testing.assert_array_equal(decoded(tiff(deep, {262: (0,)})).image, 65535 - deep)


def test_a_channel_of_no_stated_meaning_is_dropped_with_a_warning() -> None:
    image = pixels((4, 6, 4))
    picture = decoded(tiff(image, {338: (0,)}))
    np.testing.assert_array_equal(picture.image, image[..., :3])
    assert picture.warnings == (decoding.EXTRA_DROPPED,)


@pytest.mark.parametrize(("format", "mode"), [("GIF", "P"), ("WEBP", "RGB"), ("PNG", "RGB")])
def test_an_animation_gives_its_first_frame_and_says_so(format: str, mode: str) -> None:
    frames = [Image.new("RGB", (8, 8), colour).convert(mode) for colour in ("red", "blue", "lime")]
    options = {"lossless": True} if format == "WEBP" else {}
    data = saved(frames[0], format, save_all=True, append_images=frames[1:], **options)
    picture = decoded(data)
    assert (picture.image[..., :3] == (255, 0, 0)).all()
    assert picture.warnings == (decoding.FIRST_FRAME,)


def test_a_multi_picture_jpeg_gives_its_first_picture_and_says_so() -> None:
    first, second = Image.fromarray(smooth()), Image.new("RGB", (20, 20), "blue")
    data = saved(first, "MPO", save_all=True, append_images=[second])
    picture = decoded(data)
    assert picture.image.shape == (48, 64, 3)
    assert (picture.format, picture.warnings) == ("jpeg", (decoding.FIRST_PICTURE,))


def test_several_pages_are_refused_but_a_thumbnail_is_no_page() -> None:
    pages = [Image.new("L", (4, 4), value) for value in (1, 2, 3)]
    with pytest.raises(ItemError, match="3 pages"):
        decoded(saved(pages[0], "TIFF", save_all=True, append_images=pages[1:]))
    main, thumbnail = tiff(pixels((4, 6)), {}), tiff(pixels((2, 3)), {254: (1,), 273: (8,)})
    directory = int.from_bytes(main[4:8], "little")
    end = directory + 2 + 12 * int.from_bytes(main[directory : directory + 2], "little")
    second = int.from_bytes(thumbnail[4:8], "little")
    joined = main[:end] + struct.pack("<I", len(main)) + main[end + 4 :] + thumbnail[second:]
    np.testing.assert_array_equal(decoded(joined).image, pixels((4, 6)))
