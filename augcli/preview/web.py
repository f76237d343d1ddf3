"""The values of the page: what `templates/preview.html` lays out and `preview.js` filters and sorts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from augcli.draw import thumbnail
from augcli.overlay import color_of
from augcli.pages import data_uri, figure, page, share
from augcli.prelude import Prelude
from augcli.preview.sheet import holding
from augcli.preview.shots import Row, Shot
from augcli.preview.words import LAMBDA, Told, steps_by_id, told
from augcli.recipe.model import Step
from augcli.sample import Category, Image
from augcli.svg import KINDS, Shown, css_color, kinds_of, legend, vector_overlay

SIDE, GUEST_SIDE = 256, 48
"""Pixels of the longer side of a picture, and of that of a partner."""

REASONS = {
    "outside": "outside the frame",
    "visibility": "too little of it is visible",
    "area": "too small an area is left",
    "size": "what is left is too narrow",
}
"""Why an object is not labelled any more (`labels.Dropped.reason`), in words."""

RATIOS = tuple(range(50, 155, 5))
"""Heights of a row's frames, in percent of their width; the style sheet has a rule for each."""

MOST_COLUMNS = 6


@dataclass(frozen=True)
class Photo:
    """A picture with its overlay. `tall` ones fill the height of the frame, all others its width; the pixels
    of `coarse` ones, which are enlarged, stay squares.
    """

    uri: str
    width: int
    height: int
    tall: bool
    coarse: bool
    overlay: Markup


@dataclass(frozen=True)
class Weight:
    """The weight of a class, its colour, and in words."""

    name: str
    value: float
    color: str
    words: str


@dataclass(frozen=True)
class Card:
    """A copy on the page."""

    id: str
    copy: int
    photo: Photo | None
    error: str
    steps: Sequence[Told]
    legend: Sequence[Shown]
    weights: Sequence[Weight]
    guests: Sequence[tuple[str, str]]
    dropped: Sequence[str]
    warnings: Sequence[str]


@dataclass(frozen=True)
class Strip:
    """A source with its copies on the page."""

    id: str
    name: str
    photo: Photo | None
    error: str
    facts: str
    classes: Sequence[str]
    warnings: Sequence[str]
    ratio: int
    cards: Sequence[Card]


@dataclass(frozen=True)
class Scale:
    """A drawn value that differs between copies: a slider."""

    key: str
    step: str
    value: str
    low: float
    high: float
    sign: str
    marks: Sequence[float]


def web_page(recipe_name: str, found: Prelude, rows: Sequence[Row]) -> bytes:
    """The bytes of the page; the same for the same recipe and images."""
    steps = steps_by_id(found.recipe)
    colors = _class_colors(found)
    strips = [_strip(number, row, steps, colors) for number, row in enumerate(rows)]
    cards = [card for strip in strips for card in strip.cards]
    scales = _scales(cards, steps)
    classes = {name for strip in strips for name in strip.classes}
    classes |= {weight.name for card in cards for weight in card.weights}
    fired = [step for step in steps if any(step == told.id for card in cards for told in card.steps)]
    shots = [shot for row in rows for shot in (row.source, *row.copies)]
    kinds = {kind for shot in shots if shot.labels for kind in kinds_of(shot.labels)}
    return page(
        "preview",
        title=f"Preview of {recipe_name}",
        data={
            "cards": [_facts(card, strip) for strip in strips for card in strip.cards],
            "steps": fired,
            "classes": sorted(classes),
            "scales": [
                {"key": scale.key, "step": scale.step, "value": scale.value, "sign": scale.sign}
                for scale in scales
            ],
        },
        strips=strips,
        scales=scales,
        classes=sorted(classes),
        steps=fired,
        kinds=[kind for kind in KINDS if kind in kinds],
        seed=found.recipe.seed,
        sources=len(rows),
        copies=len(cards),
        columns=min(MOST_COLUMNS, max((len(strip.cards) for strip in strips), default=1)),
        failed=sum(bool(card.error) for card in cards),
        notes=[*found.plan.notes, *found.plan.shortfalls],
    )


