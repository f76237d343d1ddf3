"""What is rendered on this processor, as digests by name: `python -m tests.features` prints JSON.

Started with processor features switched off (`NPY_DISABLE_CPU_FEATURES`, `OPENCV_CPU_DISABLE`), it tells
which operations render otherwise there, and whether the canary notices. With `few` as first word: a share.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np

import augcli.ops  # noqa: F401 - fills the registry
from augcli.camera import Camera, join_alpha, split_alpha
from augcli.canary import canary_parts
from augcli.errors import ItemError
from augcli.geometry import INTERPOLATIONS, Canvas
from augcli.images import decode, encode
from augcli.ops.base import OPS, Exposure, Geometry, Mix, Op, Pixels, make
from augcli.params import Name, params_of
from augcli.rng import stream
from augcli.sample import Sample
from tests.conftest import ROOT

Image = np.ndarray[Any, Any]

SIZES = ((47, 64), (101, 150))
DRAWS = 4
FEW: tuple[tuple[tuple[int, int], ...], int] = (((61, 80),), 1)

MORE: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "gaussian_blur": ({"sigma": 0.3}, {"sigma": 6.5}),
    "box_blur": ({"radius": 7},),
    "median_blur": ({"radius": 5},),
    "motion_blur": ({"length": 30.0, "degrees": 33.0},),
    "rotate": ({"degrees": 33.3, "frame": "expand"}, {"degrees": 12.5, "frame": "inside"}),
    "resize": ({"width": 30, "height": 90}, {"longest": 500}, {"shortest": 17}),
    "scale": ({"factor": 0.3}, {"factor": 2.7}),
    "gamma": ({"gamma": 2.2}, {"gamma": 0.45}),
}
"""Parameters beside those of the examples."""


def picture(height: int, width: int, seed: int) -> Image:
    """(height, width, 4) uint8: ramps with grain, alpha among them."""
    rng = np.random.Generator(np.random.PCG64(seed))
    y, x = np.mgrid[0:height, 0:width]
    ramps = np.dstack([x * 3 % 256, y * 4 % 256, (x + y) * 2 % 256, (x * y) % 256]).astype(np.uint8)
    return ramps // 2 + rng.integers(0, 120, ramps.shape, dtype=np.uint8)


def kinds(image: Image) -> dict[str, Image]:
    """The picture in every mode and depth."""
    deep = image.astype(np.uint16) * 257 + np.uint16(3)
    return {
        "grey": image[..., 0].copy(),
        "rgb": image[..., :3].copy(),
        "la": image[..., 2:].copy(),
        "rgba": image,
        "grey16": deep[..., 0].copy(),
        "rgb16": deep[..., :3].copy(),
    }


def applied(op: Op, image: Image, guests: list[Image], drawn: dict[str, Any], canvas: Canvas) -> Image:
    """The op on an image, through the camera, as a run does it."""
    sample = Sample(image, {"cat": 1.0})
    camera = Camera(sample, canvas, None)
    if isinstance(op, Geometry):
        camera.move(op.resolve(drawn, camera.view()))
    elif isinstance(op, Exposure):
        camera.expose(op, drawn, {})
    elif isinstance(op, Mix):
        samples = [Sample(guest, {"dog": 1.0}) for guest in guests]
        view = camera.view()
        return op.mix(sample, samples, op.resolve(drawn, view), view).image
    elif isinstance(op, Pixels):
        colour, alpha = split_alpha(image)
        return join_alpha(op.apply(colour, op.resolve(drawn, camera.view()), camera.view()), alpha)
    return camera.flush().image


def variants(name: str) -> Iterator[tuple[str, Op, Canvas]]:
    """An op in all its choices of words, and moves on every canvas."""
    example = dict(OPS[name].example)
    ops = [make(OPS[name], **example)]
    ops += [make(OPS[name], **{**example, **more}) for more in MORE.get(name, ())]
    for parameter in params_of(OPS[name]):
        words = parameter.kind.names if isinstance(parameter.kind, Name) else ()
        ops += [make(OPS[name], **{**example, parameter.name: word}) for word in words]
    for op in ops:
        yield "", op, Canvas()
    if issubclass(OPS[name], Geometry):
        for interpolation in INTERPOLATIONS:
            for border in ("constant", "reflect"):
                yield f" {interpolation}", ops[0], Canvas(border=border, interpolation=interpolation)


def operations(sizes: Sequence[tuple[int, int]], draws: int) -> Iterator[tuple[str, bytes]]:
    """`op NAME KIND` or `op NAME INTERPOLATION KIND`, and what is rendered; draws under `draw NAME`."""
    for name in sorted(OPS):
        for which, op, canvas in variants(name):
            for size in sizes:
                host = kinds(picture(*size, 1))
                guest = kinds(picture(size[0] * 3 // 4, size[1] + 7, 2))
                for kind, image in host.items():
                    for number in range(draws if not which else (draws + 1) // 2):
                        drawn = op.draw(stream(number, name, kind))
                        yield f"draw {name}", json.dumps(drawn).encode()
                        guests = [guest[kind]] * getattr(op, "slots", 0)
                        try:
                            made = applied(op, image, guests, json.loads(json.dumps(drawn)), canvas)
                        except ItemError as error:
                            yield f"op {name}{which} {kind}", error.code.encode()
                            continue
                        yield f"op {name}{which} {kind}", np.ascontiguousarray(made).tobytes()


def codecs(sizes: Sequence[tuple[int, int]]) -> Iterator[tuple[str, bytes]]:
    """`encode FORMAT KIND` and `decode FORMAT KIND`."""
    for size in sizes:
        for kind, image in kinds(picture(*size, 3)).items():
            for form, options in (
                ("jpeg", {"quality": 92}),
                ("jpeg", {"quality": 60, "subsampling": 444}),
                ("png", {}),
                ("png", {"level": 6}),
                ("webp", {"quality": 80}),
                ("webp", {"quality": 100}),
                ("bmp", {}),
                ("tiff", {}),
            ):
                try:
                    data = encode(image, form, **options)  # type: ignore[arg-type]
                except ItemError:
                    continue
                yield f"encode {form} {kind}", data
                yield f"decode {form} {kind}", decode(data, max_megapixels=1.0).image.tobytes()


def digests(few: bool) -> dict[str, str]:
    """Name -> digest of everything; the parts of the canary under `canary NAME`."""
    sizes, draws = FEW if few else (SIZES, DRAWS)
    hashers: dict[str, Any] = {}
    canary = ((f"canary {name}", data) for name, data in canary_parts().items())
    for name, data in chain(canary, operations(sizes, draws), codecs(sizes)):
        hashers.setdefault(name, hashlib.sha256()).update(data)
    return {name: hasher.hexdigest()[:16] for name, hasher in hashers.items()}


def elsewhere(few: bool, environment: Mapping[str, str]) -> dict[str, str]:
    """`digests` of a process of its own with these environment variables."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.features", *(["few"] if few else [])],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, str] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    print(json.dumps(digests("few" in sys.argv[1:])))
