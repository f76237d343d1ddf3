"""Labels as vectors over a picture on a page: crisp at every size, each kind to be shown or hidden.

The SVG's coordinates are those of the image, whatever the size of the picture it lies over; lines and points
keep their width on the screen. Like `overlay`, of which it is the vector twin, it knows samples and
categories; nothing of recipes, folders or pages. Only attributes are used, no styles, so it works under a
policy that forbids them.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import east_asian_width

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from augcli.geometry import resample_nearest, scaling
from augcli.labels import bitmap_of, bounds, from_plain, outline_of
from augcli.objects import Bitmap, Evidence, Objects, Outline, Points, Ring, Thing
from augcli.overlay import Color, Labels, color_of, extent, ink, mask_categories, mask_colors, side_color
from augcli.pages import png_uri, single_line
from augcli.sample import Category

KINDS = ("boxes", "outlines", "masks", "keypoints", "names")
"""What `data-kind` of a group can be, in the order of drawing."""

TINT = 0.35
"""How opaque the insides of outlines and masks are."""

GRID = 512
"""Pixels of the longer side to which masks are reduced: what a page shows."""

_FIXED = Markup(' vector-effect="non-scaling-stroke"')
"""Of lines that keep their width on the screen."""

LETTER = 10.0
"""Height of letters on a picture whose longer side is shown with 256 pixels."""


def labels_of(
    row: Mapping[str, Any],
    categories: Sequence[Category],
    ignore: int | None = None,
    mask: NDArray[Any] | None = None,
) -> Labels:
    """What is drawn of a row of a manifest; `mask` (H, W) class ids, where it has a semantic mask."""
    objects = Objects.of(from_plain(plain) for plain in row["labels"].get("objects", ()))
    width, height = row["size"]
    return Labels((width, height), objects, mask, categories, ignore)


def kinds_of(labels: Labels) -> list[str]:
    """Which of `KINDS` an overlay of these labels shows."""
    groups = _groups(labels)
    return [kind for kind in KINDS if groups[kind]]


def vector_overlay(labels: Labels) -> Markup:
    """An `<svg class="overlay">` with one `<g data-kind="...">` for every kind there is; "" for no labels.

    Its `viewBox` is the image's frame and stretches with the picture it is laid over.
    """
    groups = _groups(labels)
    if not any(groups.values()):
        return Markup()
    width, height = labels.size
    inner = Markup().join(
        Markup('<g data-kind="{}">{}</g>').format(kind, Markup().join(groups[kind]))
        for kind in KINDS
        if groups[kind]
    )
    frame = Markup(
        '<svg class="overlay" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img">{}{}</svg>'
    )
    return frame.format(width, height, Markup("<title>{}</title>").format(described(labels)), inner)


@dataclass(frozen=True)
class Shown:
    """A class that an overlay shows: how many objects are of it (0 for a class of a mask), and its colour."""

    name: str
    count: int
    color: str

    @property
    def words(self) -> str:
        """`2 cup`, or `cup` for a class of a mask."""
        return f"{self.count} {single_line(self.name)}" if self.count else single_line(self.name)


def legend(labels: Labels) -> list[Shown]:
    """The classes that are there: those of the mask by id, then those of objects as they come."""
    known = {category.name: category for category in labels.categories}
    shown = []
    if labels.mask is not None:
        present = set(np.unique(labels.mask).tolist())
        colors = mask_colors(labels)
        for category in mask_categories(labels):
            if category.id in present and category.id in colors:
                shown.append(Shown(category.name, 0, css_color(colors[category.id])))
    for name, count in Counter(labels.objects.category).items():
        shown.append(Shown(name, count, css_color(color_of(name, known))))
    return shown


def described(labels: Labels) -> str:
    """The labels in words: `mask of cat, dog; 2 cup, 1 spoon`."""
    found = legend(labels)
    mask = ", ".join(each.words for each in found if not each.count)
    objects = ", ".join(each.words for each in found if each.count)
    told = [f"mask of {mask or 'no class'}"] if labels.mask is not None else []
    return "; ".join(told + [objects] * bool(objects)) or "no labels"


def css_color(color: Color) -> str:
    """`#rrggbb`."""
    return "#{:02x}{:02x}{:02x}".format(*color)


def _groups(labels: Labels) -> dict[str, list[Markup]]:
    known = {category.name: category for category in labels.categories}
    groups: dict[str, list[Markup]] = {kind: [] for kind in KINDS}
    if labels.mask is not None:
        groups["masks"] += _semantic(labels)
    things = sorted(labels.objects.rows(), key=lambda thing: -extent(thing.evidence))
    for thing in things:
        color = color_of(thing.category, known)
        kind, shape = _shape(thing.evidence, color, labels.size)
        if shape:
            groups[kind].append(shape)
            groups["names"] += _named(thing, color, labels.size)
        if thing.keypoints is not None:
            category = known.get(thing.category, Category(thing.category, 0))
            groups["keypoints"] += _keypoints(thing.keypoints, category, color)
    return groups


def _shape(evidence: Evidence, color: Color, size: tuple[int, int]) -> tuple[str, Markup]:
    """The kind of an object's evidence, and what is drawn of it."""
    box = bounds(evidence)
    if box is None:
        return "boxes", Markup()
    if isinstance(evidence, Outline) and evidence.kind != "polygon":
        rings = [np.array([[box[0], box[1]], [box[2], box[1]], [box[2], box[3]], [box[0], box[3]]])]
        if evidence.kind == "rotated":
            rings = list(_rings(evidence))
        return "boxes", _path(_along(rings, size), color, 0.0)
    if isinstance(evidence, Outline):
        return "outlines", _path(_along(_rings(evidence), size), color, TINT)
    small, (across, down) = _reduced(evidence, size)
    if bounds(small) is None:
        return "masks", Markup()
    whole = (across, down) == (1.0, 1.0)
    scale = "" if whole else f"scale({_short(across, 5)} {_short(down, 5)})"
    return "masks", _path(_stairs(_rings(outline_of(small))), color, TINT, scale)


