"""Jobs and works for the engine tests: importable, so that every start method finds them."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from augcli.errors import Aborted, Problem


@dataclass(frozen=True)
class Job:
    number: int
    act: str = "square"
    folder: str = ""
    cost: float = 1.0


class TwoArguments(Exception):
    """Pickles, but cannot be built again: its arguments are not what it was called with."""

    def __init__(self, first: int, second: int) -> None:
        super().__init__(f"{first} {second}")


class Closed:
    """Cannot be pickled."""

    def __reduce__(self) -> str:
        raise TypeError("stays here")


class Opens:
    """Can be pickled, but not be read back."""

    def __reduce__(self) -> tuple[object, ...]:
        return _refuse, ()


def _refuse() -> None:
    raise ImportError("nothing by this name")


def act(job: Job) -> object:
    """Do what the job's name says; `square` its number otherwise."""
    if job.act == "die" or (job.act == "die once" and first_time(job)):
        os.kill(os.getpid(), signal.SIGKILL)
    if job.act == "segfault":
        os.kill(os.getpid(), signal.SIGSEGV)
    if job.act == "leave":
        os._exit(0)
    if job.act == "hang":
        time.sleep(60)
    if job.act == "nap":
        time.sleep(0.2)
    if job.act == "raise":
        raise TwoArguments(1, 2)
    if job.act == "exit":
        raise SystemExit(3)
    if job.act == "memory":
        raise MemoryError
    if job.act == "disk full":
        raise Aborted([Problem("out/a.png", "cannot be written", "free some space"), Problem("", "second")])
    if job.act == "closed":
        return Closed()
    if job.act == "opens":
        return Opens()
    if job.act == "meet":
        first_time(job)
        end = time.monotonic() + 60
        while len(os.listdir(job.folder)) < 2 and time.monotonic() < end:
            time.sleep(0.005)
        return os.getpid()
    if job.act == "environment":
        return os.environ.get("STARTED_BY"), os.environ["OMP_NUM_THREADS"]
    return job.number**2


def first_time(job: Job) -> bool:
    """Whether this job was never tried before; remembers it in the job's folder."""
    try:
        (Path(job.folder) / str(job.number)).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def mark_start(name: str) -> None:
    """An initializer that leaves a trace."""
    os.environ["STARTED_BY"] = name


def fail_to_start() -> None:
    """An initializer that fails."""
    raise ImportError("no codec")


def die_at_start() -> None:
    """An initializer that kills its process."""
    os.kill(os.getpid(), signal.SIGKILL)
