"""16-bit pictures keep all 16 bits, read from files that Pillow would reduce to 8 without a word."""

from __future__ import annotations

import struct

import cv2
import numpy as np
import pytest
from PIL import Image

from augcli.errors import ItemError
from augcli.images import decoding, encode
from tests.images.made import chunk, decoded, deep_png, pixels, saved, tiff


def written_by_opencv(image: np.ndarray, ending: str) -> bytes:
    order = {2: None, 3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}[2 if image.ndim == 2 else image.shape[2]]
    done, data = cv2.imencode(ending, image if order is None else cv2.cvtColor(image, order))
    assert done
    return bytes(data)


@pytest.mark.parametrize("shape", [(9, 14), (9, 14, 3), (9, 14, 4)])
def test_png_written_by_opencv_is_read_back_exactly(shape: tuple[int, ...]) -> None:
    image = pixels(shape, "uint16")
    picture = decoded(written_by_opencv(image, ".png"))
    assert picture.image.dtype == np.uint16
    np.testing.assert_array_equal(picture.image, image)


@pytest.mark.parametrize("shape", [(9, 14), (9, 14, 3)])
def test_tiff_written_by_opencv_is_read_back_exactly(shape: tuple[int, ...]) -> None:
    image = pixels(shape, "uint16")
    np.testing.assert_array_equal(decoded(written_by_opencv(image, ".tiff")).image, image)


@pytest.mark.parametrize(("colour", "channels"), [(0, 1), (4, 2), (2, 3), (6, 4)])
def test_png_written_from_the_specification_is_read_exactly(colour: int, channels: int) -> None:
    image = pixels((5, 7) if channels == 1 else (5, 7, channels), "uint16")
    picture = decoded(deep_png(image, colour))
    np.testing.assert_array_equal(picture.image, image)
    assert picture.mode == {1: "I;16", 2: "LA;16", 3: "RGB;16", 4: "RGBA;16"}[channels]


def test_gamma_and_colour_space_chunks_change_no_value() -> None:
    image = pixels((5, 7, 3), "uint16")
    extra = chunk(b"gAMA", struct.pack(">I", 100000)) + chunk(b"sRGB", b"\0")
    np.testing.assert_array_equal(decoded(deep_png(image, 2, extra)).image, image)


def test_a_transparent_colour_is_compared_in_all_16_bits() -> None:
    image = pixels((5, 7, 3), "uint16")
    image[1, 1], image[2, 2] = (1000, 2000, 3000), (1000, 2000, 3001)
    picture = decoded(deep_png(image, 2, chunk(b"tRNS", struct.pack(">HHH", 1000, 2000, 3000))))
    np.testing.assert_array_equal(picture.image[..., :3], image)
    assert np.argwhere(picture.image[..., 3] == 0).tolist() == [[1, 1]]
    grey = pixels((5, 7), "uint16")
    picture = decoded(deep_png(grey, 0, chunk(b"tRNS", struct.pack(">H", int(grey[3, 4])))))
    np.testing.assert_array_equal(picture.image[..., 0], grey)
    np.testing.assert_array_equal(picture.image[..., 1], np.where(grey == grey[3, 4], 0, 65535))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3)])
def test_tiff_is_read_in_both_byte_orders(order: str, shape: tuple[int, ...]) -> None:
    image = pixels(shape, "uint16")
    picture = decoded(tiff(image, {}, order))
    np.testing.assert_array_equal(picture.image, image)
    assert picture.image.dtype == np.dtype(np.uint16)


def test_tiff_alpha_is_kept_when_it_is_alpha_and_dropped_aloud_when_unspecified() -> None:
    image = pixels((5, 7, 4), "uint16")
    np.testing.assert_array_equal(decoded(tiff(image, {338: (2,)})).image, image)
    picture = decoded(tiff(image, {338: (0,)}))
    np.testing.assert_array_equal(picture.image, image[..., :3])
    assert picture.warnings == (decoding.EXTRA_DROPPED,)


@pytest.mark.parametrize(
    ("channels", "tags"),
    [
        (2, {338: (2,)}),  # OpenCV would drop the alpha
        (3, {284: (2,)}),  # OpenCV would mix up the planes
        (4, {338: (1,)}),  # premultiplied
        (3, {339: (2, 2, 2)}),  # signed
        (4, {262: (5,)}),  # CMYK
    ],
)
def test_deep_tiff_layouts_that_would_be_read_wrongly_are_refused(
    channels: int, tags: dict[int, tuple[int, ...]]
) -> None:
    with pytest.raises(ItemError) as caught:
        decoded(tiff(pixels((5, 7, channels), "uint16"), tags))
    assert caught.value.code == "unsupported_mode"


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_tiff_is_turned_once(orientation: int, channels: int, dtype: str) -> None:
    image = pixels((3, 5) if channels == 1 else (3, 5, channels), dtype)
    upright = {
        1: image,
        2: image[:, ::-1],
        3: image[::-1, ::-1],
        4: image[::-1],
        5: np.swapaxes(image, 0, 1),
        6: np.rot90(image, -1),
        7: np.rot90(np.swapaxes(image, 0, 1), 2),
        8: np.rot90(image),
    }[orientation]
    picture = decoded(tiff(image, {274: (orientation,)}))
    np.testing.assert_array_equal(picture.image, upright)
    assert picture.oriented == (orientation > 1)
    assert picture.raw_size == (5, 3)


@pytest.mark.parametrize("format", ["png", "tiff"])
@pytest.mark.parametrize("shape", [(6, 5), (6, 5, 3), (6, 5, 4)])
def test_deep_pictures_survive_writing_and_reading(format: str, shape: tuple[int, ...]) -> None:
    image = pixels(shape, "uint16")
    np.testing.assert_array_equal(decoded(encode(image, format)).image, image)


def test_deep_grey_and_alpha_survive_as_such_in_png_and_as_rgba_in_tiff() -> None:
    image = pixels((6, 5, 2), "uint16")
    np.testing.assert_array_equal(decoded(encode(image, "png")).image, image)
    np.testing.assert_array_equal(decoded(encode(image, "tiff")).image, image[..., (0, 0, 0, 1)])


def test_twelve_bit_grey_keeps_its_values() -> None:
    values = np.array([[0, 1, 4095, 2048]], np.uint16)
    packed = bytes.fromhex("000001fff800")
    data = tiff(np.frombuffer(packed, np.uint8)[None], {258: (12,), 256: (4,)})
    np.testing.assert_array_equal(decoded(data).image, values)


def test_a_deep_animation_is_refused() -> None:
    control = chunk(b"acTL", struct.pack(">II", 2, 0)) + chunk(
        b"fcTL", struct.pack(">IIIIIHHBB", 0, 7, 5, 0, 0, 1, 10, 0, 0)
    )
    with pytest.raises(ItemError, match="animation"):
        decoded(deep_png(pixels((5, 7, 3), "uint16"), 2, control))


def test_eight_bit_files_stay_eight_bit() -> None:
    for format in ("PNG", "TIFF"):
        assert decoded(saved(Image.fromarray(pixels((4, 4, 3))), format)).image.dtype == np.uint8
