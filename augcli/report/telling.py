"""The findings as JSON: what `--json` prints, and what page and summary take their figures from.

Keys are stable: new ones may come, none goes or changes its meaning within version 1 of `report`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from augcli import __version__
from augcli.report.comparing import MEASURES, Compared, Side
from augcli.report.counting import Counting, Frames, Noted
from augcli.report.firing import Firing, varying
from augcli.report.flags import Verdict
from augcli.report.gathering import Facts
from augcli.report.histogram import Histogram, Words
from augcli.report.labelling import Labelling, Things
from augcli.report.looking import Looked
from augcli.report.subject import Subject

VERSION = 1

Plain = dict[str, Any]

MOST_PAIRS = 50
"""Pairs of mixed classes that are told."""


@dataclass(frozen=True)
class Findings:
    """All that a report knows."""

    about: Subject
    facts: Facts
    looked: Looked
    compared: Compared
    verdicts: list[Verdict]
    times: Mapping[str, Any] | None = None
    leaked: tuple[tuple[str, ...], ...] = ()

    @property
    def raised(self) -> list[Verdict]:
        """The flags that warn, the gravest first."""
        return [verdict for verdict in self.verdicts if verdict.raised]


def told(found: Findings) -> Plain:
    """The document; numbers are rounded to six digits, what was not measured is null."""
    facts, compared, about = found.facts, found.compared, found.about
    counting = facts.counting
    return {
        "report": VERSION,
        "augment": __version__,
        "name": about.name,
        "output_of_augment": about.ours,
        "tree": about.tree or None,
        "notes": list(about.notes),
        "sample": {
            "outputs": len(found.looked.looks),
            "of": counting.outputs,
            "sources": len({meta.source for meta in found.looked.metas}),
            "before": before_side(found),
        },
        "flags": [_flag(verdict, found.looked) for verdict in found.verdicts],
        "counts": _counts(counting),
        "steps": _steps(facts.firing),
        "values": _values(facts.firing),
        "frames": {"before": _frames(counting.frames_before), "after": _frames(counting.frames_after)},
        "pixels": _pixels(compared),
        "objects": _objects(facts.labelling),
        "masks": [
            {"id": number, "before": _number(before), "after": _number(after)}
            for number, (before, after) in compared.ids.items()
        ],
        "mixing": _mixing(facts.labelling),
        "twins": _twins(found),
        "failures": _noted(counting.failures, counting.texts),
        "warnings": _noted(counting.warnings),
        "times": found.times,
    }


def before_side(found: Findings) -> str:
    """Where the pictures before come from: input, originals, none."""
    if found.looked.sources:
        return "input"
    return "originals" if found.compared.before.count else "none"


def _flag(verdict: Verdict, looked: Looked) -> Plain:
    flag, value = verdict.flag, verdict.value
    return {
        "name": flag.name,
        "raised": verdict.raised,
        "level": flag.level,
        "value": None if value is None else _number(value.value),
        "threshold": verdict.threshold,
        "kind": flag.kind,
        "meaning": flag.meaning,
        "remedy": flag.remedy,
        "detail": "" if value is None else value.detail,
        "examples": [] if value is None else [looked.metas[number].id for number in value.shown],
    }


def _counts(counting: Counting) -> Plain:
    places = sorted({*counting.before, *counting.after})
    return {
        "sources": counting.sources,
        "outputs": counting.outputs,
        "copies": counting.made,
        "failed": counting.failed,
        "classes": [
            {
                "split": split,
                "class": label,
                "before": None if counting.partly_labelled else counting.before[split, label],
                "after": counting.after[split, label],
            }
            for split, label in places
        ],
        "augmented_share": {
            label: _number(counting.copies[label] / (counting.copies[label] + counting.originals[label]))
            for label in sorted({*counting.copies, *counting.originals})
        },
        "formats": {label: dict(kinds) for label, kinds in sorted(counting.formats.items())},
    }


def _steps(firing: Firing) -> list[Plain]:
    return [
        {
            "id": id_,
            "op": fired.expected.op,
            "p": _number(fired.expected.p),
            "trials": fired.trials,
            "fired": fired.fired,
            "share": _number(fired.share),
            "probability": _number(fired.probability),
        }
        for id_, fired in firing.steps.items()
    ]


def _values(firing: Firing) -> list[Plain]:
    found = []
    for step, name in varying(firing):
        kept = firing.values[step, name]
        head: Plain = {"step": step, "name": name, "unit": firing.units[step, name]}
        if isinstance(kept, Words):
            found.append(head | {"words": dict(kept.counts.most_common()), "others": kept.others})
        else:
            found.append(head | distribution(kept))
    return found


def distribution(kept: Histogram) -> Plain:
    """A distribution in a few numbers."""
    return {
        "count": kept.count,
        "min": _number(kept.low),
        "p5": _number(kept.quantile(0.05)),
        "median": _number(kept.quantile(0.5)),
        "p95": _number(kept.quantile(0.95)),
        "max": _number(kept.high),
        "mean": _number(kept.mean),
    }


def _frames(frames: Frames) -> Plain:
    return {name: distribution(getattr(frames, name)) for name in ("width", "height", "megapixels", "aspect")}


def _pixels(compared: Compared) -> Plain:
    return {
        "before": _side(compared.before),
        "after": _side(compared.after),
        "against_source": {
            "copies": compared.held,
            "ssim": distribution(compared.ssim),
            "clipped": distribution(compared.clipping),
            "fill": distribution(compared.fill),
            "area": distribution(compared.area),
            "aspect": distribution(compared.aspect),
        },
        "blank": len(compared.blanks),
        "unseen": dict(compared.unseen),
        "tells_class": {
            name: {
                label: {"before": _number(before), "after": _number(after)}
                for label, (before, after) in classes.items()
            }
            for name, classes in compared.told.items()
        },
    }


def _side(side: Side) -> Plain:
    told_names = {name: "log10_sharpness" if name == "sharpness" else name for name in MEASURES}
    return {"count": side.count} | {told_names[name]: distribution(side.values[name]) for name in MEASURES}


def _objects(labelling: Labelling) -> Plain:
    return {
        "before": _things(labelling.before),
        "after": _things(labelling.after),
        "dropped": dict(labelling.dropped.most_common()),
        "dropped_by_category": _by_category(labelling.lost),
        "emptied": labelling.emptied,
    }


def _things(things: Things) -> Plain:
    return {
        "count": things.count,
        "images": things.images,
        "categories": _by_category(things.categories),
        "by_split": [
            {"split": split, "category": name, "count": count}
            for (split, name), count in sorted(things.categories.items())
        ],
        "size": distribution(things.size),
        "aspect": distribution(things.aspect),
        "visible": distribution(things.visible),
        "per_image": distribution(things.per_image),
        "keypoints": {str(visibility): count for visibility, count in sorted(things.points.items())},
    }


def _by_category(counts: Mapping[tuple[str, str], int]) -> dict[str, int]:
    """Counts by (split, category), over all splits."""
    found: Counter[str] = Counter()
    for (_, name), count in counts.items():
        found[name] += count
    return dict(sorted(found.items()))


def _mixing(labelling: Labelling) -> Plain:
    return {
        "mixed": labelling.mixed,
        "heaviest": distribution(labelling.heaviest),
        "partnered": dict(labelling.partnered),
        "passed_over": labelling.passed_over,
        "pairs": [
            {"classes": list(pair), "count": count} for pair, count in labelling.pairs.most_common(MOST_PAIRS)
        ],
    }


def _twins(found: Findings) -> Plain:
    compared, twins = found.compared, found.facts.twins
    return {
        "unchanged": twins.unchanged,
        "repeated": twins.repeated(),
        "near_source": len(compared.near_source),
        "near_sibling": len(compared.near_sibling),
        "near_other": compared.others,
        "cross_class": len(compared.crossed),
        "cross_split": len(compared.leaked),
        "sources_in_several_splits": [list(names) for names in found.leaked],
    }


def _noted(kinds: Mapping[str, Noted], texts: Mapping[str, str] | None = None) -> list[Plain]:
    return [
        {
            "kind": kind,
            "text": (texts or {}).get(kind, ""),
            "count": noted.count,
            "examples": list(noted.examples),
        }
        for kind, noted in sorted(kinds.items(), key=lambda item: (-item[1].count, item[0]))
    ]


def _number(value: float | None) -> float | None:
    """Six significant digits; None for what is none, or not finite."""
    return None if value is None or not math.isfinite(value) else float(f"{value:.6g}")
