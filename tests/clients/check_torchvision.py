"""Class folders and VOC, read by torchvision: ImageFolder, VOCDetection, VOCSegmentation.

python tests/clients/check_torchvision.py OUTPUT ...
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
from operators import torchvision_ready
from written import by_split, main

OPERATORS = torchvision_ready()

from torchvision import datasets  # noqa: E402  (only now it can be imported)

VOID = 255
YEAR = Path("VOCdevkit", "VOC2012")


def check(output: Path) -> tuple[int, list[str]]:
    """Every split of the output."""
    return _voc(output) if output.parent.name == "voc" else _folders(output)


def _folders(output: Path) -> tuple[int, list[str]]:
    loaded, found = 0, []
    for split, rows in by_split(output).items():
        read = datasets.ImageFolder(str(output / split))
        loaded += len(read)
        samples = {str(Path(path).relative_to(output)): number for path, number in read.samples}
        for row in rows:
            label = row["labels"]["label"]
            if row["output"] not in samples:
                found.append(f"{row['output']} is not read")
            elif read.classes[samples[row["output"]]] != label:
                found.append(f"{row['output']}: {read.classes[samples[row['output']]]!r} for {label!r}")
        sizes = sorted(sorted(image.size) for image, _ in read)  # sorted: EXIF is left to the caller
        if sizes != sorted(sorted(row["size"]) for row in rows):
            found.append(f"{split}: images of other sizes")
    return loaded, found


def _voc(output: Path) -> tuple[int, list[str]]:
    loaded, found = 0, []
    with tempfile.TemporaryDirectory() as root:
        (Path(root) / YEAR).parent.mkdir()
        (Path(root) / YEAR).symlink_to(output.resolve())
        for split, rows in by_split(output).items():
            read = datasets.VOCDetection(root, image_set=split or "trainval")
            loaded += len(read)
            named = {
                Path(path).relative_to(Path(root) / YEAR).as_posix(): at
                for at, path in enumerate(read.images)
            }
            for row in rows:
                if row["output"] not in named:
                    found.append(f"{row['output']} is not read")
                    continue
                image, target = read[named[row["output"]]]
                found += [f"{row['output']}: {what}" for what in _different(image, target["annotation"], row)]
            found += _segmentation(output, root, split or "trainval", rows)
    return loaded, found


def _different(image, annotation: dict, row: dict) -> list[str]:
    """Between what the client has of one image and its row."""
    found = []
    declared = [int(annotation["size"][side]) for side in ("width", "height")]
    if declared != row["size"] or sorted(image.size) != sorted(row["size"]):
        found.append(f"size {declared}, {image.size}")
    items, objects = annotation.get("object", []), row["labels"].get("objects", [])
    if len(items) != len(objects):
        return [*found, f"{len(items)} objects of {len(objects)}"]
    for item, plain in zip(items, objects, strict=True):
        box = [float(item["bndbox"][side]) for side in ("xmin", "ymin", "xmax", "ymax")]
        edges = np.array(box) - [1, 1, 0, 0]  # VOC counts pixels from 1 and includes the last
        if item["name"] != plain["category"]:
            found.append(f"{item['name']!r} for {plain['category']!r}")
        elif np.abs(edges - plain["bbox"]).max() > 0.5 + 1e-6 and min(_sides(plain["bbox"])) > 1:
            found.append(f"box {box} for {plain['bbox']}")  # whole pixels; a thin object takes one at least
    return found


def _sides(box: list[float]) -> tuple[float, float]:
    return box[2] - box[0], box[3] - box[1]


def _segmentation(output: Path, root: str, split: str, rows: list[dict]) -> list[str]:
    """What is wrong with the class masks of a split: each as large as its image, of known classes only."""
    masked = [row for row in rows if any(file["kind"] == "mask" for file in row["files"])]
    listed = output / "ImageSets" / "Segmentation" / f"{split}.txt"
    if not masked:
        return [f"{listed.name} of Segmentation lists images without masks"] if listed.exists() else []
    lines = (output / "labelmap.txt").read_text(encoding="utf-8").splitlines()
    colours = {tuple(map(int, line.split(":")[1].split(","))) for line in lines if not line.startswith("#")}
    read = datasets.VOCSegmentation(root, image_set=split)
    if len(read) != len(masked):
        return [f"{len(read)} class masks of {len(masked)}"]
    found = []
    for (image, mask), row in zip(read, masked, strict=True):
        if mask.mode != "P" or mask.size != image.size or list(mask.size) != row["size"]:
            found.append(f"{row['output']}: mask {mask.mode} {mask.size}")
        palette = np.array(mask.getpalette()).reshape(-1, 3)
        shown = [number for number in np.unique(np.asarray(mask)).tolist() if number != VOID]
        if strange := [number for number in shown if tuple(palette[number].tolist()) not in colours]:
            found.append(f"{row['output']}: ids {strange} that are no class of labelmap.txt")
    return found


if __name__ == "__main__":
    sys.exit(main("torchvision", check))
