"""One digest for all files of an output folder."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any


def tree_digest(rows: Iterable[Mapping[str, Any]], extra: Mapping[str, str]) -> str:
    r"""SHA-256 over the sorted lines `path TAB sha256 NEWLINE` of every file that is part of the output.

    rows   those of the manifest; each names its `files` with path and sha256
    extra  path -> sha256 of the dataset-wide files, the manifest among them

    Backslash, tab and newline in a path are written `\\`, `\t`, `\n`.
    """
    files = [(entry["path"], entry["sha256"]) for row in rows for entry in row.get("files") or ()]
    lines = sorted(
        _escaped(path) + b"\t" + digest.encode() + b"\n" for path, digest in (*files, *extra.items())
    )
    return hashlib.sha256(b"".join(lines)).hexdigest()


def _escaped(path: str) -> bytes:
    plain = path.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
    return plain.encode("utf-8", "surrogateescape")
