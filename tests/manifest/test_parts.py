"""The journal of a shard: when it is done, and what else may lie in its folder."""

from __future__ import annotations

import json

import pytest

from augcli.errors import OutputMismatch
from augcli.manifest import (
    JOURNAL,
    LOCK,
    MANIFEST,
    RUN,
    Journal,
    Known,
    is_whole,
    journal_of,
    load,
    load_shard,
    read_shards,
    remains,
    remove_shards,
    shards,
    strange_division,
    unlike_others,
)
from augcli.shard import Shard
from tests.manifest.rows import HEADER, row

SHARD = Shard(2, 3)
ROWS = [row(f"cat/{n}.png", steps=[{"degrees": n / 7}]) for n in range(3)]
END = {"dataset": json.dumps({"z": 1, "a": 2}), "tree": "ab" * 32}


def write(root, rows=ROWS, shard=SHARD, header=HEADER, done=True):
    root.mkdir(exist_ok=True)
    with (
        load_shard(root, shard) as state,
        Journal.begin(root, header, state.known, state.journal, shard) as journal,
    ):
        journal.promise(["cat/9.png"], None)
        journal.append(*rows)
        if done:
            journal.finish([(one["split"], one["source"], one["copy"]) for one in rows], END)
    return journal_of(root, shard)


def test_a_shard_that_is_done_holds_its_rows_in_order_and_what_merging_needs(tmp_path):
    path = write(tmp_path, ROWS[::-1])
    with load_shard(tmp_path, SHARD) as state:
        assert (state.kind, state.header) == ("sealed", HEADER)
        assert list(state.known.rows()) == ROWS
        assert state.journal.end == {**END, "rows": 3}
        assert not state.promised and state.journal.rows == 3
    other = write(tmp_path / "other", ROWS)
    assert path.read_bytes() == other.read_bytes()


def test_a_shard_that_is_done_goes_on_when_anything_is_added(tmp_path):
    write(tmp_path)
    more = row("cat/7.png")
    write(tmp_path, [more], done=False)
    with load_shard(tmp_path, SHARD) as state:
        assert state.kind == "unfinished" and list(state.known.rows()) == [*ROWS, more]


def test_cut_anywhere_a_shard_is_not_done(tmp_path):
    path = write(tmp_path)
    data = path.read_bytes()
    for size in [*range(0, len(data), 5), *range(len(data) - 40, len(data))]:
        path.write_bytes(data[:size])
        with Known() as known:
            assert [contents.end for _, contents in read_shards(tmp_path, known)] in ([], [None])


def test_with_any_byte_changed_a_shard_is_not_done_or_refused(tmp_path):
    path = write(tmp_path)
    data = path.read_bytes()
    header = data.index(b"\n")
    for at in range(0, len(data), 7):
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        with Known() as known:
            if at <= header:
                with pytest.raises(OutputMismatch, match="remove this file and run its shard again"):
                    list(read_shards(tmp_path, known))
            else:
                assert [contents.end for _, contents in read_shards(tmp_path, known)] == [None], at


def test_a_folder_tells_its_shards_and_how_they_differ(tmp_path):
    assert shards(tmp_path / "nowhere") == [] and not is_whole(tmp_path / "nowhere")
    for number in (3, 1):
        write(tmp_path, shard=Shard(number, 3))
    write(tmp_path, shard=Shard(2, 4), header={**HEADER, "inputs": "bb"})
    (tmp_path / f"{JOURNAL}.9of3").write_text("no shard")
    assert shards(tmp_path) == [Shard(1, 3), Shard(2, 4), Shard(3, 3)]
    assert strange_division(tmp_path, SHARD) == Shard(2, 4)
    assert strange_division(tmp_path, Shard(4, 4)) == Shard(1, 3)
    assert unlike_others(tmp_path, SHARD, HEADER) == [f'shard 2/4: inputs: "bb" -> "{"aa" * 32}"']
    assert unlike_others(tmp_path, Shard(2, 4), HEADER) == []


@pytest.mark.parametrize("name", [JOURNAL, MANIFEST, RUN])
def test_what_a_run_of_the_whole_leaves_is_told_from_shards(name, tmp_path):
    write(tmp_path)
    assert not is_whole(tmp_path)
    (tmp_path / name).write_text("")
    assert is_whole(tmp_path)


def test_a_shard_that_was_not_begun_is_empty_beside_others_and_foreign_beside_strangers(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    assert load_shard(tmp_path, SHARD).kind == "foreign"
    write(tmp_path, shard=Shard(1, 3))
    assert load_shard(tmp_path, SHARD).kind == "empty"
    assert load_shard(tmp_path / "nowhere", SHARD).kind == "empty"
    assert load_shard(tmp_path / "mine.txt", SHARD).kind == "foreign"


def test_a_run_of_the_whole_knows_the_rows_of_all_shards(tmp_path):
    write(tmp_path, ROWS[:1], Shard(1, 3))
    write(tmp_path, ROWS[1:], Shard(3, 3), done=False)
    with load(tmp_path) as state:
        assert state.kind == "unfinished" and list(state.known.rows()) == ROWS
        assert [shard for shard, _ in state.shards] == [Shard(1, 3), Shard(3, 3)]
        assert state.headers == [HEADER, HEADER] and state.header is None
        assert state.promised == ({"paths": ["cat/9.png"], "class_at": None},)
        newer = ROWS[0] | {"build": "01"}
        with Journal.begin(tmp_path, HEADER, state.known, state.journal) as journal:
            journal.append(newer)
    with load(tmp_path) as state:
        assert next(state.known.rows()) == newer and state.headers == [HEADER]


def test_what_shards_left_is_removed_and_nothing_else(tmp_path):
    write(tmp_path)
    (tmp_path / f"{LOCK}.2of3").write_text("")
    (tmp_path / f"{LOCK}.mine").write_text("")
    assert remains(tmp_path)
    remove_shards(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [f"{LOCK}.mine"]
    assert not remains(tmp_path)
