"""Other frames for the whole image: resize, letterbox, pad."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from augcli.geometry import BORDERS, MAX_SIDE, Canvas, Move, compose, scaling, translation
from augcli.ops.base import Drawn, Geometry, View, op
from augcli.params import REQUIRED, Colour, Dist, Fixed, Length, Name, Number, Percent, param, pixels

_SIDE = Number(1, MAX_SIDE, "pixels", whole=True)


def _scaled(side: int, factor: float) -> int:
    return max(1, round(side * factor))


@op("resize")
@dataclass(frozen=True)
class Resize(Geometry):
    """Change the size in pixels: by the longest side, the shortest side, the width or the height, keeping
    the aspect ratio; or stretched to both width and height.

    The side that follows is rounded to whole pixels. A side that shrinks is area-averaged.
    """

    example: ClassVar[Mapping[str, Any]] = {"longest": 640}
    width: Dist | None = param(_SIDE, None, "width of the result; alone, the height keeps the aspect ratio")
    height: Dist | None = param(_SIDE, None, "height of the result; alone, the width keeps the aspect ratio")
    longest: Dist | None = param(_SIDE, None, "length of the longer side of the result")
    shortest: Dist | None = param(_SIDE, None, "length of the shorter side of the result")

    def problems(self) -> Sequence[str]:
        given = [
            name
            for name, value in (
                ("width and/or height", self.width or self.height),
                ("longest", self.longest),
                ("shortest", self.shortest),
            )
            if value is not None
        ]
        if len(given) != 1:
            got = ", ".join(given) or "nothing"
            return [f"expected one of width and/or height, longest, shortest, got {got}"]
        return ()

    def resolve(self, drawn: Drawn, view: View) -> Move:
        width, height = self._size(drawn, view)
        return Move(scaling(width / view.width, height / view.height), width, height)

    def _size(self, drawn: Drawn, view: View) -> tuple[int, int]:
        width, height = drawn["width"], drawn["height"]
        if width is not None and height is not None:
            return width, height
        if width is None and height is None:
            sides = max(view.width, view.height), min(view.width, view.height)
            wanted, side = (
                (drawn["longest"], sides[0])
                if drawn["longest"] is not None
                else (drawn["shortest"], sides[1])
            )
            width, height = (wanted, None) if side == view.width else (None, wanted)
        if width is not None:
            return width, _scaled(view.height, width / view.width)
        return _scaled(view.width, height / view.height), height


@op("letterbox")
@dataclass(frozen=True)
class Letterbox(Geometry):
    """Fit the whole image into width x height pixels, keeping its aspect ratio, with bars of one colour
    where it does not fill the frame.

    The image is scaled up or down by min(width / W, height / H), rounded to whole pixels and centred; an odd
    rest is larger on the right and at the bottom. Grey 114 is the fill of the YOLO family.
    """

    example: ClassVar[Mapping[str, Any]] = {"width": 640, "height": 640}
    width: Dist = param(_SIDE, REQUIRED, "width of the result")
    height: Dist = param(_SIDE, REQUIRED, "height of the result")
    fill: Fixed = param(Colour(), 114, "colour of the bars, on the 8-bit scale")

    def resolve(self, drawn: Drawn, view: View) -> Move:
        width, height = drawn["width"], drawn["height"]
        factor = min(width / view.width, height / view.height)
        inner = min(width, _scaled(view.width, factor)), min(height, _scaled(view.height, factor))
        matrix = compose(
            scaling(inner[0] / view.width, inner[1] / view.height),
            translation((width - inner[0]) // 2, (height - inner[1]) // 2),
        )
        return Move(matrix, width, height, Canvas("constant", tuple(drawn["fill"])), closes=True)


@op("pad")
@dataclass(frozen=True)
class Pad(Geometry):
    """Add pixels around the image: on each side, up to a least width and height, or up to a multiple.

    Lengths are rounded to whole pixels. In this order: the sides; then `min_width` and `min_height`; then
    `divisor`; the last two share what is missing between both sides, an odd rest going to the right and to
    the bottom. The border is that of the recipe's canvas unless `border` or `fill` is given.
    """

    identity: ClassVar[Mapping[str, Any] | None] = {"all": 0}
    example: ClassVar[Mapping[str, Any]] = {"all": 16}
    left: Dist | Percent | None = param(Length(), None, "pixels to add on the left")
    top: Dist | Percent | None = param(Length(), None, "pixels to add on the top")
    right: Dist | Percent | None = param(Length(), None, "pixels to add on the right")
    bottom: Dist | Percent | None = param(Length(), None, "pixels to add at the bottom")
    all: Dist | Percent | None = param(Length(), None, "pixels to add on each side that is not given itself")
    min_width: Dist | None = param(_SIDE, None, "least width of the result")
    min_height: Dist | None = param(_SIDE, None, "least height of the result")
    divisor: Dist | None = param(_SIDE, None, "number that divides width and height of the result")
    border: Dist | None = param(Name(BORDERS), None, "what the added pixels show; with fill: constant")
    fill: Fixed | None = param(Colour(), None, "colour of a constant border, on the 8-bit scale; absent: 0")

    def problems(self) -> Sequence[str]:
        found = []
        sides = (self.left, self.top, self.right, self.bottom, self.all)
        aims = (self.min_width, self.min_height, self.divisor)
        if not any(value is not None for value in (*sides, *aims)):
            names = "left, top, right, bottom, all, min_width, min_height, divisor"
            found.append(f"expected at least one of {names}")
        if self.fill is not None and self.border is not None and set(self.border.support()) != {"constant"}:
            found.append("expected border: constant together with fill")
        return found

    def resolve(self, drawn: Drawn, view: View) -> Move:
        left, right = self._sides(drawn, "left", "right", view.width)
        top, bottom = self._sides(drawn, "top", "bottom", view.height)
        left, width = _grown(left, view.width + left + right, drawn["min_width"], drawn["divisor"])
        top, height = _grown(top, view.height + top + bottom, drawn["min_height"], drawn["divisor"])
        canvas = None
        if drawn["border"] is not None or drawn["fill"] is not None:
            canvas = Canvas(drawn["border"] or "constant", tuple(drawn["fill"] or (0, 0, 0)))
        return Move(translation(left, top), width, height, canvas, closes=True)

    def _sides(self, drawn: Drawn, first: str, second: str, side: int) -> tuple[int, int]:
        amounts = (drawn["all"] if drawn[name] is None else drawn[name] for name in (first, second))
        before, after = (0 if amount is None else round(pixels(amount, side)) for amount in amounts)
        return before, after


def _grown(before: int, side: int, least: int | None, divisor: int | None) -> tuple[int, int]:
    """(pixels added before, length) once the side is long enough and a multiple of the divisor."""
    grown = max(side, least or 0)
    before += (grown - side) // 2
    multiple = -(-grown // divisor) * divisor if divisor else grown
    return before + (multiple - grown) // 2, multiple
