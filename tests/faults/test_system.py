"""What else a system does to a run: inputs that change, a second run, closed streams, an odd environment."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest

from augcli import manifest
from tests.conftest import ROOT, tree
from tests.faults.moments import whole
from tests.faults.places import AUGMENT, limited, said
from tests.runs import call, dataset, encoded, powerless, recipe, rows

STEPS = ("flip: {axis: horizontal, p: 0.5}", "rotate: {degrees: [-9, 9]}")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recipe, and what an undisturbed run makes in `out`."""
    folder = tmp_path_factory.mktemp("system")
    assert call("run", recipe(folder, dataset(folder / "in"), STEPS, more="copies: 3\n")).code == 0
    return folder


def begun(words: list[str]) -> subprocess.Popen[str]:
    """A run that has some rows in its journal."""
    pipe = subprocess.PIPE
    run = subprocess.Popen([*AUGMENT, *words], cwd=ROOT, stdout=pipe, stderr=pipe, text=True)
    journal = Path(words[-1].removeprefix("output.path=")) / manifest.JOURNAL
    while run.poll() is None and not (journal.exists() and b"\nR " in journal.read_bytes()):
        time.sleep(0.002)
    return run


def test_inputs_that_change_while_a_run_reads_them_cost_their_own_rows(tmp_path: Path) -> None:
    names = [f"train/a/{number:02d}.jpg" for number in range(60)]
    source = dataset(tmp_path / "in", names)
    path = recipe(tmp_path, source, STEPS, more="copies: 10\n")
    run = begun(["run", str(path), "--workers", "1", "--set", f"output.path={tmp_path / 'out'}"])
    assert run.poll() is None
    run.send_signal(signal.SIGSTOP)  # its worker has a few more images at most
    for number, name in enumerate(names):
        if number % 4 == 0:
            (source / name).unlink()
        elif number % 4 == 1:
            os.truncate(source / name, 200)
        elif number % 4 == 2:
            (source / name).write_bytes(encoded("another.jpg"))
    run.send_signal(signal.SIGCONT)
    _, err = run.communicate(timeout=120)
    assert run.returncode == 3 and "Traceback" not in err, err
    told = rows(tmp_path / "out")
    every = Counter({(name.removeprefix("train/"), copy): 1 for name in names for copy in range(11)})
    assert Counter((row["source"], row["copy"]) for row in told) == every
    codes = {row["error"]["code"] for row in told if row["error"]}
    assert {"vanished", "truncated"} <= codes <= {"vanished", "truncated", "changed"}
    whole(tmp_path / "out")
    assert call("run", path).code == 5  # the rows that are there are of other bytes


def test_of_two_runs_at_once_one_works_and_the_other_is_told(place: Path, tmp_path: Path) -> None:
    words = ["run", str(place / "recipe.yaml"), "--set", "copies=9"]
    words += ["--set", f"output.path={tmp_path / 'out'}"]
    first = begun(words)
    assert first.poll() is None
    first.send_signal(signal.SIGSTOP)  # however fast it is, it is at work meanwhile
    second = subprocess.run([*AUGMENT, *words], cwd=ROOT, capture_output=True, text=True, timeout=120)
    first.send_signal(signal.SIGCONT)
    first.communicate(timeout=120)
    assert (first.returncode, second.returncode) == (0, 6)
    assert f"in use by process {first.pid} on " in second.stderr
    assert call(*words, "--json").json["made"] == 0


@pytest.mark.parametrize("streams", [">&-", "2>&-", "<&- >&- 2>&-", ">/dev/full 2>/dev/full"])
def test_streams_that_are_closed_or_full_cost_no_output(streams: str, place: Path, tmp_path: Path) -> None:
    setting = f"output.path={tmp_path / 'out'}"
    words = " ".join([*AUGMENT, "run", str(place / "recipe.yaml"), "--set", setting])
    done = subprocess.run(["bash", "-c", f"{words} {streams}"], cwd=ROOT, capture_output=True, timeout=120)
    assert done.returncode in ((0, 1) if "full" in streams else (0,))
    assert b"Traceback" not in done.stdout + done.stderr
    assert tree(tmp_path / "out") == tree(place / "out")


def test_a_reader_that_leaves_early_is_no_error_of_the_output(place: Path, tmp_path: Path) -> None:
    setting = f"output.path={tmp_path / 'out'}"
    words = " ".join([*AUGMENT, "run", str(place / "recipe.yaml"), "--set", setting])
    command = ["bash", "-c", f"{words} 2>&1 | head -n 1; exit ${{PIPESTATUS[0]}}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode in (0, 1, 141) and "Traceback" not in done.stdout + done.stderr
    assert call("run", place / "recipe.yaml", "--set", f"output.path={tmp_path / 'out'}").code == 0
    assert tree(tmp_path / "out") == tree(place / "out")


def test_neither_home_nor_terminal_nor_clock_nor_a_folder_to_write_to_is_needed(tmp_path: Path) -> None:
    source = dataset(tmp_path / "in")
    path = recipe(tmp_path, source, STEPS)
    assert call("run", path).code == 0
    ahead = time.time() + 10**9
    for file in source.rglob("*.*"):
        os.utime(file, (ahead, ahead))
    (tmp_path / "closed").mkdir(mode=0o555)
    (tmp_path / "made").mkdir()
    words = ["run", str(path), "--set", f"output.path={tmp_path / 'made/out'}"]
    bare = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "TZ": "Pacific/Kiritimati", "TERM": "dumb"}
    done = subprocess.run(
        [*powerless(), *AUGMENT, *words],
        cwd=tmp_path / "closed",
        env={**bare, "LANG": "C", "HOME": "/nonexistent"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, said(done)) == (0, [])
    assert tree(tmp_path / "made/out") == tree(tmp_path / "out")


def test_an_unreadable_folder_of_the_input_is_a_row_or_a_sentence(tmp_path: Path) -> None:
    source = dataset(tmp_path / "in", ["train/a/1.jpg", "train/a/deep/2.jpg"])
    (source / "train/a/deep").chmod(0)
    path = recipe(tmp_path, source, STEPS)
    done = subprocess.run(
        [*powerless(), *AUGMENT, "run", str(path)], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    (source / "train/a/deep").chmod(0o755)
    assert done.returncode == 3, done.stderr
    failed = {row["source"]: row["error"]["code"] for row in rows(tmp_path / "out") if row["error"]}
    assert failed == {"a/deep": "permission_denied"}


def test_a_small_stack_is_enough(place: Path, tmp_path: Path) -> None:
    words = ["run", place / "recipe.yaml", "--set", f"output.path={tmp_path / 'out'}", "--quiet"]
    done = limited("ulimit -s 1024; ulimit -c 0", tmp_path, *words, "--workers", "1")
    assert (done.returncode, said(done)) == (0, [])
    assert tree(tmp_path / "out") == tree(place / "out")
