"""The table of faults in README.md names, for each of them, tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

TABLE = [
    [cell.strip() for cell in line.strip("|\n").split(" | ")]
    for line in (Path(__file__).parent / "README.md").read_text().splitlines()
    if re.match(r"\| [^#h-]", line)
]
NAMED = sorted({name for row in TABLE for name in re.findall(r"`(tests/\S+::\w+)`", row[-1])})


def test_every_fault_has_its_row_and_every_row_its_tests() -> None:
    assert [row[0] for row in TABLE if row[0].isdigit()] == [str(number) for number in range(1, 31)]
    assert len(TABLE) == 39
    for row in TABLE:
        assert re.search(r"`tests/\S+::\w+`", row[-1]), row


@pytest.mark.parametrize("name", NAMED)
def test_every_test_that_is_named_exists(name: str) -> None:
    file, _, test = name.partition("::")
    assert f"\ndef {test}(" in (ROOT / file).read_text()
