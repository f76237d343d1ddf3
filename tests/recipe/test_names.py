"""The names of other libraries lead to steps that are right."""

import pytest

from augcli.ops.base import OPS
from augcli.params import params_of
from augcli.recipe import foreign, loads
from augcli.recipe.document import value_of
from augcli.recipe.foreign_tables import KEYS, REFUSED
from augcli.recipe.names import flow, line, nearest, unknown_key, unknown_operation, unknown_parameter
from augcli.recipe.places import GROUPS
from augcli.recipe.shape import CANVAS, COPIES, ENCODE, INPUT, LABELS, OUTPUT, RECIPE
from augcli.recipe.steps import COMMON
from tests.recipe.wrong import recipe


def corrected(name: str, inside: object = None) -> str:
    """The step that the remedy for an unknown operation shows."""
    _, remedy = unknown_operation(name, inside, (*OPS, *GROUPS))
    assert remedy.startswith("write `- "), remedy
    return remedy.removeprefix("write `").removesuffix("`")


@pytest.mark.parametrize("name", foreign.operations())
def test_the_step_shown_for_every_foreign_name_is_right(name: str) -> None:
    loads(recipe(steps="\n  " + corrected(name)))


def test_many_foreign_names_are_known() -> None:
    assert len(foreign.operations()) >= 200
    assert len(REFUSED) >= 10


@pytest.mark.parametrize("owner", foreign.parameters())
def test_every_foreign_parameter_leads_to_one_that_exists(owner: str) -> None:
    common = {key.name for key in COMMON}
    ops = OPS.values() if owner == "*" else [OPS[owner]]
    own = {parameter.name for op in ops for parameter in params_of(op)}
    for theirs, ours in foreign.parameters()[owner].items():
        assert ours in own | common
        assert owner == "*" or theirs not in own, f"{theirs} is a parameter of {owner} itself"


@pytest.mark.parametrize("theirs", KEYS)
def test_every_foreign_key_leads_to_one_that_exists(theirs: str) -> None:
    known = {
        key.name for part in (RECIPE, INPUT, OUTPUT, ENCODE, COPIES, CANVAS, LABELS) for key in part.keys
    }
    ((ours, _),) = value_of("{" + KEYS[theirs].replace("...", "") + "}").items()
    assert ours in known


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("HorizontalFlip", "- flip: {axis: horizontal}"),
        ("A.HorizontalFlip", "- flip: {axis: horizontal}"),
        ("RandomHorizontalFlip", "- flip: {axis: horizontal}"),
        ("v2.RandomVerticalFlip", "- flip: {axis: vertical}"),
        ("iaa.Fliplr", "- flip: {axis: horizontal}"),
        ("horizontal-flip", "- flip: {axis: horizontal}"),
        ("RandomRotation", "- rotate: {degrees: [-15, 15]}"),
        ("GaussianBlur", "- gaussian_blur: {sigma: [0.1, 2.0]}"),
        ("RandomErasing", "- erase"),
        ("ToGray", "- grayscale"),
        ("GaussNoise", "- gaussian_noise: {std: [0.0, 0.06]}"),
        ("OneOf", "- one_of: [flip, rotate90]"),
    ],
)
def test_spelling_module_and_the_word_random_do_not_count(name: str, step: str) -> None:
    assert corrected(name) == step


def test_the_probability_is_carried_over_and_numbers_of_other_units_are_not() -> None:
    assert corrected("HorizontalFlip", {"p": 0.5}) == "- flip: {axis: horizontal, p: 0.5}"
    assert corrected("GaussNoise", {"var_limit": 50, "prob": 0.1}).endswith("{std: [0.0, 0.06], p: 0.1}")


@pytest.mark.parametrize(
    ("owner", "name", "remedy"),
    [
        ("rotate", "limit", "rotate has `degrees: [low, high]`"),
        ("rotate", "prob", "rotate has `p: 0.5`"),
        ("rotate", "degress", "rotate has `degrees: [low, high]`"),
        ("flip", "direction", "flip has `axis: horizontal | vertical | both`"),
        ("flip", "zzz", "flip has axis, p"),
        ("grayscale", "border_mode", "write `canvas: {border: constant, fill: 0, interpolation: bilinear}`"),
        ("one_of", "probability", "one_of has `p: 0.5`"),
    ],
)
def test_a_parameter_is_answered_with_ours(owner: str, name: str, remedy: str) -> None:
    own = [parameter.name for parameter in params_of(OPS[owner])] if owner in OPS else ["of"]
    assert unknown_parameter(owner, name, [*own, "p"])[1].startswith(remedy)


def test_a_key_is_answered_with_ours_where_ours_is_known() -> None:
    known = [key.name for key in RECIPE.keys]
    assert unknown_key("transforms", known)[1] == "write `steps: [...]`"
    assert unknown_key("random_seed", known)[1] == "write `seed: 7`"
    assert unknown_key("orignals", known)[1] == "did you mean originals?"
    assert unknown_key("transforms", ["fill"])[1] == "known are fill"
    assert "merge keys" in unknown_key("<<", known)[1]


def test_a_very_long_name_is_shown_short_and_answered_fast() -> None:
    what, _ = unknown_operation("x" * 1_000_000, None, (*OPS, *GROUPS))
    assert len(what) < 100


def test_the_nearest_name_is_near() -> None:
    assert nearest("rotat", OPS) == "rotate"
    assert nearest("Gausian_Noise", OPS) == "gaussian_noise"
    assert nearest("qqqq", OPS) is None


@pytest.mark.parametrize(
    "value",
    [
        {"a": [1, 0.5, "10%", None, True], "b": {"c": "x y"}},
        {"no": "true", "null": "1", "a: b": "#", "": "- x", "e": "1e3"},
        ["it's", '"', "\n", "日本", "~", "-", "a,b", "{", "0x10", "10%", "1:2"],
    ],
)
def test_a_corrected_line_reads_back_as_what_it_means(value: object) -> None:
    assert value_of(flow(value)) == value


def test_an_endless_step_is_not_repeated_whole() -> None:
    assert line("flip", {"x": ["y"] * 1000}) == "- flip: {...}"
