"""How fast `augment run` is beside other ways to do the same work: whole processes, start-up included.

    python tests/benchmarks/compare.py R1 --photos DIR --n 1000 --rounds 3 [--python PYTHON]

All contestants run once per round, in a new random order each round, on the same photographs; ratios are
taken inside a round, so that a slow spell of the machine hits both sides. An untimed first pass warms caches
and samples memory. See README.md beside this file. Linux only.
"""

import argparse
import ctypes
import json
import os
import random
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from peers import COPIES, NOT_INSTALLED, PEERS
from photos import SAMPLES, linked
from stages import memory

HERE = Path(__file__).resolve().parent
BARE = "augment, bare"
"""Without hashes, journal, manifest and atomic writes: see bare.py."""
_SET_CHILD_SUBREAPER = 36
"""prctl(2): orphans below this process become its children, so that their CPU time is seen."""


@dataclass
class Contestant:
    """A command, and what was measured of it: one wall and one CPU time (seconds) per round."""

    name: str
    command: list[str]
    environment: dict[str, str]
    walls: list[float] = field(default_factory=list)
    cpus: list[float] = field(default_factory=list)
    peak: int = 0
    kilobytes: float = 0.0

    def run(self, out: Path, expected: int, sample: bool) -> str | None:
        """One whole process. What went wrong, or None."""
        shutil.rmtree(out, ignore_errors=True)
        before = children_cpu()
        begin = time.perf_counter()
        with tempfile.TemporaryFile() as log:
            process = subprocess.Popen(
                self.command, cwd=out.parent, env=self.environment, stdout=log, stderr=log
            )
            while sample and process.poll() is None:
                self.peak = max(self.peak, tree_pss(process.pid))
                time.sleep(0.05)
            status = process.wait()
            wall = time.perf_counter() - begin
            reap_orphans()
            log.seek(0)
            said = log.read().decode(errors="replace").strip()
        if status == NOT_INSTALLED and self.name in PEERS:
            return f"skipped: {said.splitlines()[-1]}"
        sizes = [path.stat().st_size for path in out.rglob("*.jpg")]
        if status or len(sizes) != expected:
            return f"exit status {status}, {len(sizes)} images instead of {expected}\n{said[-1000:]}"
        self.kilobytes = sum(sizes) / len(sizes) / 1000
        if not sample:
            self.walls.append(wall)
            self.cpus.append(children_cpu() - before)
        return None


def children_cpu() -> float:
    """CPU seconds, user and system, of all descendants that have ended and were waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def reap_orphans() -> None:
    """Wait for the helper processes that end shortly after their parent."""
    try:
        while True:
            os.wait()
    except ChildProcessError:
        return


def tree_pss(root: int) -> int:
    """Bytes of memory of a process and its descendants; pages that several share count once."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:  # it has just ended
            continue
    tree, grown = {root}, True
    while grown:
        more = {process for process, parent in parents.items() if parent in tree} - tree
        tree, grown = tree | more, bool(more)
    total = 0
    for process in tree:
        try:
            rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
        except OSError:
            continue
        shares = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
        total += int(shares[1]) * 1024 if shares else 0
    return total


def contestants(args: argparse.Namespace, recipe: str, photos: Path, out: Path) -> list[Contestant]:
    """The product first: all ratios are to it."""
    # Without byte code on disk every start would compile the program anew, which no installation does.
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-m", "augcli", "run", str(HERE / f"{recipe}.yaml")]
    command += [
        "--set",
        f"input.path={photos}",
        "--set",
        f"output.path={out}",
        "--workers",
        str(args.workers),
    ]
    versions = {"augment": plain}
    for folder in args.against:
        versions[f"augment in {folder.name}"] = plain | {"PYTHONPATH": str(folder.resolve())}
    found = [Contestant(name, command, environment) for name, environment in versions.items()]
    if args.bare:
        bare = [sys.executable, str(HERE / "bare.py"), *command[3:]]
        path = os.pathsep.join(filter(None, [str(HERE), plain.get("PYTHONPATH", "")]))
        found.append(Contestant(BARE, bare, plain | {"PYTHONPATH": path}))
    for name in filter(None, args.peers.split(",")):
        script = [args.python, str(HERE / "peers.py"), name, recipe, str(photos), str(out), str(args.workers)]
        found.append(Contestant(name, script, plain))
    return found


