from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from augcli.params import (
    REQUIRED,
    Colour,
    Flag,
    Invalid,
    Length,
    Name,
    Number,
    param,
    params_of,
    pixels,
    shown,
    varies,
)
from augcli.rng import stream

DEGREES = Number(-360, 360, "degrees")
COUNT = Number(1, 10, whole=True)

ACCEPTED: list[tuple[Any, Any]] = [
    (DEGREES, 10),
    (DEGREES, -12.5),
    (DEGREES, [-15, 15]),
    (DEGREES, {"choice": [0, 90, 180]}),
    (DEGREES, {"normal": [0, 5.5]}),
    (Number(0, 9), {"log_uniform": [0.1, 5]}),
    (COUNT, 3),
    (COUNT, [2, 4]),
    (COUNT, 3.0),
    (Length(), 32),
    (Length(), [0, 40.5]),
    (Length(), "10%"),
    (Length(low=-9, low_percent=-100), ["-10%", "12.5%"]),
    (Length(), {"choice": ["10%", "50%"]}),
    (Name(("a", "b")), "a"),
    (Name(("a", "b")), {"choice": ["a", "b"]}),
    (Flag(), True),
    (Flag(), False),
    (Colour(), 7),
    (Colour(), [1, 2, 3]),
    (Colour(), "#0aF030"),
    (Colour(("noise",)), "noise"),
]

REFUSED: list[tuple[Any, Any, str]] = [
    (DEGREES, "abc", "expected a number or [low, high] in degrees, got 'abc'"),
    (DEGREES, 361, "expected a number between -360 and 360 in degrees, got 361"),
    (DEGREES, 10**400, "got a number of many digits"),
    (DEGREES, math.nan, "got nan"),
    (DEGREES, math.inf, "got inf"),
    (DEGREES, True, "got true"),
    (DEGREES, None, "got nothing"),
    (DEGREES, [], "expected a number or [low, high]"),
    (DEGREES, [1, 2, 3], "expected a number or [low, high]"),
    (DEGREES, [5, -5], "low <= high (perhaps [-5"),
    (DEGREES, [0, True], "expected a number or [low, high]"),
    (DEGREES, [0, 400], "between -360 and 360"),
    (DEGREES, {}, "expected a number or [low, high]"),
    (DEGREES, {"choice": []}, "expected {choice: [...]}"),
    (DEGREES, {"choice": [0] * 1001}, "expected {choice: [...]}"),
    (DEGREES, {"choice": ["a"]}, "expected a number between"),
    (DEGREES, {"normal": [0]}, "expected {choice: [...]}"),
    (DEGREES, {"normal": [0, -1]}, "a std between 0 and 720"),
    (DEGREES, {"log_uniform": [0, 1]}, "with 0 < low <= high"),
    (DEGREES, {"log_uniform": [2, 1]}, "with 0 < low <= high"),
    (DEGREES, {"uniform": [0, 1]}, "expected a number or [low, high]"),
    (COUNT, 2.5, "a whole number between 1 and 10"),
    (COUNT, [1, 11], "a whole number between 1 and 10"),
    (Length(), "ten", 'expected pixels or "10%" of the side'),
    (Length(), "101%", "between 0 and 100 in percent"),
    (Length(), ["10%", 5], "not both in one range"),
    (Length(), -1, "between 0 and 16384 in pixels"),
    (Name(("a", "b")), "c", "expected one of a, b, got 'c'"),
    (Name(("a", "b")), {"choice": ["a", "c"]}, "expected one of a, b"),
    (Name(("a", "b")), {"choice": []}, "expected one of a, b"),
    (Flag(), "yes", "expected true or false, got 'yes'"),
    (Flag(), 1, "expected true or false, got 1"),
    (Colour(), 256, "a grey level 0 to 255"),
    (Colour(), 1.5, "a grey level 0 to 255"),
    (Colour(), [1, 2], "[r, g, b]"),
    (Colour(), "#12345", "#rrggbb"),
    (Colour(), "noise", "a grey level"),
]


