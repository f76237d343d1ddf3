from __future__ import annotations

import copy

from augcli.manifest import differences
from tests.manifest.rows import HEADER


def changed(**parts):
    return {**copy.deepcopy(HEADER), **parts}


def test_equal_headers_do_not_differ_whatever_their_order():
    assert differences(HEADER, dict(reversed(changed().items()))) == []
    assert differences({"recipe": {"a": (1, 2)}}, {"recipe": {"a": [1, 2]}}) == []


def test_a_changed_value_is_named_by_its_path():
    new = changed(recipe={"seed": 8, "steps": [{"rotate": {"degrees": [-10, 10]}}]})
    assert differences(HEADER, new) == [
        "recipe: seed: 7 -> 8",
        "recipe: steps[0].rotate.degrees: [-5, 5] -> [-10, 10]",
    ]


def test_an_inserted_step_does_not_make_all_later_ones_differ():
    new = changed(recipe={"seed": 7, "steps": [{"flip": {}}, {"rotate": {"degrees": [-5, 5]}}]})
    assert differences(HEADER, new) == ['recipe: steps[0]: added {"flip": {}}']
    assert differences(new, HEADER) == ['recipe: steps[0]: removed {"flip": {}}']


def test_a_list_that_was_empty_shows_what_came():
    assert differences({"recipe": {"steps": []}}, {"recipe": {"steps": [{"flip": {}}]}}) == [
        'recipe: steps[0]: added {"flip": {}}'
    ]


def test_versions_and_inputs_are_compared_as_well():
    new = changed(environment={"numpy": "2.5.0", "pillow": "13.0.0"}, inputs="bb")
    assert differences(HEADER, new) == [
        'environment: numpy: "2.4.6" -> "2.5.0"',
        'environment: pillow: nothing -> "13.0.0"',
        f'inputs: "{"aa" * 32}" -> "bb"',
    ]


def test_a_missing_part_and_none_are_told_apart():
    assert differences({}, {"inputs": None}) == ["inputs: nothing -> null"]


def test_a_long_value_is_cut():
    (line,) = differences({"inputs": "x" * 500}, {"inputs": "y"})
    assert len(line) < 120
