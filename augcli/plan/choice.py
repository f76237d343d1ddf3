"""A few images that stand for all: by hash, across splits and classes."""

from __future__ import annotations

from collections.abc import Sequence

from augcli.plan.splits import is_training
from augcli.rng import stream
from augcli.sample import Entry


def choose(entries: Sequence[Entry], n: int, seed: int) -> list[Entry]:
    """`n` of the entries, in the order in which they were chosen; all of them when there are fewer.

    Each split and class gives one in turn, training splits first, each in the order of a hash of its key. So
    a further image of a class moves the choice by at most one place in that class.
    """
    classes: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for index, entry in enumerate(entries):
        rank = stream(seed, "choose", entry.split, entry.key).bits()
        classes.setdefault((entry.split, entry.label or ""), []).append((rank, index))
    turns = []
    for (split, label), members in classes.items():
        held, rank = not is_training(split), stream(seed, "choose", split, label, "class").bits()
        turns += [(turn, held, rank, index) for turn, (_, index) in enumerate(sorted(members))]
    return [entries[index] for *_, index in sorted(turns)[: max(0, n)]]
