"""What becomes of the workers when the parent is killed, and of the parent's own script in the workers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

SCRIPT = """
import sys
from augcli.engines import processes
from tests.engines.jobs import Job, act

print("loaded as", __name__)
if __name__ == "__main__":
    method, name = sys.argv[1:]
    jobs = [Job(n, "square" if n == 0 else name) for n in range(4)]
    for job, result in processes.apply(act, jobs, workers=2, start_method=method):
        print(job.number, result, flush=True)
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
        text=True,
        cwd=script.parent,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
    )


def session_of(leader: int) -> list[int]:
    """Living processes of the session, by /proc; field 6 of stat is the session, field 3 the state."""
    members = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == leader and fields[0] != "Z":
                members.append(int(folder.name))
    return members


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
@pytest.mark.parametrize("method", ["forkserver", "spawn", "fork"])
@pytest.mark.parametrize("name", ["hang", "nap"])
def test_no_process_outlives_a_killed_parent(script, method, name):
    process = start(script, method, name)
    assert process.stdout is not None
    while not process.stdout.readline().startswith("0 0"):  # the workers are at work now
        assert process.poll() is None
    assert len(session_of(process.pid)) >= 3
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    deadline = time.monotonic() + 5
    while session_of(process.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    left = session_of(process.pid)
    for member in left:
        os.kill(member, signal.SIGKILL)
    assert left == []


@pytest.mark.parametrize("method", ["forkserver", "spawn", "fork"])
def test_a_console_script_does_not_run_again_in_its_workers(script, method):
    process = start(script, method, "square")
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    results = sorted(line for line in out.splitlines() if not line.startswith("loaded"))
    assert results == ["0 0", "1 1", "2 4", "3 9"]
    assert out.count("loaded as __main__") == 1
