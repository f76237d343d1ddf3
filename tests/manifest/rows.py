"""Rows and headers for the manifest tests."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

HEADER: dict[str, Any] = {
    "augment": "0.1.0",
    "environment": {"numpy": "2.4.6"},
    "recipe": {"seed": 7, "steps": [{"rotate": {"degrees": [-5, 5]}}]},
    "inputs": "aa" * 32,
}

PIECES: dict[str, Any] = {"dataset": {"classes": ["cat"]}, "counts": {"ok": 2}}


def row(source: str = "cat/a.png", copy: int = 0, split: str = "train", **more: Any) -> dict[str, Any]:
    identity = {"id": f"{split}/{source}#{copy}", "split": split, "source": source, "copy": copy}
    return identity | {"status": "ok", "build": "00", "source_sha256": "00" * 32, **more}


def output(root: Path, source: str, copy: int, data: bytes = b"pixels") -> dict[str, Any]:
    """A row with its file, which is written."""
    path = f"{Path(source).with_suffix('')}__{copy:03d}.png"
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(data)
    entry = {"kind": "image", "path": path, "sha256": hashlib.sha256(data).hexdigest()}
    return row(source, copy, files=[entry])