@pytest.mark.parametrize(("kind", "value"), ACCEPTED, ids=str)
def test_what_is_accepted_survives_writing_it_down_again(kind, value):
    parsed = kind.parse(value)
    assert kind.parse(kind.plain(parsed)) == parsed
    assert hash(parsed) == hash(kind.parse(value))
    jsonschema.validate(value, kind.schema())


@pytest.mark.parametrize(("kind", "value", "text"), REFUSED, ids=str)
def test_what_is_refused_says_what_would_be_right(kind, value, text):
    with pytest.raises(Invalid) as caught:
        kind.parse(value)
    assert text in str(caught.value)
    assert len(str(caught.value)) < 250


UNSAID = ("low <= high", "got nan", "got inf", "in percent")
"""Marks of the texts about what JSON Schema cannot say: the order of a pair, a number inside a text."""


@pytest.mark.parametrize(
    ("kind", "value"), [case[:2] for case in REFUSED if not any(mark in case[2] for mark in UNSAID)], ids=str
)
def test_the_schema_refuses_what_the_parser_refuses(kind, value):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(value, kind.schema())


@pytest.mark.parametrize("kind", [kind for kind, _ in ACCEPTED], ids=str)
def test_every_kind_has_a_valid_schema_and_a_description(kind):
    jsonschema.Draft202012Validator.check_schema(kind.schema())
    assert kind.describe()


def at(kind, value, u):
    return kind.parse(value).at(u)


def test_a_number_is_that_number_and_a_pair_is_a_range():
    assert {at(DEGREES, 10, u) for u in (0.0, 0.5, 0.999)} == {10}
    assert [at(DEGREES, [-15, 15], u) for u in (0.0, 0.5, 0.75)] == [-15, 0, 7.5]


def test_whole_ranges_include_both_ends_with_equal_shares():
    drawn = [at(COUNT, [2, 4], (n + 0.5) / 300) for n in range(300)]
    assert [drawn.count(value) for value in (2, 3, 4)] == [100, 100, 100]
    assert all(isinstance(value, int) for value in drawn)


def test_choices_have_equal_shares():
    drawn = [at(DEGREES, {"choice": [0, 90, 180, 270]}, (n + 0.5) / 400) for n in range(400)]
    assert [drawn.count(value) for value in (0, 90, 180, 270)] == [100] * 4


def test_a_normal_has_its_published_quantiles_and_stays_within_the_limits():
    assert at(DEGREES, {"normal": [10, 2]}, 0.5) == pytest.approx(10)
    assert at(DEGREES, {"normal": [10, 2]}, 0.975) == pytest.approx(10 + 2 * 1.959964, abs=1e-5)
    assert at(Number(0, 1), {"normal": [0.5, 1]}, 0.0) == 0
    assert at(Number(0, 1), {"normal": [0.5, 1]}, 1 - 2**-53) == 1
    assert at(COUNT, {"normal": [5, 0]}, 0.3) == 5


def test_a_log_uniform_has_the_geometric_mean_in_its_middle():
    assert at(Number(0, 9), {"log_uniform": [0.01, 1]}, 0.5) == pytest.approx(0.1)
    assert at(Number(0, 9), {"log_uniform": [0.01, 1]}, 0.0) == 0.01
    assert at(COUNT, {"log_uniform": [1, 10]}, 0.999) == 10


SMALL = st.floats(-360, 360, allow_nan=False)


@settings(max_examples=50, deadline=None)
@given(SMALL, SMALL, st.floats(0, 1, exclude_max=True))
def test_a_range_never_leaves_its_ends(one, two, u):
    low, high = sorted((one, two))
    assert low <= at(DEGREES, [low, high], u) <= high


@settings(max_examples=50, deadline=None)
@given(st.floats(0, 1, exclude_max=True), st.floats(0, 1, exclude_max=True))
def test_every_distribution_rises_with_u(one, two):
    low, high = sorted((one, two))
    for value in ([-5, 5], {"normal": [0, 9]}, {"choice": [1, 2, 3]}, {"log_uniform": [1, 300]}):
        assert at(DEGREES, value, low) <= at(DEGREES, value, high)


