"""Blur against convolutions and medians written out in numpy."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import augcli.ops  # noqa: F401 - fills the registry
from augcli.ops.base import OPS, Pixels, View, make
from augcli.ops.blur import line
from augcli.rng import stream

Array = np.ndarray[Any, Any]


def noise_image(shape: tuple[int, ...] = (60, 80, 3), dtype: Any = np.uint8) -> Array:
    return np.random.default_rng(2).integers(0, np.iinfo(dtype).max + 1, shape, dtype)


def smooth_image(shape: tuple[int, ...] = (60, 80, 3)) -> Array:
    """Edges and gradients, like a photograph."""
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]]
    image = np.where((x - 30) ** 2 + (y - 25) ** 2 < 200, 220, x + 2 * y) % 256
    return np.dstack([image, image // 2, 255 - image]).astype(np.uint8)


def blurred(name: str, image: Array, **values: Any) -> Array:
    op = make(OPS[name], **values)
    assert isinstance(op, Pixels)
    top = float(np.iinfo(image.dtype).max)
    view = View(image.shape[1], image.shape[0], 3 if image.ndim == 3 else 1, 0.0, top)
    return op.apply(image, op.resolve(op.draw(stream(1)), view), view)


def mirrored(image: Array, rows: int, columns: int) -> Array:
    return np.pad(image, [(rows, rows), (columns, columns)] + [(0, 0)] * (image.ndim - 2), mode="reflect")


def correlated(image: Array, kernel: Array) -> Array:
    """The definition: a weighted sum of shifted copies, mirrored beyond the edge."""
    height, width = image.shape[:2]
    padded = mirrored(image.astype(np.float64), kernel.shape[0] // 2, kernel.shape[1] // 2)
    total = np.zeros(image.shape)
    for i, j in np.argwhere(kernel):
        total += kernel[i, j] * padded[i : i + height, j : j + width]
    return total


def gaussian(sigma: float) -> Array:
    radius = int(4 * sigma + 0.5)
    row = np.array([math.exp(-0.5 * (k / sigma) ** 2) for k in range(-radius, radius + 1)])
    return np.outer(row, row) / row.sum() ** 2


@pytest.mark.parametrize("sigma", [0.3, 0.5, 1.0, 2.0, 4.5])
def test_gaussian_blur_is_the_convolution_with_a_gaussian(sigma: float) -> None:
    """8-bit weights are multiples of 1/256: one level on edges and gradients, two on pure noise."""
    assert (
        np.abs(
            blurred("gaussian_blur", smooth_image(), sigma=sigma)
            - correlated(smooth_image(), gaussian(sigma))
        ).max()
        <= 1
    )
    error = blurred("gaussian_blur", noise_image(), sigma=sigma) - correlated(noise_image(), gaussian(sigma))
    assert np.abs(error).max() <= 2
    assert abs(error.mean()) < 0.05
    wide = noise_image(dtype=np.uint16)
    assert np.abs(blurred("gaussian_blur", wide, sigma=sigma) - correlated(wide, gaussian(sigma))).max() <= 4


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("radius", [1, 2, 7])
def test_box_blur_is_the_mean_of_its_square(radius: int, dtype: Any) -> None:
    image, side = noise_image(dtype=dtype), 2 * radius + 1
    exact = correlated(image, np.full((side, side), 1 / side**2))
    assert np.abs(blurred("box_blur", image, radius=radius) - exact).max() <= 0.51


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("radius", [1, 2, 3, 5])
@pytest.mark.parametrize("shape", [(30, 41, 3), (30, 41)])
def test_median_blur_is_the_median_of_its_square(shape: tuple[int, ...], radius: int, dtype: Any) -> None:
    image, side = noise_image(shape, dtype), 2 * radius + 1
    padded = mirrored(image, radius, radius)
    stack = [padded[i : i + shape[0], j : j + shape[1]] for i in range(side) for j in range(side)]
    assert np.array_equal(blurred("median_blur", image, radius=radius), np.median(np.stack(stack), axis=0))


def test_median_blur_removes_single_dots_and_keeps_edges() -> None:
    image = np.zeros((20, 20), np.uint8)
    image[:, 10:] = 200
    dotted = image.copy()
    dotted[4, 4] = 255
    assert np.array_equal(blurred("median_blur", dotted, radius=1), image)


@pytest.mark.parametrize("length", [1.5, 3, 8, 15.3, 100])
@pytest.mark.parametrize("degrees", [0, 17, 45, 90, -60, 180])
def test_a_motion_kernel_sums_to_one_and_is_the_same_backwards(length: float, degrees: float) -> None:
    kernel = line(length, degrees)
    assert float(kernel.astype(np.float64).sum()) == 1.0
    assert kernel.min() >= 0
    assert kernel.shape[0] % 2 == 1 and kernel.shape[1] % 2 == 1
    assert np.array_equal(kernel, kernel[::-1, ::-1])


@pytest.mark.parametrize("length", [3, 5, 9, 41])
def test_a_horizontal_motion_of_odd_length_is_a_box(length: int) -> None:
    assert line(length, 0).shape == (1, length)
    assert np.allclose(line(length, 0), 1 / length, atol=length / 65536)
    assert np.array_equal(line(length, 90), line(length, 0).T)


def test_positive_degrees_turn_the_line_counter_clockwise() -> None:
    rows, columns = np.nonzero(line(9, 30) > 0.02)
    right = columns > columns.mean() + 2
    assert rows[right].mean() < rows.mean(), "the right end points up, where y is smaller"


@pytest.mark.parametrize("degrees", [0, 10, 30, 45, 75, 120])
def test_the_spread_of_a_motion_kernel_is_that_of_a_line(degrees: float) -> None:
    """The variance along a uniform line of length L is L**2 / 12, and next to nothing across it."""
    kernel = line(31, degrees).astype(np.float64)
    y, x = np.mgrid[0 : kernel.shape[0], 0 : kernel.shape[1]].astype(np.float64)
    x, y = x - (kernel.shape[1] - 1) / 2, (kernel.shape[0] - 1) / 2 - y
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    assert (kernel * (x * cosine + y * sine) ** 2).sum() == pytest.approx(31**2 / 12, rel=0.02)
    assert (kernel * (y * cosine - x * sine) ** 2).sum() < 0.3


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize(("length", "degrees"), [(5, 0), (9, 30), (15, 45), (40, 20), (40, 90)])
def test_motion_blur_is_the_correlation_with_its_kernel(length: float, degrees: float, dtype: Any) -> None:
    image = noise_image((70, 90, 3), dtype)
    exact = correlated(image, line(length, degrees).astype(np.float64))
    error = np.abs(blurred("motion_blur", image, length=length, degrees=degrees) - exact)
    assert error.max() <= (0.5 if dtype == np.uint8 else 0.6)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("gaussian_blur", {"sigma": 25}),
        ("box_blur", {"radius": 100}),
        ("median_blur", {"radius": 15}),
        ("motion_blur", {"length": 100, "degrees": 45}),
    ],
)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("shape", [(1, 1), (1, 7, 3), (2, 3, 3), (5, 4)])
def test_the_largest_blur_of_a_tiny_flat_image_leaves_it_as_it_is(
    shape: tuple[int, ...], dtype: Any, name: str, values: dict[str, Any]
) -> None:
    image = np.full(shape, 201, dtype)
    assert np.array_equal(blurred(name, image, **values), image)
