"""Images by class and split before and after, by file format and frame size; failures and warnings."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from augcli.errors import printable
from augcli.plan import is_training
from augcli.report.histogram import Histogram
from augcli.sample import heaviest

Row = Mapping[str, Any]

EXAMPLES = 5
"""Examples that are kept of each kind of failure and warning."""

KINDS = 64
"""Different file formats and frame sizes that are counted by name; the rest is `other`."""

NO_CLASS = ""
"""The class of an image that has none."""


@dataclass
class Noted:
    """How often something was met, and the first few times."""

    count: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, example: str) -> None:
        """Count one more."""
        self.count += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(example)


@dataclass
class Frames:
    """Widths, heights, megapixels and aspect ratios (width / height) of pictures."""

    width: Histogram = field(default_factory=Histogram)
    height: Histogram = field(default_factory=Histogram)
    megapixels: Histogram = field(default_factory=Histogram)
    aspect: Histogram = field(default_factory=Histogram)

    def add(self, width: int, height: int) -> None:
        """Count one picture."""
        if width > 0 and height > 0:
            self.width.add(width)
            self.height.add(height)
            self.megapixels.add(width * height / 1e6)
            self.aspect.add(width / height)


@dataclass
class Counting:
    """Counts over rows.

    before, after  (split, class) -> sources, finished outputs
    originals, copies  class -> outputs of training splits that are originals, copies
    formats, sizes     class -> kind -> outputs of training splits
    frames_before, frames_after  of originals, of copies
    failures, warnings  by code or text
    """

    rows: int = 0
    outputs: int = 0
    made: int = 0
    sources: int = 0
    failed: int = 0
    partly_labelled: bool = False
    before: Counter[tuple[str, str]] = field(default_factory=Counter)
    after: Counter[tuple[str, str]] = field(default_factory=Counter)
    originals: Counter[str] = field(default_factory=Counter)
    copies: Counter[str] = field(default_factory=Counter)
    formats: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    sizes: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    frames_before: Frames = field(default_factory=Frames)
    frames_after: Frames = field(default_factory=Frames)
    copies_of: Histogram = field(default_factory=Histogram)
    failures: dict[str, Noted] = field(default_factory=lambda: defaultdict(Noted))
    texts: dict[str, str] = field(default_factory=dict)
    warnings: dict[str, Noted] = field(default_factory=lambda: defaultdict(Noted))

    def begin(self, first: Row, label: str | None) -> None:
        """A new source, whose class is `label` (None: not known)."""
        self.sources += 1
        if label is None:
            self.partly_labelled = True
        else:
            self.before[first["split"], label] += 1

    def add(self, row: Row) -> None:
        """Count one row."""
        self.rows += 1
        if row["status"] != "ok":
            self._fail(row)
            return
        self.outputs += 1
        self.made += bool(row["copy"])
        label = row["labels"]["label"] or NO_CLASS
        self.after[row["split"], label] += 1
        for text in row["warnings"]:
            key = printable(text) if len(self.warnings) < 200 else "other warnings"
            self.warnings[key.partition(": ")[0] if len(self.warnings) >= 50 else key].add(row["id"])
        width, height = row["size"] or (0, 0)
        (self.frames_after if row["copy"] else self.frames_before).add(width, height)
        if is_training(row["split"]):
            (self.copies if row["copy"] else self.originals)[label] += 1
            suffix = PurePosixPath(row["output"] or row["source"]).suffix.casefold().lstrip(".")
            _count(self.formats[label], suffix or "none")
            _count(self.sizes[label], f"{width}x{height}")

    def _fail(self, row: Row) -> None:
        self.failed += 1
        error = row["error"] or {"code": row["status"], "text": row["status"]}
        self.failures[error["code"]].add(row["id"])
        self.texts.setdefault(error["code"], error["text"])


def _count(kinds: Counter[str], kind: str) -> None:
    kinds[kind if kind in kinds or len(kinds) < KINDS else "other"] += 1


def label_of(row: Row) -> str | None:
    """The class of a row's source, `NO_CLASS` where it has none; None where mixing hides it."""
    if row["partners"] and row["copy"]:
        return None
    labels = row["labels"]
    return heaviest(dict(zip(labels["classes"], labels["weights"], strict=True))) or NO_CLASS
