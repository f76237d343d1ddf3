"""Left and right, up and down: what a move exchanges beside places."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from augcli.geometry import Matrix, mirrors, quarter_turns
from augcli.objects import Objects

_Name = TypeVar("_Name", bound=Hashable)


@dataclass(frozen=True)
class Exchange:
    """What one move makes of names; what it leaves is in no mapping.

    keypoints  category -> for each keypoint, the index of the one whose place it takes
    classes    class name -> the new one
    ids        value of a semantic mask -> the new one
    columns    extra column of objects -> value -> the new one
    """

    keypoints: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    classes: Mapping[str, str] = field(default_factory=dict)
    ids: Mapping[int, int] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def weights(self, weights: Mapping[str, float]) -> Mapping[str, float]:
        """Class weights after the move."""
        return {self.classes.get(name, name): weight for name, weight in weights.items()}

    def mask(self, mask: NDArray[Any]) -> NDArray[Any]:
        """A semantic mask with its values exchanged; the mask itself when nothing is."""
        if not self.ids:
            return mask
        table: NDArray[Any] = np.arange(int(np.iinfo(mask.dtype).max) + 1).astype(mask.dtype)
        for old, new in self.ids.items():
            table[old] = new
        return np.asarray(table[mask])

    def objects(self, objects: Objects) -> Objects:
        """Keypoints of each category, class names and columns exchanged."""
        if self == NOTHING:
            return objects
        keypoints = tuple(
            array if array is None or name not in self.keypoints else array[list(self.keypoints[name])]
            for name, array in zip(objects.category, objects.keypoints, strict=True)
        )
        category = tuple(self.classes.get(name, name) for name in objects.category)
        extra = tuple(map(self._of_columns, objects.extra)) if self.columns else objects.extra
        return dataclasses.replace(objects, category=category, keypoints=keypoints, extra=extra)

    def _of_columns(self, columns: Mapping[str, Any]) -> Mapping[str, Any]:
        changed = {
            name: values[columns[name]]
            for name, values in self.columns.items()
            if isinstance(columns.get(name), str) and columns[name] in values
        }
        return {**columns, **changed} if changed else columns


NOTHING = Exchange()


@dataclass(frozen=True)
class Symmetry:
    """What changes its name in a mirror, or turned by a quarter turn.

    keypoints  category -> for each keypoint, the index of the one whose place it takes in a mirror (YOLO's
               `flip_idx`)
    classes    class name -> its mirror image's; one direction is enough
    ids        the same for the values of a semantic mask
    columns    extra column -> the same for its values (VOC's pose: Left, Right)
    turns      class name -> what it is after a quarter turn counter-clockwise
    turned_ids the same for the values of a semantic mask
    """

    keypoints: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    classes: Mapping[str, str] = field(default_factory=dict)
    ids: Mapping[int, int] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    turns: Mapping[str, str] = field(default_factory=dict)
    turned_ids: Mapping[int, int] = field(default_factory=dict)

    def under(self, matrix: Matrix) -> Exchange:
        """What a move exchanges: it mirrors left and right where its determinant is negative, and then turns
        by the nearest number of quarter turns.
        """
        mirrored = self != NO_SYMMETRY and mirrors(matrix)
        turned = quarter_turns(matrix) if self.turns or self.turned_ids else 0
        if not mirrored and not turned:
            return NOTHING
        return Exchange(
            self.keypoints if mirrored else {},
            _after(self.classes if mirrored else {}, self.turns, turned),
            _after(self.ids if mirrored else {}, self.turned_ids, turned),
            {name: _after(pairs, {}, 0) for name, pairs in self.columns.items()} if mirrored else {},
        )


def _after(pairs: Mapping[_Name, _Name], turns: Mapping[_Name, _Name], times: int) -> dict[_Name, _Name]:
    """Name -> the other of its pair, turned so many times; without those that stay."""
    both = {right: left for left, right in pairs.items()} | dict(pairs)
    found = {}
    for name in (*both, *turns):
        new = both.get(name, name)
        for _ in range(times):
            new = turns.get(new, new)
        if new != name:
            found[name] = new
    return found


NO_SYMMETRY = Symmetry()
