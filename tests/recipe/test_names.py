"""The names of other libraries lead to steps that are right."""

import pytest

from augcli.errors import UsageError
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
    return remedy.removeprefix("write `").split("`")[0]


def test_many_foreign_names_are_known() -> None:
    assert len(foreign.rules()) >= 200
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
        ("HorizontalFlip", "- flip: {axis: horizontal, p: 0.5}"),
        ("A.HorizontalFlip", "- flip: {axis: horizontal, p: 0.5}"),
        ("RandomHorizontalFlip", "- flip: {axis: horizontal, p: 0.5}"),
        ("v2.RandomVerticalFlip", "- flip: {axis: vertical, p: 0.5}"),
        ("iaa.Fliplr", "- flip: {axis: horizontal}"),
        ("horizontal-flip", "- flip: {axis: horizontal, p: 0.5}"),
        ("RandomRotation", "- rotate: {degrees: [-15, 15]}"),
        ("OneOf", "- one_of: {of: [flip, rotate90], p: 0.5}"),
        ("RandomCrop", '- random_crop: {width: "80%", height: "80%"}'),
        ("PERSPECTIVE", "- perspective: {p: 0.5}"),
    ],
)
def test_spelling_module_and_the_word_random_do_not_count(name: str, step: str) -> None:
    assert corrected(name) == step


@pytest.mark.parametrize(
    ("owner", "name", "value", "remedy"),
    [
        ("rotate", "limit", None, "rotate has `degrees: [low, high]`"),
        ("rotate", "limit", 30, "rotate has `degrees: [-30, 30]`"),
        ("rotate", "limit", "many", "rotate has `degrees: [low, high]`"),
        ("rotate", "prob", None, "rotate has `p: 0.5`"),
        ("rotate", "prob", "15%", "rotate has `p: 0.15`"),
        ("rotate", "degress", 3, "rotate has `degrees: [low, high]`"),
        ("cutout", "percent", 15, 'cutout has `size: "15%"`'),
        ("gaussian_noise", "var_limit", 65.025, "gaussian_noise has `std: [0, 0.0316]`"),
        ("pad", "border_mode", 1, "pad has `border: edge`"),
        ("flip", "direction", None, "flip has `axis: horizontal | vertical | both`"),
        ("flip", "zzz", 1, "flip has axis, p"),
        ("grayscale", "border_mode", None, "write `canvas: {border: edge}` beside steps:"),
        ("rotate", "border_mode", 2, "write `canvas: {border: symmetric}` beside steps:"),
        ("one_of", "probability", None, "one_of has `p: 0.5`"),
    ],
)
def test_a_parameter_is_answered_with_ours(owner: str, name: str, value: object, remedy: str) -> None:
    own = [parameter.name for parameter in params_of(OPS[owner])] if owner in OPS else ["of"]
    assert unknown_parameter(owner, name, [*own, "p"], value)[1] == remedy


def test_a_key_is_answered_with_ours_where_ours_is_known() -> None:
    known = [key.name for key in RECIPE.keys]
    assert unknown_key("transforms", known)[1] == "write `steps: [...]`"
    assert unknown_key("random_seed", known)[1] == "write `seed: 7`"
    assert unknown_key("orignals", known)[1] == "did you mean originals?"
    assert unknown_key("transforms", ["fill"])[1] == "known are fill"
    assert unknown_key("random_seed", known, 42)[1] == "write `seed: 42`"
    assert unknown_key("versions", known, 3)[1] == "write `copies: 3`"
    assert unknown_key("num_copies", known, 5000)[1] == "write `copies: 4`"
    assert unknown_key("output_dir", known, "a/b")[1] == "write `output: a/b`"
    assert unknown_key("keep_originals", known, False)[1] == "write `originals: drop`"
    assert "holdout: {val: 25%}" in unknown_key("validation_split", known, 0.25)[1]
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


@pytest.mark.parametrize(
    ("item", "remedy"),
    [
        ("{type: Rotate, limit: 20}", "write `- rotate: {degrees: [-20, 20], p: 0.5}`"),
        ("{name: rotate, params: {degrees: 5}}", "write `- rotate: {degrees: 5}`"),
        ("{grayscale: 15%}", "write `- grayscale: {p: 0.15}`"),
        ("{brightness: 25%}", "write `- brightness: {factor: [0.75, 1.25]}`"),
        ("{rotate: 15}", "write `- rotate: {degrees: 15}`"),
        ("{equalize: [1]}", "write `- equalize: {p: 0.5}`; left out, having no counterpart: p"),
    ],
)
def test_a_step_in_another_form_is_answered_with_the_right_line(item: str, remedy: str) -> None:
    with pytest.raises(UsageError) as caught:
        loads(recipe(steps=f"[{item}]"))
    assert caught.value.problems[0].remedy == remedy


def test_an_endless_step_is_not_repeated_whole() -> None:
    assert line("flip", {"x": ["y"] * 1000}) == "- flip: {...}"
