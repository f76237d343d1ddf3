"""What `init` has seen of a dataset: plain, frozen facts, and what follows from them. Reads nothing."""

from __future__ import annotations

from dataclasses import dataclass

TINY = 64
"""Images whose longer side is at most this many pixels are tiny (CIFAR has 32, MNIST 28)."""

HUGE = 2000
"""Pixels of the longer side from which training at full size is rare."""

SMALL_OBJECT = 0.025
"""Share of the image's longer side: after shrinking to 640 pixels such an object has 16."""

MOST = 0.7
"""Share of the images looked at from which something is said of the dataset."""


@dataclass(frozen=True)
class Grouping:
    """What in the file names looks like images that belong together.

    pattern   regular expression for `input.group`
    what      the word that says so (patient, video ...), or "name" where only numbered names do
    example   a key, and the group it would be in
    groups    how many there would be among the images
    torn      groups that lie in two splits
    safe      a word says so, no group is torn, there are several, and none holds half of the images
    """

    pattern: str
    what: str
    example: tuple[str, str]
    groups: int
    torn: int = 0
    safe: bool = False


@dataclass(frozen=True)
class Looks:
    """A bounded sample of the images, chosen by hash across classes.

    measured   headers read; (width, height) of the smallest, the middle and the largest by area
    square     of these, as high as wide
    sizes      different sizes among them
    decoded    images decoded
    grey       of these, without colour (also where it is stored as RGB)
    deep       with 16 bits
    alpha      with transparency
    levels     (low, high) between which 99.8 % of the values of 16-bit images lie; None without such
    paper      images that are mostly light with sharp dark marks and no colour
    upright    how sure the images have an up: t statistic of (upper - lower half) in luma
    broken     (key, why) of images that could not be decoded
    """

    measured: int = 0
    smallest: tuple[int, int] = (0, 0)
    middle: tuple[int, int] = (0, 0)
    largest: tuple[int, int] = (0, 0)
    square: int = 0
    sizes: int = 0
    decoded: int = 0
    grey: int = 0
    deep: int = 0
    alpha: int = 0
    levels: tuple[int, int] | None = None
    paper: int = 0
    upright: float = 0.0
    broken: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Facts:
    """A dataset as `init` found it.

    path        as it was given
    name        of its folder
    task        classification, detection, rotated, instances, semantic, keypoints or none
    images      all that were listed; `training` of them are for training, `unusable` no use by their names
    splits      (name, images); the name is "" where there are none
    classes     (name, training images that show it), most first
    unlabelled  training images without class or object
    kinds       (file format, images), most first
    labels      what the labels hold, words of `formats.contract.LABELS`
    invalid     refuse; or drop, where some labels cannot be right and `problems` names them
    objects     of the labelled images that were looked at: objects in the middle one
    object_side and the side of the middle object, as a share of its image's longer side; 0 where unknown
    keypoints   their names; `swaps`: a mirror exchanges some of them
    pairs       classes that are each other's mirror image
    one_sided   classes with a left or right in their name and without a twin
    text        what says that the images show characters or text; () for nothing
    overhead    what says that they have no up direction
    hues        class names that name colours
    problems    what is wrong or missing, as sentences
    notes       what listing decided
    """

    path: str
    name: str
    format: str
    task: str
    images: int
    training: int
    splits: tuple[tuple[str, int], ...] = ()
    classes: tuple[tuple[str, int], ...] = ()
    unlabelled: int = 0
    unusable: int = 0
    kinds: tuple[tuple[str, int], ...] = ()
    labels: tuple[str, ...] = ()
    invalid: str = "refuse"
    objects: int = 0
    object_side: float = 0.0
    keypoints: tuple[str, ...] = ()
    swaps: bool = False
    pairs: tuple[tuple[str, str], ...] = ()
    one_sided: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    overhead: tuple[str, ...] = ()
    hues: tuple[str, ...] = ()
    grouping: Grouping | None = None
    looks: Looks = Looks()
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def split(self) -> bool:
        """Whether the dataset has splits of its own."""
        return any(name for name, _ in self.splits)

    @property
    def whole_image(self) -> bool:
        """Whether labels, if any, are of whole images."""
        return self.task in ("classification", "none")

    @property
    def paper(self) -> bool:
        """Whether most of the images look like documents."""
        return self.looks.decoded >= 3 and self.looks.paper >= MOST * self.looks.decoded

    @property
    def written(self) -> bool:
        """Whether characters or text are to be read in the images."""
        return bool(self.text) or self.paper

    @property
    def grey(self) -> bool:
        """Whether the images have no colour."""
        return self.looks.decoded > 0 and self.looks.grey >= MOST * self.looks.decoded

    @property
    def deep(self) -> bool:
        """Whether the images have 16 bits."""
        return self.looks.decoded > 0 and self.looks.deep >= MOST * self.looks.decoded

    @property
    def tiny(self) -> bool:
        """Whether most images are no larger than `TINY`."""
        return 0 < max(self.looks.middle) <= TINY

    @property
    def huge(self) -> bool:
        """Whether most images are larger than `HUGE`."""
        return max(self.looks.middle) > HUGE

    @property
    def small_objects(self) -> bool:
        """Whether the middle object would vanish when its image is made small."""
        return self.huge and 0.0 < self.object_side <= SMALL_OBJECT

    @property
    def no_up(self) -> bool:
        """Whether any turn of an image is as likely as it."""
        return bool(self.overhead) and not self.written

    @property
    def maybe_no_up(self) -> bool:
        """Square images of one size, none brighter above than below in a way that shows: tiles, perhaps."""
        looks = self.looks
        tiles = looks.measured == looks.square and looks.sizes == 1 and not self.tiny
        return tiles and looks.decoded >= 12 and abs(looks.upright) < 1.5 and not self.written

    @property
    def box_only(self) -> bool:
        """Whether boxes are all that says where an object is."""
        return not {"polygons", "instances", "parts", "holes", "semantic", "rotated"} & set(self.labels)

    @property
    def imbalance(self) -> float:
        """Images of the most frequent class by those of the rarest; 1 where there are no two classes."""
        counts = [count for _, count in self.classes if count]
        return max(counts) / min(counts) if len(counts) > 1 else 1.0
