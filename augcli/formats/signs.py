"""What tells formats apart before any of them is loaded: how the names in a tree end, from one walk."""

from __future__ import annotations

import os
from pathlib import Path

_LINKS = 2
"""Links to folders are followed down to this depth: labels may stand in one at the root."""


def signs(root: Path) -> set[str]:
    """The lower-case endings of all files (`.xml`), and the folders at the root (`JPEGImages/`).

    Of a file, its own ending. What cannot be listed has none.
    """
    endings: set[str] = set()
    top: list[str] = []
    folders = [(str(root), 0)]
    while folders:
        folder, depth = folders.pop()
        try:
            below = _folders_of(folder, depth < _LINKS, endings)
        except OSError:
            continue
        folders += [(os.path.join(folder, name), depth + 1) for name in below]
        if not depth:
            top = below
    return {ending.lower() for ending in endings} | {f"{name}/" for name in top} or {root.suffix.lower()}


def _folders_of(folder: str, links: bool, endings: set[str]) -> list[str]:
    """The names of its sub-folders, `links` to folders among them; the files' endings go to `endings`."""
    below = []
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name
            try:
                if entry.is_dir(follow_symlinks=links):
                    below.append(name)
                    continue
            except OSError:  # a link that leads to itself
                pass
            if "." in name:
                endings.add(name[name.rfind(".") :])
    return below
