"""What a report warns of: one table of names, thresholds and meanings.

Thresholds are conventions; each can be set with `--threshold name=value`. A flag is raised when its value is
over the threshold (`implausible`: under it).
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from augcli.errors import Problem, UsageError
from augcli.pages import figure, share

Level = Literal["bad", "warn", "note"]


@dataclass(frozen=True)
class Flag:
    """One thing to warn of.

    kind     how value and threshold are told: a share of 1, a number of things, a ratio, a probability
    level    bad: the dataset is probably spoilt; warn: look at it; note: good to know
    section  where the page tells more
    meaning  what is measured
    remedy   what to do when it is raised
    gallery  of the page, which shows such outputs
    """

    name: str
    threshold: float
    kind: Literal["share", "number", "ratio", "probability"]
    level: Level
    section: str
    meaning: str
    remedy: str
    gallery: str = ""

    def raised(self, value: float, threshold: float) -> bool:
        """Whether this value is worth a warning."""
        return value < threshold if self.kind == "probability" else value > threshold


FLAGS: tuple[Flag, ...] = (
    Flag(
        *("leak", 0, "number", "bad", "twins"),
        "pictures that stand, nearly identical, in two splits",
        "take one of each pair out, or keep them together with input.group",
        "pairs",
    ),
    Flag(
        *("cross_class", 0, "number", "bad", "twins"),
        "pairs of nearly identical pictures of different sources and different classes",
        "one of the two labels is wrong, or the classes cannot be told apart",
        "pairs",
    ),
    Flag(
        *("augmented_by_class", 0.5, "share", "bad", "classes"),
        "difference, between two training classes, of the share of images that are augmented",
        "a model can tell the classes by black corners or recompression: augment all of them alike",
    ),
    Flag(
        *("format_by_class", 0.5, "share", "bad", "classes"),
        "difference of the share of one file format between a class and all others",
        "the compression tells the class: write all images in one format (output.encode.format)",
    ),
    Flag(
        *("size_by_class", 0.5, "share", "bad", "classes"),
        "difference of the share of one frame size between a class and all others",
        "the frame tells the class: bring all images to one size",
    ),
    Flag(
        *("shortcut", 0.9, "share", "bad", "shortcuts"),
        "how well one number of the whole picture (area under the ROC curve) tells a class that it did not "
        "tell among the originals",
        "augment all classes alike",
    ),
    Flag(
        *("blank", 0, "share", "warn", "pixels"),
        "outputs in which nothing is to be seen: deviation below 4 of 255, or entropy below 0.4 of the "
        "source's",
        "lower the strength of the steps that their rows name",
        "blank",
    ),
    Flag(
        *("blank_many", 0.01, "share", "bad", "pixels"),
        "the same, when it is more than an accident",
        "lower the strength of the steps that their rows name",
        "blank",
    ),
    Flag(
        *("clipped", 0.25, "share", "warn", "pixels"),
        "what one copy in twenty has gained over its source in pixels that are black or white, of those that "
        "show the source",
        "narrow brightness and contrast",
        "clipped",
    ),
    Flag(
        *("fill", 0.5, "share", "warn", "pixels"),
        "what one copy in twenty shows of nothing: the part of its frame outside the source, or erased",
        "narrow rotation, translation and zoom, set canvas.border, erase less",
        "filled",
    ),
    Flag(
        *("near_source", 0.5, "share", "warn", "twins"),
        "copies nearly identical to their source (dHash within 2 bits, difference within 2 %)",
        "the recipe changes little: fewer copies would teach the same",
        "least",
    ),
    Flag(
        *("near_sibling", 0.5, "share", "warn", "twins"),
        "copies nearly identical to another copy of their source",
        "the recipe varies little: fewer copies would teach the same",
    ),
    Flag(
        *("repeated", 0.1, "share", "warn", "twins"),
        "copies whose file is byte for byte another output's",
        "the recipe has too few different outcomes for so many copies",
    ),
    Flag(
        *("hidden_objects", 0.1, "share", "warn", "objects"),
        "labelled objects of copies of which less than 30 % is visible",
        "raise labels.min_visibility, or crop and erase less",
        "hidden",
    ),
    Flag(
        *("dropped_objects", 0.25, "share", "warn", "objects"),
        "objects of copies that lost their label",
        "crop and move less, or lower labels.min_visibility",
    ),
    Flag(
        *("emptied", 0.1, "share", "warn", "objects"),
        "copies that lost all of their objects",
        "crop and move less, or use a crop that keeps objects",
    ),
    Flag(
        *("implausible", 1e-4, "probability", "bad", "steps"),
        "the least probability, over the steps, of a count no likelier than the one found (exact binomial "
        "test)",
        "the rows are not what the recipe makes; run augment verify",
    ),
    Flag(
        *("strange_steps", 0, "number", "bad", "steps"),
        "times that a step happened which the recipe does not have, or not for that image",
        "the rows are not what the recipe makes; run augment verify",
    ),
    Flag(
        *("imbalance", 1.5, "ratio", "warn", "classes"),
        "how much more uneven the training classes are after than before (largest to smallest)",
        "set copies per class, or copies: {balance: max}",
    ),
    Flag(
        *("failed", 0, "share", "warn", "failures"),
        "outputs that could not be made",
        "their rows say why; see Failures",
    ),
    Flag(
        *("unseen", 0, "share", "bad", "failures"),
        "sampled outputs whose file is missing or cannot be read",
        "the folder was changed after the run: run the recipe again",
    ),
    Flag(
        *("size", 1.5, "ratio", "note", "frames"),
        "how many times larger or smaller the median copy is than its source, in pixels",
        "expected of a recipe that crops or resizes",
    ),
    Flag(
        *("aspect", 1.5, "ratio", "note", "frames"),
        "how many times wider or narrower the shape of one copy in twenty is than its source's",
        "expected of a recipe that crops to one shape; stretching deforms what is shown",
    ),
)
"""Every flag, the gravest first."""

ANY = "any"


@dataclass(frozen=True)
class Value:
    """What was found for a flag: a number, who it was, outputs to look at (places in the sample)."""

    value: float
    detail: str = ""
    shown: tuple[int, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """A flag held against its value; `value` is None for what could not be measured."""

    flag: Flag
    threshold: float
    value: Value | None

    @property
    def raised(self) -> bool:
        """Whether it warns."""
        return self.value is not None and self.flag.raised(self.value.value, self.threshold)


def judge(values: Mapping[str, Value], thresholds: Mapping[str, float]) -> list[Verdict]:
    """Every flag with its value; those without one were not measured."""
    return [Verdict(flag, thresholds.get(flag.name, flag.threshold), values.get(flag.name)) for flag in FLAGS]


def quantity(value: float, kind: str) -> str:
    """A value of a flag as people read it."""
    if kind == "share":
        return share(value)
    return figure(value, 3) + (" times" if kind == "ratio" else "")


def counted(raised: Sequence[Verdict]) -> str:
    """How many flags these are, in words."""
    notes = sum(verdict.flag.level == "note" for verdict in raised)
    flags = len(raised) - notes
    told = f"{flags or 'no'} {'flags' if flags > 1 else 'flag'} raised"
    return told + (f", {notes} {'notes' if notes > 1 else 'note'}" if notes else "")


def parse_thresholds(given: Iterable[str]) -> dict[str, float]:
    """Thresholds of `name=value`. Raises `UsageError` with all that is wrong."""
    found: dict[str, float] = {}
    problems = []
    for text in given:
        name, _, number = text.partition("=")
        problem = _unknown("--threshold", name.strip())
        try:
            value = float(number)
        except ValueError:
            value = math.nan
        if problem is None and not math.isfinite(value):
            what = f"expected a number for {name.strip()}, got {number!r}"
            problem = Problem("--threshold", what, f"such as {name.strip()}=0.5")
        if problem is not None:
            problems.append(problem)
        else:
            found[name.strip()] = value
    if problems:
        raise UsageError(problems)
    return found


def parse_names(given: str | None) -> frozenset[str]:
    """The flags of `--fail-on`: names with commas between, or `any`. Raises `UsageError`."""
    names = [name.strip() for name in (given or "").split(",") if name.strip()]
    problems = [problem for name in names if name != ANY and (problem := _unknown("--fail-on", name))]
    if given is not None and not names:
        problems.append(Problem("--fail-on", "expected names of flags", f"such as blank,leak or {ANY}"))
    if problems:
        raise UsageError(problems)
    return (
        frozenset(flag.name for flag in FLAGS if flag.level != "note") if ANY in names else frozenset(names)
    )


def _unknown(option: str, name: str) -> Problem | None:
    names = [flag.name for flag in FLAGS]
    if name in names:
        return None
    near = difflib.get_close_matches(name, names, 1)
    remedy = f"did you mean {near[0]}?" if near else f"flags are {', '.join(names)}"
    return Problem(option, f"unknown flag {name!r}", remedy)
