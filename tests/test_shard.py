"""Which sources are whose."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from augcli.errors import UsageError
from augcli.sample import Entry
from augcli.shard import MOST, Shard, shard

names = st.text(min_size=1, max_size=8)
counts = st.integers(1, 40)


def all_of(count: int) -> list[Shard]:
    return [Shard(number, count) for number in range(1, count + 1)]


@given(names, names, counts)
def test_every_source_is_of_exactly_one_shard(split, key, count):
    assert [one.has(Entry(split, key, "")) for one in all_of(count)].count(True) == 1


@given(names, names, counts, st.integers(0, 9))
def test_the_tiles_of_an_image_are_of_its_shard(split, key, count, row):
    image = Entry(split, key, "")
    tile = dataclasses.replace(image, key=f"{key}#r{row}c0", tile=(0, 0, 1, 1))
    assert [one.has(tile) for one in all_of(count)] == [one.has(image) for one in all_of(count)]


def test_sources_are_spread_evenly_and_the_same_on_every_machine():
    entries = [Entry("train", f"a/{number}.jpg", f"/somewhere/{number}") for number in range(3000)]
    sizes = [sum(one.has(entry) for entry in entries) for one in all_of(3)]
    assert sum(sizes) == 3000 and min(sizes) > 900
    first = [number for number, entry in enumerate(entries) if Shard(1, 300).has(entry)]
    assert first[:3] == [1797, 1850, 2068]  # a change would divide a run between two releases otherwise


def test_split_and_key_are_told_apart():
    pairs = [Entry("a", "bc", ""), Entry("ab", "c", ""), Entry("", "abc", "")]
    owners = {entry.id: [one.number for one in all_of(MOST) if one.has(entry)] for entry in pairs}
    assert len({tuple(numbers) for numbers in owners.values()}) == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0/16", "shards count from 1, so there is no 0/16; the first is 1/16, the last 16/16"),
        ("17/16", "there is no shard 17 of 16; the last is 16/16"),
        ("1/0", "a run is divided into 1 to 512 shards"),
        ("1/513", "a run is divided into 1 to 512 shards"),
        ("2", "such as 2/16"),
        ("-1/3", "such as 2/16"),
        ("1/3/4", "such as 2/16"),
        ("1 / 3", "such as 2/16"),
        ("\u0661/3", "such as 2/16"),
        ("1" * 5000 + "/3", "such as 2/16"),
    ],
)
def test_what_is_no_shard_is_refused_with_what_would_be_right(text, said):
    with pytest.raises(UsageError, match="--shard: ") as caught:
        shard(text)
    assert said in str(caught.value)


@given(counts.flatmap(lambda of: st.tuples(st.integers(1, of), st.just(of))))
def test_names_of_shards_come_back(pair):
    one = Shard(*pair)
    assert shard(str(one)) == one
    assert Shard.named(one.suffix.removeprefix(".")) == one


@pytest.mark.parametrize("suffix", ["", "lock", "0of3", "4of3", "01of3", "1of3.tmp", "1of600", "1OF3"])
def test_other_names_are_no_shards(suffix):
    assert Shard.named(suffix) is None
