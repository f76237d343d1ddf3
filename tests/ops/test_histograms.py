import numpy as np
import pytest
from PIL import Image, ImageOps

import augcli.ops.histograms as histograms
from augcli.ops.base import OPS, View, make
from augcli.rng import stream

NAMES = ["equalize", "autocontrast"]


def photo(shape=(60, 80, 3), seed=0):
    """8-bit values that crowd about the middle, as most photographs do."""
    values = np.random.default_rng(seed).normal(110, 30, shape)
    return np.clip(values, 0, 255).astype(np.uint8)


def applied(name, image, low=0.0, high=None, **values):
    op = make(OPS[name], **values)
    high = float(np.iinfo(image.dtype).max) if high is None else high
    view = View(image.shape[1], image.shape[0], 1 if image.ndim == 2 else 3, low, high)
    return op.apply(image, op.resolve(op.draw(stream(0, name)), view), view)


UGLY = {
    "a photograph": photo(),
    "a grey image": photo((50, 70)),
    "one colour": np.full((9, 9, 3), 77, np.uint8),
    "one pixel": np.array([[[3, 4, 5]]], np.uint8),
    "two levels": np.repeat(np.array([10, 200], np.uint8), 300).reshape(20, 30),
    "fewer pixels than levels": photo((7, 9, 3)),
    "a whole number step that overflows": photo((20, 25, 3), 3),
    "black and white at the ends": np.repeat(np.array([0, 255], np.uint8), 300).reshape(20, 30),
}


@pytest.mark.parametrize("case", UGLY)
def test_equalize_is_pillows(case):
    image = UGLY[case]
    np.testing.assert_array_equal(applied("equalize", image), ImageOps.equalize(Image.fromarray(image)))


@pytest.mark.parametrize("cutoff", [0, 1, 2.5, 30, 49])
@pytest.mark.parametrize("case", UGLY)
def test_autocontrast_is_pillows(case, cutoff):
    image = UGLY[case]
    theirs = ImageOps.autocontrast(Image.fromarray(image), cutoff)
    np.testing.assert_array_equal(applied("autocontrast", image, cutoff=cutoff), theirs)


def test_equalize_in_16_bit_is_the_share_of_darker_pixels():
    image = np.random.default_rng(0).normal(20000, 3000, (300, 400)).clip(0, 65535).astype(np.uint16)
    ranked = np.sort(image.ravel())
    darker = np.searchsorted(ranked, image.ravel(), "left")
    spread = (ranked < ranked[-1]).sum()
    expected = (darker / spread * 65535).reshape(image.shape)
    assert np.abs(applied("equalize", image) - expected).max() <= 0.5 + 1e-6


def test_autocontrast_in_16_bit_stretches_from_the_darkest_to_the_lightest():
    image = np.random.default_rng(0).integers(1000, 30001, (50, 60), dtype=np.uint16)
    image[0, :2] = 1000, 30000
    expected = (image - 1000.0) / 29000 * 65535
    after = applied("autocontrast", image)
    assert ((after <= expected + 1e-6) & (after > expected - 1 - 1e-6)).all()  # fractions are cut off


@pytest.mark.parametrize("name", NAMES)
def test_16_bit_images_keep_more_than_256_levels(name):
    image = np.random.default_rng(0).integers(5000, 20000, (100, 200), dtype=np.uint16)
    assert len(np.unique(applied(name, image))) > 5000


@pytest.mark.parametrize("name", NAMES)
def test_declared_levels_are_filled_and_not_left(name):
    image = np.random.default_rng(0).integers(0, 65536, (40, 50), dtype=np.uint16)
    image = np.where(image > 30000, image // 40 + 1200, image)
    after = applied(name, image, 1000.0, 5095.0)
    assert after.min() == 1000 and after.max() == 5095
    np.testing.assert_array_equal(after, applied(name, np.clip(image, 1000, 5095), 1000.0, 5095.0))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_channels_are_independent_so_greys_stay_grey(name, dtype):
    grey = photo((40, 50)).astype(dtype) * (1 if dtype == np.uint8 else 257)
    after = applied(name, np.dstack([grey, grey // 2, grey]))
    np.testing.assert_array_equal(after[..., 0], applied(name, grey))
    np.testing.assert_array_equal(after[..., 1], applied(name, grey // 2))
    np.testing.assert_array_equal(after[..., 2], after[..., 0])


def test_counts_of_large_images_are_added_up_from_bands(monkeypatch):
    monkeypatch.setattr(histograms, "_BAND", 1000)
    image = photo((61, 83, 3))
    counts = histograms.counts_of(image, View(83, 61))
    for channel in range(3):
        expected = np.bincount(image[..., channel].ravel(), minlength=256)
        np.testing.assert_array_equal(counts[:, channel], expected)


@pytest.mark.parametrize("name", NAMES)
def test_the_input_is_left_alone(name):
    image = photo()
    before = image.copy()
    applied(name, image)
    np.testing.assert_array_equal(image, before)
