"""A right recipe becomes what it says; a wrong one is answered with every mistake, in order."""

import json

import pytest

from augcli.errors import UsageError
from augcli.geometry import Canvas
from augcli.params import Fixed, Uniform
from augcli.recipe import Group, Step, load, loads
from augcli.recipe.model import Copies, Encode, Input
from tests.recipe.wrong import recipe, steps


def messages(text: str, *overrides: str) -> list[str]:
    with pytest.raises(UsageError) as caught:
        loads(text, overrides=overrides)
    return [str(problem) for problem in caught.value.problems]


def ids(text: str) -> list[str]:
    def names(nodes):
        for node in nodes:
            yield node.id
            yield from names(node.of if isinstance(node, Group) else ())

    made = loads(text).recipe
    return [*names(made.steps), *names(made.prepare)]


FULL = """\
augment: 1
seed: 7
input:
  path: sample_data/pets
  format: folders
  include: ["*.png", "*.jpg"]
  group: '(P[0-9]+)_'
  holdout: {val: 20%, test: 0.1}
  levels: [0, 4095]
  max_megapixels: 50
output:
  path: out/pets
  format: hf
  encode: {format: jpeg, quality: 90, subsampling: '4:4:4', level: 6, background: '#102030'}
copies: {default: 1, classes: {dog: 3, bus: 8}}
originals: drop
canvas: {border: reflect, fill: 128, interpolation: bicubic}
labels: {min_visibility: 0.25, min_area: 4, min_size: 2}
prepare:
  - resize: {longest: 640}
steps:
  - rotate: {degrees: [-15, 15], p: 0.7, only: {classes: [dog, cat]}}
  - flip
  - some_of:
      n: [1, 2]
      of:
        - gaussian_noise: {std: 0.05, weight: 2}
        - grayscale:
"""


def test_every_key_of_a_full_recipe_arrives() -> None:
    made = loads(FULL).recipe
    assert made.seed == 7
    assert made.input == Input(
        "sample_data/pets",
        include=("*.jpg", "*.png"),
        format="folders",
        group="(P[0-9]+)_",
        holdout=(("test", 0.1), ("val", 0.2)),
        levels=(0, 4095),
        max_megapixels=50.0,
    )
    assert made.output.path == "out/pets"
    assert made.output.encode == Encode("jpeg", 90, 444, 6, (16, 32, 48))
    assert made.copies == Copies("classes", 1, (("bus", 8), ("dog", 3)))
    assert made.originals == "drop"
    assert made.canvas == Canvas("reflect", (128, 128, 128), "bicubic")
    assert (made.labels.min_visibility, made.labels.min_area, made.labels.min_size) == (0.25, 4.0, 2.0)
    assert [step.id for step in made.prepare] == ["resize"]
    rotate, flip, some = made.steps
    assert isinstance(rotate, Step)
    assert isinstance(flip, Step)
    assert isinstance(some, Group)
    assert rotate.op.degrees == Uniform(-15, 15)
    assert (rotate.p, rotate.only) == (0.7, ("cat", "dog"))
    assert (flip.id, flip.p) == ("flip", 1.0)
    assert (some.kind, some.n) == ("some_of", Uniform(1, 2, whole=True))
    assert [(child.id, child.weight) for child in some.of] == [("gaussian_noise", 2.0), ("grayscale", 1.0)]
    assert hash(made) == hash(loads(FULL).recipe)


def test_short_forms_mean_their_long_forms() -> None:
    short = recipe(input="photos", output="out", copies="3", steps="[{one_of: [flip, invert]}]")
    long = recipe(
        input="{path: photos}",
        output="{path: out}",
        copies="{default: 3}",
        steps="[{one_of: {of: [{flip: {}}, {invert: }], p: 1}}]",
    )
    assert loads(short).recipe == loads(long).recipe


@pytest.mark.parametrize(
    ("text", "copies"),
    [
        ("0", Copies("number", 0)),
        ("{classes: {bus: 8, 0: 2}}", Copies("classes", 1, (("0", 2), ("bus", 8)))),
        ("{per_class: 500}", Copies("per_class", 500)),
        ("{balance: max, at_most: 20}", Copies("balance", 0, at_most=20)),
        ("{total: 20000, at_least: 1}", Copies("total", 20000, at_least=1)),
    ],
)
def test_copies_in_all_forms(text: str, copies: Copies) -> None:
    assert loads(recipe(copies=text)).recipe.copies == copies


