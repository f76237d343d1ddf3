"""A row of the contact sheet: titles and captions under the pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from augcli.draw import Tile
from augcli.preview.shots import Row, Shot
from augcli.preview.words import told
from augcli.recipe.model import Step
from augcli.sample import Entry
from augcli.svg import described


def tiles(row: Row, steps: Mapping[str, Step]) -> Iterator[Tile]:
    """The source, then its copies; what failed has its error for a caption."""
    source = row.source
    if source.error:
        yield Tile(None, row.entry.key, source.error)
        return
    width, height = source.row["size"]
    notes = "; ".join([f"{width} x {height}, {holding(source, row.entry)}", *source.row["warnings"]])
    yield Tile(source.picture, row.entry.key, notes, source.labels)
    for shot in row.copies:
        yield Tile(shot.picture, f"copy {shot.copy}", shot.error or caption(shot, steps), shot.labels)


def holding(shot: Shot, entry: Entry) -> str:
    """The class of an image, else what is labelled in it."""
    return entry.label or (described(shot.labels) if shot.labels else "no labels")


def caption(shot: Shot, steps: Mapping[str, Step]) -> str:
    """What was drawn, in a few words: `rotate 12.3°, flip horizontal, mixup λ 0.71; cat 0.71, dog 0.29`."""
    words = [told(record, steps[record["id"]]).words for record in shot.row["steps"]]
    mixed = "; " + ", ".join(f"{name} {weight:.2f}" for name, weight in shot.weights.items())
    return ", ".join(words) + (mixed if len(shot.weights) > 1 else "") or "unchanged"
