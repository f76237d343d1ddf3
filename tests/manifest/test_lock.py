from __future__ import annotations

import dataclasses
import errno
import fcntl
import hashlib
import json
import os
import subprocess
import sys

import pytest

from augcli.errors import Exit, OutputBusy
from augcli.manifest import LOCK, locked, refuse_busy
from augcli.manifest.owner import Owner
from augcli.shard import Shard
from tests.conftest import ROOT

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
        cwd=ROOT,
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
        if not calls and (tmp_path / LOCK).exists():
            (tmp_path / LOCK).unlink()  # the owner before ends just now
            calls.append(handle)
        flock(handle, how)

    monkeypatch.setattr(fcntl, "flock", late)
    with locked(tmp_path):
        assert (tmp_path / LOCK).exists()
    assert calls


SHARD = Shard(2, 3)


@pytest.fixture(params=[None, errno.ENOLCK, errno.EOPNOTSUPP], ids=["flock", "ENOLCK", "EOPNOTSUPP"])
def system(request, monkeypatch):
    """Each way in which a file system may treat `flock`."""
    if request.param is not None:
        forbid(monkeypatch, request.param)


def forbid(monkeypatch, number):
    def unsupported(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", unsupported)


@pytest.fixture
def no_flock(monkeypatch):
    forbid(monkeypatch, errno.ENOLCK)


@pytest.mark.usefixtures("system")
def test_shards_of_one_division_work_side_by_side(tmp_path):
    with locked(tmp_path, Shard(1, 3)), locked(tmp_path, Shard(3, 3)):
        with pytest.raises(OutputBusy, match=f"process {os.getpid()}"), locked(tmp_path, Shard(3, 3)):
            pass
        assert sorted(path.name for path in tmp_path.iterdir()) == [f"{LOCK}.1of3", f"{LOCK}.3of3"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("system")
@pytest.mark.parametrize(
    ("first", "second"), [(None, SHARD), (SHARD, None), (SHARD, Shard(1, 4)), (None, None), (SHARD, SHARD)]
)
def test_what_may_not_work_side_by_side_does_not(first, second, tmp_path):
    with locked(tmp_path, first):
        before = {path.name for path in tmp_path.iterdir()}
        with pytest.raises(OutputBusy, match=f"process {os.getpid()}"), locked(tmp_path, second):
            pass
        assert {path.name for path in tmp_path.iterdir()} == before
        with pytest.raises(OutputBusy):
            refuse_busy(tmp_path)
    refuse_busy(tmp_path)
    with locked(tmp_path, second):
        pass


@pytest.mark.usefixtures("no_flock")
def test_without_flock_the_file_itself_is_the_lock(tmp_path):
    with locked(tmp_path):
        with pytest.raises(OutputBusy, match=f"process {os.getpid()}"), locked(tmp_path):
            pass
        assert [path.name for path in tmp_path.iterdir()] == [LOCK]
    assert list(tmp_path.iterdir()) == []


def dead() -> Owner:
    """What a process that has ended had written."""
    code = "from augcli.manifest.owner import Owner; print(Owner.me(kernel=False).data().decode())"
    words = [sys.executable, "-c", code]
    text = subprocess.run(words, cwd=ROOT, capture_output=True, check=True).stdout
    return Owner.read(text)


@pytest.mark.usefixtures("no_flock")
def test_without_flock_a_dead_owner_on_this_host_holds_nothing(tmp_path):
    (tmp_path / LOCK).write_bytes(dead().data())
    with locked(tmp_path):
        assert Owner.read((tmp_path / LOCK).read_bytes()).pid == os.getpid()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("no_flock")
def test_without_flock_one_who_died_while_taking_over_is_followed_by_the_next(tmp_path):
    """Its lock of the takeover is taken over like any other."""
    gone = dead()
    (tmp_path / LOCK).write_bytes(gone.data())
    taking = f"{LOCK}-{hashlib.blake2b(gone.data(), digest_size=8).hexdigest()}"
    (tmp_path / taking).write_bytes(dead().data())
    with locked(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("no_flock")
@pytest.mark.parametrize("change", ["host", "boot", "space"])
def test_without_flock_an_owner_that_cannot_be_looked_for_is_believed(change, tmp_path):
    (tmp_path / LOCK).write_bytes(dataclasses.replace(dead(), **{change: "elsewhere"}).data())
    with pytest.raises(OutputBusy, match="remove "), locked(tmp_path):
        pass
    assert (tmp_path / LOCK).exists()


@pytest.mark.usefixtures("no_flock")
@pytest.mark.parametrize("text", ["", "[]", "{", '{"pid": "x"}', '{"pid": 1, "host": "h"}', "[" * 9999])
def test_without_flock_a_lock_that_names_nobody_is_believed(tmp_path, text):
    (tmp_path / LOCK).write_text(text)
    with pytest.raises(OutputBusy, match="remove "), locked(tmp_path):
        pass
    assert (tmp_path / LOCK).read_text() == text


@pytest.mark.usefixtures("no_flock")
@pytest.mark.parametrize("number", [errno.EPERM, errno.EOPNOTSUPP])
def test_without_flock_and_without_hard_links_there_is_a_lock_all_the_same(number, tmp_path, monkeypatch):
    def unsupported(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "link", unsupported)
    (tmp_path / LOCK).write_bytes(dead().data())
    with locked(tmp_path), pytest.raises(OutputBusy), locked(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("no_flock")
def test_a_link_whose_answer_got_lost_counts(tmp_path, monkeypatch):
    """Network file systems repeat a request, and answer the second that the name is there."""
    link = os.link

    def twice(*words):
        link(*words)
        link(*words)

    monkeypatch.setattr(os, "link", twice)
    with locked(tmp_path):
        assert [path.name for path in tmp_path.iterdir()] == [LOCK]


def test_a_machine_with_flock_heeds_one_without(tmp_path):
    owner = Owner.me(kernel=False)
    (tmp_path / LOCK).write_bytes(owner.data())
    with pytest.raises(OutputBusy), locked(tmp_path):
        pass
    with pytest.raises(OutputBusy), locked(tmp_path, SHARD):
        pass
    (tmp_path / LOCK).write_bytes(dead().data())
    with locked(tmp_path):
        pass


RACER = """
import errno, fcntl, os, sys, time
from pathlib import Path
from augcli.errors import OutputBusy
from augcli.manifest import locked

if sys.argv[2] == "no flock":
    def unsupported(*_):
        raise OSError(errno.ENOLCK, "")
    fcntl.flock = unsupported
output, inside = Path(sys.argv[1]), Path(sys.argv[1], "inside")
print("ready", flush=True)
sys.stdin.readline()
entered = 0
end = time.monotonic() + float(sys.argv[3])
while time.monotonic() < end:
    try:
        with locked(output):
            handle = os.open(inside, os.O_CREAT | os.O_EXCL | os.O_WRONLY)  # fails when two are inside
            entered += 1
            if entered % 5 == 0:  # as if it were killed here: what it leaves is for the next to take over
                inside.unlink()
                os.execv(sys.executable, [sys.executable, "-c", "print('%d')" % entered])
            os.close(handle)
            inside.unlink()
    except OutputBusy:
        pass
print(entered)
"""


@pytest.mark.parametrize("how", ["flock", "no flock"])
def test_of_starters_that_race_one_gets_in_at_a_time(how, tmp_path):
    """Each fifth entry ends its process inside, so that stale locks are taken over under race, too."""
    words = [sys.executable, "-c", RACER, str(tmp_path / "out"), how, "1.0"]
    pipe = subprocess.PIPE
    racers = [subprocess.Popen(words, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe) for _ in range(6)]
    for racer in racers:
        assert racer.stdout is not None and racer.stdout.readline() == b"ready\n"
    outputs = [racer.communicate(b"go\n", timeout=60) for racer in racers]
    assert [err for _, err in outputs] == [b""] * 6
    assert sum(int(out) for out, _ in outputs) >= 10
