"""Signals as exceptions: SIGINT, SIGTERM and SIGHUP end a run in order; a second one ends it at once."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from augcli.errors import Exit, Interrupted

_CODES = {
    signal.SIGINT: Exit.INTERRUPTED,
    signal.SIGTERM: Exit.TERMINATED,
    signal.SIGHUP: Exit.TERMINATED,
}


@contextmanager
def interruptible() -> Iterator[None]:
    """Within, the first signal raises `Interrupted` in the main thread; the second leaves immediately."""
    seen = False

    def handle(number: int, _frame: FrameType | None) -> None:
        nonlocal seen
        code = _CODES[signal.Signals(number)]
        if seen:
            os._exit(code)
        seen = True
        raise Interrupted(
            f"{'interrupted' if code == Exit.INTERRUPTED else 'terminated'}; "
            "run the same command again: it continues",
            code,
        )

    before = {number: signal.signal(number, handle) for number in _CODES}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
