"""The output folder listed anew by the reader of its own format, as a training script would meet it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from augcli import formats
from augcli.errors import UsageError
from augcli.images.members import NUL
from augcli.opened import Opened
from augcli.sample import Dataset, Entry


@dataclass(frozen=True)
class Listed:
    """What the reader found: entries by where their image is (`images.read`), or what it could not bear."""

    dataset: Dataset | None = None
    entries: Mapping[str, Entry] | None = None
    problems: tuple[str, ...] = ()

    def of(self, address: str) -> Entry | None:
        """The entry of an image."""
        return (self.entries or {}).get(_absolute(address))


def _absolute(address: str) -> str:
    """The address with the full path of its file: a folder called `.` is told in several ways."""
    file, nul, member = address.partition(NUL)
    return f"{os.path.abspath(file)}{nul}{member}"


def listed_again(opened: Opened) -> Listed:
    """List the folder. Labels that the reader calls wrong are left out, so that their rows show it."""
    if opened.dataset.holds and not opened.dataset.holds & formats.load(opened.format).HOLDS:
        return Listed()  # the recipe allowed all labels to be lost, so that there is no such dataset
    source = formats.Source(str(opened.output), invalid="drop")
    try:
        dataset, entries = formats.read(opened.format, source)
    except UsageError as error:
        top = os.path.join(str(opened.output), "")
        return Listed(problems=tuple(str(problem).removeprefix(top) for problem in error.problems))
    return Listed(dataset, {_absolute(entry.path): entry for entry in entries})
