"""YAML 1.2 scalars, the marks, and all that is refused before a recipe is looked for."""

import math
from typing import Any

import pytest

from augcli.errors import UsageError
from augcli.recipe.document import MAX_BYTES, read, value_of


def scalar(text: str) -> Any:
    return value_of(f"{{a: {text}}}")["a"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("-1.5E+2", -150.0),
        ("017", 17),
        ("0o17", 15),
        ("0x1F", 31),
        ("+3", 3),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("Off", "Off"),
        ("y", "y"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("4:2:0", "4:2:0"),
        ("12:30:45", "12:30:45"),
        ("2024-01-02", "2024-01-02"),
        ("0b11", "0b11"),
        ("'1'", "1"),
        ("!!str 1", "1"),
        ("20%", "20%"),
        (".inf", math.inf),
        ("-.INF", -math.inf),
        ("e3", "e3"),
        ("=", "="),
    ],
)
def test_scalars_are_those_of_the_yaml_1_2_core_schema(text: str, value: object) -> None:
    got = scalar(text)
    assert got == value
    assert type(got) is type(value)


def test_every_value_and_key_knows_its_line_and_column() -> None:
    document, found = read("a:\n  - {b: 1}\n  -   c\n", "r.yaml")
    assert not found
    assert document.data == {"a": [{"b": 1}, "c"]}
    assert document.value_mark(("a", 0, "b")).where == "r.yaml:2:9"
    assert document.key_mark(("a", 0, "b")).where == "r.yaml:2:6"
    assert document.key_mark(("a", 1)).where == "r.yaml:3:7"
    assert document.value_mark(("a", 0, "not", "there")).where == "r.yaml:2:5"


def test_a_column_counts_characters_not_bytes() -> None:
    document, _ = read("äöü: {日本: 1}\n", "r.yaml")
    assert document.value_mark(("äöü", "日本")).where == "r.yaml:1:11"


def test_keys_are_always_text_so_that_class_folders_may_be_numbers() -> None:
    assert value_of("{007: a, true: b, ~: c}") == {"007": "a", "true": "b", "~": "c"}


def test_an_alias_stands_for_its_value() -> None:
    document, found = read("a: &x [1, 2]\nb: *x\n", "r.yaml")
    assert not found
    assert document.data == {"a": [1, 2], "b": [1, 2]}


BOMB = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
)


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ("", "r.yaml:1:1", "empty"),
        ("# nothing\n", "r.yaml:1:1", "empty"),
        ("- a\n- b\n", "r.yaml:1:1", "mapping"),
        ("just words", "r.yaml:1:1", "mapping"),
        ("a: 1\nb:\n\t- c\n", "r.yaml:3:1", "tabs"),
        ("a: [1, 2\nb: 3\n", "r.yaml:2:2", "YAML"),
        ("a: b: c\n", "r.yaml:1:5", "YAML"),
        ("a: 1\n---\nb: 2\n", "r.yaml:2:1", "document"),
        ("a: *nobody\n", "r.yaml:1:4", "nobody"),
        ("a: &a [*a]\n", "r.yaml:1:4", "alias"),
        ("[" * 3000, "r.yaml:1:41", "deeper"),
        ("a: " + "{b: " * 3000, "r.yaml:1:157", "deeper"),
        ("a: [" + "1," * 20_000 + "]\n", "r.yaml:1:", "values"),
        (BOMB, "r.yaml:", "10,000"),
        ("a: \x07\n", "r.yaml:1:4", "U+0007"),
        ("x" * (MAX_BYTES + 1), "r.yaml:1:1", "1 MiB"),
        (b"a: 1\nb: \xff\xfe\n", "r.yaml:2:4", "UTF-8"),
        ("a: 1\n".encode("utf-16"), "r.yaml:1:1", "UTF-8"),
        (b"\x00\x01\x02", "r.yaml:1:1", "U+0000"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(text: str | bytes, where: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(text, "r.yaml")
    (problem,) = caught.value.problems
    assert problem.where.startswith(where)
    assert words in str(problem)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", "r.yaml:3:1: a: duplicate key, given first in line 1"),
        ("a:\n  b: 1\n  b: 1\n", "r.yaml:3:3: a.b: duplicate key, given first in line 2"),
        ("a: " + "9" * 5000, "r.yaml:1:4: a: a number of 5,000 characters"),
        ("a: !!python/object/apply:os.system [x]", "r.yaml:1:4: a: the tag !!python/object/apply:os.system"),
        ("a: !!timestamp 2024-01-01", "r.yaml:1:4: a: the tag !!timestamp is not supported"),
        ("a: !!int abc", "r.yaml:1:4: a: the tag !!int is not supported"),
        ("a: !mine {b: 1}", "r.yaml:1:4: a: the tag !mine is not supported"),
        ("? [1, 2]\n: 3\n", "r.yaml:1:3: recipe: a key must be a word"),
    ],
)
def test_smaller_mistakes_leave_the_rest_readable(text: str, message: str) -> None:
    _, found = read(text, "r.yaml")
    assert str(found[0][1]).startswith(message)


def test_a_byte_order_mark_and_windows_line_ends_are_read() -> None:
    document, _ = read(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n", "r.yaml")
    assert document.data == {"a": 1, "b": 2}
    assert document.value_mark(("b",)).where == "r.yaml:2:4"
