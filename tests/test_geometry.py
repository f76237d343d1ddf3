"""Matrices and points: where things go."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from augcli.geometry import (
    Canvas,
    about,
    compose,
    identity,
    inverse,
    largest_inside,
    mirrors,
    move_points,
    perspective,
    resample,
    rotation,
    scaling,
    shear,
    translation,
)

angles = st.floats(-360.0, 360.0)


def test_compose_applies_matrices_in_the_order_they_are_listed() -> None:
    both = compose(translation(10, 0), scaling(2, 2))
    assert move_points(both, [(1, 1)]).tolist() == [[22, 2]]
    assert np.array_equal(both, scaling(2, 2) @ translation(10, 0))


def test_quarter_turns_are_exact_numbers() -> None:
    for turns in range(-8, 9):
        turned = rotation(90.0 * turns)
        assert set(np.abs(turned).ravel().tolist()) <= {0.0, 1.0}
        assert np.array_equal(turned, np.linalg.matrix_power(rotation(90), turns % 4))


def test_a_positive_angle_takes_the_right_side_up() -> None:
    assert move_points(rotation(90), [(1, 0)]).tolist() == [[0, -1]]


@pytest.mark.parametrize("degrees", [30.0, -50.0, 90.0])
def test_the_direction_of_rotation_is_pillows(degrees: float) -> None:
    image = np.zeros((101, 101), np.uint8)
    image[48:53, 78:83] = 255
    ours = resample(image, about(rotation(degrees), 50.5, 50.5), (101, 101), Canvas())
    pillows = np.asarray(Image.fromarray(image).rotate(degrees, Image.Resampling.BILINEAR))
    assert np.allclose(centroid(ours), centroid(pillows), atol=0.1)


def centroid(image: np.ndarray) -> tuple[float, float]:
    y, x = np.mgrid[0 : image.shape[0], 0 : image.shape[1]] + 0.5
    weight = image.astype(float)
    return float((x * weight).sum() / weight.sum()), float((y * weight).sum() / weight.sum())


def test_shear_leans_to_the_right_and_rises_to_the_right() -> None:
    top = move_points(shear(45, 0), [(0, -1)])
    right = move_points(shear(0, 45), [(1, 0)])
    assert np.allclose(top, [[1, -1]]) and np.allclose(right, [[1, -1]])


@given(angles, st.floats(-70, 70), st.floats(-70, 70), st.floats(0.1, 10))
@settings(max_examples=50, deadline=None)
def test_the_inverse_takes_points_back(degrees: float, x: float, y: float, factor: float) -> None:
    matrix = compose(shear(x, y), rotation(degrees), scaling(factor, factor), translation(7, -3))
    points = np.array([(0.0, 0.0), (500.0, 20.0), (-3.5, 1000.0)])
    assert np.allclose(move_points(inverse(matrix), move_points(matrix, points)), points, atol=1e-6)
    assert np.allclose(inverse(matrix), np.linalg.inv(matrix), rtol=1e-9, atol=1e-9)


@given(st.lists(st.floats(0.0, 0.6), min_size=8, max_size=8))
@settings(max_examples=50, deadline=None)
def test_perspective_takes_each_point_to_its_partner(shares: list[float]) -> None:
    before = np.array([(0, 0), (500, 0), (500, 375), (0, 375)], dtype=float)
    inward = np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)]) * np.array(shares).reshape(4, 2)
    after = before + inward * (250, 187.5)
    matrix = perspective(before, after)
    assert np.allclose(move_points(matrix, before), after, atol=1e-6)
    # The definition: eight linear equations in the eight free entries.
    rows = []
    for (x, y), (u, v) in zip(before, after, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
    solved = np.append(np.linalg.solve(np.array(rows), after.ravel()), 1.0).reshape(3, 3)
    assert np.allclose(matrix, solved, atol=1e-8)


def test_perspective_without_movement_is_the_identity() -> None:
    corners = [(0, 0), (31, 0), (31, 17), (0, 17)]
    assert np.allclose(perspective(corners, corners), identity(), atol=1e-12)


def test_three_points_on_a_line_are_no_perspective() -> None:
    with pytest.raises(ValueError, match="on one line"):
        perspective([(0, 0), (1, 0), (1, 1), (0, 1)], [(0, 0), (1, 1), (2, 2), (0, 1)])


def test_a_flat_matrix_has_no_inverse() -> None:
    with pytest.raises(ValueError, match="no inverse"):
        inverse(scaling(1, 0))


def test_points_on_the_horizon_go_to_infinity_without_a_warning() -> None:
    matrix = np.array([[1, 0, 0], [0, 1, 0], [-0.1, 0, 1.0]])
    assert math.isinf(move_points(matrix, [(10, 5)])[0, 0])


def test_no_points_move_to_no_points() -> None:
    assert move_points(rotation(20), np.empty((0, 2))).shape == (0, 2)


def test_one_flip_mirrors_and_two_do_not() -> None:
    assert mirrors(scaling(-1, 1)) and mirrors(scaling(1, -1))
    assert not mirrors(scaling(-1, -1)) and not mirrors(rotation(77))
    assert mirrors(compose(rotation(90), scaling(1, -1)))


@given(st.integers(2, 2000), st.integers(2, 2000), angles)
@settings(max_examples=50, deadline=None)
def test_the_largest_inside_touches_the_turned_frame_and_stays_in_it(w: int, h: int, degrees: float) -> None:
    inner_w, inner_h = largest_inside(w, h, degrees)
    corners = np.array([(x * inner_w / 2, y * inner_h / 2) for x in (-1, 1) for y in (-1, 1)])
    back = np.abs(move_points(inverse(rotation(degrees)), corners))
    assert (back <= np.array([w / 2, h / 2]) + 1e-6 * max(w, h)).all()
    # Touching: growing it by a thousandth leaves the frame.
    assert (back.max(axis=0) * 1.001 > np.array([w / 2, h / 2])).any()


@pytest.mark.parametrize("degrees", [0, 7, 33, 45, 60, 90, 135, 170])
@pytest.mark.parametrize("size", [(300, 200), (200, 300), (400, 50), (100, 100)])
def test_no_inner_rectangle_of_another_shape_is_larger(degrees: float, size: tuple[int, int]) -> None:
    best = math.prod(largest_inside(*size, degrees))
    angle = math.radians(degrees)
    cos, sin = abs(math.cos(angle)), abs(math.sin(angle))
    for ratio in np.geomspace(0.02, 50, 2000):  # w = ratio h; the half plane conditions of the frame's sides
        h = min(size[0] / (ratio * cos + sin), size[1] / (ratio * sin + cos))
        assert ratio * h * h <= best * (1 + 1e-9)


def test_an_unturned_frame_and_a_quarter_turned_one_hold_themselves() -> None:
    assert largest_inside(300, 200, 0) == (300, 200)
    assert largest_inside(300, 200, 90) == (200, 300)
