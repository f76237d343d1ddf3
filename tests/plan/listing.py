"""Listings without files, and a mixing op, for the tests of plans."""

from dataclasses import dataclass

from augcli.ops.base import Mix
from augcli.params import Dist
from augcli.sample import Dataset, Entry


@dataclass(frozen=True)
class Stack(Mix):
    """A mixing op with one slot."""

    partner: Dist | None = None


@dataclass(frozen=True)
class Quartet(Mix):
    """A mixing op with three slots."""

    slots = 3


def entry(path: str, split: str = "", **fields) -> Entry:
    """An entry of class folders: its class is the first folder of its key."""
    label, _, rest = path.partition("/")
    return Entry(split, path, f"/data/{path}", **({"classes": ((label, 1.0),) if rest else ()} | fields))


def many(label: str, count: int, split: str = "", suffix: str = ".jpg") -> list[Entry]:
    return [entry(f"{label}/{label}{index:04}{suffix}", split) for index in range(count)]


def dataset(entries, format: str = "folders") -> Dataset:
    return Dataset(format, tuple(sorted({name for item in entries for name, _ in item.classes})))
