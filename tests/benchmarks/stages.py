"""What one output costs, stage by stage: CPU milliseconds of the product's own functions.

    python tests/benchmarks/stages.py [--photo FILE] [--rounds 15] [--json]

Rounds are interleaved in random order, so that a slow spell of the machine hits all stages alike; only CPU
time counts. The decoding of a source is shared by its copies, everything else is spent for each output.
"""

import argparse
import hashlib
import itertools
import json
import platform
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
from photos import SAMPLES, found

from augcli import colour, geometry, images, manifest, storage
from augcli.geometry import Canvas, about, compose, rotation, scaling, translation
from augcli.ops.base import OPS, View, make
from augcli.recipe import load
from augcli.recipe.script import script
from augcli.render import copy_stream, open_source, render
from augcli.sample import Copy, Dataset, Entry
from augcli.setting import Setting
from augcli.work import Work, settle

HERE = Path(__file__).resolve().parent
WIDTH, HEIGHT = 500, 375
SHARE = 0.02
"""Seconds that a stage runs in each round, at least: shorter ones are repeated."""

Stage = Callable[[], object]


def stages(photo: Path, folder: Path) -> Iterator[tuple[str, Stage]]:
    """(name, call) of every stage, on one photograph brought to 500 x 375 pixels."""
    canvas, view, size = Canvas(), View(WIDTH, HEIGHT), (WIDTH, HEIGHT)
    pixels = images.decode(images.read(str(photo)), max_megapixels=1000).image[..., :3]
    pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    source = folder / "class" / "source.jpg"
    storage.write(source, images.encode(pixels, "jpeg", quality=90))
    data = images.read(str(source))
    yield "read", lambda: images.read(str(source))
    yield "decode jpeg", lambda: images.decode(data, max_megapixels=100)

    image = images.decode(data, max_megapixels=100).image
    turn = about(rotation(17.0), WIDTH / 2, HEIGHT / 2)
    mirror = compose(scaling(-1, 1), translation(WIDTH, 0))
    crop = compose(translation(-60, -40), scaling(224 / 380, 224 / 290))
    yield "rotate (warp)", lambda: geometry.resample(image, turn, size, canvas)
    yield "flip (exact)", lambda: geometry.resample(image, mirror, size, canvas)
    yield "crop + resize to 224", lambda: geometry.resample(image, crop, (224, 224), canvas)

    brighter = np.hstack([np.eye(3) * 1.15, np.zeros((3, 1))])
    yield "exposure", lambda: colour.expose(image, brighter, 0.0, 255.0)

    noise = make(OPS["gaussian_noise"])
    amounts = {"mean": 0.0, "std": 0.0392, "per_channel": True, "seed": 7}
    stds = itertools.count(1)
    yield "gaussian noise, one std", lambda: noise.apply(image, amounts, view)
    yield (
        "gaussian noise, drawn std",
        lambda: noise.apply(image, amounts | {"std": 0.0392 + next(stds) * 1e-9}, view),
    )

    noisy = noise.apply(image, amounts, view)
    small = geometry.resample(image, crop, (224, 224), canvas)
    encoded = images.encode(noisy, "jpeg", quality=90)
    yield "encode jpeg", lambda: images.encode(image, "jpeg", quality=90)
    yield "encode jpeg, noisy", lambda: images.encode(noisy, "jpeg", quality=90)
    yield "encode jpeg, 224 x 224", lambda: images.encode(small, "jpeg", quality=90)
    yield "encode png", lambda: images.encode(image, "png")
    yield "sha256", lambda: hashlib.sha256(encoded).hexdigest()
    target = folder / "class" / "output.jpg"
    yield "write + rename", lambda: storage.write(target, encoded)
    yield from bookkeeping(source, folder)


def bookkeeping(path: Path, folder: Path) -> Iterator[tuple[str, Stage]]:
    """What is spent on names, random numbers and rows, with the steps of R1."""
    recipe = load(HERE / "R1.yaml").recipe
    entry = Entry("", "class/source.jpg", str(path), classes=(("class", 1.0),))
    copy = Copy(1, "class/source_1.jpg", "jpeg")

    def draws() -> None:
        rng = copy_stream(recipe, entry, 1)
        for step in script(recipe.steps, rng, 1, ["class"]):
            step.op.draw(rng.child(step.id, "draw"))

    setting = Setting(recipe, Dataset("folders"))
    work = Work(setting, str(folder / "out"), "environment")
    opened = open_source(setting, entry)
    _, story = render(setting, opened, 1, {})

    def row() -> dict:
        files = [{"kind": "image", "path": copy.output, "sha256": opened.sha256}]
        return work.row(entry, copy, opened) | {"status": "ok", "files": files, "steps": story.steps}

    known = manifest.Known()
    (folder / "out").mkdir()
    journal = manifest.Journal.begin(folder / "out", {}, known, manifest.load(folder / "out").journal)
    finished = row()
    yield "streams + draws of R1", draws
    yield "row", row
    yield "journal", lambda: journal.append(finished)
    yield "R1 whole, but read and write", lambda: work.make(entry, copy, opened)


def measured(found_stages: list[tuple[str, Stage]], rounds: int) -> dict[str, list[float]]:
    """Name -> CPU milliseconds of one call, one value per round."""
    calls = {}
    for name, stage in found_stages:
        stage()  # warm: tables, scratch arrays
        begin = time.process_time()
        stage()
        calls[name] = max(1, round(SHARE / max(time.process_time() - begin, 1e-6)))
    order, times = random.Random(1), {name: [] for name, _ in found_stages}
    for _ in range(rounds):
        for name, stage in order.sample(found_stages, len(found_stages)):
            begin = time.process_time()
            for _ in range(calls[name]):
                stage()
            times[name].append((time.process_time() - begin) / calls[name] * 1000)
    return times


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--photo", type=Path, help="any photograph [default: the first of sample_data/photos]"
    )
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", action="store_true", help="print every measurement as JSON")
    args = parser.parse_args()
    settle()
    with tempfile.TemporaryDirectory(prefix="stages-", dir=memory()) as folder:
        times = measured(list(stages(args.photo or found(SAMPLES)[0], Path(folder))), args.rounds)
    versions = {"python": platform.python_version(), **images.environment()}
    if args.json:
        print(json.dumps({"size": [WIDTH, HEIGHT], "versions": versions, "cpu_ms": times}, indent=1))
        return
    print(f"CPU ms at {WIDTH} x {HEIGHT}: median [least .. most] of {args.rounds} rounds")
    for name, values in times.items():
        print(f"  {name:28}{statistics.median(values):7.3f}  [{min(values):.3f} .. {max(values):.3f}]")
    print(", ".join(f"{name} {version}" for name, version in versions.items()))


def memory() -> str | None:
    """A folder in memory where there is one: disks are not what is measured."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


if __name__ == "__main__":
    main()
