"""What labels an output keeps: moved, clipped, covered, measured; and class weights from the pixels' origin.

Pure functions on `Objects` and arrays. Knows nothing of files, recipes or ops.
"""

from __future__ import annotations

from augcli.labels.clipping import clip_parts
from augcli.labels.covering import cover
from augcli.labels.finishing import Dropped, Rules, boxes, finish, rotated
from augcli.labels.moving import clip, move
from augcli.labels.plain import from_plain, to_plain
from augcli.labels.raster import area, bitmap_of, bounds, outline_of, raster
from augcli.labels.symmetry import NO_SYMMETRY, Symmetry
from augcli.labels.weights import class_weights, combine

__all__ = [
    "NO_SYMMETRY",
    "Dropped",
    "Rules",
    "Symmetry",
    "area",
    "bitmap_of",
    "bounds",
    "boxes",
    "class_weights",
    "clip",
    "clip_parts",
    "combine",
    "cover",
    "finish",
    "from_plain",
    "move",
    "outline_of",
    "raster",
    "rotated",
    "to_plain",
]
