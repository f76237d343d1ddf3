"""One part of a run that several machines share: which sources are its own.

A hash of a source's name decides, so that images which are added later do not move the others to another
shard. Every shard plans the whole dataset; what it makes is what one run would have made.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b
from typing import Self

from augcli.errors import Problem, UsageError
from augcli.sample import Entry

MOST = 512
"""Shards that a run can be divided into; merging holds the journal of each open."""

_NAME = re.compile(r"(\d{1,9})of(\d{1,9})", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Shard:
    """Shard `number` of `of`, counted from 1."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    @property
    def suffix(self) -> str:
        """What is added to the names of its journal and its lock."""
        return f".{self.number}of{self.of}"

    @classmethod
    def named(cls, suffix: str) -> Self | None:
        """The shard of a suffix (without its dot); None for any other text."""
        found = _NAME.fullmatch(suffix)
        shard = cls(int(found[1]), int(found[2])) if found else None
        return shard if shard and shard._exists() and shard.suffix == f".{suffix}" else None

    def _exists(self) -> bool:
        return 1 <= self.number <= self.of <= MOST

    def has(self, entry: Entry) -> bool:
        """Whether a source is this shard's. The tiles of an image stay together: it is decoded once."""
        key = entry.key if entry.tile is None else entry.key.rpartition("#")[0]
        name = f"{len(entry.split)}:{entry.split}{key}".encode("utf-8", "surrogateescape")
        drawn = int.from_bytes(blake2b(name, digest_size=8, person=b"augment shard").digest(), "big")
        return drawn % self.of == self.number - 1


def shard(text: str) -> Shard:
    """What `--shard` says: `2/3`. Raises `UsageError`."""
    found = re.fullmatch(r"(\d{1,9})/(\d{1,9})", text, re.ASCII)
    if found is None:
        what = f"expected the number of the shard and how many there are, got {text!r}"
        raise UsageError(Problem("--shard", what, "such as 2/16"))
    given = Shard(int(found[1]), int(found[2]))
    if not 1 <= given.of <= MOST:
        what = f"a run is divided into 1 to {MOST} shards, got {text!r}"
        raise UsageError(Problem("--shard", what, "such as 2/16"))
    if not given.number:
        what = f"shards count from 1, so there is no {text}"
        raise UsageError(
            Problem("--shard", what, f"the first is 1/{given.of}, the last {given.of}/{given.of}")
        )
    if not given._exists():
        what = f"there is no shard {given.number} of {given.of}"
        raise UsageError(Problem("--shard", what, f"the last is {given.of}/{given.of}"))
    return given
