"""`augment run` without what makes it safe: no hashes, no journal, no manifest, no atomic writes.

    python tests/benchmarks/bare.py run RECIPE ...

What the promises cost is the difference to `augment run`; `compare.py --bare` measures it. The images are the
same; nothing says what they are, and a killed run leaves torn files and starts over.
"""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import augcli.manifest
import augcli.manifest.journal
import augcli.render
import augcli.run
import augcli.storage
import augcli.work


class _NoHash:
    """Takes anything, costs nothing."""

    def hexdigest(self) -> str:
        return "0" * 64


def _no_hash(*_: object, **__: object) -> _NoHash:
    return _NoHash()


def _plainly(path: Path | str, data: bytes, *, sync: bool = False) -> None:
    """Straight under its name, whole or not."""
    path = Path(path)
    try:
        path.write_bytes(data)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _nothing(*_: object, **__: object) -> None:
    return None


_HASHES = SimpleNamespace(sha256=_no_hash, blake2b=_no_hash)
_JOURNAL = augcli.manifest.journal.Journal

BARE: list[tuple[Any, str, object]] = [
    (augcli.work, "hashlib", _HASHES),
    (augcli.render, "hashlib", _HASHES),
    (augcli.work, "build", lambda *_: ""),
    (augcli.storage, "write", _plainly),
    (augcli.storage, "place_below", lambda root, name: f"{root}/{name}"),
    *((_JOURNAL, name, _nothing) for name in ("append", "promise", "announce", "sync")),
    (augcli.manifest, "seal", _nothing),
    (augcli.manifest, "strangers", lambda *_: (0, "")),
]
"""(owner, name, what stands there when there are no guards)."""

GUARDED = [(owner, name, getattr(owner, name)) for owner, name, _ in BARE]


def put(parts: list[tuple[Any, str, object]]) -> None:
    """Take the guards out of this process, or back; from within the fork server, of all workers."""
    for owner, name, value in parts:
        setattr(owner, name, value)


put(BARE)

if __name__ == "__main__":
    from augcli.cli import main

    augcli.run.PRELOAD = (*augcli.run.PRELOAD, "bare")
    sys.argv[0] = "augment"
    main()
