"""What runs inside a worker process: the start, and one job at a time.

Everything that crosses the border is bytes pickled here, so that whatever cannot be pickled, unpickled or
imported is a failure of one job with a name, and never an exception inside the pool's own machinery.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from augcli.engines.failure import Failure
from augcli.errors import AugmentError


@dataclass(frozen=True, slots=True)
class Done:
    """A job was finished with this result."""

    result: Any


@dataclass(frozen=True, slots=True)
class NotStarted:
    """The worker could not be set up, and no other one will be."""

    reason: str


@dataclass(frozen=True, slots=True)
class _Setup:
    work: Callable[[Any], Any]
    holders: Any  # one C long per job in flight: the worker that holds it


_setup: _Setup | NotStarted = NotStarted("the worker was never set up")


def begin(payload: bytes, holders: Any) -> None:
    """Set this process up: signals, the watch over the parent, `work` and the caller's initializer.

    payload  pickled (work, initializer or None, its arguments)
    holders  shared array: `run` writes this process's id at the job's place
    """
    global _setup
    # The parent decides what an interrupt means. SIGTERM ends a worker at once, even inside a library.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        threading.Thread(target=_end_with_parent, daemon=True).start()
        work, initializer, initargs = pickle.loads(payload)
        if initializer is not None:
            initializer(*initargs)
        _setup = _Setup(work, holders)
    except BaseException as error:
        _setup = NotStarted(f"{type(error).__name__}: {error}")


def _end_with_parent() -> None:
    """A killed parent closes its pipes, but a worker that is busy or hangs does not look at them."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def run(place: int, payload: bytes) -> bytes:
    """Do one pickled job; the pickled `Done`, `Failure`, `NotStarted` or `AugmentError`."""
    if isinstance(_setup, NotStarted):
        return pickle.dumps(_setup)
    _setup.holders[place] = os.getpid()
    try:
        return pickle.dumps(Done(_setup.work(pickle.loads(payload))), pickle.HIGHEST_PROTOCOL)
    except AugmentError as error:
        return pickle.dumps(error)
    except BaseException as error:
        return pickle.dumps(Failure.of(error))
