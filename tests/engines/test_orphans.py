"""What becomes of the workers when the parent is killed, and of the parent's own script in the workers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.faults.moments import session_of

ROOT = Path(__file__).resolve().parents[2]

SCRIPT = """
import os, sys
from augcli.engines import processes
from tests.engines.jobs import Job, act

def say(text):
    os.write(1, f"{text}\\n".encode())  # at once: parent and workers speak at the same time

say(f"loaded as {__name__}")
if __name__ == "__main__":
    method, name = sys.argv[1:]
    jobs = [Job(n, "square" if n == 0 else name) for n in range(4)]
    for job, result in processes.apply(act, jobs, workers=2, start_method=method):
        say(f"{job.number} {result}")
"""


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "augment"  # no suffix, like an installed console script
    path.write_text(SCRIPT)
    return path


def start(script, *arguments):
    return subprocess.Popen(
        [sys.executable, str(script), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=script.parent,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
    )


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
@pytest.mark.parametrize("method", ["forkserver", "spawn", "fork"])
@pytest.mark.parametrize("name", ["hang", "nap"])
def test_no_process_outlives_a_killed_parent(script, method, name):
    with start(script, method, name) as process:
        assert process.stdout is not None and process.stderr is not None
        while not process.stdout.readline().startswith("0 0"):  # the workers are at work now
            assert process.poll() is None
        assert len(session_of(process.pid)) >= 3
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        deadline = time.monotonic() + 5
        while session_of(process.pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        left = session_of(process.pid)
        for member in left:
            os.kill(member, signal.SIGKILL)
        assert left == []
        assert process.stderr.read() == ""  # nobody tells the terminal of locks that were left behind


@pytest.mark.parametrize("method", ["forkserver", "spawn", "fork"])
def test_a_console_script_does_not_run_again_in_its_workers(script, method):
    process = start(script, method, "square")
    out, err = process.communicate(timeout=60)
    assert method == "fork" or err == ""  # Python 3.12 warns of a fork beside threads
    assert process.returncode == 0
    results = sorted(line for line in out.splitlines() if not line.startswith("loaded"))
    assert results == ["0 0", "1 1", "2 4", "3 9"]
    assert out.count("loaded as __main__") == 1


HASTY = """
import time
from augcli.engines.pool import Ticket, WatchedPool

if __name__ == "__main__":
    for moment in range(8, 32):
        pool = WatchedPool(4, None, "forkserver", b"")
        pool.submit(Ticket(None, b""))
        time.sleep(moment * 0.002)
        pool.stop()
"""


MANY = """
from augcli.engines import processes
from tests.engines.jobs import Job, act

if __name__ == "__main__":
    for number in range(4):
        assert list(processes.apply(act, [Job(number)], workers=12)) == [(Job(number), number ** 2)]
"""

GROUP = """
import os, signal, time
from augcli.engines import processes
from tests.engines.jobs import Job, act

if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)  # not SIG_IGN, which is inherited
    processes.warm_up(preload=("augcli.work", "augcli.ops"))
    for _ in range(40):  # as Ctrl-C and a closed terminal do, while the fork server begins and imports
        for number in (signal.SIGINT, signal.SIGHUP):
            os.killpg(0, number)
        time.sleep(0.01)
    results = dict(processes.apply(act, [Job(n) for n in range(8)], workers=2))
    assert results == {Job(n): n * n for n in range(8)}
    os.killpg(0, signal.SIGHUP)
"""


@pytest.mark.parametrize("text", [HASTY, MANY, GROUP], ids=["stopped", "more than jobs", "signalled"])
def test_workers_that_are_being_born_are_quiet(script, text):
    script.write_text(text)
    done = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=60,
        check=False,
        start_new_session=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
