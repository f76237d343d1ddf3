"""Recipes that mean the same are the same; what decides content is part of it, where it lies is not."""

import json

import pytest

from augcli.recipe import digest, identity, loads, step_plain
from tests.recipe.wrong import recipe, steps


def digest_of(text: str) -> str:
    return digest(loads(text).recipe)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (recipe(seed="7", copies="2"), recipe(copies="2", seed="0x7")),
        (recipe(input="photos"), recipe(input="{path: /elsewhere/photos}")),
        (recipe(output="out"), recipe(output="{path: there, encode: {quality: 92.0}}")),
        (recipe(copies="2"), recipe(copies="{default: 2}")),
        (recipe(canvas="{fill: 255}"), recipe(canvas="{fill: '#FFFFFF'}")),
        (recipe(labels="{min_visibility: 0}"), recipe(labels="{}")),
        (
            recipe(input="{path: a, holdout: {val: 20%}}"),
            recipe(input="{path: a, holdout: {val: 0.2}}"),
        ),
        (recipe(input="{path: a, include: [x, y]}"), recipe(input="{path: a, include: [y, x, y]}")),
        (steps("flip"), steps("{flip: {}}")),
        (steps("flip"), steps("{flip: {p: 1.0, id: flip, axis: horizontal}}")),
        (steps("{rotate: {degrees: 15}}"), steps("{rotate: {degrees: 15.0}}")),
        (steps("{rotate: {degrees: -0.0}}"), steps("{rotate: {degrees: 0}}")),
        (steps("{rotate: {degrees: [-1, 1]}}"), steps("\n  {rotate: {degrees: [-1.0, 1.0]}}")),
        (steps("{one_of: [flip, sepia]}"), steps("{one_of: {of: [{flip: {weight: 1}}, sepia]}}")),
        (steps("{flip: {only: {classes: cat}}}"), steps("{flip: {only: {classes: [cat, cat]}}}")),
    ],
)
def test_what_means_the_same_is_the_same(one: str, other: str) -> None:
    assert json.dumps(identity(loads(one).recipe)) == json.dumps(identity(loads(other).recipe))
    assert digest_of(one) == digest_of(other)


@pytest.mark.parametrize(
    "other",
    [
        recipe(seed="1", steps="[flip]"),
        recipe(copies="2", steps="[flip]"),
        recipe(originals="drop", steps="[flip]"),
        recipe(canvas="{fill: 1}", steps="[flip]"),
        recipe(prepare="[flip]", steps="[flip]"),
        recipe(input="{path: a, levels: [0, 1]}", steps="[flip]"),
        recipe(output="{path: a, encode: {quality: 91}}", steps="[flip]"),
        steps("{flip: {p: 0.5}}"),
        steps("{flip: {id: mirror}}"),
        steps("{flip: {axis: vertical}}"),
        steps("flip", "invert"),
        steps("{one_of: [flip]}"),
    ],
)
def test_what_means_something_else_differs(other: str) -> None:
    assert digest_of(steps("flip")) != digest_of(other)


def test_no_path_is_part_of_it() -> None:
    text = recipe(input="{images: PLACE1, annotations: PLACE2, masks: PLACE3}", output="PLACE4")
    assert "PLACE" not in json.dumps(identity(loads(text).recipe))


def test_a_step_is_written_with_everything_that_decides_what_it_does() -> None:
    made = loads(steps("{some_of: {n: 1, of: [{sepia: {weight: 3}}, {flip: {p: 0.5}}]}}")).recipe
    group = made.steps[0]
    assert step_plain(group) == {
        "some_of": {
            "n": 1,
            "id": "some_of",
            "p": 1.0,
            "of": [
                {"sepia": {"amount": 1.0, "id": "sepia", "p": 1.0, "weight": 3.0}},
                {"flip": {"axis": "horizontal", "id": "flip", "p": 0.5, "weight": 1.0}},
            ],
        }
    }
    assert step_plain(group.of[0]) == {"sepia": {"amount": 1.0, "id": "sepia", "p": 1.0}}
