"""Mutations of real files: a case is a function of its name alone, so that any finding can be had again."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

_NUMBER = re.compile(rb"-?\d+(\.\d+)?([eE][-+]?\d+)?")
_WORD = re.compile(rb"[A-Za-z_./\-]{2,}")

WORDS: tuple[bytes, ...] = (
    *(b"0", b"-1", b"1", b"-0.0", b"0.5", b"1e999", b"-1e999", b"1e-320", b"NaN", b"Infinity", b"9" * 5000),
    *(b"2147483648", b"-2147483649", b"18446744073709551616", b"1e30", b"0x10", b"1_000", b"12:30", b".5"),
    *(b"null", b"true", b"[]", b"{}", b"[[]]", b'""', b'"\\ud800"', b'"\\u0000"', b"[" * 3000, b"{" * 500),
    *(b"..", b"../../../etc/passwd", b"/etc/passwd", b"a/../../b", b"~", b"C:\\a", b"\\\\host\\a", b"."),
    *(
        b"\x00",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\xe2\x80\xae",
        b"\r",
        b"\n\n",
        b"\t",
        b"'",
        b'"',
        b"<",
        b"&lt;",
    ),
    *(b"&a [*a]", b"*a", b"!!python/name:os.system", b"<<: *a", b"? x", b"--- ", b"%YAML 1.1\n", b"|\n  x"),
    *(b'<!DOCTYPE a [<!ENTITY b "c">]>', b"&b;", b"<a/>", b"<![CDATA[x]]>", b"<bndbox>", b"a" * 300),
)
"""What readers of text have stumbled over: extreme numbers, other types, ways out, markup, odd characters."""

_BYTES = (0, 1, 0x7F, 0x80, 0xFE, 0xFF)


def rng_of(*names: object) -> random.Random:
    """The generator of one case."""
    return random.Random("/".join(map(str, names)))


def mutated(data: bytes, rng: random.Random, others: Sequence[bytes] = (), text: bool = False) -> bytes:
    """The data with one to some mutations; `others` give pieces to put in; `text` prefers tokens to bytes."""
    ways = _TEXT * 3 + _BINARY if text else _BINARY
    for _ in range(rng.choice((1, 1, 1, 2, 3, 5, 12))):
        way = rng.choice(ways)
        data = way(data, rng) if way is not _splice else _splice(data, rng, others)
        if not data:
            return data
    return data


def _at(data: bytes, rng: random.Random) -> int:
    """A place; the beginning of a file, where headers are, as often as all the rest."""
    return rng.randrange(min(len(data), 256) if rng.random() < 0.5 else len(data))


def _flip(data: bytes, rng: random.Random) -> bytes:
    at = _at(data, rng)
    return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]


def _set(data: bytes, rng: random.Random) -> bytes:
    at = _at(data, rng)
    return data[:at] + bytes([rng.choice((*_BYTES, rng.randrange(256)))]) + data[at + 1 :]


def _integer(data: bytes, rng: random.Random) -> bytes:
    """A 2- or 4-byte integer of either order becomes an extreme one: lengths, counts and sizes."""
    at, width = _at(data, rng), rng.choice((2, 4))
    value = rng.choice((0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 0x10000, 4097, 30000))
    number = (value & ((1 << 8 * width) - 1)).to_bytes(width, rng.choice(("little", "big")))
    return data[:at] + number + data[at + width :]


def _cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data))]


def _drop(data: bytes, rng: random.Random) -> bytes:
    at = _at(data, rng)
    return data[:at] + data[at + rng.choice((1, 2, 4, 16, rng.randrange(1, 2000))) :]


def _double(data: bytes, rng: random.Random) -> bytes:
    at, size = _at(data, rng), rng.choice((1, 4, 16, rng.randrange(1, 2000)))
    return data[: at + size] + data[at:]


def _noise(data: bytes, rng: random.Random) -> bytes:
    at, size = _at(data, rng), rng.choice((2, 8, 40))
    return data[:at] + rng.randbytes(size) + data[at + size :]


def _splice(data: bytes, rng: random.Random, others: Sequence[bytes]) -> bytes:
    if not others:
        return data
    other = rng.choice(others)
    return data[: _at(data, rng)] + other[rng.randrange(max(len(other), 1)) :]


def _replaced(data: bytes, rng: random.Random, pattern: re.Pattern[bytes], by: Sequence[bytes]) -> bytes:
    found = [match.span() for match in pattern.finditer(data[:200_000])]
    if not found:
        return data
    start, end = rng.choice(found)
    return data[:start] + rng.choice(by) + data[end:]


def _number(data: bytes, rng: random.Random) -> bytes:
    return _replaced(data, rng, _NUMBER, WORDS)


def _word(data: bytes, rng: random.Random) -> bytes:
    own = [match.group() for match in list(_WORD.finditer(data[:20_000]))[:300]]
    return _replaced(data, rng, _WORD, own if own and rng.random() < 0.5 else WORDS)


def _insert(data: bytes, rng: random.Random) -> bytes:
    at = _at(data, rng)
    return data[:at] + rng.choice(WORDS) + data[at:]


def _lines(data: bytes, rng: random.Random) -> bytes:
    lines = data.splitlines(keepends=True)
    first, second = rng.randrange(len(lines)), rng.randrange(len(lines))
    kind = rng.randrange(4)
    if kind == 0:
        del lines[first]
    elif kind == 1:
        lines.insert(second, lines[first])
    elif kind == 2:
        lines[first], lines[second] = lines[second], lines[first]
    else:
        lines[first] = rng.choice((b"  ", b"\t", b"- ", b"\n")) + lines[first]
    return b"".join(lines)


_BINARY: tuple[Callable[..., bytes], ...] = (
    *(_flip, _set, _set, _integer, _integer, _integer, _cut, _drop, _double, _noise, _splice),
)
_TEXT: tuple[Callable[..., bytes], ...] = (_number, _number, _word, _insert, _lines, _lines)
