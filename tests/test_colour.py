import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from augcli.colour import (
    LUMA,
    clamp,
    compose,
    expose,
    level_table,
    look_up,
    mean_after,
    mean_colour,
    same_colours,
)

HUE_LIKE = np.array([[0.7, 0.5, -0.2, 0.0], [-0.1, 0.9, 0.2, 0.0], [0.4, -0.3, 0.9, 0.0]])
MATRICES = hnp.arrays(np.float64, (3, 4), elements=st.floats(-3.0, 3.0, width=32))


def noise(shape, dtype=np.uint8, seed=0):
    top = np.iinfo(dtype).max
    return np.random.default_rng(seed).integers(0, top + 1, shape, dtype=dtype)


def exact(image, matrix, low, high):
    """The definition in float64, clipped once and not rounded."""
    display = (image.astype(np.float64) - low) / (high - low)
    after = np.einsum("ij,hwj->hwi", matrix[:, :3], display) + matrix[:, 3]
    return np.clip(after, 0.0, 1.0) * (high - low) + low


@settings(max_examples=50, deadline=None)
@given(MATRICES)
def test_in_8_bit_a_matrix_is_applied_within_one_level_of_the_definition(matrix):
    image = noise((40, 50, 3))
    off = expose(image, matrix, 0, 255) - exact(image, matrix, 0, 255)
    assert np.abs(off).max() < 1.0


@settings(max_examples=50, deadline=None)
@given(MATRICES)
def test_in_16_bit_a_matrix_is_applied_to_the_nearest_level(matrix):
    image = noise((40, 50, 3), np.uint16)
    off = expose(image, matrix, 0, 65535) - exact(image, matrix, 0, 65535)
    assert np.abs(off).max() < 0.6


def test_coefficients_too_large_for_whole_number_arithmetic_are_right_too():
    matrix = np.array([[40.0, -39.0, 0.0, 0.0], [0.0, 35.5, 0.0, -30.0], [0.0, 0.0, 1.0, 99.0]])
    image = noise((40, 50, 3))
    assert np.abs(expose(image, matrix, 0, 255) - exact(image, matrix, 0, 255)).max() < 1.0


def test_rounding_the_coefficients_does_not_make_images_darker_or_brighter():
    image = np.dstack([np.arange(256, dtype=np.uint8)[None]] * 3)
    errors = []
    for units in range(700, 1000, 5):
        matrix = (units + 0.45) / 1024 * same_colours()  # always rounded down, by nearly half a unit
        errors.append((expose(image, matrix, 0, 255) - exact(image, matrix, 0, 255)).mean())
    assert abs(np.mean(errors)) < 0.02


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_matrix_that_changes_nothing_returns_the_input(dtype):
    for image in (noise((5, 7), dtype), noise((5, 7, 3), dtype)):
        assert expose(image, same_colours() + 1e-15, 0, np.iinfo(dtype).max) is image


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_greys_of_an_rgb_image_stay_grey_and_exact_where_rows_sum_to_one(dtype):
    top = np.iinfo(dtype).max
    ramp = np.linspace(0, top, 256).round().astype(dtype)
    image = np.dstack([ramp[None]] * 3)
    np.testing.assert_array_equal(expose(image, HUE_LIKE, 0, top), image)


@settings(max_examples=30, deadline=None)
@given(MATRICES)
def test_greys_stay_grey_whenever_rows_have_equal_sums_and_offsets(matrix):
    matrix[:, 2] = 0.5 - matrix[:, 0] - matrix[:, 1]
    matrix[:, 3] = 0.1
    image = np.dstack([np.arange(256, dtype=np.uint8)[None]] * 3)
    after = expose(image, matrix, 0, 255)
    assert (after[..., 0] == after[..., 1]).all() and (after[..., 0] == after[..., 2]).all()


@pytest.mark.parametrize(("dtype", "top"), [(np.uint8, 255), (np.uint16, 65535)])
def test_a_grey_image_becomes_the_luma_of_what_its_rgb_twin_becomes(dtype, top):
    matrix = np.array([[1.4, 0, 0, 0.1], [0, 0.8, 0.1, 0], [0, 0.3, 0.2, -0.1]])
    grey = noise((20, 30), dtype)
    twin = exact(np.dstack([grey] * 3), matrix, 0, top)
    after = expose(grey, matrix, 0, top)
    assert after.shape == grey.shape and after.dtype == dtype
    assert np.abs(after - twin @ np.array([0.299, 0.587, 0.114])).max() <= 0.5 + 1e-6


def test_a_16_bit_ramp_keeps_its_levels():
    ramp = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    for image in (ramp, np.dstack([ramp] * 3)):
        after = expose(image, 0.5 * same_colours(), 0, 65535)
        assert len(np.unique(after)) > 32000


