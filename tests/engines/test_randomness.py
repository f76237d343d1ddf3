"""No global source of random numbers is asked while outputs are made: in workers, a call of one raises."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.matrix import plant, text_of

POISON = """
import random, sys
import cv2
import numpy as np

def poisoned(name):
    def call(*_, **__):
        raise AssertionError(f"{name} was called")
    return call

def poison():
    for module, source, label in (
        (np.random, np.random.mtrand._rand, "numpy.random"),
        (random, random._inst, "random"),
    ):
        for name in dir(module):
            if name == "seed" or getattr(getattr(module, name), "__self__", None) is source:
                setattr(module, name, poisoned(f"{label}.{name}"))
    seeded = np.random.SeedSequence
    def sequence(entropy=None, **named):
        return poisoned("numpy.random.SeedSequence")() if entropy is None else seeded(entropy, **named)
    np.random.SeedSequence = sequence
    np.random.default_rng = poisoned("numpy.random.default_rng")
    for name in ("randn", "randu", "randShuffle", "setRNGSeed"):
        setattr(cv2, name, poisoned(f"cv2.{name}"))
"""

RUN = """
import os
from augcli import work
parent, settle = os.getpid(), work.settle
def settled():
    settle()
    if os.getpid() != parent or "1" in sys.argv:  # in the workers, or in the one process there is
        poison()
work.settle = settled
import augcli.run
augcli.run.settle = settled
from augcli.cli import main
main()
"""


def run(code: str, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *words]
    return subprocess.run(
        command, cwd=cwd, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=240
    )


@pytest.mark.parametrize("workers", ["1", "2"])
def test_no_global_random_number_decides_anything(workers: str, tmp_path: Path) -> None:
    plant("folders", tmp_path, "sorted")
    (tmp_path / "recipe.yaml").write_text(text_of("folders", "in", "out"))
    words = ["run", "recipe.yaml", "--workers", workers, "--start-method", "fork", "--debug"]
    done = run(POISON + RUN, *words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "0 failed" in done.stdout


CARELESS = """
from augcli.ops.base import OPS
import augcli.ops
flip = OPS["flip"].draw
OPS["flip"].draw = lambda self, rng: {**flip(self, rng), "more": np.random.random()}
"""


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_operation_that_asked_one_would_be_found(workers: str, tmp_path: Path) -> None:
    plant("folders", tmp_path, "sorted")
    text = "augment: 1\ninput: in\noutput: out\ncopies: 1\noriginals: drop\nsteps: [flip: {}]\n"
    (tmp_path / "recipe.yaml").write_text(text)
    words = ["run", "recipe.yaml", "--workers", workers, "--start-method", "fork", "--debug"]
    done = run(POISON + CARELESS + RUN, *words, cwd=tmp_path)
    assert done.returncode in (1, 3) and "numpy.random.random was called" in done.stderr


CALLS = (
    "np.random.random()",
    "np.random.seed(1)",
    "np.random.shuffle([1])",
    "np.random.default_rng()",
    "np.random.SeedSequence()",
    "random.random()",
    "random.seed(1)",
    "random.choice([1])",
    "cv2.setRNGSeed(1)",
)


@pytest.mark.parametrize("call", CALLS)
def test_the_poison_works(call: str, tmp_path: Path) -> None:
    done = run(f"{POISON}\npoison()\n{call}", cwd=tmp_path)
    assert "was called" in done.stderr
