"""Workers that are killed, jobs that kill or hang theirs, memory or files that run out: seen from a run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from augcli.prelude import prelude
from augcli.work import Work
from tests.conftest import ROOT, tree
from tests.faults.moments import lingering, session_of, whole
from tests.faults.places import AUGMENT, limited, said
from tests.runs import call, dataset, recipe, rows

STEPS = ("flip: {axis: horizontal, p: 0.5}", "rotate: {degrees: [-9, 9]}")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recipe with some hundred outputs, and what an undisturbed run makes in `out`."""
    folder = tmp_path_factory.mktemp("workers")
    assert call("run", recipe(folder, dataset(folder / "in"), STEPS, more="copies: 20\n")).code == 0
    return folder


def workers_of(leader: int) -> list[int]:
    """The processes that the fork server of a run has made."""
    found = {}
    for process in session_of(leader):
        try:
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        found[process] = int(fields[1])
    parents = set(found.values()) & set(found) - {leader}
    return [process for process, parent in found.items() if parent in parents]


def test_workers_that_are_killed_cost_no_output(place: Path, tmp_path: Path) -> None:
    words = ["run", str(place / "recipe.yaml"), "--set", f"output.path={tmp_path / 'out'}", "--workers", "2"]
    command = [*AUGMENT, *words, "--quiet"]
    pipe = subprocess.PIPE
    run = subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True, start_new_session=True)
    killed = set[int]()
    while run.poll() is None and len(killed) < 3:
        for process in set(workers_of(run.pid)) - killed:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue
            killed.add(process)
            break
    _, err = run.communicate(timeout=120)
    assert killed and run.returncode == 0, err
    assert not lingering(run.pid)
    assert all(line.startswith("warning: a worker died on ") for line in err.splitlines()), err
    assert tree(tmp_path / "out") == tree(place / "out")


BAD_JOBS = """
import os, signal, sys, time
from augcli.work import Work

inner = Work.__call__

def cursed(self, job):
    if job.entry.key == "a/a1.jpg":
        os.kill(os.getpid(), signal.SIGKILL)
    if job.entry.key == "b/b1.jpg":
        os.kill(os.getpid(), signal.SIGSEGV)
    if job.entry.key == "c/c1.jpg":
        time.sleep(600)
    return inner(self, job)

Work.__call__ = cursed
from augcli.cli import main
main()
"""


def test_jobs_that_kill_or_hang_their_worker_cost_their_own_rows(tmp_path: Path) -> None:
    path = recipe(tmp_path, dataset(tmp_path / "in"), STEPS, more="copies: 2\n")
    words = ["run", str(path), "--start-method", "fork", "--timeout", "2", "--workers", "2"]
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", BAD_JOBS, *words]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=120, start_new_session=True
    )
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr
    failed = {row["id"]: row["error"]["code"] for row in rows(tmp_path / "out") if row["error"]}
    expected = {"train/a/a1.jpg": "worker_died", "train/b/b1.jpg": "worker_died", "train/c/c1.jpg": "timeout"}
    assert failed == {f"{id_}#{copy}": code for id_, code in expected.items() for copy in range(3)}
    whole(tmp_path / "out")
    assert call("run", path).code == 0  # what failed is tried again
    assert call("run", path, "--set", f"output.path={tmp_path / 'good'}").code == 0
    assert tree(tmp_path / "out") == tree(tmp_path / "good")


def test_under_a_limit_of_memory_a_huge_image_fails_alone_and_the_run_ends(tmp_path: Path) -> None:
    source = dataset(tmp_path / "in")
    Image.new("RGB", (9900, 9900), (9, 99, 199)).save(source / "train/a/huge.png", compress_level=1)
    path = recipe(tmp_path, source, STEPS, more="copies: 1\n")
    done = limited("ulimit -v 1000000", tmp_path, "run", path, "--workers", "1", "--quiet")
    assert done.returncode == 3, done.stderr
    assert len(said(done)) == 1 and "2 of 29 images failed" in said(done)[0]
    failed = {row["source"]: row["error"]["code"] for row in rows(tmp_path / "out") if row["error"]}
    assert failed == {"a/huge.png": "memory_limit"}
    whole(tmp_path / "out")


@pytest.mark.parametrize("limit", ["ulimit -v 150000", "ulimit -n 12"])
def test_where_nothing_can_be_started_one_sentence_names_the_limit(
    limit: str, place: Path, tmp_path: Path
) -> None:
    words = ["run", place / "recipe.yaml", "--set", f"output.path={tmp_path / 'out'}", "--quiet"]
    done = limited(limit, tmp_path, *words)
    (line,) = said(done)
    assert done.returncode == 1 and line.startswith("augment: error: ")
    assert f"(`{limit.rpartition(' ')[0]}`)" in line.partition("; ")[2]
    assert call(*words).code == 0
    assert tree(tmp_path / "out") == tree(place / "out")


def test_no_limit_of_memory_makes_a_library_crash_at_its_loading(place: Path, tmp_path: Path) -> None:
    words = ["run", place / "recipe.yaml", "--set", f"output.path={tmp_path / 'out'}", "--quiet"]
    done = limited("ulimit -v 400000", tmp_path, *words)  # KiB; not enough for threads of numpy's libraries
    assert done.returncode in (0, 1), done.stderr
    assert len(said(done)) == done.returncode and all("`ulimit -v`" in line for line in said(done))


def test_few_open_files_are_enough(place: Path, tmp_path: Path) -> None:
    words = ["run", place / "recipe.yaml", "--set", f"output.path={tmp_path / 'out'}", "--quiet"]
    done = limited("ulimit -n 32", tmp_path, *words, "--workers", "2")
    assert (done.returncode, said(done)) == (0, [])
    assert tree(tmp_path / "out") == tree(place / "out")


def test_files_do_not_stay_open_over_many_jobs(place: Path, tmp_path: Path) -> None:
    found = prelude(place / "recipe.yaml", [])
    work = Work(found.setting, str(tmp_path / "out"), "")
    work(found.plan.job(0))
    before = len(os.listdir("/proc/self/fd"))
    for index in range(len(found.plan)):
        work(found.plan.job(index))
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.fixture(params=[1, 4, 8])
def few_processes(request: pytest.FixtureRequest) -> Iterator[str]:
    """A line of shell after which a process and its children are so many at most, threads included.

    No `ulimit -u` binds root, whom a control group binds.
    """
    if os.getuid():
        yield f"ulimit -u {request.param}"
        return
    pids = Path("/sys/fs/cgroup/pids" if Path("/sys/fs/cgroup/pids").is_dir() else "/sys/fs/cgroup")
    group = pids / f"augment-{os.getpid()}"
    try:
        group.mkdir()
        (group / "pids.max").write_text(str(request.param))
    except OSError:
        pytest.skip("no control groups of processes here")
    yield f"echo $$ > {group}/cgroup.procs"
    while (group / "cgroup.procs").read_text():
        time.sleep(0.01)  # what is left of it is about to end
    group.rmdir()


def test_where_no_more_processes_may_be_one_sentence_says_so(
    few_processes: str, place: Path, tmp_path: Path
) -> None:
    words = ["run", place / "recipe.yaml", "--set", f"output.path={tmp_path / 'out'}", "--quiet"]
    done = limited(few_processes, tmp_path, *words)
    (line,) = said(done)
    assert done.returncode == 1 and line.startswith("augment: error: workers: cannot be started"), line
    assert "(`ulimit -u`)" in line
    assert call(*words).code == 0
    assert tree(tmp_path / "out") == tree(place / "out")
