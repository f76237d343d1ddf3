"""What a format cannot hold is named: between any two of the registry nothing is lost in silence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from augcli import formats
from augcli.formats.contract import LABELS, of_classes
from augcli.plan.labels import losses
from tests.formats.rich import FLAVOURS, Held, converted, differences, differences_of_classes, held, rich
from tests.proof import carried

FORMATS = tuple(formats.FORMATS)

STRUCTURE = {"polygons", "parts", "holes", "instances", "rotated"}
"""Words that name how a shape is written: the pixels may be right all the same."""

CHANGED = {"ids"}
"""Objects get new ids without losing what they say."""


@pytest.fixture(autouse=True)
def _carried_is_a_format(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(formats.FORMATS, "carried", carried.__name__)  # type: ignore[arg-type]
    monkeypatch.setitem(formats.SIGNS, "carried", frozenset({".carried"}))  # type: ignore[arg-type]


def carry(before: Held, target: str, output: Path) -> tuple[Held | None, list[str]]:
    """What arrived in the format `target`, and what is wrong with what was said of it."""
    named = set(losses(before.dataset, target))
    converted(before, target, output)
    if before.dataset.holds - CHANGED <= named:
        return None, []  # nothing of it can be held, and that was said
    after = held(target, output)
    found = differences(before, after)
    behind = of_classes(before.dataset) - formats.keeps(target)
    untold = differences_of_classes(before, after) - (behind if target != before.dataset.format else set())
    said = f"{before.dataset.format} -> {target}"
    wrong = [f"{said}: lost in silence: {sorted(found - named)}"] if found - named - CHANGED else []
    wrong += [f"{said}: of classes, lost in silence: {sorted(untold)}"] if untold else []
    if target != "folders":  # whose table, where it has one, holds more than class folders do
        needless = named - found - STRUCTURE
        wrong += [f"{said}: named and not lost: {sorted(needless)}"] if needless else []
    return after, wrong


def walked(flavour: str, folder: Path, *, further: bool) -> Iterator[str]:
    """What is wrong on the ways from a rich dataset into every format; `further`: from there into all."""
    first = rich(flavour, folder / "rich")
    for one in FORMATS:
        after, wrong = carry(first, one, folder / one)
        yield from wrong
        for other in FORMATS if further and after is not None else ():
            assert after is not None
            yield from carry(after, other, folder / f"{one}-{other}")[1]


def test_the_datasets_hold_every_kind_of_label() -> None:
    assert set().union(*FLAVOURS.values()) == set(LABELS)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_what_a_format_loses_of_labels_is_named(flavour: str, tmp_path: Path) -> None:
    assert not list(walked(flavour, tmp_path, further=flavour in ("all", "classes", "semantic")))


@pytest.mark.slow
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_what_any_format_loses_of_any_other_is_named(flavour: str, tmp_path: Path) -> None:
    assert not list(walked(flavour, tmp_path, further=True))
