import numpy as np
import pytest
from PIL import Image, ImageOps

from augcli.ops.base import OPS, View, make
from augcli.params import Invalid
from augcli.rng import stream

CURVES = ["gamma", "posterize", "solarize"]


def noise(shape=(40, 60, 3), dtype=np.uint8, seed=0):
    return np.random.default_rng(seed).integers(0, np.iinfo(dtype).max + 1, shape, dtype=dtype)


def applied(name, image, low=0.0, high=None, **values):
    op = make(OPS[name], **values)
    high = float(np.iinfo(image.dtype).max) if high is None else high
    view = View(image.shape[1], image.shape[0], 1 if image.ndim == 2 else 3, low, high)
    return op.apply(image, op.resolve(op.draw(stream(0, name)), view), view)


@pytest.mark.parametrize("gamma", [0.1, 0.5, 0.8, 1.25, 2.2, 10.0])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_gamma_is_a_power_of_the_display_value_to_the_nearest_level(gamma, dtype):
    top = np.iinfo(dtype).max
    image = noise(dtype=dtype)
    expected = (image / top) ** gamma * top
    assert np.abs(applied("gamma", image, gamma=gamma) - expected).max() <= 0.5 + 1e-9


@pytest.mark.parametrize("bits", range(1, 9))
def test_posterize_is_pillows(bits):
    image = noise()
    theirs = ImageOps.posterize(Image.fromarray(image), bits)
    np.testing.assert_array_equal(applied("posterize", image, bits=bits), theirs)


@pytest.mark.parametrize("bits", [1, 4, 9, 16])
def test_posterize_keeps_the_highest_bits_in_16_bit_too(bits):
    image = noise(dtype=np.uint16)
    mask = 0xFFFF ^ (2 ** (16 - bits) - 1)
    np.testing.assert_array_equal(applied("posterize", image, bits=bits), image & mask)
    twelve = image >> 4
    mask = 0xFFF ^ (2 ** max(12 - bits, 0) - 1)
    np.testing.assert_array_equal(applied("posterize", twelve, high=4095.0, bits=bits), twelve & mask)


def test_posterize_of_an_odd_scale_shows_the_lowest_level_of_each_step():
    image = np.arange(10, dtype=np.uint16)[None]
    expected = [[0, 0, 0, 3, 3, 5, 5, 5, 8, 8]]  # steps begin at 0, 2.5, 5 and 7.5
    np.testing.assert_array_equal(applied("posterize", image, high=9.0, bits=2), expected)
    np.testing.assert_array_equal(applied("posterize", image, high=9.0, bits=16), image)


@pytest.mark.parametrize("level", [0, 1, 64, 128, 200, 255])
def test_solarize_is_pillows(level):
    image = noise()
    theirs = ImageOps.solarize(Image.fromarray(image), level)
    np.testing.assert_array_equal(applied("solarize", image, threshold=level / 255), theirs)


def test_the_default_threshold_of_solarize_is_pillows():
    image = noise()
    np.testing.assert_array_equal(applied("solarize", image), ImageOps.solarize(Image.fromarray(image)))


def test_solarize_inverts_16_bit_and_declared_levels_on_their_own_scale():
    image = noise(dtype=np.uint16)
    expected = np.where(image >= 32768, 65535 - image, image)
    np.testing.assert_array_equal(applied("solarize", image, threshold=0.5), expected)
    some = np.array([[100, 300, 310, 500]], np.uint16)
    expected = [[100, 300, 290, 100]]
    np.testing.assert_array_equal(applied("solarize", some, 100.0, 500.0, threshold=0.51), expected)


@pytest.mark.parametrize("name", CURVES)
def test_declared_levels_map_onto_themselves_and_what_lies_outside_is_clamped(name):
    image = noise(dtype=np.uint16)
    after = applied(name, image, 1000.0, 5095.0)
    assert after.min() >= 1000 and after.max() <= 5095
    np.testing.assert_array_equal(after, applied(name, np.clip(image, 1000, 5095), 1000.0, 5095.0))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("name", ["gamma", "posterize"])
def test_the_identity_value_changes_nothing(name, dtype):
    for image in (noise(dtype=dtype), noise((9, 9), dtype)):
        np.testing.assert_array_equal(applied(name, image, **OPS[name].identity), image)


@pytest.mark.parametrize("name", CURVES)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_grey_images_and_grey_pixels_stay_grey(name, dtype):
    grey = noise((30, 30), dtype)
    after = applied(name, np.dstack([grey] * 3))
    np.testing.assert_array_equal(after, np.dstack([applied(name, grey)] * 3))


@pytest.mark.parametrize("name", ["gamma", "solarize"])
def test_a_16_bit_ramp_keeps_its_levels(name):
    ramp = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    assert len(np.unique(applied(name, ramp))) > 30000


@pytest.mark.parametrize("name", CURVES)
def test_shape_depth_and_input_are_left_alone(name):
    for dtype in (np.uint8, np.uint16):
        for shape in ((6, 5), (6, 5, 3), (1, 1), (1, 1, 3)):
            image = noise(shape, dtype)
            before = image.copy()
            after = applied(name, image)
            assert (after.shape, after.dtype) == (shape, dtype)
            np.testing.assert_array_equal(image, before)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("gamma", {"gamma": 0}),
        ("posterize", {"bits": 0}),
        ("posterize", {"bits": 4.5}),
        ("solarize", {"threshold": 128}),
    ],
)
def test_values_out_of_their_limits_are_refused(name, values):
    with pytest.raises(Invalid):
        make(OPS[name], **values)
