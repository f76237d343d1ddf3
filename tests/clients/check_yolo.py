"""YOLO outputs, read by Ultralytics (AGPL-3.0: only ever in an environment of its own; see README.md here).

    python tests/clients/check_yolo.py OUTPUT ...

Ultralytics leaves out an image with a label that it dislikes and only logs a warning, so what counts is
numbers: images in its dataset against images that were written, objects against rows, corners against the
text, boxes against the manifest.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import yaml
from operators import torchvision_ready
from written import main, rows

OPERATORS = torchvision_ready()


def check(output: Path) -> tuple[int, list[str]]:
    """A copy of the output: the client writes caches, and anew what it takes for damaged."""
    with tempfile.TemporaryDirectory() as made:
        root = Path(made, output.name).resolve()
        shutil.copytree(output, root)
        return _read(root, {row["output"]: row for row in rows(output)})


def _read(root: Path, written: dict[str, dict]) -> tuple[int, list[str]]:
    """Images that the client has, and what is wrong with them."""
    from ultralytics.data.dataset import YOLODataset
    from ultralytics.data.utils import check_det_dataset, img2label_paths

    data = check_det_dataset(str(root / "data.yaml"), autodownload=False)
    task = yaml.safe_load((root / "data.yaml").read_text(encoding="utf-8")).get("task", "detect")
    images, found = set(), []
    for key in ("train", "val", "test"):
        for folder in [data[key]] if isinstance(data.get(key), str) else data.get(key) or []:
            dataset = YOLODataset(img_path=folder, data=data, task=task, augment=False, cache=False)
            for label, file in zip(dataset.labels, img2label_paths(dataset.im_files), strict=True):
                images.add(label["im_file"])  # where there are no splits, train and val name the same images
                lines = [line.split() for line in Path(file).read_text().splitlines()]
                name = Path(label["im_file"]).relative_to(root).as_posix()
                found += [f"{name}: {what}" for what in _against_text(task, label, lines)]
                found += [f"{name}: {what}" for what in _against_row(label, written[name], data["names"])]
    return len(images), found


def _against_text(task: str, label: dict, lines: list[list[str]]) -> list[str]:
    """Between the client and the rows of the label file, of which it keeps one of those that are equal."""
    distinct = {tuple(line) for line in lines}
    if len(label["cls"]) != len(distinct):
        return [f"{len(label['cls'])} objects of {len(distinct)} rows"]
    if len(lines) != len(distinct) or _same(task, label, lines):
        return []
    return ["read otherwise than written"]


def _against_row(label: dict, row: dict, names: dict[int, str]) -> list[str]:
    """Between the client and the manifest: every object is a labelled one, and none but crowds is missing."""
    objects = [plain for plain in row["labels"].get("objects", []) if not plain.get("crowd")]
    if len(label["cls"]) != len({str(plain) for plain in objects}):
        return [f"{len(label['cls'])} objects of {len(objects)} in the manifest"]
    height, width = label["shape"]
    if sorted((width, height)) != sorted(row["size"]):
        return [f"size {width} x {height}"]
    wide, high = row["size"]
    for number, (x, y, w, h) in zip(label["cls"].ravel(), label["bboxes"], strict=True):
        box = np.array([(x - w / 2) * wide, (y - h / 2) * high, (x + w / 2) * wide, (y + h / 2) * high])
        same = [plain for plain in objects if plain["category"] == names[int(number)]]
        if not any(np.abs(np.clip(plain["bbox"], 0, [wide, high] * 2) - box).max() < 0.01 for plain in same):
            return [f"{names[int(number)]!r} at {box.round(2).tolist()} is not in the manifest"]
    return []


def _same(task: str, label: dict, rows: list[list[str]]) -> bool:
    """Whether the client has the classes and numbers of the rows."""
    if [int(row[0]) for row in rows] != label["cls"].ravel().astype(int).tolist():
        return False
    values = [np.array(row[1:], dtype=np.float64) for row in rows]
    if task in {"segment", "obb"}:
        pairs = zip(label["segments"], values, strict=True)
        return all(np.allclose(one.ravel(), other, atol=1e-6) for one, other in pairs)
    if task == "pose" and rows:
        points = np.array([row[4:] for row in values]).reshape(label["keypoints"].shape)
        if not np.allclose(label["keypoints"], points, atol=1e-6):
            return False
    boxes = np.array([row[:4] for row in values]).reshape(-1, 4)
    return bool(np.allclose(label["bboxes"], boxes, atol=1e-6))


if __name__ == "__main__":
    sys.exit(main("ultralytics", check))
