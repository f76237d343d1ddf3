"""The default engine: worker processes that may die or hang, at the cost of their own job alone.

A job whose worker died is tried once more, alone, and only the second death is held against it. Jobs are
handed out singly, as workers get free: that costs some 0.1 ms each, and no bundle has to be taken apart
to find the guilty one.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain, islice
from multiprocessing import forkserver, resource_tracker
from typing import TYPE_CHECKING, Any, TypeVar

from augcli.engines.failure import Failure
from augcli.engines.pool import Ticket, WatchedPool, no_workers
from augcli.engines.threads import one_thread
from augcli.engines.worker import Done

if TYPE_CHECKING:
    from augcli.engines import Costly

JobType = TypeVar("JobType", bound="Costly")
Result = TypeVar("Result")

WINDOW = 64
"""Jobs that are looked at together, so that the costly ones start first."""

_BIRTH = "augcli.engines.birth"

_SILENCE = "ignore::UserWarning"

_GROUP_SIGNALS = (signal.SIGINT, signal.SIGHUP)
"""What a terminal sends to every process of a run."""


def warm_up(*, preload: tuple[str, ...] = (), start_method: str = "forkserver") -> None:
    """Start the fork server, which then imports `preload` while this process goes on.

    Raises `Aborted` where there may be no more processes.
    """
    one_thread()
    try:
        if start_method != "fork":
            with _untouched_by_the_terminal(), _without_warnings():
                resource_tracker.ensure_running()
        if start_method == "forkserver":
            multiprocessing.get_context("forkserver").set_forkserver_preload([_BIRTH, *preload])
            with _untouched_by_the_terminal():
                forkserver.ensure_running()
    except OSError as error:
        raise no_workers(error.strerror or type(error).__name__) from error


@contextmanager
def _untouched_by_the_terminal() -> Iterator[None]:
    """What is started inside lives on at Ctrl-C and hang-up: this process decides what they mean.

    A blocked signal stays blocked in a new process, from its first instruction on.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _GROUP_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _without_warnings() -> Iterator[None]:
    """For the tracker of multiprocessing, which removes the locks that a killed run leaves behind.

    Its warning that it does so would come up in the user's terminal, and asks for nothing.
    """
    before = os.environ.get("PYTHONWARNINGS")
    os.environ["PYTHONWARNINGS"] = f"{before},{_SILENCE}" if before else _SILENCE
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONWARNINGS"]
        else:
            os.environ["PYTHONWARNINGS"] = before


def apply(
    work: Callable[[JobType], Result],
    jobs: Iterable[JobType],
    *,
    workers: int,
    timeout: float | None = None,
    start_method: str = "forkserver",
    preload: tuple[str, ...] = (),
    initializer: Callable[..., object] | None = None,
    initargs: tuple[Any, ...] = (),
    on_retry: Callable[[JobType], None] | None = None,
) -> Generator[tuple[JobType, Result | Failure]]:
    """Apply `work` to the jobs in at most `workers` processes, and no more than there are jobs.

    See `engines.Options`.
    `work` and `initializer` must be importable in the workers. When this iterator ends, is closed or is left
    by an exception, no worker is left. Raises what `work` raised if that was an `AugmentError`, and
    `Aborted` when workers cannot be started or keep dying without taking a job.
    """
    warm_up(preload=preload, start_method=start_method)
    ready = _costly_first(jobs)
    head = list(islice(ready, workers))
    if not head:
        return
    setup = pickle.dumps((work, initializer, initargs))
    pool = WatchedPool(len(head), timeout, start_method, setup)
    suspects: deque[Ticket] = deque()
    ready = chain(head, ready)
    try:
        while True:
            while pool.has_room and (job := next(ready, None)) is not None:
                try:
                    pool.submit(Ticket(job, pickle.dumps(job, pickle.HIGHEST_PROTOCOL)))
                except (pickle.PicklingError, AttributeError, TypeError) as error:
                    yield job, Failure.of(error)
            if pool.is_idle:
                if not suspects:
                    return
                pool.submit(suspects.popleft())  # alone, so that its death is nobody else's
            for ticket, outcome in pool.finished():
                if isinstance(outcome, Done):
                    yield ticket.job, outcome.result
                elif isinstance(outcome, Failure):
                    yield ticket.job, outcome
                elif ticket.deaths:
                    yield ticket.job, Failure("worker_died")
                else:
                    suspects.append(replace(ticket, deaths=1))
                    if on_retry is not None:
                        on_retry(ticket.job)
    finally:
        pool.stop()


def _costly_first(jobs: Iterable[JobType]) -> Iterator[JobType]:
    """The jobs in windows, each sorted by falling cost: the last ones to finish are then small."""
    source = iter(jobs)
    while window := list(islice(source, WINDOW)):
        yield from sorted(window, key=lambda job: -job.cost)
