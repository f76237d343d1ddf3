"""From a decoded image and a copy's number to its pixels: the middle of the path of one image.

`run` and `preview` both make their pictures here, so a preview shows what a run writes.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augcli.attach import cut, mask_of, misleads, objects_of
from augcli.camera import Camera, join_alpha, split_alpha
from augcli.errors import ItemError
from augcli.geometry import Move
from augcli.images import Picture, decode, read
from augcli.images.files import most_bytes
from augcli.labels import cover
from augcli.laps import PENDING, Laps
from augcli.ops.base import Erase, Exposure, Geometry, Mix, Op, Pixels, View
from augcli.recipe.model import Recipe, Step
from augcli.recipe.script import script, steps_before
from augcli.rng import Stream, stream
from augcli.sample import Box, Entry, Partner, Sample
from augcli.setting import Setting


@dataclass(frozen=True)
class Source:
    """A decoded image after the recipe's `prepare` steps.

    data, sha256  the bytes of the file, and their digest in hex
    mask_sha256  of the mask file; None where there is none
    prepared     True when the pixels are not those of the file: a tile, or changed by `prepare` or for labels
    """

    entry: Entry
    data: bytes
    sha256: str
    mask_sha256: str | None
    picture: Picture
    sample: Sample
    prepared: bool


@dataclass
class Story:
    """What happened to one copy, as the manifest tells it. `script`: ids of the steps that it was to pass."""

    steps: list[dict[str, Any]] = field(default_factory=list)
    partners: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    script: list[str] | None = None
    laps: Laps = field(default_factory=Laps)


@dataclass(frozen=True)
class Act:
    """One step of one copy, and the values that it acts by.

    id     of the step
    drawn  what was drawn for it
    told   its record in a row of the manifest, when it is done again by that; None: amounts are resolved now
    """

    id: str
    op: Op
    drawn: dict[str, Any]
    told: Mapping[str, Any] | None = None

    def move(self, op: Geometry, view: View) -> Move:
        """The move of a geometric act; one that is done again has the matrix and the frame of its record."""
        move = op.resolve(self.drawn, view)
        if self.told is None:
            return move
        matrix, (width, height) = np.array(self.told["matrix"], dtype=np.float64), self.told["size"]
        return dataclasses.replace(move, matrix=matrix, width=width, height=height)

    def amounts(self, op: Pixels | Mix, view: View) -> dict[str, Any]:
        """The amounts in pixels of an act on pixels, or of a mixing one."""
        if self.told is None:
            return op.resolve(self.drawn, view)
        return {**self.drawn, **self.told.get("resolved", {})}


@dataclass(frozen=True)
class Opened:
    """A decoded file with all its labels, whatever part of it an entry is; see `Source` and `misleads`."""

    data: bytes
    sha256: str
    mask_sha256: str | None
    picture: Picture
    sample: Sample
    misleads: bool


def open_file(setting: Setting, entry: Entry) -> Opened:
    """Read and decode the image of an entry, its labels with it. Raises `ItemError`."""
    recipe = setting.recipe
    if entry.error is not None:
        raise ItemError(entry.error, **dict(entry.facts))
    data = read(entry.path, most_bytes(recipe.input.max_megapixels))
    picture = decode(data, max_megapixels=recipe.input.max_megapixels)
    mask, mask_data, mask_on_raw = mask_of(entry, picture, recipe.input.max_megapixels)
    objects, on_raw = objects_of(entry, setting.dataset, picture)
    return Opened(
        data,
        hashlib.sha256(data).hexdigest(),
        hashlib.sha256(mask_data).hexdigest() if mask is not None else None,
        picture,
        Sample(picture.image, dict(entry.classes), objects=objects, mask=mask),
        misleads(picture, on_raw or mask_on_raw),
    )


def open_source(setting: Setting, entry: Entry, opened: Opened | None = None) -> Source:
    """The image of an entry, decoded and prepared, its labels with it. Raises `ItemError`.

    opened  its file, where the caller has it already: that of a tile serves its neighbours too
    """
    recipe = setting.recipe
    opened = opened or open_file(setting, entry)
    sample = opened.sample if entry.tile is None else _tile(opened.sample, entry.tile)
    if recipe.prepare:
        nobody = stream(recipe.seed, "prepare")  # these steps draw nothing at random
        sample = _drawn(setting, sample, recipe.prepare, nobody, 0, {}, Story())
    changed = sample.image is not opened.sample.image or opened.misleads
    return Source(entry, opened.data, opened.sha256, opened.mask_sha256, opened.picture, sample, changed)


def _tile(sample: Sample, box: Box) -> Sample:
    """The part of a sample that a tile is, with its own share of the labels."""
    x0, y0, x1, y1 = box
    if x1 > sample.size[0] or y1 > sample.size[1]:
        raise ItemError("changed")  # since its header was read
    image = np.ascontiguousarray(sample.image[y0:y1, x0:x1])
    mask = None if sample.mask is None else np.ascontiguousarray(sample.mask[y0:y1, x0:x1])
    return dataclasses.replace(sample, image=image, mask=mask, objects=cut(sample.objects, box))


def copy_stream(recipe: Recipe, entry: Entry, number: int) -> Stream:
    """The stream that all of a copy's randomness descends from."""
    return stream(recipe.seed, entry.split, entry.key, number)


