"""Labels that cannot be right, and what becomes of them: one judgement for all label formats.

A label is invalid when a coordinate is no finite number, when a box is inverted, when nothing of it has an
area or lies in the image, and when it leaves the image by more than one pixel. An overshoot of up to one
pixel is rounding by the tool that wrote it: it is clipped and counted, never invalid. The policy
(`labels.invalid` of the recipe) says what follows:

    refuse   nothing is kept of it; all problems together end the command
    drop     the label is left out and counted
    clip     it is cut at the image's border and counted; what cannot be cut is left out and counted

Knows coordinates in edges space (pixel i covers [i, i+1)) and no file format.
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from augcli.errors import Problem, UsageError, number_of

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1."""

Ring = Sequence[float]
"""x0, y0, x1, y1, ... of a closed line."""

Point = tuple[float, float, float]
"""x, y, visibility."""

Size = tuple[float, float] | None
"""(width, height) of the image; None where it is not known: then nothing lies beyond its far sides."""

SLACK = 1.0
"""Overshoot, in pixels, that is taken for rounding."""

SLACK_RELATIVE = 0.002
"""The same in shares of the side: a pixel of 500, for label files that do not say the image's size."""

HOPELESS = math.inf
"""The overshoot of a label that nothing can be kept of."""

REMEDY = "correct the label file, or go on without such labels: --set labels.invalid=drop"
RESTORE = "restore it, or go on without it: --set labels.invalid=drop"
CUT = "correct the label file, or go on: --set labels.invalid=clip (or drop)"


@dataclass
class Judge:
    """Judges the labels of one dataset and remembers what it found.

    policy    refuse, drop or clip
    slack     overshoot that is rounding, in the unit of the coordinates
    problems  what was invalid, under `refuse`
    counts    overshot, clipped, dropped: how many labels
    first     the first label that was dropped or clipped, for the notes
    """

    policy: str = "refuse"
    slack: float = SLACK
    problems: list[Problem] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)

    def box(self, box: Box, size: Size, where: str) -> Box | None:
        """The box, or what is kept of it; None when it is left out."""
        kept, fault, over = judge_box(box, size)
        return kept if not fault or self._goes_on(where, fault, over) else None

    def rings(self, rings: Sequence[Ring], size: Size, where: str) -> Sequence[Ring] | None:
        """The polygons of one object, or what is kept of them; None when it is left out."""
        kept, fault, over = judge_rings(rings, size)
        return kept if not fault or self._goes_on(where, fault, over) else None

    def points(self, points: Sequence[Point], size: Size, where: str) -> Sequence[Point] | None:
        """The keypoints of one object, or what is kept of them; None when it is left out."""
        kept, fault, over = judge_points(points, size, self.slack)
        return kept if not fault or self._goes_on(where, fault, over) else None

    def invalid(self, where: str, what: str, remedy: str = REMEDY) -> None:
        """Note a label that nothing can be kept of: a problem, or one more that is left out."""
        if self.policy == "refuse":
            self.problems.append(Problem(where, what, remedy))
        else:
            self._count("dropped", f"{where}: {what}")

    def notes(self) -> tuple[str, ...]:
        """What was clipped or left out, as sentences for `Dataset.notes`."""
        texts = {
            "overshot": ("label", "labels", "overshot the image by up to a pixel and {} clipped"),
            "clipped": ("label", "labels", "left the image and {} clipped"),
            "dropped": ("invalid label", "invalid labels", "{} left out"),
        }
        return tuple(
            f"{number_of(count, one, many)} {text.format('was' if count == 1 else 'were')} "
            f"(first: {self.first[kind]})"
            for kind, (one, many, text) in texts.items()
            if (count := self.counts[kind])
        )

    def settle(self) -> tuple[str, ...]:
        """The notes. Raises `UsageError` with everything that was invalid, under `refuse`."""
        if self.problems:
            raise UsageError(self.problems)
        return self.notes()

    def _goes_on(self, where: str, fault: str, over: float) -> bool:
        """Whether a label with this fault is kept, cut."""
        if over <= self.slack:
            self._count("overshot", where)
            return True
        if self.policy == "clip" and over != HOPELESS:
            self._count("clipped", f"{where}: {fault}")
            return True
        if over == HOPELESS:
            self.invalid(where, fault)
        else:
            self.invalid(where, f"{fault} by {_shown(over)}", CUT)
        return False

    def _count(self, kind: str, first: str) -> None:
        self.counts[kind] += 1
        self.first.setdefault(kind, first)


def judge_box(box: Box, size: Size) -> tuple[Box, str, float]:
    """(the box within the image, what is wrong with it or "", overshoot or `HOPELESS`)."""
    width, height = _limits(size)
    x0, y0, x1, y1 = box
    if 0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height:
        return box, "", 0.0
    text = "the box [" + ", ".join(_shown(value) for value in box) + "]"
    if not all(map(_finite, box)):
        return box, f"{text} holds a coordinate that is no finite number", HOPELESS
    if x1 < x0 or y1 < y0:
        return box, f"{text} is inverted: its sides stand in the wrong order", HOPELESS
    if x1 == x0 or y1 == y0:
        return box, f"{text} has no area", HOPELESS
    cut = _clamp(x0, width), _clamp(y0, height), _clamp(x1, width), _clamp(y1, height)
    if cut[0] >= cut[2] or cut[1] >= cut[3]:
        return box, f"{text} lies outside the image{_of(size)}", HOPELESS
    over = max(-x0, -y0, x1 - width, y1 - height)
    return cut, f"{text} leaves the image{_of(size)}", over


