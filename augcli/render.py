"""From a decoded image and a copy's number to its pixels: the middle of the path of one image.

`run` and `preview` both make their pictures here, so a preview shows what a run writes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from augcli.camera import Camera, join_alpha, split_alpha
from augcli.errors import ItemError
from augcli.images import Picture, decode, read
from augcli.ops.base import Exposure, Geometry, Mix, Pixels
from augcli.recipe.model import Recipe, Step
from augcli.recipe.script import script, steps_before
from augcli.rng import Stream, stream
from augcli.sample import Entry, Partner, Sample


@dataclass(frozen=True)
class Source:
    """A decoded image after the recipe's `prepare` steps.

    data      the bytes of the file
    sha256    of those bytes, hex
    prepared  True when `prepare` changed the pixels
    """

    entry: Entry
    data: bytes
    sha256: str
    picture: Picture
    sample: Sample
    prepared: bool


@dataclass
class Story:
    """What happened to one copy, as the manifest tells it."""

    steps: list[dict[str, Any]] = field(default_factory=list)
    partners: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def open_source(recipe: Recipe, entry: Entry) -> Source:
    """Read, decode and prepare the image of an entry. Raises `ItemError`."""
    if entry.error is not None:
        raise ItemError(entry.error, **dict(entry.facts))
    data = read(entry.path)
    picture = decode(data, max_megapixels=recipe.input.max_megapixels)
    decoded = Sample(picture.image, dict(entry.classes))
    sample = decoded
    if recipe.prepare:
        nobody = stream(recipe.seed, "prepare")  # these steps draw nothing at random
        sample = _developed(recipe, decoded, recipe.prepare, nobody, 0, {}, Story())
    return Source(
        entry, data, hashlib.sha256(data).hexdigest(), picture, sample, sample.image is not decoded.image
    )


def copy_stream(recipe: Recipe, entry: Entry, number: int) -> Stream:
    """The stream that all of a copy's randomness descends from."""
    return stream(recipe.seed, entry.split, entry.key, number)


def render(
    recipe: Recipe, source: Source, number: int, partners: Mapping[str, tuple[Partner, ...]]
) -> tuple[Sample, Story]:
    """Copy `number` (from 1) of a source: its pixels and labels, and what was done. Raises `ItemError`."""
    story = Story(warnings=list(source.picture.warnings))
    rng = copy_stream(recipe, source.entry, number)
    steps = script(recipe.steps, rng, number, [name for name, _ in source.entry.classes])
    sample = _developed(recipe, source.sample, steps, rng, number, partners, story)
    return sample, story


def _developed(
    recipe: Recipe,
    sample: Sample,
    steps: Sequence[Step],
    rng: Stream,
    number: int,
    partners: Mapping[str, tuple[Partner, ...]],
    story: Story,
) -> Sample:
    """The sample after these steps; each is told in `story`."""
    camera = Camera(sample, recipe.canvas, recipe.input.levels)
    for step in steps:
        drawn = step.op.draw(rng.child(step.id, "draw"))
        record: dict[str, Any] = {"id": step.id, "op": step.op.name, "drawn": drawn}
        op = step.op
        if isinstance(op, Geometry):
            move = op.resolve(drawn, camera.view(step.id))
            record["matrix"] = move.matrix.tolist()
            record["size"] = [move.width, move.height]
            camera.move(move)
        elif isinstance(op, Exposure):
            camera.expose(op, drawn, record)
        elif isinstance(op, Pixels):
            camera.replace(_repainted(camera.flush(), op, drawn, camera, step, record))
        elif isinstance(op, Mix):
            slots = partners.get(step.id, ())
            if len(slots) < op.slots:
                story.warnings.append(f"{step.id}: no other image to mix with")
                continue
            host = camera.flush()
            guests = []
            for slot, partner in enumerate(slots):
                guests.append(_guest(recipe, step, slot, partner, rng, number, story))
            amounts = op.resolve(drawn, camera.view(step.id))
            _note(record, drawn, amounts)
            camera.replace(op.mix(host, guests, amounts, camera.view(step.id)))
        story.steps.append(record)
    return camera.flush()


def _repainted(
    sample: Sample, op: Pixels, drawn: dict[str, Any], camera: Camera, step: Step, record: dict[str, Any]
) -> Sample:
    view = camera.view(step.id)
    amounts = op.resolve(drawn, view)
    _note(record, drawn, amounts)
    colour, alpha = split_alpha(sample.image)
    painted = op.apply(colour, amounts, view)
    if painted is colour:
        return sample
    return Sample(join_alpha(painted, alpha), sample.classes, sample.origin, sample.origin_classes)


def _note(record: dict[str, Any], drawn: dict[str, Any], amounts: dict[str, Any]) -> None:
    """Record what `resolve` added or changed."""
    resolved = {key: value for key, value in amounts.items() if key not in drawn or drawn[key] != value}
    if resolved:
        record["resolved"] = resolved


def _guest(
    recipe: Recipe, step: Step, slot: int, partner: Partner, rng: Stream, number: int, story: Story
) -> Sample:
    """The first candidate that decodes, after the steps that stand before the mix."""
    own = rng.child(step.id, "slot", slot)
    for candidate in partner.candidates:
        row: dict[str, Any] = {"step": step.id, "slot": slot, "source": candidate.key}
        story.partners.append(row)
        try:
            source = open_source(recipe, candidate)
        except ItemError as error:
            row["error"] = error.code
            story.warnings.append(f"{step.id}: {candidate.key} was passed over: {error.text}")
            continue
        row["sha256"] = source.sha256
        theirs = Story()
        classes = [name for name, _ in candidate.classes]
        steps = script(steps_before(recipe.steps, step.id), own, number, classes)
        sample = _developed(recipe, source.sample, steps, own, number, partner.partners, theirs)
        if theirs.steps:
            row["steps"] = theirs.steps
        if theirs.partners:
            row["partners"] = theirs.partners
        story.warnings += theirs.warnings
        return sample
    raise ItemError("no_partner", step=step.id, tried=len(partner.candidates))


def used_partners(rows: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Every partner row, nested ones too."""
    for row in rows:
        yield row
        yield from used_partners(row.get("partners", ()))
