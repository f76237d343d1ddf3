"""resize, letterbox, pad."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from augcli.geometry import BORDERS, Canvas, Move, resample
from augcli.ops.base import OPS, View, make
from augcli.params import Invalid
from augcli.rng import stream

W, H = 60, 40
IMAGE = np.random.default_rng(0).integers(0, 256, (H, W, 3)).astype(np.uint8)


def move_of(name: str, view: View | None = None, **values: object) -> Move:
    op = make(OPS[name], **values)
    assert op.problems() in ((), [])
    return op.resolve(op.draw(stream(1)), view or View(W, H))  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize(
    ("values", "landscape", "portrait"),
    [
        ({"longest": 30}, (30, 20), (20, 30)),
        ({"shortest": 30}, (45, 30), (30, 45)),
        ({"width": 30}, (30, 20), (30, 45)),
        ({"height": 30}, (45, 30), (20, 30)),
        ({"width": 7, "height": 99}, (7, 99), (7, 99)),
    ],
)
def test_resize_reaches_the_wanted_side_and_keeps_the_aspect_ratio(
    values: dict[str, object], landscape: tuple[int, int], portrait: tuple[int, int]
) -> None:
    for view, expected in ((View(W, H), landscape), (View(H, W), portrait)):
        move = move_of("resize", view, **values)
        assert (move.width, move.height) == expected
        assert np.allclose(move.matrix, np.diag([expected[0] / view.width, expected[1] / view.height, 1]))


def test_a_very_flat_image_keeps_one_pixel_of_height() -> None:
    move = move_of("resize", View(1000, 2), longest=100)
    assert (move.width, move.height) == (100, 1)


@pytest.mark.parametrize(
    "values", [{}, {"longest": 5, "shortest": 5}, {"width": 5, "longest": 5}, {"height": 1, "shortest": 2}]
)
def test_resize_wants_exactly_one_aim(values: dict[str, object]) -> None:
    (problem,) = make(OPS["resize"], **values).problems()
    assert problem.startswith("expected one of width and/or height, longest, shortest, got")


@pytest.mark.parametrize("values", [{"longest": 0}, {"width": 100_000, "height": 100_000}, {"width": 2.5}])
def test_impossible_sizes_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(Invalid, match="between 1 and 16384"):
        make(OPS["resize"], **values)


@given(st.integers(1, 500), st.integers(1, 500), st.integers(1, 300), st.integers(1, 300))
@settings(max_examples=50, deadline=None)
def test_a_letterbox_holds_the_whole_image_centred_between_bars(
    w: int, h: int, width: int, height: int
) -> None:
    move = move_of("letterbox", View(w, h), width=width, height=height, fill=[0, 255, 0])
    assert (move.width, move.height) == (width, height) and move.closes
    assert move.canvas is not None
    made = resample(np.full((h, w, 3), (255, 0, 255), np.uint8), move.matrix, (width, height), move.canvas)
    image, bars = (made == (255, 0, 255)).all(axis=2), (made == (0, 255, 0)).all(axis=2)
    assert (image | bars).all()  # no mixed colour at the seam
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    assert image.sum() == rows.size * columns.size
    assert rows.size == height or columns.size == width
    assert 0 <= (height - 1 - rows[-1]) - rows[0] <= 1 and 0 <= (width - 1 - columns[-1]) - columns[0] <= 1
    factor = min(width / w, height / h)
    assert abs(columns.size - max(1, w * factor)) <= 0.5 and abs(rows.size - max(1, h * factor)) <= 0.5


def test_a_letterbox_is_grey_114_unless_told() -> None:
    assert move_of("letterbox", width=10, height=10).canvas == Canvas("constant", (114, 114, 114))


@pytest.mark.parametrize("border", BORDERS)
def test_padding_is_numpys(border: str) -> None:
    move = move_of("pad", left=5, top="10%", right=7, bottom=50, border=border)
    assert move.closes and move.canvas is not None
    made = resample(IMAGE, move.matrix, (move.width, move.height), move.canvas)
    expected = np.pad(IMAGE, [(4, 50), (5, 7), (0, 0)], mode=border)  # type: ignore[call-overload]
    assert np.array_equal(made, expected)


def test_all_pads_the_sides_that_are_not_given() -> None:
    move = move_of("pad", all=3, left=10)
    assert (move.width, move.height) == (W + 13, H + 6)
    assert move.matrix[:2, 2].tolist() == [10, 3]
    assert move.canvas is None and move.closes


def test_padding_up_to_a_least_size_shares_what_is_missing() -> None:
    move = move_of("pad", min_width=65, min_height=20)
    assert (move.width, move.height) == (65, H)
    assert move.matrix[:2, 2].tolist() == [2, 0]


def test_padding_up_to_a_multiple_comes_last() -> None:
    move = move_of("pad", left=1, min_height=45, divisor=32)
    assert (move.width, move.height) == (64, 64)
    assert move.matrix[:2, 2].tolist() == [1 + 1, 2 + 9]


def test_a_multiple_already_reached_adds_nothing() -> None:
    assert (move_of("pad", divisor=20).width, move_of("pad", divisor=20).height) == (W, H)


def test_a_fill_means_a_constant_border() -> None:
    assert move_of("pad", all=1, fill="#ff0001").canvas == Canvas("constant", (255, 0, 1))
    op = make(OPS["pad"], all=1, fill=3, border="edge")
    assert op.problems() == ["expected border: constant together with fill"]


def test_pad_without_any_amount_is_a_mistake() -> None:
    (problem,) = make(OPS["pad"], border="edge").problems()
    assert problem.startswith("expected at least one of left,")
