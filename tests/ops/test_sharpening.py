import numpy as np
import pytest
from PIL import Image, ImageEnhance

from augcli.ops.base import OPS, View, make
from augcli.rng import stream


def noise(shape=(40, 60, 3), dtype=np.uint8, seed=0):
    return np.random.default_rng(seed).integers(0, np.iinfo(dtype).max + 1, shape, dtype=dtype)


def sharpened(image, factor, low=0.0, high=None):
    op = make(OPS["sharpen"], factor=factor)
    high = float(np.iinfo(image.dtype).max) if high is None else high
    view = View(image.shape[1], image.shape[0], 1 if image.ndim == 2 else 3, low, high)
    return op.apply(image, op.resolve(op.draw(stream(0)), view), view)


def exact(image, factor, low, high):
    """The definition in float64: the image against its 3x3 mean, the middle counted five times."""
    values = image.astype(np.float64)
    height, width = image.shape[:2]
    smooth = values.copy()
    total = 4.0 * values[1:-1, 1:-1]
    for dy in range(3):
        for dx in range(3):
            total = total + values[dy : height - 2 + dy, dx : width - 2 + dx]
    smooth[1:-1, 1:-1] = total / 13.0
    return np.clip(smooth + factor * (values - smooth), low, high)


@pytest.mark.parametrize("factor", [0.0, 0.5, 1.5, 2.0, 10.0])
@pytest.mark.parametrize(("dtype", "top"), [(np.uint8, 255), (np.uint16, 65535)])
@pytest.mark.parametrize("shape", [(40, 60, 3), (40, 60), (3, 3), (3, 9, 3)])
def test_sharpening_is_its_definition_to_the_nearest_level(factor, dtype, top, shape):
    image = noise(shape, dtype)
    assert np.abs(sharpened(image, factor) - exact(image, factor, 0, top)).max() <= 0.52


@pytest.mark.parametrize("factor", [0.0, 0.5, 1.5, 2.0])
def test_sharpening_is_pillows_but_for_its_rounding_in_between(factor):
    # Pillow rounds the smoothed image (half a level times |1 - factor|) and cuts fractions off (one level).
    image = noise()
    theirs = np.asarray(ImageEnhance.Sharpness(Image.fromarray(image)).enhance(factor)).astype(int)
    assert np.abs(sharpened(image, factor) - theirs).max() <= 1.5 + 0.5 * abs(1 - factor)


@pytest.mark.parametrize("shape", [(1, 1), (2, 9, 3), (9, 2)])
def test_an_image_that_is_all_edge_stays_as_it_is(shape):
    np.testing.assert_array_equal(sharpened(noise(shape), 2.0), noise(shape))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_factor_one_changes_nothing(dtype):
    np.testing.assert_array_equal(sharpened(noise(dtype=dtype), 1.0), noise(dtype=dtype))


def test_declared_levels_are_not_left():
    image = noise(dtype=np.uint16) % 4096
    after = sharpened(image, 3.0, 0.0, 4095.0)
    assert np.abs(after - exact(image, 3.0, 0, 4095)).max() <= 0.52


def test_greys_stay_grey_and_the_input_is_left_alone():
    grey = noise((20, 30))
    before = grey.copy()
    after = sharpened(np.dstack([grey] * 3), 2.0)
    np.testing.assert_array_equal(after, np.dstack([sharpened(grey, 2.0)] * 3))
    np.testing.assert_array_equal(grey, before)
