"""Errors, warnings, notes and progress in every form of `--log-format`."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from augcli.cli import cli
from augcli.errors import Aborted, Exit, OutputBusy, Problem, ReadEnough, UsageError
from augcli.messages import Log, Message, as_data, as_github, as_text, place
from augcli.progress import Progress
from tests.conftest import ROOT
from tests.runs import Done, call, dataset, recipe


def objects(done: Done) -> list[dict[str, Any]]:
    """Every line of stderr, which must be JSON."""
    return [json.loads(line) for line in done.err.splitlines()]


def annotation(line: str) -> tuple[str, dict[str, str], str]:
    """Command, properties, message, read as GitHub's runner reads them (ActionCommand.TryParseV2)."""
    found = re.fullmatch(r"::(\w+) (.*?)::(.*)", line)
    assert found, line
    back = {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"}

    def plain(text: str) -> str:
        return re.sub("%(?:0D|0A|3A|2C|25)", lambda code: back[code[0]], text)

    pairs = [pair.split("=", 1) for pair in found[2].split(",")]
    return found[1], {key: plain(value) for key, value in pairs}, plain(found[3])


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with some files."""
    monkeypatch.chdir(tmp_path)
    for name in ("recipe.yaml", "odd, 100%:name.txt", "x:3", "x"):
        (tmp_path / name).write_text("")
    return tmp_path


@pytest.mark.parametrize(
    ("where", "is_"),
    [
        ("recipe.yaml:14:5", ("recipe.yaml", 14, 5)),
        ("recipe.yaml:14", ("recipe.yaml", 14, None)),
        ("recipe.yaml", ("recipe.yaml", None, None)),
        ("recipe.yaml: images[3].width", ("recipe.yaml", None, None)),
        ("x:3", ("x:3", None, None)),  # there is such a file, and that is the better reading
        ("x:4", ("x", 4, None)),
        ("missing.yaml:14:5", ("", None, None)),
        ("--set #1 (copies=x)", ("", None, None)),
        ("", ("", None, None)),
        ("nul\0:3", ("", None, None)),
        ("a" * 5000, ("", None, None)),
    ],
)
def test_a_place_is_a_file_that_exists(
    where: str, is_: tuple[str, int | None, int | None], here: Path
) -> None:
    assert place(where) == is_


def test_an_annotation_escapes_what_github_would_take_for_its_own(here: Path) -> None:
    problem = Problem("odd, 100%:name.txt:3:7", "50% of\r\nit, ::error::x", "none")
    command, properties, text = annotation(as_github(Message("error", problem, "usage")))
    assert command == "error"
    assert properties == {"title": "augment: usage", "file": "odd, 100%:name.txt", "line": "3", "col": "7"}
    assert text == "odd, 100%:name.txt:3:7: 50% of\\r\\nit, ::error::x; none"


@pytest.mark.parametrize(
    ("level", "command"), [("error", "error"), ("warning", "warning"), ("note", "notice")]
)
def test_levels_are_those_of_github(level: Any, command: str) -> None:
    assert as_github(Message(level, Problem("", "what"))) == f"::{command} title=augment::what"


def test_a_file_is_named_from_the_workspace_as_annotations_need_it(here: Path) -> None:
    (here / "sub").mkdir()
    (here / "sub/r.yaml").write_text("")
    os.chdir(here / "sub")
    message = Message("error", Problem("r.yaml:1:2", "what"))
    assert annotation(as_github(message, str(here)))[1]["file"] == "sub/r.yaml"
    assert annotation(as_github(message, str(here / "elsewhere")))[1]["file"] == "r.yaml"
    assert annotation(as_github(message))[1]["file"] == "r.yaml"


def test_text_is_one_line_whatever_a_file_is_called() -> None:
    assert (
        as_text(Message("error", Problem("a\nb", "c\x1b[1m", "d"))) == "augment: error: a\\nb: c\\x1b[1m; d"
    )
    assert as_text(Message("warning", Problem("a", "c"))) == "warning: a: c"
    assert as_text(Message("warning", Problem("a", "c"), "vanished", "failed")) == "failed: a: c"


def test_data_says_null_of_what_is_not_known(here: Path) -> None:
    assert as_data(Message("note", Problem("", "what"))) == {
        "event": "message",
        "level": "note",
        "code": None,
        "file": None,
        "line": None,
        "column": None,
        "where": None,
        "what": "what",
        "remedy": None,
    }


@pytest.mark.parametrize(
    "words", [["--log-format", "json"], ["--log-format=json"], ["--log-format=text", "--log-format", "json"]]
)
def test_every_problem_is_one_object_with_its_place(words: list[str], tmp_path: Path) -> None:
    path = recipe(tmp_path, dataset(tmp_path / "in"), ["rotate: {degrees: abc}", "flipp"], more="copies: x\n")
    for verb in ("check", "run", "plan", "preview"):
        done = call(verb, path, *words)
        *problems, end = objects(done)
        assert done.code == 2 and end == {"event": "end", "exit_code": 2}
        assert [each["line"] for each in problems] == [5, 7, 8]
        for each in problems:
            assert each["event"] == "message" and each["level"] == "error" and each["code"] == "usage"
            assert each["file"] == str(path) and each["column"] > 0
            assert each["what"] and each["where"] == f"{path}:{each['line']}:{each['column']}"


def test_every_problem_is_one_annotation_at_its_line(tmp_path: Path) -> None:
    path = recipe(tmp_path, dataset(tmp_path / "in"), ["rotate: {degrees: abc}", "flipp"], more="copies: x\n")
    found = [annotation(line) for line in call("check", path, "--log-format", "github").err.splitlines()]
    assert [(command, properties["line"]) for command, properties, _ in found] == [
        ("error", "5"),
        ("error", "7"),
        ("error", "8"),
    ]
    assert all(properties["file"] == str(path) for _, properties, _ in found)


def test_problems_of_labels_stand_at_the_line_of_the_label_file(tmp_path: Path) -> None:
    source = dataset(tmp_path / "in", ["images/1.jpg", "images/2.jpg"])
    (source / "labels").mkdir()
    (source / "labels/1.txt").write_text("0 0.5 0.5 0.2 0.2\n0 0.5 nonsense 0.2 0.2\n")
    (source / "labels/2.txt").write_text("0 0.5 0.5\n")
    (source / "data.yaml").write_text("names: [a]\ntrain: images\n")
    path = recipe(tmp_path, source, ["flip: {p: 0.5}"])
    done = call("check", path, "--log-format", "json")
    told = [(Path(each["file"]).name, each["line"]) for each in objects(done) if each.get("level") == "error"]
    assert done.code == 2 and told == [("1.txt", 2), ("2.txt", 1)]


def test_a_mistake_of_the_command_line_is_told_in_the_form_it_asked_for(tmp_path: Path) -> None:
    for words in (["run"], ["run", "--nonsense"], ["nonsense"], ["run", "x.yaml", "--workers", "many"]):
        done = call(*words, "--log-format", "json")
        problem, end = objects(done)
        assert done.code == end["exit_code"] == 2 and problem["code"] == "usage" and problem["what"]
        [line] = call(*words, "--log-format", "github").err.splitlines()
        assert annotation(line)[0] == "error"
        [line] = call(*words).err.splitlines()
        assert line.startswith("augment: error: ") and line.endswith("--help")
    done = call("check", "x.yaml", "--log-format", "xml")
    assert done.code == 2 and "'xml' is not one of" in done.err


def test_advice_is_a_warning_at_its_step_and_leaves_stdout_to_results(tmp_path: Path) -> None:
    path = recipe(tmp_path, dataset(tmp_path / "in"), ["flip", "gamma"])
    for verb in ("check", "plan", "run"):
        told = objects(call(verb, path, "--log-format", "json"))
        [advice] = [each for each in told if each.get("level") == "warning"]
        assert (advice["file"], advice["line"]) == (str(path), 7)
        assert [each["what"] for each in told if each.get("level") == "note"] == ["splits found: train, val"]
        done = call(verb, path)
        assert "warning: " in done.err and "note: " in done.err
        assert "warning: " not in done.out and "note: " not in done.out


def test_a_failed_row_is_named_with_its_code(tmp_path: Path) -> None:
    source = dataset(tmp_path / "in", ["a/1.jpg", "a/2.jpg"])
    (source / "a/2.jpg").write_bytes(b"no image")
    path = recipe(tmp_path, source, ["flip: {p: 0.5}"], more="copies: 1\n")
    done = call("run", path, "--verbose", "--log-format", "json")
    told = objects(done)
    failed = [each for each in told if each["event"] == "failed"]
    assert [(each["code"], each["level"]) for each in failed] == [("not_an_image", "warning")] * 2
    assert {each["where"] for each in failed} == {"a/2.jpg#0", "a/2.jpg#1"}
    assert told[-1] == {"event": "end", "exit_code": 3}
    assert told[-2]["code"] == "some_failed" and told[-2]["what"] == "2 of 4 images failed"


def test_a_quiet_run_tells_its_errors_alone(tmp_path: Path) -> None:
    source = dataset(tmp_path / "in", ["a/1.jpg", "a/2.jpg"])
    path = recipe(tmp_path, source, ["flip"])
    done = call("run", path, "--quiet")
    assert (done.code, done.out, done.err) == (0, "", "")
    done = call("run", path, "--quiet", "--set", "seed=3", "--log-format", "github")
    assert done.code == 5 and done.out == ""
    assert [annotation(line)[0] for line in done.err.splitlines()] == ["error"]


@pytest.mark.parametrize(
    ("form", "line"),
    [
        ("text", "1 of 4 images, "),
        ("github", "1 of 4 images, "),
        ("json", '{"event": "progress", "done": 1, "total": 4, "failed": 1, "seconds": '),
    ],
)
def test_progress_is_a_line_in_each_form(form: str, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("augcli.progress.LINE_EVERY", 0.0)
    stream = io.StringIO()
    with Progress(4, Log(form, stream=stream)) as progress:
        progress.add(1, 1)
    assert stream.getvalue().startswith(line)
    stream = io.StringIO()
    with Progress(4, Log(form, quiet=True, stream=stream)) as progress:
        progress.add(1, 1)
    assert stream.getvalue() == ""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_messages_stand_above_the_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    log = Log(stream=stream)
    with Progress(4, log) as progress:
        progress.add(1, 0)
        log.warning("look")
        progress.add(1, 0)
    log.note("after")
    text = stream.getvalue()
    assert "img/s" in text and "\rwarning: look\n" in text and text.endswith("\nnote: after\n")
    stream = Terminal()
    with Progress(4, Log("json", stream=stream)) as progress:
        progress.add(1, 0)
    assert "img/s" not in stream.getvalue()


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (UsageError([Problem("a", "b"), Problem("c", "d", "e")]), 2, ["a: b", "c: d; e"]),
        (Aborted("x"), 1, ["x"]),
        (OutputBusy("x"), 6, ["x"]),
        (KeyboardInterrupt(), 130, ["interrupted"]),
        (ReadEnough(), 141, []),
    ],
)
def test_what_ends_a_command_has_its_code_and_its_lines(error: Any, code: int, said: list[str]) -> None:
    stream = io.StringIO()
    # In a process of its own an OSError costs stdout, which is lost then; here it is that of the tests.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", io.StringIO())
        assert Log(stream=stream).ended_by(error) == Exit(code)
    assert stream.getvalue().splitlines() == [f"augment: error: {text}" for text in said]


def test_what_nobody_expects_is_told_with_its_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("lost")

    monkeypatch.setattr("augcli.check.load", broken)
    done = call("check", "x.yaml", "--no-data")
    assert done.code == 1 and "RuntimeError: lost" in done.err
    assert done.err.splitlines()[-1].startswith(
        "augment: error: unexpected RuntimeError: a mistake of augment"
    )
    trace, message, end = objects(call("check", "x.yaml", "--no-data", "--log-format", "json"))
    assert "RuntimeError: lost" in trace["text"] and message["level"] == "error" and end["exit_code"] == 1


def test_an_interrupt_of_any_verb_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("augcli.check.load", stopped)
    done = call("check", "x.yaml", "--no-data")
    assert (done.code, done.err) == (130, "augment: error: interrupted\n")
    message, end = objects(call("check", "x.yaml", "--no-data", "--log-format", "json"))
    assert message["code"] == "interrupted" and end["exit_code"] == 130


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="no /dev/full")
@pytest.mark.parametrize("redirected", ["2>/dev/full", "2>&-"])
def test_a_full_or_closed_stderr_changes_no_exit_code(redirected: str, tmp_path: Path) -> None:
    good = recipe(tmp_path, dataset(tmp_path / "in", ["a/1.jpg", "a/2.jpg"]), ["flip"])
    bad = recipe(tmp_path, tmp_path / "in", ["flipp"], name="bad.yaml")
    for path, code in ((good, 0), (bad, 2)):
        words = ["sh", "-c", f'"$@" {redirected}', "sh", sys.executable, "-m", "augcli", "run", str(path)]
        done = subprocess.run([*words, "--log-format", "json"], cwd=ROOT, capture_output=True, timeout=60)
        assert done.returncode == code


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_verb_takes_the_form_of_its_messages(name: str) -> None:
    options = {option for parameter in cli.commands[name].params for option in parameter.opts}
    assert {"--log-format", "--debug"} <= options
