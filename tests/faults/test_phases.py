"""SIGINT, SIGTERM and SIGHUP at every step of a run, from before its first write to after its last.

Wherever it comes, the run ends with 130 or 143 and one sentence, leaves no process, lock or half a file, and
continues to the same tree. `tests/test_signals.py` sends them from outside, to one process and to the group.
"""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from augcli import manifest
from tests.conftest import tree
from tests.faults.moments import MOMENTS, whole
from tests.kills import killed, signalled
from tests.runs import MIXING, call, dataset, recipe

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 143}
SOME = [(tuple(CODES)[number % 3], moment) for number, moment in enumerate(MOMENTS) if number % 2 == 0]
ALL = [(number, moment) for number in CODES for moment in MOMENTS]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mixing recipe, and what an undisturbed run makes in `out`."""
    folder = tmp_path_factory.mktemp("phases")
    source = dataset(
        folder / "in", [f"train/{name}.jpg" for name in ("a/1", "a/2", "b/1", "b/2", "b/3", "b/4")]
    )
    assert call("run", recipe(folder, source, MIXING)).code == 0
    return folder


@pytest.mark.parametrize(
    ("number", "moment"),
    [pytest.param(*each, marks=() if each in SOME else pytest.mark.slow) for each in ALL],
    ids=lambda value: value.name if isinstance(value, signal.Signals) else value,
)
def test_a_signal_at_any_step_ends_the_run_in_order(
    number: signal.Signals, moment: str, place: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    words = ["run", place / "recipe.yaml", "--set", f"output.path={out}", "--workers", "2"]
    done = signalled(number, *MOMENTS[moment], *words)
    assert done.returncode == CODES[number], done.stderr
    lines = [line for line in done.stderr.splitlines() if not line.startswith("note: ")]
    assert len(lines) == 1 and "run the same command again: it continues" in lines[0], done.stderr
    assert not (out / manifest.LOCK).exists()
    whole(out)
    assert call(*words).code == 0
    assert tree(out) == tree(place / "out")


@pytest.mark.parametrize("moment", ["at the first row", "before the journal goes", "before the lock goes"])
def test_a_kill_at_a_step_of_the_run_is_survived(moment: str, place: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ["run", place / "recipe.yaml", "--set", f"output.path={out}"]
    killed(*MOMENTS[moment], *words)
    whole(out)
    assert call(*words).code == 0
    assert tree(out) == tree(place / "out")
