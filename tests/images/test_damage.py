"""Damaged, hostile and foreign files: always an item error with the right code, never anything else."""

from __future__ import annotations

import os
import resource
import struct
import warnings
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from augcli.errors import ItemError
from augcli.images import decode
from augcli.images.quiet import undisturbed
from tests.images.made import chunk, decoded, deep_png, pixels, saved, smooth, tiff

PHOTO = Image.fromarray(smooth())
NOISY = Image.fromarray(pixels((48, 64, 3)))
WHOLE = {
    "jpeg": saved(NOISY, "JPEG", quality=90),
    "progressive jpeg": saved(NOISY, "JPEG", progressive=True),
    "grey jpeg": saved(NOISY.convert("L"), "JPEG"),
    "cmyk jpeg": saved(NOISY.convert("CMYK"), "JPEG"),
    "png": saved(NOISY, "PNG"),
    "deep png": deep_png(pixels((24, 32, 3), "uint16"), 2),
    "webp": saved(NOISY, "WEBP"),
    "lossless webp": saved(NOISY, "WEBP", lossless=True),
    "bmp": saved(NOISY, "BMP"),
    "gif": saved(NOISY.quantize(32), "GIF"),
    "tiff": tiff(pixels((24, 32, 3)), {}),
    "deep tiff": tiff(pixels((24, 32, 3), "uint16"), {}),
    "lzw tiff": saved(NOISY, "TIFF", compression="tiff_lzw"),
}


def code_of(data: bytes, max_megapixels: float = 100) -> str:
    """The code of the item error, or `fine`."""
    try:
        decode(data, max_megapixels=max_megapixels)
    except ItemError as error:
        return error.code
    return "fine"


@pytest.mark.parametrize("kind", WHOLE)
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_file_cut_short_is_truncated(kind: str, share: float) -> None:
    data = WHOLE[kind]
    assert code_of(data) == "fine"
    assert code_of(data[: int(len(data) * share)]) == "truncated"


@pytest.mark.parametrize("kind", ["jpeg", "progressive jpeg", "grey jpeg"])
def test_a_jpeg_is_accepted_exactly_when_pillow_accepts_it(kind: str) -> None:
    data = WHOLE[kind]
    cuts = {*range(20, len(data), 61), *range(len(data) - 8, len(data) + 1)}
    for cut in sorted(cuts):
        part = data[:cut]
        try:
            with Image.open(BytesIO(part)) as reference:
                want: np.ndarray | None = np.asarray(reference)
        except (OSError, SyntaxError):
            want = None
        if want is None:
            assert code_of(part) == "truncated", cut
        else:
            np.testing.assert_array_equal(decoded(part).image, want)


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_flipped_bits_give_pixels_or_an_item_error(kind: str, data: st.DataObject) -> None:
    damaged = bytearray(WHOLE[kind])
    for at in data.draw(st.lists(st.integers(0, len(damaged) - 1), min_size=1, max_size=4)):
        damaged[at] ^= 1 << data.draw(st.integers(0, 7))
    code_of(bytes(damaged), max_megapixels=1)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 700), st.integers(0, 255))
def test_a_damaged_jpeg_is_judged_as_pillow_judges_it(at: int, value: int) -> None:
    damaged = bytearray(WHOLE["jpeg"])
    damaged[at] = value
    verdict = code_of(bytes(damaged), max_megapixels=1)
    try:
        with Image.open(BytesIO(bytes(damaged)), formats=["JPEG"]) as reference:
            size, mode = reference.size, reference.mode
            small = size[0] * size[1] <= 1e6
            reference.load() if small else None
    except Exception:
        assert verdict != "fine"
    else:
        assert (verdict == "fine") == (small and mode in ("RGB", "L", "CMYK"))


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(sorted(WHOLE)), st.binary(max_size=200), st.integers(0, 40))
def test_foreign_bytes_after_a_true_beginning_give_an_item_error(kind: str, tail: bytes, head: int) -> None:
    code_of(WHOLE[kind][:head] + tail, max_megapixels=1)


