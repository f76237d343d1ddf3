"""What a dataset format offers beyond listing: labels of objects, read and written.

A reader packs the labels of each image into `Entry.labels` when it lists, validates them there, and opens
them in the worker; a writer makes the label files of one output in the worker, and dataset-wide files from
the sealed rows at the end.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from augcli.sides import flip_of

if TYPE_CHECKING:
    from augcli.objects import Objects
    from augcli.sample import Dataset, Image

LABELS = (
    "classes",
    "weights",
    "boxes",
    "rotated",
    "polygons",
    "holes",
    "parts",
    "instances",
    "semantic",
    "keypoints",
    "crowd",
    "ids",
    "attributes",
    "columns",
)
"""What labels can be, in words: class of the image, several with weights; boxes, rotated boxes, outlines,
outlines with holes, of several parts, instance masks, a semantic mask, keypoints; COCO's iscrowd; ids of
labels; further fields of objects; further columns of images."""

OF_OBJECTS = frozenset(LABELS) - {"classes", "weights", "semantic", "columns"}
"""Those that are about objects."""


OF_CLASSES = ("colours", "fields", "sides", "skeletons")
"""What classes can have beside names: colours; further fields (supercategory); pairs of keypoints that a
mirror exchanges, where their names do not tell; keypoints that are joined."""


def of_classes(dataset: Dataset) -> frozenset[str]:
    """What the classes of a dataset have, words of `OF_CLASSES`."""
    found = {
        "colours": any(each.color for each in dataset.categories),
        "fields": any(each.extra for each in dataset.categories),
        "sides": any(each.flip != flip_of(each.keypoints) for each in dataset.categories),
        "skeletons": any(each.skeleton for each in dataset.categories),
    }
    return frozenset(word for word, has in found.items() if has)


def of_files(dataset: Dataset) -> list[str]:
    """The names of what its label files say of the whole dataset beside classes: COCO's info and licenses."""
    files = dataset.info.get("files", {}).values()
    return sorted({name for fields in files for name, value in fields.items() if value})


@dataclass(frozen=True)
class ImageLabels:
    """The objects of one image as a label file has them.

    objects   in pixels; when `relative`, in shares of width and height
    size      (width, height) that the label file declares; decides whether labels of an EXIF-rotated
              photograph were made on the raw or on the upright picture; None: upright
    """

    objects: Objects
    size: tuple[int, int] | None = None
    relative: bool = False


@dataclass(frozen=True)
class Output:
    """One finished output, as a format's writer sees it.

    split, path   the split, and the image's POSIX path below the output folder
    size          (width, height)
    depth         channels of the image file
    objects       in pixels, finished: only what stays labelled
    mask          semantic mask (H, W), or None
    extra         columns carried over from the source
    copy          0 for originals
    """

    split: str
    path: str
    size: tuple[int, int]
    objects: Objects
    mask: Image | None = None
    depth: int = 3
    extra: Mapping[str, Any] = field(default_factory=dict)
    copy: int = 0

    @cached_property
    def boxes(self) -> list[tuple[float, float, float, float]]:
        """x0, y0, x1, y1 of each object; zeros where nothing is left of it."""
        return [box or (0.0, 0.0, 0.0, 0.0) for box in self.objects.bounds]


def aside(values: Mapping[str, Any], own: Collection[str]) -> dict[str, Any]:
    """Further values of another format, under names that the format to write has no meaning for."""
    return {f"source_{name}" if name in own else name: value for name, value in values.items()}


@dataclass(frozen=True)
class LabelFile:
    """A label file of one image: its kind (labels, mask, instances), POSIX path, contents."""

    kind: str
    path: str
    data: bytes
