"""An image that memory is too small for costs its own rows, whichever library finds out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from augcli import work
from augcli.engines import Failure
from augcli.images.verdict import lacks_memory
from augcli.prelude import prelude
from augcli.work import Work
from tests.conftest import ROOT
from tests.runs import dataset, recipe

ONE = np.zeros((1, 1), np.uint8)


def exhaust(*_: object, **__: object) -> None:
    """OpenCV's own error: 2^50 bytes."""
    cv2.resize(ONE, (1 << 24, 1 << 26))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return recipe(tmp_path, dataset(tmp_path / "in", ["train/a/1.jpg"]), ["flip: {p: 0.5}"])


@pytest.mark.parametrize("name", ["open_source", "render", "encode"])
def test_what_opencv_cannot_allocate_is_a_row(
    name: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, name, exhaust)
    found = prelude(place, [])
    records = Work(found.setting, str(place.parent / "out"), "")(found.plan.job(0))
    codes = {record.row["error"]["code"] for record in records if record.row["copy"]}
    assert codes == {"memory_limit"}


def test_other_errors_of_opencv_are_not_of_memory() -> None:
    with pytest.raises(cv2.error) as memory:
        exhaust()
    assert lacks_memory(memory.value)
    with pytest.raises(cv2.error) as other:
        cv2.resize(ONE, (0, 0))
    assert not lacks_memory(other.value)
    assert Failure.of(MemoryError()).kind == "memory_limit"


LIMITED = """
import resource, sys
from pathlib import Path
from augcli.prelude import prelude
from augcli.work import Work, settle
settle()
found = prelude(Path(sys.argv[1]), [])
work = Work(found.setting, sys.argv[2], "")
pages = int(Path("/proc/self/statm").read_text().split()[0])
most = pages * resource.getpagesize() + (100 << 20)
resource.setrlimit(resource.RLIMIT_AS, (most, most))
for record in work(found.plan.job(0)):
    print(record.row["copy"], (record.row["error"] or {}).get("code"))
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
def test_under_a_limit_of_memory_the_copies_that_need_more_fail(tmp_path: Path) -> None:
    source = dataset(tmp_path / "in", ["train/a/1.jpg"])
    path = recipe(tmp_path, source, ["resize: {width: 12000, height: 12000}"], more="copies: 1\n")
    words = [sys.executable, "-c", LIMITED, str(path), str(tmp_path / "out")]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout.split("\n")[:2] == ["0 None", "1 memory_limit"], done.stderr
