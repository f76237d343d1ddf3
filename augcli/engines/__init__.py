"""How a function is applied to many jobs.

An engine knows a picklable callable and jobs that carry a `cost`. It never sees an image, a recipe or a
manifest. Each engine is one function `apply(work, jobs, ...)` that yields `(job, result)` or
`(job, Failure)` as they are finished, in any order, with a bounded number of jobs in flight.

    serial      a loop in this process: no time limit, nothing to recover from
    processes   worker processes; a worker that dies or hangs costs its own job at most

`work` turns its own troubles into results. What it raises all the same becomes a `Failure`, except an
`AugmentError`: that one ends the run, and is raised here whatever process it came from.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from augcli.engines import serial
from augcli.engines.failure import Failure
from augcli.engines.quota import default_workers
from augcli.engines.threads import one_thread

__all__ = ["Costly", "Failure", "Options", "apply", "default_workers", "one_thread", "serial", "warm_up"]


class Costly(Protocol):
    """A job. `cost` is a relative estimate of its work."""

    @property
    def cost(self) -> float: ...


JobType = TypeVar("JobType", bound=Costly)
Result = TypeVar("Result")


@dataclass(frozen=True)
class Options:
    """How to run; nothing here changes a result.

    engine        serial or processes
    workers       number of worker processes, at least 1
    timeout       seconds one job may take; None: no limit; ignored by serial
    start_method  forkserver, spawn or fork
    preload       modules that the fork server imports once, before it makes workers
    initializer   called in every worker before its first job, with `initargs`; picklable
    on_retry      told the job that is tried again because its worker died
    """

    engine: str = "processes"
    workers: int = 1
    timeout: float | None = None
    start_method: str = "forkserver"
    preload: tuple[str, ...] = ()
    initializer: Callable[..., object] | None = None
    initargs: tuple[Any, ...] = ()
    on_retry: Callable[[Any], None] | None = None


def apply(
    work: Callable[[JobType], Result], jobs: Iterable[JobType], options: Options
) -> Generator[tuple[JobType, Result | Failure]]:
    """Apply `work` to every job with the engine of `options`.

    Close the iterator (or use it up) to be sure that no worker is left. Raises `AugmentError` as `work`
    raised it, and `Aborted` when no worker can be started.
    """
    if options.engine == "serial":
        if options.initializer is not None:
            options.initializer(*options.initargs)
        return serial.apply(work, jobs)
    from augcli.engines import processes  # pebble is loaded when it is used

    return processes.apply(
        work,
        jobs,
        workers=options.workers,
        timeout=options.timeout,
        start_method=options.start_method,
        preload=options.preload,
        initializer=options.initializer,
        initargs=options.initargs,
        on_retry=options.on_retry,
    )


def warm_up(options: Options) -> None:
    """Start what can be started before there are jobs, so that imports overlap with planning."""
    if options.engine != "serial":
        from augcli.engines import processes

        processes.warm_up(preload=options.preload, start_method=options.start_method)
