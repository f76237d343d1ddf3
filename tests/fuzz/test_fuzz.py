"""A bounded share of the fuzzing, the same cases every time; README.md says how to fuzz for an hour."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.__main__ import attempt
from tests.fuzz.mutation import mutated, rng_of
from tests.fuzz.targets import TARGETS, images, try_image

SHARE = {"images": 120, "recipes": 60, "labels": 25, "folders": 4}
"""Cases of the default run; the slow one has fifty times as many."""


@pytest.mark.parametrize("name", SHARE)
def test_mutated_files_give_a_value_or_a_sentence(name: str, tmp_path: Path) -> None:
    go(name, "default", SHARE[name], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", SHARE)
def test_many_mutated_files_give_a_value_or_a_sentence(name: str, tmp_path: Path) -> None:
    go(name, "slow", 50 * SHARE[name], tmp_path)


def go(name: str, seed: str, cases: int, folder: Path) -> None:
    target = TARGETS[name]
    (folder / "seeds").mkdir()
    seeds = target.prepare(folder / "seeds")
    for case in range(cases):
        try:
            attempt(target, seeds, seed, case, folder / "case")
        except Exception as error:
            error.add_note(f"python -m tests.fuzz {name} --seed {seed} --case {case}")
            raise


@pytest.mark.parametrize("name", sorted(images()))
def test_the_seeds_themselves_are_fine(name: str, tmp_path: Path) -> None:
    try_image(images()[name], tmp_path)


def test_a_case_is_a_function_of_its_name() -> None:
    data = images()["plain.jpg"]
    cases = [mutated(data, rng_of("seed", number)) for number in range(50)]
    assert cases == [mutated(data, rng_of("seed", number)) for number in range(50)]
    assert len(set(cases)) > 45
