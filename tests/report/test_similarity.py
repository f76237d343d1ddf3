"""Near pairs among many hashes: exactly those that a search over all pairs finds."""

from __future__ import annotations

import numpy as np
import pytest

from augcli.report.similarity import correlation, distance, near_pairs


def hashes_with_neighbours(number: int) -> np.ndarray:
    rng = np.random.default_rng(number)
    hashes = rng.integers(0, 2**63, number, dtype=np.uint64)
    for _ in range(number // 4):
        one, other = rng.integers(0, number, 2)
        bits = rng.choice(64, rng.integers(0, 4), replace=False)
        hashes[other] = hashes[one] ^ np.uint64(sum(1 << int(bit) for bit in bits))
    return hashes


@pytest.mark.parametrize("number", [2, 40, 700])
@pytest.mark.parametrize("most", [0, 1, 2])
def test_it_finds_what_a_search_over_all_pairs_finds(number: int, most: int) -> None:
    hashes = hashes_with_neighbours(number)
    values = [int(value) for value in hashes]
    found = list(near_pairs(hashes, most))
    assert len(found) == len(set(found)) and all(i < j for i, j in found)
    assert all(distance(values[i], values[j]) <= most for i, j in found)
    # of equal hashes one stands for all, so pairs of values are what must be complete
    told = {frozenset((values[i], values[j])) for i, j in found}
    expected = {frozenset((a, b)) for i, a in enumerate(values) for b in values[:i] if distance(a, b) <= most}
    assert told == expected


def test_equal_hashes_form_a_chain_and_not_all_pairs() -> None:
    hashes = np.zeros(50_000, np.uint64)
    found = list(near_pairs(hashes))
    assert found == [(number, number + 1) for number in range(49_999)]


def test_hashes_that_share_a_block_are_compared_in_parts() -> None:
    hashes = np.arange(10_000, dtype=np.uint64) << np.uint64(43)  # the lower blocks are all equal
    found = list(near_pairs(hashes, 1))
    assert len(found) == sum(
        1
        for value in range(10_000)
        for bit in range(14)
        if value ^ 1 << bit > value and value ^ 1 << bit < 10_000
    )


def test_a_distance_that_blocks_cannot_find_is_refused() -> None:
    with pytest.raises(ValueError, match="needs more than 3 blocks"):
        list(near_pairs(np.zeros(2, np.uint64), 3))


def test_correlation_ignores_light_and_is_nothing_for_flat_pictures() -> None:
    image = np.arange(768, dtype=np.uint8).reshape(16, 16, 3) // 4
    assert correlation(image, image * 2 + 10) == pytest.approx(1.0)
    assert correlation(image, np.full_like(image, 9)) == 0.0
