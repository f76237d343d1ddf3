import math

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps

from augcli.colour import compose, expose, mean_colour
from augcli.ops.base import OPS, Exposure, make
from augcli.ops.channels import black_body, light_gains
from augcli.params import Invalid
from augcli.rng import stream

NAMES = sorted(name for name, cls in OPS.items() if issubclass(cls, Exposure))
LUMA = np.array([0.299, 0.587, 0.114])


def noise(shape=(40, 60, 3), dtype=np.uint8, seed=0):
    return np.random.default_rng(seed).integers(0, np.iinfo(dtype).max + 1, shape, dtype=dtype)


def matrix_of(name, image, **values):
    op = make(OPS[name], **values)
    top = float(np.iinfo(image.dtype).max)
    mean = mean_colour(image, 0, top) if op.uses_mean else np.zeros(3)
    return op.matrix(op.draw(stream(0, name)), mean)


def applied(name, image, **values):
    return expose(image, matrix_of(name, image, **values), 0, float(np.iinfo(image.dtype).max))


def off(ours, theirs):
    return np.abs(np.asarray(ours, np.float64) - np.asarray(theirs, np.float64)).max()


@pytest.mark.parametrize("factor", [0.0, 0.3, 0.8, 1.2, 1.9])
def test_brightness_is_pillows_within_one_level(factor):
    image = noise()
    theirs = ImageEnhance.Brightness(Image.fromarray(image)).enhance(factor)
    assert off(applied("brightness", image, factor=factor), theirs) <= 1


