"""Which outputs are worth a look, and their pictures: before and after, with labels, each with its row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from augcli.errors import ItemError
from augcli.images import decode, read
from augcli.images.masks import read_mask
from augcli.pages import data_uri, figure, single_line
from augcli.report import pixels
from augcli.report.looking import Looked, Meta
from augcli.report.measuring import MEGAPIXELS, Look
from augcli.report.readable import readable
from augcli.report.sampling import rank
from augcli.report.subject import Subject
from augcli.report.telling import Findings
from augcli.svg import labels_of, vector_overlay

Row = Mapping[str, Any]

TILES = 12
"""Tiles of a gallery, at most."""

SIDE = 176
"""Longer side of a tile's pictures in pixels."""


@dataclass(frozen=True)
class Picture:
    """A picture of a tile: its data URI, the labels over it, what it is."""

    uri: str
    overlay: Markup
    width: int
    height: int
    title: str


@dataclass(frozen=True)
class Tile:
    """One output with what it is held against.

    row       its place among the rows at the end of the page
    pictures  one or two
    caption   why it is here, in a few words
    """

    id: str
    row: int
    pictures: tuple[Picture, ...]
    caption: str


@dataclass(frozen=True)
class Gallery:
    """Some tiles under a heading."""

    name: str
    title: str
    text: str
    tiles: tuple[Tile, ...]


class Album:
    """Makes tiles, and keeps the rows that they lead to."""

    def __init__(self, found: Findings) -> None:
        self.found = found
        self.rows: list[tuple[str, Markup]] = []
        self._places: dict[str, int] = {}
        self._rows: dict[int, tuple[Row, Row | None]] = {}

    def open(self, numbers: Iterable[int]) -> None:
        """Fetch the rows of these outputs of the sample, each with that of its original."""
        wanted = set(numbers)
        number = 0
        for rows in self.found.facts.sample.sources():
            original = next((row for row in rows if not row["copy"]), None)
            for row in rows:
                if number in wanted:
                    self._rows[number] = row, original
                number += 1

    def tile(self, number: int, caption: str) -> Tile | None:
        """The tile of an output of the sample."""
        return self.of_row(*self._rows[number], caption)

    def of_row(self, row: Row, original: Row | None, caption: str) -> Tile | None:
        """The tile of a row, held against its source; None where there is no picture of it."""
        about = self.found.about
        after = self.picture(row, "after")
        if after is None:
            return None
        before = about.before(row) if row["copy"] else None
        first = None
        if before is not None:
            first = _picture(before[0], about, None, "before")
        elif original is not None and row["copy"]:
            first = self.picture(original, "before")
        pictures = (after,) if first is None else (first, after)
        return Tile(row["id"], self.place(row), pictures, caption)

    def pair(self, one: int, other: int) -> Tile | None:
        """Two outputs that are nearly the same."""
        a, b = self._rows[one][0], self._rows[other][0]
        pictures = (self.picture(a, _owner(a)), self.picture(b, _owner(b)))
        self.place(b)
        if pictures[0] is None or pictures[1] is None:
            return None
        return Tile(a["id"], self.place(a), (pictures[0], pictures[1]), f"beside {b['id']}")

    def picture(self, row: Row, title: str) -> Picture | None:
        """The picture of an output with its labels."""
        address = self.found.about.address(row["output"])
        return None if address is None else _picture(address, self.found.about, row, title)

    def place(self, row: Row) -> int:
        """The number of a row among those of the page."""
        if row["id"] not in self._places:
            self._places[row["id"]] = len(self.rows)
            lines = map(single_line, readable(row).splitlines())
            self.rows.append((row["id"], Markup("\n").join(lines)))
        return self._places[row["id"]]