def _rings(outline: Outline) -> Iterator[Ring]:
    for part in outline.parts:
        yield from (ring for ring in part if len(ring))


def _reduced(bitmap: Bitmap, size: tuple[int, int]) -> tuple[Bitmap, tuple[float, float]]:
    """The bitmap on a grid that a page can show, and width and height of its cells in pixels of the image."""
    longest = max(size)
    if longest <= GRID:
        return bitmap, (1.0, 1.0)
    grid = max(1, round(size[0] * GRID / longest)), max(1, round(size[1] * GRID / longest))
    whole = bitmap_of(bitmap, size)
    full = np.zeros((size[1], size[0]), np.uint8)
    rows, columns = whole.mask.shape
    full[whole.y : whole.y + rows, whole.x : whole.x + columns] = whole.mask
    shrunk = resample_nearest(full, scaling(grid[0] / size[0], grid[1] / size[1]), grid, 0)
    return Bitmap(shrunk.astype(np.bool_)), (size[0] / grid[0], size[1] / grid[1])


def _path(d: str, color: Color, tint: float, transform: str = "") -> Markup:
    """A closed line; a dark, wider one under it keeps it to be seen on every picture.

    The shape is written once and used for both; its id is of itself, so that equal ones may share it.
    """
    id_ = "p" + hashlib.blake2b(f"{d} {transform}".encode(), digest_size=6).hexdigest()
    moved = Markup(' transform="{}"').format(transform) if transform else Markup()
    fill = Markup('fill="{}" fill-opacity="{}" fill-rule="evenodd"').format(css_color(color), tint)
    shape = Markup(
        '<defs><path id="{}" d="{}"{}{}/></defs>'
        '<use href="#{}" {} stroke="#000" stroke-opacity="0.45" stroke-width="3"/>'
        '<use href="#{}" fill="none" stroke="{}" stroke-width="1.5"/>'
    )
    inside = fill if tint else Markup('fill="none"')
    return shape.format(id_, d, moved, _FIXED, id_, inside, id_, css_color(color))


def _stairs(rings: Iterable[Ring]) -> str:
    """The `d` of closed rings along the edges of pixels: a step is a few characters."""
    return "".join(_steps(ring.astype(int).tolist()) for ring in rings)


def _steps(corners: list[list[int]]) -> str:
    (x, y), *others = corners
    found = [f"M{x} {y}"]
    for next_x, next_y in others:
        found.append(f"h{next_x - x}" if next_y == y else f"v{next_y - y}")
        x, y = next_x, next_y
    return "".join(found) + "z"


