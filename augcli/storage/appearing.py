"""Files that appear whole: written beside their place under a temporary name, then renamed.

The temporary name is a function of the final name, so that a killed run leaves nothing that its continuation
would not overwrite or recognise.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
from pathlib import Path
from typing import Self

from augcli.errors import Aborted, Problem

TEMPORARY = ".augment."
"""How the names of temporary files and of the journal begin."""

_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
"""How an unfinished file is opened: one that a killed run left is written over."""

_BUFFER = 1 << 13
"""Bytes below which pieces of a file are joined before the system gets them."""

_TRIES = 20
"""How often a folder is made for a file: another shard may be removing it as one that it emptied."""

NO_LINKS = {errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP, errno.ENOSYS}
"""Why a file cannot have a second name: another file system, or one that has none, or too many already."""


def temporary_name(name: str) -> str:
    """A short name for the unfinished file of this final name (255 bytes is the limit of both)."""
    digest = hashlib.blake2b(name.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
    return f"{TEMPORARY}{digest}.tmp"


class Writer:
    """A file that appears whole when the body of `with writing(path) as file` is done; counts its bytes."""

    __slots__ = ("_handle", "_held", "_path", "_sync", "_temporary", "size")

    def __init__(self, path: Path | str, sync: bool) -> None:
        folder, name = os.path.split(path)
        self._path = path
        self._temporary = os.path.join(folder, temporary_name(name))
        self._sync = sync
        self._handle = -1
        self._held = b""
        self.size = 0

    def __enter__(self) -> Self:
        try:
            self._handle = _created(self._temporary)
        except OSError as error:
            raise failure(self._path, error) from error
        return self

    def write(self, data: bytes) -> None:
        """Append bytes. Raises `Aborted` when the environment does not let it."""
        self.size += len(data)
        whole = self._held + data if self._held else data
        self._held = b"" if len(whole) >= _BUFFER else whole
        if not self._held:
            self._put(whole)

    def _put(self, data: bytes) -> None:
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self._handle, rest) :]
        except OSError as error:
            raise failure(self._path, error) from error

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        appeared = False
        try:
            if kind is None:
                self._put(self._held)
                self._appear()
                appeared = True
        except OSError as error:
            raise failure(self._path, error) from error
        finally:
            if not appeared:
                self._discard()

    def _appear(self) -> None:
        if os.fstat(self._handle).st_size != self.size:
            raise OSError(errno.EIO, "fewer bytes arrived than were written")
        if self._sync:
            os.fsync(self._handle)
        handle, self._handle = self._handle, -1
        os.close(handle)  # where network file systems say what did not arrive
        os.replace(self._temporary, self._path)
        if self._sync:
            sync_folder(Path(self._path).parent)

    def _discard(self) -> None:
        with contextlib.suppress(OSError):
            os.unlink(self._temporary)
        if self._handle >= 0:
            with contextlib.suppress(OSError):
                os.close(self._handle)


def _created(temporary: str) -> int:
    for _ in range(_TRIES):
        try:
            return os.open(temporary, _NEW, 0o666)
        except FileNotFoundError:
            Path(temporary).parent.mkdir(parents=True, exist_ok=True)
    return os.open(temporary, _NEW, 0o666)


def writing(path: Path, *, sync: bool = False) -> Writer:
    """Make `path` appear whole with the bytes that the body writes; its folder is made when it is missing.

    The name appears when the body is done; when the body raises, nothing is left. With `sync` the bytes are
    on the disk before the name is (and the name before this returns).
    Raises `Aborted` when the environment does not let it: disk full, read-only, no permission.
    """
    return Writer(path, sync)


def write(path: Path | str, data: bytes, *, sync: bool = False) -> None:
    """Make `path` appear whole with these bytes; see `writing`."""
    with Writer(path, sync) as file:
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
        if error.errno not in NO_LINKS:
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
        if error.errno in NO_LINKS:
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


def failure(path: Path | str, error: OSError) -> Aborted:
    """The exception for an output that cannot be written."""
    remedy = {
        errno.ENOSPC: "free some space, then run the same command again: it continues",
        errno.EDQUOT: "the quota is used up; free some space, then run the same command again",
        errno.EROFS: "the file system is read-only; choose another output.path",
        errno.EACCES: "no permission; choose another output.path or change its owner",
        errno.EFBIG: "the file is over the size limit of this shell or file system",
    }.get(error.errno or 0, "run the same command again when this is mended: it continues")
    return Aborted(Problem(str(path), f"cannot be written ({error.strerror})", remedy))


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable. File systems that cannot (EINVAL) are left alone."""
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        with contextlib.suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)
