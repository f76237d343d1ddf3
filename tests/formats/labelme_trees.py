"""LabelMe datasets for tests, and outputs as originals without steps are."""

import base64
import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from augcli import formats
from augcli.errors import UsageError
from augcli.formats import Source, labelme
from augcli.formats.contract import Output


def shape(label, points, kind="polygon", **more):
    return {
        "label": label,
        "points": points,
        "group_id": None,
        "description": "",
        "shape_type": kind,
        "flags": {},
    } | more


def document(*shapes, size=(20, 10), image="a.jpg", **more):
    return {
        "version": "5.4.1",
        "flags": {"blurred": False},
        "shapes": list(shapes),
        "imagePath": image,
        "imageData": None,
        "imageHeight": size[1],
        "imageWidth": size[0],
    } | more


def tree(root: Path, files: dict[str, object]) -> Path:
    """Images hold any bytes; what is no bytes is written as JSON."""
    for name, value in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())
    return root


def one(root: Path, *shapes, **more) -> Path:
    return tree(root, {"a.jpg": b"x", "a.json": document(*shapes, **more)})


def read(root: Path, **options):
    return formats.read("labelme", Source(str(root), **options))


def refused(root: Path, **options) -> str:
    with pytest.raises(UsageError) as caught:
        read(root, **options)
    return str(caught.value)


def written(dataset, entry, **more) -> dict:
    """The file of the output that an original without steps is."""
    opened = labelme.labels(entry, dataset)
    return write(dataset, opened.objects, opened.size or (20, 10), extra=dict(entry.extra), **more)


def write(dataset, objects, size=(20, 10), path="a.jpg", **more) -> dict:
    (file,) = labelme.label_files(dataset, Output("", path, size, objects, **more))
    assert file.path == path.rpartition(".")[0] + ".json"
    return json.loads(file.data)


def png(pixels) -> str:
    file = io.BytesIO()
    Image.fromarray(np.array(pixels, np.uint8)).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


TRIANGLE = [[1.5, 2.25], [8.0, 2.0], [4.0, 7.75]]