def _along(rings: Iterable[Ring], size: tuple[int, int]) -> str:
    """The `d` of closed rings, to a twentieth of what a page shows as a pixel."""
    return "".join(f"M{' '.join(_xy(x, y, size) for x, y in ring.tolist())}z" for ring in rings)


def _xy(x: float, y: float, size: tuple[int, int]) -> str:
    digits = 1 if max(size) > GRID else 2
    return f"{_short(x, digits)},{_short(y, digits)}"


def _short(value: float, digits: int) -> str:
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _keypoints(points: Points, category: Category, color: Color) -> Iterator[Markup]:
    """Bones, then dots: full when visible, rings with a dark middle when hidden, none when not labelled."""
    stroke = Markup('<path d="{}" fill="none" stroke="{}" stroke-width="{}" stroke-linecap="round"') + _FIXED
    stroke += Markup("/>")
    for ends in category.skeleton:
        if max(ends) < len(points) and all(points[end, 2] for end in ends):
            (x0, y0), (x1, y1) = points[list(ends), :2].tolist()
            d = f"M{_short(x0, 2)},{_short(y0, 2)}L{_short(x1, 2)},{_short(y1, 2)}"
            yield stroke.format(d, "#000", 3.5)
            yield stroke.format(d, css_color(color), 1.75)
    for number, (x, y, visibility) in enumerate(points.tolist()):
        if not visibility:
            continue
        side = side_color(number, category.flip)
        d = f"M{_short(x, 2)},{_short(y, 2)}h0"
        name = category.keypoints[number] if number < len(category.keypoints) else f"keypoint {number}"
        dots = [stroke.format(d, "#000", 9.5), stroke.format(d, css_color(side), 7)]
        dots += [stroke.format(d, "#000", 4)] if visibility != 2 else []
        title = f"{single_line(name)}{'' if visibility == 2 else ', hidden'}"
        yield Markup("<g><title>{}</title>{}</g>").format(title, Markup().join(dots))


def _named(thing: Thing, color: Color, size: tuple[int, int]) -> Iterator[Markup]:
    """The category at the top left of the bounds, inside the frame; as wide in every font."""
    box = bounds(thing.evidence)
    if box is None:
        return
    name = single_line(thing.category)
    name = name if len(name) <= 24 else name[:23] + "…"
    letter = LETTER * max(size) / 256.0
    width = letter * sum(1.0 if east_asian_width(character) in "WF" else 0.56 for character in name)
    pad, height = 0.3 * letter, 1.25 * letter
    x = min(max(0.0, box[0]), max(0.0, size[0] - width - 2 * pad))
    y = min(max(0.0, box[1]), max(0.0, size[1] - height))
    chip = Markup(
        '<rect x="{}" y="{}" width="{}" height="{}" rx="{}" fill="{}"/>'
        '<text x="{}" y="{}" font-size="{}" textLength="{}" lengthAdjust="spacingAndGlyphs" fill="{}">'
        "{}</text>"
    )
    rect = (x, y, width + 2 * pad, height, 0.2 * letter)
    text = (x + pad, y + 0.94 * letter, letter, width)
    yield chip.format(
        *(_short(value, 2) for value in rect),
        css_color(color),
        *(_short(value, 2) for value in text),
        css_color(ink(color)),
        name,
    )


def _semantic(labels: Labels) -> Iterator[Markup]:
    """The mask as a picture of its classes' colours; background, 0, is clear unless it has a colour."""
    assert labels.mask is not None
    width, height = labels.size
    scale = min(1.0, GRID / max(width, height))
    grid = max(1, round(width * scale)), max(1, round(height * scale))
    matrix = scaling(grid[0] / width, grid[1] / height)
    ids = resample_nearest(labels.mask, matrix, grid, 0 if labels.ignore is None else labels.ignore)
    picture = np.zeros((*ids.shape, 4), np.uint8)
    for number, color in mask_colors(labels).items():
        picture[ids == number] = (*color, round(255 * TINT))
    if picture.any():
        image = Markup('<image href="{}" width="{}" height="{}" preserveAspectRatio="none"/>')
        yield image.format(png_uri(picture), width, height)
