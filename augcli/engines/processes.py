"""The default engine: worker processes that may die or hang, at the cost of their own job alone.

A job whose worker died is tried once more, alone, and only the second death is held against it. Jobs are
handed out singly, as workers get free: that costs some 0.1 ms each, and no bundle has to be taken apart
to find the guilty one.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from multiprocessing import forkserver
from typing import TYPE_CHECKING, Any, TypeVar

from augcli.engines.failure import Failure
from augcli.engines.pool import Ticket, WatchedPool
from augcli.engines.worker import Done

if TYPE_CHECKING:
    from augcli.engines import Costly

JobType = TypeVar("JobType", bound="Costly")
Result = TypeVar("Result")

WINDOW = 64
"""Jobs that are looked at together, so that the costly ones start first."""

_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def warm_up(*, preload: tuple[str, ...] = (), start_method: str = "forkserver") -> None:
    """Start the fork server, which then imports `preload` while this process goes on.

    Libraries' own thread pools are set to one thread for all processes started from here on: there is a
    worker per processor, and sums must not depend on how many threads took part.
    """
    os.environ.update(_ONE_THREAD)
    if start_method == "forkserver":
        multiprocessing.get_context("forkserver").set_forkserver_preload(list(preload))
        forkserver.ensure_running()


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
) -> Iterator[tuple[JobType, Result | Failure]]:
    """Apply `work` to the jobs in `workers` processes; see `engines.Options`.

    `work` and `initializer` must be importable in the workers. When this iterator ends, is closed or is left
    by an exception, no worker is left. Raises what `work` raised if that was an `AugmentError`, and
    `Aborted` when workers cannot be started or keep dying without taking a job.
    """
    warm_up(preload=preload, start_method=start_method)
    pool = WatchedPool(workers, timeout, start_method, pickle.dumps((work, initializer, initargs)))
    suspects: deque[Ticket] = deque()
    ready = _costly_first(jobs)
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
