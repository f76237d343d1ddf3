"""Sealing: from the journal's rows to a finished output folder, in steps that may be killed anywhere.

1. the journal announces the manifest's hash, and the manifest gets its name
2. dataset-wide files get theirs; those of an earlier run that are no longer made go
3. run.json gets its name
4. the journal goes

Until the last step there is a journal, so the folder is unfinished and the next run seals it again. Journals
of shards go after it (`parts.remove_shards`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from augcli import storage
from augcli.manifest.clean import remove_outputs
from augcli.manifest.journal import Journal
from augcli.manifest.known import Known
from augcli.manifest.rows import Id, order
from augcli.manifest.runfile import RUN, write_run
from augcli.manifest.tree import tree_digest

MANIFEST = "manifest.jsonl"


def seal(
    output: Path,
    journal: Journal,
    known: Known,
    ids: Iterable[Id],
    header: Mapping[str, Any],
    *,
    files: Iterable[tuple[str, bytes | Iterable[bytes]]] = (),
    dataset: Mapping[str, Any],
    counts: Mapping[str, Any],
    before: Mapping[str, Any] | None = None,
) -> str:
    """Write manifest, dataset-wide files and run.json, remove the journal; the tree's digest.

    ids      the rows of the finished folder; all must be known
    files    (POSIX path, contents) of dataset-wide files; taken after the manifest is written, so they may
             be made from `known.rows(ids)` as they are asked for
    before   run.json of the run before (`State.run`)

    Raises `Aborted` when something cannot be written; the folder then stays unfinished.
    """
    chosen = sorted(ids, key=order)
    digests: dict[str, str] = {}
    hasher = hashlib.sha256()
    with storage.writing(output / MANIFEST, sync=True) as manifest:
        for id_ in chosen:
            line = known.line(id_)
            hasher.update(line)
            manifest.write(line)
        digests[MANIFEST] = hasher.hexdigest()
        journal.announce(digests[MANIFEST])
    for path, contents in files:
        if path in digests or path == RUN:
            raise ValueError(f"{path} is written twice")
        digests[path] = _written(storage.below(output, path), contents)
    if before is not None:
        remove_outputs(output, set(before["files"]) - set(digests))
    tree = tree_digest(known.rows(chosen), digests)
    write_run(output, header, dataset=dataset, counts=counts, files=digests, tree=tree)
    journal.remove()
    return tree


def _written(path: Path, contents: bytes | Iterable[bytes]) -> str:
    hasher = hashlib.sha256()
    with storage.writing(path, sync=True) as file:
        for chunk in (contents,) if isinstance(contents, bytes) else contents:
            hasher.update(chunk)
            file.write(chunk)
    return hasher.hexdigest()
