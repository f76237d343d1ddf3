"""What is carried: entries, samples, the dataset's vocabulary, jobs and records.

An `Entry` is a file that was listed; a `Sample` is its pixels and labels in memory; a `Job` is all
that is made of one entry, decoded once; a `Record` is one row of the manifest. All are frozen: a step
returns a new sample and never writes into the one it was given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # numpy costs a tenth of a second; listing and checking do without
    import numpy as np
    from numpy.typing import NDArray

    Image = NDArray[Any]
    """(H, W) grey, (H, W, 2) grey + alpha, (H, W, 3) RGB, (H, W, 4) RGBA; uint8 or uint16."""
    Origin = NDArray[np.uint8]
    """(H, W) uint8; see `Sample.origin`."""
else:
    Image = Origin = Any

Weights = Mapping[str, float]
"""Class name -> weight; the weights sum to 1, or there are none."""

NO_ORIGIN = 255
"""In `Sample.origin`: a pixel that came from no source (border fill)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One image of a dataset and its own labels. Its identity is split + key.

    split   "" where the dataset has none; else the split folder's name
    key     POSIX path below the split, Unicode NFC
    path    the image file as the operating system knows it
    group   images of one group (patient, video) share a split; None: the image is its own group
    classes ((name, weight), ...) summing to 1; () when unlabelled
    extra   ((column, JSON value), ...): what the label file says beyond that, carried over
    error   code of `ITEM_ERRORS` when listing alone shows that the file is no use
    facts   what fills that error's text
    size    bytes of the file when it was listed: a first guess at its cost
    """

    split: str
    key: str
    path: str
    group: str | None = None
    classes: tuple[tuple[str, float], ...] = ()
    extra: tuple[tuple[str, Any], ...] = ()
    error: str | None = None
    facts: tuple[tuple[str, Any], ...] = ()
    size: int = 0

    @property
    def id(self) -> str:
        """`split/key`, or the key alone where there is no split."""
        return f"{self.split}/{self.key}" if self.split else self.key

    @property
    def label(self) -> str | None:
        """The class with the largest weight; None when unlabelled."""
        return heaviest(dict(self.classes))


def heaviest(weights: Weights) -> str | None:
    """The class with the largest weight, the first by name among equals; None when there is none."""
    return min(weights, key=lambda name: (-weights[name], name)) if weights else None


@dataclass(frozen=True)
class Dataset:
    """What is said once for all images: where they came from, their vocabulary, what else was found.

    format      name of the dataset format that read it
    classes     all class names, sorted by UTF-8 bytes
    columns     names of the extra label columns, in file order
    ignored     kind of file -> how many were passed over (dotfiles, label files, others)
    notes       what listing decided and says aloud, as sentences
    numeric     the label files write class names as whole numbers
    soft        some images carry several classes with weights
    """

    format: str
    classes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    ignored: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    numeric: bool = False
    soft: bool = False


@dataclass(frozen=True)
class Sample:
    """Pixels and labels in memory.

    image           see `Image`; RGB order
    classes         what the pixels show, while `origin` is None
    origin          (H, W): index into `origin_classes` per pixel, or `NO_ORIGIN`; made by pasting mixes
    origin_classes  class weights of each source that was pasted together
    """

    image: Image
    classes: Weights = field(default_factory=dict)
    origin: Origin | None = None
    origin_classes: tuple[Weights, ...] = ()

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.image.shape[1], self.image.shape[0]


@dataclass(frozen=True, slots=True)
class Partner:
    """Whom one slot of one mixing step may use.

    candidates  in order of preference; the first that decodes is used
    partners    step id -> slots, for the mixing steps that the partner itself passes through
    """

    candidates: tuple[Entry, ...]
    partners: Mapping[str, tuple[Partner, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Copy:
    """One planned output. Copy 0 is the original.

    output      POSIX path of the image below the output folder, extension included
    encode      file format to write: jpeg, png, webp, bmp, tiff
    partners    step id -> one `Partner` per slot, for the mixing steps that fire for this copy
    """

    number: int
    output: str
    encode: str
    partners: Mapping[str, tuple[Partner, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Job:
    """One entry with all its copies: decoded once. `cost` is a relative estimate of the work."""

    entry: Entry
    copies: tuple[Copy, ...]
    cost: float = 1.0


@dataclass(frozen=True)
class Record:
    """One row of the manifest: all that the parent learns of one output.

    row      its JSON form
    seconds  what rendering, encoding and writing took; never written into the dataset
    debug    the traceback of an unexpected error, when asked for
    """

    row: Mapping[str, Any]
    seconds: float = 0.0
    debug: str = ""

    @property
    def id(self) -> tuple[str, str, int]:
        return record_id(self.row)

    @property
    def ok(self) -> bool:
        return bool(self.row["status"] == "ok")


def record_id(row: Mapping[str, Any]) -> tuple[str, str, int]:
    """(split, key, copy): what a row is about, and what the manifest is sorted by."""
    return row["split"], row["source"], row["copy"]
