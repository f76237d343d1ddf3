"""Image files: bytes to pixels and back, with their modes, depths, orientation, profiles and limits.

It knows neither datasets nor recipes. The names are loaded when first used: `kinds`, which the listing
of a dataset needs, costs nothing, while reading and writing import numpy, OpenCV and Pillow.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from augcli.images.files import read
from augcli.images.kinds import (
    FORMATS,
    KNOWN_EXTENSIONS,
    can_hold,
    extension,
    format_for,
    format_of,
    kind_of,
    why_unsupported,
)

if TYPE_CHECKING:
    from augcli.images.decoding import Picture, decode
    from augcli.images.encoding import encode
    from augcli.images.versions import environment

__all__ = [
    "FORMATS",
    "KNOWN_EXTENSIONS",
    "Picture",
    "can_hold",
    "decode",
    "encode",
    "environment",
    "extension",
    "format_for",
    "format_of",
    "kind_of",
    "read",
    "why_unsupported",
]

_HOMES = {"Picture": "decoding", "decode": "decoding", "encode": "encoding", "environment": "versions"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
