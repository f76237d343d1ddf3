"""Exact moves and axis-aligned scaling, against numpy's own flips, pads, means and index arithmetic."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from augcli.errors import ItemError
from augcli.geometry import (
    BORDERS,
    Canvas,
    compose,
    identity,
    resample,
    resample_nearest,
    rotation,
    scaling,
    translation,
)

H, W = 13, 21
SHAPES = [(H, W), (H, W, 2), (H, W, 3), (H, W, 4)]
DEPTHS = [np.uint8, np.uint16]
NUMPY_BORDERS = {name: name for name in BORDERS}


def noise(shape: tuple[int, ...], depth: type = np.uint8, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, np.iinfo(depth).max + 1, shape).astype(depth)


def test_the_identity_returns_the_very_array() -> None:
    image = noise((H, W, 3))
    assert resample(image, identity(), (W, H), Canvas()) is image


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("shape", SHAPES)
def test_flips_turns_and_transposition_move_pixels_without_resampling(
    shape: tuple[int, ...], depth: type
) -> None:
    image = noise(shape, depth)
    mirrored = compose(scaling(-1, 1), translation(W, 0))
    corners = ((0, 0), (0, W), (W, H), (H, 0))
    for mirror, turns in itertools.product((False, True), range(4)):
        matrix = compose(
            mirrored if mirror else identity(), rotation(90 * turns), translation(*corners[turns])
        )
        expected = np.rot90(image[:, ::-1] if mirror else image, turns)
        size = (expected.shape[1], expected.shape[0])
        for filtered in ("nearest", "bilinear", "bicubic", "lanczos"):
            made = resample(image, matrix, size, Canvas(interpolation=filtered))
            assert made.dtype == depth and np.array_equal(made, expected)


@pytest.mark.parametrize("border", [name for name in BORDERS if name != "constant"])
@pytest.mark.parametrize("shape", [*SHAPES, (1, 5), (4, 1, 3), (1, 1)])
def test_padding_shows_what_numpy_pad_shows(shape: tuple[int, ...], border: str) -> None:
    image = noise(shape, np.uint16)
    h, w = shape[:2]
    for left, top, right, bottom in ((3, 0, 0, 2), (1, 2, 3, 4), (70, 45, 90, 33)):
        made = resample(
            image, translation(left, top), (w + left + right, h + top + bottom), Canvas(border=border)
        )
        amounts = [(top, bottom), (left, right), *[(0, 0)] * (len(shape) - 2)]
        assert np.array_equal(made, np.pad(image, amounts, mode=border))  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("shape", "fill"),
    [((H, W), [76]), ((H, W, 2), [76, 0]), ((H, W, 3), [255, 0, 0]), ((H, W, 4), [255, 0, 0, 0])],
)
@pytest.mark.parametrize(("depth", "scale"), [(np.uint8, 1), (np.uint16, 257)])
def test_a_constant_border_is_the_fill_at_the_images_depth_and_transparent(
    shape: tuple[int, ...], fill: list[int], depth: type, scale: int
) -> None:
    image = noise(shape, depth)
    made = resample(image, translation(4, 2), (W + 5, H + 9), Canvas(fill=(255, 0, 0)))
    expected = np.empty((H + 9, W + 5, *shape[2:]), depth)
    expected[:] = np.array(fill if len(shape) > 2 else fill[0]) * scale  # 76 = round(0.299 * 255)
    expected[2 : 2 + H, 4 : 4 + W] = image
    assert np.array_equal(made, expected)


@given(
    st.integers(-40, 40),
    st.integers(-40, 40),
    st.integers(1, 40),
    st.integers(1, 40),
    st.sampled_from(BORDERS),
)
@settings(max_examples=50, deadline=None)
def test_any_whole_pixel_box_is_the_crop_of_the_padded_image(
    x: int, y: int, w: int, h: int, border: str
) -> None:
    image = noise((H, W, 3))
    made = resample(image, translation(-x, -y), (w, h), Canvas(border=border))
    padded = np.pad(image, [(90, 90), (90, 90), (0, 0)], mode=border)  # type: ignore[call-overload]
    assert np.array_equal(made, padded[90 + y : 90 + y + h, 90 + x : 90 + x + w])


def test_a_hair_of_rounding_does_not_make_a_move_inexact() -> None:
    image = noise((H, W, 3))
    matrix = translation(-2, -3) + np.random.default_rng(1).normal(0, 1e-9, (3, 3)) * [
        [1, 1, 1],
        [1, 1, 1],
        [0] * 3,
    ]
    assert np.array_equal(resample(image, matrix, (9, 8), Canvas()), image[3:11, 2:11])


def test_the_input_is_never_written_to() -> None:
    image = noise((H, W, 4))
    image.setflags(write=False)
    for matrix in (rotation(20), scaling(0.3, 2), translation(3, 3), compose(scaling(0.2, 0.2), rotation(5))):
        for filtered in ("nearest", "bilinear", "lanczos"):
            resample(image, matrix, (17, 9), Canvas(interpolation=filtered))
            resample(image[..., :3], matrix, (17, 9), Canvas(interpolation=filtered))


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("shape", [(24, 36), (24, 36, 3)])
def test_shrinking_by_a_whole_factor_is_the_mean_of_the_cells(shape: tuple[int, ...], depth: type) -> None:
    image = noise(shape, depth)
    made = resample(image, scaling(1 / 4, 1 / 3), (9, 8), Canvas())
    cells = image.reshape(8, 3, 9, 4, *shape[2:]).astype(float).mean(axis=(1, 3))
    assert np.abs(made - cells).max() <= 0.5 + 1e-6 + np.iinfo(depth).max * 1e-6


@pytest.mark.parametrize("flipped", [False, True])
def test_a_crop_with_resize_is_the_resize_of_the_crop(flipped: bool) -> None:
    image = noise((60, 80, 3))
    matrix = compose(translation(-11, -7), scaling(20 / 50, 30 / 45))
    if flipped:
        matrix = compose(matrix, scaling(-1, 1), translation(20, 0))
    made = resample(image, matrix, (20, 30), Canvas())
    crop = image[7:52, 11:61].astype(float)
    across, down = area_weights(50, 20), area_weights(45, 30)
    expected = np.einsum("yi,ijc,xj->yxc", down, crop, across)
    assert np.abs(made - (expected[:, ::-1] if flipped else expected)).max() <= 0.51


def area_weights(source: int, target: int) -> np.ndarray:
    """(target, source): the share of each source pixel in each target cell."""
    low = np.arange(target)[:, None] * source / target
    high = low + source / target
    pixel = np.arange(source)
    return np.clip(np.minimum(high, pixel + 1) - np.maximum(low, pixel), 0, None) * target / source


def linear_weights(source: int, target: int) -> np.ndarray:
    """(target, source): bilinear interpolation at the target's centres, the edge pixels repeated."""
    centre = np.clip((np.arange(target) + 0.5) * source / target - 0.5, 0, source - 1)[:, None]
    return np.clip(1 - np.abs(centre - np.arange(source)), 0, None)


