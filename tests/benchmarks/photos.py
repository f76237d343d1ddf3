"""The photographs that are measured: JPEG files of any folder, repeated until there are enough."""

import os
import shutil
from pathlib import Path

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data" / "photos"
"""What is taken when no folder is named."""


def found(folder: Path) -> list[Path]:
    """All JPEG files below a folder, sorted. Leaves the program when there is none."""
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg"))
    if not files:
        raise SystemExit(f"no JPEG files in {folder}")
    return files


def linked(folder: Path, count: int, target: Path) -> int:
    """Fill `target` with `count` photographs in ten class folders; how many different ones there are.

    They are hard links where the file system allows it, else copies.
    """
    files = found(folder)
    for number in range(count):
        source = files[number % len(files)]
        place = target / f"class{number % 10}" / f"{number:06d}.jpg"
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(source, place)
        except OSError:
            shutil.copyfile(source, place)
    return min(count, len(files))
