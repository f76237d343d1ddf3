"""flip, rotate, rotate90, transpose, zoom."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from augcli.geometry import Canvas, mirrors, move_points, resample
from augcli.ops.base import OPS, View, make
from augcli.params import Invalid
from augcli.rng import stream

W, H = 40, 26
IMAGE = np.random.default_rng(0).integers(0, 256, (H, W, 3)).astype(np.uint8)


def moved(name: str, image: np.ndarray = IMAGE, canvas: Canvas | None = None, **values: object) -> np.ndarray:
    op = make(OPS[name], **values)
    move = op.resolve(op.draw(stream(1)), View(image.shape[1], image.shape[0]))  # type: ignore[attr-defined]
    return resample(image, move.matrix, (move.width, move.height), canvas or Canvas())


def test_flips_are_numpys() -> None:
    assert np.array_equal(moved("flip"), IMAGE[:, ::-1])
    assert np.array_equal(moved("flip", axis="vertical"), IMAGE[::-1])
    assert np.array_equal(moved("flip", axis="both"), IMAGE[::-1, ::-1])


@pytest.mark.parametrize("turns", range(4))
def test_quarter_turns_are_numpys(turns: int) -> None:
    assert np.array_equal(moved("rotate90", quarter_turns=turns), np.rot90(IMAGE, turns))


def test_transposition_is_numpys() -> None:
    assert np.array_equal(moved("transpose"), IMAGE.swapaxes(0, 1))


@pytest.mark.parametrize(("degrees", "turns"), [(90, 1), (180, 2), (270, 3), (-90, 3), (360, 0)])
@pytest.mark.parametrize("frame", ["expand", "inside"])
def test_a_rotation_by_whole_quarter_turns_is_exact(degrees: int, turns: int, frame: str) -> None:
    assert np.array_equal(moved("rotate", degrees=degrees, frame=frame), np.rot90(IMAGE, turns))


def test_a_half_turn_is_exact_in_any_frame() -> None:
    assert np.array_equal(moved("rotate", degrees=180), IMAGE[::-1, ::-1])


@given(st.floats(-180, 180), st.integers(1, 90), st.integers(1, 90))
@settings(max_examples=50, deadline=None)
def test_an_expanded_frame_holds_every_corner_and_no_whole_pixel_more(degrees: float, w: int, h: int) -> None:
    op = make(OPS["rotate"], degrees=degrees, frame="expand")
    move = op.resolve(op.draw(stream(1)), View(w, h))  # type: ignore[attr-defined]
    corners = move_points(move.matrix, [(0, 0), (w, 0), (w, h), (0, h)])
    low, high = corners.min(axis=0), corners.max(axis=0)
    assert (low > -1e-4).all() and (high < np.array([move.width, move.height]) + 1e-4).all()
    assert (high - low > np.array([move.width, move.height]) - 1 - 1e-4).all()


@given(st.floats(-180, 180), st.integers(8, 60), st.integers(8, 60))
@settings(max_examples=50, deadline=None)
def test_inside_shows_no_border_pixel(degrees: float, w: int, h: int) -> None:
    white = np.full((h, w), 255, np.uint8)
    assert (moved("rotate", white, degrees=degrees, frame="inside") == 255).all()


def test_keeping_the_frame_fills_the_corners() -> None:
    made = moved("rotate", np.full((H, W), 255, np.uint8), degrees=45)
    assert made.shape == (H, W) and made[0, 0] == 0 and made[H // 2, W // 2] == 255


def test_the_middle_stays_in_the_middle() -> None:
    for name, values in (("rotate", {"degrees": 33}), ("zoom", {"factor": 3}), ("zoom", {"factor": 0.2})):
        op = make(OPS[name], **values)
        move = op.resolve(op.draw(stream(1)), View(W, H))  # type: ignore[attr-defined]
        assert np.allclose(move_points(move.matrix, [(W / 2, H / 2)]), [[W / 2, H / 2]])


def test_zoom_by_two_shows_the_middle_half() -> None:
    op = make(OPS["zoom"], factor=2)
    move = op.resolve(op.draw(stream(1)), View(W, H))  # type: ignore[attr-defined]
    seen = move_points(np.linalg.inv(move.matrix), [(0, 0), (W, H)])
    assert np.allclose(seen, [[W / 4, H / 4], [3 * W / 4, 3 * H / 4]])


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("flip", {"axis": "horizontal"}),
        ("flip", {"axis": "vertical"}),
        ("flip", {"axis": "both"}),
        ("transpose", {}),
        ("rotate", {"degrees": 100}),
        ("rotate90", {"quarter_turns": 3}),
        ("zoom", {"factor": 0.5}),
    ],
)
def test_an_op_says_that_it_mirrors_exactly_when_its_matrix_does(
    name: str, values: dict[str, object]
) -> None:
    op = make(OPS[name], **values)
    move = op.resolve(op.draw(stream(1)), View(W, H))  # type: ignore[attr-defined]
    assert op.mirrors() is mirrors(move.matrix)


def test_a_flip_that_may_mirror_says_so() -> None:
    assert make(OPS["flip"], axis={"choice": ["both", "vertical"]}).mirrors()


def test_default_draws_stay_within_what_the_documents_say() -> None:
    angles = [OPS["rotate"]().draw(stream(n))["degrees"] for n in range(300)]
    assert -15 <= min(angles) < -13 and 13 < max(angles) <= 15
    turns = {OPS["rotate90"]().draw(stream(n))["quarter_turns"] for n in range(50)}
    assert turns == {1, 2, 3}
    assert math.isclose(np.mean(angles), 0, abs_tol=1.5)


@pytest.mark.parametrize(("name", "values"), [("rotate90", {"quarter_turns": 4}), ("zoom", {"factor": 0})])
def test_values_beyond_the_limits_are_refused(name: str, values: dict[str, object]) -> None:
    with pytest.raises(Invalid, match="between"):
        make(OPS[name], **values)
