"""The engine that is a loop: for one worker, for debugging, and as the reference for the others."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import TypeVar

from augcli.engines.failure import Failure
from augcli.errors import AugmentError

JobType = TypeVar("JobType")
Result = TypeVar("Result")


def apply(
    work: Callable[[JobType], Result], jobs: Iterable[JobType]
) -> Generator[tuple[JobType, Result | Failure]]:
    """Apply `work` to each job in the order given. Raises the `AugmentError` that `work` raises."""
    for job in jobs:
        outcome: Result | Failure
        try:
            outcome = work(job)
        except AugmentError:
            raise
        except Exception as error:
            outcome = Failure.of(error)
        yield job, outcome
