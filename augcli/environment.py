"""What changes bytes besides the recipe and the images: versions, and a canary that is rendered at start.

Two processors, or two builds of a codec, with equal version numbers may still render differently; the
canary notices, so that a run is never continued, nor shards merged, with other arithmetic.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib import metadata

from augcli import __version__
from augcli.canary import canary
from augcli.images import environment


def describe(target: str = "") -> dict[str, str]:
    """Name -> version of everything that changes bytes, and the digest of the canary.

    `target` is the format that is written: Parquet files depend on one library more.
    """
    return {"augcli": __version__, **environment(), "canary": canary(), **writers(target)}


def writers(target: str) -> dict[str, str]:
    """Name -> version of what changes bytes of the dataset-wide files of a format alone."""
    return {"pyarrow": metadata.version("pyarrow")} if target == "parquet" else {}


def digest(described: Mapping[str, str]) -> str:
    """One digest of `describe()`."""
    text = json.dumps(dict(described), sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
