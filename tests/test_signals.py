"""Stopped by a signal, a run ends within seconds, leaves nothing running, and continues to the same tree."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from augcli import manifest
from augcli.errors import Interrupted
from augcli.interrupt import interruptible
from tests.conftest import ROOT, tree
from tests.runs import call, dataset, recipe

PROGRESS = re.compile(r"\d+ of \d+ images, .* s left")
"""What a run says every few seconds, where the machine has much else to do."""

BEGIN = """
import os, signal, sys
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_DFL)
if sys.argv[1] == "nohup":
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
os.execv(sys.executable, [sys.executable, "-m", "augcli", *sys.argv[2:]])
"""
"""Gives the child the signals of an interactive shell, whatever this process was started with."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recipe that takes a second or more, and its result in `out`."""
    folder = tmp_path_factory.mktemp("signals")
    assert call("run", recipe(folder, dataset(folder / "in"), more="copies: 40\n")).code == 0
    return folder


def started(place: Path, output: Path, how: str = "") -> subprocess.Popen[str]:
    """A run in a process group of its own."""
    words = ["run", str(place / "recipe.yaml"), "--set", f"output.path={output}", "--workers", "2"]
    return subprocess.Popen(
        [sys.executable, "-c", BEGIN, how, *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for_rows(run: subprocess.Popen[str], output: Path) -> None:
    """Until some rows are in the journal."""
    journal = output / manifest.JOURNAL
    end = time.monotonic() + 120
    while not (journal.exists() and journal.stat().st_size > 20_000):
        assert run.poll() is None and time.monotonic() < end
        time.sleep(0.005)


def ended(run: subprocess.Popen[str]) -> tuple[int, str]:
    """Exit code and stderr; nothing of its process group may live on."""
    _, err = run.communicate(timeout=30)
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            os.killpg(run.pid, 0)
        except ProcessLookupError:
            return run.returncode, err
        time.sleep(0.02)
    os.killpg(run.pid, signal.SIGKILL)
    raise AssertionError("something of the run is still running")


@pytest.mark.parametrize(
    ("number", "to_all", "code"),
    [
        (signal.SIGINT, True, 130),  # Ctrl-C in a terminal reaches every process
        (signal.SIGTERM, False, 143),
        (signal.SIGTERM, True, 143),
        (signal.SIGHUP, False, 143),
        (signal.SIGHUP, True, 143),  # the terminal was closed
    ],
)
def test_a_signal_ends_the_run_in_order(
    number: signal.Signals, to_all: bool, code: int, place: Path, tmp_path: Path
) -> None:
    run = started(place, tmp_path / "out")
    wait_for_rows(run, tmp_path / "out")
    (os.killpg if to_all else os.kill)(run.pid, number)
    left, err = ended(run)
    assert left == code
    assert "run the same command again: it continues" in err
    said = [line for line in err.splitlines() if not PROGRESS.fullmatch(line)]
    assert all(line.startswith(("note: ", "augment: error: ")) for line in said), err
    assert not (tmp_path / "out" / manifest.LOCK).exists()
    done = call("run", place / "recipe.yaml", "--set", f"output.path={tmp_path / 'out'}", "--json")
    assert done.code == 0 and done.json["kept"] > 0
    assert tree(tmp_path / "out") == tree(place / "out")  # nothing temporary is left either


def test_an_interrupt_at_the_start_ends_it_too(place: Path, tmp_path: Path) -> None:
    run = started(place, tmp_path / "out")
    time.sleep(0.4)
    os.killpg(run.pid, signal.SIGINT)
    code, err = ended(run)
    assert code in (130, -signal.SIGINT)  # before Python itself is up, the default kills
    assert code != 130 or "interrupted" in err


@pytest.fixture
def untouched() -> Iterator[None]:
    """This process's handlers: after a signal, those of `interruptible` stay until the process ends."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    for number in before:
        signal.signal(number, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_an_interrupt_is_not_swallowed_by_those_who_swallow_errors(untouched: None) -> None:
    with pytest.raises(Interrupted) as caught, interruptible():
        with contextlib.suppress(Exception):
            os.kill(os.getpid(), signal.SIGINT)
        pytest.fail("went on")
    assert caught.value.exit_code == 130


def test_an_interrupt_that_was_lost_is_heeded_later(untouched: None) -> None:
    with pytest.raises(Interrupted) as caught, interruptible() as heed:
        heed()
        with contextlib.suppress(BaseException):
            os.kill(os.getpid(), signal.SIGTERM)
        heed()
        pytest.fail("went on")
    assert caught.value.exit_code == 143


def test_two_interrupts_end_it_at_once(place: Path, tmp_path: Path) -> None:
    run = started(place, tmp_path / "out")
    wait_for_rows(run, tmp_path / "out")
    for _ in range(2):
        os.killpg(run.pid, signal.SIGINT)
        time.sleep(0.02)
    # Where Python has taken its handlers down already, the second one kills it: 130 too, for a shell.
    assert ended(run)[0] in (130, -signal.SIGINT)
    done = call("run", place / "recipe.yaml", "--set", f"output.path={tmp_path / 'out'}")
    assert done.code == 0
    assert tree(tmp_path / "out") == tree(place / "out")


def test_a_hangup_that_is_ignored_stays_ignored(place: Path, tmp_path: Path) -> None:
    run = started(place, tmp_path / "out", "nohup")
    wait_for_rows(run, tmp_path / "out")
    os.kill(run.pid, signal.SIGHUP)
    run.communicate(timeout=60)
    assert run.returncode == 0
    assert tree(tmp_path / "out") == tree(place / "out")
