from __future__ import annotations

import pytest

from augcli.engines import Failure, Options, apply, serial
from augcli.errors import Aborted
from tests.engines.jobs import Job, act


def test_results_come_in_the_order_of_the_jobs():
    jobs = [Job(3), Job(1), Job(2)]
    assert list(serial.apply(act, jobs)) == [(Job(3), 9), (Job(1), 1), (Job(2), 4)]


def test_an_exception_of_the_work_is_a_failure_that_names_its_type_and_keeps_the_traceback():
    ((_, failure),) = serial.apply(act, [Job(1, "raise")])
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.text) == ("internal", "TwoArguments")
    assert "jobs.py" in failure.traceback


def test_missing_memory_is_told_apart():
    ((_, failure),) = serial.apply(act, [Job(1, "memory")])
    assert failure == Failure("memory_limit")


def test_an_error_of_the_output_ends_the_run_after_what_was_done_before_it():
    results = serial.apply(act, [Job(1), Job(2, "disk full"), Job(3)])
    assert next(results) == (Job(1), 1)
    with pytest.raises(Aborted, match="cannot be written"):
        next(results)


def test_the_next_job_is_taken_only_when_the_result_before_was_used():
    taken = []

    def jobs():
        for number in range(3):
            taken.append(number)
            yield Job(number)

    results = serial.apply(act, jobs())
    next(results)
    assert taken == [0]


def test_the_engine_is_chosen_by_name_and_the_initializer_runs_here_too():
    started = []
    options = Options(engine="serial", initializer=started.append, initargs=("now",))
    assert list(apply(act, [Job(4)], options)) == [(Job(4), 16)]
    assert started == ["now"]
