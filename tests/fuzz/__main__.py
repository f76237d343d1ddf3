"""`python -m tests.fuzz`: mutated real files for as long as asked; see README.md beside this file."""

from __future__ import annotations

import argparse
import contextlib
import mmap
import os
import resource
import shutil
import signal
import struct
import sys
import tempfile
import time
import traceback
from pathlib import Path

from augcli.work import settle
from tests.fuzz.mutation import rng_of
from tests.fuzz.targets import TARGETS, Target

PATIENCE = 60.0
"""Seconds that one case may take."""

ROOM = 3 << 30
"""Bytes of addresses that a case may add to those of the process."""

GROWTH = 600 << 10
"""KiB by which the largest memory of the process may have grown in one case."""


def main() -> None:
    """Fuzz, print each new finding and a line of counts per target; exit code 1 when there are findings."""
    asked = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    asked.add_argument("targets", nargs="*", choices=[*TARGETS, []], help="all when none is named")
    asked.add_argument("--seconds", type=float, default=600, help="for all targets together")
    asked.add_argument("--seed", default="0", help="another seed, other cases")
    asked.add_argument("--case", type=int, help="this case alone, in this process, with its traceback")
    asked.add_argument("--keep", type=Path, help="a folder for the inputs of findings")
    given = asked.parse_args()
    chosen = [TARGETS[name] for name in given.targets or TARGETS]
    found = 0
    for target in chosen:
        with tempfile.TemporaryDirectory() as place:
            (Path(place) / "seeds").mkdir()
            seeds = prepared(target, Path(place) / "seeds")
            if given.case is not None:
                attempt(target, seeds, given.seed, given.case, Path(place) / "case")
                continue
            run = Campaign(target, seeds, given.seed, Path(place), given.keep)
            found += run.go(given.seconds / len(chosen))
    sys.exit(1 if found else 0)


def prepared(target: Target, folder: Path) -> Path:
    """The seeds, made in a child: what it starts (a fork server) is not to be shared with other children."""
    if not (child := os.fork()):
        with contextlib.redirect_stdout(sys.stderr):
            target.prepare(folder)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0, "the seeds could not be made"
    return folder


def attempt(target: Target, seeds: Path, seed: str, case: int, folder: Path) -> None:
    """Try one case in a fresh folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    target.attempt(seeds, rng_of(seed, target.name, case), folder)


def _used() -> float:
    """Seconds of CPU of the children that have ended."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


class Campaign:
    """Cases of one target, one after another, in a child process that may die or hang."""

    def __init__(self, target: Target, seeds: Path, seed: str, place: Path, keep: Path | None) -> None:
        self._target, self._seeds, self._seed, self._keep = target, seeds, seed, keep
        self._folder, self._said = place / "case", place / "findings"
        self._case = mmap.mmap(-1, 8)
        self._known: set[str] = set()

    def go(self, seconds: float) -> int:
        """Try cases until the time is over; how many different findings there were."""
        begin, next_case, used = time.monotonic(), 0, _used()
        while (left := begin + seconds - time.monotonic()) > 0:
            case, what = self._watched(next_case, left)
            if what:
                self._report(f"{what}\n", case)
            next_case = case + 1
        counts = f"{next_case} cases, {len(self._known)} findings, {_used() - used:.0f} s of CPU"
        print(f"{self._target.name}: {counts}", flush=True)
        return len(self._known)

    def _watched(self, first: int, seconds: float) -> tuple[int, str]:
        """A child from case `first` on: (the last case it began, how it ended or "")."""
        self._case[:] = struct.pack("q", first)
        child = os.fork()
        if not child:
            self._work(first)
        end, last, since = time.monotonic() + seconds, first, time.monotonic()
        how = ""
        while os.waitpid(child, os.WNOHANG) == (0, 0):
            now = time.monotonic()
            current = struct.unpack("q", self._case[:])[0]
            if current != last:
                last, since = current, now
            if now > end or now - since > PATIENCE:
                how = "" if now > end else f"hangs: over {PATIENCE:.0f} s"
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                break
            time.sleep(0.05)
        else:
            how = "the process died"
        self._drain()
        return struct.unpack("q", self._case[:])[0], how

    def _work(self, case: int) -> None:
        """In the child: cases without end."""
        settle()
        size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (size + ROOM, size + ROOM))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        parent = os.getppid()
        while os.getppid() == parent:
            self._case[:] = struct.pack("q", case)
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            try:
                attempt(self._target, self._seeds, self._seed, case, self._folder)
                grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
                assert grown < GROWTH, f"grew by {grown >> 10} MiB"
            except BaseException:
                text = traceback.format_exc()
                with self._said.open("a") as said:
                    said.write(f"{case}\0{text}\1")
                self._save(case)
            case += 1
        os._exit(1)

    def _save(self, case: int) -> None:
        if self._keep:
            shutil.copytree(self._folder, self._keep / f"{self._target.name}-{case}", dirs_exist_ok=True)

    def _drain(self) -> None:
        """Report what the child wrote down."""
        if self._said.exists():
            for each in self._said.read_text().split("\1")[:-1]:
                case, _, text = each.partition("\0")
                self._report(text, int(case))
            self._said.unlink()

    def _report(self, text: str, case: int) -> None:
        """Print a finding, unless one from the same lines was printed."""
        lines = [line.strip() for line in text.splitlines() if line.startswith("  File ")]
        kind = "|".join([*lines[-3:], text.strip().splitlines()[-1].split(":")[0]])
        if kind not in self._known:
            self._known.add(kind)
            if not lines:
                self._save(case)
            again = f"python -m tests.fuzz {self._target.name} --seed {self._seed} --case {case}"
            print(f"--- {again}\n{text.rstrip()}\n", flush=True)


if __name__ == "__main__":
    main()
