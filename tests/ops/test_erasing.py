"""Erasing: the share that is covered, where it lies, and what is seen there."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import augcli.ops  # noqa: F401 - fills the registry
from augcli.ops.base import OPS, Erase, View, make
from augcli.rng import stream

Array = np.ndarray[Any, Any]
NAMES = ["cutout", "erase", "grid_dropout", "pixel_dropout"]
VIEW = View(90, 60)


def erase_op(name: str, **values: Any) -> Erase:
    op = make(OPS[name], **values)
    assert isinstance(op, Erase)
    return op


def shares(name: str, count: int = 300, view: View = VIEW, **values: Any) -> Array:
    """The covered share of the frame in each of `count` copies."""
    op = erase_op(name, **values)
    drawn = [op.draw(stream(1, name, copy)) for copy in range(count)]
    return np.array([op.covered(op.resolve(d, view), view).mean() for d in drawn])


def scene(shape: tuple[int, ...] = (60, 90, 3), dtype: Any = np.uint8) -> Array:
    """An image without the levels of the fill, which is 200 (51400 in 16 bit)."""
    return np.random.default_rng(5).integers(0, 150, shape).astype(dtype)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("shape", [(60, 90, 3), (60, 90)])
@pytest.mark.parametrize("name", NAMES)
def test_what_is_covered_is_exactly_what_is_painted(name: str, shape: tuple[int, ...], dtype: Any) -> None:
    op, image = erase_op(name, fill=200), scene(shape, dtype)
    view = View(90, 60, len(shape), 0.0, float(np.iinfo(dtype).max))
    for copy in range(10):
        amounts = json.loads(json.dumps(op.resolve(op.draw(stream(2, copy)), view)))
        made = op.apply(image, amounts, view)
        changed = made != image
        changed = changed.any(axis=2) if changed.ndim == 3 else changed
        assert np.array_equal(changed, op.covered(amounts, view))
        assert (made[changed] == (200 if dtype == np.uint8 else 51400)).all()


def painted(fill: Any, image: Array, low: float = 0.0, high: float | None = None) -> Array:
    """The values under a cover of half the frame."""
    op = erase_op("erase", area=0.5, ratio=1.5, fill=fill)
    view = View(image.shape[1], image.shape[0], 3, low, high or float(np.iinfo(image.dtype).max))
    amounts = op.resolve(op.draw(stream(3)), view)
    values: Array = op.apply(image, amounts, view)[op.covered(amounts, view)]
    return values


def test_a_colour_is_rgb_and_its_luma_on_grey_images() -> None:
    assert (painted([10, 200, 30], scene()) == [10, 200, 30]).all()
    assert (painted("#0ac81e", scene(dtype=np.uint16)) == [2570, 51400, 7710]).all()
    luma = round(0.299 * 10 + 0.587 * 200 + 0.114 * 30)
    assert (painted([10, 200, 30], scene((60, 90))) == luma).all()
    assert (painted([10, 200, 30], scene((60, 90), np.uint16)) == luma * 257).all()


def test_the_mean_is_the_mean_colour_of_the_whole_image() -> None:
    image = scene()
    expected = np.floor(image.reshape(-1, 3).mean(axis=0) + 0.5)
    assert (painted("mean", image) == expected).all()
    grey = scene((60, 90), np.uint16) * 300
    assert (painted("mean", grey) == math.floor(grey.mean() + 0.5)).all()


def test_noise_is_uniform_over_the_scale_and_differs_between_pixels_and_channels() -> None:
    values = painted("noise", scene((400, 600, 3))).astype(np.float64)
    assert values.mean() == pytest.approx(127.5, abs=0.5)
    assert values.std() == pytest.approx(math.sqrt((256**2 - 1) / 12), rel=0.01)
    assert abs(np.corrcoef(values[:, 0], values[:, 1])[0, 1]) < 0.015
    assert abs(np.corrcoef(values[:-1, 0], values[1:, 0])[0, 1]) < 0.015
    wide = painted("noise", scene((400, 600), np.uint16), 100.0, 4000.0)
    assert wide.min() >= 100 and wide.max() <= 4000
    assert wide.mean() == pytest.approx(2050, rel=0.01)


@pytest.mark.parametrize("area", [0.02, 0.2, 0.33, 0.9, 1.0])
def test_erase_covers_the_area_that_was_drawn(area: float) -> None:
    found = shares("erase", area=area, view=View(500, 375), count=100)
    assert np.abs(found - area).max() < 0.01


def test_erase_covers_areas_uniform_between_two_and_33_percent_by_default() -> None:
    found = shares("erase", count=1000, view=View(500, 375))
    assert found.mean() == pytest.approx(0.175, abs=0.012)
    assert 0.019 < found.min() < 0.03 and 0.32 < found.max() < 0.332


def test_erase_keeps_its_shape_where_it_fits() -> None:
    op, view = erase_op("erase", area=0.1, ratio=2.0), View(600, 400)
    ((x0, y0, x1, y1),) = op.resolve(op.draw(stream(1)), view)["boxes"]
    assert (x1 - x0) / (y1 - y0) == pytest.approx(2.0, rel=0.02)


def test_erase_lies_anywhere_in_the_frame() -> None:
    op = erase_op("erase", area=0.04, ratio=1.0)
    boxes = np.array([op.resolve(op.draw(stream(4, k)), VIEW)["boxes"][0] for k in range(800)])
    width, height = boxes[0, 2] - boxes[0, 0], boxes[0, 3] - boxes[0, 1]
    assert boxes[:, 0].min() == 0 and boxes[:, 2].max() == 90
    assert boxes[:, 1].min() == 0 and boxes[:, 3].max() == 60
    assert boxes[:, 0].mean() == pytest.approx((90 - width) / 2, abs=3)
    assert boxes[:, 1].mean() == pytest.approx((60 - height) / 2, abs=2)


def test_cutout_squares_are_clipped_by_the_frame() -> None:
    op = erase_op("cutout", size=20, count=1)
    boxes = np.array([op.resolve(op.draw(stream(4, k)), VIEW)["boxes"][0] for k in range(800)])
    assert boxes.min() >= 0 and boxes[:, 2].max() == 90 and boxes[:, 3].max() == 60
    widths, heights = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    assert widths.max() == heights.max() == 20
    assert widths.min() <= 12 and heights.min() <= 12
    # A centre uniform over the frame: the clipped length is side - side**2 / (4 frame) on average.
    assert widths.mean() == pytest.approx(20 - 400 / 360, abs=0.35)
    assert heights.mean() == pytest.approx(20 - 400 / 240, abs=0.35)


def test_cutout_counts_its_squares_and_measures_the_shorter_side() -> None:
    op = erase_op("cutout", size="50%", count=7)
    boxes = op.resolve(op.draw(stream(4)), View(1000, 100))["boxes"]
    assert len(boxes) == 7
    assert max(x1 - x0 for x0, _, x1, _ in boxes) == 50
    assert not op.resolve(op.draw(stream(4)) | {"centres": []}, VIEW)["boxes"]


@pytest.mark.parametrize("ratio", [0.25, 0.5, 0.75, 1.0])
def test_a_grid_covers_the_square_of_its_ratio(ratio: float) -> None:
    assert shares("grid_dropout", ratio=ratio, size=20, view=View(400, 200)) == pytest.approx(ratio**2)


def test_a_grid_repeats_with_its_cell_and_starts_anywhere() -> None:
    op, view = erase_op("grid_dropout", ratio=0.5, size=12), View(120, 96)
    masks = [op.covered(op.resolve(op.draw(stream(6, k)), view), view) for k in range(200)]
    for mask in masks:
        assert np.array_equal(mask[12:], mask[:-12]) and np.array_equal(mask[:, 12:], mask[:, :-12])
        assert mask[:12, :12].sum() == 36
    assert np.mean([mask[0, 0] for mask in masks]) == pytest.approx(0.25, abs=0.12)


@pytest.mark.parametrize("amount", [0.01, 0.3, 0.99])
def test_pixel_dropout_covers_its_share(amount: float) -> None:
    found = shares("pixel_dropout", amount=amount, view=View(500, 400), count=20)
    assert found.mean() == pytest.approx(amount, abs=4.5 * math.sqrt(amount * (1 - amount) / 4e6) + 1e-5)


@given(
    st.sampled_from(NAMES),
    st.integers(1, 40),
    st.integers(1, 40),
    st.integers(0, 10**9),
)
@settings(max_examples=50, deadline=None)
def test_any_frame_can_be_erased(name: str, width: int, height: int, seed: int) -> None:
    op, view = erase_op(name, fill="noise"), View(width, height)
    amounts = op.resolve(op.draw(stream(seed)), view)
    assert op.covered(amounts, view).shape == (height, width)
    for x0, y0, x1, y1 in amounts.get("boxes", []):
        assert 0 <= x0 <= x1 <= width and 0 <= y0 <= y1 <= height
    assert op.apply(scene((height, width, 3)), amounts, view).shape == (height, width, 3)
