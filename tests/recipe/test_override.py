"""`--set PATH=VALUE`."""

import pytest

from augcli.errors import UsageError
from augcli.params import Fixed, Uniform
from augcli.recipe import loads
from augcli.recipe.model import Copies, Recipe

TEXT = """\
augment: 1
input: photos
output: out
copies: 4
steps:
  - rotate: {degrees: [-15, 15], p: 0.7}
  - flip
  - one_of:
      - gaussian_noise: {std: 0.05}
      - salt_pepper
  - rotate: {degrees: 5, id: turn}
"""


def made(*overrides: str) -> Recipe:
    return loads(TEXT, overrides=overrides).recipe


def messages(*overrides: str, text: str = TEXT) -> list[str]:
    with pytest.raises(UsageError) as caught:
        loads(text, overrides=overrides)
    return [str(problem) for problem in caught.value.problems]


def test_a_step_is_found_by_its_id() -> None:
    recipe = made("rotate.degrees=[-5,5]", "turn.degrees=9", "gaussian_noise.p=0.5", "flip.axis=vertical")
    assert recipe.steps[0].op.degrees == Uniform(-5, 5)
    assert recipe.steps[3].op.degrees == Fixed(9.0)
    assert recipe.steps[2].of[0].p == 0.5
    assert recipe.steps[1].op.axis == Fixed("vertical")


def test_any_path_is_found() -> None:
    recipe = made(
        "copies=2", "output.encode.quality=80", "steps[0].rotate.p=1", "steps[2].one_of[1].salt_pepper.p=0.1"
    )
    assert recipe.copies == Copies("number", 2)
    assert recipe.output.encode.quality == 80
    assert recipe.output.path == "out"
    assert recipe.steps[0].p == 1.0
    assert recipe.steps[2].of[1].p == 0.1


def test_short_forms_on_the_way_are_written_out() -> None:
    recipe = made("one_of.p=0.5", "copies.classes.bus=8", "input.format=hf")
    assert recipe.steps[2].p == 0.5
    assert recipe.copies == Copies("classes", 4, (("bus", 8),))
    assert (recipe.input.path, recipe.input.format) == ("photos", "hf")


def test_a_missing_section_is_made() -> None:
    assert loads("augment: 1\noutput: b\n", overrides=["input.path=a"]).recipe.input.path == "a"
    assert made("input.holdout.val=20%").input.holdout == (("val", 0.2),)


def test_whole_values_may_be_put_in() -> None:
    recipe = made("steps=[flip, {rotate: {degrees: 3}}]", "rotate.degrees=4", "canvas={fill: 9}")
    assert [step.id for step in recipe.steps] == ["flip", "rotate"]
    assert recipe.steps[1].op.degrees == Fixed(4.0)
    assert recipe.canvas.fill == (9, 9, 9)


def test_the_later_one_wins() -> None:
    assert made("copies=2", "copies=3", "seed=1", "seed=2").copies.count == 3


@pytest.mark.parametrize("path", ["a b", "2024", "no: {x", "a=b", "[x]", "null", "#1"])
def test_a_path_is_taken_as_it_is(path: str) -> None:
    assert made(f"input.path={path}").input.path == path
    assert made(f"output={path}").output.path == path


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("rotate.degress=3", "steps[0].rotate.degress: unknown parameter 'degress'; rotate has `degrees"),
        ("rotat.degrees=3", "did you mean rotate?"),
        ("output.encode.qualty=3", "did you mean quality?"),
        ("copies", "expected PATH=VALUE"),
        ("=3", "is no path"),
        ("a..b=3", "is no path"),
        ("rotate.=3", "is no path"),
        ("steps[9].rotate.p=1", "there is no [9] among 4 steps"),
        ("steps[0].flip.p=1", "the step there is rotate, not flip"),
        ("steps.rotate.p=1", "among 4 steps"),
        ("copies=[1", "not readable as YAML"),
        ("copies={a: 1, a: 2}", "duplicate key"),
        ("copies=", "copies: says no number"),
        ("copies=-1", "copies: expected a whole number between 0 and 1000, got -1"),
        ("seed.x=1", "seed: expected a whole number"),
        ("copies.default.x=1", "copies"),
        ("rotate.degrees.low=1", "no mapping"),
        ("input.path=gs://bucket/a", "only those are supported"),
        ("rotate=5", "write `- rotate: {degrees: 5}`"),
        ("steps[0]=5", "expected a step"),
    ],
)
def test_a_wrong_setting_is_named(setting: str, words: str) -> None:
    (message,) = messages(setting)
    assert message.startswith(f"--set #1 ({setting}): ")
    assert words in message


def test_mistakes_of_file_and_settings_come_together() -> None:
    got = messages("copies=x", "rotat.p=1", text=TEXT.replace("- flip", "- flop"))
    assert [message.split(": ")[0] for message in got] == [
        "recipe.yaml:7:5",
        "--set #1 (copies=x)",
        "--set #2 (rotat.p=1)",
    ]


def test_a_setting_leaves_the_places_of_the_rest() -> None:
    text = TEXT.replace("std: 0.05", "std: abc")
    (message,) = messages("one_of.p=0.5", text=text)
    assert message.startswith("recipe.yaml:9:31: steps[2].one_of.of[0].gaussian_noise.std:")


def test_a_setting_can_mend_a_mistake_of_the_file() -> None:
    text = TEXT.replace("copies: 4", "copies: many")
    assert loads(text, overrides=["copies=4"]).recipe == made()
