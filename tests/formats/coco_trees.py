"""COCO trees on disk, small ones written out for the tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from augcli import formats
from augcli.formats import Source, coco
from augcli.sample import Dataset, Entry
from tests.formats.datasets import plain

CATEGORIES = [{"id": 18, "name": "dog", "supercategory": "animal"}, {"id": 1, "name": "person"}]


def document(images: list[Any], annotations: list[Any], **more: Any) -> dict[str, Any]:
    """The contents of a label file."""
    return {"images": images, "annotations": annotations, "categories": CATEGORIES} | more


def image(number: int, name: str, size: tuple[int, int] = (20, 10), **more: Any) -> dict[str, Any]:
    return {"id": number, "file_name": name, "width": size[0], "height": size[1]} | more


def note(number: int, of: int, **more: Any) -> dict[str, Any]:
    """An annotation; a box of 4 x 3 pixels unless told otherwise."""
    return {
        "id": number,
        "image_id": of,
        "category_id": 18,
        "bbox": [1, 2, 4, 3],
        "area": 12,
        "iscrowd": 0,
    } | more


def plant(root: Path, path: str, content: Any, *files: str) -> Path:
    """Write a label file (JSON, or text as it is) and empty images beside the root."""
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        target.write_bytes(content)
    else:
        target.write_text(json.dumps(content))
    for name in files:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"x")
    return root


def read(root: Path, **options: Any) -> tuple[Dataset, list[Entry]]:
    return formats.read("coco", Source(str(root), **options))


def rows(dataset: Dataset, entries: list[Entry]) -> list[dict[str, Any]]:
    """What a run without steps seals: every original, untouched."""
    made = []
    for entry in entries:
        opened = coco.labels(entry, dataset)
        made.append(
            {
                "split": entry.split,
                "source": entry.key,
                "copy": 0,
                "status": "ok",
                "output": f"{coco.home(entry.split)}/{entry.key}",
                "size": list(opened.size or (20, 10)),
                "labels": {"extra": dict(entry.extra), "objects": plain(opened.objects)},
            }
        )
    return made


def written(dataset: Dataset, sealed: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Path -> document of the files of an output."""
    sealed = json.loads(json.dumps(sealed))
    return {path: json.loads(b"".join(pieces)) for path, pieces in coco.finish(dataset, sealed, False)}
