"""The size of a picture from its header agrees with what decoding gives."""

from __future__ import annotations

import resource
import struct
from pathlib import Path

import pytest
from PIL import Image

from augcli.errors import ItemError
from augcli.images.masks import read_mask
from augcli.images.measuring import measure
from augcli.images.members import tar_member
from tests.images.made import decoded, saved, smooth, tiff


def with_orientation(value: int) -> Image.Exif:
    exif = Image.Exif()
    exif[274] = value
    return exif


@pytest.mark.parametrize("value", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_turned_photograph_is_measured_upright_and_raw(format: str, value: int, tmp_path: Path) -> None:
    if format == "TIFF":
        data = tiff(smooth(31, 20), {274: (value,)})
    else:
        data = saved(Image.fromarray(smooth(31, 20)), format, exif=with_orientation(value))
    path = tmp_path / "a"
    path.write_bytes(data)
    picture, found = decoded(data), measure(str(path))
    assert found is not None
    assert found.size == picture.image.shape[1::-1]
    assert (found.raw_size, found.orientation) == (picture.raw_size, picture.orientation)


@pytest.mark.parametrize("format", ["BMP", "GIF"])
def test_formats_without_orientation_are_measured(format: str, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(saved(Image.fromarray(smooth(31, 20)), format))
    found = measure(str(path))
    assert found is not None and found.size == found.raw_size == (31, 20)


def test_a_picture_inside_an_archive_is_measured(tmp_path: Path) -> None:
    data = saved(Image.fromarray(smooth(31, 20)), "PNG")
    shard = tmp_path / "a.tar"
    shard.write_bytes(b"x" * 512 + data)
    found = measure(tar_member(str(shard), 512, len(data)))
    assert found is not None and found.size == (31, 20)


def test_only_the_header_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(saved(Image.fromarray(smooth(310, 200)), "PNG")[:60])
    found = measure(str(path))
    assert found is not None and found.size == (310, 200)


def test_a_picture_over_the_limit_has_no_size(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(saved(Image.fromarray(smooth(310, 200)), "PNG"))
    assert measure(str(path), max_megapixels=0.062) is not None
    assert measure(str(path), max_megapixels=0.0619) is None


def test_a_frame_of_a_gif_that_is_larger_than_its_screen_is_not_allocated(tmp_path: Path) -> None:
    data = bytearray(saved(Image.fromarray(smooth(31, 20)).quantize(16), "GIF"))
    at = data.index(b",", 13 + 3 * 16)
    data[at + 5 : at + 9] = struct.pack("<HH", 65535, 32767)  # two thousand megapixels
    path = tmp_path / "a.gif"
    path.write_bytes(data)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert measure(str(path)) is None
    with pytest.raises(ItemError, match="the mask cannot be read"):
        read_mask(bytes(data))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000  # KiB


@pytest.mark.parametrize("data", [b"", b"no image", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"])
def test_what_is_no_image_has_no_size(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(data)
    assert measure(str(path)) is None
    assert measure(str(tmp_path / "nothing.png")) is None
    assert measure(str(tmp_path)) is None
