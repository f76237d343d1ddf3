"""One closed line for an object of several parts or with holes, because a row of YOLO holds no more.

As Ultralytics' own converter does, further rings are joined to the first by a bridge between their nearest
points, passed there and back. A bridge has no width, so by the even-odd rule, which readers fill polygons
with, the line covers the same pixels; but that there were parts and holes is not said any more.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from augcli.labels import bitmap_of, outline_of
from augcli.labels.clipping import ring_area
from augcli.objects import Bitmap, Evidence, Outline, Part, Ring


def single_ring(evidence: Evidence, size: tuple[int, int]) -> Ring | None:
    """(n, 2) points of one closed line around the evidence, in pixels; None where nothing is left of it.

    size   (width, height) of the frame: parts that overlap are drawn in it and traced anew, because in an
           even-odd filling their overlap would be a hole
    """
    outline = outline_of(evidence) if isinstance(evidence, Bitmap) else evidence
    if _overlap(outline.parts, size):
        outline = outline_of(bitmap_of(outline, size))
    rings = [ring for part in outline.parts for ring in _turned(part)]
    if len(rings) < 2:
        return outline.parts[0][0] if rings else None
    joined = rings[0]
    for ring in rings[1:]:
        joined = _bridged(joined, ring)
    return joined


def _turned(part: Part) -> list[Ring]:
    """The rings of a part, the outer one clockwise and holes not, which suits the non-zero rule as well."""
    return [
        ring if (ring_area(ring) >= 0.0) == (number == 0) else ring[::-1] for number, ring in enumerate(part)
    ]


def _bridged(first: Ring, second: Ring) -> Ring:
    """One line: the first up to the bridge, over it, all around the second, back, and on."""
    apart = ((first[:, None] - second[None]) ** 2).sum(axis=2)
    here, there = divmod(int(apart.argmin()), len(second))
    around = np.roll(second, -there, axis=0)
    return np.concatenate([first[: here + 1], around, around[:1], first[here:]])


def _overlap(parts: Sequence[Part], size: tuple[int, int]) -> bool:
    """Whether parts share pixels."""
    if len(parts) < 2:
        return False
    pixels = [int(np.count_nonzero(bitmap_of(Outline((part,)), size).mask)) for part in parts]
    return sum(pixels) > int(np.count_nonzero(bitmap_of(Outline(tuple(parts)), size).mask))
