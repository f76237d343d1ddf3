"""The findings as one HTML page: verdict first, then counts, steps, pixels, labels, galleries, rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from augcli import pages
from augcli.pages import figure, share
from augcli.report import charts, plots
from augcli.report.counting import Counting
from augcli.report.firing import Firing, varying
from augcli.report.flags import Verdict, counted, quantity
from augcli.report.galleries import Gallery, galleries
from augcli.report.histogram import Words
from augcli.report.telling import Findings, Plain, told

CLASSES = 60
"""Rows of the table of classes; the rest is counted together."""

TILES = 3
"""Tiles that a flag leads to."""

VALUES = 60
"""Drawn values that are charted."""


def report_page(found: Findings) -> bytes:
    """The page."""
    shown, rows = galleries(found)
    return pages.page(
        "report",
        title=f"Report on {found.about.name}",
        found=told(found),
        raised=found.raised,
        grave=[verdict for verdict in found.raised if verdict.flag.level != "note"],
        verdict=counted(found.raised).capitalize(),
        verdicts=[_verdict(verdict, found, shown) for verdict in sorted(found.verdicts, key=_gravity)],
        ours=found.about.ours,
        classes=_classes(found.facts.counting, found.about.ours),
        steps=_steps(found.facts.firing),
        values=_values(found.facts.firing),
        unplotted=[f"{step} {name}" for step, name in sorted(found.facts.firing.unplotted)],
        frames=plots.frames(found),
        looks=plots.looks(found.compared),
        likeness=plots.likeness(found.compared),
        told_classes=plots.told_classes(found.compared),
        objects=plots.objects(found.facts.labelling, found.about.ours),
        masks=plots.masks(found),
        mixing=plots.mixing(found.facts),
        times=_times(found.times),
        galleries=shown,
        rows=rows,
        data=None,
    )


def _gravity(verdict: Verdict) -> int:
    """Sorts the gravest first; within a level the table's order stays."""
    return ("bad", "warn", "note").index(verdict.flag.level)


def _verdict(verdict: Verdict, found: Findings, shown: Sequence[Gallery]) -> Plain:
    """A flag as the page tells it; `tiles` are (id, anchor) of the outputs that it is about, where shown."""
    flag, value = verdict.flag, verdict.value
    tiles = {
        tile.id: f"tile-{gallery.name}-{place}"
        for gallery in shown
        if gallery.name == flag.gallery
        for place, tile in enumerate(gallery.tiles)
    }
    about = [found.looked.metas[number].id for number in value.shown] if value is not None else []
    told_of = [(id_, tiles[id_]) for id_ in about if id_ in tiles] or list(tiles.items())
    return {
        "name": flag.name,
        "level": flag.level,
        "raised": verdict.raised,
        "measured": value is not None,
        "value": "not measured" if value is None else quantity(value.value, flag.kind),
        "threshold": quantity(verdict.threshold, flag.kind),
        "sense": "under" if flag.kind == "probability" else "over",
        "meaning": flag.meaning[0].upper() + flag.meaning[1:],
        "remedy": flag.remedy[0].upper() + flag.remedy[1:],
        "detail": "" if value is None else value.detail,
        "section": flag.section,
        "tiles": told_of[:TILES],
    }


def _classes(counting: Counting, ours: bool) -> list[Plain]:
    """Split, class, before, after and the share that is augmented; the smallest classes together."""
    found: list[Plain] = []
    most = max([*counting.after.values(), *counting.before.values()], default=1) or 1
    places = sorted(counting.after.keys() | counting.before.keys())
    if len(places) > CLASSES:
        places = sorted(sorted(places, key=lambda place: -counting.after[place])[:CLASSES])
    for split, label in places:
        before, after = counting.before[split, label], counting.after[split, label]
        made = max(0, after - before)
        found.append(
            {
                "split": split or "(no split)",
                "label": label or "(no class)",
                "before": figure(before) if not counting.partly_labelled else "",
                "after": figure(after),
                "share": share(made / after) if after and ours and not counting.partly_labelled else "",
                "before_width": round(200 * before / most, 1),
                "after_width": round(200 * after / most, 1),
            }
        )
    return found


def _steps(firing: Firing) -> list[Plain]:
    found = []
    for id_, fired in firing.steps.items():
        expected = fired.expected
        p = None if expected.p is None else min(1.0, expected.p)
        chart = ""
        if p is not None and fired.trials and fired.share is not None:
            chart = charts.firing(fired.share, p, fired.trials)
        probability = fired.probability
        note = ""
        if fired.unknown:
            note = f"of {figure(fired.unknown)} copies it cannot be told whether it was meant for them"
        elif p is None:
            note = "its probability is not worked out"
        found.append(
            {
                "id": id_,
                "op": expected.op,
                "p": "" if p is None else figure(p, 3),
                "trials": figure(fired.trials),
                "fired": figure(fired.fired),
                "share": "" if fired.share is None else share(fired.share),
                "probability": "" if probability is None or p in (0.0, 1.0) else figure(probability, 2),
                "chart": chart,
                "note": note,
            }
        )
    return found


def _values(firing: Firing) -> list[Plain]:
    """Every drawn value that varies, with its chart, step by step."""
    found = []
    for step, name in varying(firing)[:VALUES]:
        kept, unit = firing.values[step, name], firing.units[step, name]
        title = f"{step}: {name}"
        if isinstance(kept, Words):
            chart = charts.words(kept, title=title)
            note = f"{figure(sum(kept.counts.values()) + kept.others)} draws"
        else:
            chart = charts.histogram(kept, title=title, unit=unit)
            what = "numbers" if name.endswith("[*]") else "draws"
            note = f"{figure(kept.count)} {what}, mean {figure(kept.mean, 3)}{unit}"
        found.append({"title": f"{step} · {name}", "chart": chart, "note": note})
    return found


def _times(times: Mapping[str, Any] | None) -> list[Plain]:
    """Stages of the run, the dearest first."""
    stages: Mapping[str, Any] = (times or {}).get("stages") or {}
    total = sum(float(stage["seconds"]) for stage in stages.values()) or 1.0
    return [
        {
            "name": name,
            "seconds": figure(float(stage["seconds"]), 3),
            "count": figure(int(stage["count"])),
            "each": figure(1000.0 * float(stage["seconds"]) / max(1, int(stage["count"])), 3),
            "share": share(float(stage["seconds"]) / total),
            "width": round(200 * float(stage["seconds"]) / total, 1),
        }
        for name, stage in sorted(stages.items(), key=lambda item: -float(item[1]["seconds"]))
    ]
