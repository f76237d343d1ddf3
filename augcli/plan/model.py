"""What a plan is: sources with their numbers and names; jobs are made from it as they are asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

from augcli.plan.names import Names
from augcli.plan.partners import Matchmaker
from augcli.sample import Copy, Dataset, Entry, Job
from augcli.shard import Shard


@dataclass(frozen=True, slots=True)
class Planned:
    """One source: whether it is carried over, how many copies it gets, and what they are called."""

    entry: Entry
    original: bool
    copies: int
    names: Names


@dataclass(frozen=True, slots=True)
class Count:
    """Images of one class ("" for unlabelled) in one split, before and after."""

    split: str
    label: str
    sources: int
    outputs: int


def counts_of(sources: Sequence[Planned]) -> tuple[Count, ...]:
    """The counts of these sources, sorted."""
    before: Counter[tuple[str, str]] = Counter()
    after: Counter[tuple[str, str]] = Counter()
    for source in sources:
        place = source.entry.split, source.entry.label or ""
        before[place] += 1
        after[place] += source.original + source.copies
    return tuple(Count(*place, before[place], after[place]) for place in sorted(before))


@dataclass(frozen=True)
class Plan:
    """All that a run will do.

    sources      every source with at least one output, sorted by the bytes of split and key
    dataset      the vocabulary of the input
    format       name of the output's dataset format
    mixes        whether outputs may carry several classes
    counts       per split and class, sorted; of the sources that `limit` left
    shortfalls   sentences: counts that the recipe asks for and cannot reach
    notes        sentences worth saying before a run
    """

    sources: tuple[Planned, ...]
    dataset: Dataset
    format: str
    mixes: bool
    counts: tuple[Count, ...]
    shortfalls: tuple[str, ...]
    notes: tuple[str, ...]
    matchmaker: Matchmaker

    def __len__(self) -> int:
        """The number of jobs."""
        return len(self.sources)

    @property
    def outputs(self) -> int:
        """The number of planned outputs, originals that are carried over included."""
        return sum(source.original + source.copies for source in self.sources)

    def part(self, shard: Shard) -> Self:
        """What one shard does of it; names, numbers of copies and partners are those of the whole."""
        sources = tuple(source for source in self.sources if shard.has(source.entry))
        return replace(self, sources=sources, counts=counts_of(sources))

    def jobs(self) -> Iterator[Job]:
        """Every job, in the order of `sources`; made as they are asked for, because partners take room."""
        return map(self.job, range(len(self.sources)))

    def job(self, index: int) -> Job:
        """The job of `sources[index]`."""
        source = self.sources[index]
        copies = [Copy(0, source.names.original, source.names.original_format)] if source.original else []
        for number in range(1, source.copies + 1):
            partners = self.matchmaker.partners(source.entry, number)
            copies.append(Copy(number, source.names.copy(number), source.names.format, partners))
        cost = float(max(1, source.entry.size) * len(copies))
        return Job(source.entry, tuple(copies), cost)
