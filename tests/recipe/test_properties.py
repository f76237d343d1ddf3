"""What holds for every recipe, and for every text that is none."""

import json
from typing import Any

import jsonschema
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from augcli.errors import UsageError
from augcli.ops.base import OPS
from augcli.recipe import digest, identity, loads, schema
from augcli.recipe.names import flow
from augcli.recipe.shape import RECIPE
from tests.recipe.generate import RECIPES

FEW = settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
VALIDATOR = jsonschema.Draft202012Validator(schema())


@FEW
@given(RECIPES)
def test_every_recipe_that_can_be_written_is_read(data: Any) -> None:
    text = json.dumps(data)
    VALIDATOR.validate(data)
    made = loads(text).recipe
    normal = identity(made)
    normal["input"] |= {"path": "a"}
    normal["output"] |= {"path": "b"}
    again = loads(json.dumps(normal)).recipe
    assert identity(again) == identity(made)
    assert digest(again) == digest(made)


@FEW
@given(RECIPES)
def test_the_order_of_keys_and_the_style_of_yaml_mean_nothing(data: Any) -> None:
    styles = (
        yaml.safe_dump(data, sort_keys=True),
        yaml.safe_dump(data, sort_keys=False, default_flow_style=True),
        flow(data),
    )
    # PyYAML writes 1e-05 as a number of YAML 1.1, `1.0e-05`, which is one of 1.2, too.
    assert len({digest(loads(text).recipe) for text in styles}) == 1


def refused_or_read(text: str | bytes, *overrides: str) -> None:
    try:
        loads(text, overrides=overrides)
    except UsageError as error:
        assert error.problems
        assert all(problem.what for problem in error.problems)
        assert "\n" not in str(error.problems[0])


@FEW
@given(st.binary(max_size=200))
def test_bytes_are_read_or_refused(data: bytes) -> None:
    refused_or_read(data)


@FEW
@given(st.text("-:{}[]&*!|>'\"%@`#?,. \n\tab01~<=", max_size=120))
def test_text_is_read_or_refused(text: str) -> None:
    refused_or_read(text)


WORDS = [key.name for key in RECIPE.keys] + sorted(OPS) + ["one_of", "some_of", "of", "n", "p", "id", "only"]
WORDS += ["classes", "weight", "degrees", "path", "choice", "normal", "encode", "fill", "default", "total"]
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from(WORDS), st.text(max_size=5)
)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(WORDS), inner, max_size=3)
    ),
    max_leaves=12,
)


def yamled(data: Any) -> str:
    return yaml.safe_dump(data, allow_unicode=True)


@FEW
@given(st.dictionaries(st.sampled_from(WORDS[:10]), TREES, max_size=6), TREES)
def test_any_tree_of_known_words_is_read_or_refused(data: dict[str, Any], step: Any) -> None:
    refused_or_read(yamled(data))
    refused_or_read(yamled({"augment": 1, "input": "a", "output": "b", **data, "steps": [step, "flip"]}))


@FEW
@given(
    TREES, st.one_of(st.text(max_size=12), st.lists(st.sampled_from(WORDS), max_size=4).map(".".join)), TREES
)
def test_any_setting_is_put_in_or_refused(step: Any, path: str, value: Any) -> None:
    text = yamled(
        {"augment": 1, "input": "a", "output": "b", "steps": [step, "flip", {"one_of": ["rotate"]}]}
    )
    refused_or_read(text, f"{path}={flow(value)}", f"steps[2].one_of[0].{path}={path}", path)
