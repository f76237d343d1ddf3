"""Pictures made to cost more than they are: each is refused by its header, in every format and every role.

Damage and bombs of single decoders: `tests/images/test_damage.py`; mutated files: `tests/fuzz`; over a
thousand odd files: `tests/corpus`.
"""

from __future__ import annotations

import os
import resource
import struct
import zlib
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from augcli.errors import ItemError
from augcli.images import decode, encode, read
from augcli.images.files import most_bytes
from augcli.images.masks import read_mask
from augcli.images.measuring import measure
from tests.images.made import chunk, saved, tiff
from tests.runs import call, dataset, recipe, rows

SIDE = 16_000
ROOM = 200_000
"""KiB that refusing a bomb may take at most."""


def png_bomb(colour: int, depth: int) -> bytes:
    """A whole PNG of SIDE x SIDE zeros, some hundred kilobytes at most."""
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    row = bytes(1 + SIDE * samples * depth // 8)
    packer = zlib.compressobj(9)
    body = b"".join(packer.compress(row * 100) for _ in range(SIDE // 100)) + packer.flush()
    header = struct.pack(">IIBBBBB", SIDE, SIDE, depth, colour, 0, 0, 0)
    palette = chunk(b"PLTE", bytes(6)) if colour == 3 else b""
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + palette + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


def grown(data: bytes, at: int, form: str) -> bytes:
    """The file with its width and height replaced by SIDE."""
    return data[:at] + struct.pack(form, SIDE, SIDE) + data[at + struct.calcsize(form) :]


@cache
def bombs() -> dict[str, bytes]:
    small = Image.new("RGB", (16, 16))
    jpeg, webp = saved(small, "JPEG"), saved(small, "WEBP", lossless=True)
    bits = webp.index(b"VP8L") + 9  # 14 bits each of width - 1 and height - 1 (WebP lossless, 3.2)
    lossless = webp[:bits] + struct.pack("<I", 16_383 | 16_383 << 14) + webp[bits + 4 :]
    return {
        "grey.png": png_bomb(0, 8),
        "bits.png": png_bomb(0, 1),
        "palette.png": png_bomb(3, 8),
        "jpeg.jpg": grown(jpeg, jpeg.index(b"\xff\xc0") + 5, ">HH"),
        "lossless.webp": lossless,
        "gif.gif": grown(saved(small.quantize(2), "GIF"), 6, "<HH"),
        "bmp.bmp": grown(saved(small, "BMP"), 18, "<ii"),
        "strip.tiff": tiff(np.zeros((4, 4, 3), np.uint8), {256: (SIDE,), 257: (SIDE,)}),
        "group4.tiff": saved(Image.new("1", (SIDE, SIDE)), "TIFF", compression="group4"),
    }


def cost(work: object, *arguments: object) -> tuple[str, int]:
    """(code of the item error or "fine", KiB of memory) of a call in a process of its own."""
    ear, mouth = os.pipe()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    child = os.fork()
    if not child:
        code = "fine"
        try:
            work(*arguments)  # type: ignore[operator]
        except ItemError as error:
            code = error.code
        except BaseException as error:
            code = type(error).__name__
        os.write(mouth, code.encode())
        os._exit(0)
    _, status, usage = os.wait4(child, 0)
    os.close(mouth)
    with os.fdopen(ear, "rb") as told:
        code = told.read().decode()
    assert status == 0
    return code, usage.ru_maxrss - before


@pytest.mark.parametrize("name", sorted(bombs()))
def test_a_bomb_is_refused_in_every_role_without_its_memory(name: str, tmp_path: Path) -> None:
    data = bombs()[name]
    assert len(data) < 600_000
    (tmp_path / name).write_bytes(data)
    code, taken = cost(lambda: decode(data, max_megapixels=100))
    assert (code, taken < ROOM) == ("too_large", True), (code, taken)
    code, taken = cost(lambda: read_mask(data))
    assert (code, taken < ROOM) == ("bad_label", True), (code, taken)
    code, taken = cost(lambda: measure(str(tmp_path / name)))
    assert (code, taken < ROOM) == ("fine", True), (code, taken)


def test_the_limit_is_one_of_bytes_for_pictures_of_16_bit() -> None:
    colour = np.zeros((100, 100, 3), np.uint16)
    alpha = np.zeros((100, 100, 4), np.uint16)
    for kind in ("png", "tiff"):
        for image, depth in ((colour, 6), (alpha, 8)):
            data = encode(image, kind)
            decode(data, max_megapixels=0.0025 * depth)
            with pytest.raises(ItemError) as caught:
                decode(data, max_megapixels=0.00249 * depth)
            assert caught.value.code == "too_many_bytes"
            assert caught.value.text.startswith(
                f"100 x 100 pixels of {depth} bytes are over the limit of 0.0"
            )
        decode(encode(colour[..., 0], kind), max_megapixels=0.01)


def test_a_file_larger_than_any_picture_within_the_limit_is_not_read(tmp_path: Path) -> None:
    source = dataset(tmp_path / "in", ["train/a/1.jpg", "train/a/2.jpg"])
    data = (source / "train/a/2.jpg").read_bytes()
    (source / "train/a/2.jpg").write_bytes(data)
    os.truncate(source / "train/a/2.jpg", 1 << 40)  # a terabyte with a hole in it
    done = call("run", recipe(tmp_path, source, ["flip: {p: 0.5}"], more="copies: 1\n"))
    assert done.code == 3, done.err
    failed = {row["source"]: row["error"] for row in rows(tmp_path / "out") if row["error"]}
    text = "the file has 1099511 MB, more than the 867 MB that a picture may need"
    assert failed == {"a/2.jpg": {"code": "file_too_large", "text": text}}
    assert most_bytes(100) == 800_000_000 + (64 << 20)
    assert read(str(source / "train/a/1.jpg"), 10**6)
    with pytest.raises(ItemError, match="the file has 0 MB"):
        read(str(source / "train/a/1.jpg"), 10)


def with_chunks(name: bytes, body: bytes, count: int = 1) -> bytes:
    """A small PNG with such chunks before its pixels."""
    data = saved(Image.new("RGB", (8, 8)), "PNG")
    return data[:33] + chunk(name, body) * count + data[33:]


BALLAST = {
    "compressed text": with_chunks(b"zTXt", b"key\0\0" + zlib.compress(bytes(50 << 20), 9), 20),
    "compressed profile": with_chunks(b"iCCP", b"p\0\0" + zlib.compress(bytes(200 << 20), 9)),
    "unicode text": with_chunks(b"iTXt", b"k\0\1\0\0\0" + zlib.compress(bytes(200 << 20), 9)),
    "many chunks": with_chunks(b"tEXt", b"k\0v", 200_000),
    "a long comment": saved(Image.new("RGB", (8, 8)), "JPEG", comment=b"c" * 65_000),
}


@pytest.mark.parametrize("name", BALLAST)
def test_metadata_that_unpack_to_much_cost_little(name: str) -> None:
    code, taken = cost(lambda: decode(BALLAST[name], max_megapixels=100))
    assert code in ("fine", "corrupt") and taken < ROOM, (code, taken)


def test_what_a_file_is_decides_its_contents_and_not_its_name(tmp_path: Path) -> None:
    source = dataset(tmp_path / "in", ["train/a/1.jpg"])
    picture = Image.new("RGB", (9, 8), (9, 99, 200))
    for kind, suffix in (("PNG", "jpg"), ("JPEG", "png"), ("GIF", "webp"), ("WEBP", "bmp"), ("BMP", "tiff")):
        file = BytesIO()
        picture.save(file, kind)
        (source / f"train/a/{kind}.{suffix}").write_bytes(file.getvalue())
    (source / "train/a/script.png").write_bytes(b"#!/bin/sh\ntouch gone\n")
    (source / "train/a/page.jpg").write_bytes(b"<html><script>alert(1)</script></html>")
    done = call("run", recipe(tmp_path, source, ["flip: {p: 0.5}"], more="copies: 1\n"))
    assert done.code == 3, done.err
    failed = {row["source"]: row["error"]["code"] for row in rows(tmp_path / "out") if row["error"]}
    assert failed == {"a/script.png": "not_an_image", "a/page.jpg": "not_an_image"}
