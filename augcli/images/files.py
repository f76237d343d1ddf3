"""The bytes of an input file. What can go wrong with a file that is not about images is said here."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from augcli.errors import ItemError

_CODES = {
    errno.EACCES: "permission_denied",
    errno.EPERM: "permission_denied",
    errno.ENOENT: "vanished",
    errno.ENOTDIR: "vanished",
    errno.ESTALE: "vanished",
    errno.EISDIR: "not_a_file",
    errno.ENXIO: "not_a_file",
}


def read(path: str) -> bytes:
    """All bytes of a regular file; links are followed.

    Raises ItemError: permission_denied, vanished, not_a_file (folder, FIFO, device, socket: never
    opened, a FIFO would block for ever), empty, changed (while it was read), memory_limit, unreadable.
    """
    try:
        if not stat.S_ISREG(Path(path).stat().st_mode):
            raise ItemError("not_a_file")
        # Not blocking: between the two calls the file may have been replaced by a FIFO.
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with open(handle, "rb", buffering=0) as file:
            size = os.fstat(handle).st_size
            data = file.read()
    except OSError as error:
        code = _CODES.get(error.errno or 0)
        if code is not None:
            raise ItemError(code) from None
        raise ItemError("unreadable", reason=errno.errorcode.get(error.errno or 0, "EIO")) from None
    except MemoryError:
        raise ItemError("memory_limit") from None
    if len(data) != size:
        raise ItemError("changed")
    if not data:
        raise ItemError("empty")
    return data
