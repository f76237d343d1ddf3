from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from augcli.errors import UsageError
from augcli.manifest import decode_row, encode_row, order, read_rows
from augcli.manifest.rows import accepted_row

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.text(), PLAIN, max_size=4))
def test_a_row_comes_back_as_it_was_from_one_ascii_line(row):
    line = encode_row(row)
    assert decode_row(line) == row
    assert line.isascii()
    assert line.count(b"\n") == 1
    assert encode_row(dict(reversed(row.items()))) == line


_SMALL = st.floats(-1e-3, 1e-3) | st.floats(-1e19, 1e19) | st.sampled_from([1e-4, 1e-5, 1e15, 1e16, -0.0])
_NUMBERS = (
    st.none() | st.integers(-(2**70), 2**70) | _SMALL | st.floats(allow_nan=False, allow_infinity=False)
)
_NAMES = st.text(st.characters(max_codepoint=0x2FF), max_size=8) | st.sampled_from(
    ["e-1", "null", "e1]", "\ud800"]
)
ROWS = st.dictionaries(
    _NAMES | st.just("labels"),
    _NUMBERS | _NAMES | st.lists(_NUMBERS | _NAMES) | st.dictionaries(_NAMES, _NUMBERS),
    max_size=6,
)


@settings(max_examples=400, deadline=None)
@given(ROWS)
def test_the_line_is_that_of_the_standard_library(row):
    text = json.dumps(row, sort_keys=True, separators=(",", ":"))
    assert encode_row(row) == text.encode("ascii") + b"\n"
    assert accepted_row(encode_row(row)) == row


@pytest.mark.parametrize(
    "row", [{"steps": [math.nan], "error": None}, {"labels": {"label": None, "weights": [math.inf]}}]
)
def test_nan_is_refused_beside_columns_that_are_empty(row):
    with pytest.raises(ValueError):
        encode_row(row)


def test_the_canonical_line_is_this_one():
    row = {"b": 0.1, "a": "é", "c": [1, None, True], "d": 1e-7}
    assert encode_row(row) == b'{"a":"\\u00e9","b":0.1,"c":[1,null,true],"d":1e-07}\n'


def test_a_name_that_is_not_utf8_survives():
    name = b"caf\xe9.png".decode("utf-8", "surrogateescape")
    assert decode_row(encode_row({"source": name})) == {"source": name}
    assert order(("", name, 0)) == (b"", b"caf\xe9.png", 0)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_json_number_is_refused_in_both_directions(value):
    with pytest.raises(ValueError):
        encode_row({"x": value})
    with pytest.raises(ValueError):
        decode_row(json.dumps({"x": value}).encode())


@pytest.mark.parametrize("line", [b"", b"[1]", b'{"a":1', b'{"a":1,"a":2}', b"\xff", b'{"a":' * 5000])
def test_a_damaged_line_is_refused(line):
    with pytest.raises(ValueError):
        decode_row(line)


def test_rows_are_read_with_the_line_number_in_the_error(tmp_path):
    path = tmp_path / "manifest.jsonl"
    path.write_bytes(encode_row({"a": 1}) + b'{"a":\n')
    rows = read_rows(path)
    assert next(rows) == {"a": 1}
    with pytest.raises(UsageError, match=r"manifest\.jsonl:2: no row of a manifest"):
        next(rows)


def test_a_torn_last_line_and_a_missing_file_are_errors(tmp_path):
    path = tmp_path / "manifest.jsonl"
    path.write_bytes(b'{"a":1}')
    with pytest.raises(UsageError, match=r":1: .*torn"):
        list(read_rows(path))
    with pytest.raises(UsageError, match="No such file"):
        list(read_rows(tmp_path / "none"))


def test_rows_are_ordered_by_bytes_and_copies_by_number():
    ids = [("train", "b", 0), ("train", "a", 10), ("train", "a", 9), ("", "z", 0), ("train", "Z", 0)]
    ids += [("train", "\U0001f600", 0), ("train", "\uffff", 0)]  # UTF-16 would put these the other way
    assert sorted(ids, key=order) == [
        ("", "z", 0),
        ("train", "Z", 0),
        ("train", "a", 9),
        ("train", "a", 10),
        ("train", "b", 0),
        ("train", "\uffff", 0),
        ("train", "\U0001f600", 0),
    ]
