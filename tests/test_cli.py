"""The command line itself: help, start-up, errors, pipes, `--set`, JSON."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from augcli import __version__
from augcli.cli import cli
from augcli.ops.base import OPS
from tests.conftest import ROOT, augment
from tests.runs import call, dataset, recipe, rows

COMMANDS = sorted(cli.commands)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    assert call("run", recipe(folder, dataset(folder / "in"))).code == 0
    return folder / "recipe.yaml"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_that_explains_every_option(name: str) -> None:
    for flag in ("--help", "-h"):
        done = call(name, flag)
        assert done.code == 0 and done.err == ""
        assert done.out.startswith(f"Usage: augment {name}")
    for parameter in cli.commands[name].params:
        if getattr(parameter, "help", None) is None:
            assert parameter.param_type_name == "argument" or parameter.hidden  # type: ignore[attr-defined]


def test_the_commands_are_those_that_are_documented() -> None:
    assert {"run", "check", "plan", "preview", "ops", "schema"} <= set(COMMANDS)
    out = call("--help").out
    assert all(f"\n  {name} " in out for name in COMMANDS)


HELP = """
import io, json, sys, contextlib
from augcli.cli import main
for words in json.loads(sys.argv[1]):
    sys.argv = ["augment", *words]
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            main()
        except SystemExit as leaving:
            assert not leaving.code, (words, leaving.code)
heavy = {"numpy", "PIL", "cv2", "yaml", "pebble", "tqdm", "multiprocessing", "jinja2"}
print(sorted(heavy & set(sys.modules)))
"""


def test_help_and_version_import_nothing_heavy() -> None:
    words = [["--help"], ["--version"], *([name, "--help"] for name in COMMANDS)]
    done = subprocess.run(
        [sys.executable, "-c", HELP, json.dumps(words)], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_without_a_command_the_help_is_shown() -> None:
    done = call()
    assert done.code == 2 and "Traceback" not in done.err
    assert (done.out + done.err).startswith("Usage: augment")


def test_a_folder_in_place_of_a_recipe_is_answered_with_the_verb_that_writes_one() -> None:
    assert "`augment init DATASET` writes one" in call("run", "sample_data/photos").err


def test_the_version_is_said() -> None:
    assert call("--version").out == f"augment, version {__version__}\n"


@pytest.mark.parametrize(
    "words",
    [
        ["run", "missing.yaml"],
        ["run", "."],
        ["check", "missing.yaml", "--no-data"],
        ["ops", "rotat"],
        ["preview", "configs/quickstart.yaml", "-o", "x.txt"],
    ],
)
def test_an_error_is_one_line_on_stderr(words: list[str]) -> None:
    done = call(*words)
    assert done.code == 2 and done.out == ""
    assert done.err.startswith("augment: error: ") and done.err.count("\n") == 1


def test_an_unknown_op_is_answered_with_the_nearest() -> None:
    assert "did you mean rotate?" in call("ops", "rotat").err


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("seed", "="),
        ("seed=abc", "seed"),
        ("nonsense=3", "nonsense"),
        ("rotate.degreez=3", "degrees"),
        ("rotate.degrees=[1, 2", "rotate.degrees"),
        ("steps[99].flip.p=1", "steps[99]"),
        ("", "="),
    ],
)
def test_a_wrong_set_is_named(change: str, what: str, made: Path) -> None:
    done = call("check", made, "--set", change)
    assert done.code == 2 and "--set" in done.err and what in done.err


def test_set_changes_values_by_id_and_by_path(made: Path, tmp_path: Path) -> None:
    changes = [
        "rotate.degrees=[40, 41]",
        "rotate.p=1",
        "copies=1",
        "originals=drop",
        f"output.path={tmp_path}/o",
    ]
    words = [word for change in changes for word in ("--set", change)]
    assert call("run", made, *words).code == 0
    told = [row for row in rows(tmp_path / "o") if row["copy"]]
    assert {row["copy"] for row in told} == {1}
    assert all(40 <= row["steps"][0]["drawn"]["degrees"] <= 41 for row in told)


def test_json_is_all_there_is_on_stdout(made: Path) -> None:
    assert call("run", made, "--json").json["exit_code"] == 0
    assert call("plan", made, "--json").json["outputs"] == 39
    listed = call("ops", "--json").json
    assert {op["name"] for op in listed} == set(OPS)
    assert call("ops", "rotate", "--json").json[0]["name"] == "rotate"
    assert call("schema").json["$schema"].startswith("https://json-schema.org/")


def shell(script: str, *words: str | Path) -> subprocess.CompletedProcess[str]:
    command = ["bash", "-c", script, "bash", sys.executable, "-m", "augcli", *map(str, words)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("augment ini", "plain,init"),
        ("augment init sample_d", "file,sample_d"),
        ("augment ops rotate9", "plain,rotate90"),
        ("augment run --worke", "plain,--workers"),
    ],
)
def test_a_shell_completes_verbs_options_paths_and_operations(words: str, found: str) -> None:
    env = {"_AUGMENT_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    assert augment(env=env).stdout.split() == [found]


def test_a_reader_that_leaves_early_ends_it_quietly_with_the_code_of_other_tools() -> None:
    done = shell('"$@" | head -n 1', "ops")
    assert done.stdout.count("\n") == 1 and done.stderr == ""
    done = shell('set -o pipefail; "$@" | true', "schema")
    assert done.returncode == 141 and done.stderr == ""


def test_a_closed_stdout_or_stderr_changes_neither_result_nor_code(made: Path) -> None:
    for script in ('"$@" >&-', '"$@" 2>&-', '"$@" >&- 2>&- <&-'):
        done = shell(script, "run", made, "--debug")
        assert done.returncode == 0 and "Traceback" not in done.stderr


def test_a_stdout_that_takes_no_more_is_one_line_and_exit_code_1(tmp_path: Path) -> None:
    done = shell(f'ulimit -f 4; env -u PYTHONUNBUFFERED "$@" > {tmp_path / "schema.json"}', "schema")
    assert done.returncode == 1
    assert done.stderr == "augment: error: stdout: File too large\n"


def test_names_that_the_terminal_cannot_show_are_escaped(tmp_path: Path) -> None:
    source = dataset(tmp_path / "in", ["a/1.jpg", "a/写真.jpg"])
    (source / "a/写真.jpg").write_bytes(b"no image")
    env = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "1"}
    done = augment("run", recipe(tmp_path, source), env=env)
    assert done.returncode == 3
    assert "a/\\u5199\\u771f.jpg" in done.stdout and "Traceback" not in done.stderr


def test_our_own_signs_are_typed_where_the_terminal_has_no_others(tmp_path: Path) -> None:
    env = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "1"}
    path = recipe(tmp_path, dataset(tmp_path / "in"), ["brightness: {factor: 9}"])
    assert augment("run", path, "-q").returncode == 0
    done = augment("report", tmp_path / "out", "--summary", "-", "-o", tmp_path / "r.html", env=env)
    assert re.search(r"\| clipped \| \d+ % \|", done.stdout) and "\\u" not in done.stdout + done.stderr
    assert re.search(r"clipped: \d+ %, over 25 %", done.stderr)
