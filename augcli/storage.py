"""Every file that is written, and every listing of a folder, goes through here.

A file under its final name is whole: it is written beside it under a temporary name, then renamed. The
temporary name is a function of the final name, so that a killed run leaves nothing that its continuation
would not overwrite or recognise.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from augcli.errors import Aborted, Problem

TEMPORARY = ".augment."
"""How the names of temporary files and of the journal begin."""

_TRIES = 20
"""How often a folder is made for a file: another shard may be removing it as one that it emptied."""

_NO_LINKS = {errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP, errno.ENOSYS}
"""Why a file cannot have a second name: another file system, or one that has none, or too many already."""

_LEFTOVER = re.compile(re.escape(TEMPORARY) + r"[0-9a-f]{16}\.tmp")


def temporary_name(name: str) -> str:
    """A short name for the unfinished file of this final name (255 bytes is the limit of both)."""
    digest = hashlib.blake2b(name.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
    return f"{TEMPORARY}{digest}.tmp"


class Writer:
    """The unfinished file of `writing`: takes bytes and counts them."""

    __slots__ = ("_file", "_path", "size")

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path = path
        self._file = file
        self.size = 0

    def write(self, data: bytes) -> None:
        """Append bytes. Raises `Aborted` when the environment does not let it."""
        try:
            self._file.write(data)
        except OSError as error:
            raise failure(self._path, error) from error
        self.size += len(data)


@contextlib.contextmanager
def writing(path: Path, *, sync: bool = False) -> Iterator[Writer]:
    """Make `path` appear whole with the bytes that the body writes; its folder is made when it is missing.

    The name appears when the body is done; when the body raises, nothing is left. With `sync` the bytes are
    on the disk before the name is (and the name before this returns).
    Raises `Aborted` when the environment does not let it: disk full, read-only, no permission.
    """
    temporary = path.with_name(temporary_name(path.name))
    try:
        file = _created(temporary)
    except OSError as error:
        raise failure(path, error) from error
    try:
        writer = Writer(path, file)
        yield writer
        try:
            file.flush()
            if os.fstat(file.fileno()).st_size != writer.size:
                raise OSError(errno.EIO, "fewer bytes arrived than were written")
            if sync:
                os.fsync(file.fileno())
            file.close()
            os.replace(temporary, path)
            if sync:
                sync_folder(path.parent)
        except OSError as error:
            raise failure(path, error) from error
    except BaseException:
        with contextlib.suppress(OSError):
            file.close()
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def _created(temporary: Path) -> BinaryIO:
    for _ in range(_TRIES):
        try:
            return temporary.open("wb")
        except FileNotFoundError:
            temporary.parent.mkdir(parents=True, exist_ok=True)
    return temporary.open("wb")


def write(path: Path, data: bytes, *, sync: bool = False) -> None:
    """Make `path` appear whole with these bytes; see `writing`."""
    with writing(path, sync=sync) as file:
        file.write(data)


def create(path: Path, data: bytes) -> None:
    """Make `path` appear whole with these bytes, where nothing has that name: `FileExistsError` else.

    The name is given by a hard link, which never replaces; file systems without links leave a moment between
    the look and the renaming. Raises `Aborted` when the environment does not let it.
    """
    whole = path.with_name(temporary_name(f"{path.name} to be created"))
    try:
        write(whole, data)
    except Aborted as error:
        if isinstance(error.__cause__, OSError):
            raise failure(path, error.__cause__) from error  # in the name that was asked for
        raise
    try:
        os.link(whole, path)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK):
            raise failure(path, error) from error
        if os.path.lexists(path):
            raise FileExistsError(path) from None
        os.replace(whole, path)
    finally:
        whole.unlink(missing_ok=True)


def link(source: Path, path: Path) -> bool:
    """Make `path` appear as a second name of the file `source`; False where that cannot be.

    Raises `Aborted` when the environment does not let it for another reason.
    """
    temporary = path.with_name(temporary_name(path.name))
    try:
        temporary.parent.mkdir(parents=True, exist_ok=True)
        temporary.unlink(missing_ok=True)
        os.link(source, temporary, follow_symlinks=False)
        os.replace(temporary, path)
        temporary.unlink(missing_ok=True)  # a rename onto another name of the same file does nothing
    except OSError as error:
        if error.errno in _NO_LINKS:
            return False
        raise failure(path, error) from error
    return True


def hand_over(path: Path, data: bytes) -> None:
    """Write a file that the user named, outside the output folder.

    A regular file appears whole, as by `write`; a pipe or device (/dev/null, /dev/stdout) is written to and
    stays what it is. Raises `Aborted`.
    """
    try:
        if not path.exists() or path.is_file():
            write(path.resolve(), data)  # resolved, so that a link stays a link
            return
        path.write_bytes(data)
    except OSError as error:
        raise failure(path, error) from error


def append(path: Path, data: bytes) -> None:
    """Add to the end of a file that the user named, which others add to as well. Raises `Aborted`."""
    try:
        with path.open("ab") as file:
            file.write(data)
    except OSError as error:
        raise failure(path, error) from error


def failure(path: Path, error: OSError) -> Aborted:
    """The exception for an output that cannot be written."""
    remedy = {
        errno.ENOSPC: "free some space, then run the same command again: it continues",
        errno.EDQUOT: "the quota is used up; free some space, then run the same command again",
        errno.EROFS: "the file system is read-only; choose another output.path",
        errno.EACCES: "no permission; choose another output.path or change its owner",
        errno.EFBIG: "the file is over the size limit of this shell or file system",
    }.get(error.errno or 0, "run the same command again when this is mended: it continues")
    return Aborted(Problem(str(path), f"cannot be written ({error.strerror})", remedy))


def unreadable(folder: Path, error: OSError) -> Aborted:
    """The exception for an output folder that cannot be looked into."""
    what = f"cannot be read ({error.strerror})"
    return Aborted(Problem(str(folder), what, "choose another output.path or change its owner"))


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable. File systems that cannot (EINVAL) are left alone."""
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        with contextlib.suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)


def below(root: Path, name: str) -> Path:
    """The place of a file of an output: `name` is its POSIX path below `root`.

    A link on the way there would lead the file, or its removal, into another tree, the input among them.
    Raises `Aborted` for one. (A look at each folder takes microseconds, an image milliseconds.)
    """
    folder = root
    for part in name.split("/")[:-1]:
        folder /= part
        if folder.is_symlink():
            what = "is a link to a folder; nothing is written or removed through links inside the output"
            raise Aborted(Problem(str(folder), what, "remove the link, or choose another output.path"))
    return root / name


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
