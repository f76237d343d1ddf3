"""Left and right: what a mirror exchanges beside places."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augcli.objects import Objects


@dataclass(frozen=True)
class Symmetry:
    """What changes its name in a mirror.

    keypoints  category -> for each keypoint, the index of the one whose place it takes (YOLO's `flip_idx`)
    classes    class name -> its mirror image's; one direction is enough
    ids        the same for the values of a semantic mask
    columns    extra column -> the same for its values (VOC's pose: Left, Right)
    """

    keypoints: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    classes: Mapping[str, str] = field(default_factory=dict)
    ids: Mapping[int, int] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def twin(self, name: str) -> str:
        """The class that this one is in a mirror."""
        return _twin(name, self.classes)

    def mirror_weights(self, weights: Mapping[str, float]) -> dict[str, float]:
        """Class weights as a mirror shows them."""
        return {self.twin(name): weight for name, weight in weights.items()}

    def mirror_columns(self, columns: Mapping[str, Any]) -> Mapping[str, Any]:
        """Extra columns of an object as a mirror shows it."""
        changed = {
            name: _twin(columns[name], pairs)
            for name, pairs in self.columns.items()
            if isinstance(columns.get(name), str)
        }
        return {**columns, **changed} if changed else columns

    def mirror_ids(self, mask: NDArray[Any]) -> NDArray[Any]:
        """A semantic mask with its values exchanged; the mask itself when nothing is."""
        if not self.ids:
            return mask
        pairs = {right: left for left, right in self.ids.items()} | dict(self.ids)
        table: NDArray[Any] = np.arange(int(np.iinfo(mask.dtype).max) + 1).astype(mask.dtype)
        for old, new in pairs.items():
            table[old] = new
        return np.asarray(table[mask])


def _twin(name: str, pairs: Mapping[str, str]) -> str:
    """What stands on the other side of the name in these pairs, whichever side it is on."""
    if name in pairs:
        return pairs[name]
    return next((left for left, right in pairs.items() if right == name), name)


NO_SYMMETRY = Symmetry()


def mirrored(objects: Objects, symmetry: Symmetry) -> Objects:
    """Left and right exchanged as the symmetry says: keypoints of each category, class names, columns."""
    if symmetry == NO_SYMMETRY:
        return objects
    keypoints = tuple(
        array if array is None or name not in symmetry.keypoints else array[list(symmetry.keypoints[name])]
        for name, array in zip(objects.category, objects.keypoints, strict=True)
    )
    category = tuple(symmetry.twin(name) for name in objects.category)
    extra = objects.extra
    if symmetry.columns:
        extra = tuple(map(symmetry.mirror_columns, extra))
    return dataclasses.replace(objects, category=category, keypoints=keypoints, extra=extra)
