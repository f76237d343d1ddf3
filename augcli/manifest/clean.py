"""Removing files from an output folder: only ours, and only inside it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from augcli import storage
from augcli.manifest.known import Known


def sweep(output: Path) -> int:
    """Remove the temporary files that killed or interrupted runs left; how many there were.

    Call it while the folder is locked and no worker is alive.
    """
    removed = 0
    for path in storage.leftovers(output):
        storage.remove(path)
        removed += 1
    return removed


def remove_outputs(output: Path, paths: Iterable[str]) -> None:
    """Remove files named by rows or by run.json, and the folders that this empties.

    Names that lead out of the folder are passed over: a manifest may come from anywhere.
    """
    for name in sorted(paths):
        relative = PurePosixPath(name)
        if relative.is_absolute() or ".." in relative.parts or not relative.parts:
            continue
        storage.remove(output / relative)
        storage.remove_emptied((output / relative).parent, output)


def clear(output: Path, known: Known) -> None:
    """Remove every file that a row names, and forget the rows: a fresh start.

    Call it with the journal open, so that a kill in between leaves an unfinished folder.
    """
    for row in known.rows():
        remove_outputs(output, [entry["path"] for entry in row.get("files") or ()])
    known.forget()
