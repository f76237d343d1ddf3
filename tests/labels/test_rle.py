"""Run lengths against pycocotools, which defines them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from augcli.labels import rle

mask_utils = pytest.importorskip("pycocotools.mask")
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

MASKS = arrays.arrays(bool, st.tuples(st.integers(1, 40), st.integers(1, 40)))


def theirs(mask: np.ndarray) -> str:
    text: bytes = mask_utils.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"]
    return text.decode()


@settings(max_examples=50, deadline=None)
@given(MASKS)
def test_the_string_is_that_of_pycocotools_and_comes_back(mask: np.ndarray) -> None:
    counts = rle.encode(mask)
    assert rle.pack(counts) == theirs(mask)
    assert rle.unpack(theirs(mask)) == counts
    assert np.array_equal(rle.decode(counts, mask.shape), mask)  # type: ignore[arg-type]


@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.999, 1.0])
def test_large_masks_agree_with_pycocotools(share: float) -> None:
    mask = np.random.default_rng(0).random((700, 1100)) < share
    counts = rle.encode(mask)
    assert rle.pack(counts) == theirs(mask)
    assert rle.unpack(rle.pack(counts)) == counts
    assert np.array_equal(rle.decode(counts, mask.shape), mask)  # type: ignore[arg-type]
    runs = mask_utils.frPyObjects({"counts": counts, "size": list(mask.shape)}, *mask.shape)
    assert np.array_equal(mask_utils.decode(runs), mask)


def test_counts_run_down_the_columns_and_begin_with_zeros() -> None:
    mask = np.array([[1, 0, 0], [1, 1, 0]], bool)
    assert rle.encode(mask) == [0, 2, 1, 1, 2]


def test_an_empty_mask_has_no_counts() -> None:
    assert rle.encode(np.zeros((0, 0), bool)) == [] == rle.unpack(rle.pack([]))
    assert rle.decode([], (0, 0)).shape == (0, 0)


@given(st.lists(st.integers(0, 2**35), max_size=30))
@settings(max_examples=50, deadline=None)
def test_any_counts_survive_the_string(counts: list[int]) -> None:
    assert rle.unpack(rle.pack(counts)) == counts


@pytest.mark.parametrize("counts", [[5], [3, -1, 2], [1, 2, 3, 4]])
def test_counts_that_do_not_fill_the_mask_are_refused(counts: list[int]) -> None:
    with pytest.raises(ValueError, match="the counts of a mask of 2 x 2 pixels make"):
        rle.decode(counts, (2, 2))


@pytest.mark.parametrize("text", ["o", "1 2", "é", "oooooooooooo1", "~"])
def test_strings_that_are_no_run_lengths_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="run length"):
        rle.unpack(text)