def test_nothing_and_text_are_no_images() -> None:
    assert code_of(b"") == "empty"
    for data in (b"hello", b"BMW is a car maker", b"RIFF1234WAVE", b"\0" * 500, b"<html><svg></svg>", b"P"):
        assert code_of(data) == "not_an_image", data


@pytest.mark.parametrize(
    ("data", "format"),
    [
        (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf", "AVIF"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf", "AVIF"),
        (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom", "Canon RAW"),
        (b"\0\0\0\x0cjP  \r\n\x87\n\0\0", "JPEG 2000"),
        (b"\xff\x4f\xff\x51\0\0", "JPEG 2000"),
        (b"\xff\x0a\0\0", "JPEG XL"),
        (b"8BPS\0\1", "Photoshop"),
        (b"%PDF-1.7", "PDF"),
        (b"%!PS-Adobe-3.0 EPSF", "EPS"),
        (b'<?xml version="1.0"?>\n<svg xmlns="x">', "SVG"),
        (b"\xef\xbb\xbf<svg>", "SVG"),
        (b"II*\0\x10\0\0\0CR\2\0", "Canon RAW"),
        (b"FUJIFILMCCD-RAW 0201", "Fujifilm RAW"),
        (b"P6\n2 2\n255\n", "Netpbm"),
        (b"\0" * 128 + b"DICM", "DICOM"),
        (tiff(pixels((4, 4)), {50706: (1, 4)}), "DNG"),
        (tiff(pixels((4, 4)), {262: (32803,)}), "camera RAW"),
        (tiff(pixels((4, 4)), {254: (1,), 330: (99,)}), "camera RAW"),
    ],
)
def test_known_kinds_that_are_not_read_are_refused_by_name(data: bytes, format: str) -> None:
    with pytest.raises(ItemError) as caught:
        decoded(data)
    assert caught.value.code == "unsupported_format"
    assert caught.value.text.startswith(f"{format} files are not supported; ")


def test_heif_without_the_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("augcli.images.decoding.reads_heif", lambda: False)
    with pytest.raises(ItemError, match=r"HEIF files are not supported; .*augcli\[heif\]"):
        decoded(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100))


def test_a_twelve_bit_jpeg_is_a_mode_not_damage() -> None:
    data = bytearray(WHOLE["jpeg"])
    data[data.index(b"\xff\xc0") + 4] = 12
    with pytest.raises(ItemError, match="12-bit JPEG"):
        decoded(bytes(data))


@pytest.mark.parametrize("side", [10_001, 60_000])
def test_a_bomb_is_refused_by_its_header_before_any_pixel(side: int) -> None:
    jpeg = bytearray(WHOLE["jpeg"])
    at = jpeg.index(b"\xff\xc0")
    jpeg[at + 5 : at + 9] = struct.pack(">HH", side, side)
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    bombs = [
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b""),
        bytes(jpeg),
        tiff(pixels((4, 4, 3)), {256: (side,), 257: (side,)}),
        tiff(pixels((4, 4, 3), "uint16"), {256: (side,), 257: (side,)}),
        WHOLE["gif"][:6] + struct.pack("<HH", side, side) + WHOLE["gif"][10:],
        WHOLE["bmp"][:18] + struct.pack("<ii", side, side) + WHOLE["bmp"][26:],
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for bomb in bombs:
            with pytest.raises(ItemError) as caught:
                decode(bomb, max_megapixels=100)
            assert caught.value.code == "too_large", bomb[:4]
            assert caught.value.facts == {"width": side, "height": side, "limit": "100"}


def test_the_limit_counts_pixels_inclusively_and_replaces_pillows_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = WHOLE["png"]
    assert code_of(data, max_megapixels=48 * 64 / 1e6) == "fine"
    assert code_of(data, max_megapixels=(48 * 64 - 1) / 1e6) == "too_large"
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    assert code_of(data) == "fine"
    assert Image.MAX_IMAGE_PIXELS == 1000


