"""What every operation of the registry keeps, whoever wrote it."""

from __future__ import annotations

import dataclasses
import json
import pickle
from typing import Any

import numpy as np
import pytest

import augcli.ops  # noqa: F401 - fills the registry
from augcli.camera import Camera
from augcli.geometry import Canvas
from augcli.listing import FAMILIES
from augcli.ops.base import OPS, Exposure, Geometry, Mix, Op, Pixels, View, doc_of, make
from augcli.params import params_of
from augcli.rng import stream
from augcli.sample import Sample

NAMES = sorted(OPS)
HEIGHT, WIDTH = 47, 64


def images() -> dict[str, np.ndarray[Any, Any]]:
    rng = np.random.default_rng(3)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    rgb = np.dstack([x * 3, y * 4, (x + y) * 2]).astype(np.uint8) // 2 + rng.integers(
        0, 90, (HEIGHT, WIDTH, 3), dtype=np.uint8
    )
    return {
        "rgb": rgb,
        "grey": rgb[..., 0].copy(),
        "rgb16": rgb.astype(np.uint16) * 257 + 3,
        "grey16": rgb[..., 1].astype(np.uint16) * 257 + 5,
        "rgba": np.dstack([rgb, np.where(x < 20, 0, 255).astype(np.uint8)]),
        "la": np.dstack([rgb[..., 0], (x * 4).astype(np.uint8)]),
    }


def example(name: str, **values: object) -> Op:
    return make(OPS[name], **{**OPS[name].example, **values})


def applied(op: Op, image: np.ndarray[Any, Any], drawn: dict[str, Any]) -> Sample:
    """The op on a sample, through the camera, as a run does it."""
    sample = Sample(image, {"cat": 1.0})
    camera = Camera(sample, Canvas(), None)
    if isinstance(op, Geometry):
        camera.move(op.resolve(drawn, camera.view()))
    elif isinstance(op, Exposure):
        camera.expose(op, drawn, {})
    elif isinstance(op, Mix):
        guests = [Sample(np.ascontiguousarray(image[::-1, ::-1]), {"dog": 1.0}) for _ in range(op.slots)]
        return op.mix(sample, guests, op.resolve(drawn, camera.view()), camera.view())
    else:
        assert isinstance(op, Pixels)
        from augcli.camera import join_alpha, split_alpha

        colour, alpha = split_alpha(image)
        amounts = json.loads(json.dumps(op.resolve(drawn, camera.view())))
        return Sample(join_alpha(op.apply(colour, amounts, camera.view()), alpha))
    return camera.flush()


CASES = [(name, kind) for name in NAMES for kind in images()]


@pytest.mark.parametrize("name", NAMES)
def test_an_op_is_a_frozen_documented_dataclass_that_pickles(name: str) -> None:
    op = example(name)
    assert dataclasses.fields(op) is not None and op.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert pickle.loads(pickle.dumps(op)) == op
    assert doc_of(OPS[name]).endswith("."), "the first paragraph of the docstring is the row of the docs"
    assert OPS[name].family in FAMILIES
    assert all(parameter.doc for parameter in params_of(OPS[name]))


@pytest.mark.parametrize("name", NAMES)
def test_the_default_or_example_parameters_are_valid_together(name: str) -> None:
    assert list(example(name).problems()) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_default_survives_plain_and_parse(name: str) -> None:
    for parameter in params_of(OPS[name]):
        if not parameter.required and parameter.default is not None:
            assert parameter.kind.parse(parameter.kind.plain(parameter.default)) == parameter.default


@pytest.mark.parametrize("name", NAMES)
def test_a_draw_is_json_and_a_function_of_its_stream(name: str) -> None:
    op = example(name)
    first = op.draw(stream(1, "a"))
    assert json.loads(json.dumps(first)) == first
    assert op.draw(stream(1, "a")) == first


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_the_same_draw_gives_the_same_pixels_even_after_json_and_leaves_the_input_alone(
    name: str, kind: str
) -> None:
    op, image = example(name), images()[kind]
    image.setflags(write=False)
    drawn = op.draw(stream(5, name))
    first = applied(op, image, drawn)
    again = applied(op, image, json.loads(json.dumps(drawn)))
    assert np.array_equal(first.image, again.image)
    assert np.array_equal(image, images()[kind])


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_depth_and_channels_are_kept(name: str, kind: str) -> None:
    image = images()[kind]
    made = applied(example(name), image, example(name).draw(stream(6, name))).image
    assert made.dtype == image.dtype
    assert made.shape[2:] == image.shape[2:]
    if not issubclass(OPS[name], Geometry):
        assert made.shape == image.shape


@pytest.mark.parametrize("kind", ["rgba", "la"])
@pytest.mark.parametrize("name", [name for name in NAMES if not issubclass(OPS[name], Geometry | Mix)])
def test_colour_and_noise_never_touch_alpha(name: str, kind: str) -> None:
    image = images()[kind]
    made = applied(example(name), image, example(name).draw(stream(6, name))).image
    assert np.array_equal(made[..., -1], image[..., -1])


@pytest.mark.parametrize("kind", sorted(images()))
@pytest.mark.parametrize("name", [name for name in NAMES if OPS[name].identity is not None])
def test_the_identity_value_changes_nothing(name: str, kind: str) -> None:
    image = images()[kind]
    op = make(OPS[name], **{**OPS[name].example, **(OPS[name].identity or {})})
    assert np.array_equal(applied(op, image, op.draw(stream(2, name))).image, image)


@pytest.mark.parametrize("name", NAMES)
def test_a_one_pixel_image_is_no_accident(name: str) -> None:
    from augcli.errors import ItemError

    image = np.full((1, 1, 3), 90, np.uint8)
    try:
        made = applied(example(name), image, example(name).draw(stream(7, name))).image
    except ItemError as error:
        assert error.code in {"too_small", "unsupported_mode"}
    else:
        assert made.dtype == np.uint8


@pytest.mark.parametrize("name", [name for name in NAMES if issubclass(OPS[name], Pixels)])
def test_what_an_op_covers_has_the_shape_of_the_frame(name: str) -> None:
    op = example(name)
    if hasattr(op, "covered"):
        view = View(WIDTH, HEIGHT)
        covered = op.covered(op.resolve(op.draw(stream(8, name)), view), view)
        assert covered.shape == (HEIGHT, WIDTH) and covered.dtype == np.bool_
