"""How a run ends: the whole folder is sealed, or a shard's journal tells that it is done."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Set
from typing import Any

from augcli import manifest
from augcli.errors import Aborted, OutputBusy
from augcli.messages import Log
from augcli.shelf import Shelf
from augcli.summary import Tally, nested
from augcli.vocabulary import Vocabulary

Id = tuple[str, str, int]


def seal(
    shelf: Shelf,
    journal: manifest.Journal,
    known: manifest.Known,
    ids: Set[Id],
    header: Mapping[str, Any],
    vocabulary: Vocabulary,
    tally: Tally,
    before: Mapping[str, Any] | None,
) -> str:
    """Seal the folder with these rows, which `tally` has counted; the digest of its tree.

    before   run.json of the run before
    """
    dataset, mixes = vocabulary.dataset, vocabulary.mixes
    tree = manifest.seal(
        shelf.output,
        journal,
        known,
        ids,
        header,
        files=shelf.files(dataset, lambda: known.rows(ids), mixes),
        before=before,
        **_told(vocabulary, tally),
    )
    _clear(shelf)
    return tree


def tells_true(
    shelf: Shelf,
    header: Mapping[str, Any],
    vocabulary: Vocabulary,
    state: manifest.State,
    ids: Set[Id],
    tally: Tally,
) -> bool:
    """Whether run.json holds what sealing would write, byte for byte; nothing else vouches for it."""
    files = state.run["files"] if state.run is not None else {}
    tree = manifest.tree_digest(state.known.rows(ids), files)
    sealed = manifest.encode_run(header, files=files, tree=tree, **_told(vocabulary, tally))
    return (shelf.output / manifest.RUN).read_bytes() == sealed


def _told(vocabulary: Vocabulary, tally: Tally) -> dict[str, dict[str, Any]]:
    """What run.json says of the outputs beside their hashes."""
    counts = {"outputs": nested(tally.outputs), "failures": dict(sorted(tally.failures.items()))}
    return {"dataset": vocabulary.plain(), "counts": counts}


def tidy(shelf: Shelf) -> None:
    """Remove from a sealed folder what a kill at the end of its sealing left, unless it is in use."""
    staged = shelf.below != shelf.output and shelf.below.is_dir()
    if staged or manifest.remains(shelf.output):
        with contextlib.suppress(OutputBusy, Aborted), manifest.locked(shelf.output):
            _clear(shelf)


def _clear(shelf: Shelf) -> None:
    """Remove what a sealed folder does not need: its stage, and what its shards kept books with."""
    manifest.remove_shards(shelf.output)
    shelf.close()


def finish(journal: manifest.Journal, known: manifest.Known, ids: Set[Id], vocabulary: Vocabulary) -> str:
    """End the journal of a shard with these rows; the digest of its files.

    The vocabulary goes along as text, because the order of its keys carries meaning.
    """
    tree = manifest.tree_digest(known.rows(ids), {})
    journal.finish(ids, {"dataset": json.dumps(vocabulary.plain()), "tree": tree})
    return tree


def tell_of_strangers(shelf: Shelf, owned: Set[str], log: Log) -> None:
    """Readers of the dataset take every file in it for a part of it; those of others are worth a word."""
    count, example = manifest.strangers(shelf.output, owned)
    if count:
        several = f"{count} files in {shelf.output} are not of this run: {example}, ..."
        log.note(several if count > 1 else f"a file in {shelf.output} is not of this run: {example}")
