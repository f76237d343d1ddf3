"""What every geometry op keeps: a point goes where its pixel goes, and draws survive JSON."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import augcli.ops  # noqa: F401 - fills the registry
from augcli.errors import ItemError
from augcli.geometry import Canvas, inverse, move_points, resample
from augcli.ops.base import OPS, Geometry, View, make
from augcli.rng import stream

NAMES = sorted(name for name, cls in OPS.items() if issubclass(cls, Geometry))
RADIUS = 5


def dot(width: int, height: int, x: float, y: float) -> np.ndarray:
    """uint16 (height, width): a smooth round spot whose centroid is (x, y)."""
    v, u = np.mgrid[0:height, 0:width] + 0.5
    spot = np.clip(1 - ((u - x) ** 2 + (v - y) ** 2) / RADIUS**2, 0, 1)
    return np.rint(spot * 65535).astype(np.uint16)


@pytest.mark.parametrize("name", NAMES)
@given(
    st.integers(80, 160),
    st.integers(80, 160),
    st.floats(0.3, 0.7),
    st.floats(0.3, 0.7),
    st.integers(0, 10**9),
)
@settings(max_examples=25, deadline=None)
def test_a_dot_is_found_where_its_point_has_gone(
    name: str, width: int, height: int, right: float, low: float, seed: int
) -> None:
    op = make(OPS[name], **OPS[name].example)
    assert isinstance(op, Geometry)
    move = op.resolve(op.draw(stream(seed)), View(width, height))
    # A point that the result shows, well inside the image.
    ((x, y),) = move_points(inverse(move.matrix), [(right * move.width, low * move.height)])
    x, y = np.clip(x, RADIUS, width - RADIUS), np.clip(y, RADIUS, height - RADIUS)
    around = np.array([(x + RADIUS * c, y + RADIUS * s) for c in (-1, 1) for s in (-1, 1)])
    moved = move_points(move.matrix, around)
    assume((moved >= -1).all() and (moved <= (move.width + 1, move.height + 1)).all())
    made = resample(dot(width, height, x, y), move.matrix, (move.width, move.height), Canvas()).astype(float)
    v, u = np.mgrid[0 : move.height, 0 : move.width] + 0.5
    found = np.array([(u * made).sum(), (v * made).sum()]) / made.sum()
    assert np.abs(found - move_points(move.matrix, [(x, y)])[0]).max() < 0.5


@pytest.mark.parametrize("name", NAMES)
@given(st.integers(0, 10**9), st.integers(1, 3000), st.integers(1, 3000))
@settings(max_examples=20, deadline=None)
def test_a_move_is_a_function_of_what_json_keeps_of_the_draw(name: str, seed: int, w: int, h: int) -> None:
    op = make(OPS[name], **OPS[name].example)
    assert isinstance(op, Geometry)
    drawn = op.draw(stream(seed))
    try:
        first = op.resolve(drawn, View(w, h))
    except ItemError:
        assume(False)
    second = op.resolve(json.loads(json.dumps(drawn)), View(w, h))
    assert np.array_equal(first.matrix, second.matrix)
    assert (first.width, first.height, first.canvas) == (second.width, second.height, second.canvas)
    assert first.width >= 1 and first.height >= 1
    assert np.isfinite(first.matrix).all() and first.matrix.dtype == np.float64


@pytest.mark.parametrize("name", [name for name in NAMES if OPS[name].identity is not None])
@given(st.integers(1, 3000), st.integers(1, 3000))
@settings(max_examples=20, deadline=None)
def test_identity_parameters_return_the_very_image(name: str, w: int, h: int) -> None:
    op = make(OPS[name], **{**OPS[name].example, **(OPS[name].identity or {})})
    assert isinstance(op, Geometry)
    move = op.resolve(op.draw(stream(0)), View(w, h))
    image = np.broadcast_to(np.uint8(7), (h, w))
    assert resample(image, move.matrix, (move.width, move.height), Canvas()) is image
