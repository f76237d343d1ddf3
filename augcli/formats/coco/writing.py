"""COCO files from sealed rows: streamed, with the ids of unchanged originals and new ones for all else.

Objects of rows that carry an id are as their source has them (copy 0, not rendered again), so they keep the
id and their own numbers; an original keeps the id of its image. New ids follow the largest of the dataset,
in the order of the rows, and start at 1. Annotations stand before images in the file, because their text is
passed on as it is made, while the short records of the images wait in memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import msgspec
import numpy as np

from augcli.formats.coco import figures, vocabulary
from augcli.formats.coco.images import OWN as IMAGE_OWN
from augcli.formats.coco.layout import FOLDER, home
from augcli.formats.coco.opening import OWN
from augcli.formats.contract import aside
from augcli.labels import rle
from augcli.labels.plain import from_plain
from augcli.labels.raster import area, bitmap_of
from augcli.objects import Bitmap
from augcli.sample import Category, Dataset

_PIECE = 1 << 18


@dataclass
class Ids:
    """The next new id of images and of annotations; they are unique over all splits."""

    image: int = 1
    annotation: int = 1

    def of_image(self, kept: object) -> int | str:
        """The id that is kept, or a new one."""
        if isinstance(kept, int | str) and not isinstance(kept, bool):
            return kept
        self.image += 1
        return self.image - 1

    def of_annotation(self, kept: object) -> int | str:
        """The id that is kept, or a new one; 0 is none, because evaluators take it so."""
        if isinstance(kept, int | str) and kept:
            return kept
        self.annotation += 1
        return self.annotation - 1


def files(dataset: Dataset, rows: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield (path, pieces) of the file of each split that has an output."""
    largest = dataset.info.get("largest", {}) if dataset.format == "coco" else {}
    ids = Ids(largest.get("image", 0) + 1, largest.get("annotation", 0) + 1)
    good = (row for row in rows if row["status"] == "ok")
    for split, group in groupby(good, key=lambda row: str(row["split"])):
        yield path_of(dataset, split), _joined(_pieces(dataset, split, group, ids))


def path_of(dataset: Dataset, split: str) -> str:
    """The label file of a split below the output folder."""
    kind = "person_keypoints" if "keypoints" in dataset.holds else "instances"
    return f"{FOLDER}/{kind}_{split}.json" if split else f"{FOLDER}/{kind}.json"


def _pieces(dataset: Dataset, split: str, rows: Iterable[Mapping[str, Any]], ids: Ids) -> Iterator[bytes]:
    numbers = {category.name: category for category in dataset.categories}
    own = dataset.format == "coco"
    carried = dict(dataset.info.get("files", {}).get(split, {})) if own else {}
    head = {"info": carried.pop("info", {}), "licenses": carried.pop("licenses", []), **carried}
    head["categories"] = [vocabulary.record(category) for category in dataset.categories]
    yield _text(head)[:-1] + b',"annotations":['
    images: list[bytes] = []
    first = True
    for row in rows:
        original = own and row["copy"] == 0 and "tile" not in row
        number = ids.of_image(row["labels"].get("extra", {}).get("id") if original else None)
        images.append(_text(_image(row, number, own)))
        for plain in row["labels"].get("objects", ()):
            made = annotation(plain, numbers[plain["category"]], row["size"], original)
            made["id"], made["image_id"] = ids.of_annotation(made["id"]), number
            yield (b"\n" if first else b",\n") + _text(made)
            first = False
    yield b'],\n"images":[\n'
    for at, text in enumerate(images):
        yield text if not at else b",\n" + text
    yield b"]}\n"


def _image(row: Mapping[str, Any], number: int | str, own: bool) -> dict[str, Any]:
    """The record of one output image; columns of other formats step aside for COCO's own fields."""
    folder = home(row["split"])
    made = {
        "id": number,
        "file_name": row["output"].removeprefix(f"{folder}/"),
        "width": row["size"][0],
        "height": row["size"][1],
    }
    for name, value in row["labels"].get("extra", {}).items():
        if name == "id" and own:
            continue
        made[f"source_{name}" if name in ("id", *IMAGE_OWN) else name] = value
    return made


