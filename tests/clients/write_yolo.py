"""Datasets of each YOLO task to start from: edges of the frame, thin objects, background, odd names.

    python tests/clients/write_yolo.py FOLDER       FOLDER/detect, segment, pose, obb

The only script here that imports the product; it runs in the product's environment, not in the clients'.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image

from augcli.formats import yolo
from augcli.formats.contract import Output
from augcli.objects import Objects, Outline, Thing
from augcli.sample import Category, Dataset

TASKS = ("detect", "segment", "pose", "obb")
NAMES = ("no", 'a "b"', "\u00e9: #")


def write_dataset(root: Path, task: str, seed: int = 0) -> None:
    """A dataset of one task as the product writes it: edges of the frame, thin objects, background."""
    rng = np.random.default_rng(seed)
    names = tuple(map(str, range(5))) if task == "pose" else ()
    categories = tuple(Category(name, number, names) for number, name in enumerate(NAMES))
    dataset = Dataset("yolo", categories=categories, info={"yolo": {"task": task}})
    rows = []
    for number in range(40):
        split = "val" if number % 4 == 0 else "train"
        size = tuple(int(side) for side in rng.integers(10, 300, 2))
        path = f"{yolo.home(split)}/sub {number % 3}/{number:03d}.png"
        things = [_thing(task, size, rng) for _ in range(number % 5)]
        boxes = tuple(_bounds(thing) for thing in things)
        for file in yolo.label_files(dataset, Output(split, path, size, Objects.of(things), boxes)):
            _put(root / file.path, file.data)
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", size).save(root / path)
        rows.append({"split": split, "status": "ok"})
    for name, pieces in yolo.finish(dataset, rows, mixes=False):
        _put(root / name, b"".join(pieces))


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _bounds(thing) -> tuple[float, float, float, float]:
    points = np.concatenate([part[0] for part in thing.evidence.parts])
    return (*points.min(axis=0).tolist(), *points.max(axis=0).tolist())


def _thing(task: str, size: tuple[int, int], rng: np.random.Generator):
    """An object in the frame; every fourth touches its border, some are of two parts or have a hole."""
    name = NAMES[int(rng.integers(3))]
    x0, y0 = (float(rng.uniform(0, side - 2)) for side in size)
    x1, y1 = float(rng.uniform(x0 + 1, size[0])), float(rng.uniform(y0 + 1, size[1]))
    if rng.random() < 0.25:
        x0, y0, x1, y1 = 0.0, 0.0, float(size[0]), float(size[1])
    if task in {"detect", "pose"}:
        points = np.column_stack([rng.uniform(-5, side + 5, 5) for side in size] + [rng.integers(0, 3, 5)])
        return Thing(name, Outline.box(x0, y0, x1, y1), points if task == "pose" else None)
    centre, half = np.array([x0 + x1, y0 + y1]) / 2, np.array([x1 - x0, y1 - y0]) / 2
    angles = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(3, 20))))
    ring = centre + half * np.column_stack([np.cos(angles), np.sin(angles)])
    if task == "obb":
        angles = rng.uniform(0, np.pi) + np.array([0.0, 1.0, np.pi, np.pi + 1.0])
        ring = centre + min(half) * np.column_stack([np.cos(angles), np.sin(angles)])
        return Thing(name, Outline(((ring,),), "rotated"))
    hole = (centre + (ring - centre) * 0.3)[::-1]
    return Thing(name, Outline(((ring, hole),)) if rng.random() < 0.3 else Outline(((ring,),)))


def main(folder: str) -> None:
    """Write them all."""
    for seed, task in enumerate(TASKS):
        write_dataset(Path(folder, task), task, seed)


if __name__ == "__main__":
    main(sys.argv[1])
