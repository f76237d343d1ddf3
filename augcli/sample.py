"""What is carried: entries, samples, the dataset's vocabulary, jobs and records.

An `Entry` is a file that was listed; a `Sample` is its pixels and labels in memory; a `Job` is all
that is made of one entry, decoded once; a `Record` is one row of the manifest. All are frozen: a step
returns a new sample and never writes into the one it was given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # numpy costs a tenth of a second; listing and checking do without
    import numpy as np
    from numpy.typing import NDArray

    from augcli.objects import Objects

    Image = NDArray[Any]
    """(H, W) grey, (H, W, 2) grey + alpha, (H, W, 3) RGB, (H, W, 4) RGBA; uint8 or uint16."""
    Origin = NDArray[np.uint8]
    """(H, W) uint8; see `Sample.origin`."""
else:
    Image = Origin = Any

Weights = Mapping[str, float]
"""Class name -> weight; the weights sum to 1, or there are none."""

Box = tuple[int, int, int, int]
"""x0, y0, x1, y1 in whole pixels."""

SIDED = "sided"
"""In `Dataset.info`: extra column of objects -> values that a mirror exchanges, as {left: right}."""

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
    labels  the objects' labels as its format packs them (`formats.Format.labels` opens them in the worker)
    mask    the file of its semantic mask as the operating system knows it; None where there is none
    present names of the categories that its objects have, sorted; for `only`, `copies` and counts
    tile    the part of the upright picture that this entry is; None for all of it. The key of a tile is that
            of the image, `#`, and its row and column: `a/b.png#r0c1`; labels and mask are of all the image
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
    labels: bytes = b""
    mask: str | None = None
    present: tuple[str, ...] = ()
    tile: Box | None = None

    @property
    def id(self) -> str:
        """`split/key`, or the key alone where there is no split."""
        return f"{self.split}/{self.key}" if self.split else self.key

    @property
    def name(self) -> str:
        """What outputs are named after: the key; of a tile `a/b__r0c1.png`."""
        if self.tile is None:
            return self.key
        file, _, place = self.key.rpartition("#")
        path = PurePosixPath(file)
        return str(path.with_name(f"{path.stem}__{place}{path.suffix}"))

    @property
    def categories(self) -> tuple[str, ...]:
        """The names of its classes: what `only: {classes: [...]}` asks for."""
        return tuple(name for name, _ in self.classes) or self.present

    @property
    def label(self) -> str | None:
        """The class with the largest weight; None when unlabelled."""
        if len(self.classes) == 1:
            return self.classes[0][0]
        return heaviest(dict(self.classes))


def by_bytes(entry: Entry) -> tuple[bytes, bytes]:
    """What entries are sorted by, wherever they are: the bytes of split and key (in UTF-8, as `os.fsencode`
    has them wherever file names are; the method alone is three times as fast).
    """
    return entry.split.encode("utf-8", "surrogateescape"), entry.key.encode("utf-8", "surrogateescape")


def heaviest(weights: Weights) -> str | None:
    """The class with the largest weight, the first by name among equals; None when there is none."""
    return min(weights, key=lambda name: (-weights[name], name)) if weights else None


@dataclass(frozen=True, slots=True)
class Category:
    """One kind of object.

    name       unique in the dataset
    id         the number that stands for it in label files and in mask pixels
    keypoints  names of its keypoints, in order
    flip       permutation of them that a mirror makes (YOLO's flip_idx); () when nothing changes sides
    skeleton   pairs of keypoint numbers (from 0) that are joined in drawings
    color      (r, g, b) in palettes and drawings; None: any
    extra      further JSON values of the category, carried over (supercategory, ...)
    """

    name: str
    id: int
    keypoints: tuple[str, ...] = ()
    flip: tuple[int, ...] = ()
    skeleton: tuple[tuple[int, int], ...] = ()
    color: tuple[int, int, int] | None = None
    extra: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Dataset:
    """What is said once for all images: where they came from, their vocabulary, what else was found.

    format      name of the dataset format that read it
    classes     all class names, sorted by UTF-8 bytes
    columns     names of the extra label columns, in file order
    attributes  names of the further fields of objects, in order of appearance
    ignored     kind of file -> how many were passed over (dotfiles, label files, others)
    notes       what listing decided and says aloud, as sentences
    numeric     the label files write class names as whole numbers
    soft        some images carry several classes with weights
    categories  kinds of objects or of mask pixels, sorted by id; () for whole-image classes alone
    holds       what its labels hold, words of `formats.contract.LABELS`
    ignore      mask value of pixels that count for nothing; None where none is declared
    info        what the format must carry over for all images, JSON (licences, ids in use, palettes)
    """

    format: str
    classes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    ignored: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    numeric: bool = False
    soft: bool = False
    categories: tuple[Category, ...] = ()
    holds: frozenset[str] = frozenset()
    ignore: int | None = None
    info: Mapping[str, Any] = field(default_factory=dict)


def _nothing() -> Objects:
    from augcli.objects import NOTHING

    return NOTHING


@dataclass(frozen=True)
class Sample:
    """Pixels and labels in memory.

    image           see `Image`; RGB order
    classes         what the pixels show, while `origin` is None
    origin          (H, W): index into `origin_classes` per pixel, or `NO_ORIGIN`; made by pasting mixes
    origin_classes  class weights of each source that was pasted together
    objects         what is labelled in the picture, see `objects.Objects`
    mask            (H, W) uint8 or uint16: the class id of each pixel; None where there is no such label
    """

    image: Image
    classes: Weights = field(default_factory=dict)
    origin: Origin | None = None
    origin_classes: tuple[Weights, ...] = ()
    objects: Objects = field(default_factory=_nothing)
    mask: Image | None = None

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
    """One entry with all its copies: decoded once. `cost` is a relative estimate of the work.

    tiles   the jobs of the tiles of an image that is decoded once for them all; then `entry` is the image,
            and has no copies of its own
    """

    entry: Entry
    copies: tuple[Copy, ...]
    cost: float = 1.0
    tiles: tuple[Job, ...] = ()

    @property
    def outputs(self) -> list[tuple[Job, Copy]]:
        """Every copy with the job it is of, in the order of the records."""
        return [(job, copy) for job in self.tiles or (self,) for copy in job.copies]


@dataclass(frozen=True)
class Record:
    """One row of the manifest: all that the parent learns of one output.

    row      its JSON form
    seconds  what rendering, encoding and writing took; never written into the dataset
    stages   name -> (seconds, times) of these and of decoding, see `laps`; no more than that
    debug    the traceback of an unexpected error, when asked for
    """

    row: Mapping[str, Any]
    seconds: float = 0.0
    debug: str = ""
    stages: Mapping[str, tuple[float, int]] = field(default_factory=dict)

    @property
    def id(self) -> tuple[str, str, int]:
        return record_id(self.row)

    @property
    def ok(self) -> bool:
        return bool(self.row["status"] == "ok")


def record_id(row: Mapping[str, Any]) -> tuple[str, str, int]:
    """(split, key, copy): what a row is about, and what the manifest is sorted by."""
    return row["split"], row["source"], row["copy"]
