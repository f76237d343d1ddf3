"""What the facts show decides what the recipe says; whatever they show, the recipe is valid."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from augcli.init import KNOBS, recipe_for
from augcli.init.facts import Facts, Grouping, Looks
from augcli.init.rules import decide
from augcli.init.write import written
from augcli.recipe import loads
from augcli.recipe.model import all_steps
from tests.init.made import any_facts, decided, facts

USUAL = facts().looks
BOXES: dict[str, Any] = {"format": "coco", "task": "detection", "labels": ("boxes",)}
GROUPS = Grouping(r"(P\d+)_", "patient", ("a/P01_2.png", "P01"), 20, 0, True)


def looks(**given: Any) -> dict[str, Looks]:
    return {"looks": dataclasses.replace(USUAL, **given)}


@pytest.mark.parametrize(
    ("found", "knob", "rule", "value"),
    [
        (facts(), "turn", "whole images", {"rotate": {"degrees": [-15, 15], "p": 0.5}}),
        (facts(), "mirror", "a usual mirror", {"flip": {"axis": "horizontal", "p": 0.5}}),
        (facts(), "copies", "a usual number", 3),
        (facts(), "holdout", "no split, enough images", {"val": "20%"}),
        (facts(), "canvas", "whole-image labels", {"border": "reflect"}),
        (facts(text=("class 7",)), "mirror", "characters or text", None),
        (facts(text=("class 7",)), "turn", "characters or text", {"rotate": {"degrees": [-8, 8], "p": 0.5}}),
        (facts(**looks(paper=20)), "turn", "documents", {"rotate": {"degrees": [-3, 3], "p": 0.5}}),
        (facts(**looks(paper=20)), "canvas", "documents", {"border": "edge"}),
        (facts(**looks(paper=20)), "mirror", "characters or text", None),
        (facts(one_sided=("left",)), "mirror", "classes with a side and no twin", None),
        (facts(one_sided=("left",)), "symmetry", "classes with a side and no twin", {"never": ["left"]}),
        (facts(pairs=(("l", "r"),)), "symmetry", "classes with a left and a right", {"l": "r"}),
        (facts(overhead=("folder dota",)), "quarter turns", "no up", {"rotate90": {"p": 0.75}}),
        (facts(hues=("red_light",)), "colour", "classes named by colour", None),
        (facts(**looks(grey=24)), "colour", "grey images", None),
        (facts(**looks(deep=24, grey=24, levels=(0, 4096))), "colour", "16 bit", None),
        (
            facts(**looks(deep=24, grey=24, levels=(0, 4096))),
            "levels",
            "16 bit that fills a part of the scale",
            [0, 4096],
        ),
        (
            facts(**looks(middle=(32, 32))),
            "move",
            "tiny images",
            {"translate": {"x": ["-12%", "12%"], "y": ["-12%", "12%"]}},
        ),
        (facts(**looks(middle=(32, 32))), "blur", "tiny images", None),
        (facts(**looks(middle=(4000, 3000))), "prepare", "huge images", {"resize": {"longest": 1024}}),
        (
            facts(**BOXES, object_side=0.01, **looks(middle=(4000, 3000))),
            "tile",
            "small objects in large images",
            {"size": 1024, "overlap": "20%"},
        ),
        (facts(**BOXES), "turn", "boxes alone", {"rotate": {"degrees": [-5, 5], "p": 0.5}}),
        (
            facts(**(BOXES | {"task": "instances", "labels": ("boxes", "polygons")})),
            "turn",
            "outlines or masks",
            {"rotate": {"degrees": [-20, 20], "p": 0.5}},
        ),
        (
            facts(classes=(("a", 90), ("b", 30)), training=120),
            "copies",
            "classes of unequal size",
            {"balance": "max", "at_least": 1, "at_most": 10},
        ),
        (
            facts(**BOXES, classes=(("a", 400), ("b", 300), ("c", 10)), training=600),
            "copies",
            "rare objects",
            {"default": 3, "classes": {"c": 12}},
        ),
        (facts(splits=(("train", 500), ("val", 100))), "holdout", "", None),
        (facts(training=6), "holdout", "no split, too few images", {"val": "20%"}),
        (facts(grouping=GROUPS), "group", "names show groups", r"(P\d+)_"),
        (
            facts(grouping=dataclasses.replace(GROUPS, safe=False)),
            "group",
            "names may show groups",
            r"(P\d+)_",
        ),
        (facts(invalid="drop"), "labels", "labels of objects, or wrong ones", {"invalid": "drop"}),
        (
            facts(format="webdataset", kinds=(("jpeg", 3), ("png", 1))),
            "encode",
            "shards of several kinds",
            None,
        ),
    ],
)
def test_a_rule_decides(found: Facts, knob: str, rule: str, value: Any) -> None:
    choice = decided(found).get(knob)
    assert (choice.rule if choice else "") == rule
    if choice is not None and (value is not None or choice.value is None):
        assert choice.value == value
    assert choice is None or choice.why or knob in ("mix", "erase")
    if choice is not None and knob == "colour":
        assert not {"hue", "saturation"} & set(choice.value["color_jitter"])


def test_a_mirror_of_keypoints_is_safe_where_sides_are_known_and_else_for_the_reader_to_decide() -> None:
    pose: dict[str, Any] = {"task": "keypoints", "labels": ("boxes", "keypoints"), "keypoints": ("a", "b")}
    assert decided(facts(**pose, swaps=True))["mirror"].active
    assert not decided(facts(**pose))["mirror"].active
    text = written(facts(**pose), decide(facts(**pose), KNOBS), "out/x", "r.yaml")
    assert "  # - flip:" in text and not any(
        step.op.mirrors() for step in all_steps(loads(text).recipe.steps)
    )


def test_what_may_be_tiles_is_proposed_and_not_done() -> None:
    square = looks(smallest=(256, 256), middle=(256, 256), measured=60, square=60, sizes=1, upright=0.3)
    choice = decided(facts(**square))["quarter turns"]
    assert choice.rule == "perhaps no up" and not choice.active
    assert "quarter turns" not in decided(facts(**looks(measured=60, square=60, sizes=1, upright=5.0)))


def test_every_knob_ends_with_an_answer_that_is_fit_and_every_rule_has_a_name_of_its_own() -> None:
    assert len({knob.name for knob in KNOBS}) == len(KNOBS)
    for knob in KNOBS:
        assert len({rule.name for rule in knob.rules}) == len(knob.rules)


@settings(deadline=None, max_examples=80)
@given(any_facts())
def test_any_facts_give_a_recipe_that_is_valid_and_needs_no_advice(found: Facts) -> None:
    choices = decide(found, KNOBS)
    assert choices == decide(found, KNOBS)
    text = written(found, choices, "elsewhere/x", "recipe.yaml")
    loaded = loads(text)
    assert loaded.advice == ()
    assert loaded.recipe.input.path == found.path
    said = {choice.place: choice for choice in choices if choice.active and choice.value is not None}
    assert dict(loaded.recipe.symmetry.pairs) or not found.pairs or found.one_sided
    assert bool(loaded.recipe.input.tile) == ("input.tile" in said)
    assert any(step.op.mirrors() for step in all_steps(loaded.recipe.steps)) <= (not found.one_sided)


@settings(deadline=None, max_examples=40)
@given(any_facts())
def test_what_is_left_as_a_comment_is_valid_when_it_is_uncommented(found: Facts) -> None:
    text = written(found, decide(found, KNOBS), "elsewhere/x", "recipe.yaml")
    opened = re.sub(r"(?m)^( *)# (- \w+: \{.*\}|group: .*|holdout: \{.*\}|prepare:)$", r"\1\2", text)
    if any(name for name, _ in found.splits):
        assert loads(opened)
    assert opened == text or loads(opened).recipe != loads(text).recipe


def test_the_output_folder_never_lies_in_the_dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = facts(path=".", name=tmp_path.name)
    _, recipe = recipe_for(found, decide(found, KNOBS), Path("recipe.yaml"))
    assert recipe.output.path == f"../{tmp_path.name}-augmented"
