from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from augcli import storage
from augcli.errors import OutputMismatch
from augcli.manifest import (
    JOURNAL,
    MANIFEST,
    RUN,
    Journal,
    clear,
    encode_row,
    load,
    read_run,
    seal,
    tree_digest,
)
from tests.manifest.rows import HEADER, PIECES, output, row


class Killed(BaseException):
    """Stands for SIGKILL: nothing handles it."""


def seal_all(root, rows=(), files=(), header=HEADER):
    """Continue whatever is there: add the rows and seal."""
    state = load(root)
    with state.known as known, Journal.begin(root, header, known, state.journal) as journal:
        for each in rows:
            journal.append(each)
        return seal(root, journal, known, known.ids(), header, files=files, before=state.run, **PIECES)


def tree(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


@pytest.fixture
def root(tmp_path):
    return tmp_path / "out"


@pytest.fixture
def rows(root):
    """Four rows with their files, made as a run does: after the journal was begun."""
    root.mkdir()
    state = load(root)
    with state.known as known:
        Journal.begin(root, HEADER, known, state.journal).close()
    return [output(root, f"cat/{n}.png", copy, b"%d %d" % (n, copy)) for n in (2, 1) for copy in (1, 0)]


def test_a_sealed_folder_holds_sorted_rows_run_json_and_no_journal(root, rows):
    digest = seal_all(root, rows)
    lines = (root / MANIFEST).read_bytes()
    assert lines == b"".join(encode_row(each) for each in reversed(rows))
    run = json.loads((root / RUN).read_text())
    assert run == {
        **HEADER,
        **PIECES,
        "files": {MANIFEST: hashlib.sha256(lines).hexdigest()},
        "tree": digest,
    }
    assert not (root / JOURNAL).exists()
    state = load(root)
    assert (state.kind, state.header, state.run) == ("sealed", HEADER, run)
    assert list(state.known.rows()) == list(reversed(rows))
    state.known.close()


def test_the_tree_digest_is_the_hash_of_sorted_lines_of_path_and_hash(root, rows):
    digest = seal_all(root, rows, [("labels.json", [b"[1,", b"2]"]), ("data.yaml", b"x: 1")])
    paths = sorted(p for p in tree(root) if p != RUN)
    lines = "".join(f"{p}\t{hashlib.sha256((root / p).read_bytes()).hexdigest()}\n" for p in paths)
    assert len(paths) == 4 + 3
    assert digest == hashlib.sha256(lines.encode()).hexdigest()


def test_the_tree_digest_tells_odd_names_apart():
    one, two = "a" * 64, "b" * 64
    together = tree_digest([], {f"x\t{one}\ny": two})
    apart = tree_digest([row(files=[{"path": "x", "sha256": one}])], {"y": two})
    assert together != apart
    assert tree_digest([], {"\\n": one}) != tree_digest([], {"\n": one})
    assert tree_digest([row(status="error")], {}) == hashlib.sha256(b"").hexdigest()


def test_the_order_in_which_rows_arrived_does_not_show(root, rows):
    before = tree(root)
    seal_all(root, rows)
    first = tree(root)
    put_back(root, before)
    seal_all(root, list(reversed(rows)))
    assert tree(root) == first


def test_rows_that_are_not_chosen_are_left_out(root, rows):
    state = load(root)
    with state.known as known, Journal.begin(root, HEADER, known, state.journal) as journal:
        for each in rows:
            journal.append(each)
        seal(root, journal, known, [("train", "cat/1.png", 0)], HEADER, **PIECES)
    assert (root / MANIFEST).read_bytes() == encode_row(rows[3])


def test_dataset_wide_files_may_be_made_from_the_rows_as_they_are_written(root, rows):
    state = load(root)
    with state.known as known, Journal.begin(root, HEADER, known, state.journal) as journal:
        for each in rows:
            journal.append(each)
        sources = (f"{each['source']} {each['copy']}\n".encode() for each in known.rows())
        seal(root, journal, known, known.ids(), HEADER, files=[("train/list.txt", sources)], **PIECES)
    assert (root / "train/list.txt").read_bytes() == b"cat/1.png 0\ncat/1.png 1\ncat/2.png 0\ncat/2.png 1\n"


@pytest.mark.parametrize("name", [MANIFEST, RUN, "a.json"])
def test_no_file_is_written_twice(root, rows, name):
    with pytest.raises(ValueError, match="twice"):
        seal_all(root, rows, [("a.json", b"1"), (name, b"2")])


def test_more_rows_join_those_of_a_sealed_folder(root, rows):
    before = tree(root)
    seal_all(root, rows)
    once = tree(root)
    put_back(root, before)
    seal_all(root, rows[:2])
    seal_all(root, rows[2:])
    assert tree(root) == once


def test_dataset_wide_files_that_are_no_longer_made_go_and_their_folders(root, rows):
    seal_all(root, rows, [("old/list.txt", b"1"), ("kept.txt", b"1")])
    seal_all(root, [], [("kept.txt", b"2")])
    assert not (root / "old").exists()
    assert (root / "kept.txt").read_bytes() == b"2"


def put_back(root, before):
    """Make the folder what it was, empty folders aside."""
    for path in tree(root):
        (root / path).unlink()
    for path, data in before.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)


