"""Two images in every format that holds boxes: `b` with a sound box, `a` with the box that a test wants."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from augcli.images import encode
from tests.runs import picture

SOUND = (1.0, 1.0, 5.0, 5.0)


@dataclass(frozen=True)
class Two:
    """What the label files say of `a`.

    box    x0, y0, x1, y1 in pixels
    label  its class
    name   of its image, which is there when it is called `a`
    size   (width, height) that label files declare, of both
    data   the bytes of an image file, which `name` ends like; None: a PNG of that size
    """

    box: Sequence[float]
    label: str = "cat"
    name: str = "a.png"
    size: tuple[int, int] = (40, 30)
    data: bytes | None = None

    @property
    def ending(self) -> str:
        return Path(self.name).suffix

    @property
    def image(self) -> bytes:
        return self.data or encode(picture(1, *self.size), "png")

    @property
    def rows(self) -> list[tuple[str, Sequence[float], str]]:
        return [(f"b{self.ending}", SOUND, "cat"), (self.name, self.box, self.label)]

    def images(self, folder: Path) -> None:
        for name in {f"b{self.ending}", self.name} & {f"a{self.ending}", f"b{self.ending}"}:
            _write(folder / name, self.image)


def coco(root: Path, two: Two) -> None:
    two.images(root / "train")
    width, height = two.size
    images, notes = [], []
    for number, (name, (x0, y0, x1, y1), label) in enumerate(two.rows, 1):
        images.append({"id": number, "file_name": name, "width": width, "height": height})
        box = [x0, y0, x1 - x0, y1 - y0]
        notes.append({"id": number, "image_id": number, "category_id": {"cat": 1}.get(label, 9), "bbox": box})
    document = {"images": images, "annotations": notes, "categories": [{"id": 1, "name": "cat"}]}
    _write(root / "train/_annotations.coco.json", json.dumps(document))


def yolo(root: Path, two: Two) -> None:
    two.images(root / "images/train")
    _write(root / "data.yaml", "train: images/train\nnames: [cat]\n")
    width, height = two.size
    for name, (x0, y0, x1, y1), label in two.rows:
        middle = f"{(x0 + x1) / 2 / width} {(y0 + y1) / 2 / height}"
        row = f"{int(label != 'cat')} {middle} {(x1 - x0) / width} {(y1 - y0) / height}\n"
        _write(root / "labels/train" / f"{Path(name).stem}.txt", row)


def voc(root: Path, two: Two) -> None:
    two.images(root / "JPEGImages")
    width, height = two.size
    for name, (x0, y0, x1, y1), label in two.rows:
        sides = {"xmin": x0 + 1, "ymin": y0 + 1, "xmax": x1, "ymax": y1}
        box = "".join(f"<{side}>{value}</{side}>" for side, value in sides.items())
        size = f"<size><width>{width}</width><height>{height}</height></size>"
        text = f"<object><name>{label}</name><bndbox>{box}</bndbox></object>"
        text = f"<annotation><filename>{name}</filename>{size}\n{text}</annotation>"
        _write(root / "Annotations" / f"{Path(name).stem}.xml", text)


def labelme(root: Path, two: Two) -> None:
    two.images(root)
    width, height = two.size
    for name, (x0, y0, x1, y1), label in two.rows:
        shape = {"label": label, "points": [[x0, y0], [x1, y1]], "shape_type": "rectangle"}
        document = {"shapes": [shape], "imagePath": name, "imageWidth": width, "imageHeight": height}
        _write(root / f"{Path(name).stem}.json", json.dumps(document))


def csv(root: Path, two: Two) -> None:
    two.images(root)
    lines = ["image,width,height,xmin,ymin,xmax,ymax,label"]
    lines += [",".join(map(str, (name, *two.size, *box, label))) for name, box, label in two.rows]
    _write(root / "annotations.csv", "\n".join(lines) + "\n")


def _columns(two: Two, box: Sequence[float], label: str) -> dict[str, Any]:
    x0, y0, x1, y1 = box
    objects = {"bbox": [[x0, y0, x1 - x0, y1 - y0]], "categories": [label]}
    return {"width": two.size[0], "height": two.size[1], "objects": objects}


def hf(root: Path, two: Two) -> None:
    two.images(root / "train")
    lines = [json.dumps({"file_name": name, **_columns(two, box, label)}) for name, box, label in two.rows]
    _write(root / "train/metadata.jsonl", "\n".join(lines) + "\n")


def webdataset(root: Path, two: Two) -> None:
    root.mkdir(parents=True)
    with tarfile.open(root / "train-000000.tar", "w") as archive:
        for name, box, label in two.rows:
            columns = json.dumps(_columns(two, box, label)).encode()
            for member, data in ((name, two.image), (f"{Path(name).stem}.json", columns)):
                info = tarfile.TarInfo(member)
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))


def parquet(root: Path, two: Two) -> None:
    arrow = pytest.importorskip("pyarrow")
    tables = pytest.importorskip("pyarrow.parquet")
    (root / "data").mkdir(parents=True)
    rows = [
        {"image": {"bytes": two.image, "path": name}, **_columns(two, [float(side) for side in box], label)}
        for name, box, label in two.rows
    ]
    tables.write_table(arrow.Table.from_pylist(rows), root / "data/train-00000-of-00001.parquet")


def _write(path: Path, data: bytes | str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())


PLANTS: Mapping[str, Callable[[Path, Two], None]] = {
    plant.__name__: plant for plant in (coco, yolo, voc, labelme, csv, hf, webdataset, parquet)
}
