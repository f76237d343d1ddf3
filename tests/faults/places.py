"""Places with faults: small, full, read-only or foreign file systems, and shells with limits."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

AUGMENT = (sys.executable, "-m", "augcli")


def in_namespace(script: str, place: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a shell script as root of mounts of its own; `$PLACE` is `place`, `"$@"` is `augment WORDS`.

    Skips where neither root nor user namespaces may mount.
    """
    unshare = ["unshare", "-m" if os.getuid() == 0 else "-rm", "sh", "-c"]
    if not shutil.which("unshare"):
        pytest.skip("no unshare here")
    if subprocess.run([*unshare, f"mount -t tmpfs tmpfs '{place}'"], capture_output=True).returncode:
        pytest.skip("neither root nor a user namespace may mount here")
    return _run([*unshare, script, "sh", *AUGMENT, *map(str, words)], place)


def limited(limits: str, place: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """`augment WORDS` in a shell with limits, such as `ulimit -n 24`."""
    return _run(["bash", "-c", f'{limits}; exec "$@"', "bash", *AUGMENT, *map(str, words)], place)


def _run(command: list[str], place: Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PLACE": str(place)}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)


def said(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The lines on stderr that are no notes; none of them is of a traceback."""
    assert "Traceback" not in done.stderr, done.stderr
    return [line for line in done.stderr.splitlines() if not line.startswith("note: ")]
