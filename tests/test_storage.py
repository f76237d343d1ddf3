from __future__ import annotations

import errno
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from augcli import storage
from augcli.errors import Aborted, Exit


def listing(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_whole_with_the_folders_it_needs(tmp_path):
    path = tmp_path / "a" / "b" / "c.bin"
    storage.write(path, b"123", sync=True)
    assert path.read_bytes() == b"123"
    assert listing(path.parent) == ["c.bin"]


def test_writing_replaces_what_was_there_and_an_empty_file_is_a_file(tmp_path):
    path = tmp_path / "c.bin"
    storage.write(path, b"old and longer")
    storage.write(path, b"")
    assert path.read_bytes() == b""


def test_the_name_appears_only_when_all_is_written(tmp_path):
    path = tmp_path / "c.bin"
    path.write_bytes(b"old")
    with storage.writing(path) as file:
        file.write(b"12")
        file.write(b"3" * 100_000)
        assert path.read_bytes() == b"old"
        assert file.size == 100_002
    assert path.read_bytes() == b"12" + b"3" * 100_000


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, OSError])
def test_a_body_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, error):
    path = tmp_path / "c.bin"
    path.write_bytes(b"old")
    with pytest.raises(error), storage.writing(path) as file:
        file.write(b"new")
        raise error
    assert path.read_bytes() == b"old"
    assert listing(tmp_path) == ["c.bin"]


@pytest.mark.parametrize(
    ("step", "number", "remedy"),
    [
        ("replace", errno.ENOSPC, "free some space"),
        ("fsync", errno.EDQUOT, "the quota is used up"),
        ("replace", errno.EROFS, "choose another output.path"),
        ("replace", errno.EXDEV, "run the same command again"),
    ],
)
def test_what_the_environment_refuses_aborts_and_leaves_nothing(tmp_path, monkeypatch, step, number, remedy):
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    path = tmp_path / "c.bin"
    with monkeypatch.context() as patch:
        patch.setattr(os, step, refuse)
        with pytest.raises(Aborted, match=remedy) as caught:
            storage.write(path, b"123", sync=True)
    assert caught.value.problems[0].where == str(path)
    assert os.strerror(number) in str(caught.value)
    assert listing(tmp_path) == []


def test_bytes_that_did_not_arrive_are_noticed(tmp_path):
    path = tmp_path / "c.bin"
    with pytest.raises(Aborted, match="fewer bytes arrived"), storage.writing(path) as file:
        file.write(b"123")
        file.size += 1
    assert listing(tmp_path) == []


def test_a_file_in_the_folders_place_aborts(tmp_path):
    (tmp_path / "a").write_text("")
    with pytest.raises(Aborted, match="Not a directory"):
        storage.write(tmp_path / "a" / "b.png", b"")


def test_a_name_that_is_too_long_aborts_without_a_trace(tmp_path):
    with pytest.raises(Aborted, match="too long"):
        storage.write(tmp_path / ("n" * 300), b"")
    assert listing(tmp_path) == []


@pytest.mark.parametrize(
    "name", ["a", "é" * 127 + "x", "n" * 255, b"\xff\xfe".decode("utf-8", "surrogateescape")]
)
def test_temporary_names_are_short_ascii_and_the_same_every_time(tmp_path, name):
    temporary = storage.temporary_name(name)
    assert temporary == storage.temporary_name(name)
    assert temporary.isascii()
    assert len(temporary) < 40
    storage.write(tmp_path / name, b"1")
    assert (tmp_path / name).read_bytes() == b"1"


def test_names_that_differ_have_temporary_names_that_differ():
    names = [f"{n:03d}.png" for n in range(1000)]
    assert len({storage.temporary_name(name) for name in names}) == 1000


FULL = """
import os, sys
from pathlib import Path
from augcli import storage
from augcli.errors import Aborted

out = Path(sys.argv[1])
written = 0
try:
    while True:
        storage.write(out / f"{written}.bin", os.urandom(40_000))
        written += 1
except Aborted as error:
    print(error)
names = sorted(path.name for path in out.iterdir())
assert names == sorted(f"{n}.bin" for n in range(written)), names
assert written and all((out / name).stat().st_size == 40_000 for name in names)
sys.exit(Aborted.exit_code)
"""


