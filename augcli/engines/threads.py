"""How many threads the libraries beneath may start."""

from __future__ import annotations

import os

_ONE = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def one_thread() -> None:
    """Give libraries' own pools one thread, in this process and in all that it starts from here on.

    There is a worker per processor, and sums must not depend on how many threads took part. To be called
    before numpy is loaded: under a limit of memory (`ulimit -v`) threads without room make it crash.
    """
    os.environ.update(_ONE)
