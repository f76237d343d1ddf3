"""One run at a time in an output folder.

The kernel's lock (`flock`) goes when its process does, so nothing is left locked after a kill. On file
systems without it the file itself is the lock, and a dead owner on the same host is seen by its id.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from augcli import storage
from augcli.errors import OutputBusy, Problem

LOCK = ".augment.lock"

_UNSUPPORTED = {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL}


@contextlib.contextmanager
def locked(output: Path) -> Iterator[None]:
    """Hold the output folder, which is made when it is missing.

    Raises `OutputBusy` when another run holds it, `Aborted` when the folder cannot be written to.
    """
    path = output / LOCK
    try:
        output.mkdir(parents=True, exist_ok=True)
        handle = _acquired(path)
    except OSError as error:
        raise storage.failure(path, error) from error
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            path.unlink()  # while it is held, so that nobody can be holding this file any more
        os.close(handle)


def _acquired(path: Path) -> int:
    while True:
        handle, created = _opened(path)
        try:
            if _taken(handle, created, path):
                os.ftruncate(handle, 0)
                os.pwrite(handle, json.dumps({"pid": os.getpid(), "host": socket.gethostname()}).encode(), 0)
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def _opened(path: Path) -> tuple[int, bool]:
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
    try:
        return os.open(path, flags | os.O_EXCL, 0o666), True
    except FileExistsError:
        return os.open(path, flags, 0o666), False


def _taken(handle: int, created: bool, path: Path) -> bool:
    """Whether the lock is ours; False to try again. Raises `OutputBusy`."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise _busy(handle, path) from error
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise
        if created:
            return True
        if not _owner_is_dead(handle):
            raise _busy(handle, path) from error
        path.unlink(missing_ok=True)
        return False
    # The owner before may have unlinked the file between our opening and our locking it.
    with contextlib.suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(handle), path.stat())
    return False


def _owner(handle: int) -> tuple[int, str]:
    """(process id, host); (0, "") while the owner has not written them yet."""
    try:
        owner = json.loads(os.pread(handle, 4096, 0))
        return int(owner["pid"]), str(owner["host"])
    except (ValueError, KeyError, TypeError, OSError):
        return 0, ""


def _owner_is_dead(handle: int) -> bool:
    pid, host = _owner(handle)
    if pid <= 0 or host != socket.gethostname():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return False


def _busy(handle: int, path: Path) -> OutputBusy:
    pid, host = _owner(handle)
    who = f"process {pid} on {host}" if pid else "another run"
    return OutputBusy(
        Problem(str(path.parent), f"in use by {who}", f"try later; if that run is gone, remove {path}")
    )