def in_namespace(*mount_options):
    """Run FULL on a small file system of its own, which needs no privileges where namespaces are allowed."""
    if shutil.which("unshare") is None:
        pytest.skip("no unshare here")
    tmpfs = f"mount -t tmpfs -o {','.join(mount_options)} tmpfs /mnt"
    if subprocess.run(["unshare", "-rm", "sh", "-c", tmpfs], capture_output=True).returncode != 0:
        pytest.skip("user namespaces or mounts are not allowed here")
    script = f'{tmpfs} && exec "$0" -c "$1" /mnt'
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    command = ["unshare", "-rm", "sh", "-c", script, sys.executable, FULL]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)


@pytest.mark.parametrize("option", ["size=1m", "nr_inodes=20"])
def test_a_full_disk_aborts_with_whole_files_only(option):
    done = in_namespace(option)
    assert done.returncode == Exit.ABORTED, done.stderr
    assert "cannot be written (No space left on device); free some space" in done.stdout


def test_removing_tolerates_what_is_gone_and_aborts_on_what_cannot_go(tmp_path):
    storage.remove(tmp_path / "none")
    (tmp_path / "folder").mkdir()
    with pytest.raises(Aborted):
        storage.remove(tmp_path / "folder")


def test_emptied_folders_go_up_to_the_root_and_no_further(tmp_path):
    root = tmp_path / "out"
    (root / "a" / "b" / "c").mkdir(parents=True)
    (root / "a" / "kept").write_text("")
    storage.remove_emptied(root / "a" / "b" / "c", root)
    assert listing(root / "a") == ["kept"]
    storage.remove(root / "a" / "kept")
    storage.remove_emptied(root / "a", root)
    storage.remove_emptied(root, root)
    storage.remove_emptied(tmp_path / "elsewhere", root)
    assert root.is_dir()


def test_listing_is_sorted_by_bytes_and_names_each_file_once(tmp_path):
    for name in ["b/2", "b/10", "B/1", "a.png", "é", "b.png"]:
        storage.write(tmp_path / name, b"")
    found = [path for path, _ in storage.files(tmp_path)]
    assert found == ["B/1", "a.png", "b/10", "b/2", "b.png", "é"]
    assert storage.names(tmp_path) == ["B", "a.png", "b", "b.png", "é"]


def test_links_to_folders_are_listed_and_not_entered(tmp_path):
    root = tmp_path / "in"
    storage.write(root / "a" / "1", b"")
    storage.write(tmp_path / "outside" / "2", b"")
    (root / "again").symlink_to(root / "a")
    (root / "a" / "loop").symlink_to(root)
    (root / "out").symlink_to(tmp_path / "outside")
    (root / "broken").symlink_to("nowhere")
    assert [path for path, _ in storage.files(root)] == ["a/1", "a/loop", "again", "broken", "out"]


def test_no_way_below_an_output_leads_through_a_link(tmp_path):
    (tmp_path / "input/deep").mkdir(parents=True)
    (tmp_path / "out/b").mkdir(parents=True)
    (tmp_path / "out/a").symlink_to(tmp_path / "input")
    (tmp_path / "again").symlink_to(tmp_path / "out")
    (tmp_path / "out/b/1.jpg").symlink_to(tmp_path / "input/1.jpg")  # a name, which writing replaces
    for name in ("1.jpg", "b/1.jpg", "new/deep/1.jpg"):
        assert storage.below(tmp_path / "again", name) == tmp_path / "again" / name
    for name in ("a/1.jpg", "a/deep/1.jpg"):
        with pytest.raises(Aborted, match="out/a: is a link to a folder"):
            storage.below(tmp_path / "out", name)


def test_a_folder_that_cannot_be_listed_is_named_unless_it_is_the_root(tmp_path, monkeypatch):
    storage.write(tmp_path / "closed" / "1", b"")
    storage.write(tmp_path / "open" / "2", b"")
    scandir = os.scandir

    def refuse(path):
        if str(path).endswith("closed"):
            raise PermissionError
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert [path for path, _ in storage.files(tmp_path)] == ["closed", "open/2"]
    with pytest.raises(PermissionError):
        list(storage.files(tmp_path / "closed"))


def test_the_hash_of_a_file_is_sha256_and_of_none_is_none(tmp_path):
    storage.write(tmp_path / "a", b"x" * 1_000_000)
    assert storage.sha256_file(tmp_path / "a") == hashlib.sha256(b"x" * 1_000_000).hexdigest()
    assert storage.sha256_file(tmp_path / "none") is None
    assert storage.sha256_file(tmp_path) is None
    assert storage.sha256_file(tmp_path / "\0") is None


def test_a_pipe_or_device_has_no_hash_and_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert storage.sha256_file(tmp_path / "pipe") is None
    assert storage.sha256_file(Path("/dev/zero")) is None
