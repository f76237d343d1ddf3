"""Imported by the fork server before it makes workers, for its effect there: workers are born in silence.

A run may end while workers are still being born, at Ctrl-C or because others were faster. What they then
miss are the pipes and locks of the parent, and Python would print a traceback of it per worker. The parent
learns from the exit code alone that a worker did not come to life, and says what follows from it.
"""

from __future__ import annotations

import sys
from types import TracebackType

__all__: list[str] = []


def _report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print what is not explained by a parent that has closed its pipes and removed its locks."""
    if not issubclass(kind, OSError | EOFError):
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _report