def test_a_gif_frame_larger_than_its_screen_is_held_to_the_limit() -> None:
    data = WHOLE["gif"]
    at = data.index(b",", 13 + 3 * 32)
    grown = data[: at + 5] + struct.pack("<HH", 60_000, 60_000) + data[at + 9 :]
    assert code_of(grown) == "corrupt"
    grown = data[: at + 5] + struct.pack("<HH", 10_500, 10_500) + data[at + 9 :]
    assert code_of(grown) == "too_large"


def test_a_huge_tile_in_a_small_tiff_is_refused() -> None:
    data = saved(PHOTO, "TIFF")
    assert code_of(data) == "fine"
    assert code_of(tiff(pixels((4, 4)), {322: (65000,), 323: (65000,)})) == "corrupt"


def test_a_chunk_that_declares_more_than_the_file_holds_is_not_allocated() -> None:
    data = WHOLE["deep png"]
    at = data.index(b"IDAT") - 4
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert code_of(data[:at] + struct.pack(">I", 0x7FFF0000) + data[at + 4 :]) == "truncated"
    assert code_of(data + b"trailing bytes") == "fine"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000  # KiB


def test_damaged_strips_are_corrupt_and_unknown_layouts_are_modes() -> None:
    lzw = bytearray(WHOLE["lzw tiff"])
    middle = len(lzw) // 2
    lzw[middle : middle + 60] = b"\xff" * 60
    assert code_of(bytes(lzw)) == "corrupt"
    with pytest.raises(ItemError, match="TIFF photometric 2, 8/8/8/8/8/8/8 bit"):
        decoded(tiff(pixels((4, 4, 7)), {338: (1, 2, 1, 2)}))


@pytest.mark.parametrize("error", [MemoryError(), OSError("out of memory error when reading image file")])
def test_running_out_of_memory_is_its_own_code(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(Image, "open", exhausted)
    assert code_of(WHOLE["png"]) == "memory_limit"


def test_damage_that_libjpeg_notices_is_a_warning_and_the_pixels_are_those_of_pillow() -> None:
    jpeg = WHOLE["jpeg"]
    scan = jpeg.index(b"\xff\xda") + 40
    cases = [jpeg[:-2] + bytes(36) + jpeg[-2:]]
    cases += [jpeg[:at] + bytes(50) + jpeg[at + 50 :] for at in range(scan, len(jpeg) - 60, 90)]
    noticed = 0
    for data in cases:
        picture = decoded(data)
        with Image.open(BytesIO(data)) as reference:
            np.testing.assert_array_equal(picture.image, np.asarray(reference))
        assert picture.warnings in ((), ("the JPEG data are damaged in places",))
        noticed += bool(picture.warnings)
    assert decoded(cases[0]).warnings and noticed > 1
    assert decoded(jpeg).warnings == ()


def test_decoders_are_not_heard_on_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    jpeg = WHOLE["jpeg"]
    at = jpeg.index(b"\xff\xda") + 40
    code_of(jpeg[:at] + bytes(300) + jpeg[at + 300 :])
    code_of(jpeg[:-2] + bytes(50) + jpeg[-2:])
    code_of(WHOLE["lzw tiff"][:400])
    assert capfd.readouterr() == ("", "")
    os.write(2, b"back")
    assert capfd.readouterr().err == "back"


def test_a_complaint_is_heard_once(capfd: pytest.CaptureFixture[str]) -> None:
    with undisturbed() as heard:
        assert not heard()
        os.write(2, b"a complaint")
        assert heard()
        assert not heard()
    assert capfd.readouterr().err == ""


def test_decoding_leaves_no_file_open() -> None:
    before = len(os.listdir("/proc/self/fd"))
    for data in (*WHOLE.values(), b"nothing", WHOLE["jpeg"][:300], WHOLE["tiff"][:90]):
        code_of(data)
    assert len(os.listdir("/proc/self/fd")) == before
