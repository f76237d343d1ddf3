"""scale, shear, translate, affine, perspective."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from augcli.geometry import Canvas, Matrix, Move, move_points, resample
from augcli.ops.base import OPS, View, make
from augcli.params import Invalid
from augcli.rng import stream

W, H = 200, 120


def move_of(name: str, seed: int = 1, **values: object) -> Move:
    op = make(OPS[name], **values)
    return op.resolve(op.draw(stream(seed)), View(W, H))  # type: ignore[attr-defined, no-any-return]


def torchvision_affine(
    degrees: float, dx: float, dy: float, scale: float, shear_x: float, shear_y: float
) -> Matrix:
    """The forward matrix T C RSS C^-1 that torchvision's `_get_inverse_affine_matrix` documents, with its
    clockwise angle, about (W / 2, H / 2).
    """
    a, sx, sy = math.radians(-degrees), math.radians(shear_x), math.radians(shear_y)
    rss = np.eye(3)
    rss[0, :2] = (
        scale * math.cos(a - sy) / math.cos(sy),
        scale * (-math.cos(a - sy) * math.tan(sx) / math.cos(sy) - math.sin(a)),
    )
    rss[1, :2] = (
        scale * math.sin(a - sy) / math.cos(sy),
        scale * (-math.sin(a - sy) * math.tan(sx) / math.cos(sy) + math.cos(a)),
    )

    def shift(x: float, y: float) -> Matrix:
        return np.array([[1, 0, x], [0, 1, y], [0, 0, 1.0]])

    return shift(dx, dy) @ shift(W / 2, H / 2) @ rss @ shift(-W / 2, -H / 2)


@given(
    st.floats(-180, 180),
    st.floats(-50, 50),
    st.floats(-50, 50),
    st.floats(0.1, 4),
    st.floats(-60, 60),
    st.floats(-60, 60),
)
@settings(max_examples=50, deadline=None)
def test_affine_is_torchvisions_with_a_counter_clockwise_angle(
    degrees: float, dx: float, dy: float, scale: float, shear_x: float, shear_y: float
) -> None:
    made = move_of("affine", degrees=degrees, scale=scale, x=dx, y=dy, shear_x=shear_x, shear_y=shear_y)
    expected = torchvision_affine(degrees, dx, dy, scale, shear_x, shear_y)
    assert np.allclose(made.matrix, expected, atol=1e-9 * (1 + np.abs(expected).max()))


def test_affine_with_one_part_is_that_op() -> None:
    still = {"degrees": 0, "scale": 1, "x": 0, "y": 0, "shear_x": 0, "shear_y": 0}
    for name, part, values in (
        ("rotate", {"degrees": 20}, {"degrees": 20}),
        ("scale", {"factor": 1.3}, {"scale": 1.3}),
        ("translate", {"x": 7, "y": "10%"}, {"x": 7, "y": "10%"}),
        ("shear", {"x": 9, "y": -4}, {"shear_x": 9, "shear_y": -4}),
    ):
        assert np.allclose(move_of(name, **part).matrix, move_of("affine", **{**still, **values}).matrix)


def test_translation_is_right_and_down_in_whole_pixels() -> None:
    image = np.random.default_rng(0).integers(0, 256, (H, W, 3)).astype(np.uint8)
    move = move_of("translate", x="12.6%", y=-7.4)
    made = resample(image, move.matrix, (W, H), Canvas(fill=(1, 2, 3)))
    assert np.array_equal(made[:-7, 25:], image[7:, :-25])
    assert (made[:, :25] == (1, 2, 3)).all() and (made[-7:] == (1, 2, 3)).all()


def test_scale_along_one_axis_leaves_the_other() -> None:
    move = move_of("scale", x=2)
    assert np.allclose(move_points(move.matrix, [(W / 2 + 10, 5)]), [[W / 2 + 20, 5]])
    assert (move.width, move.height) == (W, H)


@pytest.mark.parametrize("values", [{}, {"factor": 2, "x": 2}, {"factor": 2, "y": 1}])
def test_scale_wants_either_a_factor_or_axes(values: dict[str, object]) -> None:
    (problem,) = make(OPS["scale"], **values).problems()
    assert problem.startswith("expected either factor, or x and y, got")


def test_perspective_moves_each_corner_inward_by_its_own_share() -> None:
    op = make(OPS["perspective"], distortion=0.5)
    drawn = {"distortion": 0.5, "corners": [[0, 0], [1, 0], [0.5, 0.5], [0, 1]]}
    move = op.resolve(drawn, View(W, H))  # type: ignore[attr-defined]
    corners = move_points(move.matrix, [(0, 0), (W, 0), (W, H), (0, H)])
    assert np.allclose(corners, [(0, 0), (150, 0), (175, 105), (0, 90)])


@given(st.integers(0, 10**6), st.floats(0, 0.65))
@settings(max_examples=50, deadline=None)
def test_perspective_keeps_the_whole_image_in_front_and_in_the_frame(seed: int, distortion: float) -> None:
    move = move_of("perspective", seed, distortion=distortion)
    corners = np.array([(0, 0), (W, 0), (W, H), (0, H)], dtype=float)
    assert (corners @ move.matrix[2, :2] + move.matrix[2, 2] > 0).all()
    ends = move_points(move.matrix, corners)
    assert (ends > -1e-6).all() and (ends < np.array([W, H]) + 1e-6).all()
    limit = distortion / 2 * np.array([W, H])
    assert (np.abs(ends - corners) <= limit + 1e-6).all()


def test_perspective_corners_are_uniform() -> None:
    shares = [make(OPS["perspective"]).draw(stream(n))["corners"] for n in range(500)]
    values = np.array(shares)
    assert values.shape == (500, 4, 2)
    assert np.abs(values.mean(axis=0) - 0.5).max() < 0.06
    assert np.abs(values.std(axis=0) - math.sqrt(1 / 12)).max() < 0.03


def test_a_perspective_that_could_fold_is_refused() -> None:
    with pytest.raises(Invalid, match=r"0\.65"):
        make(OPS["perspective"], distortion=0.9)
    assert not any(
        make(OPS[name], **OPS[name].example).mirrors() for name in ("affine", "perspective", "shear")
    )
