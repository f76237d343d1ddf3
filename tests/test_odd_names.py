"""File and class names may hold any character but a slash; no message is broken by one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import augment
from tests.runs import call, dataset, recipe

ESCAPE, BREAK = "\x1b[31m", "\n"


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """A recipe over images of odd names, one of them broken, in a class of an odd name."""
    names = [f"train/{ESCAPE}a{BREAK}b/{name}.jpg" for name in (f"x{BREAK}y", f"{ESCAPE}z", "plain")]
    source = dataset(tmp_path / "in", names)
    (source / f"train/{ESCAPE}a{BREAK}b/bro{BREAK}ken{ESCAPE}.jpg").write_bytes(b"no image")
    return recipe(tmp_path, source, ["flip: {p: 0.5}"], more="copies: 1\n")


def test_a_run_prints_odd_names_escaped(odd: Path) -> None:
    done = call("run", odd, "--verbose")
    assert done.code == 3
    assert ESCAPE not in done.out + done.err
    assert "bro\\nken\\x1b[31m.jpg" in done.err and "bro\\nken\\x1b[31m.jpg" in done.out
    assert "\\x1b[31ma\\nb 6" in done.out


@pytest.mark.parametrize("verb", ["check", "plan"])
def test_what_is_said_before_a_run_is_escaped_too(verb: str, odd: Path) -> None:
    done = call(verb, odd)
    assert done.code == 0 and ESCAPE not in done.out + done.err


def test_a_preview_shows_images_of_odd_names(odd: Path, tmp_path: Path) -> None:
    assert call("preview", odd, "-n", "4", "-o", tmp_path / "sheet.png").code == 0
    assert (tmp_path / "sheet.png").stat().st_size > 0


@pytest.mark.parametrize("verb", ["check", "plan", "run", "preview"])
def test_a_locale_of_ascii_ends_in_a_sentence(verb: str, tmp_path: Path) -> None:
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    path = recipe(tmp_path, dataset(tmp_path / "übung", ["train/ä/1.jpg"]), ["flip: {p: 0.5}"])
    done = augment(verb, path, env=plain)
    assert done.returncode == 2 and "set PYTHONUTF8=1" in done.stderr
    assert "Traceback" not in done.stderr
