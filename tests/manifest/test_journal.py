from __future__ import annotations

import errno
import os

import pytest

from augcli.errors import Aborted, OutputMismatch
from augcli.manifest import JOURNAL, Journal, load
from augcli.manifest import journal as module
from tests.manifest.rows import HEADER, row

ROWS = [row(f"cat/{n}.png", copy, steps=[{"degrees": n / 7}]) for n in range(3) for copy in range(2)]


def write(root, rows, header=HEADER):
    with load(root).known as known, Journal.begin(root, header, known, load_contents(root)) as journal:
        for each in rows:
            journal.append(each)


def load_contents(root):
    state = load(root)
    state.known.close()
    return state.journal


def known_rows(root):
    state = load(root)
    with state.known as known:
        return list(known.rows())


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def test_rows_can_be_read_while_the_journal_is_open(root):
    state = load(root)
    with state.known as known, Journal.begin(root, HEADER, known, state.journal) as journal:
        for each in ROWS:
            journal.append(each)
        assert known.row(("train", "cat/1.png", 1)) == ROWS[3]
        assert list(known.rows()) == ROWS
        assert len(known) == 6
        assert ("train", "cat/9.png", 0) not in known
        assert known.status(("train", "cat/9.png", 0)) is None


def test_a_journal_goes_on_where_it_ended(root):
    write(root, ROWS[:3])
    write(root, ROWS[3:])
    state = load(root)
    assert (state.kind, state.header) == ("unfinished", HEADER)
    assert list(state.known.rows()) == ROWS
    state.known.close()
    assert (root / JOURNAL).read_bytes().count(b"H ") == 1


def test_the_last_row_of_an_output_counts(root):
    write(root, [row(status="error"), row(copy=1), row(status="ok", size=[3, 2])])
    state = load(root)
    with state.known as known:
        assert known.status(("train", "cat/a.png", 0)) == "ok"
        assert known.row(("train", "cat/a.png", 0))["size"] == [3, 2]
        assert len(known) == 2


def test_cut_at_any_byte_the_journal_keeps_exactly_the_whole_rows_and_goes_on(root):
    write(root, ROWS)
    path = root / JOURNAL
    whole = path.read_bytes()
    ends = [n + 1 for n, byte in enumerate(whole) if byte == ord("\n")]
    for cut in range(ends[0], len(whole) + 1):
        path.write_bytes(whole[:cut])
        rows = sum(end <= cut for end in ends) - 1
        assert known_rows(root) == ROWS[:rows]
        if cut % 7 == 0 or cut in ends:
            write(root, ROWS[rows:])
            assert path.read_bytes() == whole


def test_cut_inside_its_header_a_journal_was_never_begun(root):
    write(root, ROWS)
    path = root / JOURNAL
    whole = path.read_bytes()
    for cut in range(whole.index(b"\n") + 1):
        path.write_bytes(whole[:cut])
        assert load(root).kind == "empty"
    write(root, ROWS)
    assert path.read_bytes() == whole


def test_a_flipped_byte_costs_the_rows_it_touches_and_no_other(root):
    write(root, ROWS)
    path = root / JOURNAL
    whole = path.read_bytes()
    start = whole.index(b"\n") + 1
    for place in range(start, len(whole), 3):
        damaged = bytearray(whole)
        damaged[place] ^= 0x04
        path.write_bytes(damaged)
        rows = known_rows(root)
        assert len(rows) in (4, 5)  # a newline that is gone joins two lines
        assert all(each in ROWS for each in rows)


def test_a_flipped_byte_in_the_header_is_said_and_nothing_is_trusted(root):
    write(root, ROWS)
    path = root / JOURNAL
    damaged = bytearray(path.read_bytes())
    damaged[20] ^= 0x04
    path.write_bytes(damaged)
    with pytest.raises(OutputMismatch, match="the first line is damaged"):
        load(root)


def test_another_header_begins_the_journal_anew_and_keeps_its_rows(root):
    write(root, ROWS)
    changed = {**HEADER, "inputs": "bb" * 32}
    write(root, [row("dog/a.png")], changed)
    state = load(root)
    with state.known as known:
        assert state.header == changed
        assert list(known.rows()) == [*ROWS, row("dog/a.png")]


def test_a_header_with_tuples_is_the_header_it_becomes_in_json(root):
    write(root, ROWS, {**HEADER, "environment": {"levels": (0, 1)}})
    inode = (root / JOURNAL).stat().st_ino
    write(root, [], {**HEADER, "environment": {"levels": [0, 1]}})
    assert (root / JOURNAL).stat().st_ino == inode


def test_the_header_is_on_the_disk_before_begin_returns_and_rows_in_batches(root, monkeypatch):
    synced = []
    fsync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: (synced.append(os.fstat(handle).st_size), fsync(handle)))
    monkeypatch.setattr(module, "SYNC_ROWS", 4)
    monkeypatch.setattr(module, "SYNC_SECONDS", 1e9)
    state = load(root)
    with state.known as known:
        journal = Journal.begin(root, HEADER, known, state.journal)
        header = (root / JOURNAL).stat().st_size
        assert synced[0] == header
        assert len(synced) == 2  # the file and its name
        for each in ROWS:
            journal.append(each)
        assert len(synced) == 3
        journal.close()
        assert synced[-1] == (root / JOURNAL).stat().st_size


def test_rows_reach_the_kernel_at_once(root):
    state = load(root)
    with state.known as known, Journal.begin(root, HEADER, known, state.journal) as journal:
        journal.append(ROWS[0])
        assert known_rows(root) == ROWS[:1]  # as a run would read it after this process was killed


def test_a_row_that_does_not_fit_on_the_disk_leaves_the_journal_whole(root, monkeypatch):
    state = load(root)
    with state.known as known, Journal.begin(root, HEADER, known, state.journal) as journal:
        journal.append(ROWS[0])
        write, calls = os.write, []

        def full(handle, data):
            if calls:
                raise OSError(errno.ENOSPC, "No space left on device")
            calls.append(1)
            return write(handle, data[:10])

        with monkeypatch.context() as patch:
            patch.setattr(os, "write", full)
            with pytest.raises(Aborted, match="free some space"):
                journal.append(ROWS[1])
        journal.append(ROWS[2])
    assert known_rows(root) == [ROWS[0], ROWS[2]]
