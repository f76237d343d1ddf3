"""Sources and copies as `run` would write them: made by its own code, encoded, and decoded again.

So what is shown has every pixel of the file, what its compression does to it included.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from augcli import formats
from augcli.draw import shown
from augcli.errors import ItemError
from augcli.images import decode
from augcli.images.masks import read_mask
from augcli.labels import class_weights, finish
from augcli.overlay import Labels
from augcli.render import Source, open_source
from augcli.sample import Copy, Entry, Image, Job
from augcli.setting import Setting
from augcli.svg import labels_of
from augcli.work import Work

LIMITLESS = 1e9
"""Megapixels: what was just made may be decoded."""


@dataclass(frozen=True, eq=False)
class Guest:
    """A partner that was mixed in: its name, and its picture (H, W, 3) where it can be had."""

    name: str
    picture: Image | None


@dataclass(frozen=True, eq=False)
class Shot:
    """One picture. Copy 0 is the source, prepared.

    image     pixels as the file has them; None where they could not be made
    picture   the same as (H, W, 3) uint8 for the eye
    row       what the manifest would say; of the source, its labels and warnings
    error     why there is no picture
    """

    copy: int
    row: Mapping[str, Any]
    image: Image | None = None
    picture: Image | None = None
    labels: Labels | None = None
    weights: Mapping[str, float] = dataclasses.field(default_factory=dict)
    guests: tuple[Guest, ...] = ()
    error: str = ""


@dataclass(frozen=True, eq=False)
class Row:
    """A source and its copies."""

    entry: Entry
    source: Shot
    copies: tuple[Shot, ...]


class Studio:
    """Takes the pictures of a preview; `target` is the name of the format that would be written."""

    def __init__(self, setting: Setting, target: str) -> None:
        self.setting = setting
        self.target = target
        self.work = Work(setting, "", "", target)
        self._guests: dict[tuple[str, str], Image | None] = {}

    def row(self, job: Job) -> Row:
        """A source with these copies; what fails has its error in place of a picture."""
        try:
            source = open_source(self.setting, job.entry)
        except ItemError as error:
            lost = Shot(0, {"warnings": []}, error=error.text)
            return Row(job.entry, lost, tuple(Shot(copy.number, {}, error=error.text) for copy in job.copies))
        copies = tuple(self._copy(job.entry, copy, source) for copy in job.copies)
        return Row(job.entry, self._source(source), copies)

    def _source(self, source: Source) -> Shot:
        sample, setting = source.sample, self.setting
        objects = sample.objects
        if source.prepared:
            objects = finish(objects, sample.size, setting.keeping)[0]
        dataset = setting.dataset
        labels = Labels(sample.size, objects, sample.mask, dataset.categories, dataset.ignore)
        row = {"size": list(sample.size), "warnings": list(source.picture.warnings)}
        return Shot(0, row, sample.image, self._shown(sample.image), labels, class_weights(sample))

    def _copy(self, entry: Entry, copy: Copy, source: Source) -> Shot:
        try:
            row, contents = self.work.make(entry, copy, source)
        except ItemError as error:
            return Shot(copy.number, self.work.row(entry, copy, source), error=error.text)
        files = {file["kind"]: data for file, data in zip(row["files"], contents, strict=True)}
        image = decode(files["image"], max_megapixels=LIMITLESS).image
        mask = read_mask(files["mask"], max_megapixels=LIMITLESS)[0] if "mask" in files else None
        dataset = self.setting.dataset
        labels = labels_of(row, dataset.categories, formats.void(self.target, dataset), mask)
        told = row["labels"]
        weights = dict(zip(told["classes"], told["weights"], strict=True))
        guests = tuple(self._mixed_in(row["partners"], copy))
        return Shot(copy.number, row, image, self._shown(image), labels, weights, guests)

    def _shown(self, image: Image) -> Image:
        low, high = self.setting.recipe.input.levels or (0, 65535)
        return shown(image, low, high)

    def _mixed_in(self, partners: Sequence[Mapping[str, Any]], copy: Copy) -> Iterator[Guest]:
        """The partners whose pixels are in a copy, in the order of their slots."""
        candidates = {
            (entry.key, entry.tile): entry
            for slots in copy.partners.values()
            for slot in slots
            for entry in slot.candidates
        }
        for partner in partners:
            tile = tuple(partner["tile"]) if "tile" in partner else None
            entry = candidates.get((partner["source"], tile))
            if "error" not in partner and entry is not None:
                yield Guest(partner["source"], self._guest(entry))

    def _guest(self, entry: Entry) -> Image | None:
        place = entry.split, entry.key
        if place not in self._guests:
            try:
                self._guests[place] = self._shown(open_source(self.setting, entry).sample.image)
            except ItemError:
                self._guests[place] = None
        return self._guests[place]
