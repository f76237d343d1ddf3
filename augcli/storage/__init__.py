"""Every file that is written, and every listing of a folder, goes through here."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from augcli.errors import Aborted, Problem
from augcli.storage.appearing import (
    TEMPORARY,
    Writer,
    append,
    create,
    failure,
    hand_over,
    link,
    sync_folder,
    temporary_name,
    write,
    writing,
)

__all__ = [
    "TEMPORARY",
    "Writer",
    "append",
    "below",
    "contents",
    "create",
    "failure",
    "files",
    "hand_over",
    "leftovers",
    "link",
    "names",
    "place_below",
    "remove",
    "remove_emptied",
    "sha256_file",
    "sync_folder",
    "temporary_name",
    "unreadable",
    "write",
    "writing",
]

_LEFTOVER = re.compile(re.escape(TEMPORARY) + r"[0-9a-f]{16}\.tmp")


def unreadable(folder: Path, error: OSError) -> Aborted:
    """The exception for an output folder that cannot be looked into."""
    what = f"cannot be read ({error.strerror})"
    return Aborted(Problem(str(folder), what, "choose another output.path or change its owner"))


def below(root: Path, name: str) -> Path:
    """The place of a file of an output: `name` is its POSIX path below `root`.

    A link on the way there would lead the file, or its removal, into another tree, the input among them.
    Raises `Aborted` for one. (A look at each folder takes microseconds, an image milliseconds.)
    """
    return Path(place_below(str(root), name))


def place_below(root: str, name: str) -> str:
    """`below` for every file of a run: strings, because paths take as long as the looks."""
    folder = root
    for part in name.split("/")[:-1]:
        folder = f"{folder}/{part}"
        if os.path.islink(folder):  # noqa: PTH114
            what = "is a link to a folder; nothing is written or removed through links inside the output"
            raise Aborted(Problem(folder, what, "remove the link, or choose another output.path"))
    return f"{root}/{name}"


def remove(path: Path) -> None:
    """Remove a file that may be gone already."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise failure(path, error) from error


def remove_emptied(folder: Path, root: Path) -> None:
    """Remove `folder` and the folders above it, below `root`, as far as they are empty."""
    while folder != root and root in folder.parents:
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent


def names(folder: Path) -> list[str]:
    """The names in a folder, sorted by their bytes. Raises OSError."""
    return sorted(os.listdir(folder), key=os.fsencode)


def leftovers(root: Path) -> Iterator[Path]:
    """The temporary files below `root` that killed runs left; links to folders are not followed."""
    for folder, _, names in os.walk(root):
        for name in names:
            if _LEFTOVER.fullmatch(name):
                yield Path(folder, name)


def files(root: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """(POSIX path below root, entry) of everything below `root` that is no folder.

    Sorted by the bytes of the path within each folder, so that the order is a function of the names alone.
    A link to a folder is not entered but yielded itself: what it leads to lies outside, or is listed at its
    own place already. Raises OSError for a root that cannot be listed; one below it is yielded itself.
    """
    yield from _files(str(root), "")


def _files(folder: str, prefix: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    with os.scandir(folder) as scan:
        entries = sorted(scan, key=lambda entry: os.fsencode(entry.name))
    for entry in entries:
        relative = f"{prefix}{entry.name}"
        if not entry.is_dir(follow_symlinks=False):
            yield relative, entry
            continue
        try:
            yield from _files(entry.path, f"{relative}/")
        except OSError:
            yield relative, entry


def contents(path: Path) -> bytes | None:
    """All bytes of a regular file; None when there is no such readable file."""
    try:
        return path.read_bytes() if path.is_file() else None
    except OSError:
        return None


def sha256_file(path: Path) -> str | None:
    """SHA-256 of a regular file in hex; None when there is no such readable file.

    The names may come from a manifest that somebody else wrote: a pipe or device would be read for ever.
    """
    try:
        with open(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb") as handle:
            if not stat.S_ISREG(os.fstat(handle.fileno()).st_mode):
                return None
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except (OSError, ValueError):  # ValueError: a name with NUL in it
        return None
