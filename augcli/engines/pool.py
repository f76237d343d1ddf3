"""Pebble's pool of processes, watched, so that every job that goes in comes out with an outcome.

Pebble replaces workers that die or take too long. But a worker that is killed at the wrong moment (before it
has said which job it took, or while it holds the pool's lock) makes it forget a job, or makes the whole
pool stand still. So each job's worker writes its process id into a shared array, the parent looks there
while no result comes, and it builds a new pool when nothing moves.
"""

from __future__ import annotations

import contextlib
import errno
import multiprocessing
import os
import pickle
import queue
import resource
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import pebble

from augcli.engines import worker
from augcli.engines.failure import Failure
from augcli.errors import Aborted, AugmentError, Problem

IN_FLIGHT = 4
"""Jobs per worker that are pickled and handed to the pool."""

TICK = 1.0
"""Seconds between two looks at the workers while no result comes."""

STANDSTILL = 60
"""Ticks without a result and without a busy worker after which the pool is built anew."""

FEW_FILES = 32
"""Open files with which workers may lack some at their start."""

BREAKS = 5
"""Pools that may break in a row, without one result between, before the run is aborted."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """One try at one job. `deaths`: how many workers died on the tries before."""

    job: Any
    payload: bytes
    deaths: int = 0


class Died:
    """The outcome of a try whose worker died."""


Outcome = worker.Done | Failure | Died


@dataclass(frozen=True, slots=True)
class _Flight:
    """A ticket that was handed to the pool, and its place in the shared array."""

    ticket: Ticket
    place: int


class _Births:
    """A multiprocessing context that remembers the processes made through it."""

    def __init__(self, start_method: str) -> None:
        self._context: Any = multiprocessing.get_context(start_method)
        self._born: list[Any] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    def Process(self, *args: Any, **named: Any) -> Any:
        self._born.append(self._context.Process(*args, **named))
        return self._born[-1]

    def kill(self) -> None:
        """Kill them all; what they were writing has temporary names."""
        for process in self._born:
            if process.pid is not None:
                process.kill()
        self._born = []


class WatchedPool:
    """A pool of `workers` processes. `timeout` is in seconds per job; `setup` is for `worker.begin`."""

    def __init__(self, workers: int, timeout: float | None, start_method: str, setup: bytes) -> None:
        self._workers = workers
        self._timeout = timeout
        self._context = _Births(start_method)
        self._setup = setup
        self._breaks = 0
        self._died: list[Ticket] = []
        self._start()

    def _start(self) -> None:
        # Pebble's threads wake up this often; its own 0.1 s would be waited for at every end.
        pebble.CONSTS.sleep_unit = 0.02
        self._flights: dict[Future[bytes], _Flight] = {}
        self._landed: queue.SimpleQueue[Future[bytes]] = queue.SimpleQueue()
        self._free = list(range(self._workers * IN_FLIGHT))
        self._missed: set[Future[bytes]] = set()
        self._standstill = 0
        try:
            self._holders = self._context.RawArray("l", len(self._free))
            self._pool = pebble.ProcessPool(
                self._workers,
                initializer=worker.begin,
                initargs=(self._setup, self._holders),
                context=self._context,
            )
        except OSError as error:
            reason = error.strerror or type(error).__name__
            if error.errno in (errno.EFBIG, errno.ENOSPC):
                what = f"no room for the memory shared with workers ({reason})"
                remedy = "raise `ulimit -f`, or free space in /dev/shm and the folder for temporary files"
                raise Aborted(Problem("workers", what, remedy)) from error
            raise no_workers(reason) from error

    @property
    def has_room(self) -> bool:
        """Whether `submit` may be called."""
        return bool(self._free)

    @property
    def is_idle(self) -> bool:
        """Whether every ticket has come out again."""
        return not self._flights and not self._died

    def submit(self, ticket: Ticket) -> None:
        """Hand a ticket to the pool; a broken pool is replaced first. Raises `Aborted`."""
        while True:
            place = self._free[-1]
            self._holders[place] = 0
            try:
                future = self._pool.schedule(worker.run, (place, ticket.payload), timeout=self._timeout)
                break
            except (RuntimeError, OSError) as error:
                self._rebuild(error)
        self._free.pop()
        self._flights[future] = _Flight(ticket, place)
        future.add_done_callback(self._landed.put)

    def finished(self) -> Iterator[tuple[Ticket, Outcome]]:
        """What is finished by now, after waiting up to a tick when nothing is.

        Raises the `AugmentError` of a job, and `Aborted` when there can be no workers.
        """
        if not self._died:
            try:
                future = self._landed.get(timeout=TICK)
            except queue.Empty:
                self._look()
            else:
                if future in self._flights:  # else of a ticket that was given up
                    yield from self._landing(future)
        while self._died:
            yield self._died.pop(), Died()

    def _landing(self, future: Future[bytes]) -> Iterator[tuple[Ticket, Outcome]]:
        error = future.exception()
        if isinstance(error, RuntimeError):  # the pool broke
            self._rebuild(error)
            return
        self._standstill = 0
        ticket = self._take(future)
        if isinstance(error, pebble.ProcessExpired):
            self._died.append(ticket)
            return
        self._breaks = 0
        if error is None:
            yield ticket, _opened(future.result())
        elif isinstance(error, TimeoutError):
            yield ticket, Failure("timeout")
        else:
            yield ticket, Failure.of(error)

    def _take(self, future: Future[bytes]) -> Ticket:
        flight = self._flights.pop(future)
        self._free.append(flight.place)
        return flight.ticket

    def _look(self) -> None:
        """Nothing came for a tick: find the tickets whose worker is gone; see whether anything moves.

        A ticket counts as lost when it is missed at two looks, because pebble may be about to say so.
        """
        running = {future for future in self._flights if future.running()}
        missed = {future for future in running if not self._held(future)}
        for future in missed & self._missed:
            self._died.append(self._take(future))
        self._missed = missed
        self._standstill = self._standstill + 1 if running == missed else 0
        if self._standstill > STANDSTILL:
            self._rebuild(None)

    def _held(self, future: Future[bytes]) -> bool:
        """Whether the worker that took this ticket is alive."""
        return _alive(self._holders[self._flights[future].place])

    def _rebuild(self, error: BaseException | None) -> None:
        """Replace the pool and hand it all tickets again, but for those whose worker had died."""
        self._breaks += 1
        if self._breaks > BREAKS:
            raise no_workers("they end before they take a job") from error
        kept: list[Ticket] = []
        for future, flight in self._flights.items():
            died = self._holders[flight.place] != 0 and not self._held(future)
            (self._died if died else kept).append(flight.ticket)
        self.stop()
        self._start()
        for ticket in kept:
            self.submit(ticket)

    def stop(self) -> None:
        """End all workers and wait for them.

        They are killed before pebble takes down the locks and pipes, because one that is just being born
        would print a traceback at not finding them.
        """
        pool: Any = self._pool  # pebble declares no types here
        pool.stop()
        self._context.kill()
        pool.join()


def _opened(payload: bytes) -> worker.Done | Failure:
    try:
        outcome = pickle.loads(payload)
    except Exception as error:
        return Failure.of(error)
    if isinstance(outcome, worker.NotStarted):
        raise no_workers(outcome.reason)
    if isinstance(outcome, AugmentError):
        raise outcome
    assert isinstance(outcome, worker.Done | Failure)  # worker.run returns nothing else
    return outcome


def _alive(process: int) -> bool:
    """Whether there is a process of this id; 0 is none."""
    if process == 0:
        return False
    with contextlib.suppress(OSError):
        os.kill(process, 0)
        return True
    return False


def no_workers(reason: str) -> Aborted:
    """The exception for workers that the system does not give; `reason` in its words."""
    remedy = "run with fewer workers, or raise the limits of processes (`ulimit -u`) and memory (`ulimit -v`)"
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files != resource.RLIM_INFINITY and files < FEW_FILES:
        remedy = f"raise the limit of open files (`ulimit -n`), which is {files}"
    return Aborted(Problem("workers", f"cannot be started ({reason})", remedy))