def test_fifteen_is_fifteen_point_zero() -> None:
    one, other = (loads(steps(f"{{rotate: {{degrees: {n}}}}}")).recipe for n in ("15", "15.0"))
    assert repr(one) == repr(other)
    assert one.steps[0].op.degrees == Fixed(15.0)


def test_a_message_names_file_line_column_path_and_what_is_expected() -> None:
    text = "augment: 1\ninput: a\noutput: b\nsteps:\n  - rotate: {degrees: abc}\n"
    assert messages(text) == [
        "recipe.yaml:5:23: steps[0].rotate.degrees: expected a number or [low, high] in degrees, got 'abc'"
    ]


def test_all_mistakes_of_a_file_come_at_once_in_its_order() -> None:
    text = """\
augment: 1
seed: x
input: s3://photos
sedd: 2
sedd: 3
steps:
  - rotate: {degress: 5, p: 2}
  - one_of:
      - flip: {axis: up}
      - HorizontalFlip
  - rotate:
    degrees: 5
prepare: [mixup]
"""
    got = messages(text)
    assert [message.split(": ")[0] for message in got] == [
        "recipe.yaml:1:1",
        "recipe.yaml:2:7",
        "recipe.yaml:3:8",
        "recipe.yaml:4:1",
        "recipe.yaml:5:1",
        "recipe.yaml:7:14",
        "recipe.yaml:7:29",
        "recipe.yaml:9:22",
        "recipe.yaml:10:9",
        "recipe.yaml:11:5",
        "recipe.yaml:13:11",
    ]
    assert got[0].endswith("output: missing; write `output: FOLDER`")
    assert "only those are supported; sync it first" in got[2]
    assert got[3].endswith("unknown key 'sedd'; did you mean seed?")
    assert "duplicate key, given first in line 4" in got[4]
    assert got[5].endswith("unknown parameter 'degress'; rotate has `degrees: [low, high]`")
    assert "write `- flip: {axis: horizontal, p: 0.5}`" in got[8]
    assert "`- rotate: {degrees: 5}`" in got[9]


def test_another_version_is_said_alone() -> None:
    (message,) = messages("augment: 2\nfuture: {}\n")
    assert message.startswith("recipe.yaml:1:10: augment: this release reads recipe version 1, got 2")


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ("{rotate: 15}", "write `- rotate: {degrees: 15}`"),
        ("{flip: vertical}", "write `- flip: {axis: vertical}`"),
        ("{flip: {axis: vertical}, p: 0.5}", "`- flip: {axis: vertical, p: 0.5}`"),
        ("{one_of: [flip], p: 0.5}", "`- one_of: {of: [flip], p: 0.5}`"),
        ("{name: rotate, params: {degrees: 5}}", "write `- rotate: {degrees: 5}`"),
        ("{name: HorizontalFlip, params: {p: 0.5}}", "write `- flip: {axis: horizontal, p: 0.5}`"),
        ("{flip: , rotate: }", "begin each step with `- `"),
        ("Rotate", "write `- rotate: {degrees: [-90, 90], p: 0.5}`"),
        ("Normalize", "it belongs into the training code"),
        ("xyzzy", "`augment ops`"),
        ("{rotate: {border_mode: reflect}}", "canvas:"),
        ("{random_crop: {width: 5}}", "random_crop.height: missing"),
        ("{flip: {weight: 2}}", "weight belongs inside one_of and some_of"),
        ("{some_of: {n: 3, of: [flip]}}", "between 0 and 1"),
        ("{some_of: [flip]}", "write `some_of: {n: 2, of: [...]}`"),
        ("{flip: {only: {classes: [7]}}}", "in quotes"),
        ("{flip: {id: seed}}", "the id 'seed' is the name of a key"),
        ("{resize: {width: 100000, height: 100000}}", "between 1 and 16384"),
        ("{gaussian_blur: {sigma: 1e9}}", "between 0 and"),
        ("{gaussian_blur: {sigma: .nan}}", "between 0 and"),
    ],
)
def test_a_wrong_step_is_answered_with_the_right_one(item: str, words: str) -> None:
    assert any(words in message for message in messages(steps(item)))


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ("{one_of: [flip]}", "put one_of into steps:"),
        ("mixup", "mixes images"),
        ("{rotate: {degrees: [0, 5]}}", "prepare[0].rotate.degrees: varies"),
        ("{random_crop: {width: 5, height: 5}}", "draws at random"),
        ("{flip: {p: 0.5}}", "p has no place in prepare"),
    ],
)
def test_prepare_holds_what_draws_nothing(item: str, words: str) -> None:
    assert any(words in message for message in messages(recipe(prepare=f"[{item}]")))


