from __future__ import annotations

import errno
import fcntl
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from augcli.errors import Exit, OutputBusy
from augcli.manifest import LOCK, locked

HOLDER = """
import sys, time
from pathlib import Path
from augcli.manifest import locked

with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path / "out")],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_second_run_is_told_who_holds_the_folder(tmp_path, holder):
    with (
        pytest.raises(OutputBusy, match=f"in use by process {holder.pid} on ") as caught,
        locked(tmp_path / "out"),
    ):
        pass
    assert caught.value.exit_code == Exit.BUSY


def test_a_killed_run_holds_nothing(tmp_path, holder):
    holder.kill()
    holder.wait()
    assert (tmp_path / "out" / LOCK).exists()
    with locked(tmp_path / "out"):
        assert json.loads((tmp_path / "out" / LOCK).read_text())["pid"] == os.getpid()


def test_the_lock_goes_with_the_run_and_can_be_taken_again(tmp_path):
    for _ in range(2):
        with locked(tmp_path / "new" / "out"):
            assert (tmp_path / "new" / "out" / LOCK).exists()
        assert list((tmp_path / "new" / "out").iterdir()) == []


def test_the_lock_goes_when_the_run_fails(tmp_path):
    with pytest.raises(RuntimeError), locked(tmp_path):
        raise RuntimeError
    assert not (tmp_path / LOCK).exists()


def test_a_lock_file_that_vanishes_while_it_is_taken_is_not_a_lock(tmp_path, monkeypatch):
    flock = fcntl.flock
    calls = []

    def late(handle, how):
        if not calls:
            (tmp_path / LOCK).unlink()  # the owner before ends just now
        calls.append(handle)
        flock(handle, how)

    monkeypatch.setattr(fcntl, "flock", late)
    with locked(tmp_path):
        assert (tmp_path / LOCK).exists()
    assert len(calls) == 2


@pytest.fixture
def no_flock(monkeypatch):
    def unsupported(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", unsupported)


@pytest.mark.usefixtures("no_flock")
def test_without_flock_the_file_itself_is_the_lock(tmp_path):
    with locked(tmp_path):
        with pytest.raises(OutputBusy, match=f"process {os.getpid()}"), locked(tmp_path):
            pass
        assert (tmp_path / LOCK).exists()
    assert not (tmp_path / LOCK).exists()


@pytest.mark.usefixtures("no_flock")
def test_without_flock_a_dead_owner_on_this_host_holds_nothing(tmp_path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    (tmp_path / LOCK).write_text(json.dumps({"pid": dead.pid, "host": socket.gethostname()}))
    with locked(tmp_path):
        pass


@pytest.mark.usefixtures("no_flock")
@pytest.mark.parametrize("owner", ['{"pid": 1, "host": "elsewhere"}', "", "[]", '{"pid": "x"}'])
def test_without_flock_an_owner_elsewhere_or_unknown_is_believed(tmp_path, owner):
    (tmp_path / LOCK).write_text(owner)
    with pytest.raises(OutputBusy, match="remove "), locked(tmp_path):
        pass
    assert (tmp_path / LOCK).read_text() == owner