def judge_rings(rings: Sequence[Ring], size: Size) -> tuple[Sequence[Ring], str, float]:
    """(the polygons within the image, what is wrong with them or "", overshoot or `HOPELESS`)."""
    width, height = _limits(size)
    over = 0.0
    flat = True
    for ring in rings:
        if len(ring) < 6 or len(ring) % 2:
            return rings, f"a polygon of {len(ring)} numbers; at least 3 points are needed", HOPELESS
        if not math.isfinite(_sum(ring)) and not all(map(_finite, ring)):
            return rings, "a polygon holds a coordinate that is no finite number", HOPELESS
        xs, ys = ring[0::2], ring[1::2]
        over = max(over, -min(xs), -min(ys), max(xs) - width, max(ys) - height)
        flat = flat and _flat(xs, ys)
    if flat:
        return rings, "the polygons have no area", HOPELESS
    if over <= 0:
        return rings, "", 0.0
    cut = [ring for ring in (cut_ring(ring, width, height) for ring in rings) if ring]
    if not cut:
        return rings, f"the polygons lie outside the image{_of(size)}", HOPELESS
    return cut, f"a polygon leaves the image{_of(size)}", over


def judge_points(
    points: Sequence[Point], size: Size, slack: float = SLACK
) -> tuple[Sequence[Point], str, float]:
    """(the keypoints within the image, what is wrong with them or "", overshoot or `HOPELESS`).

    Those of visibility 0 have no place and are not judged. One outside by more than `slack` cannot be cut:
    it becomes one that is not labelled, (0, 0, 0).
    """
    width, height = _limits(size)
    kept: list[Point] = []
    fault, worst = "", 0.0
    for number, (x, y, visible) in enumerate(points, 1):
        if not visible:
            kept.append((x, y, visible))
            continue
        if not (_finite(x) and _finite(y)):
            return points, f"keypoint {number} is no pair of finite numbers", HOPELESS
        over = max(-x, -y, x - width, y - height)
        inside = (_clamp(x, width), _clamp(y, height), visible)
        kept.append(inside if over <= slack else (0.0, 0.0, 0.0))
        if over > worst:
            fault, worst = f"keypoint {number} lies outside the image{_of(size)}", over
    return (kept, fault, worst) if fault else (points, "", 0.0)


def cut_ring(ring: Sequence[float], width: float, height: float) -> list[float]:
    """The part of a closed line within [0, width] x [0, height]; [] where nothing with an area is left.

    Sutherland and Hodgman, Reentrant Polygon Clipping, CACM 17 (1974): one side after the other.
    """
    points = list(zip(ring[0::2], ring[1::2], strict=True))
    for axis, limit, sign in ((0, 0.0, 1), (0, width, -1), (1, 0.0, 1), (1, height, -1)):
        points = _cut_side(points, axis, limit, sign)
    flat = [value for point in points for value in point]
    return flat if len(flat) >= 6 and not _flat(flat[0::2], flat[1::2]) else []


def _cut_side(
    points: list[tuple[float, float]], axis: int, limit: float, sign: int
) -> list[tuple[float, float]]:
    """The part of the line on the inner side of one limit: sign 1 above it, -1 below."""
    kept: list[tuple[float, float]] = []
    for before, point in zip(points[-1:] + points[:-1], points, strict=True):
        inside = sign * (point[axis] - limit) >= 0
        if inside != (sign * (before[axis] - limit) >= 0):
            share = (limit - before[axis]) / (point[axis] - before[axis])
            other = before[1 - axis] + share * (point[1 - axis] - before[1 - axis])
            kept.append((limit, other) if axis == 0 else (other, limit))
        if inside:
            kept.append(point)
    return kept


def _limits(size: Size) -> tuple[float, float]:
    return size or (sys.float_info.max, sys.float_info.max)


def _clamp(value: float, limit: float) -> float:
    return min(max(value, 0.0), limit)


def _sum(values: Sequence[float]) -> float:
    try:
        return float(sum(values))
    except OverflowError:  # a whole number beyond the floats
        return math.nan


def _finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _flat(xs: Sequence[float], ys: Sequence[float]) -> bool:
    """Whether all points of a closed line lie on one line."""
    x, y = xs[0], ys[0]
    if abs((xs[1] - x) * (ys[2] - y) - (ys[1] - y) * (xs[2] - x)) > 1e-3:
        return False  # most lines turn at once
    far = max(range(len(xs)), key=lambda at: abs(xs[at] - x) + abs(ys[at] - y))
    dx, dy = xs[far] - x, ys[far] - y
    crosses = (abs(dx * (below - y) - dy * (right - x)) for right, below in zip(xs, ys, strict=True))
    return max(crosses) <= 1e-9 * (dx * dx + dy * dy)


def _shown(value: float) -> str:
    return f"{value:.10g}" if _finite(value) else str(value)[:20]


def _of(size: Size) -> str:
    """The size in words; shares of it are not worth saying."""
    return f" of {_shown(size[0])} x {_shown(size[1])} pixels" if size and size != (1, 1) else ""
