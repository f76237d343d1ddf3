"""Signals as exceptions: SIGINT, SIGTERM and SIGHUP end a run in order; a second one ends it at once.

A signal that this process was started to ignore (`nohup`, a shell's background job) stays ignored.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from augcli.errors import Exit, Interrupted

_CODES = {
    signal.SIGINT: Exit.INTERRUPTED,
    signal.SIGTERM: Exit.TERMINATED,
    signal.SIGHUP: Exit.TERMINATED,
}


class _Signalled(KeyboardInterrupt):
    """A signal on its way up. No `Exception`: libraries swallow those, some even while they are imported."""

    def __init__(self, code: Exit) -> None:
        self.code = code


@contextmanager
def interruptible(remedy: str = "run the same command again: it continues") -> Iterator[Callable[[], None]]:
    """The first signal within ends the block and comes out as `Interrupted`; the second leaves at once.

    What ends is what the main thread does: a `KeyboardInterrupt` is raised there. Yields `heed()`, which
    raises it again where it was lost: compiled modules drop every exception at some moments of their import.
    """
    seen: Exit | None = None

    def handle(number: int, _frame: FrameType | None) -> None:
        nonlocal seen
        code = _CODES[signal.Signals(number)]
        if seen is not None:
            os._exit(code)
        seen = code
        raise _Signalled(code)

    def heed() -> None:
        if seen is not None:
            raise _Signalled(seen)

    heard = [number for number in _CODES if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, handle) for number in heard}
    try:
        yield heed
    except _Signalled as signalled:
        what = "interrupted" if signalled.code == Exit.INTERRUPTED else "terminated"
        raise Interrupted(f"{what}; {remedy}", signalled.code) from None
    finally:
        if seen is None:  # else the process is about to end, and the second signal still ends it at once
            for number, handler in before.items():
                signal.signal(number, handler)
