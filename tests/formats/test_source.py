"""Globs mean what pathlib's full_match means by them."""

import pytest

from augcli.formats.source import Source, matches


@pytest.mark.parametrize(
    ("glob", "name", "expected"),
    [
        ("*.jpg", "a.jpg", True),
        ("*.jpg", "cats/a.jpg", False),
        ("**/*.jpg", "a.jpg", True),
        ("**/*.jpg", "x/y/a.jpg", True),
        ("cats/**", "cats/x/a.jpg", True),
        ("cats/", "cats/x/a.jpg", True),
        ("cats/**", "cats2/a.jpg", False),
        ("a/**/b.png", "a/b.png", True),
        ("a/**/b.png", "a/x/y/b.png", True),
        ("a/*/b.png", "a/x/y/b.png", False),
        ("img_??.png", "img_01.png", True),
        ("img_[0-4].png", "img_3.png", True),
        ("img_[!0-4].png", "img_3.png", False),
        ("[!a]b", "/b", False),
        ("[", "[", True),
        ("a.jpg", "axjpg", False),
        ("A.jpg", "a.jpg", False),
        ("**/new\nline.png", "x/new\nline.png", True),
        ("e\u0301.png", "\u00e9.png", True),  # the glob's Unicode form does not matter
    ],
)
def test_a_glob_matches_the_whole_path(glob, name, expected):
    assert matches([glob], name) is expected


def test_exclusion_wins_over_inclusion_and_either_name_will_do():
    source = Source("root", include=("train/**",), exclude=("**/bad.png",))
    assert source.wants("train/a.png", "a.png")
    assert not source.wants("train/x/bad.png", "x/bad.png")
    assert not source.wants("val/a.png", "a.png")
