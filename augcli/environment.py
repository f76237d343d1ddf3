"""What changes bytes besides the recipe and the images: versions, and a canary that is rendered at start.

Two processors, or two builds of a codec, with equal version numbers may still render differently; the
canary notices, so that a run is never continued, nor shards merged, with other arithmetic.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib import metadata

import numpy as np

from augcli import __version__
from augcli.geometry import Canvas, about, resample, rotation, scaling
from augcli.images import encode, environment
from augcli.ops.base import View, make
from augcli.ops.noise import GaussianNoise

CANARY_SIDE = 48


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


def canary() -> str:
    """Digest of a small warp, two resizes, noise, and their JPEG, PNG and WebP bytes."""
    side = CANARY_SIDE
    ramp = np.arange(side * side * 3, dtype=np.uint32).reshape(side, side, 3)
    image = ((ramp * 2654435761) >> 13).astype(np.uint8) // 2 + (ramp // 54).astype(np.uint8)
    canvas = Canvas()
    turned = resample(image, about(rotation(17.0), side / 2, side / 2), (side, side), canvas)
    smaller = resample(turned, scaling(0.6, 0.55), (29, 26), canvas)
    larger = resample(smaller, scaling(1.7, 1.7), (49, 44), canvas)
    noise = make(GaussianNoise, std=0.05)
    assert isinstance(noise, GaussianNoise)
    noisy = noise.apply(larger, {"mean": 0.0, "std": 0.05, "per_channel": True, "seed": 7}, View(49, 44))
    parts = [turned, smaller, larger, noisy]
    data = [part.tobytes() for part in parts]
    data += [encode(turned, form, quality=90) for form in ("jpeg", "png", "webp")]
    return hashlib.blake2b(b"".join(data), digest_size=8).hexdigest()
