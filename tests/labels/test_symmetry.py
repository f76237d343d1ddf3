"""Names that a move exchanges, compared with where things point afterwards."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from augcli.geometry import Matrix, compose, identity, quarter_turns, rotation, scaling
from augcli.labels import NO_SYMMETRY, Symmetry
from augcli.labels.symmetry import NOTHING
from augcli.objects import Objects, Outline, Thing
from augcli.ops.base import OPS, Geometry, View, make

POINTS = {"up": (0, -1), "left": (-1, 0), "down": (0, 1), "right": (1, 0)}
ARROWS = Symmetry(
    classes={"left": "right"},
    ids={2: 4},
    turns={"up": "left", "left": "down", "down": "right", "right": "up"},
    turned_ids={1: 2, 2: 3, 3: 4, 4: 1},
)


def moves() -> list[Matrix]:
    """All ways to turn and mirror a square, by the ops themselves."""
    view = View(10, 10)

    def of(name: str, **values: object) -> Matrix:
        made = make(OPS[name], **values)
        assert isinstance(made, Geometry)
        return made.resolve({"frame": "keep", **values}, view).matrix

    turns = [of("rotate90", quarter_turns=number) for number in range(4)]
    flips = [of("flip", axis=axis) for axis in ("horizontal", "vertical", "both")]
    return [compose(a, b) for a, b in itertools.product([identity(), *flips, of("transpose")], turns)]


@pytest.mark.parametrize("matrix", moves())
def test_an_arrow_is_called_after_where_it_points(matrix: Matrix) -> None:
    exchange = ARROWS.under(matrix)
    for number, (name, way) in enumerate(POINTS.items(), 1):
        pointing = tuple(np.rint(matrix[:2, :2] @ way).astype(int).tolist())
        expected = next(other for other, where in POINTS.items() if where == pointing)
        assert exchange.classes.get(name, name) == expected
        assert list(POINTS)[int(exchange.mask(np.array([[number]], np.uint8))[0, 0]) - 1] == expected
        assert exchange.weights({name: 0.5, "cat": 0.5}) == {expected: 0.5, "cat": 0.5}
        table = Objects.of([Thing(name, Outline.box(0, 0, 1, 1))])
        assert exchange.objects(table).category == (expected,)


@pytest.mark.parametrize(
    ("degrees", "turns"), [(0, 0), (44, 0), (-44, 0), (46, 1), (134, 1), (136, 2), (-46, 3), (225.1, 3)]
)
def test_the_nearest_quarter_turn_counts(degrees: float, turns: int) -> None:
    assert quarter_turns(compose(rotation(degrees), scaling(2.0, 2.0))) == turns


def test_a_line_turned_twice_is_itself() -> None:
    lines = Symmetry(turns={"level": "upright", "upright": "level"})
    assert lines.under(rotation(90)).classes == {"level": "upright", "upright": "level"}
    assert lines.under(rotation(180)) == NOTHING
    assert lines.under(scaling(-1, 1)) == NOTHING


def test_where_nothing_is_declared_nothing_is_exchanged() -> None:
    assert NO_SYMMETRY.under(scaling(-1, 1)) == NOTHING
