"""Whether the process that holds a lock is still there."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys

import pytest

from augcli.manifest.owner import Owner
from tests.conftest import ROOT

TELL = """
import sys
from augcli.manifest.owner import Owner
print(Owner.me(kernel=True).data().decode(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def other():
    """A process that waits, and what it says of itself."""
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", TELL], cwd=ROOT, stdin=pipe, stdout=pipe) as process:
        assert process.stdout is not None
        yield process, Owner.read(process.stdout.readline())
        process.kill()


def test_this_process_is_there_and_known_again():
    me = Owner.me(kernel=True)
    assert not me.gone()
    assert Owner.read(me.data()) == me
    assert str(me).startswith(f"process {os.getpid()} on ")
    assert Owner.me(kernel=True) != me  # each lock has a token of its own


def test_a_process_is_gone_when_it_has_ended_even_if_nobody_has_heeded_its_end(other):
    process, owner = other
    assert owner.pid == process.pid and not owner.gone()
    process.send_signal(signal.SIGKILL)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it stays as a zombie
    assert owner.gone()
    process.wait()
    assert owner.gone()


def test_another_process_that_got_the_id_is_not_taken_for_the_owner(other):
    _, owner = other
    assert owner.start
    assert dataclasses.replace(owner, start=str(int(owner.start) + 1)).gone()


@pytest.mark.parametrize("change", ["host", "boot", "space"])
def test_who_runs_elsewhere_is_not_said_to_be_gone(change):
    stranger = dataclasses.replace(Owner.me(kernel=True), pid=2**22 + 1)  # beyond the ids of Linux
    assert stranger.gone()
    assert not dataclasses.replace(stranger, **{change: "elsewhere"}).gone()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"[]",
        b"null",
        b'{"pid": "1"}',
        b'{"pid": true}',
        b'{"pid": 1, "more": 2}',
        b"[" * 100_000,
    ],
)
def test_what_names_nobody_is_nobody_and_not_gone(data):
    owner = Owner.read(data)
    assert owner == Owner() and not owner.gone() and str(owner) == "another run"
