from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time

import pebble
import pytest

from augcli.engines import Failure, Options, apply, pool, processes, warm_up
from augcli.errors import Aborted, Interrupted, OutputBusy, Problem
from tests.engines.jobs import Job, act, die_at_start, fail_to_start, mark_start

METHODS = [
    "forkserver",
    "spawn",
    pytest.param("fork", marks=pytest.mark.filterwarnings("ignore::DeprecationWarning")),
]


def run(jobs, **options):
    return list(processes.apply(act, jobs, workers=2, **options))


def children():
    return [child for child in multiprocessing.active_children() if child.is_alive()]


@pytest.fixture(autouse=True)
def _no_worker_is_left():
    yield
    assert children() == []


@pytest.mark.parametrize("method", METHODS)
def test_every_job_comes_back_once_whatever_the_start_method(method):
    jobs = [Job(number) for number in range(40)]
    results = run(jobs, start_method=method)
    assert sorted((job.number, result) for job, result in results) == [(n, n * n) for n in range(40)]


@pytest.mark.parametrize("method", METHODS)
def test_the_initializer_runs_in_every_worker_and_libraries_get_one_thread(method):
    jobs = [Job(number, "environment") for number in range(6)]
    results = run(jobs, start_method=method, initializer=mark_start, initargs=("me",))
    assert {result for _, result in results} == {("me", "1")}


def test_no_jobs_are_no_results():
    assert run([]) == []


def test_no_more_workers_are_started_than_there_are_jobs():
    results = processes.apply(act, (Job(number, "nap") for number in range(3)), workers=12)
    next(results)
    assert 1 <= len(children()) <= 3
    assert len(list(results)) == 2


def test_jobs_at_the_same_time_are_in_different_workers_and_none_is_here(tmp_path):
    results = run([Job(number, "meet", str(tmp_path)) for number in range(2)])
    workers = {result for _, result in results}
    assert len(workers) == 2
    assert os.getpid() not in workers


def test_a_worker_that_dies_costs_no_job_when_the_second_try_succeeds(tmp_path):
    jobs = [Job(n, "die once" if n == 5 else "square", str(tmp_path)) for n in range(20)]
    retried = []
    results = run(jobs, on_retry=retried.append)
    assert sorted((job.number, result) for job, result in results) == [(n, n * n) for n in range(20)]
    assert retried == [jobs[5]]


@pytest.mark.parametrize("act_name", ["die", "segfault"])
def test_a_job_that_always_kills_its_worker_fails_alone(act_name):
    jobs = [Job(n, act_name if n in (0, 7, 19) else "square") for n in range(20)]
    results = dict(run(jobs))
    assert len(results) == 20
    for job in jobs:
        expected = Failure("worker_died") if job.act == act_name else job.number**2
        assert results[job] == expected


def test_a_worker_that_ends_without_a_word_is_missed(monkeypatch):
    monkeypatch.setattr(pool, "TICK", 0.1)  # pebble takes exit code 0 for a normal end and forgets the job
    results = dict(run([Job(n, "leave" if n == 1 else "square") for n in range(6)]))
    assert {job.number: result for job, result in results.items()} == {
        n: Failure("worker_died") if n == 1 else n * n for n in range(6)
    }


def test_a_pool_that_stands_still_is_built_anew_and_no_job_is_lost(monkeypatch):
    monkeypatch.setattr(pool, "TICK", 0.05)
    monkeypatch.setattr(pool, "STANDSTILL", 30)
    monkeypatch.setattr(pool, "BREAKS", 100)  # on a busy machine workers may take longer to start
    schedule = pebble.ProcessPool.schedule
    forgotten = []

    def forgetful(self, function, args=(), timeout=None):
        if len(forgotten) < 3:
            forgotten.append(args)
            return pebble.ProcessFuture()
        return schedule(self, function, args, timeout=timeout)

    monkeypatch.setattr(pebble.ProcessPool, "schedule", forgetful)
    results = run([Job(n) for n in range(10)])
    assert sorted((job.number, result) for job, result in results) == [(n, n * n) for n in range(10)]
    assert len(forgotten) == 3


def test_a_job_that_takes_too_long_fails_alone():
    jobs = [Job(n, "hang" if n == 3 else "square") for n in range(12)]
    results = dict(run(jobs, timeout=0.5))
    assert {job.number: result for job, result in results.items()} == {
        n: Failure("timeout") if n == 3 else n * n for n in range(12)
    }


