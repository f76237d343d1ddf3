"""The photographs of sample_data/ are labelled alike in every format."""

from __future__ import annotations

import io
from pathlib import PurePosixPath

import numpy as np
import pytest
from PIL import Image

from augcli import formats
from augcli.formats import Source
from augcli.geometry import scaling
from augcli.images import read
from augcli.labels import boxes, move, raster
from augcli.objects import Objects
from augcli.sample import Dataset
from tests.conftest import ROOT

SAMPLES = ROOT / "sample_data"
HEAD = "head"


def labelled(name: str) -> tuple[Dataset, dict[str, tuple[Objects, tuple[int, int]]]]:
    """The dataset, and by photograph the objects in pixels and (width, height)."""
    dataset, entries = formats.read("auto", Source(str(SAMPLES / name)))
    assert {entry.split for entry in entries} == {"train", "val"}
    found = {}
    for entry in entries:
        with Image.open(io.BytesIO(read(entry.path))) as image:
            size = image.size
        labels = formats.load(dataset.format).labels(entry, dataset)
        objects = move(labels.objects, scaling(*size), size) if labels.relative else labels.objects
        found[PurePosixPath(entry.key).stem] = (objects, size)
    return dataset, found


def without(objects: Objects, category: str = HEAD, *, crowd: bool = False) -> Objects:
    rows = zip(objects.category, objects.crowd, strict=True)
    return objects.select([at for at, (name, many) in enumerate(rows) if name != category and crowd >= many])


@pytest.mark.parametrize("name", ["yolo", "voc", "labelme", "csv", "hf", "webdataset", "parquet"])
def test_the_boxes_of_every_format_are_those_of_coco(name: str) -> None:
    _, coco = labelled("coco")
    _, other = labelled(name)
    assert other.keys() == coco.keys() and len(coco) == 6
    for photograph, (objects, _) in coco.items():
        expected, got = without(objects), without(other[photograph][0])
        assert got.category == expected.category
        # VOC's boxes are whole pixels.
        np.testing.assert_allclose(boxes(got), boxes(expected), atol=0.5 if name == "voc" else 1e-6)


def test_the_masks_are_the_pixels_of_the_outlines() -> None:
    dataset, coco = labelled("coco")
    ids = {category.name: category.id for category in dataset.categories}
    for split, folder in (("train", "train/masks"), ("val", "val/masks")):
        for path in sorted((SAMPLES / "masks" / folder).iterdir()):
            objects, size = coco[path.stem]
            mask = np.asarray(Image.open(path))
            known = np.zeros(mask.shape, bool)
            for row in objects.rows():
                pixels = raster(row.evidence, size)
                wanted = mask == (255 if row.crowd else ids[row.category])
                # Neighbours share their edges: the later one has the pixels that both could have.
                assert (wanted & pixels).sum() >= 0.97 * pixels.sum(), (split, path.stem, row.category)
                known |= pixels
            # One centre lies on an edge of the raccoon, where the last bit of a float decides.
            assert np.count_nonzero(known != (mask > 0)) <= 1


def test_the_cup_has_two_holes_and_a_dandelion_two_parts() -> None:
    _, coco = labelled("coco")
    objects, size = coco["coffee_01"]
    pixels = {row.category: raster(row.evidence, size) for row in objects.rows()}
    for x, y, category in (
        (290, 150, "coffee"),
        (247, 270, "saucer"),
        (220, 255, "cup"),
        (365, 285, "spoon"),
    ):
        assert [name for name, found in pixels.items() if found[y, x]] == [category]
    parts = [len(row.evidence.parts) for row in coco["dandelion_01"][0].rows() if not row.crowd]
    assert sorted(parts) == [1, 1, 1, 1, 1, 2]


@pytest.mark.parametrize("name", ["yolo-pose", "labelme"])
def test_heads_have_a_left_and_a_right_that_a_mirror_exchanges(name: str) -> None:
    dataset, found = labelled(name)
    (head,) = (category for category in dataset.categories if category.name == HEAD)
    assert head.flip == (1, 0, 2, 4, 3)
    heads = {
        key: row for key, (objects, _) in found.items() for row in objects.rows() if row.category == HEAD
    }
    assert heads.keys() == {"astronaut_01", "chelsea_01", "raccoon_02"}
    for key, row in heads.items():
        left_eye, right_eye, nose, left_ear, right_ear = row.keypoints
        # They look at the camera: their left is at the right of the picture, eyes are between ears.
        assert right_ear[0] < right_eye[0] < nose[0] < left_eye[0] < left_ear[0]
        assert nose[1] > max(left_eye[1], right_eye[1])
        assert [point[2] for point in row.keypoints] == (
            [2, 2, 2, 1, 1] if key == "astronaut_01" else [2] * 5
        )
