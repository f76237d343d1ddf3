"""Small charts as inline SVG: bars, histograms, maps. Colours and letters are the page's, by class names.

Coordinates are those of a frame 300 wide, in which a letter is 11 high: the size in which it is shown.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

from augcli.pages import figure
from augcli.report.histogram import Histogram, Words

WIDTH, HEIGHT = 300, 96
LEFT, RIGHT, BOTTOM, TOP = 8, 8, 18, 6
BARS = 40
"""Bars of a histogram, at most."""

WORDS_SHOWN = 8
LINE = 18
"""Height of a line of a bar chart of words."""


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """At most `most` round numbers within [low, high], 1, 2 or 5 times a power of ten apart (Heckbert 1990).

    The narrowest spacing that fits is taken, so that there are at least two wherever there is room.
    """
    if not high > low:
        return [low]
    power = 10.0 ** (math.floor(math.log10(high - low)) - 1)
    for step in (multiple * power for multiple in (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)):
        first, last = math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6)
        if last - first < most:
            return [round(number * step, 12) for number in range(first, last + 1)]
    return [low]


def decades(low: float, high: float) -> list[float]:
    """Logarithms of round numbers within [10^low, 10^high]: powers of ten, and 2 and 5 times them if few."""
    powers = range(math.floor(low), math.ceil(high) + 1)
    inside: list[float] = []
    for multiples in ((1.0,), (1.0, 3.0), (1.0, 2.0, 5.0)):
        found = [power + math.log10(multiple) for power in powers for multiple in multiples]
        inside = [mark for mark in found if low - 1e-9 <= mark <= high + 1e-9]
        if len(inside) >= 3:
            break
    return inside


def histogram(
    after: Histogram,
    before: Histogram | None = None,
    *,
    title: str,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    log: bool = False,
) -> Markup:
    """A distribution as bars; that before as a line over them, both scaled to the same area.

    low, high  ends of the axis where they are known; else those of the values
    log        values are powers of ten
    """
    sides = [side for side in (after, before) if side is not None and side.count]
    if not sides:
        return Markup()
    low = min(side.low for side in sides) if low is None else low
    high = max(side.high for side in sides) if high is None else high
    whole = all(side.whole for side in sides)
    if whole and high - low < BARS:
        low, high = low - 0.5, high + 0.5
        number = max(1, round(high - low))
    else:
        number = min(BARS, max(8, round(2.0 * math.sqrt(sum(side.count for side in sides)))))
        if high <= low:
            low, high = low - 0.5, high + 0.5
    parts = [_axis(low, high, unit, log, whole)]
    shares = [[count / side.count for count in side.bars(number, low, high)] for side in sides]
    top = max(max(share) for share in shares) or 1.0
    bars = shares[0] if after.count else [0.0] * number
    width = (WIDTH - LEFT - RIGHT) / number
    for index, share in enumerate(bars):
        if share > 0.0:
            tall = max(0.75, share / top * (HEIGHT - BOTTOM - TOP))
            parts.append(_rect("after", LEFT + index * width, HEIGHT - BOTTOM - tall, width - 0.6, tall))
    if before is not None and before.count:
        parts.append(_outline(shares[-1], top, width))
    return _svg(HEIGHT, _sentence(title, after, before, unit, log), parts)


def _outline(shares: Sequence[float], top: float, width: float) -> Markup:
    points = [f"M{LEFT},{HEIGHT - BOTTOM}"]
    for index, share in enumerate(shares):
        y = _short(HEIGHT - BOTTOM - share / top * (HEIGHT - BOTTOM - TOP))
        points.append(f"V{y}H{_short(LEFT + (index + 1) * width)}")
    points.append(f"V{HEIGHT - BOTTOM}")
    return Markup('<path class="before" d="{}"/>').format("".join(points))


def _axis(low: float, high: float, unit: str, log: bool, whole: bool) -> Markup:
    line = Markup('<path class="axis" d="M{} {}H{}"/>').format(LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT)
    scale = (WIDTH - LEFT - RIGHT) / (high - low)
    parts = [line]
    ends: list[float] = []
    marks = decades(low, high) if log else ticks(low, high)
    for mark in [mark for mark in marks if mark == int(mark)] if whole and not log else marks:
        x = LEFT + (mark - low) * scale
        text = figure(10.0**mark if log else float(mark), 3 if log else 4) + unit
        half = 3.2 * len(text)
        at = min(max(x, half), WIDTH - half)
        if ends and at - half < ends[-1] + 4:
            continue
        ends.append(at + half)
        parts.append(
            Markup(
                '<path class="axis" d="M{} {}v3"/><text x="{}" y="{}" text-anchor="middle">{}</text>'
            ).format(_short(x), HEIGHT - BOTTOM, _short(at), HEIGHT - 4, text)
        )
    return Markup().join(parts)


def words(kept: Words, *, title: str) -> Markup:
    """How often each word was drawn, the most frequent first."""
    counted = kept.counts.most_common(WORDS_SHOWN)
    rest = sum(kept.counts.values()) + kept.others - sum(count for _, count in counted)
    rows = [(word, count) for word, count in counted] + ([("others", rest)] if rest else [])
    return bars(rows, title=title)


def bars(rows: Sequence[tuple[str, int]], *, title: str) -> Markup:
    """Horizontal bars with their words on the left and their counts on the right."""
    most = max((count for _, count in rows), default=1) or 1
    parts = []
    for index, (word, count) in enumerate(rows):
        y = index * LINE
        length = (WIDTH - 170) * count / most
        shown = word if len(word) <= 17 else word[:16] + "…"
        parts.append(
            Markup('<text x="104" y="{}" text-anchor="end">{}</text>').format(y + 12.5, shown)
            + _rect("after", 110, y + 3, max(0.75, length), 11)
            + Markup('<text x="{}" y="{}">{}</text>').format(_short(115 + length), y + 12.5, figure(count))
        )
    told = "; ".join(f"{word}: {count}" for word, count in rows)
    return _svg(max(LINE, len(rows) * LINE), f"{title}. {told}", parts)


def firing(share: float, p: float, trials: int) -> Markup:
    """How often a step fired, as a bar from 0 to 1; p as a mark, with the range of 19 cases in 20."""
    width, height = 160, 14
    half = 1.96 * math.sqrt(p * (1.0 - p) / trials) if trials else 0.0
    low, high = max(0.0, p - half), min(1.0, p + half)
    parts = [
        _rect("track", 0, 4, width, 6),
        _rect("after", 0, 4, share * width, 6),
        _rect("range", low * width, 1.5, max(1.0, (high - low) * width), 11),
        _rect("mark", min(max(p * width - 1.0, 0.0), width - 2.0), 0, 2, height),
    ]
    title = f"fired in {figure(100 * share)} % of its copies, expected {figure(100 * p)} %"
    return _svg(height, title, parts, width)


def heat(places: Sequence[int], grid: int, *, title: str) -> Markup:
    """Counts on a square map, darker for more."""
    most = max(places, default=0)
    side = 160
    cell = side / grid
    parts = [_rect("track", 0, 0, side, side)]
    for index, count in enumerate(places):
        if count:
            row, column = divmod(index, grid)
            parts.append(
                Markup('<rect class="after" x="{}" y="{}" width="{}" height="{}" fill-opacity="{}"/>').format(
                    *(_short(each) for each in (column * cell, row * cell, cell, cell)),
                    _short(max(0.06, count / most)),
                )
            )
    return _svg(side, title, parts, side)


def _sentence(title: str, after: Histogram, before: Histogram | None, unit: str, log: bool) -> str:
    """What a chart shows, for those who do not see it."""

    def told(side: Histogram) -> str:
        low, middle, high = (
            figure(10.0**value if log else value) + unit
            for value in (side.low, side.quantile(0.5), side.high)
        )
        return f"from {low} to {high}, median {middle}"

    told_sides = [f"after {told(after)}" if before is not None else told(after)] if after.count else []
    if before is not None and before.count:
        told_sides.insert(0, f"before {told(before)}")
    return f"{title}: {'; '.join(told_sides)}"


def _svg(height: float, title: str, parts: Sequence[Markup], width: float = WIDTH) -> Markup:
    frame = Markup('<svg class="chart" viewBox="0 0 {} {}" width="{}" height="{}" role="img">{}{}</svg>')
    return frame.format(
        width, height, width, height, Markup("<title>{}</title>").format(title), Markup().join(parts)
    )


def _rect(kind: str, x: float, y: float, width: float, height: float) -> Markup:
    shape = Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>')
    return shape.format(kind, *(_short(each) for each in (x, y, max(0.0, width), max(0.0, height))))


def _short(value: float) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
