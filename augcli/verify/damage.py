"""What can be wrong with a finished output folder: one line each."""

from __future__ import annotations

from dataclasses import dataclass, field

from augcli.errors import printable

MOST = 1000
"""Damages that are kept to be told one by one; the others are counted."""

REMEDIES = {
    "missing": "run its recipe again: it makes it anew",
    "changed": "run its recipe again: it makes it anew",
    "link": "remove the link, then run its recipe again",
    "unreadable": "run its recipe again: it makes it anew",
    "size": "run its recipe again with --fresh",
    "labels": "run its recipe again with --fresh",
    "row": "run its recipe again: it makes anew what the manifest no longer tells of",
    "manifest": "run its recipe again: it makes the folder whole",
    "wide": "run its recipe again: it makes it anew",
    "counts": "run its recipe again: it writes run.json anew",
    "tree": "run its recipe again: it writes run.json anew",
    "stranger": "remove it, or keep it elsewhere: readers take it for a part of the dataset",
    "expected": "this is another dataset, or another version of it",
    "source": "give the images and labels that it was made of, as they were",
    "rebuilt": "if recipe and inputs are those that made it, please report this as a bug",
}
"""Kind of damage -> what to do about it; the closed list of the kinds."""


@dataclass(frozen=True, slots=True)
class Damage:
    """One thing that is wrong. `kind` is a key of `REMEDIES`, `path` a file of the folder or a row's id."""

    kind: str
    path: str
    what: str

    def __str__(self) -> str:
        return printable(f"{self.path}: {self.what}; {REMEDIES[self.kind]}")

    def plain(self) -> dict[str, str]:
        """Its JSON form."""
        return {"kind": self.kind, "path": self.path, "what": self.what, "remedy": REMEDIES[self.kind]}


@dataclass
class Damages:
    """What was found, in the order of the finding; the first `MOST` of it."""

    found: list[Damage] = field(default_factory=list)
    count: int = 0

    def add(self, *damages: Damage) -> None:
        """Note these."""
        self.count += len(damages)
        self.found += damages[: max(0, MOST - len(self.found))]
