"""Polygons cut to a rectangle: any rings, concave, with holes, touching themselves.

Sutherland and Hodgman (1974) cut a ring by one half-plane after the other. Of a ring that leaves and returns
they keep thin bridges along the border, there and back. These cancel: the edges on each side of the
rectangle are split where any of them ends, opposite ones are struck out, and what is left is traced into
rings again. The rings of a part are cut together, so that a hole that meets the border becomes a notch.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from augcli.objects import Part, Points, Ring

Point = tuple[float, float]
Chain = list[Point]
"""Points along a line, from its first to its last; a step of the tracing."""


_FEW = 8
"""Points up to which plain Python is faster than numpy, which also sums that few one after the other."""


def ring_area(ring: Ring) -> float:
    """The signed area of a simple ring (the shoelace formula), positive when clockwise on the screen."""
    if len(ring) <= _FEW:
        return _area(ring.tolist())
    x, y = ring[:, 0] - ring[0, 0], ring[:, 1] - ring[0, 1]  # near zero, where products lose nothing
    return 0.5 * float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum())


def _area(points: Sequence[Sequence[float]]) -> float:
    x0, y0 = points[0]
    total = x = y = 0.0
    for next_x, next_y in points[1:]:
        next_x, next_y = next_x - x0, next_y - y0
        total += x * next_y - next_x * y
        x, y = next_x, next_y
    return 0.5 * total


def part_area(part: Part) -> float:
    """The area of the outer ring without its holes, in square pixels."""
    outer, *holes = (abs(ring_area(ring)) for ring in part)
    return max(0.0, outer - sum(holes))


def half(ring: Sequence[Point], normal: tuple[float, float, float]) -> list[Point]:
    """The ring where a x + b y + c >= 0 for `normal` (a, b, c): one cut of Sutherland and Hodgman.

    New points lie exactly on the line where that is parallel to an axis.
    """
    a, b, c = normal
    cut: list[Point] = []
    x0, y0 = ring[-1]
    before = a * x0 + b * y0 + c
    for x1, y1 in ring:
        here = a * x1 + b * y1 + c
        if (before < 0.0) != (here < 0.0):
            share = before / (before - here)
            x = -c / a if b == 0.0 else x0 + share * (x1 - x0)
            y = -c / b if a == 0.0 else y0 + share * (y1 - y0)
            cut.append((x, y))
        if here >= 0.0:
            cut.append((x1, y1))
        x0, y0, before = x1, y1, here
    return cut


def clip_parts(parts: Sequence[Part], width: float, height: float) -> tuple[Part, ...]:
    """The parts inside [0, width] x [0, height]; one may become several, or none."""
    return tuple(cut for part in parts for cut in clip_part(part, width, height))


def clip_part(part: Part, width: float, height: float) -> tuple[Part, ...]:
    """A polygon inside [0, width] x [0, height]: parts of positive area that share no more than points.

    Of what had to be cut, outer rings are clockwise on the screen and holes are not, but for quadrangles.
    """
    convex = clip_convex(part, width, height)
    if convex is not None:
        return convex[0]
    cuts = [_cut([(x, y) for x, y in ring.tolist()], width, height) for ring in part]
    if not any(changed for _, changed in cuts):
        return (part,)
    rings = []
    for number, (points, _) in enumerate(cuts):
        clockwise = ring_area(part[number]) >= 0.0
        if len(points) >= 3:
            rings.append(points if clockwise == (number == 0) else points[::-1])
    return _grouped([ring for ring in _traced(rings, width, height) if ring_area(ring) != 0.0])


def clip_convex(part: Part, width: float, height: float) -> tuple[tuple[Part, ...], float] | None:
    """A convex quadrangle, which a box is after any move, inside [0, width] x [0, height]; and which share of
    its area is. None for any other part.

    What is cut of it is convex too, so that there are no bridges.
    """
    if len(part) != 1 or len(part[0]) != 4:
        return None
    points = [(ax, ay), (bx, by), (cx, cy), (dx, dy)] = part[0].tolist()
    turns = (
        (bx - ax) * (cy - by) - (by - ay) * (cx - bx),
        (cx - bx) * (dy - cy) - (cy - by) * (dx - cx),
        (dx - cx) * (ay - dy) - (dy - cy) * (ax - dx),
        (ax - dx) * (by - ay) - (ay - dy) * (bx - ax),
    )
    if not (min(turns) > 0.0 or max(turns) < 0.0):
        return None
    cut, changed = _cut(points, width, height)
    if not changed:
        return (part,), 1.0
    after = abs(_area(cut)) if len(cut) >= 3 else 0.0
    if after == 0.0:
        return (), 0.0
    return ((np.array(cut),),), min(1.0, after / abs(_area(points)))


def _cut(points: list[Point], width: float, height: float) -> tuple[list[Point], bool]:
    """The ring after the four cuts, and whether one of them took something away."""
    xs, ys = zip(*points, strict=True)
    x0, y0, x1, y1 = min(xs), min(ys), max(xs), max(ys)
    changed = False
    for outside, normal in (
        (x0 < 0.0, (1.0, 0.0, 0.0)),
        (x1 > width, (-1.0, 0.0, width)),
        (y0 < 0.0, (0.0, 1.0, 0.0)),
        (y1 > height, (0.0, -1.0, height)),
    ):
        if outside and points:
            points = half(points, normal)
            changed = True
    return points, changed


def _traced(rings: Sequence[list[Point]], width: float, height: float) -> Iterator[Ring]:
    """The rings anew, without what runs along the border there and back."""
    sides: dict[tuple[int, float], list[tuple[float, float]]] = defaultdict(list)
    leaving: dict[Point, list[Chain]] = defaultdict(list)
    for points in rings:
        lines = [_side(begin, end, width, height) for begin, end in itertools.pairwise([*points, points[0]])]
        if not any(lines):
            yield np.array(points)
            continue
        start = next(i for i, line in enumerate(lines) if line)
        chain: Chain = []
        for i in [*range(start, len(points)), *range(start)]:
            here, there, line = points[i], points[(i + 1) % len(points)], lines[i]
            if line is None:
                chain = chain or [here]
                chain.append(there)
                continue
            if chain:
                leaving[chain[0]].append(chain)
                chain = []
            sides[line].append((here[1 - line[0]], there[1 - line[0]]))
        if chain:
            leaving[chain[0]].append(chain)
    for (axis, at), edges in sides.items():
        for begin, end in _uncancelled(edges):
            ends = ((at, begin), (at, end)) if axis == 0 else ((begin, at), (end, at))
            leaving[ends[0]].append([*ends])
    yield from _cycles(leaving)


def _side(begin: Point, end: Point, width: float, height: float) -> tuple[int, float] | None:
    """(axis, value) of the side of the rectangle that an edge runs along."""
    for axis, length in ((0, width), (1, height)):
        if begin[axis] == end[axis] and begin[axis] in (0.0, length):
            return axis, begin[axis]
    return None


def _uncancelled(edges: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """Directed pieces of one side that are left when opposite ones have struck each other out."""
    change: dict[float, int] = defaultdict(int)
    for begin, end in edges:
        change[begin] += 1
        change[end] -= 1
    places = sorted(change)
    count = 0
    for low, high in itertools.pairwise(places):
        count += change[low]
        for _ in range(abs(count)):
            yield (low, high) if count > 0 else (high, low)


def _cycles(leaving: dict[Point, list[Chain]]) -> Iterator[Ring]:
    """Chains joined to rings that pass each joint once. As many chains end at a point as leave it."""
    for start in list(leaving):
        path: list[Chain] = []
        passed: dict[Point, int] = {start: 0}
        here = start
        while leaving[here]:
            chain = leaving[here].pop()
            path.append(chain)
            here = chain[-1]
            if here in passed:
                loop = path[passed[here] :]
                del path[passed[here] :]
                passed = {chain[0]: place for place, chain in enumerate(path)} | {here: len(path)}
                points = [point for chain in loop for point in chain[:-1]]
                if len(points) >= 3:
                    yield np.array(points, dtype=np.float64)
            else:
                passed[here] = len(path)


def _grouped(rings: Sequence[Ring]) -> tuple[Part, ...]:
    """Outer rings with the holes in them. A hole in no ring is a lobe of a ring that crossed itself."""
    outers = [[ring] for ring in rings if ring_area(ring) > 0.0]
    for hole in (ring for ring in rings if ring_area(ring) < 0.0):
        middles = (hole + np.roll(hole, -1, axis=0)) / 2.0
        votes = [int(contains(outer[0], middles).sum()) for outer in outers]
        if any(votes):
            outers[votes.index(max(votes))].append(hole)
        else:
            outers.append([hole])
    return tuple(tuple(rings) for rings in outers)


def contains(ring: Ring, points: Points) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which of (N, 2) points lie inside the ring, by the even-odd rule."""
    x, y = points[:, 0, None], points[:, 1, None]
    x0, y0 = ring.T
    x1, y1 = np.roll(ring, -1, axis=0).T
    spans = (y0 <= y) != (y1 <= y)
    with np.errstate(divide="ignore", invalid="ignore"):
        left = x0 + (y - y0) * (x1 - x0) / (y1 - y0) <= x
    found: np.ndarray[tuple[int], np.dtype[np.bool_]] = (spans & left).sum(axis=1) % 2 == 1
    return found
