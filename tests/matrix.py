"""The ways in which one recipe may be run, and a choice of their combinations that meets every pair."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import pty
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import augcli.ops  # noqa: F401 - fills the registry
from augcli.ops.base import OPS
from tests.conftest import ROOT
from tests.kills import DIE
from tests.runs import dataset

AXES: Mapping[str, Sequence[str]] = {
    "data": ("folders", "coco", "voc", "webdataset", "masks", "yolo-pose", "csv", "labelme"),
    "workers": ("1", "2", "3", "8"),
    "start": ("forkserver", "spawn", "fork"),
    "hashseed": ("0", "1", "random"),
    "order": ("sorted", "reversed", "shuffled"),
    "shards": ("whole", "3 apart", "3 in one folder", "2 of 3, then the whole"),
    "ended": ("by itself", "killed 3 times"),
    "place": ("its folder", "another folder", "the root"),
    "world": ("usual", "LANG=C, no home", "time zone, umask", "terminal"),
}
"""What must not matter -> its values. `data` is what the recipe is run on."""

Case = dict[str, str]


def covering(axes: Mapping[str, Sequence[str]]) -> list[Case]:
    """Cases that hold every pair of values of every two axes, few of them (a greedy choice, without chance).

    Each case begins with the pair that waits longest and takes, axis by axis, the value that meets most of
    the pairs that are left; values that were used least are preferred, so that the first few cases already
    show each value.
    """
    names = list(axes)
    left = dict.fromkeys(
        frozenset([(one, a), (other, b)])
        for one, other in itertools.combinations(names, 2)
        for a in axes[one]
        for b in axes[other]
    )
    used: dict[tuple[str, str], int] = {(name, value): 0 for name in names for value in axes[name]}
    cases = []
    while left:
        case: Case = {}
        unused = [item for item, times in used.items() if not times]
        case |= dict(unused[:1] or next(iter(left)))
        for name in names:
            if name not in case:
                case[name] = max(
                    axes[name],
                    key=lambda value, name=name, case=dict(case): (  # type: ignore[misc]
                        -min(used[name, value], 1),
                        sum(frozenset([(name, value), item]) in left for item in case.items()),
                        -used[name, value],
                    ),
                )
        for pair in map(frozenset, itertools.combinations(case.items(), 2)):
            left.pop(pair, None)
        for item in case.items():
            used[item] += 1
        cases.append({name: case[name] for name in names})
    return cases


STEPS = {name: dict(cls.example) for name, cls in sorted(OPS.items())} | {
    "resize": {"longest": 90},
    "letterbox": {"width": 96, "height": 80},
    "random_resized_crop": {"width": 72, "height": 64},
    "pad": {"all": 5},
}
"""Every op of the registry -> parameters."""

BLENDING = ("blend", "mixup")
"""What a mask of classes cannot be put through."""

CLASSES = ("folders", "webdataset")
"""Data of whole-image classes: colour and grey, with alpha, of 16 bit."""

TARGETS = {"webdataset": "webdataset", "csv": "coco"}


def text_of(data: str, source: str, output: str) -> str:
    """A recipe for this data in which each op may happen, about ten to an image."""
    steps = [
        f"  - {json.dumps({name: {**given, 'p': 0.18}})}"
        for name, given in STEPS.items()
        if not (name in BLENDING and data in ("masks", "voc"))
    ]
    copies = "{balance: max, at_least: 1}" if data in CLASSES else "2"
    return "\n".join(
        [
            f"augment: 1\nseed: 3\ninput: {source}",
            f"output: {{path: {output}, format: {TARGETS.get(data, 'same')}}}",
            f"copies: {copies}\nprepare:\n  - resize: {{longest: 120}}\nsteps:",
            *steps,
            "",
        ]
    )


def plant(data: str, root: Path, order: str) -> None:
    """The input, its files created in this order."""
    made = root / "made"
    if data in CLASSES:
        dataset(made)
    else:
        shutil.copytree(ROOT / "sample_data" / data, made)
    files = sorted(path.relative_to(made) for path in made.rglob("*") if path.is_file())
    if order == "reversed":
        files.reverse()
    elif order == "shuffled":
        files.sort(key=lambda path: str(path)[::-1])
    for number, path in enumerate(files):
        (root / "in" / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(made / path, root / "in" / path)
        os.utime(root / "in" / path, (1e9 + number, 1e9 + number))
    shutil.rmtree(made)


@dataclass(frozen=True)
class Start:
    """How commands of a case are started, in `root`, which holds `in` and `recipe.yaml`."""

    case: Case
    root: Path

    def run(self, *words: str, kills: Sequence[int] = ()) -> None:
        """`augment WORDS`; before that it is killed once for each number, before it tells of so many rows."""
        for rows in kills:
            self._process(
                [sys.executable, "-c", DIE, "augcli.manifest.journal", "Journal.append", str(rows), *words]
            )
        code, said = self._process([sys.executable, "-m", "augcli", *words])
        assert code == 0, said

    def _process(self, command: Sequence[str]) -> tuple[int, str]:
        env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": self.case["hashseed"]}
        world = self.case["world"]
        if world == "LANG=C, no home":
            env |= {"LANG": "C", "LC_ALL": "C"}
        elif world == "time zone, umask":
            env = {**os.environ, **env, "TZ": "Pacific/Kiritimati", "LC_ALL": "tr_TR.UTF-8"}
        else:
            env = {**os.environ, **env}
        umask = 0o077 if world == "time zone, umask" else -1
        cwd = {"its folder": self.root, "another folder": self.root / "elsewhere", "the root": Path("/")}
        where = cwd[self.case["place"]]
        where.mkdir(exist_ok=True)
        with _outlet(world == "terminal") as (end, said):
            done = subprocess.run(
                command, cwd=where, env=env, umask=umask, stdin=subprocess.DEVNULL, stdout=end, stderr=end,
                timeout=240, start_new_session=True,
            )  # fmt: skip
        return done.returncode, b"".join(said).decode(errors="replace")


@contextlib.contextmanager
def _outlet(terminal: bool) -> Iterator[tuple[int, list[bytes]]]:
    """A file to write to, a terminal or a pipe, and what was written once the block is left."""
    inner, outer = pty.openpty() if terminal else os.pipe()
    said: list[bytes] = []

    def drain() -> None:
        with contextlib.suppress(OSError):  # a terminal ends by an error
            while data := os.read(inner, 1 << 16):
                said.append(data)

    reader = threading.Thread(target=drain)
    reader.start()
    try:
        yield outer, said
    finally:
        os.close(outer)
        reader.join(timeout=30)
        os.close(inner)


def made(case: Case, root: Path) -> Path:
    """Run the recipe as the case says; the output folder."""
    plant(case["data"], root, case["order"])
    near = case["place"] == "its folder"
    (root / "recipe.yaml").write_text(text_of(case["data"], "in" if near else str(root / "in"), "out"))
    start = Start(case, root)
    kills = [2, 3, 2] if case["ended"] == "killed 3 times" else []
    options = ["--workers", case["workers"], "--start-method", case["start"], "--max-failures", "100%"]

    def run(output: str, *more: str, kills: Sequence[int] = ()) -> None:
        path = output if near else str(root / output)
        recipe = "recipe.yaml" if near else str(root / "recipe.yaml")
        start.run("run", recipe, "--set", f"output.path={path}", *options, *more, kills=kills)

    def merge(*words: str) -> None:
        start.run("merge", *words, "--max-failures", "100%", "--link")

    if case["shards"] == "whole":
        run("out", kills=kills)
    elif case["shards"] == "3 apart":
        for number in (1, 2, 3):
            run(f"part{number}", "--shard", f"{number}/3", kills=kills[number - 1 : number])
        merge(*(str(root / f"part{number}") for number in (1, 2, 3)), "-o", str(root / "out"))
    elif case["shards"] == "3 in one folder":
        for number in (3, 1, 2):
            run("out", "--shard", f"{number}/3", kills=kills[number - 1 : number])
        merge(str(root / "out"))
    else:
        for number in (2, 3):
            run("out", "--shard", f"{number}/3", kills=kills[1:number])
        run("out", kills=kills[:1])
    return root / "out"
