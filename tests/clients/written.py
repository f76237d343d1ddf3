"""What `augment run` says it wrote, for the checks beside: read from the manifest, never by the product.

A check is a function from an output folder to (number of items that its client loaded, what is wrong).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from itertools import groupby
from pathlib import Path

MOST = 5
"""Problems that are printed of one output."""

Check = Callable[[Path], tuple[int, list[str]]]


def rows(output: Path) -> list[dict]:
    """The rows of the manifest that stand for an image."""
    text = (output / "manifest.jsonl").read_text(encoding="utf-8")
    return [row for row in map(json.loads, text.splitlines()) if row["status"] == "ok"]


def by_split(output: Path) -> dict[str, list[dict]]:
    """Name of the split -> its rows, in their order."""
    return {split: list(group) for split, group in groupby(rows(output), key=lambda row: row["split"])}


def below(split: str, row: dict) -> str:
    """The path of a row's image below the folder of its split."""
    return row["output"].removeprefix(f"{split}/")


def digest(row: dict) -> str:
    """SHA-256 of a row's image."""
    return next(file["sha256"] for file in row["files"] if file["kind"] == "image")


def close(one: list[float], other: list[float], most: float = 1e-3) -> bool:
    """Whether two lists of numbers are the same within `most`."""
    return len(one) == len(other) and all(abs(a - b) <= most for a, b in zip(one, other, strict=True))


def main(client: str, check: Check) -> int:
    """Check the outputs that the command line names, a line for each; 0 when all are as written.

    An output lies in a folder with the name of its format: <format>/<name>.
    """
    bad = 0
    for output in map(Path, sys.argv[1:]):
        written = len(rows(output))
        try:
            loaded, problems = check(output)
        except Exception as error:  # a client that refuses an output says so in its own way
            loaded, problems = 0, [f"refused: {type(error).__name__}: {error}"]
        if loaded != written:
            problems = [f"{written - loaded} items are missing", *problems]
        bad += bool(problems)
        verdict = "; ".join(problems[:MOST]) or "ok"
        what = f"{client} {output.parent.name} {output.name}"
        print(f"{what}: {loaded} items of {written} written, {verdict}", flush=True)
    return 1 if bad else 0