def annotation(
    plain: Mapping[str, Any], category: Category, size: Sequence[int], original: bool
) -> dict[str, Any]:
    """The record of an object of a row, without `image_id`; `id` is None where it needs a new one.

    plain     the object as `labels.plain.to_plain` has it
    size      (width, height) of its image
    original  the row is one that its dataset had; the object is unchanged if it carries an id
    """
    extra = plain.get("extra", {})
    told = extra.get(figures.ORIGINAL, {})
    unchanged = original and plain.get("id") is not None
    if told and not (unchanged and _same(told.get("bounds"), plain["bbox"])):
        told = {}
    made: dict[str, Any] = {
        "id": plain["id"] if unchanged else None,
        "image_id": None,
        "category_id": category.id,
    }
    shape = _segmentation(plain, size, told.get("segmentation") == "counts")
    if shape is not None:
        made["segmentation"] = shape
    made["area"] = told.get("area", figures.tidy(_area(plain)))
    made["bbox"] = told.get("bbox", figures.bbox(plain["bbox"]))
    made["iscrowd"] = int(plain.get("crowd", False))
    if "keypoints" in plain:
        made["keypoints"] = told.get("keypoints", figures.keypoints(plain["keypoints"]))
        made["num_keypoints"] = sum(visible > 0 for visible in made["keypoints"][2::3])
    elif category.keypoints and not unchanged:
        made["keypoints"] = [0] * (3 * len(category.keypoints))
        made["num_keypoints"] = 0
    if extra:
        made |= aside({name: value for name, value in extra.items() if name != figures.ORIGINAL}, OWN)
    return made


def _same(bounds: Sequence[float] | None, others: Sequence[float]) -> bool:
    """Whether the evidence is where it was, as far as the decimals of a row can tell."""
    return bounds is not None and all(
        abs(here - there) < 1e-5 for here, there in zip(bounds, others, strict=True)
    )


def _segmentation(plain: Mapping[str, Any], size: Sequence[int], as_list: bool) -> Any:
    """Polygons; run lengths for masks and for holes, which polygons cannot have; None for boxes."""
    if plain["kind"] == "box":
        return None
    if plain["kind"] != "bitmap" and all(len(rings) == 1 for rings in plain["parts"]):
        return [rings[0] for rings in plain["parts"]]
    evidence = from_plain(plain).evidence
    counts = runs(evidence if isinstance(evidence, Bitmap) else bitmap_of(evidence, (size[0], size[1])), size)
    return {"size": [size[1], size[0]], "counts": counts if as_list else rle.pack(counts)}


def runs(bitmap: Bitmap, size: Sequence[int]) -> list[int]:
    """COCO's counts of the whole frame of `size` (width, height), from a bitmap that lies within it."""
    width, height = size
    columns = np.zeros((bitmap.mask.shape[1], bitmap.mask.shape[0] + 2), np.int8)
    columns[:, 1:-1] = bitmap.mask.T
    column, row = np.nonzero(np.diff(columns, axis=1))  # where runs begin and end, in pairs
    edges = (bitmap.x + column) * height + bitmap.y + row
    begin, end = edges[0::2], edges[1::2]
    joined = begin[1:] == end[:-1]  # from the foot of one column to the head of the next
    begin, end = begin[np.append(True, ~joined)], end[np.append(~joined, True)]
    flat = np.column_stack([begin, end]).ravel()
    counts: list[int] = np.diff(flat, prepend=0, append=width * height).tolist()
    return counts if counts[-1] else counts[:-1]


def _area(plain: Mapping[str, Any]) -> float:
    if plain["kind"] != "bitmap":
        if "parts" not in plain:
            x0, y0, x1, y1 = plain["bbox"]
            return float((x1 - x0) * (y1 - y0))
        if len(plain["parts"]) == 1 and len(plain["parts"][0]) == 1:
            return figures.ring_area(plain["parts"][0][0])
    return area(from_plain(plain).evidence)


def _text(value: Mapping[str, Any]) -> bytes:
    try:
        return msgspec.json.encode(value)
    except (UnicodeEncodeError, OverflowError):  # names that are not UTF-8, whole numbers beyond 64 bits
        return json.dumps(value, separators=(",", ":"), allow_nan=False).encode("ascii")


def _joined(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces that are worth a write."""
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= _PIECE:
            yield b"".join(held)
            held, size = [], 0
    yield b"".join(held)
