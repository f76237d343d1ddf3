"""Whether a recipe is right for labels of objects: what a mirror may do, what a mix means, what is lost."""

from __future__ import annotations

from augcli import formats
from augcli.errors import Problem
from augcli.formats.contract import OF_OBJECTS, of_classes, of_files
from augcli.ops.base import Mix
from augcli.params import Fixed
from augcli.recipe.model import Labels, Recipe, all_steps
from augcli.sample import Dataset

_OBJECTS = frozenset({"boxes", "rotated", "polygons", "instances", "keypoints"})
_NONE = Fixed("none")


def label_problems(recipe: Recipe, dataset: Dataset, output: str) -> tuple[list[Problem], list[str]]:
    """Problems and notes; `output` is the name of the format to write."""
    problems, notes = [], []
    steps = list(all_steps(recipe.steps))
    for step in steps:
        for does, verb, never, place in (
            (step.op.mirrors(), "mirrors the image", recipe.symmetry.never, "never"),
            (step.op.turns(), "turns the image far", recipe.symmetry.never_turned, "quarter_turn.never"),
        ):
            forbidden = [name for name in never if not step.only or name in step.only]
            if does and forbidden:
                what = f"{verb}, and symmetry.{place} forbids it for {', '.join(forbidden)}"
                remedy = "leave it out, or name other classes with `only: {classes: [...]}`"
                problems.append(Problem(step.id, what, remedy, key=(step.id,)))
        if isinstance(step.op, Mix) and not step.op.pastes and "semantic" in dataset.holds:
            what = "averages images, and class ids of masks cannot be averaged"
            remedy = "use a pasting mix: cutmix or mosaic"
            problems.append(Problem(step.id, what, remedy, key=(step.id,)))
    if dataset.categories and recipe.canvas.border in ("reflect", "symmetric", "wrap"):
        notes.append(f"canvas.border {recipe.canvas.border} shows objects again that get no label there")
    if recipe.mixes and output == "folders":
        notes.append(
            "class folders hold one label per image: mixed ones go to the folder of the heaviest class, "
            "and only readers of metadata.jsonl see the weights"
        )
    if dataset.holds & _OBJECTS and "attributes" not in formats.load(output).HOLDS:
        notes += [
            f"step {step.id} gives objects the share of their image as a weight; {output} cannot hold it"
            for step in steps
            if isinstance(step.op, Mix) and not step.op.pastes
        ]
    if output == "voc" and dataset.format != "voc" and dataset.holds & OF_OBJECTS:
        notes.append("sides of boxes are rounded to whole pixels; fields are kept as text")
        if dataset.holds & {"polygons", "instances"}:
            notes.append("a pixel is one object's: where objects overlap, the masks show the later one")
    if output != dataset.format and (behind := sorted(of_classes(dataset) - formats.keeps(output))):
        notes.append(f"of classes {output} keeps the names, not their {', '.join(behind)}")
    if output != dataset.format and (said := of_files(dataset)):
        notes.append(f"of the dataset as a whole {output} keeps no {', no '.join(said)}")
    if output == "yolo" and not dataset.categories:
        notes.append("there are no classes of objects, and readers of YOLO refuse a dataset without any")
    if recipe.labels != Labels() and not dataset.categories:
        notes.append("`labels:` acts on objects (boxes, polygons, keypoints), and there are none")
    if not dataset.holds & _OBJECTS:
        notes += [
            f"step {step.id} looks at objects (boxes, polygons, keypoints), and there are none"
            for step in steps
            if step.op.name in ("crop_to_object", "copy_paste")
            or getattr(step.op, "keep_objects", _NONE).value != "none"
        ]
    lost = losses(dataset, output)
    if lost and recipe.labels.lossy == "refuse":
        what = f"format {output} cannot hold what the labels have: {', '.join(lost)}"
        remedy = "to lose it, set `labels: {lossy: allow}`"
        problems.append(Problem("output.format", what, remedy, key=("output", "format")))
    elif lost:
        notes.append(f"lost in format {output}: {', '.join(lost)}")
    return problems, notes


def losses(dataset: Dataset, output: str) -> list[str]:
    """What the dataset's labels hold and the output format does not, in words."""
    if output == dataset.format:
        return []
    target = formats.load(output)
    holds = getattr(target, "holds", None)  # what one of its files can hold may depend on the dataset
    kept = holds(dataset) if holds else target.HOLDS
    return sorted(dataset.holds - kept - {"ids"})  # labels get new ids without losing what they say
