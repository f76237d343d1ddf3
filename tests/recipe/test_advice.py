"""`check` says what is allowed and probably not meant; and is silent about the rest."""

import pytest

from augcli.recipe import advice, loads
from tests.recipe.wrong import recipe, steps


def warnings(text: str) -> list[str]:
    return [str(warning) for warning in loads(text).advice]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (recipe(), "every copy equals its original"),
        (recipe(copies="3", steps="[grayscale]"), "all copies of an image are identical"),
        (recipe(copies="{classes: {a: 2}}", steps="[grayscale]"), "all copies of an image are identical"),
        (recipe(copies="{per_class: 9}", steps="[{sequence: [sepia]}]"), "all copies of an image"),
        (steps("flip"), "every copy is mirrored; `p: 0.5` mirrors half of them"),
        (steps("{sequence: [{flip: {axis: vertical}}]}"), "every copy is mirrored"),
        (steps("{one_of: [flip]}"), "every copy is mirrored"),
        (steps("{rotate: {degrees: 15}}"), "exactly 15 degrees; `degrees: [-15, 15]`"),
        (steps("{rotate: {degrees: -15}}"), "exactly -15 degrees; `degrees: [-15, 15]`"),
        (steps("{rotate: {p: 0}}"), "never happens"),
        (steps("{one_of: [{rotate: {p: 0}}]}"), "never happens"),
        (steps("rotate", "rotate"), "rotate repeats and is called rotate_2"),
        (steps("{one_of: [sepia]}", "{one_of: [sepia]}"), "one_of repeats and is called one_of_2"),
        (steps("{gaussian_noise: {std: [0, 0.5]}}"), "std 0.5 leaves little"),
        (steps("{jpeg: {quality: [1, 90]}}"), "quality 1 leaves little"),
    ],
)
def test_what_is_probably_not_meant_is_said(text: str, words: str) -> None:
    assert any(words in warning for warning in warnings(text))


@pytest.mark.parametrize(
    "text",
    [
        recipe(copies="0"),
        steps("rotate", "{flip: {p: 0.5}}"),
        steps("{flip: {axis: {choice: [horizontal, vertical]}}}"),
        steps("{flip: {only: {classes: [cat]}}}"),
        steps("{one_of: [flip, sepia]}"),
        steps("{rotate: {degrees: 360}}"),
        recipe(copies="4", steps="[{some_of: {n: 1, of: [sepia, invert]}}]"),
        recipe(copies="4", steps="[{each_of: [sepia, invert]}]"),
        recipe(copies="4", steps="[gaussian_noise]"),
        recipe(copies="4", steps="[random_resized_crop: {width: 9, height: 9}]"),
        steps("{rotate: {id: a}}", "{rotate: {id: rotate_2}}"),
    ],
)
def test_what_is_meant_is_left_alone(text: str) -> None:
    assert warnings(text) == []


def test_a_warning_names_the_place_of_its_step() -> None:
    text = "augment: 1\ninput: a\noutput: b\nsteps:\n  - rotate: {degrees: 15}\n"
    (warning,) = loads(text).advice
    assert warning.where == "recipe.yaml:5:5"
    (warning,) = advice(loads(text).recipe)
    assert warning.where == "rotate"


def test_noise_with_fixed_parameters_still_varies() -> None:
    assert not any(
        "identical" in w for w in warnings(recipe(copies="4", steps="[{gaussian_noise: {std: 0.1}}]"))
    )
