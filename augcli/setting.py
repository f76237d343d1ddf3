"""What all images of a run share: the recipe and the vocabulary of the dataset."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

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
    def vocabulary(self) -> str:
        """Digest of the categories: their numbers and keypoints decide what is written."""
        facts = [dataclasses.astuple(category) for category in self.dataset.categories]
        return hashlib.sha256(json.dumps([facts, self.dataset.ignore]).encode()).hexdigest()

    @cached_property
    def plain(self) -> dict[str, list[Any]]:
        """The `steps` and `prepare` of the recipe as plain data: once for all images, which takes time."""
        recipe = self.recipe
        return {
            "steps": [step_plain(node) for node in recipe.steps],
            "prepare": [step_plain(step) for step in recipe.prepare],
        }

    @cached_property
    def plain_steps(self) -> dict[str, list[Any]]:
        """Id, op and parameters of each step, by its id."""
        every = all_steps(self.recipe.steps)
        return {step.id: [step.id, step.op.name, parameters_plain(step)] for step in every}

    def settled(self, target: str) -> str:
        """JSON of what else of the dataset decides label files of the format `target`."""
        if target not in self._settled:
            self._settled[target] = json.dumps(formats.settled(target, self.dataset))
        return self._settled[target]

    @cached_property
    def _settled(self) -> dict[str, str]:
        return {}

    @cached_property
    def keeping(self) -> Rules:
        """What an object must keep to stay labelled."""
        labels = self.recipe.labels
        return Rules(labels.min_visibility, labels.min_area, labels.min_size)