def kill_at(patch, moment):
    """Let the process die at this moment: before a rename, a sync or a removal."""
    left = moment

    def mortal(original):
        def step(*arguments, **named):
            nonlocal left
            if left == 0:
                raise Killed
            left -= 1
            return original(*arguments, **named)

        return step

    patch.setattr(os, "replace", mortal(os.replace))
    patch.setattr(os, "fsync", mortal(os.fsync))
    patch.setattr(storage, "remove", mortal(storage.remove))


def go_on(root, rows, files):
    """What the next run does: nothing when all is there, else the missing rows and the sealing."""
    state = load(root)
    with state.known as known:
        assert state.kind in ("unfinished", "sealed")
        missing = [each for each in rows if (each["split"], each["source"], each["copy"]) not in known]
    if missing or state.kind == "unfinished":
        seal_all(root, missing, files)


@pytest.mark.parametrize("sealed_before", [0, 3])
def test_killed_between_any_two_steps_the_folder_is_sealed_again_to_the_same_bytes(
    root, rows, monkeypatch, sealed_before
):
    files = [("a.json", b"[]"), ("train/b.txt", [b"1", b"2"])]
    if sealed_before:
        seal_all(root, rows[:sealed_before], [("gone.txt", b"")])
    before = tree(root)
    seal_all(root, rows, files)
    expected = tree(root)
    moment = 0
    while True:
        put_back(root, before)
        try:
            with monkeypatch.context() as patch:
                kill_at(patch, moment)
                seal_all(root, rows, files)
            break
        except Killed:
            go_on(root, rows, files)
        assert tree(root) == expected, moment
        moment += 1
    assert moment >= 15
    assert tree(root) == expected


def test_a_manifest_that_was_edited_is_not_trusted(root, rows):
    seal_all(root, rows)
    manifest = root / MANIFEST
    manifest.write_bytes(manifest.read_bytes().replace(b'"copy":1', b'"copy":3'))
    state = load(root)
    with state.known as known:
        assert (state.kind, state.believed, len(known)) == ("sealed", False, 4)


@pytest.mark.parametrize("damage", [None, "", "{", "[]", '{"a": 1}', '{"files": 3}'])
def test_a_manifest_without_run_json_tells_whose_files_these_are_and_no_more(root, rows, damage):
    seal_all(root, rows)
    (root / RUN).unlink()
    if damage is not None:
        (root / RUN).write_text(damage)
    assert read_run(root) is None
    changed = rows[0]["files"][0]["path"]
    (root / changed).write_bytes(b"of somebody else")
    state = load(root)
    with state.known as known:
        assert (state.kind, state.header, state.run, state.believed) == ("unfinished", None, None, False)
        assert len(known) == 3
        assert changed not in [row["files"][0]["path"] for row in known.rows()]


@pytest.mark.parametrize("line", ["{", "[1]", '{"audio_filepath": "a.wav"}', '{"id": 1, "files": null}'])
def test_a_manifest_of_another_program_is_foreign(root, line):
    root.mkdir(exist_ok=True)
    (root / MANIFEST).write_text(line + "\n")
    assert load(root).kind == "foreign"


def test_a_row_that_lacks_the_hash_of_its_source_is_none(root, rows):
    seal_all(root, rows)
    (root / RUN).unlink()
    lines = (root / MANIFEST).read_text().splitlines(keepends=True)
    lines[0] = lines[0].replace('"source_sha256"', '"sha256"')
    (root / MANIFEST).write_text("".join(lines))
    state = load(root)
    with state.known as known:
        assert len(known) == 3


def test_run_json_without_its_manifest_still_says_what_made_the_folder(root, rows):
    seal_all(root, rows)
    (root / MANIFEST).unlink()
    state = load(root)
    with state.known as known:
        assert (state.kind, state.header, len(known)) == ("sealed", HEADER, 0)


def test_a_damaged_journal_beside_a_sealed_manifest_is_passed_over(root, rows):
    seal_all(root, rows)
    (root / JOURNAL).write_bytes(b"H 00000000 {}\n")
    state = load(root)
    with state.known as known:
        assert (state.kind, len(known)) == ("sealed", 4)
    (root / RUN).unlink()
    with pytest.raises(OutputMismatch):
        load(root)


def test_a_fresh_start_removes_what_the_rows_own_and_nothing_else(root, rows):
    seal_all(
        root, [*rows, row("evil", files=[{"path": "../evil", "sha256": ""}, {"path": "/evil", "sha256": ""}])]
    )
    (root / "cat" / "notes.txt").write_text("mine")
    (root.parent / "evil").write_text("not ours")
    state = load(root)
    with state.known as known, Journal.begin(root, HEADER, known, state.journal):
        clear(root, known)
        assert len(known) == 0
    assert sorted(tree(root)) == [JOURNAL, "cat/notes.txt", MANIFEST, RUN]
    assert (root.parent / "evil").exists()


def test_folders_that_a_fresh_start_empties_go_too(root, rows):
    seal_all(root, rows)
    state = load(root)
    with state.known as known, Journal.begin(root, HEADER, known, state.journal):
        clear(root, known)
    assert not (root / "cat").exists()
    assert root.exists()