@pytest.mark.parametrize(("kind", "value"), ACCEPTED, ids=str)
def test_a_draw_is_json_and_takes_exactly_one_number(kind, value):
    rng, twin = stream(1, "a"), stream(1, "a")
    drawn = kind.draw(kind.parse(value), rng)
    assert isinstance(drawn, int | float | str | list)
    twin.unit()
    assert rng.unit() == twin.unit()


def test_a_percentage_is_drawn_as_text_and_becomes_pixels_of_the_side():
    kind = Length()
    drawn = kind.draw(kind.parse("12.5%"), stream(1))
    assert drawn == "12.5%"
    assert pixels(drawn, 640) == 80
    assert pixels(32, 640) == 32


@settings(max_examples=50, deadline=None)
@given(st.floats(0, 100, allow_nan=False), st.floats(0, 100, allow_nan=False), st.integers(0, 99))
def test_any_drawn_percentage_can_be_turned_into_pixels(one, two, seed):
    kind = Length()
    low, high = sorted((round(one, 3), round(two, 3)))
    drawn = kind.draw(kind.parse([f"{low:.3f}%", f"{high:.3f}%"]), stream(seed))
    assert low - 1e-9 <= pixels(drawn, 100.0) <= high + 1e-9


@settings(max_examples=50, deadline=None)
@given(st.floats(0, 100, allow_nan=False))
def test_a_percentage_of_any_size_survives_writing_it_down(percent):
    kind = Length()
    parsed = kind.parse([f"{percent!r}%", "100%"])  # very small ones have an exponent
    assert kind.parse(kind.plain(parsed)) == parsed
    jsonschema.validate(kind.plain(parsed), kind.schema())


def test_a_colour_is_three_levels_whatever_it_was_written_as():
    for value in (128, [128, 128, 128], "#808080"):
        assert Colour().draw(Colour().parse(value), stream(1)) == [128, 128, 128]
    words = Colour(("noise",))
    assert words.draw(words.parse("noise"), stream(1)) == "noise"


def test_what_varies_is_what_can_be_drawn_differently():
    changing = [[0, 1], {"choice": [1, 2]}, {"normal": [0, 1]}]
    same = [3, [2, 2], {"choice": [4, 4]}, {"normal": [5, 0]}]
    assert [varies(DEGREES.parse(value)) for value in changing] == [True] * 3
    assert [varies(DEGREES.parse(value)) for value in same] == [False] * 4
    assert varies(Length().parse(["10%", "20%"]))
    assert not varies(Length().parse("10%"))
    assert not varies(None)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (None, "nothing"),
        ("a\nb", r"'a\nb'"),
        ({"a": [1, None]}, "{a: [1, nothing]}"),
        (list(range(9)), "[0, 1, 2, 3, 4, 5, ...]"),
        (10**5000, "a number of many digits"),  # which Python itself refuses to print
    ],
    ids=range(6),
)
def test_a_value_is_shown_on_one_short_line(value, text):
    assert shown(value) == text
    assert len(shown("x" * 1000)) == 60


@dataclass(frozen=True)
class Example:
    """Three parameters and a field that is none."""

    degrees: Any = param(DEGREES, [-5, 5], "How far.")
    size: Any = param(Length(), REQUIRED, "How big.")
    fill: Any = param(Colour(), None, "With what.")
    other: int = 3


def test_a_parameter_is_declared_once_as_a_field():
    degrees, size, fill = params_of(Example)
    assert [p.name for p in (degrees, size, fill)] == ["degrees", "size", "fill"]
    assert (degrees.kind, degrees.doc, degrees.default) == (DEGREES, "How far.", DEGREES.parse([-5, 5]))
    assert [p.required for p in (degrees, size, fill)] == [False, True, False]
    assert fill.default is None
    with pytest.raises(TypeError):
        Example()


def test_a_wrong_default_is_found_when_the_module_is_loaded():
    with pytest.raises(Invalid):
        param(DEGREES, "abc", "")


def test_kinds_and_values_do_not_mix_up_their_equals():
    values = [kind.parse(value) for kind, value in ACCEPTED]
    for one, two in itertools.combinations(range(len(values)), 2):
        if values[one] == values[two]:
            assert hash(values[one]) == hash(values[two])
