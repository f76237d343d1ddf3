"""The bytes of an input file. What can go wrong with a file that is not about images is said here."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from pathlib import Path

from augcli import storage
from augcli.errors import ItemError
from augcli.images.members import NUL, read_member

_CODES = {
    errno.EACCES: "permission_denied",
    errno.EPERM: "permission_denied",
    errno.ENOENT: "vanished",
    errno.ENOTDIR: "vanished",
    errno.ESTALE: "vanished",
    errno.EISDIR: "not_a_file",
    errno.ENXIO: "not_a_file",
}


_METADATA_BYTES = 64 << 20


def most_bytes(max_megapixels: float) -> int:
    """How large a file may be: 8 bytes a pixel (16-bit RGBA, not compressed), and 64 MiB of metadata."""
    return int(max_megapixels * 8e6) + _METADATA_BYTES


def read(path: str, most: int | None = None) -> bytes:
    """All bytes of a regular file, or of an image inside one (`members`); links are followed.

    Raises ItemError: permission_denied, vanished, not_a_file (folder, FIFO, device, socket: never
    opened, a FIFO would block for ever), file_too_large (over `most` bytes, not read), empty, changed (while
    it was read), memory_limit, unreadable.
    """
    file_path, _, member = path.partition(NUL)
    try:
        if not stat.S_ISREG(Path(file_path).stat().st_mode):
            raise ItemError("not_a_file")
        # Not blocking: between the two calls the file may have been replaced by a FIFO.
        handle = os.open(file_path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with open(handle, "rb", buffering=0) as file:
            if member:
                data = read_member(file_path, handle, member)
                size = len(data)
            else:
                size = os.fstat(handle).st_size
                if most is not None and size > most:
                    raise ItemError("file_too_large", size=size // 1_000_000, limit=most // 1_000_000)
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


def digest(path: str) -> str | None:
    """SHA-256 in hex of what is at a path or inside a file; None where it cannot be read."""
    if NUL not in path:
        return storage.sha256_file(Path(path))
    try:
        return hashlib.sha256(read(path)).hexdigest()
    except ItemError:
        return None
