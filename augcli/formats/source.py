"""Where a dataset is and which of its images are wanted: the arguments of every format."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """A folder of images and the globs that choose among them.

    A glob is held against the whole key (the path below the split) and against the whole path below
    `path`; matching one of them is enough. `*` and `?` stay within one folder, `**` spans folders, and a
    pattern that ends with `/` means all below. Upper and lower case differ.

    include      an image must match one of them; () for all
    exclude      an image must match none of them
    annotations  folder or file of the labels, where it stands apart from the images
    masks        folder of the masks, where it stands apart
    invalid      what becomes of labels that cannot be right: refuse, drop or clip
    sized        whether the sizes of files are wanted, which the system has to be asked for one by one
    """

    path: str
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    annotations: str | None = None
    masks: str | None = None
    invalid: str = "refuse"
    sized: bool = True

    def wants(self, *names: str) -> bool:
        """Whether an image that is known under these names is included and not excluded."""
        return self.includes(*names) and not self.excludes(*names)

    def includes(self, *names: str) -> bool:
        """Whether an image that is known under these names is included."""
        return not self.include or matches(self.include, *names)

    def excludes(self, *names: str) -> bool:
        """Whether an image that is known under these names is excluded."""
        return bool(self.exclude) and matches(self.exclude, *names)


def matches(globs: Sequence[str], *names: str) -> bool:
    """Whether any of the globs matches the whole of any name."""
    return any(_compiled(glob).fullmatch(name) for glob in globs for name in names)


_CACHE: dict[str, re.Pattern[str]] = {}


def _compiled(glob: str) -> re.Pattern[str]:
    if glob not in _CACHE:
        _CACHE[glob] = re.compile(translate(glob), re.DOTALL)
    return _CACHE[glob]


def translate(glob: str) -> str:
    """A glob as a regular expression, with the meaning of `pathlib.PurePosixPath.full_match` (3.13)."""
    glob = unicodedata.normalize("NFC", f"{glob}**" if glob.endswith("/") else glob)
    segments = glob.split("/")
    parts = []
    for segment in segments[:-1]:
        parts.append("(?:[^/]+/)*" if segment == "**" else f"{_segment(segment)}/")
    parts.append(".*" if segments[-1] == "**" else _segment(segments[-1]))
    return "".join(parts)


def _segment(glob: str) -> str:
    pattern, at = "", 0
    while at < len(glob):
        char = glob[at]
        at += 1
        if char == "*":
            pattern += "[^/]*"
        elif char == "?":
            pattern += "[^/]"
        elif char == "[" and (end := glob.find("]", at + 2 if glob[at : at + 1] == "!" else at + 1)) > 0:
            inside = glob[at:end].replace("\\", r"\\").replace("[", r"\[").replace("^", r"\^")
            pattern += f"[^/{inside[1:]}]" if inside.startswith("!") else f"[{inside}]"
            at = end + 1
        else:
            pattern += re.escape(char)
    return pattern
