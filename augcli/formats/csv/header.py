"""What the columns of a label table mean, by their names or, without a header, by their contents.

    image, label                                    one class per image
    image, xmin, ymin, xmax, ymax, label            one box per row, edges in pixels
    path,x1,y1,x2,y2,class                          the same without a header (keras-retinanet)

Further columns: split; width and height of the image; all others are carried over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from augcli.images.kinds import kind_of

BOX = ("xmin", "ymin", "xmax", "ymax")

_NAMES = {
    "image": "filename image file filepath path imagepath imagefile imagename imgpath imgname img fname",
    "label": "label classname labelname categoryname class category classlabel target",
    "xmin": "xmin x1 x0 left minx bboxxmin bboxx1 xtl",
    "ymin": "ymin y1 y0 top miny bboxymin bboxy1 ytl",
    "xmax": "xmax x2 right maxx bboxxmax bboxx2 xbr",
    "ymax": "ymax y2 bottom maxy bboxymax bboxy2 ybr",
    "split": "split subset partition set",
    "width": "width imagewidth imgwidth",
    "height": "height imageheight imgheight",
}
"""Role -> names of its column, the surest first, in lower case and without signs between letters."""

_SPATIAL = (
    "x y w h cx cy xcenter ycenter bbox bboxes box boxes bboxwidth bboxheight boxwidth boxheight polygon "
    "polygons segmentation points keypoints rle encodedpixels mask maskpath geometry x3 y3 x4 y4"
)
"""Columns that describe places in another way: carried over unmoved they would be wrong."""


@dataclass(frozen=True)
class Header:
    """The columns of a table.

    columns  (name, role or "") of each
    given    the file begins with their names
    """

    columns: tuple[tuple[str, str], ...]
    given: bool = True

    @property
    def boxes(self) -> bool:
        """Whether rows are boxes; else each is an image with its class."""
        return any(role == "xmin" for _, role in self.columns)

    @property
    def roles(self) -> dict[str, int]:
        """Role -> number of its column."""
        return {role: number for number, (_, role) in enumerate(self.columns) if role}

    @property
    def extra(self) -> dict[str, int]:
        """Name -> number of each column that is carried over."""
        return {name: number for number, (name, role) in enumerate(self.columns) if not role}


def read_header(cells: Sequence[str]) -> Header:
    """The columns, from the first row of a table. Raises ValueError for what is no table of labels."""
    bare = _without_names(cells)
    if bare is not None:
        return bare
    names = [cell.strip() for cell in cells]
    plain = [_plain(name) for name in names]
    roles: dict[int, str] = {}
    for role, known in _NAMES.items():
        at = next((plain.index(name) for name in known.split() if name in plain), None)
        if at is not None:
            roles[at] = role
    found = set(roles.values())
    if "image" not in found or not found & {"label", *BOX}:
        raise ValueError("has no column for the image or none for its label")
    if len(set(names)) < len(names):
        raise ValueError("has two columns of one name")
    missing = [side for side in BOX if side not in found]
    if 0 < len(missing) < 4:
        raise ValueError(f"has boxes without {' and '.join(missing)}")
    if "label" not in found:
        raise ValueError("has no column for the label")
    places = [
        name for number, name in enumerate(names) if number not in roles and plain[number] in _SPATIAL.split()
    ]
    if places:
        raise ValueError(f"column {places[0]!r} describes places in a way that is not read")
    return Header(tuple((name, roles.get(number, "")) for number, name in enumerate(names)))


def _without_names(cells: Sequence[str]) -> Header | None:
    """The columns of a table that begins with an image at once."""
    if not cells or kind_of(cells[0].strip().replace("\\", "/").rpartition("/")[2]) is None:
        return None
    if len(cells) == 6 and all(cell.strip() == "" or is_number(cell) for cell in cells[1:5]):
        return Header(tuple((role, role) for role in ("image", *BOX, "label")), given=False)
    if len(cells) == 2:
        return Header((("image", "image"), ("label", "label")), given=False)
    return None


def is_number(cell: str) -> bool:
    """Whether a cell is a number, NaN and infinities among them."""
    try:
        float(cell)
    except ValueError:
        return False
    return True


def default_header(*, boxes: bool, extra: Sequence[str]) -> Header:
    """The columns of a table that is written for a dataset of another format."""
    roles = ("image", *BOX, "label") if boxes else ("image", "label")
    return Header((*((role, role) for role in roles), *((name, "") for name in extra)))


def meanings(names: Iterable[str]) -> set[str]:
    """Those of the names that a reader of tables takes for more than something to carry over."""
    known = {*" ".join([*_NAMES.values(), _SPATIAL]).split()}
    return {name for name in names if _plain(name) in known}


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