def measure(args: argparse.Namespace, recipe: str, photos: Path, out: Path) -> list[Contestant]:
    """Run them all; those that could be run."""
    taking_part = contestants(args, recipe, photos, out)
    order = random.Random(args.seed)
    for number in range(args.rounds + 1):
        for contestant in order.sample(taking_part, len(taking_part)):
            problem = contestant.run(out, args.n * COPIES, sample=number == 0)
            if problem is None:
                continue
            print(f"{recipe} {contestant.name}: {problem}", file=sys.stderr)
            if not problem.startswith("skipped") or number:
                sys.exit(1)
            taking_part.remove(contestant)
    return taking_part


def table(taking_part: list[Contestant], outputs: int) -> list[str]:
    """One line per contestant. A ratio above 1: so many times the product's wall time in the same round."""
    base = taking_part[0]
    lines = [f"{'':24}{'out/s':>8}  {'wall / augment':<22}{'CPU ms/out':>10}{'PSS MB':>8}{'kB/file':>9}"]
    for one in taking_part:
        ratios = [mine / theirs for mine, theirs in zip(one.walls, base.walls, strict=True)]
        ratio = f"{statistics.median(ratios):.2f} [{min(ratios):.2f} .. {max(ratios):.2f}]"
        rate = outputs / statistics.median(one.walls)
        cpu = statistics.median(one.cpus) / outputs * 1000
        lines.append(
            f"{one.name:24}{rate:8.1f}  {ratio:<22}{cpu:10.2f}{one.peak / 1e6:8.0f}{one.kilobytes:9.1f}"
        )
    return lines


def cost(taking_part: list[Contestant]) -> list[str]:
    """What the bare contestant saves, in per cent of what it takes; median and range over the rounds."""
    bare = next((one for one in taking_part if one.name == BARE), None)
    if bare is None:
        return []
    lines = []
    for name, whole, part in (
        ("CPU", taking_part[0].cpus, bare.cpus),
        ("wall", taking_part[0].walls, bare.walls),
    ):
        more = [(a / b - 1) * 100 for a, b in zip(whole, part, strict=True)]
        told = f"{statistics.median(more):.1f} % [{min(more):.1f} .. {max(more):.1f}]"
        lines.append(f"hashes, journal, manifest and atomic writes cost {told} of {name} time")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("recipes", nargs="*", metavar="R1|R2|R3", default=["R1", "R2", "R3"])
    parser.add_argument(
        "--photos", type=Path, default=SAMPLES, help="folder of JPEG files [sample_data/photos]"
    )
    parser.add_argument("--n", type=int, default=1000, help="photographs; fewer ones are repeated [1000]")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--peers", default=",".join(PEERS), help="which of %(default)s")
    parser.add_argument("--python", default=sys.executable, help="the interpreter of the peers [this one]")
    parser.add_argument(
        "--against", type=Path, action="append", default=[], help="another checkout; repeatable"
    )
    parser.add_argument("--bare", action="store_true", help="also without what makes a run safe (bare.py)")
    parser.add_argument("--seed", type=int, default=1, help="of the order in which they run")
    parser.add_argument("--json", type=Path, help="also write every measurement to this file")
    args = parser.parse_args()
    ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    if args.n < 1000:
        print("note: below 1000 photographs start-up hides what the code does per image", file=sys.stderr)
    every = {}
    for recipe in args.recipes:
        with tempfile.TemporaryDirectory(prefix="compare-", dir=memory()) as folder:
            photos, out = Path(folder, "photos"), Path(folder, "out")
            different = linked(args.photos, args.n, photos)
            load = os.getloadavg()[0]
            print(
                f"{recipe}: {args.n} photographs ({different} different) x {COPIES}, {args.rounds} rounds, "
                f"{args.workers} workers on {os.cpu_count()} processors, load before {load:.1f}",
                flush=True,
            )
            taking_part = measure(args, recipe, photos, out)
        print("\n".join(table(taking_part, args.n * COPIES) + cost(taking_part)), flush=True)
        every[recipe] = [
            {
                "name": one.name,
                "wall_s": one.walls,
                "cpu_s": one.cpus,
                "peak_pss": one.peak,
                "kB": one.kilobytes,
            }
            for one in taking_part
        ]
    if args.json:
        args.json.write_text(
            json.dumps({"n": args.n, "workers": args.workers, "recipes": every}, indent=1) + "\n"
        )


if __name__ == "__main__":
    main()
