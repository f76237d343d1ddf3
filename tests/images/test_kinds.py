"""Kinds of file by name, and the names and formats that are written."""

from __future__ import annotations

import subprocess
import sys

import pytest

from augcli.errors import ItemError
from augcli.images import (
    FORMATS,
    KNOWN_EXTENSIONS,
    extension,
    format_for,
    format_of,
    kind_of,
    why_unsupported,
)
from augcli.images import kinds as kinds_module


@pytest.mark.parametrize(
    "name",
    ["a.jpg", "a.JPEG", "a.b.png", "ä b.WebP", "a.tif", "a.tiff", "a.bmp", "a.gif", "x/y.jpe", " .png"],
)
def test_files_that_are_read_are_images(name: str) -> None:
    assert kind_of(name) == "image"


@pytest.mark.parametrize(
    "name", ["a.avif", "a.jp2", "a.PSD", "a.cr2", "a.nef", "a.ARW", "a.dng", "a.svg", "a.jxl", "a.tga"]
)
def test_image_files_that_are_not_read_are_known(name: str) -> None:
    assert kind_of(name) == "unsupported"
    error = ItemError("unsupported_format", **dict(why_unsupported(name)))
    assert "files are not supported; " in error.text


@pytest.mark.parametrize(
    "name", ["a", "", "jpg", ".jpg", "a.txt", "a.json", "a.jpg.txt", "a.", "a.pdf", "a.mp4", "x.jpg/notes"]
)
def test_other_files_are_no_images(name: str) -> None:
    assert kind_of(name) is None


def test_heif_is_an_image_where_the_extra_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds_module, "reads_heif", lambda: True)
    assert kind_of("IMG_1.HEIC") == "image"
    monkeypatch.setattr(kinds_module, "reads_heif", lambda: False)
    assert kind_of("IMG_1.HEIC") == "unsupported"
    assert "augcli[heif]" in dict(why_unsupported("IMG_1.HEIC"))["hint"]


def test_every_known_extension_has_a_kind() -> None:
    for ending in KNOWN_EXTENSIONS:
        assert ending == ending.lower() and ending.startswith(".")
        assert kind_of(f"a{ending}") is not None


def test_written_formats_have_extensions_that_are_read_back_as_themselves() -> None:
    for format in FORMATS:
        assert format_of(f"a{extension(format)}") == format


def test_same_keeps_what_can_be_written_and_names_a_substitute_for_the_rest() -> None:
    assert {format: format_for(format, "same") for format in (*FORMATS, "gif", "heif")} == {
        **{format: format for format in FORMATS},
        "gif": "png",
        "heif": "jpeg",
    }
    assert format_for("gif", "webp") == "webp"


def test_listing_needs_no_image_library() -> None:
    code = "import augcli.images.kinds, sys; print(sorted({'numpy', 'cv2', 'PIL'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_unknown_name_is_no_attribute() -> None:
    import augcli.images

    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        augcli.images.nothing  # noqa: B018
