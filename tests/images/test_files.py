"""Reading an input file: what is wrong with it as a file, and the environment that is recorded."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path

import pytest

from augcli.errors import ItemError
from augcli.images import environment, read


def code_of(path: Path) -> str:
    with pytest.raises(ItemError) as caught:
        read(str(path))
    return caught.value.code


def test_all_bytes_are_read_also_through_a_link(tmp_path: Path) -> None:
    data = os.urandom(300_000)
    (tmp_path / "a.jpg").write_bytes(data)
    (tmp_path / "link.jpg").symlink_to("a.jpg")
    assert read(str(tmp_path / "a.jpg")) == data
    assert read(str(tmp_path / "link.jpg")) == data


def test_names_that_are_no_text_are_read(tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/\xff\n.jpg")
    Path(path).write_bytes(b"x")
    assert read(path) == b"x"


def test_an_empty_file_is_empty(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    assert code_of(tmp_path / "a.jpg") == "empty"


def test_what_is_gone_has_vanished(tmp_path: Path) -> None:
    (tmp_path / "dangling.jpg").symlink_to("nowhere")
    (tmp_path / "file").write_bytes(b"x")
    for name in ("missing.jpg", "dangling.jpg", "file/inside.jpg"):
        assert code_of(tmp_path / name) == "vanished"


def test_folders_pipes_devices_and_sockets_are_never_opened(tmp_path: Path) -> None:
    (tmp_path / "folder.jpg").mkdir()
    os.mkfifo(tmp_path / "pipe.jpg")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s.jpg"))
        for path in (tmp_path / "folder.jpg", tmp_path / "pipe.jpg", tmp_path / "s.jpg", Path("/dev/zero")):
            assert code_of(path) == "not_a_file"


@pytest.mark.parametrize(
    ("number", "code", "text"),
    [
        (errno.EACCES, "permission_denied", "the file may not be read"),
        (errno.EIO, "unreadable", "the file cannot be read (EIO)"),
        (errno.EMFILE, "unreadable", "the file cannot be read (EMFILE)"),
        (errno.ENOENT, "vanished", "the file is gone"),
    ],
)
def test_what_the_system_says_becomes_a_text_without_paths(
    number: int, code: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.jpg").write_bytes(b"x")

    def refused(*_: object) -> int:
        raise OSError(number, os.strerror(number), str(tmp_path))

    monkeypatch.setattr(os, "open", refused)
    with pytest.raises(ItemError) as caught:
        read(str(tmp_path / "a.jpg"))
    assert (caught.value.code, caught.value.text) == (code, text)


def test_a_circle_of_links_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").symlink_to("a.jpg")
    assert code_of(tmp_path / "a.jpg") == "unreadable"


def test_a_file_that_grows_while_it_is_read_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"before")
    real = os.fstat

    def grown_after(handle: int) -> os.stat_result:
        found = real(handle)
        with path.open("ab") as file:
            file.write(b" and after")
        return found

    monkeypatch.setattr(os, "fstat", grown_after)
    assert code_of(path) == "changed"


def test_the_environment_names_every_codec_with_a_version() -> None:
    found = environment()
    assert list(found) == sorted(found)
    assert {"pillow", "numpy", "opencv", "libjpeg_turbo", "zlib", "libtiff", "webp", "opencv_jpeg"} <= set(
        found
    )
    assert all(isinstance(version, str) and version for version in found.values())
    assert found == environment()