def test_ids_are_names_and_count_when_they_repeat() -> None:
    text = steps("flip", "{one_of: [flip, {flip: {id: last}}]}", "flip", "{one_of: [invert]}")
    assert ids(text) == ["flip", "one_of", "flip_2", "last", "flip_3", "one_of_2", "invert"]


def test_a_step_in_prepare_never_renames_one_that_draws() -> None:
    text = recipe(prepare="[{resize: {longest: 9}}]", steps="[{resize: {longest: [5, 9]}}]")
    assert ids(text) == ["resize", "resize_2"]


def test_an_id_is_given_once() -> None:
    (message,) = messages(steps("{flip: {id: a}}", "{invert: {id: a}}"))
    assert "the id 'a' is taken by the step at recipe.yaml:4:" in message
    (message,) = messages(steps("{invert: {id: flip}}", "flip"))
    assert "choose another, or name that one too" in message


def test_groups_nest_only_so_deep_and_steps_are_only_so_many() -> None:
    nested = "flip"
    for _ in range(9):
        nested = f"{{sequence: [{nested}]}}"
    assert any("nested deeper than 8" in message for message in messages(steps(nested)))
    assert "1,001 steps are more than 1,000" in messages(steps(*["flip"] * 1001))[0]


@pytest.mark.parametrize("path", ["absent.yaml", ".", "bad\0name"])
def test_a_file_that_cannot_be_read_is_a_usage_error(path: str) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load(path)


def test_a_problem_found_later_can_name_its_place(tmp_path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(FULL, encoding="utf-8")
    assert load(path).where("copies", "classes", "bus") == f"{path}:15:45"


def test_a_required_key_that_is_misspelt_is_one_mistake() -> None:
    assert messages("augmnt: 1\ninput: a\noutput: b\n") == [
        "recipe.yaml:1:1: augmnt: unknown key 'augmnt'; did you mean augment?"
    ]
    assert len(messages("augmnt: 1\ninput: a\n")) == 2  # output is missing


def test_a_number_that_is_too_long_is_one_mistake() -> None:
    text = f"augment: 1\ninput: a\noutput: b\nseed: {'9' * 5000}\n"
    assert messages(text) == ["recipe.yaml:4:7: seed: a number of 5,000 characters"]


def test_a_path_that_the_file_system_cannot_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fsencode", lambda text: text.encode("ascii"))
    found = messages("augment: 1\ninput: übung\noutput: b\n")
    assert len(found) == 1 and "set PYTHONUTF8=1" in found[0]


def test_a_class_may_have_any_name_that_a_folder_can_have():
    made = loads(recipe(copies="{default: 1, classes: {\"a\\nb\": 3, ' ': 2, '#': 4}}")).recipe
    assert made.copies.classes == ((" ", 2), ("#", 4), ("a\nb", 3))


def test_quarter_turns_of_classes_are_read_and_written_again() -> None:
    from augcli.recipe import loads
    from augcli.recipe.identity import identity

    turned = {"up": "left", "left": "down", "down": "right", "right": "up", "never": ["six"]}
    symmetry = json.dumps({"left": "right", "quarter_turn": turned})
    recipe = loads(f"augment: 1\ninput: a\noutput: b\nsteps: [flip]\nsymmetry: {symmetry}").recipe
    assert dict(recipe.symmetry.turns) | {"never": list(recipe.symmetry.never_turned)} == turned
    assert identity(recipe)["symmetry"] == {"left": "right", "quarter_turn": turned}


@pytest.mark.parametrize(
    ("turned", "why"),
    [
        ("{up: left}", "to be turned, too"),
        ("{a: b, b: c, c: a}", "after four quarter turns"),
        ("{a: c, b: c, c: a}", "to be turned, too"),
        ("[up]", "a mapping of classes"),
        ("{a: [b], b: a}", "a class name"),
    ],
)
def test_quarter_turns_that_do_not_close_are_refused(turned: str, why: str) -> None:
    from augcli.errors import UsageError
    from augcli.recipe import loads

    with pytest.raises(UsageError, match=why):
        loads(f"augment: 1\ninput: a\noutput: b\nsteps: [flip]\nsymmetry: {{quarter_turn: {turned}}}")
