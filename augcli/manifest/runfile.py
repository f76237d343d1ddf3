"""run.json: what made the output folder. It holds no time, no host and no path of the machine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from augcli import storage
from augcli.manifest.rows import decode_row

RUN = "run.json"

HEADER = ("augment", "environment", "recipe", "inputs")
"""The keys that decide what the outputs are; the header of journal and run.json alike."""

KEYS = {*HEADER, "dataset", "counts", "files", "tree"}


def encode_run(
    header: Mapping[str, Any],
    *,
    dataset: Mapping[str, Any],
    counts: Mapping[str, Any],
    files: Mapping[str, str],
    tree: str,
) -> bytes:
    """The bytes of run.json. `header` has the keys of `HEADER`; `files` is path -> sha256.

    Keys are sorted but for those of `dataset`, whose order says in which order formats write its parts.
    """
    run = {**header, "dataset": dataset, "counts": counts, "files": files, "tree": tree}
    if set(run) != KEYS:
        raise ValueError(f"run.json has the keys {sorted(KEYS)}, not {sorted(run)}")
    ordered = {key: dataset if key == "dataset" else _sorted(run[key]) for key in sorted(run)}
    text = json.dumps(ordered, indent=2, ensure_ascii=True, allow_nan=False)
    return text.encode("ascii") + b"\n"


def write_run(output: Path, header: Mapping[str, Any], **told: Any) -> None:
    """Write run.json, durably; the arguments are those of `encode_run`."""
    storage.write(output / RUN, encode_run(header, **told), sync=True)


def _sorted(value: Any) -> Any:
    """The JSON value with the keys of its objects in order."""
    return json.loads(json.dumps(value, sort_keys=True))


def read_run(output: Path) -> dict[str, Any] | None:
    """The contents of run.json; None when there is none, or one that this program did not write."""
    try:
        run = decode_row((output / RUN).read_bytes())
    except (OSError, ValueError):
        return None
    return run if set(run) == KEYS and isinstance(run["files"], dict) else None


def header_of(run: Mapping[str, Any]) -> dict[str, Any]:
    """The part of run.json that the next run compares with its own."""
    return {key: run[key] for key in HEADER}
