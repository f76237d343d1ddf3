"""Container formats (tar shards, Parquet): outputs are staged as files, and packed when the run is sealed.

While a run goes on its images lie below `STAGE`, so that each appears whole and can be verified by its hash.
A sealed folder has containers alone; `held` of the format then says where in them an output is. Rows name the
output as if it lay in the folder (`train/x.jpg`), in both cases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from augcli import storage
from augcli.images import read
from augcli.images.files import digest

STAGE = f"{storage.TEMPORARY}stage"
"""The folder, below the output folder, of what is not packed yet. It counts as no output of its own."""


def staged(output: Path, path: str) -> Path:
    """Where an output is written while the run goes on."""
    return output / STAGE / path


def digests(output: Path, held: Mapping[str, str]) -> Callable[[str], str | None]:
    """SHA-256 of an output by its path in a row: staged, else packed; None where it is neither."""

    def digest_of(path: str) -> str | None:
        found = storage.sha256_file(staged(output, path))
        return digest(held[path]) if found is None and path in held else found

    return digest_of


def restage(output: Path, paths: Iterable[str], held: Mapping[str, str]) -> None:
    """Stage those of these outputs that are only packed: containers are written anew from the stage alone.

    Call it with the journal open. Raises `ItemError` where a container cannot be read, `Aborted`.
    """
    for path in paths:
        file = staged(output, path)
        if not file.exists():
            storage.write(file, read(held[path]))


def clear(output: Path) -> None:
    """Remove the stage, when the run is sealed. Raises `Aborted`."""
    top = output / STAGE
    if not top.is_dir():
        return
    for path, entry in list(storage.files(top)):
        storage.remove(Path(entry.path))
        storage.remove_emptied((top / path).parent, output)
    storage.remove_emptied(top, output)
