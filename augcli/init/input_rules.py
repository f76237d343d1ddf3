"""Rules for what is read and how: groups, held-out images, levels, tiles."""

from __future__ import annotations

from augcli.init.facts import Facts
from augcli.init.rules import Knob, always, rule

ENOUGH_TO_HOLD_OUT = 10
"""Images, or groups, of which a fifth can be held out."""

TILE = 1024
"""Pixels of a tile, with neighbours sharing a fifth, as in DOTA (Xia et al. 2018: 1024, gap 200)."""


def _can_hold_out(facts: Facts) -> bool:
    grouping = facts.grouping
    parts = grouping.groups if grouping is not None and grouping.safe else facts.training
    return parts >= ENOUGH_TO_HOLD_OUT


def _group(facts: Facts) -> str | None:
    return facts.grouping.pattern if facts.grouping is not None else None


def _grouped_why(facts: Facts) -> str:
    grouping = facts.grouping
    if grouping is None:
        return ""
    key, group = grouping.example
    what = f"{key} would be of group {group}, one of {grouping.groups}"
    if grouping.safe:
        return f"Images of one {grouping.what} stay together in every split and fold: {what}."
    if grouping.torn:
        return (
            f"File names may tell what belongs together: {what}. But {grouping.torn} groups lie in two "
            "splits: if they are true groups, what is learnt is tested on its like. Mend the splits, "
            "then use it."
        )
    return (
        "Frames of a video, slices of a patient, crops of a picture must share a split. File names may "
        f"tell: {what}. Right? Then uncomment it."
    )


def _levels_why(facts: Facts) -> str:
    low, high = facts.looks.levels or (0, 65535)
    return (
        f"Of {facts.looks.deep} 16-bit images looked at, 99.8 % of the values lie in {low} to {high}. "
        "Amounts of noise and contrast are shares of this range, and previews show it as black to white."
    )


def _tile_why(facts: Facts) -> str:
    width, height = facts.looks.middle
    return (
        f"The middle image has {width} x {height} pixels, the middle object {facts.object_side:.1%} of "
        "its longer side: made small for training it would vanish. Every image of every split is cut "
        "into tiles, as in DOTA (1024 with 200 shared)."
    )


KNOBS = (
    Knob(
        "group",
        "input.group",
        (
            rule(
                "names show groups",
                lambda f: f.grouping is not None and f.grouping.safe,
                _group,
                _grouped_why,
            ),
            rule(
                "names may show groups", lambda f: f.grouping is not None, _group, _grouped_why, active=False
            ),
        ),
    ),
    Knob(
        "holdout",
        "input.holdout",
        (
            rule("there are splits", lambda f: f.split, None),
            rule(
                "no split, enough images",
                _can_hold_out,
                {"val": "20%"},
                "There are no splits: a fifth is held out by a hash of the name (or group), and never "
                "augmented. Whether augmentation helps shows on untouched images alone.",
            ),
            rule(
                "no split, too few images",
                always,
                {"val": "20%"},
                "There are no splits, and too few images to hold some out here: cross-validate.",
                active=False,
            ),
        ),
    ),
    Knob(
        "levels",
        "input.levels",
        (
            rule(
                "16 bit that fills a part of the scale",
                lambda f: f.deep and f.looks.levels is not None,
                lambda f: list(f.looks.levels or ()),
                _levels_why,
            ),
        ),
    ),
    Knob(
        "tile",
        "input.tile",
        (
            rule(
                "small objects in large images",
                lambda f: f.small_objects,
                {"size": TILE, "overlap": "20%"},
                _tile_why,
            ),
        ),
    ),
)
