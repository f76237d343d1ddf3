"""Disks that are full, out of inodes, read-only or not one disk; files that may not grow.

The run ends with 1 and one sentence, nothing under a final name is partial, and it continues to the same tree
when the fault is mended.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from augcli import storage
from tests.conftest import tree
from tests.faults.moments import whole
from tests.faults.places import AUGMENT, in_namespace, limited, said
from tests.runs import call, dataset, recipe

STEPS = ("flip: {axis: horizontal, p: 0.5}", "rotate: {degrees: [-9, 9]}")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recipe, and what an undisturbed run makes in `out`."""
    folder = tmp_path_factory.mktemp("disk")
    assert call("run", recipe(folder, dataset(folder / "in"), STEPS, more="copies: 3\n")).code == 0
    return folder


FULL = """
mount -t tmpfs -o {before} tmpfs "$PLACE"
"$@"; echo "first $?"
cp -r "$PLACE/out" "{kept}/broken" 2>/dev/null
mount -o remount,{after} tmpfs "$PLACE"
"$@"; echo "second $?"
cp -r "$PLACE/out" "{kept}/mended"
"""

FAULTS = {
    "no space": ("size=64k", "size=64m", "No space left on device"),
    "no inodes": ("nr_inodes=24", "nr_inodes=4000", "No space left on device"),
    "read-only": ("ro", "rw", "Read-only file system"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_disk_that_takes_no_more_ends_the_run_and_it_continues_when_mended(
    fault: str, place: Path, tmp_path: Path
) -> None:
    before, after, words = FAULTS[fault]
    (tmp_path / "small").mkdir()
    script = FULL.format(before=before, after=after, kept=tmp_path)
    settings = ["--set", f"output.path={tmp_path / 'small/out'}"]
    done = in_namespace(script, tmp_path / "small", "run", place / "recipe.yaml", *settings, "--quiet")
    assert done.stdout.split() == ["first", "1", "second", "0"], done.stdout + done.stderr
    (line,) = said(done)
    assert line.startswith("augment: error: ") and words in line
    if (tmp_path / "broken").exists():
        whole(tmp_path / "broken")
        empty = [
            path for path in (tmp_path / "broken").rglob("*") if path.is_file() and not path.stat().st_size
        ]
        assert [path for path in empty if not path.name.startswith(storage.TEMPORARY)] == []
    assert tree(tmp_path / "mended") == tree(place / "out")


def test_a_limit_of_file_size_ends_the_run_without_a_partial_file(place: Path, tmp_path: Path) -> None:
    settings = ["--set", f"output.path={tmp_path / 'out'}", "--set", "output.encode.format=png"]
    words = ["run", place / "recipe.yaml", *settings, "--quiet"]
    done = limited("ulimit -f 5", tmp_path, *words)  # KiB in bash: less than one of the outputs
    (line,) = said(done)
    assert done.returncode == 1 and "File too large" in line
    whole(tmp_path / "out")
    assert not list(storage.leftovers(tmp_path / "out"))
    assert call(*words).code == 0


APART = """
mount -t tmpfs tmpfs "$PLACE/train/a"
"$@"; echo "done $?"
cp -r "$PLACE" "$PLACE.made"
"""


def test_a_class_folder_on_another_file_system_is_written_like_the_others(
    place: Path, tmp_path: Path
) -> None:
    words = ["run", place / "recipe.yaml", "--set", f"output.path={tmp_path / 'out'}", "--quiet"]
    assert call(*words).code == 0
    done = in_namespace(APART, tmp_path / "out", *words)  # renaming across would fail (EXDEV)
    assert done.stdout == "done 0\n", done.stderr
    assert tree(tmp_path / "out.made") == tree(place / "out")


MOUNTED_TWICE = """
mkdir -p "$PLACE/again"; mount --bind "$PLACE/in" "$PLACE/again"
for out in again again/out; do "$@" --set "output.path=$PLACE/$out"; echo "done $?"; done
"""


def test_an_output_that_is_the_input_mounted_elsewhere_is_refused(tmp_path: Path) -> None:
    path = recipe(tmp_path, dataset(tmp_path / "in"), STEPS)
    before = tree(tmp_path / "in")
    done = in_namespace(MOUNTED_TWICE, tmp_path, "run", path)
    assert done.stdout.split() == ["done", "2", "done", "2"], done.stderr
    assert "output.path: is the input" in done.stderr and "output.path: lies inside" in done.stderr
    assert tree(tmp_path / "in") == before


SHARED = """
mount -t tmpfs -o size=64k tmpfs /dev/shm
"$@"; echo "done $?"
"""


def test_a_tiny_shared_memory_is_enough(place: Path, tmp_path: Path) -> None:
    words = ["run", place / "recipe.yaml", "--set", f"output.path={tmp_path / 'out'}", "--quiet"]
    done = in_namespace(SHARED, tmp_path, *words)
    assert done.stdout == "done 0\n" and said(done) == []
    assert tree(tmp_path / "out") == tree(place / "out")


def test_what_is_sealed_is_on_the_disk_before_it_has_its_name(place: Path, tmp_path: Path) -> None:
    log = tmp_path / "calls"
    words = ["run", place / "recipe.yaml", "--set", f"output.path={tmp_path / 'out'}", "--quiet"]
    trace = ["strace", "-qq", "-y", "-e", "trace=fsync,rename", "-o", str(log)]
    try:
        done = subprocess.run(
            [*trace, *AUGMENT, *map(str, words)], capture_output=True, text=True, timeout=120
        )
    except FileNotFoundError:
        pytest.skip("no strace here")
    if "PTRACE" in done.stderr or "Operation not permitted" in done.stderr:
        pytest.skip("processes may not be traced here")
    assert done.returncode == 0, done.stderr
    calls = log.read_text().splitlines()
    for name in (".augment.journal", "manifest.jsonl", "run.json"):
        (at,) = (n for n, line in enumerate(calls) if line.startswith("rename(") and f'/{name}"' in line)
        temporary = calls[at].split('"')[1]
        assert any("fsync(" in line and temporary in line for line in calls[:at]), name
        folder = str(Path(temporary).parent)
        assert any("fsync(" in line and f"<{folder}>" in line for line in calls[at:]), name
