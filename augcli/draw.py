"""Pictures for people: a contact sheet of originals and copies with captions.

Knows samples and plain text; nothing of recipes or folders.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from augcli.errors import printable
from augcli.geometry import Canvas, resample, scaling
from augcli.overlay import Labels, overlaid
from augcli.sample import Image as Pixels

MARGIN = 8
LINE = 14
FONT = 11
LINES = 4
"""Caption lines under a tile, and its measures in pixels."""

PAPER, INK, PALE = (250, 250, 248), (30, 30, 30), (110, 110, 110)
CHECKER = 8

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True)
class Tile:
    """One picture of the sheet: pixels (None where there are none), a title, a caption, labels to draw."""

    image: Pixels | None
    title: str
    caption: str = ""
    labels: Labels | None = None


def shown(image: Pixels, low: float = 0.0, high: float = 65535.0) -> Pixels:
    """(H, W, 3) uint8 for the eye: 16 bit scaled from [low, high], alpha over a checkerboard."""
    if image.dtype == np.uint16:
        scaled = (image.astype(np.float32) - low) * (255.0 / (high - low))
        alpha = image[..., -1:].astype(np.float32) / 257.0 if image.ndim == 3 else None
        image = np.clip(np.rint(scaled), 0, 255).astype(np.uint8)
        if alpha is not None and image.shape[2] in (2, 4):
            image[..., -1:] = np.rint(alpha)
    planes = image.reshape(*image.shape[:2], -1)
    colour = planes[..., :-1] if planes.shape[2] in (2, 4) else planes
    colour = np.repeat(colour, 3, axis=2) if colour.shape[2] == 1 else colour
    if planes.shape[2] not in (2, 4):
        return np.ascontiguousarray(colour)
    rows, columns = np.indices(image.shape[:2])
    checker = np.where((rows // CHECKER + columns // CHECKER) % 2, 200, 255)[..., None]
    alpha = planes[..., -1:] / 255.0
    return np.rint(colour * alpha + checker * (1.0 - alpha)).astype(np.uint8)


def thumbnail(image: Pixels, side: int) -> Pixels:
    """The image shrunk (never enlarged) so that its longer side is at most `side` pixels."""
    height, width = image.shape[:2]
    scale = min(1.0, side / max(width, height))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return resample(image, scaling(size[0] / width, size[1] / height), size, Canvas(border="edge"))


def contact_sheet(rows: Sequence[Sequence[Tile]], side: int = 200) -> Image.Image:
    """A sheet with one row per source and one column per tile; every tile fits a square of `side` pixels."""
    columns = max(map(len, rows))
    step_x, step_y = side + MARGIN, side + (LINES + 1) * LINE + 2 * MARGIN
    sheet = Image.new("RGB", (columns * step_x + MARGIN, len(rows) * step_y + MARGIN), PAPER)
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(FONT)
    for row, tiles in enumerate(rows):
        for column, tile in enumerate(tiles):
            x, y = MARGIN + column * step_x, MARGIN + row * step_y
            if tile.image is not None:
                shrunk = thumbnail(tile.image, side)
                small = Image.fromarray(shrunk if tile.labels is None else overlaid(shrunk, tile.labels))
                sheet.paste(small, (x + (side - small.width) // 2, y + (side - small.height) // 2))
            else:
                pen.rectangle((x, y, x + side - 1, y + side - 1), outline=PALE)
            pen.text((x, y + side + 2), _cut(tile.title, pen, font, side), fill=INK, font=font)
            for number, line in enumerate(_wrapped(tile.caption, pen, font, side)):
                pen.text((x, y + side + 2 + (number + 1) * LINE), line, fill=PALE, font=font)
    return sheet


def _cut(text: str, pen: ImageDraw.ImageDraw, font: Font, side: int) -> str:
    """The end of a text that is too long: file names differ at their end."""
    text = printable(text)
    if pen.textlength(text, font=font) <= side:
        return text
    while text and pen.textlength("…" + text, font=font) > side:
        text = text[1:]
    return "…" + text


def _wrapped(text: str, pen: ImageDraw.ImageDraw, font: Font, side: int) -> list[str]:
    width = max(8, int(side / max(1.0, pen.textlength("n", font=font)) * 1.1))
    lines = textwrap.wrap(printable(text), width, break_long_words=True)
    if len(lines) > LINES:
        lines = [*lines[: LINES - 1], lines[LINES - 1][: width - 1] + "…"]
    return lines
