"""Crops that care for objects: which of several candidate frames keeps what the recipe asks for.

Objects are known here as boxes in the frame that the crop is cut from: what an earlier step has moved out of
it is not there to be kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augcli.ops.base import Drawn, Geometry
from augcli.params import Name
from augcli.rng import Stream

CANDIDATES = 10
"""How many frames are tried; torchvision's crops try as many."""

ANY_SHARE = 0.3
"""The share of its box that an object must keep to count for `any`: with less, the label would be of what
the crop does not show. No parameter, so that crops of all recipes mean the same by it."""

KEEP = Name(("none", "any", "all"), fixed=True)
KEEP_DOC = (
    "which objects the crop must show: none are looked at; any: at least one, with 30 % of its box; "
    "all: every one wholly"
)

Frame = tuple[int, int, int, int]
"""left, top, width, height in whole pixels."""


@dataclass(frozen=True)
class Keeping(Geometry):
    """Base of the crops with `keep_objects`, which must be declared by each.

    Up to ten candidate frames are drawn; the first that keeps what is asked for is taken, or, where none
    does, the one that keeps most: of the best kept object for `any`, of all on average for `all`. An image
    without objects takes the first. With `none` nothing more is drawn and no label is looked at.
    """

    def draw(self, rng: Stream) -> Drawn:
        """`keep_objects` stands among the values only where labels are looked at."""
        drawn = super().draw(rng)
        return drawn if keeps(drawn) else {key: drawn[key] for key in drawn if key != "keep_objects"}


def keeps(drawn: Drawn) -> bool:
    """Whether objects are looked at."""
    return bool(drawn.get("keep_objects", "none") != "none")


def first_that_keeps(
    frames: Sequence[Frame], rule: str, boxes: NDArray[np.float64]
) -> tuple[Frame, dict[str, Any]]:
    """The frame to take, and what the record says of it: `candidate`, from 1, and whether it `keeps`.

    rule   any or all
    boxes  (N, 4) x0, y0, x1, y1 of positive area
    """
    shares = _shares(frames, boxes)
    if not len(boxes):
        good = shares_kept = np.ones(len(frames))
    elif rule == "any":
        shares_kept = shares.max(axis=1)
        good = shares_kept >= ANY_SHARE
    else:
        shares_kept = shares.mean(axis=1)
        good = (shares == 1.0).all(axis=1)
    taken = int(np.argmax(good) if good.any() else np.argmax(shares_kept))
    return frames[taken], {"candidate": taken + 1, "keeps": bool(good[taken])}


def _shares(frames: Sequence[Frame], boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    """(frames, N): the share of each box's area inside each frame; exactly 1 for a box that is inside."""
    left, top, width, height = np.array(frames, dtype=np.float64).T[..., None]
    x0, y0, x1, y1 = boxes.T
    across = np.minimum(x1, left + width) - np.maximum(x0, left)
    down = np.minimum(y1, top + height) - np.maximum(y0, top)
    shares: NDArray[np.float64] = np.maximum(across, 0.0) / (x1 - x0) * (np.maximum(down, 0.0) / (y1 - y0))
    return shares
