"""What the output folder says of itself: rows while running, a sealed manifest at the end.

    .augment.lock      who works here now
    .augment.journal   header and rows of an unfinished run; counts as a manifest; removed at sealing
    .augment.*.2of3    journal and lock of a shard, until the shards are merged
    manifest.jsonl     one row per output, sorted; holds no time, host or path of the machine
    run.json           what made the folder: environment, recipe, inputs, dataset, counts, tree digest

Only the parent process writes here. This package knows no image and no recipe: rows, headers and datasets
are plain JSON to it.

The order of a run: `load`, `locked`, `load` again (another run may just have ended), `Journal.begin`,
`append` for every row, `seal`. After a kill at any moment `load` says unfinished or sealed, never foreign.

What is on the disk after a loss of power: the journal's header before the first output; rows every
`journal.SYNC_ROWS` rows or `journal.SYNC_SECONDS` seconds; manifest, dataset-wide files and run.json each
before its name. Images are not synced one by one: their hashes tell at the next run which are whole.
"""

from augcli.manifest.clean import clear, remove_outputs, remove_promised, strangers, sweep
from augcli.manifest.header import differences
from augcli.manifest.journal import JOURNAL, Journal, journal_of, shards
from augcli.manifest.known import Known
from augcli.manifest.lock import LOCK, locked, refuse_busy
from augcli.manifest.parts import (
    is_whole,
    load_shard,
    remains,
    remove_shards,
    strange_division,
    unlike_others,
)
from augcli.manifest.rows import decode_row, encode_row, order, read_rows
from augcli.manifest.runfile import RUN, encode_run, header_of, read_run, write_run
from augcli.manifest.seal import MANIFEST, seal
from augcli.manifest.state import State, load, read_shards
from augcli.manifest.tree import tree_digest

__all__ = [
    "JOURNAL",
    "LOCK",
    "MANIFEST",
    "RUN",
    "Journal",
    "Known",
    "State",
    "clear",
    "decode_row",
    "differences",
    "encode_row",
    "encode_run",
    "header_of",
    "is_whole",
    "journal_of",
    "load",
    "load_shard",
    "locked",
    "order",
    "read_rows",
    "read_run",
    "read_shards",
    "refuse_busy",
    "remains",
    "remove_outputs",
    "remove_promised",
    "remove_shards",
    "seal",
    "shards",
    "strange_division",
    "strangers",
    "sweep",
    "tree_digest",
    "unlike_others",
    "write_run",
]
