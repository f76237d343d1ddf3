"""What goes into a page: data that stay data, pictures as data URIs, the policy that shuts out all else."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable

from markupsafe import Markup

from augcli.errors import printable
from augcli.images import encode
from augcli.sample import Image

QUALITY, LEAST_QUALITY = 82, 50
"""Of embedded WebP pictures, and the least that is taken for those that are hard to compress."""

_SPACES = " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"

ROOM = 17_000
"""Bytes that a picture of 256 pixels may take before its quality is lowered: 56 are 1.3 MB as base64."""


def embedded(value: object) -> Markup:
    """JSON for a `<script type="application/json">`: ASCII, and without `<`, `>` and `&`, so that no text in
    it ends the element, opens a comment, or breaks a line in some readers (U+2028). Keys keep their order.

    Raises ValueError for numbers that JSON does not have.
    """
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def single_line(text: str) -> str:
    """A name as it can be shown: control characters, line separators and marks that turn the direction of
    what follows are escaped, and so is what no encoding holds. Letters of every script stay.
    """
    if text.isprintable():  # the data of a picture are long
        return text
    return "".join(character if character in _SPACES else printable(character) for character in text)


def data_uri(image: Image) -> str:
    """A picture as a `data:` URI: (H, W), (H, W, 3) or (H, W, 4) uint8 as WebP.

    Grain costs many bytes and shows little: where a picture takes more than its room, its quality is lowered.
    """
    height, width = image.shape[:2]
    room = ROOM * max(1.0, height * width / 65536.0)
    quality = QUALITY
    data = encode(image, "webp", quality=quality)
    while len(data) > room and quality > LEAST_QUALITY:
        quality -= 8
        data = encode(image, "webp", quality=quality)
    return f"data:image/webp;base64,{base64.b64encode(data).decode()}"


def png_uri(image: Image) -> str:
    """The same, to the last bit, as PNG: for masks."""
    return f"data:image/png;base64,{base64.b64encode(encode(image, 'png', level=9)).decode()}"


def policy(styles: Iterable[str], scripts: Iterable[str]) -> str:
    """The Content-Security-Policy of a page with these inline elements: their hashes, `data:` pictures, and
    nothing from anywhere (Content Security Policy Level 3, section 2.3.1).
    """
    style = " ".join(map(_hash, styles)) or "'none'"
    script = " ".join(map(_hash, scripts)) or "'none'"
    return (
        f"default-src 'none'; img-src data:; style-src {style}; script-src {script}; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
