"""COCO outputs, read by pycocotools: numbers, values, masks, and COCOeval of the ground truth against itself.

python tests/clients/check_coco.py OUTPUT ...
"""

from __future__ import annotations

import contextlib
import io
import sys
from pathlib import Path

import numpy as np
from pycocotools import mask as runs
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from written import below, by_split, close, main


def check(output: Path) -> tuple[int, list[str]]:
    """Every file of the output."""
    loaded, found, splits = 0, [], by_split(output)
    for split, rows in splits.items():
        (file,) = (output / "annotations").glob(f"*_{split}.json" if split else "*.json")
        with contextlib.redirect_stdout(io.StringIO()):
            coco = COCO(str(file))
        loaded += len(coco.getImgIds())
        images = {image["file_name"]: image for image in coco.loadImgs(coco.getImgIds())}
        for row in rows:
            name = below(split, row)
            if name not in images:
                found.append(f"{name} has no image")
                continue
            found += [f"{name}: {what}" for what in _differences(coco, images[name], row)]
        found += [f"{file.name}: {what}" for what in _evaluated(coco)]
    files = list((output / "annotations").iterdir())
    return loaded, found if len(files) == len(splits) else [f"{len(files)} files", *found]


def _differences(coco: COCO, image: dict, row: dict) -> list[str]:
    """Between what the client has of one image and its row."""
    if [image["width"], image["height"]] != row["size"]:
        return [f"size {image['width']} x {image['height']}"]
    annotations = coco.loadAnns(coco.getAnnIds(imgIds=[image["id"]]))
    objects = row["labels"].get("objects", [])
    if len(annotations) != len(objects):
        return [f"{len(annotations)} annotations of {len(objects)}"]
    pairs = zip(annotations, objects, strict=True)
    return [what for annotation, plain in pairs for what in _different(coco, annotation, plain, row["size"])]


def _different(coco: COCO, annotation: dict, plain: dict, size: list[int]) -> list[str]:
    found = []
    if coco.loadCats([annotation["category_id"]])[0]["name"] != plain["category"]:
        found.append("another category")
    if annotation["id"] == 0:
        found.append("the id 0, which evaluation takes for none")
    if annotation["iscrowd"] != int(plain.get("crowd", False)):
        found.append("another iscrowd")
    x, y, width, height = annotation["bbox"]
    if not close([x, y, x + width, y + height], plain["bbox"]):
        found.append(f"bbox {annotation['bbox']} for {plain['bbox']}")
    if "keypoints" in plain:
        points = np.array(plain["keypoints"]).reshape(-1, 3)
        points = np.where(points[:, 2:] > 0, points - [0.5, 0.5, 0], 0)  # edges to indices of pixels
        if not close(annotation["keypoints"], points.ravel().tolist()):
            found.append("other keypoints")
    if plain["kind"] != "box" and not _same_mask(coco.annToMask(annotation), plain, size):
        found.append("another mask")
    if plain["kind"] == "box" and "segmentation" in annotation:
        found.append("a segmentation for a box")
    return [f"annotation {annotation['id']}: {what}" for what in found]


def _same_mask(mask: np.ndarray, plain: dict, size: list[int]) -> bool:
    """Whether a mask shows the object: to the pixel where it is one, to its edge where it is an outline."""
    width, height = size
    if mask.shape != (height, width):
        return False
    if plain["kind"] == "bitmap":
        expected = np.zeros((height, width), np.uint8)
        part = runs.decode({"size": plain["rle"]["size"], "counts": plain["rle"]["counts"].encode()})
        x, y = plain["rle"]["at"]
        expected[y : y + part.shape[0], x : x + part.shape[1]] = part
        return bool((mask == expected).all())
    area, edge = 0.0, 0.0
    for part in plain["parts"]:
        for number, ring in enumerate(part):
            points = np.array(ring).reshape(-1, 2)
            after = np.roll(points, -1, axis=0)
            area += (-1 if number else 1) * abs(np.cross(_deep(points), _deep(after))[:, 2].sum()) / 2
            edge += float(np.hypot(*(after - points).T).sum())
    return abs(float(mask.sum()) - area) <= edge + 1


def _deep(points: np.ndarray) -> np.ndarray:
    """Points of a plane in space, as the cross product wants them."""
    return np.column_stack([points, np.zeros(len(points))])


def _evaluated(coco: COCO) -> list[str]:
    """The kinds of evaluation that do not find the ground truth to be itself: AP must be 1.

    An outline so thin that no pixel's centre lies within it is left out of `segm`: its overlap, with itself
    too, is 0 / 0 there.
    """
    found = []
    annotations = coco.loadAnns(coco.getAnnIds(iscrowd=False))
    for kind, known in (
        ("bbox", annotations),
        ("segm", [one for one in annotations if "segmentation" in one and coco.annToMask(one).any()]),
        ("keypoints", [one for one in annotations if one.get("num_keypoints")]),
    ):
        if not known:
            continue
        guesses = [_guess(coco, one, kind) for one in known]
        with contextlib.redirect_stdout(io.StringIO()):
            evaluation = COCOeval(_of(coco, known), coco.loadRes(guesses), kind)
            if kind == "keypoints":
                evaluation.params.kpt_oks_sigmas = np.full(len(known[0]["keypoints"]) // 3, 0.05)
            evaluation.evaluate()
            evaluation.accumulate()
            evaluation.summarize()
        if not evaluation.stats[0] > 1 - 1e-9:
            found.append(f"{kind} AP {evaluation.stats[0]:.6f}")
    return found


def _of(coco: COCO, known: list[dict]) -> COCO:
    """The dataset with these annotations and its crowds: a box alone cannot be compared as a mask."""
    chosen = COCO()
    crowds = [one for one in coco.dataset["annotations"] if one["iscrowd"] and "segmentation" in one]
    chosen.dataset = {**coco.dataset, "annotations": [dict(one) for one in (*known, *crowds)]}
    chosen.createIndex()
    return chosen


def _guess(coco: COCO, annotation: dict, kind: str) -> dict:
    """A detection that is the annotation."""
    guess = {name: annotation[name] for name in ("image_id", "category_id")} | {"score": 1.0}
    if kind == "segm":
        return guess | {"segmentation": coco.annToRLE(annotation)}
    return guess | {kind: annotation[kind]}


if __name__ == "__main__":
    sys.exit(main("pycocotools", check))
