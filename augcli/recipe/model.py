"""What a valid recipe is: frozen, hashable data. How it is written down is the matter of `parse`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from augcli.geometry import Canvas
from augcli.ops.base import Mix, Op
from augcli.params import Dist, pixels

VERSION = 1
"""The recipe language version that this release writes and reads."""


@dataclass(frozen=True)
class Step:
    """One op in a recipe.

    id      names its random streams: written in the recipe, or the op's name (`_2` when it repeats)
    p       probability that it happens, tested `u < p`
    only    class names: the step happens only for entries labelled with one of them; () for all
    weight  its share in an enclosing `one_of` or `some_of`
    """

    id: str
    op: Op
    p: float = 1.0
    only: tuple[str, ...] = ()
    weight: float = 1.0


@dataclass(frozen=True)
class Group:
    """Several steps under one rule.

    kind    one_of: one child by weight; some_of: `n` different children, in listed order;
            sequence: all; each_of: copy k takes child (k - 1) mod their number
    """

    id: str
    kind: str
    of: tuple[Node, ...]
    n: Dist | None = None
    p: float = 1.0
    only: tuple[str, ...] = ()
    weight: float = 1.0


Node = Step | Group


@dataclass(frozen=True)
class Tile:
    """How large images are cut.

    size     (width, height) of a tile in pixels
    overlap  what neighbours share at least: pixels, or a percentage ("10%") of the tile's side
    """

    size: tuple[int, int]
    overlap: int | str = 0

    def overlapping(self, axis: int) -> int:
        """The overlap in whole pixels, less than the side; `axis` 0 is the width."""
        return round(pixels(self.overlap, self.size[axis]))


@dataclass(frozen=True)
class Input:
    """Where the dataset is and how to read it.

    levels   pixel values of black and white in 16 bit
    tile     how images larger than a tile are cut into entries; None: not at all
    """

    path: str = ""
    images: str | None = None
    annotations: str | None = None
    masks: str | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    format: str = "auto"
    group: str | None = None
    holdout: tuple[tuple[str, float], ...] = ()
    levels: tuple[int, int] | None = None
    max_megapixels: float = 100.0
    tile: Tile | None = None


@dataclass(frozen=True)
class Encode:
    """How images are written. `format` is same, jpeg, png or webp.

    quality      JPEG and lossy WebP, 1 to 100; WebP 100 is lossless
    subsampling  of JPEG chroma: 420, 422 or 444
    level        of PNG compression, 0 to 9: size against time
    background   (r, g, b) under transparent pixels where the format holds no alpha
    """

    format: str = "same"
    quality: int = 92
    subsampling: int = 420
    level: int = 1
    background: tuple[int, int, int] = (255, 255, 255)


@dataclass(frozen=True)
class Output:
    """Where the result goes and in which dataset format (`same`: the input's)."""

    path: str = ""
    format: str = "same"
    encode: Encode = field(default_factory=Encode)


@dataclass(frozen=True)
class Copies:
    """How many copies of each training image.

    kind      number:    `count` each
              classes:   `classes` by name, the largest of an image's classes, else `count`
              per_class: as many as bring every class to `count` training outputs, kept originals counted
              balance:   per_class with the count of the largest class
              total:     as many as bring the training split to `count` outputs
    at_least, at_most   copies per source, for per_class, balance and total
    """

    kind: str = "number"
    count: int = 1
    classes: tuple[tuple[str, int], ...] = ()
    at_least: int = 0
    at_most: int = 10


@dataclass(frozen=True)
class Labels:
    """What becomes of the labels of objects.

    min_visibility, min_area, min_size   what an object must keep to stay labelled: share of the original,
                                         pixels of area, pixels of the shorter side
    invalid   labels that cannot be right: refuse, drop or clip
    lossy     what the output format cannot hold: refuse or allow
    """

    min_visibility: float = 0.0
    min_area: float = 0.0
    min_size: float = 1.0
    invalid: str = "refuse"
    lossy: str = "refuse"


@dataclass(frozen=True)
class Symmetry:
    """What mirrors and quarter turns make of classes.

    pairs         (class, its mirror image): they are exchanged
    never         classes that must not be mirrored
    turns         (class, what it is after a quarter turn counter-clockwise)
    never_turned  classes that must not be turned so far
    """

    pairs: tuple[tuple[str, str], ...] = ()
    never: tuple[str, ...] = ()
    turns: tuple[tuple[str, str], ...] = ()
    never_turned: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recipe:
    """All that decides what a run makes of a dataset."""

    seed: int = 0
    input: Input = field(default_factory=Input)
    output: Output = field(default_factory=Output)
    copies: Copies = field(default_factory=Copies)
    originals: str = "keep"
    canvas: Canvas = field(default_factory=Canvas)
    labels: Labels = field(default_factory=Labels)
    symmetry: Symmetry = field(default_factory=Symmetry)
    prepare: tuple[Step, ...] = ()
    steps: tuple[Node, ...] = ()

    @property
    def mixes(self) -> bool:
        """Whether any step combines several images."""
        return any(isinstance(step.op, Mix) for step in all_steps(self.steps))


def all_steps(nodes: Sequence[Node]) -> Iterator[Step]:
    """Every step, groups opened, in listed order."""
    for node in nodes:
        if isinstance(node, Step):
            yield node
        else:
            yield from all_steps(node.of)
