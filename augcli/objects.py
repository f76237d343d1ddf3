"""The objects of one image: an aligned table of categories, evidence, keypoints and more.

Coordinates are float64 (x, y) in pixels of the image, pixel i covering [i, i+1). Boxes are not stored: they
are made from the evidence once, at the end (`labels.boxes`). `select` and `concat` alone change the
length of a table; they are written once over all columns, so that no column can be left behind.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Ring = NDArray[np.float64]
"""(n, 2) vertices of a closed line, n >= 3; the last is joined to the first."""

Bounds = tuple[float, float, float, float]
"""x0, y0, x1, y1 in pixels."""

_FEW = 32
"""Points up to which plain Python finds the smallest and largest faster than numpy."""

Part = tuple[Ring, ...]
"""A polygon: its outer ring, then its holes."""

Points = NDArray[np.float64]
"""(K, 3): x, y and visibility of each keypoint (COCO: 0 not labelled, 1 hidden, 2 visible)."""


@dataclass(frozen=True, eq=False)
class Outline:
    """Vector evidence: one or more polygons with holes, whose union is the object.

    kind   what the label was, and what is written again where the format can hold it:
           box (four corners), rotated (four corners of a rotated box), polygon
    """

    parts: tuple[Part, ...]
    kind: str = "polygon"

    @cached_property
    def bounds(self) -> Bounds | None:
        """(x0, y0, x1, y1) around all parts; None where there are none. Asked for often, so kept."""
        rings = self.vertices()
        if not rings:
            return None
        points = rings[0] if len(rings) == 1 else np.concatenate(rings)
        if len(points) <= _FEW:
            x, y = zip(*points.tolist(), strict=True)
            return min(x), min(y), max(x), max(y)
        (x0, y0), (x1, y1) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
        return x0, y0, x1, y1

    def vertices(self) -> list[Ring]:
        """Its rings, in order."""
        return [ring for part in self.parts for ring in part]

    @classmethod
    def box(cls, x0: float, y0: float, x1: float, y1: float) -> Self:
        """The corners of an axis-aligned box, clockwise from the top left."""
        return cls.boxes([(x0, y0, x1, y1)])[0]

    @classmethod
    def boxes(cls, edges: Sequence[Sequence[float]]) -> list[Self]:
        """`box` for many: x0, y0, x1, y1 of each."""
        corners = [((x0, y0), (x1, y0), (x1, y1), (x0, y1)) for x0, y0, x1, y1 in edges]
        return [cls(((ring,),), "box") for ring in np.array(corners, dtype=np.float64)]


@dataclass(frozen=True, eq=False)
class Bitmap:
    """Raster evidence: the pixels of an instance. `mask` (h, w) bool, its top left pixel at (x, y).

    share   (h, w) uint8: how much of each pixel is the instance's, of 255, where a move has resampled it;
            None: all or nothing. The next move goes on from there, so that rounding does not add up.
    """

    mask: NDArray[np.bool_]
    x: int = 0
    y: int = 0
    share: NDArray[np.uint8] | None = None

    @cached_property
    def bounds(self) -> Bounds | None:
        """(x0, y0, x1, y1) around the pixels that are set; None where none is."""
        rows, columns = np.flatnonzero(self.mask.any(axis=1)), np.flatnonzero(self.mask.any(axis=0))
        if not rows.size:
            return None
        left, top = self.x + columns[0], self.y + rows[0]
        return float(left), float(top), float(self.x + columns[-1] + 1), float(self.y + rows[-1] + 1)

    def vertices(self) -> list[Ring]:
        """The corners of `mask` as one ring; none where it has no pixels."""
        height, width = self.mask.shape
        edges = (self.x, self.y, self.x + width, self.y + height)
        return Outline.box(*edges).vertices() if self.mask.size else []


Evidence = Outline | Bitmap


@dataclass(frozen=True, eq=False)
class Objects:
    """N objects.

    category   class names
    evidence   where each one is
    keypoints  (K, 3) arrays in the order of the category's keypoint names; None where there are none
    visible    share of the original object that is still to be seen, in [0, 1]
    id         ids of the source's labels; None where there are none
    crowd      COCO's iscrowd: a region of many, not one object
    extra      further columns of the label file, JSON values by name
    """

    category: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    keypoints: tuple[Points | None, ...] = ()
    visible: tuple[float, ...] = ()
    id: tuple[int | str | None, ...] = ()
    crowd: tuple[bool, ...] = ()
    extra: tuple[Mapping[str, Any], ...] = ()

    def __post_init__(self) -> None:
        lengths = {*map(len, (self.category, self.evidence, self.keypoints, self.visible, self.id))}
        lengths |= {len(self.crowd), len(self.extra)}
        if len(lengths) > 1:
            raise ValueError(f"columns of different lengths: {sorted(lengths)}")

    @classmethod
    def of(cls, rows: Iterable[Thing]) -> Self:
        """The table of these rows."""
        return cls(*zip(*map(_COLUMNS, rows), strict=True))

    def __len__(self) -> int:
        return len(self.category)

    @cached_property
    def vertices(self) -> tuple[NDArray[np.float64], list[tuple[int, int]]]:
        """All points of the evidence, (M, 2), of bitmaps their corners; and [begin, end) of each object's.

        Every copy of an image moves the same, so they are kept.
        """
        arrays: list[NDArray[np.float64]] = []
        spans = []
        end = 0
        for evidence in self.evidence:
            begin = end
            rings = evidence.vertices()
            arrays += rings
            end += sum(map(len, rings))
            spans.append((begin, end))
        return np.concatenate(arrays) if arrays else np.empty((0, 2)), spans

    @property
    def bounds(self) -> list[Bounds | None]:
        """(x0, y0, x1, y1) around each object, None where nothing is."""
        return [evidence.bounds for evidence in self.evidence]

    def public(self) -> Self:
        """Without the extra columns that have a colon in their name: those are a format's own, and true only
        of labels that nothing touched.
        """
        if not any(":" in name for columns in self.extra for name in columns):
            return self
        extra = tuple({name: columns[name] for name in columns if ":" not in name} for columns in self.extra)
        return dataclasses.replace(self, extra=extra)

    def rows(self) -> Iterator[Thing]:
        """The objects one by one."""
        first = self.category, self.evidence, self.keypoints, self.visible
        for row in zip(*first, self.id, self.crowd, self.extra, strict=True):
            yield Thing(*row)

    def select(self, indices: Sequence[int]) -> Self:
        """The rows of these indices, in their order."""
        return type(self)(
            *(
                tuple(getattr(self, column.name)[index] for index in indices)
                for column in dataclasses.fields(self)
            )
        )

    def concat(self, other: Self) -> Self:
        """These rows, then those of the other table."""
        return type(self)(
            *(getattr(self, column.name) + getattr(other, column.name) for column in dataclasses.fields(self))
        )


@dataclass(frozen=True, eq=False)
class Thing:
    """One row of `Objects`, for readers of label files to build tables from."""

    category: str
    evidence: Evidence
    keypoints: Points | None = None
    visible: float = 1.0
    id: int | str | None = None
    crowd: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)


_COLUMNS = attrgetter(*(column.name for column in dataclasses.fields(Objects)))

NOTHING = Objects()
"""An image without objects."""
