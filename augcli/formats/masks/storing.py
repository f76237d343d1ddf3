"""How a dataset stores its masks: bits, palette. Read from the first bytes of each file, before any pixel.

One palette for all, because mixing steps put several masks together: one id must not be two classes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from augcli.errors import ItemError
from augcli.formats.invalid import Judge
from augcli.formats.tree import Found
from augcli.images import read
from augcli.images.kinds import sniff
from augcli.images.png_header import HEAD, Header, header

FIRST_LOOK = 2048
"""Bytes that hold the header and the palette of nearly every PNG."""

_COLOURS = "one palette for all masks, or go on with that of the first: --set labels.invalid=clip (or drop)"
_LOSSLESS = "save masks as palette or grey PNG from their source; compression has changed ids"


@dataclass(frozen=True)
class Storing:
    """How masks are written: `bits` of a grey sample, `palette` (r, g, b, ...) or None for grey."""

    bits: int = 8
    palette: bytes | None = None

    @classmethod
    def of(cls, info: Mapping[str, Any]) -> Storing:
        """From `Dataset.info`."""
        plain = info.get("masks", {})
        palette = plain.get("palette")
        return cls(plain.get("bits", 8), None if palette is None else bytes.fromhex(palette))

    def plain(self) -> dict[str, Any]:
        """For `Dataset.info`, JSON values."""
        palette = {} if self.palette is None else {"palette": self.palette.hex()}
        return {"masks": {"bits": self.bits} | palette}


def look(masks: Iterable[Found], judge: Judge) -> tuple[Storing, set[str], tuple[str, ...]]:
    """(how the masks are stored, files that are not to be used, notes).

    Masks that hold no ids (colours, alpha, lossy files) and those whose palette contradicts the first are
    told to `judge`. A file that cannot be read or is damaged stays: it is an error of its own image.
    """
    bits, palette, first = 0, None, ""
    refused, kinds = set[str](), Counter[str]()
    for mask in masks:
        file = mask.file
        if mask.error is not None:
            judge.invalid(file, f"cannot be used as mask: {ItemError(mask.error, **dict(mask.facts)).text}")
            refused.add(file)
            continue
        found = _header(file, whole=not first)
        if isinstance(found, str):
            judge.invalid(file, found, _LOSSLESS)
            refused.add(file)
        elif found is not None and found.fault:
            what, _, remedy = found.fault.partition("; ")
            judge.invalid(file, what, remedy)
            refused.add(file)
        elif found is not None and found.palette is None:
            bits = max(bits, found.bits)
            kinds["grey"] += 1
        elif found is not None and found.palette is not None:
            together = found.palette if palette is None else _together(palette, found.palette)
            first = first or file
            if together is not None:
                palette = together
            elif judge.policy == "clip":
                kinds["other"] += 1
            else:
                judge.invalid(file, f"has other colours for the same ids than {first}", _COLOURS)
                refused.add(file)
    return Storing(bits or 8, palette), refused, tuple(_notes(kinds, palette))


def _notes(kinds: Counter[str], palette: bytes | None) -> Iterable[str]:
    if kinds["other"]:
        yield f"{kinds['other']} masks have another palette and are written with that of the first"
    if kinds["grey"] and palette is not None:
        yield f"{kinds['grey']} grey masks stand among palette masks and are written with their palette"


def _header(file: str, whole: bool) -> Header | str | None:
    """The header; what is wrong with the kind of file; None where the image's own row will tell.

    whole   decode a file that is no PNG, for its palette
    """
    try:
        with open(file, "rb") as handle:
            data = handle.read(FIRST_LOOK)
            found = header(data)
            if found is None and len(data) == FIRST_LOOK:
                data += handle.read(HEAD)
                found = header(data)
    except OSError:
        return None
    kind = sniff(data)
    if kind in ("jpeg", "webp"):
        return f"is a {kind.upper()} file and no mask"
    if not whole or kind not in ("tiff", "bmp", "gif"):
        return found
    from augcli.images.masks import read_mask

    try:
        ids, palette = read_mask(read(file))
    except ItemError as error:
        return None if error.code != "bad_label" else Header(0, 8, (0, 0), None, error.text)
    return Header(0, 8 * ids.itemsize, ids.shape[::-1], palette)


def _together(one: bytes, other: bytes) -> bytes | None:
    """Two palettes as one; None where they give an index different colours. Black beyond 0 is padding."""
    if one == other:
        return one
    short, long = sorted((one, other), key=len)
    merged = bytearray(long)
    for at in range(0, len(short), 3):
        mine, theirs = short[at : at + 3], long[at : at + 3]
        if mine != theirs and at and not any(theirs):
            merged[at : at + 3] = mine
        elif mine != theirs and (not at or any(mine)):
            return None
    return bytes(merged)
