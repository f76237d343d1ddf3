"""Scenes as datasets on disk, written by hand: the inputs of runs from and to real formats."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from augcli.objects import Bitmap, Outline, Thing
from tests.proof.scenes import CATEGORIES, IGNORE, Scene, World, inside


def coco(world: World, root: Path) -> None:
    """`_annotations.coco.json` beside the images; holes and bitmaps as uncompressed run lengths."""
    images, annotations = [], []
    for number, scene in enumerate(world.scenes):
        _save(scene.image, root / "train" / f"{scene.name}.png")
        width, height = scene.size
        images.append({"id": number, "file_name": f"{scene.name}.png", "width": width, "height": height})
        annotations += [{"image_id": number, **_annotation(scene, one.thing)} for one in scene.painted]
    categories = [
        {"id": each.id, "name": each.name} | ({"keypoints": list(each.keypoints)} if each.keypoints else {})
        for each in CATEGORIES
    ]
    document = {"images": images, "annotations": annotations, "categories": categories}
    (root / "train" / "_annotations.coco.json").write_text(json.dumps(document))


def _annotation(scene: Scene, thing: Thing) -> dict[str, Any]:
    pixels = inside(thing.evidence, scene.size)
    rows, columns = np.flatnonzero(pixels.any(axis=1)), np.flatnonzero(pixels.any(axis=0))
    box = [columns[0], rows[0], columns[-1] + 1 - columns[0], rows[-1] + 1 - rows[0]]
    found: dict[str, Any] = {
        "id": thing.id,
        "category_id": next(each.id for each in CATEGORIES if each.name == thing.category),
        "area": int(pixels.sum()),
        "iscrowd": 0,
        "bbox": [int(each) for each in box],
    }
    if isinstance(thing.evidence, Bitmap) or any(len(part) > 1 for part in thing.evidence.parts):
        found["segmentation"] = {"size": list(pixels.shape), "counts": list(_runs(pixels))}
    elif thing.evidence.kind == "polygon":
        found["segmentation"] = [part[0].ravel().tolist() for part in thing.evidence.parts]
    if thing.keypoints is not None:
        # Numbers of pixels, as COCO has them: the middle of pixel 3 is 3.
        points = [[x - 0.5, y - 0.5, 2] for x, y, _ in thing.keypoints.tolist()]
        found |= {"keypoints": [value for point in points for value in point], "num_keypoints": len(points)}
    return found


def _runs(pixels: NDArray[np.bool_]) -> Iterator[int]:
    """Lengths of the runs of unset and set pixels in turn, column after column."""
    value, length = False, 0
    for pixel in pixels.T.ravel().tolist():
        if pixel != value:
            yield length
            value, length = pixel, 0
        length += 1
    yield length


def oriented(world: World, root: Path) -> None:
    """YOLO with rotated boxes: the corners of each object in shares of the picture."""
    names = "\n".join(f"  {number}: {each.name}" for number, each in enumerate(CATEGORIES))
    (root / "labels" / "train").mkdir(parents=True)
    (root / "data.yaml").write_text(f"train: images/train\nval: images/train\ntask: obb\nnames:\n{names}\n")
    for scene in world.scenes:
        _save(scene.image, root / "images" / "train" / f"{scene.name}.png")
        rows = []
        for one in scene.painted:
            assert isinstance(one.thing.evidence, Outline)
            corners = (one.thing.evidence.parts[0][0] / scene.size).ravel().tolist()
            number = [each.name for each in CATEGORIES].index(one.thing.category)
            rows.append(" ".join([str(number), *(f"{value:.10f}" for value in corners)]))
        (root / "labels" / "train" / f"{scene.name}.txt").write_text("\n".join(rows) + "\n")


def masked(world: World, root: Path) -> None:
    """Images beside semantic masks."""
    for scene in world.scenes:
        _save(scene.image, root / "images" / "train" / f"{scene.name}.png")
        _save(scene.mask, root / "masks" / "train" / f"{scene.name}.png")
    named = [{"id": 0, "name": "background"}, *({"id": each.id, "name": each.name} for each in CATEGORIES)]
    (root / "categories.json").write_text(json.dumps({"categories": named, "ignore": IGNORE}))


def _save(image: NDArray[np.uint8], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(path)
