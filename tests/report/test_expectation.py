"""How often steps should fire, held against recipes that are really rolled."""

from __future__ import annotations

from collections import Counter

import pytest

from augcli.recipe import identity, loads
from augcli.recipe.script import script
from augcli.report.binomial import two_sided
from augcli.report.expectation import Expected, expected
from augcli.rng import stream

RECIPE = """
augment: 1
input: data
output: out
steps:
  - flip: {p: 0.3}
  - one_of: {p: 0.8, of: [gaussian_blur: {weight: 3}, invert: {p: 0.5}]}
  - some_of: {n: [0, 2], of: [gamma: {weight: 3}, posterize: {}, equalize: {weight: 0.5}, grayscale: {}]}
  - some_of: {n: {choice: [1, 3]}, id: even, of: [hue: {degrees: 3}, contrast: {factor: 2}, sharpen: {}]}
  - each_of: [cutout: {}, sequence: [erase: {p: 0.25}, rotate: {degrees: 3}]]
  - brightness: {factor: 2, p: 0.5, only: {classes: [cat, dog]}}
"""

COPIES = 4000


@pytest.fixture(scope="module")
def rolled() -> tuple[list[Expected], Counter[str]]:
    recipe = loads(RECIPE, "recipe.yaml").recipe
    fired: Counter[str] = Counter()
    for copy in range(1, COPIES + 1):
        rng = stream(recipe.seed, "train", "a.jpg", copy)
        fired.update(step.id for step in script(recipe.steps, rng, copy, ["cat"] if copy % 5 else ["cow"]))
    return expected(identity(recipe)["steps"]), fired


def test_every_step_is_expected_with_a_probability(rolled) -> None:
    steps, _ = rolled
    assert {step.id: round(step.p, 6) for step in steps if step.p is not None} == {
        "flip": 0.3,
        "gaussian_blur": 0.6,
        "invert": 0.1,
        # n is 0, 1 or 2: (0 + 3/5.5 + 3/5.5 + 2 * 1/5.5 * 3/4.5 + 0.5/5.5 * 3/5) / 3, and so on
        "gamma": 0.462626,
        "posterize": 0.213468,
        "equalize": 0.110438,
        "grayscale": 0.213468,
        "hue": 0.666667,
        "contrast": 0.666667,
        "sharpen": 0.666667,
        "cutout": 1.0,
        "erase": 0.25,
        "rotate": 1.0,
        "brightness": 0.5,
    }


def test_recipes_that_are_rolled_agree_with_it(rolled) -> None:
    steps, fired = rolled
    for step in steps:
        classes = [frozenset(["cat"] if copy % 5 else ["cow"]) for copy in range(1, COPIES + 1)]
        trials = sum(bool(step.meant_for(copy, classes[copy - 1])) for copy in range(1, COPIES + 1))
        assert step.p is not None
        assert two_sided(fired[step.id], trials, min(1.0, step.p)) > 1e-4, step


def test_a_count_with_another_p_is_implausible(rolled) -> None:
    steps, fired = rolled
    flip = next(step for step in steps if step.id == "flip")
    assert flip.p is not None
    assert two_sided(fired["flip"], COPIES, flip.p + 0.05) < 1e-6


def test_an_only_is_undecided_where_the_classes_are_not_known() -> None:
    step = Expected("a", "flip", 0.5, only=(frozenset({"cat"}),))
    assert step.meant_for(1, None) is None
    assert step.meant_for(1, frozenset({"cat", "cow"})) is True
    assert step.meant_for(1, frozenset({"cow"})) is False


def test_chances_that_are_not_worked_out_are_none() -> None:
    child = {"invert": {"id": "invert", "p": 1.0, "weight": 1.0}}
    group = {"some_of": {"id": "g", "p": 1.0, "n": {"normal": [1, 1]}, "of": [child, child]}}
    assert [step.p for step in expected([group])] == [None, None]


@pytest.mark.parametrize(
    "steps", [[{"flip": {}}], [{"flip": 3}], [3], [{"one_of": {"id": "x", "p": 1, "of": 3}}]]
)
def test_what_no_run_writes_is_refused(steps) -> None:
    with pytest.raises(ValueError, match="steps"):
        expected(steps)
