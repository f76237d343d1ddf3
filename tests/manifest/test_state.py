from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from augcli import storage
from augcli.errors import Exit
from augcli.manifest import JOURNAL, LOCK, load, sweep


def test_nothing_and_an_empty_folder_are_empty(tmp_path):
    assert load(tmp_path / "none").kind == "empty"
    assert load(tmp_path).kind == "empty"
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_before_its_first_row_is_empty(tmp_path):
    (tmp_path / LOCK).write_text("{}")
    (tmp_path / storage.temporary_name(JOURNAL)).write_bytes(b"H 01")
    assert load(tmp_path).kind == "empty"


@pytest.mark.parametrize("name", ["a.png", ".hidden", "manifest.jsonl", "run.json"])
def test_a_folder_with_other_things_is_foreign(tmp_path, name):
    (tmp_path / name).write_text("")
    state = load(tmp_path)
    assert (state.kind, state.header, len(state.known)) == ("foreign", None, 0)


def test_a_file_and_a_broken_link_in_the_folders_place_are_foreign(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to("nowhere")
    assert load(tmp_path / "file").kind == "foreign"
    assert load(tmp_path / "link").kind == "foreign"


def test_sweeping_removes_our_temporary_files_alone(tmp_path):
    ours = [tmp_path / storage.temporary_name("a"), tmp_path / "b" / storage.temporary_name("c")]
    others = [
        tmp_path / JOURNAL,
        tmp_path / ".augment.tmp",
        tmp_path / ".augment.mine.tmp",
        tmp_path / "x.tmp",
    ]
    (tmp_path / "b").mkdir()
    elsewhere = tmp_path.parent / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "link").symlink_to(elsewhere)
    others.append(elsewhere / storage.temporary_name("a"))
    for path in ours + others:
        path.write_bytes(b"")
    assert sweep(tmp_path) == 2
    assert [path.exists() for path in ours + others] == [False] * 2 + [True] * 5


ROOT = Path(__file__).resolve().parents[2]

OPEN = """
import sys
from pathlib import Path
from augcli.errors import AugmentError
from augcli.manifest import load, locked

try:
    load(Path(sys.argv[1])).known.close()
    with locked(Path(sys.argv[1])):
        print("open")
except AugmentError as error:
    print(error)
    sys.exit(error.exit_code)
"""


@pytest.fixture
def folder():
    """A folder that everybody can reach, unlike the test's own."""
    with tempfile.TemporaryDirectory() as top:
        Path(top).chmod(0o755)
        folder = Path(top, "out")
        folder.mkdir()
        yield folder
        folder.chmod(0o755)


def opened_by_another_user(folder):
    """Exit code and output of a process without privileges; root would be let through everywhere."""
    user = ["setpriv", "--reuid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    if user and shutil.which("setpriv") is None:
        pytest.skip("root needs setpriv to lose its privileges")
    environment = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}

    def run(script):
        command = [*user, sys.executable, "-c", script, str(folder)]
        return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)

    try:
        if run("import augcli.manifest").returncode != 0:
            pytest.skip("another user cannot read this installation")
    except PermissionError:
        pytest.skip("another user cannot run this Python")
    done = run(OPEN)
    return done.returncode, done.stdout


def test_a_read_only_folder_aborts_with_the_path_and_what_to_do(folder):
    folder.chmod(0o555)
    code, text = opened_by_another_user(folder)
    assert code == Exit.ABORTED
    assert text.startswith(f"{folder}/{LOCK}: cannot be written (Permission denied); no permission")


def test_a_folder_that_may_not_be_read_aborts(folder):
    folder.chmod(0)
    code, text = opened_by_another_user(folder)
    assert code == Exit.ABORTED
    assert text.startswith(f"{folder}: cannot be read (Permission denied)")
