"""General moves, against a bilinear sampler written out in float64, and against the theory of sampling."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from augcli.geometry import (
    BORDERS,
    Canvas,
    Matrix,
    about,
    compose,
    perspective,
    resample,
    rotation,
    scaling,
    shear,
    translation,
)

H, W = 37, 53
CORNERS = [(0, 0), (W, 0), (W, H), (0, H)]
MOVES = {
    "turn": about(rotation(17.3), W / 2, H / 2),
    "turn and enlarge": about(compose(rotation(-70), scaling(1.9, 1.4)), W / 2, H / 2),
    "far away": translation(31.4, -20.7),
    "shear": about(shear(15, -8), W / 2, H / 2),
    "mirrored": compose(scaling(-1, 1), rotation(12), translation(W, 3)),
    "perspective": perspective(CORNERS, [(2, 1), (W - 0.5, 0.5), (W - 1.5, H - 1), (0.5, H - 1.5)]),
}


def noise(shape: tuple[int, ...], depth: type = np.uint8, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, np.iinfo(depth).max + 1, shape).astype(depth)


def carried_back(matrix: Matrix, size: tuple[int, int]) -> np.ndarray:
    """(2, h, w) float64: where the output's pixel centres come from, in pixel indices of the source."""
    x, y = np.meshgrid(np.arange(size[0]) + 0.5, np.arange(size[1]) + 0.5)
    back = np.linalg.inv(matrix) @ np.stack([x.ravel(), y.ravel(), np.ones(x.size)])
    return (back[:2] / back[2] - 0.5).reshape(2, size[1], size[0])


