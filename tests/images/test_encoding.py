"""What is written: exact where the format is lossless, the reference encoder's bytes where it is not."""

from __future__ import annotations

import struct
from io import BytesIO

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from augcli.errors import ItemError
from augcli.images import can_hold, encode
from augcli.images.encoding import over
from tests.images.made import decoded, pixels, saved, smooth

RGB_PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
GREY_PROFILE = RGB_PROFILE[:16] + b"GRAY" + RGB_PROFILE[20:]
LAYOUTS = [(6, 5), (6, 5, 2), (6, 5, 3), (6, 5, 4)]


def as_stored(image: np.ndarray, format: str) -> np.ndarray:
    """The layout that a format gives back: grey + alpha as RGBA, WebP's grey as RGB."""
    if image.ndim == 3 and image.shape[2] == 2 and format != "png":
        return image[..., (0, 0, 0, 1)]
    return np.dstack((image,) * 3) if image.ndim == 2 and format == "webp" else image


@pytest.mark.parametrize("format", ["png", "bmp", "tiff", "webp"])
@pytest.mark.parametrize("shape", LAYOUTS)
def test_lossless_formats_give_the_same_pixels_back(format: str, shape: tuple[int, ...]) -> None:
    image = pixels(shape)
    picture = decoded(encode(image, format, quality=100))
    np.testing.assert_array_equal(picture.image, as_stored(image, format))
    assert (picture.format, picture.warnings) == (format, ())


@pytest.mark.parametrize("level", range(10))
@pytest.mark.parametrize("shape", LAYOUTS)
def test_every_png_level_is_lossless_and_holds_pixels_only(level: int, shape: tuple[int, ...]) -> None:
    image = pixels(shape)
    data = encode(image, "png", level=level)
    np.testing.assert_array_equal(decoded(data).image, image)
    names, at = [], 8
    while at < len(data):
        names.append(data[at + 4 : at + 8])
        at += 12 + int.from_bytes(data[at : at + 4], "big")
    assert set(names) == {b"IHDR", b"IDAT", b"IEND"}


def test_a_higher_png_level_is_smaller() -> None:
    image = smooth(200, 150)
    sizes = [len(encode(image, "png", level=level)) for level in (0, 1, 9)]
    assert sizes[0] > sizes[1] > sizes[2]


@pytest.mark.parametrize("quality", [1, 50, 92, 100])
@pytest.mark.parametrize(("subsampling", "pillow"), [(420, "4:2:0"), (422, "4:2:2"), (444, "4:4:4")])
def test_jpeg_has_the_bytes_that_pillow_writes(quality: int, subsampling: int, pillow: str) -> None:
    image = smooth(61, 47)
    data = encode(image, "jpeg", quality=quality, subsampling=subsampling)
    assert data == saved(Image.fromarray(image), "JPEG", quality=quality, subsampling=pillow)


def test_grey_jpeg_has_the_bytes_that_pillow_writes() -> None:
    image = smooth()[..., 0]
    assert encode(image, "jpeg", quality=80) == saved(Image.fromarray(image), "JPEG", quality=80)


@settings(max_examples=50, deadline=None)
@given(*(st.integers(0, 255) for _ in range(3)))
def test_alpha_is_composed_to_the_nearest_value(colour: int, alpha: int, behind: int) -> None:
    image = np.array([[[colour, colour, colour, alpha]]], np.uint8)
    exact = (colour * alpha + behind * (255 - alpha)) / 255
    assert (over(image, (behind, behind, behind)) == round(exact)).all()


def test_grey_with_alpha_stays_grey_over_grey_and_takes_colour_over_colour() -> None:
    image = pixels((4, 5, 2))
    assert over(image, (9, 9, 9)).shape == (4, 5)
    composed = over(image, (200, 100, 0))
    grey, alpha = image[..., 0].astype(int), image[..., 1].astype(int)
    for channel, behind in enumerate((200, 100, 0)):
        want = np.rint((grey * alpha + behind * (255 - alpha)) / 255)
        np.testing.assert_array_equal(composed[..., channel], want)


def test_a_transparent_jpeg_shows_the_background() -> None:
    image = np.zeros((16, 16, 4), np.uint8)
    picture = decoded(encode(image, "jpeg", background=(250, 120, 10), quality=100, subsampling=444))
    assert np.abs(picture.image.astype(int) - (250, 120, 10)).max() <= 2


def test_lossless_webp_keeps_the_colours_under_transparent_pixels() -> None:
    image = pixels((9, 9, 4))
    image[..., 3] = 0
    np.testing.assert_array_equal(decoded(encode(image, "webp", quality=100)).image, image)


def test_lossy_webp_is_smaller_and_near() -> None:
    image = smooth(200, 150)
    data = encode(image, "webp", quality=80)
    assert len(data) < len(encode(image, "webp", quality=95)) < image.nbytes / 10
    assert np.abs(decoded(data).image.astype(int) - image).mean() < 3


@pytest.mark.parametrize("format", ["jpeg", "png", "webp", "tiff"])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_profile_is_kept_and_changes_no_pixel(format: str, channels: int) -> None:
    image = smooth() if channels == 3 else smooth()[..., 0]
    icc = RGB_PROFILE if channels == 3 or format == "webp" else GREY_PROFILE
    with_profile, without = encode(image, format, icc=icc), encode(image, format)
    with Image.open(BytesIO(with_profile)) as independent:
        assert independent.info["icc_profile"] == icc
        independent.load()
    assert decoded(with_profile).icc == icc
    np.testing.assert_array_equal(decoded(with_profile).image, decoded(without).image)
    assert decoded(without).icc is None


