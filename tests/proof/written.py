"""The labels of one output, as a checker wants them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augcli.objects import Thing
from augcli.render import used_partners
from tests.proof.pixels import Sides


@dataclass(frozen=True)
class Written:
    """The labels of one output.

    boxes     x0, y0, x1, y1 of each thing
    mask      semantic
    objects   there are labels of objects
    boxed     things have no shape but their box
    rotated   that box may be rotated
    repeated  names of scenes that may be seen several times
    """

    things: Sequence[Thing]
    boxes: Sequence[Sides]
    mask: NDArray[np.uint8] | None = None
    covers: bool = False
    objects: bool = True
    boxed: bool = False
    rotated: bool = False
    repeated: frozenset[str] = frozenset()


def repeated(row: Mapping[str, Any]) -> frozenset[str]:
    """The scenes that an output of this row may show more than once."""
    used = [row["source"], *(each["source"] for each in used_partners(row["partners"]))]
    nested = any(each.get("partners") for each in row["partners"])
    return frozenset(PurePosixPath(name).stem for name in used if nested or used.count(name) > 1)
