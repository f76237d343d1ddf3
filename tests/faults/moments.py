"""Runs that are disturbed at a moment that is known: by themselves at a call, or from outside at a time."""

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

MOMENTS = (
    "before the first write",
    "at the first row",
    "after some rows",
    "before sealing",
    "between manifest and metadata",
    "between metadata and run.json",
    "before the journal goes",
    "before the lock goes",
)

_SIGNAL = """
import os, signal, sys
from importlib import import_module

for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_DFL)  # as from an interactive shell, whatever started this

def signalling(owner, name, count, before):
    inner, calls = getattr(owner, name), [0]
    def wrapped(*args, **named):
        calls[0] += 1
        if calls[0] == count and before:
            os.kill(os.getpid(), number)
        result = inner(*args, **named)
        if calls[0] == count:
            os.kill(os.getpid(), number)
        return result
    setattr(owner, name, wrapped)

number, moment = int(sys.argv.pop(1)), sys.argv.pop(1)
manifest = import_module("augcli.manifest")
Journal = import_module("augcli.manifest.journal").Journal
seal = import_module("augcli.manifest.seal")
Shelf = import_module("augcli.shelf").Shelf
places = {
    "before the first write": (manifest, "sweep", 1, True),
    "at the first row": (Journal, "append", 1, True),
    "after some rows": (Journal, "append", 5, False),
    "before sealing": (Journal, "announce", 1, True),
    "between manifest and metadata": (seal, "_written", 1, True),
    "between metadata and run.json": (seal, "write_run", 1, True),
    "before the journal goes": (Journal, "remove", 1, True),
    "before the lock goes": (Shelf, "close", 1, True),
}
signalling(*places[moment])
from augcli.cli import main
main()
"""


def signalled(number: signal.Signals, moment: str, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """`augment WORDS` that gets a signal at one of `MOMENTS`, in a session of its own."""
    command = [sys.executable, "-c", _SIGNAL, str(int(number)), moment, *map(str, words)]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=120, start_new_session=True
    )


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