def test_a_profile_over_one_jpeg_segment_is_written_as_pillow_writes_it() -> None:
    icc = RGB_PROFILE + bytes(pixels((150_000,)))
    data = encode(smooth(), "jpeg", quality=90, icc=icc)
    assert data == saved(Image.fromarray(smooth()), "JPEG", quality=90, subsampling="4:2:0", icc_profile=icc)
    assert decoded(data).icc == icc


def test_a_profile_of_another_colour_space_is_left_out() -> None:
    for format in ("jpeg", "png", "tiff"):
        assert encode(smooth(), format, icc=GREY_PROFILE) == encode(smooth(), format)
        assert encode(smooth()[..., 0], format, icc=RGB_PROFILE) == encode(smooth()[..., 0], format)
        assert encode(smooth(), format, icc=b"short") == encode(smooth(), format)


def test_a_profile_too_large_for_jpeg_is_refused() -> None:
    with pytest.raises(ItemError, match="colour profile of 17000000 bytes"):
        encode(smooth(), "jpeg", icc=RGB_PROFILE.ljust(17_000_000, b"\0"))


@pytest.mark.parametrize(
    ("dtype", "shape"),  # 8-bit RGBA aside: OpenCV multiplies its alpha in
    [(dtype, shape) for dtype in ("uint8", "uint16") for shape in ((6, 5), (6, 5, 3))]
    + [("uint16", (7, 3, 4))],
)
def test_tiff_is_read_alike_by_opencv(dtype: str, shape: tuple[int, ...]) -> None:
    image = pixels(shape, dtype)
    read = cv2.imdecode(np.frombuffer(encode(image, "tiff", level=6), np.uint8), cv2.IMREAD_UNCHANGED)
    if image.ndim == 3:
        read = cv2.cvtColor(read, cv2.COLOR_BGR2RGB if shape[2] == 3 else cv2.COLOR_BGRA2RGBA)
    np.testing.assert_array_equal(read, image)


@pytest.mark.parametrize("shape", LAYOUTS)
def test_eight_bit_tiff_and_bmp_are_read_alike_by_pillow(shape: tuple[int, ...]) -> None:
    image = pixels(shape)
    for format in ("tiff", "bmp"):
        with Image.open(BytesIO(encode(image, format))) as independent:
            np.testing.assert_array_equal(np.asarray(independent), as_stored(image, format))


@pytest.mark.parametrize("format", ["jpeg", "webp", "bmp"])
def test_sixteen_bit_is_refused_where_it_would_be_lost(format: str) -> None:
    with pytest.raises(ItemError) as caught:
        encode(pixels((4, 4, 3), "uint16"), format)
    assert caught.value.code == "cannot_hold"
    assert caught.value.text == f"a {format} file cannot hold 16-bit samples"


@pytest.mark.parametrize(("format", "side"), [("jpeg", 65501), ("webp", 16384)])
def test_sides_over_the_limit_of_a_format_are_refused(format: str, side: int) -> None:
    encode(np.zeros((1, side - 1), np.uint8), format)
    for shape in ((1, side), (side, 1)):
        with pytest.raises(ItemError, match=f"{side}"):
            encode(np.zeros(shape, np.uint8), format)


def test_what_can_be_held_is_said_beforehand() -> None:
    held = {
        (format, dtype, channels)
        for format in ("jpeg", "png", "webp", "bmp", "tiff")
        for dtype in ("uint8", "uint16")
        for channels in (1, 2, 3, 4)
        if can_hold(format, np.dtype(dtype), channels)
    }
    want = {
        (format, "uint8", channels) for format in ("png", "webp", "bmp", "tiff") for channels in range(1, 5)
    }
    want |= {(format, "uint16", channels) for format in ("png", "tiff") for channels in range(1, 5)}
    assert held == want | {("jpeg", "uint8", 1), ("jpeg", "uint8", 3)}


@pytest.mark.parametrize("format", ["jpeg", "png", "webp", "bmp", "tiff"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_writing_repeats_its_bytes_and_leaves_its_input_alone(format: str, channels: int) -> None:
    image = pixels((20, 30, channels))[..., 0] if channels == 1 else pixels((20, 30, channels))
    before = image.copy()
    image.flags.writeable = False
    first = encode(image, format, icc=RGB_PROFILE)
    assert encode(image.copy(), format, icc=RGB_PROFILE) == first
    np.testing.assert_array_equal(image, before)


@pytest.mark.parametrize("format", ["jpeg", "png", "webp", "bmp", "tiff"])
def test_views_are_written_as_their_pixels(format: str) -> None:
    whole = pixels((40, 60, 3))
    for view in (whole[::-1, ::-1], whole[5:25, 7:31], np.swapaxes(whole, 0, 1)):
        assert encode(view, format) == encode(view.copy(), format)


def test_jpeg_holds_no_metadata() -> None:
    data = encode(smooth(), "jpeg")
    markers, at = [], 2
    while data[at + 1] != 0xDA:
        markers.append(data[at + 1])
        at += 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
    assert [marker for marker in markers if 0xE0 <= marker <= 0xEF or marker == 0xFE] == [0xE0]
