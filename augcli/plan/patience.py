"""An end to what may take for ever: a regular expression of the user's can, on the wrong name."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Overdue(Exception):
    """The time is over."""


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Within, `Overdue` is raised after this time. A timer of the process serves for it, because `re` looks
    at signals while it searches and at nothing else; outside the main thread there is no limit.
    """

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise Overdue

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = signal.signal(signal.SIGALRM, ring)
    timer = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, *timer)
