"""Keeping the decoders' own voices and limits away from the terminal, and listening to them.

libjpeg and libtiff write complaints straight to file descriptor 2, where neither `warnings` nor logging
sees them. While one picture is decoded the descriptor leads into a pipe; what was said there makes a
result suspect. Pillow's warnings and its own size limit are switched off for the same time: the limit
of the recipe takes its place.
"""

from __future__ import annotations

import errno
import os
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PIL import Image

from augcli.errors import ItemError

_STDERR = 2
_ONE_AT_A_TIME = threading.Lock()


@contextmanager
def undisturbed() -> Iterator[Callable[[], bytes]]:
    """Decode inside; yields `heard()`: what decoders have complained of since it was last asked.

    One thread of a process at a time, since the descriptor and Pillow's limit belong to the process. The
    limit may be set anew inside; at the end it is what it was.
    """
    with _ONE_AT_A_TIME, warnings.catch_warnings(), _listening() as heard:
        warnings.simplefilter("ignore")
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            yield heard
        finally:
            Image.MAX_IMAGE_PIXELS = limit


def hold_frames(max_megapixels: float) -> None:
    """Have Pillow hold the frames of a GIF, which may be larger than its screen, to the limit: it allocates
    them when it opens the file. Call it within `undisturbed`.
    """
    Image.MAX_IMAGE_PIXELS = max(int(max_megapixels * 1e6), 1)


@contextmanager
def _listening() -> Iterator[Callable[[], bytes]]:
    try:
        saved = _duplicate_of_stderr()
        ear, mouth = os.pipe()
    except OSError as error:  # too many open files
        raise ItemError("unreadable", reason=errno.errorcode.get(error.errno or 0, "EIO")) from None
    # A decoder that has much to say must not wait for a reader.
    os.set_blocking(ear, False)
    os.set_blocking(mouth, False)
    os.dup2(mouth, _STDERR)

    def heard() -> bytes:
        try:
            return os.read(ear, 65536)
        except BlockingIOError:
            return b""

    try:
        yield heard
    finally:
        os.dup2(saved, _STDERR)
        for descriptor in (saved, ear, mouth):
            os.close(descriptor)


def _duplicate_of_stderr() -> int:
    try:
        return os.dup(_STDERR)
    except OSError as error:
        if error.errno != errno.EBADF:
            raise
    # Started with stderr closed: occupy its number, or the next output file would get it and with it
    # whatever a C library prints.
    null = os.open(os.devnull, os.O_WRONLY)
    if null != _STDERR:
        os.dup2(null, _STDERR)
        os.close(null)
    return os.dup(_STDERR)
