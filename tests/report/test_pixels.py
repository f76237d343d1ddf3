"""What is measured of a picture, against pictures of which it is known."""

from __future__ import annotations

import numpy as np
import pytest

from augcli.report import pixels
from augcli.report.similarity import distance
from tests.runs import picture


def flat(*color: int, side: int = 40) -> np.ndarray:
    return np.full((side, side, 3), color, np.uint8)


def measured(rgb: np.ndarray) -> pixels.Measures:
    grey = pixels.grey_of(rgb)
    return pixels.measure(grey, rgb, grey)


def test_a_flat_picture_has_its_luma_and_nothing_else() -> None:
    found = measured(flat(100, 100, 100))
    assert found.brightness == pytest.approx(100 / 255)
    assert (found.contrast, found.saturation, found.sharpness, found.entropy) == (0.0, 0.0, 0.0, 0.0)
    assert found.clipped == 0.0 and pixels.blank(found.contrast, found.entropy, None)


def test_pure_red_is_saturated_and_black_and_white_are_clipped() -> None:
    assert measured(flat(255, 0, 0)).saturation == pytest.approx(1.0)
    halves = np.vstack([flat(0, 0, 0, side=20), flat(255, 255, 255, side=20)])
    found = measured(halves)
    assert found.clipped == 1.0
    assert found.contrast == pytest.approx(0.5) and found.entropy == pytest.approx(1.0)


def test_clipping_counts_two_levels_at_both_ends() -> None:
    levels = np.repeat(np.array([[0, 2, 3, 252, 253, 255]], np.uint8), 6, axis=0)
    assert measured(np.dstack([levels] * 3)).clipped == pytest.approx(4 / 6)


def test_sharpness_is_the_variance_of_the_laplacian() -> None:
    grey = picture(3, 50, 40, 1)
    padded = np.pad(grey.astype(float), 1, mode="reflect")  # OpenCV's default border
    laplacian = (
        padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:] - 4 * padded[1:-1, 1:-1]
    )
    assert measured(np.dstack([grey] * 3)).sharpness == pytest.approx(laplacian.var(), rel=1e-9)


def ssim_by_definition(x: np.ndarray, y: np.ndarray) -> float:
    """Equation 13 of Wang et al. 2004, window by window, in double precision."""
    axis = np.arange(-5, 6)
    window = np.exp(-(axis**2) / (2 * 1.5**2))
    window = np.outer(window, window) / window.sum() ** 2
    found = []
    for top in range(x.shape[0] - 10):
        for left in range(x.shape[1] - 10):
            a, b = (plane[top : top + 11, left : left + 11].astype(float) for plane in (x, y))
            ma, mb = (window * a).sum(), (window * b).sum()
            va, vb = (window * a * a).sum() - ma * ma, (window * b * b).sum() - mb * mb
            cov = (window * a * b).sum() - ma * mb
            c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
            found.append((2 * ma * mb + c1) * (2 * cov + c2) / ((ma * ma + mb * mb + c1) * (va + vb + c2)))
    return float(np.mean(found))


@pytest.mark.parametrize("change", ["noise", "shift", "darker", "other"])
def test_ssim_is_that_of_the_definition(change: str) -> None:
    one = picture(1, 32, 24, 1)
    other = {
        "noise": np.clip(one + np.random.default_rng(0).normal(0, 20, one.shape), 0, 255),
        "shift": np.roll(one, 3, axis=1),
        "darker": one * 0.6,
        "other": picture(2, 32, 24, 1),
    }[change].astype(np.uint8)
    assert pixels.ssim(one, other) == pytest.approx(ssim_by_definition(one, other), abs=1e-4)
    assert pixels.ssim(one, one) == pytest.approx(1.0)


def test_a_hash_survives_size_light_and_noise_but_no_mirror() -> None:
    image = picture(4, 120, 90)
    grey = pixels.grey_of(image)
    noisy = np.clip(grey + np.random.default_rng(0).normal(0, 4, grey.shape), 0, 255).astype(np.uint8)
    for same in (pixels.reduced(grey, 60, 45), (grey * 0.8).astype(np.uint8), noisy):
        assert distance(pixels.dhash(grey), pixels.dhash(same)) <= 4
    assert distance(pixels.dhash(grey), pixels.dhash(np.ascontiguousarray(grey[:, ::-1]))) > 20


def test_sixteen_bit_grey_and_alpha_become_eight_bit_colour() -> None:
    deep = np.array([[100, 600], [1100, 2000]], np.uint16)
    assert pixels.eight_bit(deep, 100, 1100)[..., 0].tolist() == [[0, 128], [255, 255]]
    assert pixels.eight_bit(np.zeros((3, 4, 4), np.uint8)).shape == (3, 4, 3)
    assert pixels.eight_bit(np.full((3, 4, 2), 7, np.uint8)).tolist() == np.full((3, 4, 3), 7).tolist()


def test_a_copy_is_blank_when_its_entropy_falls_far_below_its_source() -> None:
    assert pixels.blank(0.2, 2.0, 7.0) and not pixels.blank(0.2, 3.0, 7.0)
    assert not pixels.blank(0.2, 0.0, 0.0)
    assert pixels.blank(3.9 / 255, 5.0, 5.0) and not pixels.blank(4.1 / 255, 5.0, 5.0)
