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
from augcli.recipe.model import Recipe
from augcli.sample import SIDED, Dataset


@dataclass(frozen=True)
class Setting:
    """A recipe and the dataset it is applied to."""

    recipe: Recipe
    dataset: Dataset

    @cached_property
    def rules(self) -> LabelRules:
        """What a mirror exchanges, and which mask value counts for nothing."""
        ids = {category.name: category.id for category in self.dataset.categories}
        classes = dict(self.recipe.symmetry.pairs)
        symmetry = Symmetry(
            {category.name: category.flip for category in self.dataset.categories if category.flip},
            classes,
            {ids[left]: ids[right] for left, right in classes.items() if left in ids and right in ids},
            self.dataset.info.get(SIDED, {}),
        )
        return LabelRules(symmetry, self.dataset.ignore)

    @cached_property
    def vocabulary(self) -> str:
        """Digest of the categories: their numbers and keypoints decide what is written."""
        facts = [dataclasses.astuple(category) for category in self.dataset.categories]
        return hashlib.sha256(json.dumps([facts, self.dataset.ignore]).encode()).hexdigest()

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
