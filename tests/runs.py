"""Small datasets, recipes over them, and the command called in this process: what tests of a run share.

A run in this process starts its workers from one fork server for all tests, which saves most of a second
each. Where the process itself matters (environment, signals, kills), `conftest.augment` starts one.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

import numpy as np
import pytest

from augcli.cli import cli, main
from augcli.images import encode

STEPS = (
    "rotate: {degrees: [-20, 20], p: 0.7}",
    "flip: {axis: horizontal, p: 0.5}",
    "random_resized_crop: {width: 40, height: 32, p: 0.6}",
    "color_jitter: {brightness: [0.7, 1.3], contrast: [0.7, 1.3], saturation: [0.5, 1.5]}",
    "one_of: [gaussian_noise: {std: [0.01, 0.05]}, salt_pepper: {amount: 0.02}, gaussian_blur: {sigma: 1.0}]",
    "some_of: {n: [0, 2], of: [gamma: {gamma: [0.7, 1.4]}, posterize: {bits: 4}, equalize: {}]}",
    "erase: {area: [0.05, 0.2], p: 0.4}",
)
"""Every kind of step but mixing."""

MIXING = (*STEPS, "mixup: {alpha: 0.4, p: 0.4}", "each_of: [cutmix: {}, mosaic: {}, invert: {}]")


@dataclass(frozen=True)
class Done:
    """What a call left: exit code, stdout, stderr."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@contextlib.contextmanager
def _no_main() -> Iterator[None]:
    """Workers import the main module of their parent, which is pytest here: a third of a second each."""
    kept = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = kept


def call(*words: str | Path) -> Done:
    """`augment WORDS` in this process."""
    out, err = io.StringIO(), io.StringIO()
    argv = ["augment", *map(str, words)]
    code: object = None
    with (
        _no_main(),
        mock.patch.object(sys, "argv", argv),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as leaving:
            code = leaving.code
        finally:
            for command in cli.commands.values():
                command._help_option = None  # click keeps the option of the first context it meets
    assert isinstance(code, int)
    return Done(code, out.getvalue(), err.getvalue())


def powerless() -> list[str]:
    """What to put before a command so that permissions bind it, also for root; skips where that cannot be."""
    if os.getuid():
        return []
    caps = "-dac_override,-dac_read_search"
    command = ["setpriv", f"--bounding-set={caps}", f"--inh-caps={caps}"]
    if not shutil.which("setpriv") or subprocess.run([*command, "true"], capture_output=True).returncode:
        pytest.skip("root cannot give up its power over permissions here (setpriv)")
    return command


def picture(number: int, width: int = 56, height: int = 44, channels: int = 3) -> np.ndarray:
    """A smooth picture with some grain, unlike those of other numbers; (H, W[, C]) uint8."""
    rng = np.random.default_rng(number)
    y, x = np.mgrid[0:height, 0:width]
    planes = [(x * (2 + c) + y * (1 + number % 3) + number * 31 + c * 60) % 200 for c in range(channels)]
    grain = rng.integers(0, 40, (height, width, channels))
    image = (np.dstack(planes) + grain).astype(np.uint8)
    return image[..., 0] if channels == 1 else image


def dataset(root: Path, names: Iterable[str] | None = None) -> Path:
    """A class-folder dataset: in train/ four of a, three of b, two of c; one of each in val/.

    JPEG, and among them PNG with alpha, grey PNG and 16-bit grey PNG.
    """
    files: list[str] = []
    for label, count in (("a", 4), ("b", 3), ("c", 2)):
        files += [f"train/{label}/{label}{number}.jpg" for number in range(count)]
        files.append(f"val/{label}/{label}9.jpg")
    files += ["train/a/alpha.png", "train/b/grey.png", "train/c/deep.png"]
    for name in files if names is None else names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded(name))
    return root


def encoded(name: str) -> bytes:
    """The bytes of an image file, a function of its name alone."""
    number = sum(name.encode())
    stem = Path(name).stem
    channels = {"alpha": 4, "grey": 1, "deep": 1}.get(stem, 3)
    image = picture(number, 40 + number % 30, 36 + number % 20, channels)
    if stem == "deep":
        image = image.astype(np.uint16) * 257
    return encode(image, "png" if name.endswith(".png") else "jpeg")


def recipe(
    folder: Path,
    source: Path | str,
    steps: Iterable[str] = STEPS,
    *,
    more: str = "copies: 2\n",
    output: Path | str = "",
    name: str = "recipe.yaml",
) -> Path:
    """Write a recipe; its output is `folder`/out unless given."""
    lines = ["augment: 1", "seed: 7", f"input: {source}", f"output: {output or folder / 'out'}"]
    text = "\n".join(lines) + "\n" + more + "".join(["steps:\n", *(f"  - {step}\n" for step in steps)])
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def rows(output: Path) -> list[dict[str, Any]]:
    """The rows of a sealed manifest."""
    return [json.loads(line) for line in (output / "manifest.jsonl").read_text().splitlines()]


def drawn(output: Path) -> dict[str, dict[str, Mapping[str, Any]]]:
    """Row id -> step id -> drawn values."""
    return {row["id"]: {step["id"]: step["drawn"] for step in row["steps"]} for row in rows(output)}
