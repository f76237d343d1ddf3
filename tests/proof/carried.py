"""A dataset format that carries labels as they are: no file format's limits come between label and proof.

Its entries hold rows of the manifest; its label files are what the writer of a format is given.
"""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np

from augcli.formats.contract import LABELS, ImageLabels, LabelFile, Output
from augcli.images import encode
from augcli.images.masks import write_mask
from augcli.labels import from_plain, to_plain
from augcli.objects import Objects
from augcli.sample import Dataset, Entry
from tests.proof.scenes import World

HOLDS = frozenset(LABELS)


def labels(entry: Entry, dataset: Dataset) -> ImageLabels:
    return ImageLabels(Objects.of([from_plain(row) for row in json.loads(entry.labels)]))


def label_files(dataset: Dataset, output: Output) -> tuple[LabelFile, ...]:
    """The mask as an array."""
    data = io.BytesIO()
    np.save(data, np.zeros((0, 0)) if output.mask is None else output.mask)
    return (LabelFile("mask", f"{output.path}.npy", data.getvalue()),)


def home(split: str) -> str:
    return ""


def place(key: str, label: str | None) -> tuple[str, str]:
    return "", key


def planted(world: World, folder: Path) -> list[Entry]:
    """The entries of the scenes, whose images and masks are written into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    entries = []
    for scene in world.scenes:
        image, mask = folder / f"{scene.name}.png", folder / f"{scene.name}.mask.png"
        image.write_bytes(encode(scene.image, "png"))
        mask.write_bytes(write_mask(scene.mask, None, 8))
        rows = json.dumps(to_plain(scene.objects, None)).encode()
        present = tuple(sorted({one.thing.category for one in scene.painted}))
        entries.append(
            Entry("", f"{scene.name}.png", str(image), labels=rows, mask=str(mask), present=present)
        )
    return entries
