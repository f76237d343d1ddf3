"""What lies below the root of a dataset: image files, label files, and what is passed over.

Looks at names and at what the file system says of a file, never into one.
"""

from __future__ import annotations

import errno
import os
import unicodedata
from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

from augcli import storage
from augcli.errors import Problem, UsageError
from augcli.formats.source import Source
from augcli.images.kinds import kind_of, why_unsupported
from augcli.sample import Entry, by_bytes

SHOWN = 20
"""How many examples of one mistake are named."""

LINKS = "links to folders"
"""In `Listing.ignored`: they are not followed."""


class Found(NamedTuple):
    """A file that is, or by its name should be, an image; or a folder that cannot be listed. A tuple, because
    there are many, and a frozen dataclass takes four times as long to make.

    path    POSIX path below the root, Unicode NFC (but for the second of two names that differ in that alone)
    file    the path as the operating system knows it
    link    it is a symbolic link
    error   code of `ITEM_ERRORS` when it is no use; `facts` fill its text
    size    bytes
    """

    path: str
    file: str
    link: bool = False
    error: str | None = None
    facts: tuple[tuple[str, Any], ...] = ()
    size: int = 0


@dataclass(frozen=True)
class Listing:
    """Everything below a root.

    images    what may be an image, sorted within each folder
    labels    paths below the root (raw) of the label files that were asked for
    ignored   kind of file -> how many were passed over
    """

    images: list[Found] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Ending:
    """The names of files that end like this, in place of a list of names: `"x.txt" in Ending(".txt")`."""

    suffix: str

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.endswith(self.suffix)


def scan(source: Source, label_files: Container[str] = ()) -> Listing:
    """List the root; excluded images are counted, not listed.

    label_files   names that are label files of the format, or an `Ending`
    Raises `UsageError` when the root is missing, no folder, or may not be read.
    """
    root = Path(source.path)
    if not root.is_dir():
        what = "is a file; the folder of a dataset was expected" if root.exists() else "no such folder"
        raise UsageError(Problem(source.path, what, remedy_for_missing(source.path)))
    listing = Listing()
    try:
        for raw, entry in storage.files(root):
            _sort_in(listing, source, raw, entry, label_files)
    except PermissionError as error:
        raise UsageError(Problem(source.path, "the folder may not be read")) from error
    return replace(listing, images=_told_apart(listing.images))


def remedy_for_missing(path: str) -> str:
    """What to do about a folder that is not there."""
    from_here = "" if Path(path).is_absolute() else "; a relative path starts at the current directory"
    return f"input.path names the folder that holds the images{from_here}"


def _told_apart(images: list[Found]) -> list[Found]:
    """Files whose names differ in their Unicode form alone: the one that is not NFC keeps its own form."""
    seen = Counter(found.path for found in images)
    if len(seen) == len(images):
        return images
    told = []
    for found in images:
        raw = os.path.basename(found.file)
        if seen[found.path] > 1 and not unicodedata.is_normalized("NFC", raw):
            above, slash, _ = found.path.rpartition("/")
            told.append(found._replace(path=f"{above}{slash}{raw}"))
        else:
            told.append(found)
    return told


def links(source: Source) -> list[str]:
    """The paths below the root of links to folders, which `scan` passes over."""
    return [
        path
        for path, entry in storage.files(Path(source.path))
        if entry.is_symlink()
        and _is_folder(entry)
        and not any(part.startswith(".") for part in path.split("/"))
        and not source.excludes(unicodedata.normalize("NFC", path))
    ]


def _sort_in(
    listing: Listing, source: Source, raw: str, entry: os.DirEntry[str], label_files: Container[str]
) -> None:
    path = raw if raw.isascii() else unicodedata.normalize("NFC", raw)
    name = path.rpartition("/")[2]
    kind = kind_of(name)
    if "__MACOSX" in path and "__MACOSX" in path.split("/"):
        listing.ignored["__MACOSX"] += 1
    elif path.startswith(".") or "/." in path:
        listing.ignored["dotfiles"] += 1
    elif source.excludes(path):
        listing.ignored["excluded"] += 1
    elif name in label_files:
        listing.labels.append(raw)
    elif not (regular := entry.is_file(follow_symlinks=False)) and _is_folder(entry):
        if entry.is_symlink():
            listing.ignored[LINKS] += 1
        else:
            listing.images.append(_closed_folder(path, entry.path))
    elif kind is None:
        listing.ignored["other files"] += 1
    else:
        listing.images.append(_image(path, entry, kind, source.sized, regular))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether it is a folder or a link to one; a link that leads to itself is none."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def is_file(entry: os.DirEntry[str]) -> bool:
    """Whether it is a regular file or a link to one; a link that leads to itself is none."""
    try:
        return entry.is_file()
    except OSError:
        return False


def _image(path: str, entry: os.DirEntry[str], kind: str, sized: bool, regular: bool) -> Found:
    """The image at an entry; `regular`: it is no link and no special file, as nearly all are."""
    link = not regular and entry.is_symlink()
    if not regular and not is_file(entry):
        error = "vanished" if link and not Path(entry.path).exists() else "not_a_file"
        return Found(path, entry.path, link, error)
    try:
        size = entry.stat().st_size if sized else 0
    except OSError:
        return Found(path, entry.path, link, "vanished")
    if kind == "unsupported":
        return Found(path, entry.path, link, "unsupported_format", why_unsupported(path), size)
    return Found(path, entry.path, link, size=size)


def _closed_folder(path: str, folder: str) -> Found:
    """A folder that the listing could not enter; one at the top may be a whole split, so it is refused."""
    try:
        os.listdir(folder)
        reason = "EAGAIN"
    except OSError as error:
        reason = errno.errorcode.get(error.errno or 0, "EIO")
    if "/" not in path:
        raise UsageError(Problem(folder, f"the folder may not be read ({reason})"))
    if reason in {"EACCES", "EPERM"}:
        return Found(path, folder, error="permission_denied")
    return Found(path, folder, error="unreadable", facts=(("reason", reason),))


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Sort the entries by the bytes of split and key.

    Raises `UsageError` for two files whose names differ only in their Unicode form: one identity, two images.
    """
    ordered = sorted(entries, key=by_bytes)
    same = list(map(_identity, ordered))
    if len(set(same)) == len(same):
        return ordered
    twins = [
        Problem(
            entry.path,
            f"has the same name as {other.path!r}, written in other Unicode code points",
            "rename one of them, or the folder above",
        )
        for other, entry in pairwise(ordered)
        if _identity(entry) == _identity(other)
    ]
    raise UsageError(shortened(twins))


_identity = attrgetter("split", "key")


def refuse_nothing(source: Source, count: int, ignored: Counter[str]) -> None:
    """Raise `UsageError` when there is no image."""
    if count:
        return
    passed = ", ".join(f"{number} {kind}" for kind, number in sorted(ignored.items()))
    what = "no images found" + (f" ({passed} passed over)" if passed else "")
    remedy = "supported are JPEG, PNG, WebP, BMP, TIFF and GIF files"
    if ignored[LINKS]:
        remedy = (
            "links to folders are not followed: put the folders themselves there, or name them as the input"
        )
    raise UsageError(Problem(source.path, what, remedy))


def shortened(problems: list[Problem]) -> list[Problem]:
    """The first `SHOWN` problems, and how many more there are."""
    more = len(problems) - SHOWN
    return problems[:SHOWN] + ([Problem("", f"and {more} more like these")] if more > 0 else [])
