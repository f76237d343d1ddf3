"""Commands that are killed, or get another signal, at a chosen call of a chosen function."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

DIE = """
import os, signal, sys
from importlib import import_module

for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(each, signal.SIG_DFL)  # as from an interactive shell, whatever started this

number = int(sys.argv.pop(1))
module, names, count = sys.argv.pop(1), sys.argv.pop(1).split("."), int(sys.argv.pop(1))
owner = import_module(module)
for name in names[:-1]:
    owner = getattr(owner, name)
inner, calls = getattr(owner, names[-1]), [0]

def wrapped(*args, **named):
    calls[0] += 1
    if calls[0] == count:
        os.kill(os.getpid(), number)
    return inner(*args, **named)

setattr(owner, names[-1], wrapped)
from augcli.cli import main
main()
"""


def killed(function: str, call: int, *words: str | Path, cwd: Path = ROOT) -> None:
    """`augment WORDS`, killed before this call (counted from 1) of `package.module:Class.name`."""
    died = signalled(signal.SIGKILL, function, call, *words, cwd=cwd)
    assert died.returncode == -9, (died.returncode, died.stderr)


def signalled(
    number: signal.Signals, function: str, call: int, *words: str | Path, cwd: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """`augment WORDS`, which gets a signal before this call, in a session of its own."""
    module, _, name = function.partition(":")
    command = [sys.executable, "-c", DIE, str(int(number)), module, name, str(call), *map(str, words)]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=120, start_new_session=True
    )
