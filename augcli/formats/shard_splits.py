"""Which split a shard is of: its folder says so, or its name.

`train-000000.tar`, `pets-val-0003.tar`, `data/test-00000-of-00001.parquet`, `train/0001.tar`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from augcli.errors import Problem, UsageError
from augcli.formats.splits import role

_NUMBER = re.compile(r"[-_.]?\d+(?:-of-\d+)?$")


def splits_of(root: str, paths: Sequence[str]) -> dict[str, str]:
    """Path of each shard below the root -> its split; "" for all where none is told.

    Raises `UsageError` where some shards are told to be of a split and others are not.
    """
    found = {path: _split(path) for path in paths}
    told = [path for path in paths if found[path]]
    untold = [path for path in paths if not found[path]]
    if told and untold:
        what = f"{told[0]} looks like a shard of the split {found[told[0]]!r}, but {untold[0]} is of none"
        raise UsageError(Problem(root, what, "rename the shards, or exclude the others"))
    return found


def _split(path: str) -> str:
    """The first folder that is called like a split, else the name without its number, or a word of it."""
    *folders, name = path.split("/")
    stem = _NUMBER.sub("", name.rpartition(".")[0])
    return next((word for word in (*folders, stem, *re.split(r"[-_.]", stem)) if role(word)), "")
