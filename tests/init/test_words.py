"""What names say, and what they do not."""

from __future__ import annotations

import pytest

from augcli.init.words import grouping_of, hue_names, overhead_signs, sides, text_signs, tokens
from augcli.sample import Entry


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("TurnLeft_02", ["turn", "left"]),
        ("turn-left", ["turn", "left"]),
        ("WBC", ["wbc"]),
        ("bright copyright", ["bright", "copyright"]),
        ("straßenSchild", ["strassen", "schild"]),
        ("", []),
    ],
)
def test_a_name_falls_into_words(name: str, words: list[str]) -> None:
    assert [word.casefold() for word in tokens(name)] == [word.casefold() for word in words]


@pytest.mark.parametrize(
    ("folders", "classes", "said"),
    [
        (["data", "mnist"], ["cat"], True),
        (["x"], [str(digit) for digit in range(10)], True),
        (["x"], list("ABCDEFGHIJ"), True),
        (["x"], ["zero", "one", "two", "three", "four", "five", "six", "seven"], True),
        (["x"], ["stop_sign", "person"], True),
        (["x"], ["0", "1"], False),
        (["x"], [str(number) for number in range(10, 112)], False),
        (["photos"], ["cat", "dog", "design", "context"], False),
    ],
)
def test_characters_are_told_by_names(folders: list[str], classes: list[str], said: bool) -> None:
    assert bool(text_signs(folders, classes)) == said


def test_a_view_from_above_is_told_by_the_folder_but_not_by_a_class_that_photographs_show() -> None:
    assert overhead_signs(["data", "EuroSAT_2750"], ["forest"]) == ("folder EuroSAT_2750",)
    assert overhead_signs(["data", "eurosat"], ["forest"]) == ("folder eurosat",)
    assert overhead_signs(["cells"], []) and overhead_signs(["x"], ["WBC", "RBC"])
    assert overhead_signs(["x"], ["drone", "satellite", "cell phone"]) == ()


def test_left_and_right_make_pairs_and_what_has_no_twin_is_named() -> None:
    assert sides(["turn_left", "stop", "turn_right"]) == ((("turn_left", "turn_right"),), ())
    assert sides(["TurnRight", "TurnLeft"]) == ((("TurnRight", "TurnLeft"),), ())
    assert sides(["lane left", "bright", "copyright"]) == ((), ("lane left",))
    assert sides(["l", "r", "cat"]) == ((), ())
    assert sides([]) == ((), ())


def test_classes_named_by_colour() -> None:
    assert hue_names(["red_light", "GreenLight", "reddish", "hundred"]) == ("red_light", "GreenLight")


def entries(keys: list[str], split: str = "") -> list[Entry]:
    return [Entry(split, key, key, classes=((key.split("/")[0], 1.0),) if "/" in key else ()) for key in keys]


@pytest.mark.parametrize(
    ("keys", "what", "groups", "safe"),
    [
        (
            [f"{c}/patient{n:02}_{k}.png" for c in "ab" for n in range(6) for k in range(2)],
            "patient",
            6,
            True,
        ),
        ([f"a/P{n:03}_slice{k}.png" for n in range(6) for k in range(3)], "patient", 6, True),
        ([f"a/walk{n}_frame{k:04}.jpg" for n in range(7) for k in range(3)], "frame", 7, True),
        ([f"a/walk{n}_frame{k:04}.jpg" for n in range(2) for k in range(3)], "frame", 2, False),
        ([f"a/crop{'xyz'[n]}_{k}.jpg" for n in range(3) for k in range(3)], "name", 3, False),
    ],
)
def test_groups_are_told_by_names(keys: list[str], what: str, groups: int, safe: bool) -> None:
    found = grouping_of(entries(keys))
    assert found is not None
    assert (found.what, found.groups, found.safe, found.torn) == (what, groups, safe, 0)


@pytest.mark.parametrize(
    "keys",
    [
        [f"{c}/{c}_{k:03}.jpg" for c in ("cat", "dog") for k in range(9)],  # the class over again
        [f"a/{k:05}.jpg" for k in range(20)],
        [f"a/img{k:05}.jpg" for k in range(20)],
        [f"a/patient{k}_x.jpg" for k in range(20)],  # each alone
        [f"frame_{k:04}.jpg" for k in range(20)],
        ["a/only.jpg"],
        [],
    ],
)
def test_no_group_is_told_where_names_show_none(keys: list[str]) -> None:
    assert grouping_of(entries(keys)) is None


def test_a_group_in_two_splits_is_counted_and_not_safe() -> None:
    keys = [f"a/patient{n}_{k}.png" for n in range(8) for k in range(3)]
    found = grouping_of([*entries(keys[:13], "train"), *entries(keys[13:], "val")])
    assert found is not None and found.torn == 1 and not found.safe
