"""Written labels held against what the output's pixels show.

Boxes, masks and keypoints are found anew from the pixels. A side of a box is known to a range: from where
the object is most of a pixel to where it is the least part of one; the error is the distance to that range.
An object that something covers keeps its box and outline, which then cannot be seen; its pixels must lie in
them all the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from augcli.objects import Bitmap, Outline, Thing
from tests.proof.pixels import Plane, Shown, Sides, grown, shrunk, sides
from tests.proof.report import Worst
from tests.proof.scenes import COVER, FILL, IGNORE, NUMBER, TWINS, Painted, World, inside
from tests.proof.shapes import angles, apart, common, extent, is_box, turn
from tests.proof.written import Written

SIDE, IOU, POINT = 1.0, 0.97, 1.0
LARGE = 6400
"""Pixels above which the share in common is judged."""

_FEW = 12
"""Pixels of a dot below which its place is not asked for."""

_SLIGHT = 0.05
"""The share of a covered object that may be too little to be seen."""

_SURE = 3
"""A thing that is as wide and as high as this must be labelled."""


@dataclass(frozen=True)
class Checker:
    """Compares, keeps the worst figures, yields what is wrong in words."""

    world: World
    worst: Worst

    def check(self, image: NDArray[np.uint8], written: Written, where: str) -> list[str]:
        shown = Shown.of(image)
        self.worst.count("pairs")
        wrong = list(self._objects(shown, written, where)) if written.objects else []
        if written.mask is not None:
            wrong += self._mask(shown, written)
        return [f"{where}: {each}" for each in wrong]

    def _objects(self, shown: Shown, written: Written, where: str) -> Iterator[str]:
        labelled: dict[int, list[int]] = {}
        for index, thing in enumerate(written.things):
            labelled.setdefault(int(thing.id or self._covering(shown, thing)), []).append(index)
        for number, (scene, painted) in self.world.by_id.items():
            seen = shown.of_colours(*painted.body)
            if scene.name in written.repeated:
                continue
            indices = labelled.get(number, [])
            box = sides(seen & grown(shown.pure))
            if not indices:
                if box and min(box[2] - box[0], box[3] - box[1]) >= _SURE:
                    yield f"{painted.thing.category} {number} is seen in {box} and not labelled"
                continue
            if len(indices) > 1:
                yield f"{painted.thing.category} {number} is labelled {len(indices)} times"
                continue
            for problem in self._object(shown, written, indices[0], painted, seen, where):
                yield f"{painted.thing.category} {number}: {problem}"
        for number in labelled.keys() - self.world.by_id.keys():
            for index in labelled[number]:
                if written.things[index].visible >= _SLIGHT:
                    yield f"{written.things[index].category} at {written.boxes[index]} was not painted"

    def _covering(self, shown: Shown, thing: Thing) -> int:
        """The id of the object of which the most is seen inside of a label that says none; else 0."""
        label = inside(thing.evidence, shown.size)
        counts = {
            n: np.count_nonzero(shown.of_colours(*one.body) & label)
            for n, (_, one) in self.world.by_id.items()
        }
        best = max(counts, key=lambda n: counts[n])
        return best if counts[best] else 0

    def _object(
        self, shown: Shown, written: Written, index: int, painted: Painted, seen: Plane, where: str
    ) -> Iterator[str]:
        thing, box = written.things[index], written.boxes[index]
        mirrored = self._mirrored(shown, painted)
        names = {painted.thing.category}
        if painted.dots:
            twin = TWINS[painted.thing.category]
            names = {twin} if mirrored else names if mirrored is False else names | {twin}
        if thing.category not in names:
            yield f"is called {thing.category}, shown is {' or '.join(sorted(names))}"
        label = inside(thing.evidence, shown.size)
        hidden = written.covers and self._hidden(shown, thing, painted, label)
        if hidden:
            self.worst.count("covered")
        elif written.rotated:
            yield from self._rotated(shown, thing, seen, where)
        else:
            slight = written.covers and thing.visible < _SLIGHT
            yield from self._box(shown, painted, seen, box, label, slight, where)
        bitmap = isinstance(thing.evidence, Bitmap)
        if not written.boxed or written.rotated:
            if (seen & shown.pure & ~grown(label)).any():
                yield "is seen outside of its outline or mask"
            if not written.boxed and not is_box(thing) and (bitmap or not hidden):
                yield from self._shape(shown, seen, label, where)
        if thing.keypoints is not None and painted.dots:
            yield from self._keypoints(shown, thing, painted, mirrored, where)

    def _hidden(self, shown: Shown, thing: Thing, painted: Painted, label: Plane) -> bool:
        """Whether something that is not of its scene lies on the object, which says so itself."""
        scene, _ = self.world.by_id[int(painted.thing.id or 0)]
        own = shown.of_colours(*painted.body, scene.background)
        foreign = label & shown.pure & ~own
        # A neighbour reaches over the boundary by a pixel; what lies on the object is wider, or clear of it.
        wide = foreign[1:, 1:] & foreign[:-1, :-1]
        return thing.visible < 1.0 and bool(wide.any() or (foreign & shrunk(label)).any())

    def _box(
        self, shown: Shown, painted: Painted, seen: Plane, box: Sides, label: Plane, slight: bool, where: str
    ) -> Iterator[str]:
        # An island of mixtures, as a remainder two pixels thick is, shows nothing purely. It is the object's
        # where the label says so and the colours allow that it is most of each pixel.
        island = label & ~shown.known & shown.may_be(painted.colour)
        inner, outer = sides(seen), sides(shown.touched(seen) | island)
        if inner is None or outer is None:
            if min(box[2] - box[0], box[3] - box[1]) >= _SURE and not slight:
                yield f"is labelled at {box} and not seen"
            return
        self.worst.count("boxes")
        off = apart(box, box, inner, outer)
        if off > SIDE:
            # What is less than three pixels thick, as the end of a slanted corner is, shows badly how long it
            # is: a shift by a fraction of a pixel moves the point of a needle by several.
            thick, shown_thick = (sides(grown(shrunk(plane))) for plane in (label, seen))
            self.worst.count("needles")
            off = apart(box, thick, shown_thick, outer) if thick and shown_thick else 0.0
            box, inner = thick or box, shown_thick or inner
        if off > self.worst.side:
            self.worst.side, self.worst.at["side"] = off, where
        if off > SIDE:
            yield f"its box is {box}, seen are {inner} to {outer}"
        if np.count_nonzero(seen) > LARGE:
            # The box that may be seen and is nearest to the written one.
            ranges = zip(inner, outer, box, strict=True)
            x0, y0, x1, y1 = (min(max(side, min(a, b)), max(a, b)) for a, b, side in ranges)
            share = common((x0, y0, x1, y1), box)
            if share < self.worst.box_iou:
                self.worst.box_iou, self.worst.at["box IoU"] = share, where
            if share < IOU:
                yield f"its box has only {share:.4f} in common with {inner} to {outer}"

    def _rotated(self, shown: Shown, thing: Thing, seen: Plane, where: str) -> Iterator[str]:
        """The extent of the pixels along both sides of the box against the lengths of these."""
        assert isinstance(thing.evidence, Outline)
        corners = thing.evidence.parts[0][0]
        right = angles(corners)
        if np.abs(right - 90.0).max() > 0.1:  # a slanted box is written as it is
            yield from self._shape(shown, seen, inside(thing.evidence, shown.size), where)
            return
        if not seen.any() or (seen & ~shrunk(np.ones_like(seen))).any():
            return  # what the frame cuts has needles; that all of it is in the box was looked at
        for end in (corners[1], corners[3]):
            length = float(np.hypot(*(end - corners[0])))
            if length < _SURE:
                continue
            way = (end - corners[0]) / length
            # The middle of a pixel that shows most of the object lies in it, that of one which shows the
            # least of it outside: the end is between the two. On a slanted side middles come as near to it
            # as one likes: half a pixel more, as for upright sides, would be half a pixel too much.
            inner, outer = (extent(plane, corners[0], way) for plane in (seen, shown.touched(seen)))
            off = apart((0.0, length), (0.0, length), inner, outer)
            self.worst.count("rotated sides")
            if off > self.worst.side:
                self.worst.side, self.worst.at["side"] = off, where
            if off > SIDE:
                yield f"its rotated box is {corners.tolist()}, off by {off}"

    def _shape(self, shown: Shown, seen: Plane, label: Plane, where: str) -> Iterator[str]:
        self.worst.count("masks")
        if ((shrunk(seen) & ~label | shrunk(label) & ~seen) & shown.pure).any():
            yield "its outline or mask differs from what is seen by more than the boundary"
        if np.count_nonzero(seen) > LARGE:
            share = np.count_nonzero(seen & label) / np.count_nonzero((seen | label) & shown.known)
            if share < self.worst.mask_iou:
                self.worst.mask_iou, self.worst.at["mask IoU"] = share, where
            if share < IOU:
                yield f"its mask has only {share:.4f} in common with what is seen"

    def _dots(self, shown: Shown, painted: Painted) -> list[tuple[float, float] | None]:
        """The middle of each dot that is seen whole."""
        found: list[tuple[float, float] | None] = []
        body = shown.of_colours(*painted.body)
        framed = np.pad(body, 2)
        for dot in painted.dots:
            plane = shown.of_colours(dot)
            whole = plane.any() and not (grown(np.pad(plane, 2), 2) & ~framed).any()
            rows, columns = np.nonzero(plane)
            found.append((float(columns.mean()) + 0.5, float(rows.mean()) + 0.5) if whole else None)
        return found

    def _mirrored(self, shown: Shown, painted: Painted) -> bool | None:
        """Whether the dots run the other way round than in the scene; None where that is not seen."""
        places = self._dots(shown, painted)
        if painted.thing.keypoints is None or any(place is None for place in places):
            return None
        before, after = turn(painted.thing.keypoints[:, :2]), turn(np.array(places))
        return bool(before * after < 0.0)

    def _keypoints(
        self, shown: Shown, thing: Thing, painted: Painted, mirrored: bool | None, where: str
    ) -> Iterator[str]:
        if mirrored is None:
            mirrored = thing.category != painted.thing.category
        order = (0, 2, 1) if mirrored else (0, 1, 2)
        points = np.asarray(thing.keypoints)[list(order)]
        for dot, place, (x, y, visible) in zip(painted.dots, self._dots(shown, painted), points, strict=True):
            if place is not None:
                self.worst.count("keypoints")
                off = float(np.hypot(place[0] - x, place[1] - y))
                if off > self.worst.point:
                    self.worst.point, self.worst.at["keypoint"] = off, where
                if off > POINT or visible != 2.0:
                    yield f"a keypoint is written at {x, y, visible} and seen at {place}"
            elif visible:
                column, row = min(int(x), shown.size[0] - 1), min(int(y), shown.size[1] - 1)
                plane = shown.of_colours(dot)
                here = plane[row, column]
                plane = plane if np.count_nonzero(plane) >= _FEW else shown.of_colours(*painted.body)
                if visible == 2.0 and not grown(plane | ~shown.known)[row, column]:
                    yield f"a keypoint is written as visible at {x, y} and not seen there"
                if visible == 1.0 and here and shown.calm[row, column]:
                    yield f"a keypoint is written as hidden at {x, y} and seen there"

    def _mask(self, shown: Shown, written: Written) -> Iterator[str]:
        """Every pixel with equal neighbours, by its colour."""
        assert written.mask is not None
        self.worst.count("semantic masks")
        if written.mask.shape != shown.colour.shape:
            yield f"the semantic mask is {written.mask.shape}, the picture {shown.colour.shape}"
            return
        table = np.zeros((256, 2), np.int64)
        table[[FILL, COVER]] = IGNORE
        for scene in self.world.scenes:
            table[scene.background] = 0
            for one in scene.painted:
                name = one.thing.category
                names = (name, TWINS.get(name, name))
                mirrored = self._mirrored(shown, one) if one.dots else False
                mirrored = None if scene.name in written.repeated else mirrored
                if mirrored is not None:
                    names = (names[1],) * 2 if mirrored else (name,) * 2
                table[list(one.body)] = [NUMBER[each] for each in names]
        right = (written.mask[..., None] == table[shown.colour]).any(axis=2) | ~shown.calm
        if not right.all():
            y, x = np.argwhere(~right)[0]
            yield (
                f"{(~right).sum()} pixels of the semantic mask, such as {x, y}: {written.mask[y, x]}, "
                f"shown is {table[shown.colour[y, x]]}"
            )