@pytest.mark.parametrize("image", [noise((9, 9), np.uint16), noise((9, 9, 3), np.uint16)])
def test_exposure_stays_within_the_declared_levels(image):
    inside = image % 4096
    brighter = expose(inside, 2.0 * same_colours(), 0, 4095)
    np.testing.assert_array_equal(brighter, np.minimum(inside.astype(int) * 2, 4095))
    darker = expose(np.clip(inside, 1000, 3000), 0.5 * same_colours(), 1000, 3000)
    expected = 1000 + (np.clip(inside, 1000, 3000) - 1000.0) / 2
    assert np.abs(darker - expected).max() <= 0.51


def test_values_outside_the_levels_count_as_black_and_white():
    image = np.array([[[0, 500, 60000]]], np.uint16)
    negative = np.column_stack((-np.eye(3), np.ones(3)))
    np.testing.assert_array_equal(expose(image, negative, 100, 4095), [[[4095, 3695, 100]]])


def test_one_exposure_of_two_equals_both_in_float_clipped_once_and_not_clipped_twice():
    image = noise((30, 30, 3))
    brighter, darker = 2.0 * same_colours(), 0.5 * same_colours()
    once = expose(image, compose(darker, brighter), 0, 255)
    np.testing.assert_array_equal(once, image)
    twice = expose(expose(image, brighter, 0, 255), darker, 0, 255)
    assert (twice < image).any()


@settings(max_examples=30, deadline=None)
@given(MATRICES, MATRICES)
def test_composed_matrices_are_the_product_of_their_4x4_forms(first, second):
    last = np.array([[0.0, 0.0, 0.0, 1.0]])
    product = np.vstack((second, last)) @ np.vstack((first, last))
    np.testing.assert_allclose(compose(second, first), product[:3], atol=1e-12)
    mean = np.array([0.2, 0.5, 0.9])
    np.testing.assert_allclose(mean_after(first, mean), first[:, :3] @ mean + first[:, 3], atol=1e-12)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_mean_colour_is_the_mean_of_the_display_values(dtype):
    top = float(np.iinfo(dtype).max)
    image = noise((31, 17, 3), dtype)
    np.testing.assert_allclose(mean_colour(image, 0, top), image.mean(axis=(0, 1)) / top, rtol=1e-12)
    grey = image[..., 1]
    np.testing.assert_allclose(mean_colour(grey, 0, top), [grey.mean() / top] * 3, rtol=1e-12)


def test_the_mean_colour_does_not_depend_on_the_order_of_pixels():
    image = noise((64, 64, 3), np.uint16)
    shuffled = np.random.default_rng(1).permutation(image.reshape(-1, 3)).reshape(image.shape)
    np.testing.assert_array_equal(mean_colour(image, 0, 65535), mean_colour(shuffled, 0, 65535))


def test_the_mean_colour_lies_between_the_levels_whatever_the_pixels():
    image = np.array([[0, 65535, 65535]], np.uint16)
    np.testing.assert_allclose(mean_colour(image, 100, 4095), [2 / 3] * 3)


@pytest.mark.parametrize(("dtype", "entries"), [(np.uint8, 256), (np.uint16, 65536)])
def test_look_up_takes_one_table_or_one_per_channel(dtype, entries):
    image = noise((11, 13, 3), dtype)
    shared, each = noise(entries, dtype, 1), noise((entries, 3), dtype, 2)
    np.testing.assert_array_equal(look_up(image, shared), shared[image])
    np.testing.assert_array_equal(look_up(image[..., 0], shared), shared[image[..., 0]])
    expected = np.dstack([each[image[..., c], c] for c in range(3)])
    np.testing.assert_array_equal(look_up(image, each), expected)


def test_a_level_table_counts_from_black_and_clamps_what_lies_outside():
    table = level_table(np.array([3, 2, 1, 0]), np.dtype(np.uint8), 10)
    assert table.shape == (256,) and table.dtype == np.uint8
    assert table[[0, 10, 11, 13, 255]].tolist() == [13, 13, 12, 10, 10]


def test_clamping_to_the_whole_range_returns_the_input():
    image = noise((4, 4), np.uint16)
    assert clamp(image, 0, 65535) is image
    assert clamp(image, 5, 50).max() <= 50


@pytest.mark.parametrize("shape", [(1, 1), (1, 1, 3), (1, 9, 3), (9, 1)])
def test_the_smallest_images_keep_their_shape(shape):
    image = noise(shape)
    assert expose(image, HUE_LIKE * 0.5, 0, 255).shape == shape
    assert look_up(image, np.arange(256, dtype=np.uint8)).shape == shape


def test_read_only_and_mirrored_images_are_taken_as_they_are():
    image = noise((8, 9, 3))
    image.setflags(write=False)
    expected = expose(image, HUE_LIKE, 0, 255)[::-1, ::-1]
    np.testing.assert_array_equal(expose(image[::-1, ::-1], HUE_LIKE, 0, 255), expected)


def test_luma_weights_sum_to_one():
    assert sum(LUMA) == pytest.approx(1.0, abs=1e-15)
