"""What this machine renders, in small: one result of every kind of arithmetic, and one digest of them all.

Two processors, or two builds of a codec, with equal version numbers may still render differently. On x86 with
AVX2 and without, OpenCV's bilinear and bicubic moves do; the rest is done in ways that leave them no room.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

import augcli.ops  # noqa: F401 - fills the registry
from augcli.colour import expose
from augcli.geometry import Canvas, about, cosine_sine, perspective, resample, rotation, scaling
from augcli.images import decode, encode
from augcli.ops.base import OPS, Pixels, View, make
from augcli.ops.exposures import hue_rotated
from augcli.ops.mixing import averaged
from augcli.rng import stream

if TYPE_CHECKING:
    from augcli.sample import Image

SIDE = 64
"""Pixels of a side of the picture that is rendered."""

_PIXELS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("gaussian_blur", {"sigma": 1.3}),
    ("motion_blur", {"length": 8.3, "degrees": 33.0}),
    ("sharpen", {"factor": 1.9}),
    ("gaussian_noise", {"mean": 0.0, "std": 0.05, "per_channel": True, "seed": 7}),
)
"""Operations on pixels, and what they were drawn."""


def canary() -> str:
    """Digest of `canary_parts`."""
    data = b"".join(part for _, part in sorted(canary_parts().items()))
    return hashlib.blake2b(data, digest_size=8).hexdigest()


def canary_parts() -> dict[str, bytes]:
    """One small result of every kind of arithmetic, by name: of all that another processor, library or codec
    of the same version may do otherwise, and of all that it should not.

    `affine` and `perspective` moves by each interpolation, in 8 and 16 bit, turns, and resizes; a blur,
    convolution, exposure and average in both depths; noise; numbers drawn and angles; the bytes of each
    codec, and pixels read back.
    """
    side = SIDE
    ramp = np.arange(side * side * 3, dtype=np.uint32).reshape(side, side, 3)
    image = ((ramp * 2654435761) >> 13).astype(np.uint8) // 2 + (ramp // (side * side * 3 // 128)).astype(
        np.uint8
    )
    deep = image.astype(np.uint16) * np.uint16(257) + np.uint16(3)
    corners = np.array([(0.0, 0.0), (side, 0.0), (side, side), (0.0, side)])
    moves = {
        "affine": about(rotation(17.0), side / 2, side / 2),
        "perspective": perspective(corners, corners * 0.9 + [(2.2, 5.1), (0.3, 1.7), (4.4, 2.9), (1.3, 3.1)]),
    }
    pixels: dict[str, Image] = {}
    for depth, picture in (("8", image), ("16", deep)):
        for name, matrix in moves.items():
            for interpolation in ("bilinear", "bicubic", "lanczos"):
                canvas = Canvas(interpolation=interpolation)
                pixels[f"{name} {interpolation} {depth}"] = resample(picture, matrix, (side, side), canvas)
        smaller = resample(picture, scaling(0.6, 0.55), (38, 35), Canvas())
        pixels[f"resize {depth}"] = resample(smaller, scaling(1.7, 1.7), (65, 60), Canvas())
        other = np.ascontiguousarray(picture[::-1, ::-1])
        full = float(np.iinfo(picture.dtype).max)
        view, exposure = View(side, side, high=full), hue_rotated(33.0) * 0.93
        exposure[:, 3] += 0.021
        pixels[f"expose {depth}"] = expose(picture, exposure, view.low, full)
        pixels[f"average {depth}"] = averaged(picture, other, 0.3717)
        for op, amounts in _PIXELS:
            pixels[f"{op} {depth}"] = _pixels(op).apply(picture, dict(amounts), view)
    large = np.tile(image, (2, 2, 1))
    for interpolation in ("bilinear", "bicubic"):  # in 8 bit few pixels differ: many are looked at
        canvas = Canvas(interpolation=interpolation)
        turns = [about(rotation(degrees + 0.37), side, side) for degrees in range(5, 90, 14)]
        made = [resample(large, turn, (2 * side, 2 * side), canvas) for turn in turns]
        pixels[f"turns {interpolation} 8"] = np.stack(made)
    parts = {name: np.ascontiguousarray(made).tobytes() for name, made in pixels.items()}
    turned = pixels["affine bilinear 8"]
    for form in ("jpeg", "png", "webp"):
        parts[f"encode {form}"] = encode(turned, form, quality=90)
        if form != "png":  # what is lossless comes back as it was
            parts[f"decode {form}"] = decode(parts[f"encode {form}"], max_megapixels=1.0).image.tobytes()
    rng = stream(7, "canary")
    drawn = [draw() for _ in range(8) for draw in (rng.unit, rng.normal, lambda: rng.beta(0.4, 0.4))]
    angles = [cosine_sine(step * 7.3) for step in range(40)]
    parts["numbers"] = json.dumps([drawn, angles, moves["perspective"].tolist()]).encode()
    return parts


def _pixels(name: str) -> Pixels:
    op = make(OPS[name], **OPS[name].example)
    assert isinstance(op, Pixels)
    return op
