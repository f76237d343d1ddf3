"""Moments at which a run is disturbed: before a step of its own, or after a time; and what must hold then."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from PIL import Image

from augcli import manifest, storage
from tests.conftest import ROOT

MOMENTS = {
    "before the first write": ("augcli.manifest:sweep", 1),
    "at the first row": ("augcli.manifest.journal:Journal.append", 1),
    "after some rows": ("augcli.manifest.journal:Journal.append", 6),
    "before sealing": ("augcli.manifest.journal:Journal.announce", 1),
    "between manifest and metadata": ("augcli.manifest.seal:_written", 1),
    "between metadata and run.json": ("augcli.manifest.seal:write_run", 1),
    "before the journal goes": ("augcli.manifest.journal:Journal.remove", 1),
    "before the lock goes": ("augcli.shelf:Shelf.close", 1),
}
"""Step of a run -> the call that it comes before (`tests.kills`)."""


def killed(after: float, *words: str | Path) -> bool:
    """Start `augment WORDS`, kill it after so many seconds, wait until nothing of it lives.

    Whether it was alive until then.
    """
    command = [sys.executable, "-m", "augcli", *map(str, words)]
    silent = subprocess.DEVNULL
    run = subprocess.Popen(command, cwd=ROOT, stdout=silent, stderr=silent, start_new_session=True)
    try:
        run.wait(after)
    except subprocess.TimeoutExpired:
        run.kill()
        run.wait()
    assert not lingering(run.pid), "something of the run is still running"
    assert run.returncode in (0, -signal.SIGKILL), run.returncode
    return run.returncode != 0


def lingering(leader: int, patience: float = 30.0) -> list[int]:
    """The processes of a session that do not end within so many seconds; they are killed."""
    end = time.monotonic() + patience
    while (left := session_of(leader)) and time.monotonic() < end:
        time.sleep(0.01)
    for process in left:
        os.kill(process, signal.SIGKILL)
    return left


def session_of(leader: int) -> list[int]:
    """Living processes of a session (proc(5): field 6 of stat is the session, field 3 the state)."""
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


def whole(output: Path) -> None:
    """Every image under its final name loads, and every file of a row has the row's hash."""
    for path in output.rglob("*"):
        if path.suffix in (".jpg", ".png", ".webp") and not path.name.startswith(storage.TEMPORARY):
            with Image.open(path) as picture:
                picture.load()
    state = manifest.load(output)
    with state.known:
        for row in state.known.rows() if state.believed else ():
            for file in row["files"]:
                path = output / file["path"]
                assert storage.sha256_file(path) in (file["sha256"], None), path