def galleries(found: Findings) -> tuple[list[Gallery], list[tuple[str, Markup]]]:
    """The galleries that are not empty, and the (id, text) of the rows that their tiles lead to."""
    looked, compared = found.looked, found.compared
    album = Album(found)
    copies = [look for look in looked.looks if look.measures is not None and looked.metas[look.number].copy]
    everyone = copies or [look for look in looked.looks if look.measures is not None]
    chosen = sorted(everyone, key=lambda look: rank(looked.metas[look.number].id))[:TILES]
    held = [look for look in copies if look.ssim is not None]
    clipped = _most(held, lambda look: look.clipping or 0.0, 0.02)
    filled = _most(held, lambda look: look.fill or 0.0, 0.1)
    least = _most(held, lambda look: look.ssim or 0.0, -2.0)
    most = _most(held, lambda look: -(look.ssim or 0.0), -2.0)
    pairs = (compared.leaked + [pair for pair in compared.crossed if pair not in compared.leaked])[:TILES]
    blanks = compared.blanks[:TILES]
    numbers = [look.number for looks in (chosen, clipped, filled, least, most) for look in looks]
    album.open([*numbers, *blanks, *(number for pair in pairs for number in pair)])
    hidden = found.facts.labelling.least_visible.rows()
    made = [
        ("random", "Chosen at random", "By a hash of their names.", _tiles(album, chosen, looked, _plain)),
        (
            "blank",
            "Blank or nearly",
            "Deviation below 4 of 255, or entropy below 0.4 of the source's.",
            [album.tile(number, _class(looked.metas[number])) for number in blanks],
        ),
        (
            "pairs",
            "Nearly identical, in two splits or classes",
            "Pictures of different sources. What stands in two splits is tested on what was trained on.",
            [album.pair(*pair) for pair in pairs],
        ),
        (
            "hidden",
            "Least visible objects",
            "Of all copies, those with the object of which the least is left.",
            [
                album.of_row(row, original, f"least visible object {figure(100 * value, 2)} %")
                for value, row, original in hidden
            ],
        ),
        (
            "clipped",
            "Most clipped",
            "The share of black or white pixels in what shows the source, less that of the source.",
            _tiles(album, clipped, looked, _gain),
        ),
        (
            "filled",
            "Least of the source",
            "The largest part of the frame that lies outside the source, or is erased.",
            _tiles(album, filled, looked, _filled),
        ),
        (
            "least",
            "Least changed",
            "The highest structural similarity with the source.",
            _tiles(album, least, looked, _ssim),
        ),
        (
            "most",
            "Most changed",
            "The lowest structural similarity with the source. Geometry gives low values without any harm.",
            _tiles(album, most, looked, _ssim),
        ),
    ]
    kept = [
        Gallery(name, title, text, tuple(tile for tile in tiles if tile is not None))
        for name, title, text, tiles in made
    ]
    return [gallery for gallery in kept if gallery.tiles], album.rows


def _most(looks: Sequence[Look], value: Callable[[Look], float], over: float) -> list[Look]:
    return sorted(
        (look for look in looks if value(look) > over), key=lambda look: (-value(look), look.number)
    )[:TILES]


def _tiles(
    album: Album, looks: Sequence[Look], looked: Looked, why: Callable[[Look], str]
) -> list[Tile | None]:
    found = []
    for look in looks:
        words = [why(look), _class(looked.metas[look.number])]
        found.append(album.tile(look.number, ", ".join(word for word in words if word)))
    return found


def _ssim(look: Look) -> str:
    return f"SSIM {figure(look.ssim or 0.0, 2)}"


def _gain(look: Look) -> str:
    return f"{figure(100.0 * (look.clipping or 0.0), 2)} points more"


def _filled(look: Look) -> str:
    return f"{figure(100.0 * (look.fill or 0.0), 2)} % of the frame"


def _plain(_: Look) -> str:
    return ""


def _class(meta: Meta) -> str:
    return meta.label


def _owner(row: Row) -> str:
    return " ".join(word for word in (row["split"], row["labels"]["label"]) if word) or "no class"


def _picture(address: str, about: Subject, row: Row | None, title: str) -> Picture | None:
    try:
        image = decode(read(address), max_megapixels=MEGAPIXELS).image
    except ItemError:
        return None
    rgb = pixels.eight_bit(image, *about.levels)
    height, width = rgb.shape[:2]
    scale = min(1.0, SIDE / max(width, height))
    small = max(1, round(width * scale)), max(1, round(height * scale))
    shown = pixels.reduced(rgb, *small) if scale < 1.0 else rgb
    overlay = Markup() if row is None else _overlay(row, about)
    return Picture(data_uri(shown), overlay, *small, title)


def _overlay(row: Row, about: Subject) -> Markup:
    """The labels of a row as vectors; nothing for labels that cannot be drawn."""
    mask: NDArray[Any] | None = None
    path = next((file["path"] for file in row["files"] if file["kind"] == "mask"), None)
    try:
        if path is not None and "semantic" in about.dataset.holds and (place := about.address(path)):
            mask = np.asarray(read_mask(read(place), max_megapixels=MEGAPIXELS)[0])
        labels = labels_of(row, about.dataset.categories, about.dataset.ignore, mask)
        return vector_overlay(labels)
    except (ItemError, ValueError, KeyError, TypeError, OverflowError):
        return Markup()
