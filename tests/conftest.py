"""What all tests share: the sample photographs and a way to run the command."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent
PHOTOS = ROOT / "sample_data" / "photos"


def augment(
    *words: str | Path, cwd: Path = ROOT, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `augment` as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "augcli", *map(str, words)],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        timeout=240,
    )


def tree(folder: Path) -> dict[str, str]:
    """Relative path -> SHA-256 of every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Nine small JPEG photographs-like images, three in each of three classes, in train/ and val/."""
    from augcli.images import encode

    rng = np.random.default_rng(1)
    for number in range(12):
        split = "val" if number >= 9 else "train"
        rows, columns = 60 + number, 90 - 3 * number
        y, x = np.mgrid[0:rows, 0:columns]
        planes = [x * 2 + number * 9, y * 3, (x + y) * (number + 1) % 256]
        image = np.clip(np.dstack(planes) + rng.integers(0, 20, (rows, columns, 3)), 0, 255).astype(np.uint8)
        path = tmp_path / "photos" / split / "abc"[number % 3] / f"{number:02d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode(image, "jpeg"))
    return tmp_path / "photos"


@pytest.fixture
def recipe(tmp_path: Path, photos: Path) -> Callable[..., Path]:
    """Write a recipe over `photos`; the arguments are lines of its steps, and further top-level text."""

    def write(*steps: str, more: str = "copies: 2\n", name: str = "recipe.yaml") -> Path:
        text = f"augment: 1\nseed: 7\ninput: {photos}\noutput: {tmp_path / 'out'}\n{more}"
        if steps:
            text += "steps:\n" + "".join(f"  - {step}\n" for step in steps)
        path = tmp_path / name
        path.write_text(text)
        return path

    return write
