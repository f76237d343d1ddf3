"""What the page shows of both sides, before and after: frames, pixels, objects, masks, mixtures."""

from __future__ import annotations

from typing import Any

from augcli.pages import figure, share
from augcli.report import charts
from augcli.report.comparing import Compared
from augcli.report.counting import Frames
from augcli.report.firing import Firing
from augcli.report.gathering import Facts
from augcli.report.histogram import Histogram
from augcli.report.labelling import GRID, Labelling
from augcli.report.telling import Findings, Plain

CATEGORIES = 60
"""Rows of the tables of categories."""

Chart = dict[str, Any]


def _pair(title: str, before: Histogram, after: Histogram, **axis: Any) -> Chart | None:
    """A chart of both sides; None when there is nothing."""
    if not before.count and not after.count:
        return None
    log = bool(axis.get("log"))

    def median(side: Histogram) -> str:
        value = side.quantile(0.5)
        return figure(10.0**value if log else value, 3) + str(axis.get("unit", ""))

    sides = [side for side in (before, after) if side.count]
    if min(side.low for side in sides) == max(side.high for side in sides):
        return {"title": title, "chart": "", "note": f"{median(sides[0])} everywhere"}
    if after.count and before.count:
        note = f"median {median(before)} before, {median(after)} after"
        chart = charts.histogram(after, before, title=title, **axis)
    else:
        side = after if after.count else before
        note = f"median {median(side)}"
        chart = charts.histogram(side, title=title, **axis)
    return {"title": title, "chart": chart, "note": note}


def _some(*found: Chart | None) -> list[Chart]:
    return [chart for chart in found if chart is not None]


def frames(found: Findings) -> list[Chart]:
    """Sizes of originals and copies."""
    before: Frames = found.facts.counting.frames_before
    after: Frames = found.facts.counting.frames_after
    return _some(
        _pair("width", before.width, after.width, unit=" px"),
        _pair("height", before.height, after.height, unit=" px"),
        _pair("megapixels", before.megapixels, after.megapixels),
        _pair("aspect ratio, width / height", before.aspect, after.aspect),
    )


_LOOKS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("brightness", "brightness: mean luma", {"low": 0.0, "high": 1.0}),
    ("contrast", "contrast: deviation of luma", {}),
    ("saturation", "saturation: mean of HSV", {"low": 0.0, "high": 1.0}),
    ("sharpness", "sharpness: variance of the Laplacian", {"log": True}),
    ("clipped", "clipped: share of black or white pixels", {}),
    ("bits", "file size: bits per pixel", {}),
)


def looks(compared: Compared) -> list[Chart]:
    """What pixels are like before and after."""
    before, after = compared.before.values, compared.after.values
    return _some(*(_pair(title, before[name], after[name], **axis) for name, title, axis in _LOOKS))


def likeness(compared: Compared) -> list[Chart]:
    """Copies against their sources."""
    nothing = Histogram()
    return _some(
        _pair("structural similarity (SSIM)", nothing, compared.ssim),
        _pair("frame that does not show the source", nothing, compared.fill, low=0.0),
        _pair("gain in clipped pixels, where it does", nothing, compared.clipping),
    )


def told_classes(compared: Compared) -> list[Plain]:
    """The measures that tell a class best after the run."""
    rows = [
        {
            "measure": name,
            "label": label or "(no class)",
            "before": figure(before, 2),
            "after": figure(after, 2),
            "rank": after,
        }
        for name, classes in compared.told.items()
        for label, (before, after) in classes.items()
    ]
    return sorted(rows, key=lambda row: (-float(str(row["rank"])), str(row["label"])))[:8]


def objects(labelling: Labelling, ours: bool) -> Plain | None:
    """Tables and charts of the labels; None where there are none."""
    before, after = labelling.before, labelling.after
    if not before.count and not after.count:
        return None
    categories = sorted(before.categories.keys() | after.categories.keys() | labelling.lost.keys())
    rows = [
        [
            place[1],
            place[0] or "(no split)",
            figure(before.categories[place]),
            figure(after.categories[place]),
            figure(labelling.lost[place]),
            share(labelling.lost[place] / total)
            if (total := after.categories[place] + labelling.lost[place])
            else "",
        ]
        for place in categories[:CATEGORIES]
    ]
    points = [
        [word, figure(before.points[number]), figure(after.points[number])]
        for number, word in ((2, "visible"), (1, "hidden"), (0, "not labelled"))
        if before.points[number] or after.points[number]
    ]
    maps = [
        {"title": title, "chart": charts.heat(side.places, GRID, title=f"centres of the boxes of {title}")}
        for title, side in (("originals" if ours else "all images", before), ("copies", after))
        if any(side.places)
    ]
    return {
        "rows": rows if ours else [row[:3] for row in rows],
        "headers": ["category", "split", "originals", "copies", "dropped", "share"]
        if ours
        else ["category", "split", "objects"],
        "more": max(0, len(categories) - CATEGORIES),
        "points": points if ours else [row[:2] for row in points],
        "maps": maps,
        "dropped": [(reason, figure(count)) for reason, count in labelling.dropped.most_common()],
        "charts": _some(
            _pair("box size: root of its share of the frame", before.size, after.size, low=0.0),
            _pair("box aspect ratio", before.aspect, after.aspect),
            _pair("visible share of an object", Histogram(), after.visible, low=0.0, high=1.0),
            _pair("objects in an image", before.per_image, after.per_image),
        ),
    }


def masks(found: Findings) -> list[Plain]:
    """The share of the pixels that each class has."""
    names = {category.id: category.name for category in found.about.dataset.categories}
    ignore = found.about.dataset.ignore
    if not found.compared.ids:
        return []
    return [
        {
            "name": "(ignored)" if number == ignore else names.get(number, f"id {number}"),
            "before": share(before),
            "after": share(after),
            "before_width": round(200 * before, 1),
            "after_width": round(200 * after, 1),
        }
        for number, (before, after) in list(found.compared.ids.items())[:CATEGORIES]
    ]


def mixing(facts: Facts) -> Plain | None:
    """Partners, weights and lambdas; None where nothing was mixed."""
    labelling: Labelling = facts.labelling
    firing: Firing = facts.firing
    if not labelling.partnered:
        return None
    lambdas = [
        (step, kept)
        for (step, name), kept in firing.values.items()
        if name == "lambda" and isinstance(kept, Histogram) and kept.high > kept.low
    ]
    return {
        "steps": [(step, figure(count)) for step, count in sorted(labelling.partnered.items())],
        "passed_over": labelling.passed_over,
        "mixed": figure(labelling.mixed),
        "pairs": [(f"{one} with {other}", count) for (one, other), count in labelling.pairs.most_common(8)],
        "charts": _some(
            _pair("weight of the heaviest class", Histogram(), labelling.heaviest, low=0.0, high=1.0),
            *(_pair(f"lambda of {step}", Histogram(), kept, low=0.0, high=1.0) for step, kept in lambdas),
        ),
        "pair_chart": charts.bars(
            [(f"{one}, {other}", count) for (one, other), count in labelling.pairs.most_common(8)],
            title="Pairs of mixed classes",
        ),
    }