@pytest.mark.parametrize("factor", [0.0, 0.5, 0.8, 1.2, 1.5])
def test_contrast_is_pillows_within_one_level_for_the_rounding_of_its_mean(factor):
    # Pillow rounds luma and its mean to a level and cuts off fractions; all that is under two levels.
    image = (noise() // 2) + 30
    theirs = ImageEnhance.Contrast(Image.fromarray(image)).enhance(factor)
    assert off(applied("contrast", image, factor=factor), theirs) <= 1


def test_contrast_turns_about_the_mean_luma_without_rounding_it():
    image = (noise() // 2) + 30
    level = (image.reshape(-1, 3).mean(axis=0) * LUMA).sum()
    expected = np.clip(level + 1.5 * (image - level), 0, 255)
    assert off(applied("contrast", image, factor=1.5), expected) < 1


@pytest.mark.parametrize("factor", [0.0, 0.5, 0.8, 1.2, 1.5])
def test_saturation_is_pillows_within_one_level(factor):
    image = noise()
    theirs = ImageEnhance.Color(Image.fromarray(image)).enhance(factor)
    assert off(applied("saturation", image, factor=factor), theirs) <= 1


@pytest.mark.parametrize("degrees", [-180.0, -18.0, 30.0, 90.0, 120.0])
def test_hue_is_the_hue_rotate_matrix_of_the_w3c(degrees):
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    written_out = np.array(
        [
            [0.213 + c * 0.787 - s * 0.213, 0.715 - c * 0.715 - s * 0.715, 0.072 - c * 0.072 + s * 0.928],
            [0.213 - c * 0.213 + s * 0.143, 0.715 + c * 0.285 + s * 0.140, 0.072 - c * 0.072 - s * 0.283],
            [0.213 - c * 0.213 - s * 0.787, 0.715 - c * 0.715 + s * 0.715, 0.072 + c * 0.928 + s * 0.072],
        ]
    )
    image = noise()
    np.testing.assert_allclose(matrix_of("hue", image, degrees=degrees)[:, :3], written_out, atol=1e-12)
    assert off(applied("hue", image, degrees=degrees), np.clip(image @ written_out.T, 0, 255)) < 1


def test_a_positive_hue_turns_red_towards_green():
    red = np.array([[[200, 0, 0]]], np.uint8)
    turned = applied("hue", red, degrees=90.0)[0, 0]
    assert turned[1] > turned[0] and turned[1] > turned[2]


def test_color_jitter_is_brightness_contrast_saturation_and_hue_in_this_order():
    image = noise(seed=5)
    values = {"brightness": 1.3, "contrast": 0.7, "saturation": 1.4, "hue": 25.0}
    display = image / 255.0 * 1.3
    level = (display.reshape(-1, 3).mean(axis=0) * LUMA).sum()
    display = level + 0.7 * (display - level)
    luma = (display @ LUMA)[..., None]
    display = luma + 1.4 * (display - luma)
    display = display @ matrix_of("hue", image, degrees=25.0)[:, :3].T
    expected = np.clip(display, 0, 1) * 255
    assert off(applied("color_jitter", image, **values), expected) < 1


def test_composed_exposures_differ_from_clipping_after_each():
    image = noise()
    brighter = matrix_of("brightness", image, factor=1.8)
    duller = matrix_of("saturation", image, factor=0.3)
    once = expose(image, compose(duller, brighter), 0, 255)
    display = image * 1.8
    luma = (display @ LUMA)[..., None]
    assert off(once, np.clip(luma + 0.3 * (display - luma), 0, 255)) < 1
    assert off(once, expose(expose(image, brighter, 0, 255), duller, 0, 255)) > 20


def test_grayscale_is_pillows_luma_in_all_channels_within_one_level():
    image = noise()
    ours = applied("grayscale", image)
    assert ours.shape == image.shape
    assert (ours[..., 0] == ours[..., 1]).all() and (ours[..., 0] == ours[..., 2]).all()
    assert off(ours[..., 0], Image.fromarray(image).convert("L")) <= 1


def test_invert_is_pillows_exactly():
    image = noise()
    np.testing.assert_array_equal(applied("invert", image), ImageOps.invert(Image.fromarray(image)))
    np.testing.assert_array_equal(applied("invert", image[..., 0]), 255 - image[..., 0])
    deep = noise(dtype=np.uint16)
    np.testing.assert_array_equal(applied("invert", deep), 65535 - deep)


@pytest.mark.parametrize("amount", [0.25, 1.0])
def test_sepia_is_the_matrix_of_the_w3c(amount):
    rest = 1 - amount
    written_out = np.array(
        [
            [0.393 + 0.607 * rest, 0.769 - 0.769 * rest, 0.189 - 0.189 * rest],
            [0.349 - 0.349 * rest, 0.686 + 0.314 * rest, 0.168 - 0.168 * rest],
            [0.272 - 0.272 * rest, 0.534 - 0.534 * rest, 0.131 + 0.869 * rest],
        ]
    )
    image = noise()
    assert off(applied("sepia", image, amount=amount), np.clip(image @ written_out.T, 0, 255)) < 1


@pytest.mark.parametrize(
    ("kelvin", "x", "y"),  # of the Planckian locus, Wyszecki and Stiles, Color Science, 2nd ed.
    [(2000, 0.5267, 0.4133), (3000, 0.4369, 0.4041), (4000, 0.3805, 0.3768), (10000, 0.2806, 0.2883)],
)
def test_the_black_body_is_the_tabulated_one(kelvin, x, y):
    assert black_body(kelvin) == pytest.approx((x, y), abs=1e-3)


def test_temperature_warms_below_and_cools_above_6500_and_keeps_the_luma_of_white():
    for kelvin in (2000.0, 4500.0, 6500.0, 9000.0, 12000.0):
        red, green, blue = light_gains(kelvin)
        assert 0.299 * red + 0.587 * green + 0.114 * blue == pytest.approx(1.0)
        assert (red > blue) == (kelvin < 6500.0)
    reds = [light_gains(kelvin)[0] for kelvin in range(2000, 12001, 50)]
    blues = [light_gains(kelvin)[2] for kelvin in range(2000, 12001, 50)]
    assert (np.diff(reds) < 0).all() and (np.diff(blues) > 0).all()
    assert min(blues) > 0


def test_channel_shift_adds_fractions_of_full_scale():
    image = noise()
    expected = np.clip(image + np.array([0.1, -0.2, 0.0]) * 255, 0, 255)
    assert off(applied("channel_shift", image, red=0.1, green=-0.2, blue=0.0), expected) <= 0.5 + 1e-3
    deep = noise(dtype=np.uint16)
    expected = np.clip(deep + np.array([0.1, -0.2, 0.0]) * 65535, 0, 65535)
    assert off(applied("channel_shift", deep, red=0.1, green=-0.2, blue=0.0), expected) <= 0.51


def test_channel_shuffle_draws_all_six_orders_and_moves_channels_exactly():
    image, op, orders = noise(), make(OPS["channel_shuffle"]), set()
    for number in range(80):
        drawn = op.draw(stream(number))
        orders.add(tuple(drawn["order"]))
        after = expose(image, op.matrix(drawn, np.zeros(3)), 0, 255)
        np.testing.assert_array_equal(after, image[..., drawn["order"]])
    assert len(orders) == 6


@pytest.mark.parametrize("name", [name for name in NAMES if OPS[name].identity is not None])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_identity_value_changes_nothing(name, dtype):
    for image in (noise(dtype=dtype), noise((9, 9), dtype)):
        assert applied(name, image, **OPS[name].identity) is image


@pytest.mark.parametrize("name", ["saturation", "hue", "grayscale", "channel_shuffle"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_ops_on_colour_alone_leave_grey_images_as_they_are(name, dtype):
    grey = noise((30, 30), dtype)
    np.testing.assert_array_equal(applied(name, grey), grey)
    rgb = np.dstack([grey] * 3)
    np.testing.assert_array_equal(applied(name, rgb), rgb)


@pytest.mark.parametrize("name", NAMES)
def test_every_exposure_keeps_shape_and_depth_and_does_not_touch_its_input(name):
    for dtype in (np.uint8, np.uint16):
        for shape in ((6, 5), (6, 5, 3), (1, 1, 3)):
            image = noise(shape, dtype)
            before = image.copy()
            after = applied(name, image)
            assert (after.shape, after.dtype) == (shape, dtype)
            np.testing.assert_array_equal(image, before)


@pytest.mark.parametrize("name", NAMES)
def test_in_16_bit_no_exposure_goes_through_8_bit(name):
    ramp = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    assert len(np.unique(applied(name, np.dstack([ramp] * 3)))) > 20000


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("brightness", {"factor": -0.1}),
        ("contrast", {"factor": 10.5}),
        ("hue", {"degrees": 181}),
        ("sepia", {"amount": 1.1}),
        ("temperature", {"kelvin": 1000}),
        ("channel_shift", {"red": 2}),
    ],
)
def test_values_out_of_their_limits_are_refused(name, values):
    with pytest.raises(Invalid):
        make(OPS[name], **values)
