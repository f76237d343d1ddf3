"""Masks: the numbers in a file come out as they are stored, and go in again."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from augcli.errors import ItemError
from augcli.images.masks import read_mask, write_mask
from augcli.images.png_header import header
from tests.images.made import chunk, saved

IDS = np.array([[0, 1, 2, 3], [3, 2, 1, 0], [0, 0, 3, 3]], np.uint8)
COLOURS = bytes([0, 0, 0, 128, 0, 0, 0, 128, 0, 128, 128, 0])


def png(ids: np.ndarray, bits: int, kind: int = 0, palette: bytes = b"") -> bytes:
    """A PNG written sample by sample, as the specification has it: rows of bits, the first in the highest."""
    rows = b""
    for row in ids.tolist():
        text = "".join(f"{value:0{bits}b}" for value in row)
        text += "0" * (-len(text) % 8)
        rows += b"\0" + bytes(int(text[at : at + 8], 2) for at in range(0, len(text), 8))
    head = struct.pack(">IIBBBBB", ids.shape[1], ids.shape[0], bits, kind, 0, 0, 0)
    plte = chunk(b"PLTE", palette) if palette else b""
    body = chunk(b"IHDR", head) + plte + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def coloured(ids: np.ndarray, palette: bytes) -> Image.Image:
    picture = Image.fromarray(ids)
    picture.putpalette(list(palette))
    return picture


def refusal(data: bytes, **options: float) -> str:
    with pytest.raises(ItemError) as caught:
        read_mask(data, **options)
    assert caught.value.code == "bad_label"
    return caught.value.text


@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16])
def test_grey_samples_of_every_depth_are_not_scaled(bits: int) -> None:
    ids = np.random.default_rng(bits).integers(0, 1 << bits, (5, 7))
    found, palette = read_mask(png(ids, bits))
    assert palette is None
    assert found.dtype == (np.uint16 if bits == 16 else np.uint8)
    assert np.array_equal(found, ids)


@pytest.mark.parametrize("bits", [2, 4, 8])
def test_palette_indices_are_never_colours(bits: int) -> None:
    found, palette = read_mask(png(IDS, bits, 3, COLOURS))
    assert np.array_equal(found, IDS)
    assert palette == COLOURS


@pytest.mark.parametrize("format", ["PNG", "TIFF", "GIF", "BMP"])
@pytest.mark.parametrize("palette", [COLOURS, bytes(range(256)) * 3])
def test_other_lossless_files_give_indices_and_palette(format: str, palette: bytes) -> None:
    found, colours = read_mask(saved(coloured(IDS, palette), format))
    assert np.array_equal(found, IDS)
    assert colours is not None
    assert colours[:12] == palette[:12]


def test_sixteen_bit_tiff_is_kept() -> None:
    ids = np.array([[0, 300], [65535, 7]], np.uint16)
    assert np.array_equal(read_mask(saved(Image.fromarray(ids), "TIFF"))[0], ids)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_colours_are_refused_with_what_to_do(mode: str) -> None:
    for format in ("PNG", "TIFF"):
        assert "map each colour to its id" in refusal(saved(Image.new(mode, (4, 4)), format))
    assert "colours" in refusal(saved(Image.new("RGB", (4, 4)), "BMP"))


def test_alpha_and_lossy_files_and_animations_are_refused() -> None:
    assert "alpha" in refusal(saved(Image.new("LA", (4, 4)), "PNG"))
    assert "changes ids" in refusal(saved(Image.new("L", (4, 4)), "JPEG"))
    assert "changes ids" in refusal(saved(Image.new("RGB", (4, 4)), "WEBP"))
    frames = [Image.fromarray(np.full((4, 4), value, np.uint8)) for value in (0, 200)]
    for format in ("GIF", "PNG", "TIFF"):
        assert "several pictures" in refusal(
            saved(frames[0], format, save_all=True, append_images=frames[1:])
        ), format


def test_samples_that_pillow_would_read_otherwise_are_refused() -> None:
    assert "not read" in refusal(saved(Image.fromarray(IDS), "TIFF", tiffinfo={262: 0}))
    assert "not read" in refusal(saved(Image.fromarray(IDS.astype(np.int32)), "TIFF"))
    assert "not read" in refusal(saved(Image.fromarray(IDS.astype(np.float32)), "TIFF"))


def test_damage_is_told_as_a_label_error() -> None:
    sound = png(np.random.default_rng(0).integers(0, 256, (64, 64)), 8)
    assert "end early" in refusal(sound[:2000])
    assert "cannot be read" in refusal(sound[:30])
    assert "no PNG" in refusal(b"")
    assert "no PNG" in refusal(b"P5 1 1 255 x")
    missing = png(IDS, 8, 3)
    assert "cannot be read" in refusal(missing)


def test_the_size_is_checked_before_any_pixel() -> None:
    huge = png(IDS, 8)[:16] + struct.pack(">II", 100_000, 100_000) + png(IDS, 8)[24:29]
    head = huge[12:29]
    whole = huge[:12] + head + struct.pack(">I", zlib.crc32(head)) + png(IDS, 8)[33:]
    assert "over the limit of 100 megapixels" in refusal(whole)
    assert "over the limit" in refusal(png(IDS, 8), max_megapixels=0.00001)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([1, 2, 4, 8, 16]).flatmap(
        lambda bits: st.tuples(
            st.just(bits),
            arrays(
                np.uint16 if bits == 16 else np.uint8,
                st.tuples(st.integers(1, 17), st.integers(1, 17)),
                elements=st.integers(0, (1 << bits) - 1),
            ),
        )
    )
)
def test_what_is_written_is_what_pillow_and_we_read(made: tuple[int, np.ndarray]) -> None:
    bits, ids = made
    data = write_mask(ids, None, bits)
    found = header(data)
    assert found is not None
    assert (found.bits, found.size) == (bits, ids.shape[::-1])
    assert np.array_equal(read_mask(data)[0], ids)
    factor = {1: 1, 2: 85, 4: 17}.get(bits, 1)
    assert np.array_equal(np.asarray(Image.open(BytesIO(data))), ids.astype(np.uint16) * factor)
    if bits < 16:
        data = write_mask(ids, COLOURS)
        picture = Image.open(BytesIO(data))
        assert picture.mode == "P"
        assert np.array_equal(np.asarray(picture), ids)
        found_ids, palette = read_mask(data)
        assert np.array_equal(found_ids, ids)
        assert palette == COLOURS.ljust(3 * (int(ids.max()) + 1), b"\0")


def test_an_id_that_the_depth_cannot_hold_takes_a_larger_one() -> None:
    found, _ = read_mask(write_mask(np.array([[0, 255]], np.uint8), None, 1))
    assert found.tolist() == [[0, 255]]
    found, _ = read_mask(write_mask(np.array([[0, 256]], np.uint16), None, 8))
    assert found.tolist() == [[0, 256]]


def test_a_palette_of_three_colours_holds_the_void_index() -> None:
    """Pillow writes such a file with 2 bits per pixel, and 255 becomes 3."""
    found, palette = read_mask(write_mask(np.array([[0, 255]], np.uint8), COLOURS[:9]))
    assert found.tolist() == [[0, 255]]
    assert palette is not None
    assert palette[:9] == COLOURS[:9]


def test_a_palette_holds_no_id_over_255() -> None:
    with pytest.raises(ItemError, match="the class id 256"):
        write_mask(np.array([[256]], np.uint16), COLOURS)


def test_the_header_is_found_behind_other_chunks_and_damage_is_seen() -> None:
    whole = png(IDS, 8, 3, COLOURS)
    behind = whole[:33] + chunk(b"tEXt", b"a\0b") + whole[33:]
    found = header(behind)
    assert found is not None
    assert found.palette == COLOURS
    assert header(whole.replace(COLOURS, COLOURS[::-1])) is None
    assert header(b"") is None
    assert header(png(IDS, 8, 5)) is None
