"""Digital degradation against Pillow's codec and against block means written out in numpy."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

import augcli.ops  # noqa: F401 - fills the registry
from augcli.ops.base import OPS, Pixels, View, make
from augcli.rng import stream

Array = np.ndarray[Any, Any]


def photo(height: int = 61, width: int = 83) -> Array:
    y, x = np.mgrid[0:height, 0:width]
    planes = np.dstack([x * 2, y * 3, (x - y) % 256]) + np.random.default_rng(1).integers(
        0, 30, (height, width, 3)
    )
    return planes.clip(0, 255).astype(np.uint8)


def degraded(name: str, image: Array, **values: Any) -> Array:
    op = make(OPS[name], **values)
    assert isinstance(op, Pixels)
    top = float(np.iinfo(image.dtype).max)
    view = View(image.shape[1], image.shape[0], 3 if image.ndim == 3 else 1, 0.0, top)
    return op.apply(image, op.resolve(op.draw(stream(1)), view), view)


def through_pillow(image: Array, quality: int) -> Array:
    file = io.BytesIO()
    Pillow.fromarray(image).save(file, "JPEG", quality=quality, subsampling="4:2:0")
    return np.asarray(Pillow.open(io.BytesIO(file.getvalue())))


@pytest.mark.parametrize("quality", [1, 10, 40, 75, 90, 100])
def test_jpeg_is_what_pillow_makes_of_the_same_quality(quality: int) -> None:
    for image in (photo(), photo()[..., 1].copy()):
        difference = degraded("jpeg", image, quality=quality).astype(int) - through_pillow(image, quality)
        assert np.abs(difference).max() <= 2  # two builds of one codec


def test_jpeg_keeps_red_red() -> None:
    image = np.zeros((32, 32, 3), np.uint8)
    image[..., 0] = 250
    assert np.abs(degraded("jpeg", image, quality=90).astype(int) - image).max() < 8


def test_lower_quality_is_worse() -> None:
    errors = [
        np.abs(degraded("jpeg", photo(), quality=q).astype(int) - photo()).mean() for q in (90, 50, 20, 5)
    ]
    assert errors == sorted(errors)


def test_a_16_bit_image_passes_jpeg_with_256_levels_and_keeps_its_depth() -> None:
    ramp = np.tile(np.arange(0, 65536, 1024, dtype=np.uint16), (64, 1))
    made = degraded("jpeg", ramp, quality=100)
    assert made.dtype == np.uint16
    assert set(np.unique(made) % 257) == {0}, "every level is one of 256"
    assert np.abs(made.astype(int) - ramp).max() <= 4 * 257


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_pixelate_shows_the_mean_of_each_block(dtype: Any) -> None:
    image = np.random.default_rng(3).integers(0, np.iinfo(dtype).max + 1, (60, 80, 3), dtype)
    means = image.reshape(15, 4, 20, 4, 3).mean(axis=(1, 3))
    blocks = np.repeat(np.repeat(means, 4, axis=0), 4, axis=1)
    assert np.abs(degraded("pixelate", image, factor=0.25) - blocks).max() <= 0.51


def shares(full: int, small: int) -> Array:
    """(small, full): which share of each small pixel every full pixel fills; rows sum to 1."""
    left = np.arange(small)[:, None] * full / small
    overlap = np.minimum(left + full / small, np.arange(full) + 1) - np.maximum(left, np.arange(full))
    return np.clip(overlap, 0, None) * small / full


@pytest.mark.parametrize("factor", [0.6, 0.5, 0.4, 0.3, 0.25])
def test_pixelate_is_the_definition_of_imagenet_c(factor: float) -> None:
    """Box down to floor(factor * side), nearest up; the box has exact area weights at its ends."""
    image = photo()
    height, width = image.shape[:2]
    rows, columns = int(height * factor), int(width * factor)
    small = np.einsum("ij,jkc,lk->ilc", shares(height, rows), image.astype(float), shares(width, columns))
    down = ((np.arange(height) + 0.5) * rows / height).astype(int)
    across = ((np.arange(width) + 0.5) * columns / width).astype(int)
    assert np.abs(degraded("pixelate", image, factor=factor) - small[down][:, across]).max() <= 1


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_downscale_is_area_down_and_bilinear_up(dtype: Any) -> None:
    image = np.random.default_rng(3).integers(0, np.iinfo(dtype).max + 1, (60, 80), dtype)
    small = image.reshape(30, 2, 40, 2).mean(axis=(1, 3))
    rows = np.clip((np.arange(60) + 0.5) / 2 - 0.5, 0, 29)
    columns = np.clip((np.arange(80) + 0.5) / 2 - 0.5, 0, 39)
    top, left = np.minimum(rows.astype(int), 28), np.minimum(columns.astype(int), 38)
    v, u = (rows - top)[:, None], (columns - left)[None, :]
    upper = small[top][:, left] * (1 - u) + small[top][:, left + 1] * u
    lower = small[top + 1][:, left] * (1 - u) + small[top + 1][:, left + 1] * u
    exact = upper * (1 - v) + lower * v
    assert np.abs(degraded("downscale", image, factor=0.5) - exact).max() <= (
        1.1 if dtype == np.uint8 else 70
    )


@pytest.mark.parametrize("name", ["downscale", "pixelate"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 9), (3, 2, 3), (40, 31)])
def test_the_smallest_factor_leaves_the_frame_and_a_flat_image(
    name: str, dtype: Any, shape: tuple[int, ...]
) -> None:
    image = np.full(shape, 77, dtype)
    made = degraded(name, image, factor=0.01)
    assert made.dtype == dtype
    assert np.array_equal(made, image)