def test_one_axis_is_averaged_while_the_other_is_interpolated() -> None:
    image = noise((20, 60))
    made = resample(image, scaling(15 / 60, 50 / 20), (15, 50), Canvas())
    expected = linear_weights(20, 50) @ image.astype(float) @ area_weights(60, 15).T
    assert np.abs(made - expected).max() <= 1.6  # two roundings to whole levels and OpenCV's 11-bit weights


def test_a_letterbox_is_the_resized_image_between_bars() -> None:
    image = noise((30, 40, 3))
    matrix = compose(scaling(0.5, 0.5), translation(0, 3))
    made = resample(image, matrix, (20, 20), Canvas(fill=(114, 114, 114)))
    assert (made[:3] == 114).all() and (made[18:] == 114).all()
    cells = image.reshape(15, 2, 20, 2, 3).astype(float).mean(axis=(1, 3))
    assert np.abs(made[3:18] - cells).max() <= 0.5


@given(
    st.floats(0.07, 6.0), st.floats(0.07, 6.0), st.floats(-9.0, 9.0), st.sampled_from(BORDERS), st.booleans()
)
@settings(max_examples=50, deadline=None)
def test_nearest_shows_the_pixel_that_contains_the_centre(
    sx: float, sy: float, shift: float, border: str, turn: bool
) -> None:
    image = noise((H, W, 3))
    matrix = compose(scaling(sx, -sy), translation(shift, 12.3))
    size = (31, 17)
    x = np.floor((np.arange(31) + 0.5 - shift) / sx + 1e-6).astype(int)
    y = np.floor((np.arange(17) + 0.5 - 12.3) / -sy + 1e-6).astype(int)
    if turn:
        matrix = compose(matrix, rotation(90), translation(0, 31))
        size = (17, 31)
    reach = int(max(abs(x).max(), abs(y).max())) + 2
    padded = np.pad(image, [(reach, reach), (reach, reach), (0, 0)], mode=border)  # type: ignore[call-overload]
    expected = padded[(y + reach)[:, None], x + reach]
    made = resample(image, matrix, size, Canvas(border=border, interpolation="nearest"))
    assert np.array_equal(made, np.rot90(expected) if turn else expected)


def test_a_plane_keeps_its_names_and_has_its_own_fill() -> None:
    plane = noise((H, W)) // 64
    made = resample_nearest(plane, compose(scaling(0.7, 0.7), rotation(20)), (30, 30), 255)
    assert set(np.unique(made)) <= {0, 1, 2, 3, 255} and 255 in made
    assert np.array_equal(resample_nearest(plane, translation(2, 0), (W, H), 9)[:, 2:], plane[:, :-2])
    mirrored = resample_nearest(plane, translation(3, 0), (W, H), 255, border="symmetric")
    assert np.array_equal(mirrored[:, :3], plane[:, 2::-1])


def test_a_frame_beyond_all_limits_is_refused() -> None:
    with pytest.raises(ItemError) as caught:
        resample(noise((4, 4)), scaling(10000, 10000), (40000, 40000), Canvas())
    assert caught.value.code == "too_large"


@pytest.mark.parametrize("filtered", ["nearest", "bilinear", "bicubic", "lanczos"])
def test_sides_beyond_32767_pixels_are_resampled_too(filtered: str) -> None:
    image = np.repeat(np.arange(200, dtype=np.uint8), 200)[None].repeat(3, axis=0)
    made = resample(image, translation(0.25, 0), (40000, 3), Canvas("edge", interpolation=filtered))
    inner = np.abs(made[1, 100::200].astype(int) - np.arange(200))
    assert inner.max() == 0
