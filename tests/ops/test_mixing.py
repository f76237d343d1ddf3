"""Mixing: pixels against numpy, class weights against what is seen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from augcli.labels import class_weights
from augcli.ops.base import View, make
from augcli.ops.mixing import Blend, Cutmix, Mix, Mixup, Mosaic, conform, fitted
from augcli.rng import stream
from augcli.sample import Image, Sample


def flat(value: int, height: int = 30, width: int = 40) -> Image:
    return np.full((height, width, 3), value, np.uint8)


def mixed(op: Mix, drawn: dict[str, object], host: Sample, *guests: Sample) -> Sample:
    view = View(host.size[0], host.size[1])
    return op.mix(host, guests, op.resolve(drawn, view), view)


def test_blend_is_alpha_x1_plus_one_minus_alpha_x2() -> None:
    rng = np.random.default_rng(0)
    one, two = (rng.integers(0, 256, (30, 40, 3), dtype=np.uint8) for _ in range(2))
    op = make(Blend, alpha=0.3)
    made = mixed(op, op.draw(stream(0)), Sample(one, {"a": 1.0}), Sample(two, {"b": 1.0}))  # type: ignore[arg-type]
    expected = 0.3 * one + 0.7 * two
    assert np.abs(made.image - expected).max() <= 0.5 + 1e-6
    assert class_weights(made) == pytest.approx({"a": 0.3, "b": 0.7})


def test_mixup_of_one_class_stays_that_class() -> None:
    op = make(Mixup)
    made = mixed(op, op.draw(stream(3)), Sample(flat(0), {"a": 1.0}), Sample(flat(200), {"a": 1.0}))  # type: ignore[arg-type]
    assert class_weights(made) == {"a": 1.0}


def test_mixup_draws_lambda_from_beta_alpha_alpha() -> None:
    op = make(Mixup, alpha=0.4)
    lambdas = np.array([op.draw(stream(0, n))["lambda"] for n in range(4000)])
    assert lambdas.mean() == pytest.approx(0.5, abs=0.02)
    assert lambdas.var() == pytest.approx(1 / (4 * (2 * 0.4 + 1)), rel=0.05)


def test_the_pixel_mean_of_a_mixup_is_its_class_weight() -> None:
    op = make(Mixup)
    drawn = op.draw(stream(9))
    made = mixed(op, drawn, Sample(flat(250), {"a": 1.0}), Sample(flat(0), {"b": 1.0}))  # type: ignore[arg-type]
    assert made.image.mean() / 250 == pytest.approx(class_weights(made)["a"], abs=0.003)


@settings(max_examples=40, deadline=None)
@given(share=st.floats(0, 1), x=st.floats(0, 0.999), y=st.floats(0, 0.999))
def test_cutmix_weights_are_the_area_that_is_really_shown(share: float, x: float, y: float) -> None:
    op = make(Cutmix)
    drawn = {**op.draw(stream(0)), "lambda": share, "x": x, "y": y}
    made = mixed(op, drawn, Sample(flat(0), {"a": 1.0}), Sample(flat(255), {"b": 1.0}))  # type: ignore[arg-type]
    shown = float((made.image[..., 0] == 255).mean())
    assert class_weights(made).get("b", 0.0) == pytest.approx(shown, abs=1e-9)
    assert op.resolve(drawn, View(40, 30))["lambda"] == pytest.approx(1 - shown, abs=1e-9)  # type: ignore[attr-defined]


def test_cutmix_takes_the_box_from_the_same_place_of_the_partner() -> None:
    rng = np.random.default_rng(0)
    one, two = (rng.integers(0, 256, (30, 40, 3), dtype=np.uint8) for _ in range(2))
    op = make(Cutmix)
    drawn = {**op.draw(stream(0)), "lambda": 0.75, "x": 0.5, "y": 0.5}
    made = mixed(op, drawn, Sample(one), Sample(two)).image  # type: ignore[arg-type]
    x0, y0, x1, y1 = op.resolve(drawn, View(40, 30))["box"]  # type: ignore[attr-defined]
    assert (x0, y0, x1, y1) == (10, 8, 30, 22)
    inside = np.zeros((30, 40), bool)
    inside[y0:y1, x0:x1] = True
    assert np.array_equal(made[inside], two[inside])
    assert np.array_equal(made[~inside], one[~inside])


def test_mosaic_shows_four_images_and_weighs_them_by_area() -> None:
    op = make(Mosaic)
    drawn = {**op.draw(stream(1)), "center": 0.25, "center_y": 0.5, "place": 2}
    host = Sample(flat(10), {"h": 1.0})
    guests = [Sample(flat(value), {name: 1.0}) for value, name in ((60, "a"), (120, "b"), (240, "c"))]
    made = mixed(op, drawn, host, *guests)  # type: ignore[arg-type]
    image = made.image[..., 0]
    assert (image[:15, :10] == 60).all() and (image[:15, 10:] == 120).all()
    assert (image[15:, :10] == 10).all() and (image[15:, 10:] == 240).all()
    assert class_weights(made) == pytest.approx({"a": 1 / 8, "b": 3 / 8, "h": 1 / 8, "c": 3 / 8})


def test_a_mix_of_a_mix_counts_every_source() -> None:
    cut = make(Cutmix)
    drawn = {**cut.draw(stream(0)), "lambda": 0.75, "x": 0.5, "y": 0.5}
    first = mixed(cut, drawn, Sample(flat(0), {"a": 1.0}), Sample(flat(255), {"b": 1.0}))  # type: ignore[arg-type]
    blend = make(Blend, alpha=0.5)
    second = mixed(blend, blend.draw(stream(0)), first, Sample(flat(9), {"c": 1.0}))  # type: ignore[arg-type]
    b = class_weights(first)["b"]
    assert class_weights(second) == pytest.approx({"a": (1 - b) / 2, "b": b / 2, "c": 0.5})


def test_neither_host_nor_partner_is_written_to() -> None:
    host, guest = flat(1), flat(2)
    host.setflags(write=False)
    guest.setflags(write=False)
    for op in (make(Cutmix), make(Mixup)):
        mixed(op, op.draw(stream(0)), Sample(host), Sample(guest))  # type: ignore[arg-type]


@pytest.mark.parametrize("shape", [(30, 40), (40, 30), (7, 99)])
def test_cover_fills_the_frame_and_keeps_proportions(shape: tuple[int, int]) -> None:
    image = np.zeros((*shape, 3), np.uint8)
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]]
    image[(x - shape[1] / 2 + 0.5) ** 2 + (y - shape[0] / 2 + 0.5) ** 2 < 9] = 255
    made = fitted(image, 60, 60, "cover")[..., 0] > 127
    height, width = np.ptp(np.nonzero(made)[0]) + 1, np.ptp(np.nonzero(made)[1]) + 1
    assert made.shape == (60, 60)
    assert abs(int(height) - int(width)) <= 0.2 * max(height, width) + 2


@pytest.mark.parametrize("channels", [None, 2, 3, 4])
@pytest.mark.parametrize("others", [None, 2, 3, 4])
@pytest.mark.parametrize("depths", [(np.uint8, np.uint16), (np.uint16, np.uint8), (np.uint8, np.uint8)])
def test_a_partner_takes_the_host_s_channels_and_depth(
    channels: int | None, others: int | None, depths: tuple[type, type]
) -> None:
    like = np.zeros((3, 4) if channels is None else (3, 4, channels), depths[0])
    full = np.iinfo(depths[1]).max
    image = np.full((5, 6) if others is None else (5, 6, others), full, depths[1])
    made = conform(image, like)
    assert made.dtype == like.dtype and made.shape == (5, 6, *like.shape[2:])
    assert (made == np.iinfo(depths[0]).max).all(), "white and opaque stay white and opaque"
