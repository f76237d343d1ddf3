"""One test per exit code; those of signals are in test_signals, that of report in its own tests."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from augcli import engines, manifest
from augcli.errors import MEANINGS, Exit
from tests.conftest import ROOT, augment
from tests.runs import call, dataset, powerless, recipe, rows


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recipe over a dataset whose one image of ten is broken, and so 3 of 30 outputs."""
    folder = tmp_path_factory.mktemp("codes")
    source = dataset(folder / "in", [f"a/{number}.jpg" for number in range(10)])
    (source / "a/3.jpg").write_bytes(b"no image")
    assert call("run", recipe(folder, source)).code == 3
    return folder


ELSEWHERE = {
    Exit.FLAGGED: "report/test_command.py",
    Exit.INTERRUPTED: "test_signals.py",
    Exit.READ_ENOUGH: "test_cli.py",
    Exit.TERMINATED: "test_signals.py",
}
"""Exit code -> the tests that provoke it, where these are not here."""


@pytest.mark.parametrize("code", Exit)
def test_every_exit_code_is_documented_and_provoked_by_the_real_command(code: Exit) -> None:
    assert MEANINGS[code]
    if code in ELSEWHERE:
        text = (ROOT / "tests" / ELSEWHERE[code]).read_text()
        assert re.search(rf"\b{code:d}\b", text), f"nothing in {ELSEWHERE[code]} provokes {code:d}"
    else:
        assert [name for name in globals() if name.startswith((f"test_{code:d}_", f"test_0_and_{code:d}_"))]


def test_0_all_done(tmp_path: Path) -> None:
    assert call("run", recipe(tmp_path, dataset(tmp_path / "in"))).code == 0


def test_1_a_folder_that_may_not_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o555)
    path = recipe(tmp_path, dataset(tmp_path / "in"), output=tmp_path / "locked/out")
    command = [*powerless(), sys.executable, "-m", "augcli", "run", str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "cannot be written" in done.stderr and "Traceback" not in done.stderr
    assert done.stderr.count("augment: error:") == 1


def test_1_is_said_before_an_image_is_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "apply", lambda *_: pytest.fail("work was begun"))
    done = call("run", recipe(tmp_path, dataset(tmp_path / "in"), output="/proc/augment/out"))
    assert done.code == 1 and "/proc/augment" in done.err and "cannot be written" in done.err


def test_1_a_folder_that_is_closed_while_the_run_goes_on(tmp_path: Path) -> None:
    path = recipe(tmp_path, dataset(tmp_path / "in"))
    command = [*powerless(), sys.executable, "-m", "augcli", "run", str(path)]
    assert call("run", path).code == 0
    (tmp_path / "out/train/a/a0__001.jpg").unlink()
    (tmp_path / "out/train/a").chmod(0o555)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    (tmp_path / "out/train/a").chmod(0o755)
    assert done.returncode == 1 and "a0__001.jpg: cannot be written" in done.stderr
    assert call("run", path).code == 0


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="no /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("words", [["schema"], ["run"], ["run", "--json"], ["plan", "--json"], ["check"]])
def test_1_an_output_that_cannot_be_printed(words: list[str], unbuffered: str, tmp_path: Path) -> None:
    if words != ["schema"]:
        words = [*words, str(recipe(tmp_path, dataset(tmp_path / "in", ["a/1.jpg", "a/2.jpg"])))]
    with Path("/dev/full").open("ab") as full:
        done = subprocess.run(
            [sys.executable, "-m", "augcli", *words],
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if not line.startswith("note: ")]
    assert lines == ["augment: error: stdout: No space left on device"]


