"""One pass over the rows: everything that they tell without a look at a pixel, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from augcli.report.counting import Counting, label_of
from augcli.report.expectation import expected
from augcli.report.firing import Firing
from augcli.report.labelling import Labelling
from augcli.report.sampling import Sample, pack
from augcli.report.twins import Twins

Row = Mapping[str, Any]


@dataclass
class Facts:
    """What the rows tell; see the parts."""

    firing: Firing
    sample: Sample
    counting: Counting = field(default_factory=Counting)
    labelling: Labelling = field(default_factory=Labelling)
    twins: Twins = field(default_factory=Twins)


def gather(rows: Iterable[Row], recipe: Mapping[str, Any], semantic: bool, limit: int | None) -> Facts:
    """Go through the rows once.

    rows      in the manifest's order: all of a source together, its original first
    recipe    in its normal form; {} for none
    semantic  the dataset has masks, which hold classes that no row names
    limit     outputs whose pixels are to be looked at; None for all
    """
    facts = Facts(Firing.of(expected(recipe.get("steps", ()))), Sample(limit))
    now: tuple[str, str] | None = None
    classes: frozenset[str] | None = None
    label: str | None = None
    original: Row | None = None
    kept: list[bytes] = []
    name, wanted = "", False
    for row in rows:
        if (row["split"], row["source"]) != now:
            facts.sample.add(name, kept)
            now = row["split"], row["source"]
            name, kept, original = "\0".join(now), [], None
            wanted = facts.sample.wants(name)
            facts.twins.source(row)
            label = label_of(row)
            facts.counting.begin(row, label)
            classes = None if semantic else _classes(row)
        facts.counting.add(row)
        if row["status"] != "ok":
            continue
        original = original if row["copy"] else row
        facts.labelling.add(row, original)
        facts.twins.add(row)
        if row["copy"]:
            facts.firing.add(row, classes)
        if wanted:
            kept.append(pack(row))
    facts.sample.add(name, kept)
    return facts


def _classes(row: Row) -> frozenset[str] | None:
    """The classes of a source, as `only` in a recipe asks for them; None where its first row hides them."""
    labels = row["labels"]
    if row["copy"] and row["partners"]:
        return None
    if labels["classes"]:
        return frozenset(labels["classes"])
    if row["status"] != "ok":
        return None
    objects = [*labels.get("objects", ()), *row["dropped"]]
    return frozenset(each["category"] for each in objects)
