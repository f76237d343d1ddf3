"""Removing files from an output folder: only ours, and only inside it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from augcli import storage
from augcli.manifest.known import Known
from augcli.manifest.runfile import RUN, read_run


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

    Names that lead out of the folder are passed over: a manifest may come from anywhere. Raises `Aborted`
    for one that leads through a link.
    """
    for name in sorted(paths):
        relative = PurePosixPath(name)
        if relative.is_absolute() or ".." in relative.parts or not relative.parts:
            continue
        path = storage.below(output, str(relative))
        storage.remove(path)
        storage.remove_emptied(path.parent, output)


def remove_promised(output: Path, promises: Iterable[Mapping[str, Any]], owned: Container[str]) -> None:
    """Remove what jobs had begun to write when they were stopped, but for files that a row owns."""
    for promise in promises:
        for path in promise["paths"]:
            unlisted = [name for name in _candidates(output, path, promise["class_at"]) if name not in owned]
            remove_outputs(output, unlisted)


def _candidates(output: Path, path: str, class_at: int | None) -> Iterator[str]:
    """The places where a promised file may lie: with any folder there is in place of its class."""
    yield path
    if class_at is not None:
        parts = path.split("/")
        above = output.joinpath(*parts[:class_at])
        for folder in storage.names(above) if above.is_dir() else ():
            if (above / folder).is_dir() and not (above / folder).is_symlink():
                yield "/".join([*parts[:class_at], folder, *parts[class_at + 1 :]])


def strangers(output: Path, owned: Container[str]) -> tuple[int, str]:
    """How many files of a sealed folder are neither `owned` (in its rows) nor in run.json, and the first.

    Names that begin with a dot are passed over, as by readers of datasets.
    """
    run = read_run(output)
    wide = {RUN, *(run["files"] if run else ())}
    count, first = 0, ""
    for path, _ in storage.files(output):
        if (
            path not in owned
            and path not in wide
            and not any(part.startswith(".") for part in path.split("/"))
        ):
            count, first = count + 1, first or path
    return count, first


def clear(output: Path, known: Known) -> None:
    """Remove every file that a row names, and forget the rows: a fresh start.

    Call it with the journal open, so that a kill in between leaves an unfinished folder.
    """
    for row in known.rows():
        remove_outputs(output, [entry["path"] for entry in row.get("files") or ()])
    known.forget()
