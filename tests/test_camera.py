"""One camera, one exposure: what is pending multiplies, and is applied once."""

from __future__ import annotations

import numpy as np
import pytest

import augcli.ops  # noqa: F401 - fills the registry
from augcli.camera import Camera, join_alpha, split_alpha
from augcli.geometry import Canvas
from augcli.ops.base import OPS, Exposure, Geometry, Op, make
from augcli.rng import stream
from augcli.sample import NO_ORIGIN, Image, Sample


def noise(height: int = 60, width: int = 80) -> Image:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


def op(name: str, **values: object) -> Op:
    return make(OPS[name], **values)


def develop(image: Image, *ops: Op, canvas: Canvas | None = None) -> Image:
    camera = Camera(Sample(image), canvas or Canvas(), None)
    for one in ops:
        drawn = one.draw(stream(0, one.name))
        if isinstance(one, Geometry):
            camera.move(one.resolve(drawn, camera.view()))
        else:
            assert isinstance(one, Exposure)
            camera.expose(one, drawn, {})
    return camera.flush().image


def test_turning_there_and_back_changes_nothing_because_it_is_one_move() -> None:
    image = noise()
    assert np.array_equal(develop(image, op("rotate", degrees=33), op("rotate", degrees=-33)), image)


def test_what_a_later_step_brings_back_into_the_frame_was_never_cut() -> None:
    image = noise()
    moved = develop(image, op("translate", x=30, y=0), op("translate", x=-30, y=0))
    assert np.array_equal(moved, image)


def test_pad_closes_the_window_so_what_a_crop_hid_stays_hidden() -> None:
    image = np.full((40, 40, 3), 200, np.uint8)
    crop = op("crop", width=20, height=20, anchor="center")
    padded = develop(image, crop, op("pad", all=10, fill=0))
    assert padded.shape == (40, 40, 3)
    assert (padded[10:30, 10:30] == 200).all()
    assert padded[:10].max() == 0 and padded[:, :10].max() == 0


def test_colour_between_moves_does_not_separate_them() -> None:
    image = noise()
    colour = op("brightness", factor=0.5)
    there, back = op("rotate", degrees=20), op("rotate", degrees=-20)
    assert np.array_equal(develop(image, there, colour, back), develop(image, colour))


def test_exposures_are_clipped_once_and_not_after_each_step() -> None:
    image = np.full((4, 4, 3), 200, np.uint8)
    made = develop(image, op("brightness", factor=2.0), op("brightness", factor=0.5))
    assert (made == 200).all(), "clipped in between it would be 128"


def test_contrast_takes_the_mean_of_the_camera_s_output_after_the_exposure_before_it() -> None:
    image = np.zeros((10, 10, 3), np.uint8)
    image[:, 5:] = 200
    crop = op("crop", width=5, height=10, anchor="right")
    made = develop(image, op("brightness", factor=0.5), op("contrast", factor=0.0), crop)
    assert (made == 100).all(), "the cropped half has mean 200, halved to 100"


def test_fill_is_exposed_too() -> None:
    image = np.full((10, 10, 3), 100, np.uint8)
    canvas = Canvas(fill=(50, 50, 50))
    made = develop(image, op("translate", x=5, y=0), op("brightness", factor=2.0), canvas=canvas)
    assert (made[:, :5] == 100).all() and (made[:, 5:] == 200).all()


def test_the_origin_moves_with_the_pixels_and_the_border_has_none() -> None:
    origin = np.zeros((10, 10), np.uint8)
    origin[:, 5:] = 1
    sample = Sample(noise(10, 10), {}, origin, ({"a": 1.0}, {"b": 1.0}))
    camera = Camera(sample, Canvas(), None)
    camera.move(op("translate", x=5, y=0).resolve({"x": 5, "y": 0}, camera.view()))  # type: ignore[attr-defined]
    moved = camera.flush().origin
    assert moved is not None
    assert (moved[:, :5] == NO_ORIGIN).all() and (moved[:, 5:] == 0).all()


def test_nothing_pending_returns_the_very_sample() -> None:
    sample = Sample(noise())
    assert Camera(sample, Canvas(), None).flush() is sample


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 2), (4, 5, 3), (4, 5, 4)])
def test_alpha_is_split_off_and_joined_again(shape: tuple[int, ...]) -> None:
    image = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    assert np.array_equal(join_alpha(*split_alpha(image)), image)


def test_levels_say_what_black_and_white_are_in_16_bit_only() -> None:
    deep = Camera(Sample(np.zeros((2, 2), np.uint16)), Canvas(), (100, 4095)).view()
    flat = Camera(Sample(np.zeros((2, 2), np.uint8)), Canvas(), (100, 4095)).view()
    assert (deep.low, deep.high, flat.low, flat.high) == (100, 4095, 0, 255)
