"""Point curves: gamma, posterize, solarize. Each is one table of whole levels, shared by the channels.

Levels are counted from `View.low`, so a curve maps [low, high] onto itself; values outside are clamped.
Tables are computed with Python's numbers and rounded, so no processor's vector kernels show.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from augcli.colour import level_table, look_up
from augcli.ops.base import Drawn, Pixels, View, op
from augcli.params import Dist, Number, param

if TYPE_CHECKING:
    from augcli.sample import Image


@dataclass(frozen=True)
class Curve(Pixels):
    """An op that is one function of a level."""

    family: ClassVar[str] = "colour"

    def levels(self, amounts: Drawn, top: int) -> NDArray[np.int64]:
        """(top + 1,): what levels 0 to `top` (full scale) become."""
        raise NotImplementedError  # pragma: no cover - abstract

    def apply(self, image: Image, amounts: Drawn, view: View) -> Image:
        return look_up(image, level_table(self.levels(amounts, int(view.scale)), image.dtype, view.low))


@op("gamma")
@dataclass(frozen=True)
class Gamma(Curve):
    """Raise display values to the power gamma: above 1 darkens, below 1 brightens, black and white stay.

    torchvision adjust_gamma with gain 1; albumentations writes gamma in percent (80 is 0.8).
    """

    identity: ClassVar[Mapping[str, Any] | None] = {"gamma": 1.0}
    gamma: Dist = param(Number(0.1, 10.0), [0.8, 1.25], "The exponent.")

    def levels(self, amounts: Drawn, top: int) -> NDArray[np.int64]:
        fractions = (np.arange(top + 1) / top).tolist()
        powers = np.array(list(map(math.pow, fractions, repeat(amounts["gamma"]))))
        levels: NDArray[np.int64] = np.rint(powers * top).astype(np.int64)
        return levels


@op("posterize")
@dataclass(frozen=True)
class Posterize(Curve):
    """Keep the highest bits of each value: full scale is cut into 2**bits steps, shown at their lowest.

    Pillow ImageOps.posterize. An image of fewer bits than that stays as it is.
    """

    identity: ClassVar[Mapping[str, Any] | None] = {"bits": 16}
    bits: Dist = param(Number(1, 16, "bits", whole=True), 4, "Bits that are kept.")

    def levels(self, amounts: Drawn, top: int) -> NDArray[np.int64]:
        levels, steps = top + 1, 2 ** int(amounts["bits"])
        step = np.arange(levels, dtype=np.int64) * steps // levels
        lowest: NDArray[np.int64] = -(-step * levels // steps)  # rounded up
        return lowest


@op("solarize")
@dataclass(frozen=True)
class Solarize(Curve):
    """Invert values at or above a threshold, given as a fraction of full scale.

    Pillow ImageOps.solarize, whose threshold 128 is 0.5 here; torchvision solarize.
    """

    threshold: Dist = param(
        Number(0.0, 1.0), 0.5, "Fraction of full scale from which on values are inverted."
    )

    def levels(self, amounts: Drawn, top: int) -> NDArray[np.int64]:
        levels = np.arange(top + 1, dtype=np.int64)
        return np.where(levels < amounts["threshold"] * top, levels, top - levels)
