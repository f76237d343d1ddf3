"""Facts and choices in words, for the terminal."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

from augcli.errors import number_of, printable
from augcli.init.facts import Facts
from augcli.init.rules import Choice

SHOWN = 8
"""How many classes are named."""

_TASKS = {
    "classification": "classification (a class for each image)",
    "detection": "detection (boxes)",
    "rotated": "detection with rotated boxes",
    "instances": "instance segmentation (outlines or masks of objects)",
    "semantic": "semantic segmentation (a class for each pixel)",
    "keypoints": "keypoints",
    "none": "no labels",
}


def told(facts: Facts) -> Iterator[str]:
    """Line by line what was found."""
    lines = [
        ("format", facts.format),
        ("task", _TASKS[facts.task]),
        ("labels", ", ".join(facts.labels)),
        ("splits", _splits(facts)),
        ("classes", _classes(facts)),
        ("objects", _objects(facts)),
        ("keypoints", _some(facts.keypoints)),
        ("images", _images(facts)),
        ("pixels", _pixels(facts)),
        ("shows", "; ".join(_shows(facts))),
        *(("problem", problem) for problem in facts.problems),
        *(("note", note) for note in facts.notes if not note.startswith("splits found")),
    ]
    for name, what in lines:
        if what:
            yield printable(f"  {name:10} {what}")


def as_data(facts: Facts, choices: Sequence[Choice]) -> dict[str, Any]:
    """The same for programs, with the rules that decided."""
    return {
        "facts": dataclasses.asdict(facts),
        "choices": [dataclasses.asdict(choice) for choice in choices],
    }


def _some(names: Sequence[str]) -> str:
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def _splits(facts: Facts) -> str:
    return ", ".join(f"{name or 'none, all'} {count:,}" for name, count in facts.splits)


def _classes(facts: Facts) -> str:
    if facts.task == "semantic":
        return _some([name for name, _ in facts.classes])
    counted = [f"{name} {count:,}" for name, count in facts.classes]
    told = _some(counted)
    return f"{told} (training images)" if told else ""


def _objects(facts: Facts) -> str:
    if not facts.objects:
        return ""
    return f"{facts.objects} in the middle image, {facts.object_side:.1%} of its longer side each"


def _images(facts: Facts) -> str:
    kinds = ", ".join(f"{count:,} {name.upper()}" for name, count in facts.kinds)
    looks = facts.looks
    if not looks.measured:
        return kinds
    spans = [f"{width} x {height}" for width, height in (looks.smallest, looks.middle, looks.largest)]
    sizes = f"all {spans[0]}" if looks.sizes == 1 else f"{spans[0]} to {spans[2]}, middle {spans[1]}"
    return f"{kinds}; {sizes} pixels (from {number_of(looks.measured, 'header')})"


def _pixels(facts: Facts) -> str:
    looks = facts.looks
    if not looks.decoded:
        return ""
    kinds = [
        f"{count} {name}"
        for count, name in ((looks.grey, "grey"), (looks.deep, "16 bit"), (looks.alpha, "alpha"))
        if count
    ]
    levels = f"; 16-bit values from {looks.levels[0]} to {looks.levels[1]}" if looks.levels else ""
    return f"of {looks.decoded} decoded: {', '.join(kinds) or 'all 8-bit colour'}{levels}"


def _shows(facts: Facts) -> Iterator[str]:
    if facts.written:
        yield f"characters or text ({_some(facts.text) or 'light pages with dark marks'})"
    if facts.no_up:
        yield f"no direction is up ({_some(facts.overhead)})"
    if facts.pairs:
        yield f"mirror images ({_some([f'{one} / {other}' for one, other in facts.pairs])})"
    if facts.one_sided:
        yield f"one side only ({_some(facts.one_sided)})"
    if facts.imbalance >= 1.5:
        yield f"classes of unequal size (1 : {facts.imbalance:.1f})"
    if facts.tiny:
        yield "tiny images"
    if facts.small_objects:
        yield "small objects in large images"
    if facts.grouping is not None:
        yield f"perhaps {facts.grouping.groups} groups ({facts.grouping.what})"
