"""What all images of a run share: the recipe and the vocabulary of the dataset."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from functools import cached_property

from augcli import formats
from augcli.camera import LabelRules
from augcli.labels import Rules, Symmetry
from augcli.recipe.identity import parameters_plain, step_plain
from augcli.recipe.model import Recipe, all_steps
from augcli.sample import SIDED, Dataset


@dataclass(frozen=True)
class Setting:
    """A recipe and the dataset it is applied to."""

    recipe: Recipe
    dataset: Dataset

    @cached_property
    def rules(self) -> LabelRules:
        """What mirrors and turns exchange, and which mask value counts for nothing."""
        ids = {category.name: category.id for category in self.dataset.categories}
        classes, turns = dict(self.recipe.symmetry.pairs), dict(self.recipe.symmetry.turns)
        symmetry = Symmetry(
            {category.name: category.flip for category in self.dataset.categories if category.flip},
            classes,
            {ids[left]: ids[right] for left, right in classes.items() if left in ids and right in ids},
            self.dataset.info.get(SIDED, {}),
            turns,
            {ids[one]: ids[other] for one, other in turns.items() if one in ids and other in ids},
        )
        return LabelRules(symmetry, self.dataset.ignore)

    @cached_property
    def digest(self) -> str:
        """Of what decides every output alike; see `build`. Taken once, because JSON takes time."""
        recipe = self.recipe
        options, canvas, symmetry = recipe.output.encode, recipe.canvas, recipe.symmetry
        return _digest(
            {
                "prepare": [step_plain(step) for step in recipe.prepare],
                "canvas": [canvas.border, canvas.fill, canvas.interpolation],
                "levels": recipe.input.levels,
                "max_megapixels": recipe.input.max_megapixels,
                "encode": [options.quality, options.subsampling, options.level, options.background],
                "symmetry": [symmetry.pairs, symmetry.turns],
            }
        )

    @cached_property
    def steps_digest(self) -> str:
        """Of all steps: what decides a copy whose partners pass through others than its own."""
        return _digest([step_plain(node) for node in self.recipe.steps])

    @cached_property
    def step_digests(self) -> dict[str, str]:
        """Of id, op and parameters of each step, by its id."""
        every = all_steps(self.recipe.steps)
        return {step.id: _digest([step.id, step.op.name, parameters_plain(step)]) for step in every}

    def labels_digest(self, target: str) -> str:
        """Of what decides the labels of every output written as `target`: categories by their numbers and
        keypoints, what must be left of an object, and what the format settles for the whole dataset.
        """
        if target not in self._labels_digests:
            facts = [
                *(target, formats.settled(target, self.dataset), self.dataset.format, self.dataset.ignore),
                [dataclasses.astuple(category) for category in self.dataset.categories],
                dataclasses.astuple(self.keeping),
            ]
            self._labels_digests[target] = _digest(facts)
        return self._labels_digests[target]

    @cached_property
    def _labels_digests(self) -> dict[str, str]:
        return {}

    @cached_property
    def keeping(self) -> Rules:
        """What an object must keep to stay labelled."""
        labels = self.recipe.labels
        return Rules(labels.min_visibility, labels.min_area, labels.min_size)


def _digest(value: object) -> str:
    """16 bytes in hex, of a JSON value."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
