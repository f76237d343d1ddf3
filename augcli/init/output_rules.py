"""Rules for what is written: image files, copies, labels, mirror images of classes, sizes."""

from __future__ import annotations

from typing import Any

from augcli.init.facts import TINY, Facts
from augcli.init.rules import Knob, always, rule

FEW = 200
"""Training images from which on a few copies are enough."""

MANY = 20_000
"""Training images from which on one copy of each is much."""

BALANCE = 1.5
"""Largest class by smallest from which images are balanced by copies ..."""

BALANCE_OBJECTS = 5.0
"""... and from which images with rare objects get more of them: balance of objects is coarser."""


def _usual_copies(facts: Facts) -> int:
    return 6 if facts.training < FEW else 3 if facts.training < 2000 else 2 if facts.training < MANY else 1


def _rare(facts: Facts) -> dict[str, int]:
    """Copies of images with rare classes: to half of the middle class, at most four times the usual."""
    counts = sorted(count for _, count in facts.classes if count)
    middle = counts[len(counts) // 2]
    usual = _usual_copies(facts)
    rare = [(name, count) for name, count in reversed(facts.classes) if 0 < count < middle / 2]
    return {name: usual * min(4, max(2, round(middle / count / 2))) for name, count in rare[:10]}


def _more_for_rare(facts: Facts) -> dict[str, Any] | int:
    rare = _rare(facts)
    return {"default": _usual_copies(facts), "classes": rare} if rare else _usual_copies(facts)


def _copies_why(facts: Facts) -> str:
    if facts.training < FEW:
        return (
            f"Only {facts.training} training images: several copies of each. Copies are no new scenes; "
            "past some number they only repeat what is there, so try fewer and more."
        )
    return f"Of each of the {facts.training:,} training images; fewer are needed the more images there are."


def _longest(facts: Facts) -> dict[str, Any]:
    return {"resize": {"longest": 1024 if facts.whole_image else 1280}}


def _frame(facts: Facts) -> dict[str, Any]:
    width, height = (max(32, min(1024, round(side / 32) * 32)) for side in facts.looks.middle)
    return {"letterbox": {"width": width, "height": height}}


def _huge_why(facts: Facts) -> str:
    width, height = facts.looks.middle
    return (
        f"The middle image has {width} x {height} pixels. Done once for every image of every split; "
        "copies are made faster, and labels move along. Leave it out where fine detail matters."
    )


def _labels(facts: Facts) -> dict[str, Any] | None:
    found: dict[str, Any] = {"invalid": facts.invalid} if facts.invalid != "refuse" else {}
    if not facts.whole_image and facts.task != "semantic":
        found = {"min_visibility": 0.2, "min_size": 2, **found}
    return found or None


def _labels_why(facts: Facts) -> str:
    found = ""
    if not facts.whole_image and facts.task != "semantic":
        found = "What keeps less of itself in a copy than this is no longer labelled there."
    if facts.invalid != "refuse":
        found += " Labels that cannot be right are left out; `refuse` names them all."
    return found.strip()


def _pairs_why(facts: Facts) -> str:
    one, other = facts.pairs[0]
    return f"A mirror makes {one} of {other}: classes change places with their images."


KNOBS = (
    Knob(
        "encode",
        "output.encode",
        (
            rule(
                "shards of several kinds",
                lambda f: f.format == "webdataset" and len(f.kinds) > 1,
                {"format": "png"},
                "The images are of several kinds, and readers of shards want one.",
            ),
        ),
    ),
    Knob(
        "copies",
        "copies",
        (
            rule(
                "classes of unequal size",
                lambda f: f.task == "classification" and f.imbalance >= BALANCE,
                {"balance": "max", "at_least": 1, "at_most": 10},
                lambda f: (
                    f"The largest class has {f.imbalance:.1f} times the images of the smallest: rare "
                    "classes get more copies, at most 10 of an image. They balance counts, not what there "
                    "is to learn from: compare with weights in the loss, and with plain `copies: 2`."
                ),
            ),
            rule(
                "rare objects",
                lambda f: not f.whole_image and f.imbalance >= BALANCE_OBJECTS,
                _more_for_rare,
                lambda f: (
                    f"The most frequent class is in {f.imbalance:.0f} times the images of the rarest: "
                    "images with a rare one get more copies."
                ),
            ),
            rule("a usual number", always, _usual_copies, _copies_why),
        ),
    ),
    Knob(
        "labels",
        "labels",
        (rule("labels of objects, or wrong ones", lambda f: _labels(f) is not None, _labels, _labels_why),),
    ),
    Knob(
        "symmetry",
        "symmetry",
        (
            rule(
                "classes with a side and no twin",
                lambda f: bool(f.one_sided),
                lambda f: {**dict(f.pairs), "never": list(f.one_sided)},
                lambda f: (
                    f"{f.one_sided[0]} has a side and no class for its mirror image: `check` refuses to "
                    "mirror it."
                ),
            ),
            rule(
                "classes with a left and a right",
                lambda f: bool(f.pairs),
                lambda f: dict(f.pairs),
                _pairs_why,
            ),
        ),
    ),
    Knob(
        "prepare",
        "prepare",
        (
            rule("tiles", lambda f: f.small_objects, None),
            rule("huge images", lambda f: f.huge, _longest, _huge_why),
            rule(
                "mixed sizes",
                lambda f: (
                    f.looks.sizes > 1
                    and not f.tiny
                    and min(f.looks.middle) > TINY
                    and (f.task == "semantic" or f.format in ("webdataset", "parquet", "hf"))
                ),
                _frame,
                lambda f: (
                    f"{f.looks.sizes} sizes among {f.looks.measured} images; batches want one. If your "
                    "loader does not see to it:"
                ),
                active=False,
            ),
        ),
    ),
)
