"""YOLO datasets on disk, small and as odd as a test wants them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from augcli import formats
from augcli.errors import UsageError
from augcli.formats import Source
from augcli.sample import Dataset, Entry


def tree(root: Path, images: dict[str, str | None], more: dict[str, str | bytes] | None = None) -> Path:
    """Images of 100 x 50 pixels with the text of their label files (None: no file), and further files."""
    for path, text in images.items():
        _put(root / path, b"")
        Image.new("RGB", (100, 50)).save(root / path)
        if text is not None:
            head, _, tail = f"/{path}".rpartition("/images/")
            label = f"{head}/labels/{tail}" if tail and "/images/" in f"/{path}" else path
            _put(root / Path(label.lstrip("/")).with_suffix(".txt"), text)
    for path, text in (more or {}).items():
        _put(root / path, text)
    return root


def _put(path: Path, text: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def read(root: Path, name: str = "yolo", **options: Any) -> tuple[Dataset, list[Entry]]:
    return formats.read(name, Source(str(root), **options))


def refused(root: Path, **options: Any) -> str:
    with pytest.raises(UsageError) as caught:
        read(root, **options)
    return str(caught.value).replace(f"{root}/", "")


def keys(entries: list[Entry]) -> list[tuple[str, str]]:
    return [(entry.split, entry.key) for entry in entries]
