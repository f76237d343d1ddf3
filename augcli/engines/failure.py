"""What an engine says of a job that gave no result."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job has no result.

    kind       timeout, worker_died, memory_limit or internal: codes of `errors.ITEM_ERRORS`
    text       of an internal failure: the exception's type name, which is the same in equal runs
    traceback  of an internal failure, for `--debug`; never part of what is written
    """

    kind: str
    text: str = ""
    traceback: str = ""

    @classmethod
    def of(cls, error: BaseException) -> Self:
        """The failure that an exception out of `work` means."""
        if isinstance(error, MemoryError):
            return cls("memory_limit")
        return cls("internal", type(error).__name__, "".join(traceback.format_exception(error)))
