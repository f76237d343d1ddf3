"""Noise against its distribution, on grey images of a million values and more."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

import augcli.ops  # noqa: F401 - fills the registry
from augcli.ops.base import OPS, Pixels, View, make
from augcli.rng import stream

WIDTH, HEIGHT = 800, 600
MIDDLE = 128
NUMBERS = WIDTH * HEIGHT * 3
VIEW = View(WIDTH, HEIGHT)
WIDE = View(WIDTH, HEIGHT, 3, 0.0, 65535.0)

Array = np.ndarray[Any, Any]


def grey_card(level: int = MIDDLE, dtype: Any = np.uint8) -> Array:
    return np.full((HEIGHT, WIDTH, 3), level, dtype)


def noisy(name: str, image: Array, view: View = VIEW, copy: int = 1, **values: Any) -> Array:
    op = make(OPS[name], **values)
    assert isinstance(op, Pixels)
    return op.apply(image, op.resolve(op.draw(stream(7, "photo", copy)), view), view)


def errors(name: str, copy: int = 1, **values: Any) -> Array:
    return noisy(name, grey_card(), copy=copy, **values).astype(np.float64) - MIDDLE


def kurtosis(values: Array) -> float:
    centred = values - values.mean()
    return float((centred**4).mean() / (centred**2).mean() ** 2)


def correlation(a: Array, b: Array) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


ADDITIVE = [
    ("gaussian_noise", {"std": 0.04}, 0.04, 3.0),
    ("laplace_noise", {"std": 0.04}, 0.04, 6.0),
    ("uniform_noise", {"amount": 0.1}, 0.1 / math.sqrt(3), 1.8),
]


@pytest.mark.parametrize(("name", "values", "std", "tail"), ADDITIVE)
def test_additive_noise_has_its_mean_std_and_kurtosis(
    name: str, values: dict[str, Any], std: float, tail: float
) -> None:
    e = errors(name, **values)
    expected = math.sqrt((std * 255) ** 2 + 1 / 12)  # rounding to whole levels adds 1/12 of variance
    assert abs(e.mean()) < 4 * expected / math.sqrt(NUMBERS)
    assert e.std() == pytest.approx(expected, rel=5e-3)
    assert kurtosis(e) == pytest.approx(tail, rel=0.025)


@pytest.mark.parametrize(("name", "values"), [(name, values) for name, values, _, _ in ADDITIVE])
def test_noise_is_independent_between_pixels_channels_and_copies(name: str, values: dict[str, Any]) -> None:
    e, other = errors(name, **values), errors(name, copy=2, **values)
    limit = 4.5 / math.sqrt(WIDTH * (HEIGHT - 40))
    for a, b in (
        (e[:, 1:], e[:, :-1]),
        (e[1:], e[:-1]),
        (e[40:], e[:-40]),  # no band or tile is used again
        (e[..., 0], e[..., 1]),
        (e[..., 1], e[..., 2]),
        (e[..., 0], e[..., 2]),
        (e, other),
    ):
        assert abs(correlation(a, b)) < limit


def test_a_mean_shifts_the_image() -> None:
    assert errors("gaussian_noise", mean=0.1, std=0.04).mean() == pytest.approx(25.5, abs=0.05)
    assert (errors("gaussian_noise", mean=-0.2, std=0) == -51).all()


@pytest.mark.parametrize("std", [0.02, 0.05])
def test_16_bit_noise_has_the_same_share_of_full_scale(std: float) -> None:
    e = noisy("gaussian_noise", grey_card(32768, np.uint16), WIDE, std=std).astype(np.float64) - 32768
    assert e.std() / 65535 == pytest.approx(std, rel=5e-3)
    assert len(np.unique(e)) > 5000  # not 8-bit noise in disguise


def test_monochrome_noise_keeps_greys_grey() -> None:
    for name in ("gaussian_noise", "uniform_noise", "laplace_noise", "speckle"):
        made = noisy(name, grey_card(), per_channel=False)
        assert np.array_equal(made[..., 0], made[..., 1]) and np.array_equal(made[..., 1], made[..., 2])
        assert made.std() > 1


def test_noise_is_clipped_at_black_and_white_and_never_wraps() -> None:
    dark, bright = (noisy("gaussian_noise", grey_card(level), std=0.1) for level in (3, 252))
    assert dark.max() < 160 and (dark == 0).mean() == pytest.approx(0.45, abs=0.02)
    assert bright.min() > 95 and (bright == 255).mean() == pytest.approx(0.46, abs=0.02)


@pytest.mark.parametrize(("amount", "salt"), [(0.02, 0.5), (0.3, 0.25), (1.0, 1.0), (0.5, 0.0)])
@pytest.mark.parametrize("per_channel", [False, True])
def test_salt_and_pepper_hit_their_shares_of_pixels(amount: float, salt: float, per_channel: bool) -> None:
    made = noisy("salt_pepper", grey_card(), amount=amount, salt=salt, per_channel=per_channel)
    hits = made if per_channel else made[..., 0]
    spread = 4.5 * math.sqrt(0.25 / hits.size) + 1e-5
    assert (hits == 255).mean() == pytest.approx(amount * salt, abs=spread)
    assert (hits == 0).mean() == pytest.approx(amount * (1 - salt), abs=spread)
    assert set(np.unique(made)) <= {0, MIDDLE, 255}
    whole = bool((made[..., 0] == made[..., 1]).all())
    assert whole is (not per_channel or amount == 1.0)


def test_salt_is_the_white_of_the_declared_levels() -> None:
    view = View(WIDTH, HEIGHT, 1, 100.0, 4000.0)
    image = np.full((HEIGHT, WIDTH), 1500, np.uint16)
    assert set(np.unique(noisy("salt_pepper", image, view, amount=0.1))) == {100, 1500, 4000}


@pytest.mark.parametrize("peak", [20.0, 60.0, 255.0, 4000.0])
@pytest.mark.parametrize("level", [16, 60, 128])
def test_photon_noise_has_the_mean_and_variance_of_poisson_at_each_level(level: int, peak: float) -> None:
    made = noisy("poisson_noise", grey_card(level), peak=peak).astype(np.float64)
    v = level / 255
    std = 255 * math.sqrt(v / peak)
    assert made.mean() == pytest.approx(
        level, abs=0.25 * min(1.0, 255 / peak / 2) + 5 * std / math.sqrt(NUMBERS)
    )
    rounding = 1 / 12 if peak > 255 else 0
    assert made.var() == pytest.approx(std**2 + rounding, rel=0.03)


def test_photon_noise_differs_between_channels() -> None:
    e = errors("poisson_noise", peak=60)
    assert abs(correlation(e[..., 0], e[..., 1])) < 4.5 / math.sqrt(WIDTH * HEIGHT)


def test_speckle_grows_with_brightness_and_leaves_black_black() -> None:
    assert not noisy("speckle", grey_card(0), std=0.2).any()
    for level in (40, 80, 120):
        made = noisy("speckle", grey_card(level), std=0.2).astype(np.float64)
        assert made.mean() == pytest.approx(level, abs=0.08)
        assert made.std() == pytest.approx(math.sqrt((0.2 * level) ** 2 + 1 / 12), rel=5e-3)


def test_iso_noise_has_its_luma_and_its_chroma() -> None:
    e = errors("iso_noise", luma=0.03, colour=0.02)
    red, green, blue = np.moveaxis(e, -1, 0)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    assert luma.std() == pytest.approx(0.03 * 255, rel=3e-3)
    assert ((blue - luma) / 1.772).std() == pytest.approx(0.02 * 255, rel=3e-3)
    assert ((red - luma) / 1.402).std() == pytest.approx(0.02 * 255, rel=3e-3)
    assert np.abs(e.mean(axis=(0, 1))).max() < 0.06
    assert abs(correlation(luma, blue - luma)) < 0.02
    assert abs(correlation(blue - luma, red - luma)) < 0.02


def test_the_colour_part_of_iso_noise_leaves_luma_as_it_was() -> None:
    red, green, blue = np.moveaxis(errors("iso_noise", luma=0, colour=0.05), -1, 0)
    assert np.abs(0.299 * red + 0.587 * green + 0.114 * blue).max() <= 0.5  # each channel rounded by itself


def test_iso_noise_on_a_grey_image_is_luma_alone() -> None:
    made = noisy("iso_noise", grey_card()[..., 0], luma=0.03, colour=0.5).astype(np.float64)
    assert made.std() == pytest.approx(math.sqrt((0.03 * 255) ** 2 + 1 / 12), rel=0.01)


@pytest.mark.parametrize("name", [name for name, cls in OPS.items() if cls.family == "noise"])
def test_a_draw_gives_the_same_pixels_after_json_and_another_copy_other_pixels(name: str) -> None:
    op, image = make(OPS[name]), grey_card()[:60, :80]
    assert isinstance(op, Pixels)
    view = View(80, 60)
    drawn = op.draw(stream(7, "photo", 1))
    first = op.apply(image, op.resolve(drawn, view), view)
    again = op.apply(image, op.resolve(json.loads(json.dumps(drawn)), view), view)
    assert np.array_equal(first, again)
    drawn["seed"] += 1
    assert not np.array_equal(first, op.apply(image, drawn, view))
