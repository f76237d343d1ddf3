import cv2
import numpy as np
import pytest

from augcli.ops.base import OPS, View, make
from augcli.rng import stream


def scene(shape=(93, 125), seed=0):
    """Smooth grey values in [0, 1]: clouds on a ramp."""
    values = np.random.default_rng(seed).random(shape).astype(np.float32)
    clouds = cv2.GaussianBlur(values, (0, 0), 4)
    clouds = (clouds - clouds.min()) / (clouds.max() - clouds.min())
    return 0.6 * clouds + 0.3 * np.linspace(0, 1, shape[1])


def applied(image, low=0.0, high=None, clip_limit=3.0, tiles=8):
    op = make(OPS["clahe"], clip_limit=clip_limit, tiles=tiles)
    high = float(np.iinfo(image.dtype).max) if high is None else high
    view = View(image.shape[1], image.shape[0], 1 if image.ndim == 2 else 3, low, high)
    return op.apply(image, op.resolve(op.draw(stream(0)), view), view)


def opencv(grey, clip_limit=3.0, tiles=8):
    return cv2.createCLAHE(clip_limit, (tiles, tiles)).apply(grey)


GREY = np.rint(scene() * 255).astype(np.uint8)


def test_a_grey_image_becomes_what_opencv_makes_of_it():
    np.testing.assert_array_equal(applied(GREY), opencv(GREY))


def test_in_colour_the_change_of_luma_is_added_to_all_channels():
    image = np.dstack([GREY, np.roll(GREY, 9, 0), np.roll(GREY, 9, 1)])
    luma = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    change = opencv(luma).astype(int) - luma
    np.testing.assert_array_equal(applied(image), np.clip(image + change[..., None], 0, 255))


@pytest.mark.parametrize(("clip_limit", "tiles"), [(1.0, 8), (3.0, 8), (40.0, 2), (2.0, 1), (4.0, 13)])
def test_16_bit_agrees_with_8_bit_on_the_same_picture(clip_limit, tiles):
    ours = applied(GREY.astype(np.uint16) * 257, clip_limit=clip_limit, tiles=tiles) / 257.0
    # OpenCV rounds its tables and its result to a level; 16 bit rounds neither that coarsely.
    assert np.abs(ours - opencv(GREY, clip_limit, tiles)).max() <= 1.01


def test_16_bit_keeps_the_levels_between():
    image = np.rint(scene() * 65535).astype(np.uint16)
    assert len(np.unique(applied(image))) > 5000


def test_16_bit_works_in_bands_without_seams(monkeypatch):
    image = np.rint(scene() * 65535).astype(np.uint16)
    whole = applied(image)
    monkeypatch.setattr("augcli.ops.clahe._BAND", 10)
    np.testing.assert_array_equal(applied(image), whole)


def test_declared_levels_are_the_whole_scale():
    twelve = np.rint(scene() * 4095).astype(np.uint16)
    full = applied(np.rint(twelve / 4095 * 65535).astype(np.uint16))
    assert np.abs(applied(twelve + 100, 100.0, 4195.0) - 100.0 - full / 65535 * 4095).max() <= 0.5 + 1e-6


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_grey_pixels_stay_grey(dtype):
    grey = GREY.astype(dtype) * (1 if dtype == np.uint8 else 257)
    np.testing.assert_array_equal(applied(np.dstack([grey] * 3)), np.dstack([applied(grey)] * 3))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("shape", [(1, 1), (1, 1, 3), (2, 5), (5, 3, 3), (65, 70)])
def test_images_smaller_than_the_tiles_are_taken(dtype, shape):
    image = np.random.default_rng(0).integers(0, np.iinfo(dtype).max, shape, dtype=dtype)
    before = image.copy()
    after = applied(image, tiles=64)
    assert (after.shape, after.dtype) == (shape, dtype)
    np.testing.assert_array_equal(image, before)
