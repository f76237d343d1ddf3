"""Run `augment` over a folder of odd files and hold the outcome against its promises; see `run`.

    python tests/corpus/check.py FILES PLACE

Every file goes in twice: under its own name, where that is one of an image, and as .jpg whatever it is.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from augcli.images.kinds import KNOWN_EXTENSIONS
from augcli.prelude import prelude
from augcli.work import Work, settle

RECIPE = """augment: 1
seed: 7
input: {{path: {source}}}
output: {{path: {output}}}
copies: 1
steps:
  - rotate: {{degrees: [-20, 20]}}
  - flip: {{axis: horizontal}}
  - brightness: {{factor: [0.8, 1.2]}}
"""

MOST_OF_A_FILE = 400
"""MiB that one of these files may need above an idle worker: its picture, that turned as
floats or RGBA, the result, the encoded bytes."""

MOST_OF_A_TREE = 1000
"""MiB that all processes of a run with two workers may have in memory together; shared pages count twice."""

PATIENCE = 900
"""Seconds for a whole run."""


def main() -> None:
    """Print what was found; exit code 1 when a promise is broken."""
    files, place = map(Path, sys.argv[1:3])
    place.mkdir(parents=True)
    names = gather(files, place / "in")
    wrong: list[str] = []
    trees = []
    for attempt in ("first", "second"):
        recipe = place / f"{attempt}.yaml"
        recipe.write_text(RECIPE.format(source=place / "in", output=place / attempt))
        trees.append(one_run(attempt, recipe, place / attempt, names, wrong))
    if trees[0] != trees[1]:
        wrong.append("two runs gave two trees")
    one_by_one(place / "first.yaml", wrong)
    for each in wrong:
        print(f"BROKEN: {each}")
    sys.exit(1 if wrong else 0)


def gather(files: Path, source: Path) -> set[str]:
    """Copy the files into class folders; the sources that are to have rows."""
    names = set()
    for path in sorted(path for path in files.rglob("*") if path.is_file()):
        flat = "__".join(path.relative_to(files).parts)
        places = [f"lie/{flat}.jpg"]
        if path.suffix.lower() in KNOWN_EXTENSIONS and not flat.startswith("."):
            places.append(f"true/{flat}")
        for name in places:
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, source / name)
            if not flat.startswith("."):
                names.add(name)
    return names


def one_run(attempt: str, recipe: Path, output: Path, names: set[str], wrong: list[str]) -> str:
    """A run in a session of its own, watched; the digest of its tree."""
    words = [
        sys.executable,
        "-m",
        "augcli",
        "run",
        str(recipe),
        "--workers",
        "2",
        "--timeout",
        "60",
        "--json",
    ]
    begin = time.monotonic()
    with open(f"{recipe}.out", "w") as out, open(f"{recipe}.err", "w") as err:
        run = subprocess.Popen(words, stdout=out, stderr=err, start_new_session=True)
        most = 0
        while run.poll() is None:
            most = max(most, sum(map(resident, session_of(run.pid))))
            if time.monotonic() - begin > PATIENCE:
                wrong.append(f"{attempt}: hangs")
                os.killpg(run.pid, signal.SIGKILL)
            time.sleep(0.05)
    deadline = time.monotonic() + 5
    while (left := session_of(run.pid)) and time.monotonic() < deadline:
        time.sleep(0.05)
    said = Path(f"{recipe}.err").read_text()
    promises = {
        "leaves processes": not left,
        f"exits with {run.returncode}": run.returncode in (0, 3),
        "has a traceback": "Traceback" not in said,
        f"says {len(said.splitlines())} lines": len(said.splitlines()) < 200,
        f"needs {most} MiB": most < MOST_OF_A_TREE,
    }
    if run.returncode not in (0, 3):
        wrong.append(f"{attempt}: exits with {run.returncode}: {said[-1000:]}")
        return ""
    rows = [json.loads(line) for line in (output / "manifest.jsonl").read_text().splitlines()]
    outcomes = Counter((row["source"], row["copy"]) for row in rows)
    expected = Counter({(name, copy): 1 for name in names for copy in (0, 1)})
    promises["has not one row for every input and copy"] = outcomes == expected
    codes = Counter(row["error"]["code"] if row["error"] else row["status"] for row in rows)
    promises["has unexpected errors"] = not codes["internal"] + codes["worker_died"] + codes["timeout"]
    made = {each["path"] for row in rows for each in row["files"]}
    there = {str(path.relative_to(output)) for path in output.rglob("*") if path.is_file()}
    promises["has files without rows"] = there - made <= {"manifest.jsonl", "run.json", "metadata.jsonl"}
    wrong += [f"{attempt}: {what}" for what, holds in promises.items() if not holds]
    counts = ", ".join(f"{code} {count}" for code, count in sorted(codes.items()))
    seconds = time.monotonic() - begin
    print(
        f"{attempt}: {len(names)} inputs, {len(rows)} rows in {seconds:.0f} s, {most} MiB: {counts}",
        flush=True,
    )
    return str(json.loads((output / "run.json").read_text())["tree"])


def session_of(leader: int) -> list[int]:
    """The living processes of a session (proc(5): field 6 of stat is the session, field 3 the state)."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == leader and fields[0] != "Z":
                found.append(int(folder.name))
    return found


def resident(process: int) -> int:
    """MiB of a process in memory; 0 for one that is gone."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * resource.getpagesize() >> 20
    except (OSError, IndexError):
        return 0


def one_by_one(recipe: Path, wrong: list[str]) -> None:
    """Every job alone in a process of its own: how much memory it needs, and the worst."""
    settle()
    found = prelude(recipe, [])
    work = Work(found.setting, str(recipe.parent / "alone"), "", found.plan.format)
    needs = []
    for job in found.plan.jobs():
        child = os.fork()
        if not child:
            work(job)
            os._exit(0)
        _, status, usage = os.wait4(child, 0)
        if status:
            wrong.append(f"{job.entry.id} ends its process with {status}")
        needs.append((usage.ru_maxrss >> 10, usage.ru_utime + usage.ru_stime, job.entry.id))
    idle = min(needs)[0]
    for most, seconds, name in sorted(needs, reverse=True)[:5]:
        print(f"memory: {most - idle} MiB above an idle worker's {idle}, {seconds:.1f} s of CPU: {name}")
    for most, seconds, name in sorted(needs, key=lambda need: -need[1])[:3]:
        print(f"time: {seconds:.1f} s of CPU, {most - idle} MiB: {name}")
    if max(needs)[0] - idle > MOST_OF_A_FILE:
        wrong.append(f"{max(needs)[2]} needs more than {MOST_OF_A_FILE} MiB")


if __name__ == "__main__":
    main()
