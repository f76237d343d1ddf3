"""What other libraries say in each transform about the area outside the image, and a recipe says once."""

from __future__ import annotations

from typing import Any

from augcli.geometry import BORDERS
from augcli.recipe.foreign_args import colour

_CV2 = ("constant", "edge", "symmetric", "wrap", "reflect")
"""By the number of OpenCV's flag: CONSTANT 0, REPLICATE 1, REFLECT 2, WRAP 3, REFLECT_101 4."""

_WORDS = {
    "nearest": "edge",
    "replicate": "edge",
    "border": "edge",
    "zeros": "constant",
    "reflection": "symmetric",
    "mirror": "reflect",
    "reflect_101": "reflect",
    "reflect101": "reflect",
    "grid-wrap": "wrap",
    "grid-constant": "constant",
    "default": "reflect",
}
_INTERPOLATIONS = {
    "linear": "bilinear",
    "cubic": "bicubic",
    "area": "bilinear",
    "lanczos4": "lanczos",
    "lanczos3": "lanczos",
}
_BY_NUMBER = ("nearest", "bilinear", "bicubic", "bilinear", "lanczos")

_BORDER_KEYS = ("border_mode", "padding_mode", "fill_mode", "mode", "border")
_FILL_KEYS = ("fill", "fill_value", "value", "cval")
_INTERPOLATION_KEYS = ("interpolation", "resample", "interpolation_mode")


def border_of(key: str, value: object) -> str | None:
    """The border that another library calls `value`.

    `reflect` repeats the edge pixel in Keras (`fill_mode`, as scipy) and in OpenCV (`BORDER_REFLECT`, 2),
    which is numpy's `symmetric`; the plain word elsewhere is that of numpy and torchvision, which do not.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return _CV2[value] if 0 <= value < len(_CV2) else None
    if not isinstance(value, str):
        return None
    word = value.lower().rsplit(".", 1)[-1]
    if word.startswith("border_"):
        word = word.removeprefix("border_")
        return "symmetric" if word == "reflect" else _word(word)
    return "symmetric" if word == "reflect" and key == "fill_mode" else _word(word)


def _word(word: str) -> str | None:
    return word if word in BORDERS else _WORDS.get(word)


def canvas_of(key: str, value: object) -> dict[str, Any]:
    """The part of `canvas:` that says the same; empty where there is none."""
    name = key.lower()
    if name in _BORDER_KEYS:
        border = border_of(name, value)
        return {"border": border} if border else {}
    if name in _FILL_KEYS:
        fill = colour(value)
        return {"fill": fill} if fill is not None and fill != "noise" else {}
    if name in _INTERPOLATION_KEYS:
        found = _interpolation(value)
        return {"interpolation": found} if found else {}
    return {}


def _interpolation(value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return _BY_NUMBER[value] if 0 <= value < len(_BY_NUMBER) else None
    if not isinstance(value, str):
        return None
    word = value.lower().rsplit(".", 1)[-1].removeprefix("inter_")
    return word if word in ("nearest", "bilinear", "bicubic", "lanczos") else _INTERPOLATIONS.get(word)