def test_1_no_room_for_what_is_shared_with_workers(tmp_path: Path) -> None:
    path = recipe(tmp_path, dataset(tmp_path / "in", ["a/1.jpg"]))
    words = ["sh", "-c", 'ulimit -f 1; exec "$@"', "sh", sys.executable, "-m", "augcli", "run", str(path)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "File too large" in done.stderr and "fewer workers" not in done.stderr


def test_2_usage_recipe_and_data(tmp_path: Path) -> None:
    assert call("run").code == 2
    assert call("run", "--no-such-option", "x").code == 2
    assert call("nonsense").code == 2
    assert call("run", tmp_path / "missing.yaml").code == 2
    assert call("run", recipe(tmp_path, tmp_path / "missing")).code == 2
    assert call("run", recipe(tmp_path, dataset(tmp_path / "in"), ["rotate: {degrees: abc}"])).code == 2
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("limit", ["x", "-1", "-1%", "1.5", "%", "1e2", "²", "5 %", "101%", "100.1%", ""])
def test_2_a_limit_of_failures_that_is_no_number(limit: str, failing: Path) -> None:
    done = call("run", failing / "recipe.yaml", f"--max-failures={limit}")
    assert done.code == 2
    assert "--max-failures: expected a whole number of outputs, or a percentage of them from 0%" in done.err


@pytest.mark.parametrize("others", [["--fresh"], ["--limit", "3"]])
def test_2_options_that_exclude_each_other(others: list[str], failing: Path) -> None:
    assert call("run", failing / "recipe.yaml", "--update", *others).code == 2


def test_3_some_failed(failing: Path) -> None:
    done = call("run", failing / "recipe.yaml", "--json")
    assert done.code == 3 and done.json["exit_code"] == 3
    assert done.json["failures"] == {"not_an_image": 3}
    assert sum(row["status"] == "error" for row in rows(failing / "out")) == 3


@pytest.mark.parametrize(
    ("limit", "code"),
    [("0", 4), ("2", 4), ("3", 0), ("100", 0), ("0%", 4), ("9.9%", 4), ("10%", 0), ("100%", 0)],
)
def test_0_and_4_within_or_over_the_allowed_failures(limit: str, code: int, failing: Path) -> None:
    done = call("run", failing / "recipe.yaml", "--max-failures", limit)
    assert done.code == code
    assert ("warning: 3 of 30 images failed, within" in done.err) == (code == 0)
    assert ("augment: error: 3 of 30 images failed, more than" in done.err) == (code == 4)


def test_3_another_tree_than_the_expected_one(tmp_path: Path) -> None:
    path = recipe(tmp_path, dataset(tmp_path / "in", ["a/1.jpg", "a/2.jpg"]))
    made = call("run", path, "--json").json
    assert made["as_expected"] is None
    right, wrong = made["tree"], "0" * 64
    done = call("run", path, "--expect", right, "--json")
    assert done.code == 0 and done.json["as_expected"] is True
    done = call("run", path, "--expect", wrong, "--json")
    assert done.code == 3 and done.json["exit_code"] == 3 and done.json["as_expected"] is False
    assert done.err.splitlines()[-1] == (
        f"augment: error: --expect: the tree is {right}, not the expected {wrong}; recipe, inputs or "
        f"environment differ: compare run.json with that of the expected tree"
    )
    changed = call("run", path, "--set", "seed=8", "--update", "--expect", right)
    assert changed.code == 3 and "not the expected" in changed.err


def test_4_more_failures_than_allowed_are_worse_than_another_tree(failing: Path) -> None:
    done = call("run", failing / "recipe.yaml", "--max-failures", "2", "--expect", "0" * 64)
    assert done.code == 4 and done.err.count("augment: error:") == 2
    done = call("run", failing / "recipe.yaml", "--max-failures", "3", "--expect", "0" * 64)
    assert done.code == 3 and done.err.count("augment: error:") == 1


@pytest.mark.parametrize("digest", ["", "x", "0" * 63, "0" * 65, "A" * 64])
def test_2_an_expected_tree_that_is_no_digest(digest: str, tmp_path: Path) -> None:
    path = recipe(tmp_path, dataset(tmp_path / "in", ["a/1.jpg"]))
    done = call("run", path, f"--expect={digest}")
    assert done.code == 2 and "--expect: expected the 64 hex digits that run prints" in done.err
    assert not (tmp_path / "out").exists()


def test_5_another_recipe(failing: Path) -> None:
    done = call("run", failing / "recipe.yaml", "--set", "seed=1")
    assert done.code == 5 and "seed: 7 -> 1" in done.err
    debug = call("run", failing / "recipe.yaml", "--set", "seed=1", "--debug")
    assert debug.code == 5 and "Traceback" in debug.err


def test_5_another_environment(failing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("augcli.environment.canary", lambda: "0123456789abcdef")
    done = call("run", failing / "recipe.yaml")
    assert done.code == 5 and "environment: canary" in done.err


def test_6_in_use(failing: Path) -> None:
    with manifest.locked(failing / "out"):
        done = augment("run", failing / "recipe.yaml")
    assert done.returncode == 6
    assert "in use by process" in done.stderr
