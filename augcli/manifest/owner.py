"""Who holds a lock, as the lock's file says it, and whether that process is still there."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True)
class Owner:
    """A process that holds a lock.

    pid, host  of the process; 0 and "" where nothing is known
    boot       which start of which kernel it runs under; "" where the system does not tell
    space      the namespace that its id is of: containers count processes of their own
    start      when it was started, in ticks of the kernel: another process may get its id later
    kernel     it holds the kernel's lock on the file; else the file alone is the lock
    token      unlike that of any other lock
    """

    pid: int = 0
    host: str = ""
    boot: str = ""
    space: str = ""
    start: str = ""
    kernel: bool = True
    token: str = ""

    @classmethod
    def me(cls, *, kernel: bool) -> Self:
        """The process that asks."""
        pid = os.getpid()
        state = _state(pid)
        start, token = state[1] if state else "", os.urandom(8).hex()
        return cls(pid, socket.gethostname(), _boot(), _space(), start, kernel, token)

    @classmethod
    def read(cls, data: bytes) -> Self:
        """The owner that a lock's file names; one of whom nothing is known where it names none."""
        try:
            told = json.loads(data)
            owner = cls(**told)
        except (ValueError, TypeError, RecursionError):
            return cls()
        kinds = {field.name: type(field.default) for field in dataclasses.fields(cls)}
        return owner if all(type(getattr(owner, name)) is kind for name, kind in kinds.items()) else cls()

    def data(self) -> bytes:
        """What the lock's file holds."""
        return json.dumps(dataclasses.asdict(self)).encode()

    def gone(self) -> bool:
        """Whether the process is surely no more. One that runs elsewhere is believed."""
        me = Owner.me(kernel=True)
        if self.pid <= 0 or (self.host, self.boot, self.space) != (me.host, me.boot, me.space):
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except (PermissionError, OverflowError):
            pass  # it is of another user
        state = _state(self.pid)
        return state is not None and (state[0] in "ZX" or state[1] != self.start)

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}" if self.pid else "another run"


def _boot() -> str:
    with contextlib.suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return ""


def _space() -> str:
    with contextlib.suppress(OSError):
        return str(Path("/proc/self/ns/pid").readlink())
    return ""


def _state(pid: int) -> tuple[str, str] | None:
    """(state, start) of a process, fields 3 and 22 of proc(5); None where they are not told."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        return fields[0], fields[19]
    except (OSError, IndexError):
        return None
