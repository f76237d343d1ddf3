"""Random recipes: every geometric op of the registry, what erases, what pastes, in any order."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from augcli.recipe import loads
from augcli.recipe.model import Recipe
from tests.proof.scenes import COVER, FILL, PALETTE

Rng = np.random.Generator
Values = dict[str, Any]

_FILL = PALETTE[FILL].tolist()
_COVER = PALETTE[COVER].tolist()


def _range(rng: Rng, low: float, high: float) -> list[float]:
    """A range within these limits."""
    ends = sorted(rng.uniform(low, high, 2).tolist())
    return [round(end, 3) for end in ends]


def _side(rng: Rng) -> int:
    return int(rng.integers(190, 310))


def _resize(rng: Rng) -> Values:
    return [
        {"longest": _side(rng)},
        {"shortest": int(rng.integers(180, 280))},
        {"width": _side(rng)},
        {"width": _side(rng), "height": _side(rng)},
    ][rng.integers(4)]


def _pad(rng: Rng) -> Values:
    amount = int(rng.integers(0, 40))
    return [
        {"all": amount, "fill": _FILL},
        {"left": amount, "bottom": 7, "fill": _FILL},
        {"divisor": 32},
        {"min_width": 400, "min_height": 381, "fill": _FILL},
    ][rng.integers(4)]


UPRIGHT: Mapping[str, Callable[[Rng], Values]] = {
    "flip": lambda rng: {"axis": str(rng.choice(["horizontal", "vertical", "both"]))},
    "rotate90": lambda rng: {"quarter_turns": int(rng.integers(0, 4))},
    "transpose": lambda rng: {},
    "zoom": lambda rng: {"factor": _range(rng, 0.8, 1.25)},
    "scale": lambda rng: {"x": _range(rng, 0.8, 1.2), "y": _range(rng, 0.8, 1.2)},
    "translate": lambda rng: {"x": ["-15%", "15%"], "y": [-40, 40]},
    "resize": _resize,
    "letterbox": lambda rng: {"width": _side(rng), "height": _side(rng), "fill": _FILL},
    "pad": _pad,
    "crop": lambda rng: {"width": f"{rng.integers(70, 101)}%", "height": f"{rng.integers(70, 101)}%"},
    "random_crop": lambda rng: {
        "width": f"{rng.integers(60, 101)}%",
        "height": int(rng.integers(150, 300)),
        "keep_objects": str(rng.choice(["any", "all", "none"])),
    },
    "random_resized_crop": lambda rng: {
        "width": _side(rng),
        "height": _side(rng),
        "area": [0.5, 1.0],
        "keep_objects": str(rng.choice(["any", "all", "none"])),
    },
    "crop_to_object": lambda rng: {"margin": [0.0, 0.4]},
}
"""Ops that keep rectangles upright -> random parameters."""

SLANTED: Mapping[str, Callable[[Rng], Values]] = {
    "rotate": lambda rng: {
        "degrees": _range(rng, -180, 180),
        "frame": str(rng.choice(["keep", "expand", "inside"])),
    },
    "shear": lambda rng: {"x": _range(rng, -12, 12), "y": _range(rng, -12, 12)},
    "affine": lambda rng: {
        "degrees": _range(rng, -30, 30),
        "scale": _range(rng, 0.85, 1.15),
        "x": ["-10%", "10%"],
        "y": _range(rng, -30, 30),
        "shear_x": _range(rng, -8, 8),
    },
    "perspective": lambda rng: {"distortion": round(float(rng.uniform(0.05, 0.4)), 3)},
}
ERASING: Mapping[str, Callable[[Rng], Values]] = {
    "erase": lambda rng: {"area": _range(rng, 0.02, 0.3), "fill": _COVER},
    "cutout": lambda rng: {"count": int(rng.integers(1, 4)), "size": ["10%", "40%"], "fill": _COVER},
    "grid_dropout": lambda rng: {"ratio": _range(rng, 0.2, 0.6), "size": ["15%", "40%"], "fill": _COVER},
}
PASTING: Mapping[str, Callable[[Rng], Values]] = {
    "cutmix": lambda rng: {"fit": str(rng.choice(["cover", "stretch"]))},
    "mosaic": lambda rng: {"fit": str(rng.choice(["cover", "stretch"]))},
    "copy_paste": lambda rng: {"count": int(rng.integers(1, 4)), "scale": _range(rng, 0.7, 1.2)},
}

_FLUSHING = {*ERASING, *PASTING, "letterbox", "pad"}
"""What makes the moves before it a resampling of their own."""


def steps(rng: Rng, *, upright: bool = False, covers: bool = True) -> list[dict[str, Values]]:
    """One to four moves, and perhaps what erases and what pastes, in any order."""
    moves = UPRIGHT if upright else {**UPRIGHT, **SLANTED}
    chosen = [_one(rng, moves) for _ in range(int(rng.integers(1, 5)))]
    if covers:
        chosen += [_one(rng, ERASING)] if rng.random() < 0.4 else []
        chosen += [_one(rng, PASTING) for _ in range(int(rng.choice([0, 1, 2], p=[0.5, 0.4, 0.1])))]
    return [chosen[index] for index in rng.permutation(len(chosen))]


def _one(rng: Rng, table: Mapping[str, Callable[[Rng], Values]]) -> dict[str, Values]:
    name = str(rng.choice(list(table)))
    return {name: table[name](rng)}


def document(seed: int, **options: bool) -> Values:
    """A random recipe as plain data, for datasets of `scenes`; its paths are yet to be said."""
    rng = np.random.default_rng([seed, 1])
    found: Values = {
        "augment": 1,
        "seed": seed,
        "input": {"path": "in"},
        "output": {"path": "out", "encode": {"format": "png"}},
        "originals": "drop",
        "canvas": {"fill": _FILL},
        "symmetry": {"turn_left": "turn_right"},
        "steps": steps(rng, **options),
    }
    if rng.random() < 0.2:
        found["prepare"] = [{"resize": {"longest": _side(rng)}}]
    if (
        rng.random() < 0.5
        and "prepare" not in found
        and not _FLUSHING & {n for s in found["steps"] for n in s}
    ):
        # Twice the nearest pixel may be a pixel off; that is seen in the picture, not in the labels.
        found["canvas"]["interpolation"] = "nearest"
    return found


def text(found: Values) -> str:
    """The recipe as a file has it; JSON is YAML."""
    return json.dumps(found, indent=1)


def recipe(found: Values) -> Recipe:
    return loads(text(found)).recipe


def covers(found: Values) -> bool:
    """Whether something may lie over objects."""
    return any(name in ERASING or name in PASTING for step in found["steps"] for name in step)
