"""A few images that stand for all: by hash, across splits and classes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count, islice

from augcli.plan.splits import is_training
from augcli.rng import first_bits, stream
from augcli.sample import Entry


def choose(entries: Sequence[Entry], n: int, seed: int) -> list[Entry]:
    """`n` of the entries, in the order in which they were chosen; all of them when there are fewer.

    Each split and class gives one in turn, training splits first, each in the order of a hash of its key. So
    a further image of a class moves the choice by at most one place in that class. Keys are hashed of the
    classes alone that give one.
    """
    classes: dict[tuple[str, str], list[int]] = {}
    for index, entry in enumerate(entries):
        classes.setdefault((entry.split, entry.label or ""), []).append(index)
    ranks = {each: stream(seed, "choose", *each, "class").bits() for each in classes}
    order = sorted(classes, key=lambda each: (not is_training(each[0]), ranks[each]))
    chosen = islice(_in_turn([classes[each] for each in order], entries, seed), min(max(0, n), len(entries)))
    return [entries[index] for index in chosen]


def _in_turn(classes: list[list[int]], entries: Sequence[Entry], seed: int) -> Iterator[int]:
    ranked: dict[int, list[int]] = {}
    for turn in count():
        for number, members in enumerate(classes):
            if turn < len(members):
                if number not in ranked:
                    keys = [entries[index].key for index in members]
                    split = entries[members[0]].split
                    ranks = first_bits(seed, ("choose", split), keys)
                    ranked[number] = [index for _, index in sorted(zip(ranks, members, strict=True))]
                yield ranked[number][turn]