def bilinear(
    image: np.ndarray, matrix: Matrix, size: tuple[int, int], border: str, fill: float
) -> np.ndarray:
    """float64 (h, w, channels): the definition, with pixel centres at i + 0.5 and numpy's borders."""
    u, v = carried_back(matrix, size)
    reach = int(max(np.abs(u).max(), np.abs(v).max())) + 3
    constant = {"constant_values": fill} if border == "constant" else {}
    pads = [(reach, reach), (reach, reach), *[(0, 0)] * (image.ndim - 2)]
    padded = np.pad(image.astype(np.float64), pads, mode=border, **constant)  # type: ignore[call-overload]
    padded = padded.reshape(*padded.shape[:2], -1)
    j, i = np.floor(u).astype(int), np.floor(v).astype(int)
    fx, fy = (u - j)[..., None], (v - i)[..., None]
    j, i = j + reach, i + reach
    upper = padded[i, j] * (1 - fx) + padded[i, j + 1] * fx
    lower = padded[i + 1, j] * (1 - fx) + padded[i + 1, j + 1] * fx
    return upper * (1 - fy) + lower * fy


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("name", MOVES)
@pytest.mark.parametrize(
    ("shape", "depth"), [((H, W), np.uint8), ((H, W, 3), np.uint8), ((H, W, 3), np.uint16)]
)
def test_a_warp_is_the_bilinear_definition(
    shape: tuple[int, ...], depth: type, name: str, border: str
) -> None:
    """Half a level of rounding, and 2e-5 of full scale for single-precision coordinates (measured: 1e-5);
    coordinates in steps of 1/32 pixel, as in older OpenCV, would be off by 2e-2.
    """
    image = noise(shape, depth)
    full = np.iinfo(depth).max
    fill = 100 * (full // 255)
    made = resample(image, MOVES[name], (60, 41), Canvas(border, (100, 100, 100)))
    expected = bilinear(image, MOVES[name], (60, 41), border, fill).reshape(made.shape)
    assert made.dtype == depth
    assert np.abs(made - expected).max() <= 0.5 + 2e-5 * full


def test_three_channels_have_the_values_of_each_channel_alone() -> None:
    image = noise((H, W, 3))
    together = resample(image, MOVES["turn"], (W, H), Canvas(fill=(9, 9, 9)))
    for channel in range(3):
        alone = np.ascontiguousarray(image[..., channel])
        assert np.array_equal(
            together[..., channel], resample(alone, MOVES["turn"], (W, H), Canvas(fill=(9, 9, 9)))
        )


def test_a_result_is_not_overwritten_by_the_next_warp() -> None:
    first = resample(noise((H, W, 3)), MOVES["turn"], (W, H), Canvas())
    kept = first.copy()
    resample(noise((H, W, 3), seed=1), MOVES["shear"], (W, H), Canvas())
    assert np.array_equal(first, kept)


def keys(t: np.ndarray, a: float = -0.75) -> np.ndarray:
    """The cubic convolution kernel (Keys 1981, equation 15 with OpenCV's a)."""
    t = np.abs(t)
    near, far = (a + 2) * t**3 - (a + 3) * t**2 + 1, a * (t**3 - 5 * t**2 + 8 * t - 4)
    return np.where(t <= 1, near, np.where(t < 2, far, 0))


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
@pytest.mark.parametrize("name", MOVES)
def test_bicubic_is_cubic_convolution(name: str, depth: type) -> None:
    image, full = noise((H, W), depth), np.iinfo(depth).max
    made = resample(image, MOVES[name], (60, 41), Canvas("edge", interpolation="bicubic"))
    u, v = carried_back(MOVES[name], (60, 41))
    padded = np.pad(image.astype(np.float64), 200, mode="edge")
    j, i = np.floor(u).astype(int), np.floor(v).astype(int)
    expected = sum(
        padded[i + dy + 200, j + dx + 200] * keys(u - j - dx) * keys(v - i - dy)
        for dy in range(-1, 3)
        for dx in range(-1, 3)
    )
    assert np.abs(made - np.clip(expected, 0, full)).max() <= 0.5 + 2e-5 * full


@pytest.mark.parametrize("name", ["turn", "perspective"])
def test_lanczos_reproduces_a_smooth_image_better_than_bilinear(name: str) -> None:
    def scene(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return 128 + 100 * np.sin(x / 2.2) * np.cos(y / 2.7)

    y, x = np.mgrid[0:H, 0:W] + 0.5
    image = np.rint(scene(x, y)).astype(np.uint8)
    u, v = carried_back(MOVES[name], (W, H)) + 0.5
    inside = (u > 5) & (u < W - 5) & (v > 5) & (v < H - 5)
    errors = {
        kind: np.abs(resample(image, MOVES[name], (W, H), Canvas(interpolation=kind)) - scene(u, v))[
            inside
        ].mean()
        for kind in ("bilinear", "lanczos")
    }
    assert errors["lanczos"] < errors["bilinear"] / 2


@pytest.mark.parametrize("degrees", [0.0, 20.0, 45.0, 90.0])
@pytest.mark.parametrize("shift", [0.0, 0.37])
def test_a_fourfold_reduction_of_noise_has_a_quarter_of_its_deviation(degrees: float, shift: float) -> None:
    """Without a filter it would keep all of it (bilinear: two thirds). A fractional move of the reduced
    grid smooths further: by 1/2 where it falls between the pixels of both axes.
    """
    image = noise((800, 800))
    matrix = compose(
        about(compose(rotation(degrees), scaling(0.25, 0.25)), 400, 400), translation(-300, -300)
    )
    made = resample(image, compose(matrix, translation(shift, shift)), (200, 200), Canvas())
    inner = made[60:140, 60:140].astype(float)
    quarter = image.std() / 4
    assert 0.49 * quarter < inner.std() < 1.03 * quarter
    assert abs(inner.mean() - 127.5) < 2


@pytest.mark.parametrize(
    "matrix",
    [
        shear(70, 0),
        compose(rotation(45), scaling(1, 0.2), rotation(-45)),
        compose(scaling(0.1, 1), rotation(30)),
        perspective([(0, 0), (600, 0), (600, 600), (0, 600)], [(150, 260), (450, 260), (600, 340), (0, 340)]),
    ],
    ids=["strong shear", "squeezed along the diagonal", "one axis", "flat perspective"],
)
def test_what_shrinks_in_one_direction_only_is_filtered_too(matrix: Matrix) -> None:
    """An image squeezed k times averages k pixels: its deviation falls by sqrt(k) at least."""
    image = noise((600, 600))
    middle = np.array([300.0, 300.0, 1.0])
    w = (matrix @ middle)[2]
    at = (matrix @ middle)[:2] / w
    jacobian = (matrix[:2, :2] - np.outer(at, matrix[2, :2])) / w
    least = np.linalg.svd(jacobian)[1][1]
    made = resample(image, compose(matrix, translation(25 - at[0], 6 - at[1])), (50, 12), Canvas())
    assert made.astype(float).std() < 1.15 * image.std() * np.sqrt(min(1.0, least))


def test_a_small_crop_of_a_large_image_is_the_crop_of_the_whole_move() -> None:
    image = noise((300, 400, 3))
    matrix = about(compose(rotation(10), scaling(1.3, 1.3)), 200, 150)
    whole = resample(image, matrix, (400, 300), Canvas())
    part = resample(image, compose(matrix, translation(-180, -130)), (40, 30), Canvas())
    assert np.abs(part.astype(int) - whole[130:160, 180:220]).max() <= 1


@pytest.mark.parametrize("border", BORDERS)
def test_a_frame_far_outside_shows_the_border_alone(border: str) -> None:
    image = np.full((20, 30, 3), 200, np.uint8)
    made = resample(image, compose(rotation(30), translation(5000, 0)), (10, 10), Canvas(border, (1, 2, 3)))
    assert (made == ((1, 2, 3) if border == "constant" else (200, 200, 200))).all()


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
@pytest.mark.parametrize("colours", [1, 3])
def test_colours_under_transparent_pixels_do_not_bleed(colours: int, depth: type) -> None:
    """A white disc on invisible black: all that can be seen stays white."""
    full = np.iinfo(depth).max
    y, x = np.mgrid[0:60, 0:60]
    disc = np.hypot(x - 29.5, y - 29.5) < 20
    image = np.repeat((disc * full).astype(depth)[..., None], colours + 1, axis=2)
    for matrix in (about(rotation(33), 30, 30), scaling(0.37, 0.37), about(scaling(1.7, 1.7), 30, 30)):
        made = resample(image, matrix, (60, 60), Canvas(fill=(10, 20, 30)))
        seen = made[..., -1] > 0
        assert (made[seen][:, :-1] == full).all()
        assert ((made[..., -1] > 0) & (made[..., -1] < full)).any()
        luma = round(0.299 * 10 + 0.587 * 20 + 0.114 * 30)
        fill = np.array([10, 20, 30] if colours == 3 else [luma]) * (full // 255)
        assert (made[~seen][:, :-1] == fill).all() and (~seen).any()


def test_an_opaque_image_with_alpha_looks_as_without() -> None:
    image = noise((H, W, 3))
    opaque = np.dstack([image, np.full((H, W), 255, np.uint8)])
    inner = (slice(12, 25), slice(15, 38))
    with_alpha = resample(opaque, MOVES["turn"], (W, H), Canvas())
    without = resample(image, MOVES["turn"], (W, H), Canvas())
    assert np.abs(with_alpha[inner][..., :3].astype(int) - without[inner]).max() <= 1
    assert (with_alpha[inner][..., 3] == 255).all()


@pytest.mark.parametrize("filtered", ["nearest", "bilinear", "bicubic", "lanczos"])
@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1, 3), (2, 2)])
def test_a_side_of_one_pixel_is_its_own_border(shape: tuple[int, ...], border: str, filtered: str) -> None:
    """OpenCV's bicubic warp hangs on such a side with the `reflect` border."""
    made = resample(np.full(shape, 7, np.uint8), rotation(20), (12, 12), Canvas(border, (7, 7, 7), filtered))
    assert (made == 7).all()


@given(st.floats(-180, 180), st.floats(0.2, 4.0), st.floats(0.2, 4.0), st.sampled_from(BORDERS))
@settings(max_examples=40, deadline=None)
def test_an_even_image_stays_even_whatever_moves_it(
    degrees: float, sx: float, sy: float, border: str
) -> None:
    image = np.full((H, W, 3), 77, np.uint8)
    matrix = about(compose(scaling(sx, sy), rotation(degrees)), W / 2, H / 2)
    for filtered in ("nearest", "bilinear", "bicubic", "lanczos"):
        made = resample(image, matrix, (40, 30), Canvas(border, (77, 77, 77), filtered))
        assert np.abs(made.astype(int) - 77).max() <= 1