def render(
    setting: Setting,
    source: Source,
    number: int,
    partners: Mapping[str, tuple[Partner, ...]],
    laps: Laps | None = None,
) -> tuple[Sample, Story]:
    """Copy `number` (from 1) of a source: its pixels and labels, and what was done. Raises `ItemError`."""
    rng = copy_stream(setting.recipe, source.entry, number)
    steps = script(setting.recipe.steps, rng, number, source.entry.categories)
    story = Story(warnings=[*source.picture.warnings], script=[step.id for step in steps])
    story.laps = laps or story.laps
    return _drawn(setting, source.sample, steps, rng, number, partners, story), story


def _drawn(
    setting: Setting,
    sample: Sample,
    steps: Sequence[Step],
    rng: Stream,
    number: int,
    partners: Mapping[str, tuple[Partner, ...]],
    story: Story,
) -> Sample:
    """The sample after these steps, whose values are drawn; each is told in `story`."""

    def guests(act: Act) -> list[Sample] | None:
        slots = partners.get(act.id, ())
        if isinstance(act.op, Mix) and len(slots) < act.op.slots:
            story.warnings.append(f"{act.id}: no other image to mix with")
            return None
        return [_guest(setting, act.id, slot, each, rng, number, story) for slot, each in enumerate(slots)]

    acts = (Act(step.id, step.op, step.op.draw(rng.child(step.id, "draw"))) for step in steps)
    return developed(setting, sample, acts, guests, story)


def developed(
    setting: Setting,
    sample: Sample,
    acts: Iterable[Act],
    guests: Callable[[Act], list[Sample] | None],
    story: Story,
) -> Sample:
    """The sample after these acts; each is told in `story`.

    guests  the partners of a mixing act, after their own steps; None where there are too few
    """
    camera = Camera(sample, setting.recipe.canvas, setting.recipe.input.levels, setting.rules)
    for act in acts:
        record: dict[str, Any] = {"id": act.id, "op": act.op.name, "drawn": act.drawn}
        op = act.op
        if isinstance(op, Geometry):
            move = act.move(op, camera.view(act.id))
            record["matrix"] = move.matrix.tolist()
            record["size"] = [move.width, move.height]
            if move.chosen:
                record["resolved"] = dict(move.chosen)
            camera.move(move)
        elif isinstance(op, Exposure):
            camera.expose(op, act.drawn, record)
        elif isinstance(op, Pixels):
            flushed = camera.flush()
            story.laps.lap(PENDING)
            camera.replace(_repainted(flushed, op, act, camera, record))
        elif isinstance(op, Mix):
            others = guests(act)
            if others is None:
                continue
            host, view = camera.flush(), camera.view(act.id)
            story.laps.lap(PENDING)
            amounts = act.amounts(op, view)
            _note(record, act.drawn, amounts)
            camera.replace(op.mix(host, others, amounts, view))
        story.steps.append(record)
        story.laps.lap(f"step {act.id}")
    done = camera.flush()
    story.laps.lap(PENDING)
    return done


def _repainted(sample: Sample, op: Pixels, act: Act, camera: Camera, record: dict[str, Any]) -> Sample:
    view = camera.view(act.id)
    amounts = act.amounts(op, view)
    _note(record, act.drawn, amounts)
    colour, alpha = split_alpha(sample.image)
    painted = op.apply(colour, amounts, view)
    if painted is colour:
        return sample
    changed = dataclasses.replace(sample, image=join_alpha(painted, alpha))
    if isinstance(op, Erase) and op.hides and (len(sample.objects) or sample.mask is not None):
        return _hidden(changed, op.covered(amounts, view), camera.rules.ignore)
    return changed


def _hidden(sample: Sample, covered: NDArray[np.bool_], ignore: int | None) -> Sample:
    """The sample with the labels of what lies under a cover (H, W) taken back."""
    mask = sample.mask
    if mask is not None and ignore is not None:
        mask = np.where(covered, mask.dtype.type(ignore), mask)
    return dataclasses.replace(sample, objects=cover(sample.objects, covered), mask=mask)


def _note(record: dict[str, Any], drawn: dict[str, Any], amounts: dict[str, Any]) -> None:
    """Record what `resolve` added or changed."""
    resolved = {key: value for key, value in amounts.items() if key not in drawn or drawn[key] != value}
    if resolved:
        record["resolved"] = resolved


def _guest(
    setting: Setting, step: str, slot: int, partner: Partner, rng: Stream, number: int, story: Story
) -> Sample:
    """The first candidate that decodes, after the steps that stand before the mix."""
    own = rng.child(step, "slot", slot)
    for candidate in partner.candidates:
        row: dict[str, Any] = {"step": step, "slot": slot, "source": candidate.key}
        if candidate.tile is not None:
            row["tile"] = list(candidate.tile)
        story.partners.append(row)
        try:
            source = open_source(setting, candidate)
        except ItemError as error:
            if error.code == "memory_limit":  # the next run may have more, and would take this one
                raise
            row["error"] = error.code
            story.warnings.append(f"{step}: {candidate.key} was passed over: {error.text}")
            continue
        row["sha256"] = source.sha256
        if source.mask_sha256 is not None:
            row["mask_sha256"] = source.mask_sha256
        story.laps.lap("partners")
        theirs = Story(laps=story.laps)
        steps = script(steps_before(setting.recipe.steps, step), own, number, candidate.categories)
        sample = _drawn(setting, source.sample, steps, own, number, partner.partners, theirs)
        if theirs.steps:
            row["steps"] = theirs.steps
        if theirs.partners:
            row["partners"] = theirs.partners
        story.warnings += theirs.warnings
        return sample
    raise ItemError("no_partner", step=step, tried=len(partner.candidates))


def used_partners(rows: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Every partner row, nested ones too."""
    for row in rows:
        yield row
        yield from used_partners(row.get("partners", ()))