def _facts(card: Card, strip: Strip) -> dict[str, Any]:
    """What the script filters and sorts by."""
    values = {}
    for step in card.steps:
        for value in step.values:
            if value.number is not None and value.varies:
                values[f"{step.id}.{value.name}"] = value.number
    return {
        "id": card.id,
        "copy": card.copy,
        "strip": strip.id,
        "steps": [step.id for step in card.steps],
        "classes": sorted({*strip.classes, *(weight.name for weight in card.weights)}),
        "values": values,
        "worth": bool(card.error or card.warnings or card.dropped),
    }


def _strip(number: int, row: Row, steps: Mapping[str, Step], colors: Mapping[str, str]) -> Strip:
    source, entry = row.source, row.entry
    pictures = [shot.picture for shot in (source, *row.copies) if shot.picture is not None]
    facts = source.error
    if not facts:
        facts = f"{source.row['size'][0]} × {source.row['size'][1]} pixels, {holding(source, entry)}"
    return Strip(
        f"s{number}",
        entry.id,
        _photo(source),
        source.error,
        facts,
        entry.categories,
        source.row["warnings"],
        _ratio(pictures),
        [_card(f"s{number}c{shot.copy}", shot, source, steps, colors) for shot in row.copies],
    )


def _card(id_: str, shot: Shot, source: Shot, steps: Mapping[str, Step], colors: Mapping[str, str]) -> Card:
    if shot.error:
        return Card(id_, shot.copy, None, shot.error, (), (), (), (), (), ())
    known = set(source.row["warnings"])  # those of the source stand beside it
    return Card(
        id_,
        shot.copy,
        _photo(shot),
        "",
        [told(record, steps[record["id"]]) for record in shot.row["steps"]],
        legend(shot.labels) if shot.labels else (),
        [
            Weight(name, weight, colors.get(name, "currentColor"), figure(weight, 2))
            for name, weight in shot.weights.items()
        ]
        if len(shot.weights) > 1
        else [],
        [(guest.name, "" if guest.picture is None else _small(guest.picture)) for guest in shot.guests],
        [_lost(thing) for thing in shot.row["dropped"]],
        [text for text in shot.row["warnings"] if text not in known],
    )


def _lost(thing: Mapping[str, Any]) -> str:
    """A dropped object: `spoon: outside the frame`."""
    why = REASONS[thing["reason"]]
    seen = f", {share(thing['visible'])} of it visible" if thing["reason"] != "outside" else ""
    return f"{thing['category']}: {why}{seen}"


def _photo(shot: Shot) -> Photo | None:
    if shot.picture is None:
        return None
    height, width = shot.picture.shape[:2]
    small = thumbnail(shot.picture, SIDE)
    overlay = vector_overlay(shot.labels) if shot.labels else Markup()
    tall = 100.0 * height / width > RATIOS[-1] + 0.5
    return Photo(data_uri(small), width, height, tall, max(width, height) <= SIDE // 2, overlay)


def _small(picture: Image) -> str:
    return data_uri(thumbnail(picture, GUEST_SIDE))


def _ratio(pictures: Sequence[Image]) -> int:
    """The height of a row's frames, in percent of their width, that fits its tallest picture."""
    tallest = max((100.0 * picture.shape[0] / picture.shape[1] for picture in pictures), default=75.0)
    return next((ratio for ratio in RATIOS if ratio >= tallest - 0.5), RATIOS[-1])


def _class_colors(found: Prelude) -> dict[str, str]:
    names = found.dataset.classes
    categories = found.dataset.categories or [Category(name, number) for number, name in enumerate(names)]
    known = {category.name: category for category in categories}
    return {name: css_color(color_of(name, known)) for name in known}


def _scales(cards: Sequence[Card], steps: Iterable[str]) -> list[Scale]:
    """One for every drawn number that varies and does so among these copies, in the order of the steps."""
    found: dict[tuple[str, str, str], list[float]] = {}
    for card in cards:
        for step in card.steps:
            for value in step.values:
                if value.number is not None and value.varies:
                    found.setdefault((step.id, value.name, value.sign), []).append(value.number)
    places = {step: place for place, step in enumerate(steps)}
    scales = []
    for (step_id, name, sign), numbers in sorted(found.items(), key=lambda item: places[item[0][0]]):
        low, high = min(numbers), max(numbers)
        if low < high:
            marks = [round((number - low) / (high - low) * 100.0, 2) for number in sorted(numbers)]
            said = "λ" if name == LAMBDA else name.replace("_", " ")
            scales.append(Scale(f"{step_id}.{name}", step_id, said, low, high, sign, marks))
    return scales
