"""The kill sweep: the parent is killed at random times of a run, from its start-up to its sealing.

After each kill: nothing of the run lives on, the input is as it was, every file under its final name is
whole, and the run continues to the tree of an undisturbed one.
"""

from __future__ import annotations

import random
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT, augment, tree
from tests.faults.moments import killed, whole
from tests.runs import MIXING, call, dataset, recipe

KILLS, KILLS_SLOW = 6, 200
"""Of each of the two sweeps: a run is killed and continued; what continues is killed too, and continued."""


@dataclass(frozen=True)
class Scene:
    """A recipe, its input, the tree of an undisturbed run, and the seconds that one took."""

    recipe: Path
    source: Path
    tree: dict[str, str]
    seconds: float


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> list[Scene]:
    """Class folders with mixing; outlines in YOLO, written as COCO."""
    folder = tmp_path_factory.mktemp("kills")
    made = []
    for name in ("classes", "objects"):
        place = folder / name
        if name == "classes":
            source = dataset(place / "in")
            path = recipe(place, source, MIXING, more="copies: 8\n")
        else:
            source = Path(shutil.copytree(ROOT / "sample_data/yolo", place / "in"))
            steps = ["rotate: {degrees: [-20, 20]}", "mosaic: {p: 0.5}"]
            path = recipe(place, source, steps, more="copies: 3\n", output="{path: out, format: voc}")
        out = place / "out"
        begin = time.monotonic()
        done = augment("run", path, "--set", f"output.path={out}", "--set", "labels.lossy=allow")
        assert done.returncode == 0, done.stderr
        made.append(Scene(path, source, tree(out), time.monotonic() - begin))
    return made


@pytest.mark.parametrize("kill", range(KILLS))
def test_a_run_killed_at_any_time_continues_to_the_same_tree(
    kill: int, scenes: list[Scene], tmp_path: Path
) -> None:
    sweep(kill, KILLS, scenes, tmp_path, kills=1)


@pytest.mark.parametrize("kill", range(KILLS // 2))
def test_a_continuing_run_that_is_killed_too_continues_to_the_same_tree(
    kill: int, scenes: list[Scene], tmp_path: Path
) -> None:
    sweep(kill, KILLS // 2, scenes, tmp_path, kills=2)


@pytest.mark.slow
@pytest.mark.parametrize("kills", [1, 2])
def test_every_kill_of_a_long_sweep_is_survived(kills: int, scenes: list[Scene], tmp_path: Path) -> None:
    landed = kill = 0
    while landed < KILLS_SLOW:
        assert kill < 3 * KILLS_SLOW, "most kills come after the end of their run"
        landed += sweep(kill, KILLS_SLOW // kills, scenes, tmp_path / str(kill), kills)
        shutil.rmtree(tmp_path / str(kill))
        kill += 1
        print(f"{landed} kills survived, {kills * kill - landed} came after the end of their run", flush=True)


def sweep(kill: int, of: int, scenes: list[Scene], folder: Path, kills: int) -> int:
    """Kill `kills` runs one after another, the first in the share `kill` of `of` of its time; continue.

    How many were alive when the kill came. The times are a function of the case alone, in shares of the
    time of an undisturbed run.
    """
    scene = scenes[kill % len(scenes)]
    rng = random.Random(f"kill sweep {kills} {of} {kill}")
    shares = [(kill % of + rng.random()) / of, *(rng.random() for _ in range(kills - 1))]
    before = tree(scene.source)
    out = folder / "out"
    words = ["run", scene.recipe, "--set", f"output.path={out}", "--set", "labels.lossy=allow"]
    landed = 0
    for share in shares:
        landed += killed(share * scene.seconds, *words, "--workers", "2")
        if out.exists():
            whole(out)
    assert tree(scene.source) == before
    done = call(*words)
    assert done.code == 0, (shares, done.err)
    made = tree(out)
    assert made == scene.tree, (shares, sorted(made.items() ^ scene.tree.items()))
    return landed
