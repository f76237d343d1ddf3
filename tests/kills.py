"""Commands that are killed (SIGKILL) at a chosen call of a chosen function."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

DIE = """
import os, signal, sys
from importlib import import_module

module, names, count = sys.argv.pop(1), sys.argv.pop(1).split("."), int(sys.argv.pop(1))
owner = import_module(module)
for name in names[:-1]:
    owner = getattr(owner, name)
inner, calls = getattr(owner, names[-1]), [0]

def wrapped(*args, **named):
    calls[0] += 1
    if calls[0] == count:
        os.kill(os.getpid(), signal.SIGKILL)
    return inner(*args, **named)

setattr(owner, names[-1], wrapped)
from augcli.cli import main
main()
"""


def killed(function: str, call: int, *words: str | Path, cwd: Path = ROOT) -> None:
    """`augment WORDS`, killed before this call (counted from 1) of `package.module:Class.name`."""
    module, _, name = function.partition(":")
    command = [sys.executable, "-c", DIE, module, name, str(call), *map(str, words)]
    died = subprocess.run(command, cwd=cwd, capture_output=True, timeout=120, start_new_session=True)
    assert died.returncode == -9, (died.returncode, died.stderr)
