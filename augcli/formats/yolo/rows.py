"""The rows of label files: which task they are of, and whether each one can be right.

    detect    class x y w h                         centre and size of the box
    segment   class x1 y1 x2 y2 x3 y3 ...           one closed line
    pose      class x y w h  px py [pv] ...         the box, then every keypoint
    obb       class x1 y1 x2 y2 x3 y3 x4 y4         the corners of a rotated box

All in shares of the image's width and height. Ultralytics drops an image with a row that is wrong, saying so
in a warning only; here every such row is judged, and the rest of its file stays.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from augcli.formats.invalid import HOPELESS, Judge, judge_box, judge_points, judge_rings

NOISE = 1e-9
"""Overshoot, in shares, of numbers that are right but for their binary form."""

SURELY_A_PIXEL = 1 / 65535
"""Overshoot, in shares, that is less than a pixel of any image."""

UNSIZED = (500.0, 500.0)
"""Stands for an image whose size cannot be read."""

AskSize = Callable[[], tuple[float, float] | None]
"""Gives (width, height) of an image; None where it cannot be read."""

_REPAIR = "correct the row, or go on without such labels: --set labels.invalid=drop"


@dataclass(frozen=True)
class Kind:
    """What every row is: a task, and for poses the number of keypoints and of columns for each."""

    task: str
    keypoints: int = 0
    columns: int = 0

    def expects(self) -> str:
        """The columns of a row in words."""
        if self.task == "pose":
            return (
                f"a pose has {5 + self.keypoints * self.columns}: class x y w h and "
                f"{self.keypoints} x {self.columns} of keypoints (kpt_shape)"
            )
        return {
            "detect": "a box has 5: class x y w h",
            "segment": "a polygon has 7 or more, an odd number: class x1 y1 x2 y2 x3 y3 ...",
            "obb": "a rotated box has 9: class x1 y1 x2 y2 x3 y3 x4 y4",
        }[self.task]

    def fits(self, count: int) -> bool:
        """Whether a row may have this many columns."""
        if self.task == "segment":
            return count >= 7 and count % 2 == 1
        return count == {"detect": 5, "obb": 9}.get(self.task, 5 + self.keypoints * self.columns)


def task_of(counts: Counter[int]) -> str:
    """The task that most rows are of, from numbers of columns -> how many rows have them."""
    outlines = {count: rows for count, rows in counts.items() if count >= 7 and count % 2}
    if counts[5] > sum(outlines.values()) or not outlines:
        return "detect"
    return "obb" if set(outlines) == {9} else "segment"


@dataclass
class Rows:
    """Checks rows of one kind and remembers which stand twice.

    kind     what every row has to be
    classes  number of classes; None where none are declared
    judge    what becomes of the ones that cannot be right
    """

    kind: Kind
    classes: int | None
    judge: Judge
    highest: int = -1
    twice: int = 0
    first_twice: str = ""

    def kept(self, lines: Iterable[str], file: str, size: AskSize) -> str:
        """The rows that stay, as text; what is clipped is written anew, keypoints always get a visibility.

        size   called for rows that overshoot the image
        """
        kept: list[str] = []
        seen: set[str] = set()
        for number, line in enumerate(lines, 1):
            if not (cells := line.split()):
                continue
            row = self._row(cells, f"{file}:{number}", size)
            if row is None:
                continue
            kept.append(row)
            if row in seen:
                self.twice += 1
                self.first_twice = self.first_twice or f"{file}:{number}"
            seen.add(row)
        return "\n".join(kept)

    def _row(self, cells: list[str], where: str, size: AskSize) -> str | None:
        if not self.kind.fits(len(cells)):
            self.judge.invalid(where, f"{len(cells)} columns; {self._misfit(len(cells))}", _REPAIR)
            return None
        number = self._class(cells[0], where)
        values = _numbers(cells[1:])
        if isinstance(values, str):
            self.judge.invalid(where, f"{values[:40]!r} is no number", _REPAIR)
            return None
        if number is None:
            return None
        shaped = self._ring if self.kind.task in {"segment", "obb"} else self._box_and_points
        kept = shaped(values, where, size)
        if kept is None:
            return None
        written = cells[1:] if kept is values else [f"{value:.12g}" for value in kept]
        return " ".join([str(number), *self._three(written)])

    def _three(self, written: list[str]) -> list[str]:
        """The cells with a visibility for each keypoint."""
        if self.kind.columns != 2 or len(written) == 4 + 3 * self.kind.keypoints:
            return written
        pairs = zip(written[4::2], written[5::2], strict=True)
        return written[:4] + [cell for x, y in pairs for cell in (x, y, "2")]

    def _misfit(self, count: int) -> str:
        mixed = (self.kind.task == "detect" and count >= 7 and count % 2) or (
            self.kind.task in {"segment", "obb"} and count == 5
        )
        more = "; segment and detection rows do not mix" if mixed else ""
        return self.kind.expects() + more

    def _class(self, cell: str, where: str) -> int | None:
        value = _numbers([cell])
        if isinstance(value, str) or not math.isfinite(value[0]) or value[0] < 0 or value[0] % 1:
            self.judge.invalid(where, f"{cell[:40]!r} is no class number", _REPAIR)
            return None
        number = int(value[0])
        if self.classes is not None and number >= self.classes:
            what = f"class {number} is not among the {self.classes} of data.yaml (0 to {self.classes - 1})"
            self.judge.invalid(where, what, _REPAIR)
            return None
        self.highest = max(self.highest, number)
        return number

    def _ring(self, values: list[float], where: str, size: AskSize) -> list[float] | None:
        _, fault, over = judge_rings([values], (1, 1))
        if not fault or over <= NOISE:
            return values
        width, height = _scale(over, size)
        kept = self.judge.rings([_scaled(values, width, height)], (width, height), where)
        if kept is None:
            return None
        ring = _scaled(kept[0], 1 / width, 1 / height)
        return _inside(ring if self.kind.task == "segment" or len(ring) == 8 else _four(ring))

    def _box_and_points(self, values: list[float], where: str, size: AskSize) -> list[float] | None:
        x, y, w, h = values[:4]
        box = x - w / 2, y - h / 2, x + w / 2, y + h / 2
        points = _points(values[4:], self.kind.columns)
        _, fault, over = judge_box(box, (1, 1))
        _, missed, beyond = judge_points(points, (1, 1), NOISE)
        if (not fault or over <= NOISE) and (not missed or beyond <= NOISE):
            return values if self._visibilities(points, where) else None
        width, height = _scale(max(over, beyond), size)
        if fault and over > NOISE:
            scaled = box[0] * width, box[1] * height, box[2] * width, box[3] * height
            cut = self.judge.box(scaled, (width, height), where)
            if cut is None:
                return None
            x0, y0, x1, y1 = cut[0] / width, cut[1] / height, cut[2] / width, cut[3] / height
            values = [(x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0, *values[4:]]
        if not self._visibilities(points, where):
            return None
        if missed and beyond > NOISE:
            moved = [(px * width, py * height, v) for px, py, v in points]
            kept = self.judge.points(moved, (width, height), where)
            if kept is None:
                return None
            values = values[:4] + [value for px, py, v in kept for value in (px / width, py / height, v)]
        return values

    def _visibilities(self, points: Sequence[tuple[float, float, float]], where: str) -> bool:
        """Whether every keypoint has a visibility of 0, 1 or 2."""
        wrong = next((v for _, _, v in points if v not in (0.0, 1.0, 2.0)), None)
        if wrong is not None:
            self.judge.invalid(where, f"{wrong:g} is no visibility of a keypoint (0, 1 or 2)", _REPAIR)
        return wrong is None


def _numbers(cells: Sequence[str]) -> list[float] | str:
    """The cells as numbers, or the first that is none."""
    try:
        numbers = list(map(float, cells))
    except ValueError:
        return next(cell for cell in cells if not _is_number(cell))
    return next((cell for cell in cells if "_" in cell), numbers)  # Python reads 1_0 as ten


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _points(values: Sequence[float], columns: int) -> list[tuple[float, float, float]]:
    """x, y, visibility; without a column for it every keypoint is visible."""
    if columns == 2:
        return [(x, y, 2.0) for x, y in zip(values[0::2], values[1::2], strict=True)]
    return list(zip(values[0::3], values[1::3], values[2::3], strict=True)) if columns else []


def _scale(over: float, size: AskSize) -> tuple[float, float]:
    """The size in whose pixels to judge an overshoot."""
    if over == HOPELESS:
        return 1.0, 1.0
    return (65535.0, 65535.0) if over <= SURELY_A_PIXEL else size() or UNSIZED


def _scaled(values: Sequence[float], width: float, height: float) -> list[float]:
    return [value * (height if at % 2 else width) for at, value in enumerate(values)]


def _inside(ring: Sequence[float]) -> list[float]:
    return [min(max(value, 0.0), 1.0) for value in ring]


def _four(ring: Sequence[float]) -> list[float]:
    """The corners of the least rectangle around what is left of a rotated box."""
    import numpy as np

    from augcli.labels import rotated
    from augcli.objects import Outline

    points = np.array(ring, dtype=np.float64).reshape(-1, 2)
    corners: list[float] = rotated(Outline(((points,),))).ravel().tolist()
    return corners
