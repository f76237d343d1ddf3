"""`augment preview`: a contact sheet of a few sources and their copies, made by exactly the code of `run`."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from augcli import storage
from augcli.draw import Tile, contact_sheet, shown
from augcli.errors import Exit, ItemError, Problem, UsageError
from augcli.labels import class_weights, finish
from augcli.overlay import Labels
from augcli.plan import Plan, choose, is_training
from augcli.prelude import prelude, spare_input
from augcli.render import Story, open_source, render
from augcli.sample import Copy, Entry, Sample
from augcli.setting import Setting
from augcli.work import settle

MOST = 6
"""Copies of each source when `--copies` is not given."""


def preview(
    recipe_path: Path,
    overrides: Sequence[str],
    *,
    images: int,
    copies: int | None,
    output: Path,
    say: Callable[[str], None],
) -> Exit:
    """Write the sheet to `output` (a name that ends with .png, .jpg or .webp)."""
    if output.suffix.casefold() not in (".png", ".jpg", ".jpeg", ".webp"):
        raise UsageError(Problem(str(output), "is not the name of a picture", "end it with .png"))
    settle()
    found = prelude(recipe_path, overrides)
    spare_input(found.recipe, output)
    rows = [
        list(_row(found.setting, entry, copies_of_entry))
        for entry, copies_of_entry in chosen(found.plan, found.recipe.seed, images, copies)
    ]
    sheet = contact_sheet(rows)
    data = io.BytesIO()
    form = {".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}.get(output.suffix.casefold(), "PNG")
    sheet.save(data, form, quality=88)
    storage.hand_over(output, data.getvalue())
    say(f"{output}: {len(rows)} images with {sum(map(len, rows)) - len(rows)} copies")
    return Exit.OK


def chosen(
    plan: Plan, seed: int, images: int, copies: int | None
) -> Iterator[tuple[Entry, tuple[Copy, ...]]]:
    """Some training sources, by hash across classes, each with its first copies as `run` plans them."""
    index = {source.entry.id: number for number, source in enumerate(plan.sources)}
    training = [source.entry for source in plan.sources if is_training(source.entry.split)]
    for entry in choose(training, images, seed):
        source = plan.sources[index[entry.id]]
        count = min(source.copies, MOST) if copies is None else copies
        changed = dataclasses.replace(source, copies=count)
        job = dataclasses.replace(plan, sources=(changed,)).job(0)
        yield entry, tuple(copy for copy in job.copies if copy.number)


def _row(setting: Setting, entry: Entry, copies: Sequence[Copy]) -> Iterator[Tile]:
    try:
        source = open_source(setting, entry)
    except ItemError as error:
        yield Tile(None, entry.key, error.text)
        return
    low, high = setting.recipe.input.levels or (0, 65535)
    width, height = source.sample.size
    notes = "; ".join([f"{width} x {height}, {_holding(source.sample, entry)}", *source.picture.warnings])
    labels = _labels(setting, source.sample, source.prepared)
    yield Tile(shown(source.sample.image, low, high), entry.key, notes, labels)
    for copy in copies:
        try:
            sample, story = render(setting, source, copy.number, copy.partners)
        except ItemError as error:
            yield Tile(None, f"copy {copy.number}", error.text)
            continue
        picture, labels = shown(sample.image, low, high), _labels(setting, sample, True)
        yield Tile(picture, f"copy {copy.number}", caption(sample, story), labels)


def _holding(sample: Sample, entry: Entry) -> str:
    """The class of an image, else what is labelled in it."""
    count = len(sample.objects)
    found = [f"{count} object{'s' * (count != 1)}"] if count else []
    found += ["mask"] if sample.mask is not None else []
    return entry.label or ", ".join(found) or "no labels"


def _labels(setting: Setting, sample: Sample, changed: bool) -> Labels:
    """What is drawn over a picture: of one that a step has changed, the objects that stay labelled."""
    objects = finish(sample.objects, sample.size, setting.keeping)[0] if changed else sample.objects
    dataset = setting.dataset
    return Labels(sample.size, objects, sample.mask, dataset.categories, dataset.ignore)


def caption(sample: Sample, story: Story) -> str:
    """What was drawn, in a few words: `rotate 12.3, flip, mixup 0.71; cat 0.71, dog 0.29`."""
    words = [_told(step) for step in story.steps]
    weights = class_weights(sample)
    mixed = "; " + ", ".join(f"{name} {weight:.2f}" for name, weight in weights.items())
    return ", ".join(words) + (mixed if len(weights) > 1 else "") or "unchanged"


def _told(step: dict[str, Any]) -> str:
    values = {**step["drawn"], **{k: v for k, v in step.get("resolved", {}).items() if k == "lambda"}}
    numbers = [
        f"{value:.3g}"
        for key, value in values.items()
        if (isinstance(value, float) and key not in ("x", "y"))
        or (isinstance(value, int) and key not in ("seed", "noise"))
        if not isinstance(value, bool)
    ]
    return " ".join([step["id"], *numbers[:4]])
