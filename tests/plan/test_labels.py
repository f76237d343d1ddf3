"""What the plan says of labels: mirrors that are forbidden, mixes without a meaning, losses."""

from __future__ import annotations

import dataclasses

import pytest

from augcli.plan.labels import label_problems
from augcli.recipe import loads
from augcli.sample import Category, Dataset

OBJECTS = Dataset(
    "coco",
    categories=(Category("text", 1), Category("left", 2), Category("right", 3)),
    holds=frozenset({"boxes", "polygons"}),
)
MASKS = dataclasses.replace(OBJECTS, format="masks", holds=frozenset({"semantic"}))
CLASSES = Dataset("folders", classes=("text",))


def said(dataset: Dataset, steps: str, more: str = "", output: str | None = None) -> tuple[str, str]:
    recipe = loads(f"augment: 1\ninput: a\noutput: b\n{more}\nsteps: [{steps}]").recipe
    problems, notes = label_problems(recipe, dataset, output or dataset.format)
    return "; ".join(map(str, problems)), "; ".join(notes)


def test_a_class_that_is_never_mirrored_refuses_a_flip() -> None:
    problems, _ = said(OBJECTS, "flip", "symmetry: {never: [text]}")
    assert "symmetry.never forbids it for text" in problems


def test_a_flip_for_other_classes_only_is_allowed() -> None:
    never = "symmetry: {never: [text]}"
    assert said(OBJECTS, "flip: {only: {classes: [left]}}", never) == ("", "")
    assert said(OBJECTS, "rotate", never) == ("", "")


@pytest.mark.parametrize("mix", ["mixup", "blend"])
def test_class_ids_of_masks_cannot_be_averaged(mix: str) -> None:
    assert "cannot be averaged" in said(MASKS, mix)[0]
    assert said(OBJECTS, mix)[0] == ""


def test_weights_of_objects_that_a_format_cannot_hold_are_told() -> None:
    assert "as a weight; yolo cannot hold it" in said(OBJECTS, "mixup", output="yolo")[1]
    assert "as a weight" not in said(OBJECTS, "mosaic", output="yolo")[1]


def test_masks_can_be_pasted() -> None:
    assert said(MASKS, "cutmix") == ("", "")


def test_what_a_format_cannot_hold_must_be_allowed() -> None:
    assert "cannot hold what the labels have: polygons" in said(OBJECTS, "flip", output="voc")[0]
    problems, notes = said(OBJECTS, "flip", "labels: {lossy: allow}", output="voc")
    assert problems == "" and "lost in format voc: polygons" in notes


def test_mixing_into_class_folders_is_said() -> None:
    assert "class folders hold one label" in said(CLASSES, "mixup")[1]
    assert said(CLASSES, "mixup", output="hf")[1] == ""


def test_label_settings_without_objects_are_said() -> None:
    assert "there are none" in said(CLASSES, "rotate", "labels: {min_visibility: 0.5}")[1]


def test_what_voc_rounds_and_what_of_classes_stays_behind_are_said() -> None:
    allowed = "labels: {lossy: allow}"
    notes = said(OBJECTS, "flip", allowed, "voc")[1]
    assert "rounded to whole pixels" in notes and "where objects overlap" in notes
    assert said(dataclasses.replace(OBJECTS, format="voc"), "flip", output="voc") == ("", "")
    pose = Category("person", 1, ("a", "b"), (1, 0), ((0, 1),), extra=(("supercategory", "animal"),))
    posed = dataclasses.replace(OBJECTS, categories=(pose,), holds=frozenset({"boxes", "keypoints"}))
    assert "keeps the names, not their fields, skeletons" in said(posed, "rotate", output="yolo")[1]
    assert "keeps the names, not their fields, sides, skeletons" in said(posed, "rotate", output="labelme")[1]
    assert said(posed, "rotate", output="coco") == ("", "")


def test_what_a_label_file_says_of_the_dataset_as_a_whole_is_named_where_it_stays_behind():
    told = {"train": {"info": {"year": 2026}, "licenses": [{"id": 1}], "notes": ""}, "val": {"info": {}}}
    dataset = Dataset(
        "coco", categories=(Category("dog", 1),), holds=frozenset({"boxes"}), info={"files": told}
    )
    assert (
        "of the dataset as a whole voc keeps no info, no licenses" in said(dataset, "rotate", output="voc")[1]
    )
    assert "as a whole" not in said(dataset, "rotate", output="coco")[1]


@pytest.mark.parametrize(
    "step",
    ["crop_to_object", "copy_paste", "one_of: [random_crop: {width: 9, height: 9, keep_objects: any}]"],
)
def test_a_crop_that_looks_for_objects_where_there_are_none_is_said(step: str) -> None:
    assert "looks at objects (boxes, polygons, keypoints), and there are none" in said(CLASSES, step)[1]
    assert "looks at objects" in said(MASKS, step)[1]
    assert said(OBJECTS, step) == ("", "")
    assert said(CLASSES, "random_crop: {width: 9, height: 9}") == ("", "")


def test_a_border_that_repeats_objects_is_said() -> None:
    assert "shows objects again" in said(OBJECTS, "rotate", "canvas: {border: reflect}")[1]


def test_yolo_without_a_class_of_objects_is_told_before_its_readers_refuse_it() -> None:
    assert "refuse a dataset without any" in said(CLASSES, "flip", "labels: {lossy: allow}", "yolo")[1]
    assert "refuse" not in said(OBJECTS, "flip", "labels: {lossy: allow}", "yolo")[1]


@pytest.mark.parametrize(
    ("step", "far"),
    [
        ("rotate90", True),
        ("transpose", True),
        ("flip: {axis: vertical}", True),
        ("flip", False),
        ("rotate", False),
        ("rotate: {degrees: [-60, 60]}", True),
        ("affine: {degrees: [0, 50]}", True),
        ("affine: {scale: 1.1}", False),
    ],
)
def test_a_class_that_is_never_turned_refuses_what_turns_it_far(step: str, far: bool) -> None:
    problems, _ = said(OBJECTS, step, "symmetry: {quarter_turn: {never: [text]}}")
    assert ("symmetry.quarter_turn.never forbids it for text" in problems) == far
