"""Shards in an output folder: each has a journal and a lock of its own until they are merged.

    .augment.journal.2of3   header and rows of a shard, ended when it is done
    .augment.lock.2of3      who works on it now

A run of the whole folder reads them all and takes over what they made. In a sealed folder they are remains of
a sealing that was killed at its very end.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from augcli import storage
from augcli.manifest import journal
from augcli.manifest.header import differences
from augcli.manifest.journal import JOURNAL, journal_of, shards
from augcli.manifest.lock import LOCK
from augcli.manifest.runfile import RUN
from augcli.manifest.seal import MANIFEST
from augcli.manifest.state import State, looked_into
from augcli.shard import Shard


def is_whole(output: Path) -> bool:
    """Whether a run of the whole folder ended or was begun here."""
    return any(os.path.lexists(output / name) for name in (JOURNAL, MANIFEST, RUN))


def load_shard(output: Path, shard: Shard) -> State:
    """What one shard left, as `state.load` tells it of a whole folder; `sealed` means that it is done.

    Raises `OutputMismatch` when its journal is damaged at its first line, `Aborted` when the folder cannot be
    read.
    """
    with looked_into(output) as (known, bare):
        contents = journal.read(journal_of(output, shard), known)
        if contents.header is None:
            alone = not shards(output) and not is_whole(output)
            return State(bare if alone else "empty", known, journal=contents)
    if contents.end is None:
        return State("unfinished", known, contents.header, journal=contents)
    run = {"files": {}, "tree": contents.end["tree"]}
    return State("sealed", known, contents.header, run, contents)


def strange_division(output: Path, shard: Shard) -> Shard | None:
    """A shard in the folder that is of another division into shards than this one."""
    return next((other for other in shards(output) if other.of != shard.of), None)


def unlike_others(output: Path, shard: Shard, header: Mapping[str, Any]) -> list[str]:
    """How the other shards in the folder differ from a run with this header, one line each."""
    lines: dict[str, None] = {}
    for other in shards(output):
        found = journal.header(journal_of(output, other)) if other != shard else None
        if found is not None:
            lines |= dict.fromkeys(f"shard {other}: {line}" for line in differences(found, header))
    return list(lines)


def remains(output: Path) -> bool:
    """Whether a sealed folder holds a lock, or what shards left."""
    return (output / LOCK).exists() or any(_remains(output))


def remove_shards(output: Path) -> None:
    """Remove the journals and locks of shards that a sealed folder does not need any more.

    Call it while the whole folder is locked.
    """
    for path in list(_remains(output)):
        storage.remove(path)


def _remains(output: Path) -> Iterator[Path]:
    for name in storage.names(output) if output.is_dir() else ():
        for kind in (JOURNAL, LOCK):
            if name.startswith(f"{kind}.") and Shard.named(name.removeprefix(f"{kind}.")):
                yield output / name
