"""One tree, however it is made: what may differ between two runs of a recipe does not show in a byte.

All pairs of all values are met by the cases together; the first of them, which show each value, are run by
default, all in the slow run.
"""

from __future__ import annotations

import itertools
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from augcli.ops.base import OPS
from tests.conftest import tree
from tests.matrix import AXES, BLENDING, Case, covering, made
from tests.runs import rows

CASES = covering(AXES)
QUICK = 4
"""Cases of the default run; they show each value of each axis but of `data`."""

USUAL: Case = {name: values[0] for name, values in AXES.items()}
"""What all others are compared with: one process, undisturbed."""


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Data -> what the usual run makes of it; made when it is asked for first."""

    class Made(dict[str, Path]):
        def __missing__(self, data: str) -> Path:
            self[data] = made(USUAL | {"data": data}, tmp_path_factory.mktemp("usual"))
            return self[data]

    return Made()


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """A folder of a file system that lists files in the order of their creation, where there is one."""
    memory = Path("/dev/shm")
    if not memory.is_dir():
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


def name_of(case: Case) -> str:
    return ", ".join(case.values())


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, marks=[] if at < QUICK else pytest.mark.slow) for at, case in enumerate(CASES)],
    ids=name_of,
)
def test_the_tree_is_the_same_however_it_is_made(case: Case, usual: dict[str, Path], root: Path) -> None:
    expected = usual[case["data"]]
    found = made(case, root)
    assert tree(found) == tree(expected)
    assert str(root) not in (found / "run.json").read_text() + (found / "manifest.jsonl").read_text()


def test_the_cases_meet_every_pair_and_the_first_show_each_value() -> None:
    pairs = {pair for case in CASES for pair in itertools.combinations(case.items(), 2)}
    assert pairs == {
        ((one, a), (other, b))
        for one, other in itertools.combinations(AXES, 2)
        for a in AXES[one]
        for b in AXES[other]
    }
    for name, values in AXES.items():
        shown = {case[name] for case in CASES[:QUICK]}
        assert shown == set(values) or name == "data"
    assert len(CASES) < 60


def test_every_operation_happened_in_what_is_compared(usual: dict[str, Path]) -> None:
    told = [row for data in AXES["data"][:QUICK] for row in rows(usual[data])]
    happened = {step["op"] for row in told for step in row["steps"]}
    assert happened >= set(OPS) - set(BLENDING)
    assert sum(row["status"] == "ok" for row in told) > 0.8 * len(told)
    assert any(row["partners"] for row in told) and any(row["labels"].get("objects") for row in told)
    assert json.loads((usual["folders"] / "run.json").read_text())["counts"]["outputs"]["train"]
