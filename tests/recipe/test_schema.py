"""The JSON Schema and the parser agree on what is right and what is wrong."""

import json
from pathlib import Path

import jsonschema
import pytest

from augcli.errors import UsageError
from augcli.ops.base import OPS
from augcli.recipe import identity, loads, schema
from augcli.recipe.document import read
from tests.recipe.wrong import BASE, WRONG, recipe, steps

VALIDATOR = jsonschema.Draft202012Validator(schema())

RIGHT = {
    "the shortest": recipe(),
    "no steps": recipe(steps=""),
    "every section empty": recipe(canvas="", labels="{}", steps="[]"),
    "labels apart": recipe(input="{images: a, annotations: b, masks: c}"),
    "a held-out split": recipe(input="{path: a, holdout: {val: 20%, test: 0.1}, group: '(P[0-9]+)_'}"),
    "globs": recipe(input="{path: a, include: '*.jpg', exclude: ['a/*', 'b/*']}"),
    "chroma as a ratio": recipe(output="{path: a, encode: {subsampling: 4:2:0, background: '#ffffff'}}"),
    "copies by class": recipe(copies="{default: 1, classes: {bus: 8, 0: 3}}"),
    "copies to a total": recipe(copies="{total: 20000, at_least: 1, at_most: 20}"),
    "copies to balance": recipe(copies="{balance: max}"),
    "a bare step": steps("flip"),
    "distributions": steps(
        "{rotate: {degrees: {normal: [0, 5]}}}",
        "{rotate: {degrees: {choice: [0, 90]}, id: turn}}",
        "{scale: {factor: {log_uniform: [0.5, 2]}}}",
        "{translate: {x: ['-10%', '10%'], y: 5}}",
    ),
    "groups": steps(
        "{one_of: [flip, {rotate: {weight: 2}}]}",
        "{some_of: {n: [1, 2], of: [equalize, {grayscale: {p: 0.5}}], p: 0.5}}",
        "{each_of: [invert, {sequence: [sepia, {one_of: [{jpeg: {weight: 3}}]}]}]}",
    ),
    "only some classes": steps("{flip: {only: {classes: cat}}}", "{rotate: {only: {classes: [cat, dog]}}}"),
    "prepare": recipe(prepare="[{resize: {longest: 640}}, grayscale, {rotate: {degrees: 90}}]"),
}


def plain(text: str) -> object:
    return read(text, "recipe.yaml")[0].data


def test_the_schema_is_a_schema_and_survives_json() -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(json.dumps(schema())))


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_what_is_right_passes_both(text: str) -> None:
    VALIDATOR.validate(plain(text))
    loads(text)


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_refused_by_both(text: str) -> None:
    assert not VALIDATOR.is_valid(plain(text))
    with pytest.raises(UsageError) as caught:
        loads(text)
    assert all(problem.where.startswith("recipe.yaml:") for problem in caught.value.problems)


@pytest.mark.parametrize("path", sorted(Path("configs").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_recipe_that_ships_passes_both(path: Path) -> None:
    VALIDATOR.validate(plain(path.read_text(encoding="utf-8")))
    loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", sorted(OPS))
def test_every_operation_is_described_with_all_its_parameters(name: str) -> None:
    described = schema()["$defs"][f"op_{name}"]
    assert described["description"]
    assert all(value.get("description") or "$ref" in value for value in described["properties"].values()), (
        "a parameter without docs"
    )


@pytest.mark.parametrize("name", sorted(OPS))
def test_the_example_of_every_operation_passes_both(name: str) -> None:
    text = steps(json.dumps({name: dict(OPS[name].example)}))
    VALIDATOR.validate(plain(text))
    loads(text)


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_the_normal_form_of_a_recipe_is_a_recipe(text: str) -> None:
    normal = identity(loads(text).recipe)
    normal["input"] |= {"path": "photos"}
    normal["output"] |= {"path": "out"}
    VALIDATOR.validate(normal)
    assert identity(loads(json.dumps(normal)).recipe) == identity(loads(text).recipe)


def test_the_table_of_wrong_recipes_starts_from_a_right_one() -> None:
    assert set(BASE) == {"augment", "input", "output"}
    assert len(WRONG) >= 40