@pytest.mark.parametrize(
    ("act_name", "kind", "text"),
    [
        ("raise", "internal", "TwoArguments"),
        ("exit", "internal", "SystemExit"),
        ("memory", "memory_limit", ""),
        ("closed", "internal", "TypeError"),
        ("opens", "internal", "ImportError"),
    ],
)
def test_what_goes_wrong_in_one_job_is_a_failure_with_a_name(act_name, kind, text):
    results = dict(run([Job(1), Job(2, act_name), Job(3)]))
    failure = results.pop(Job(2, act_name))
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.text) == (kind, text)
    assert results == {Job(1): 1, Job(3): 9}


def test_a_job_that_cannot_be_pickled_fails_alone():
    closed = Job(1, act=lambda: None)  # type: ignore[arg-type]
    results = dict(run([closed, Job(2)]))
    assert results[Job(2)] == 4
    assert results[closed].kind == "internal"


def test_an_error_of_the_output_is_raised_here_with_all_its_problems():
    with pytest.raises(Aborted) as caught:
        run([Job(n, "disk full" if n == 2 else "square") for n in range(10)])
    assert caught.value.problems == (
        Problem("out/a.png", "cannot be written", "free some space"),
        Problem("", "second"),
    )


@pytest.mark.parametrize(
    "error",
    [
        Aborted([Problem("a", "b", "c"), Problem("d", "e")]),
        OutputBusy("by 12"),
        Interrupted("by SIGTERM", Interrupted("x").exit_code.TERMINATED),
    ],
)
def test_errors_that_end_the_run_survive_pickling(error):
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert (again.problems, again.exit_code, str(again)) == (error.problems, error.exit_code, str(error))


def test_workers_that_cannot_be_set_up_abort_the_run_with_the_reason():
    with pytest.raises(Aborted, match="ImportError: no codec"):
        run([Job(1)], initializer=fail_to_start)


def test_workers_that_die_at_the_start_abort_the_run_in_bounded_time():
    with pytest.raises(Aborted, match="workers: cannot be started"):
        run([Job(n) for n in range(20)], initializer=die_at_start)


def test_idle_workers_may_be_killed_at_any_moment():
    stop = threading.Event()

    def killer():
        for _ in range(4):  # fewer than the pools that may break in a row
            if stop.wait(0.3):
                return
            for child in children()[:1]:
                os.kill(child.pid, signal.SIGKILL)

    thread = threading.Thread(target=killer)
    thread.start()
    try:
        results = run([Job(n, "nap" if n % 5 == 0 else "square") for n in range(40)])
    finally:
        stop.set()
        thread.join()
    assert sorted(job.number for job, _ in results) == list(range(40))
    assert all(result in (job.number**2, Failure("worker_died")) for job, result in results)


def test_closing_early_leaves_no_worker_even_when_one_hangs():
    results = processes.apply(act, [Job(1), Job(2, "hang"), Job(3, "hang")], workers=2)
    next(results)
    assert children()
    started = time.monotonic()
    results.close()
    assert children() == []
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_while_waiting_leaves_no_worker(error):
    def interrupt(*_):
        raise error

    before = signal.signal(signal.SIGUSR1, interrupt)
    timer = threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGUSR1))
    timer.start()
    try:
        with pytest.raises(error):
            run([Job(n, "hang") for n in range(4)])
    finally:
        timer.join()
        signal.signal(signal.SIGUSR1, before)
    assert children() == []


def test_only_a_bounded_number_of_jobs_is_taken_ahead():
    taken = 0

    def jobs():
        nonlocal taken
        for number in range(10_000):
            taken += 1
            yield Job(number)

    results = processes.apply(act, jobs(), workers=2)
    for _ in range(5):
        next(results)
    results.close()
    assert taken <= 2 * processes.WINDOW


def test_costly_jobs_are_handed_out_first():
    jobs = [Job(number, cost=float(number)) for number in range(10)]
    first, _ = next(iter(processes.apply(act, jobs, workers=1)))
    assert first == jobs[9]


def test_the_default_engine_is_the_process_pool():
    options = Options(workers=1, preload=("tests.engines.jobs",))
    warm_up(options)
    assert list(apply(act, [Job(6)], options)) == [(Job(6), 36)]
    assert "pebble" in sys.modules
