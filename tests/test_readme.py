"""What the README shows is what happens: its commands run and print what it says, its snippets are right."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import click
import numpy as np
import pytest
from PIL import Image

from augcli.cli import cli
from augcli.recipe import loads
from tests.conftest import ROOT
from tests.runs import call

TEXT = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
INLINE = re.findall(r"`(augment [a-z][^`\n]*)`", TEXT)


def blocks(kind: str) -> list[str]:
    return [text for name, text in BLOCKS if name == kind]


def commands() -> list[str]:
    """Every `augment VERB ...` of the README, but for the help texts."""
    found = list(INLINE)
    for kind in ("sh", "yaml", "console"):
        for text in blocks(kind):
            found += re.findall(r"(?<![-/\w.])augment [a-z][^\n'#|&>;]*", text)
    return [command.strip() for command in dict.fromkeys(found)]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder like a clone: the sample data and the configs are there, and nothing else."""
    for name in ("sample_data", "configs"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(command: str) -> str:
    """What a command of a console block prints, without notes and progress."""
    if command.startswith("augment "):
        done = call(*shlex.split(command)[1:])
        assert done.code == 0, done.err
        return done.out
    return subprocess.run(["bash", "-c", command], check=True, capture_output=True, text=True).stdout


def test_there_is_a_start_and_every_kind_of_snippet() -> None:
    assert "augment init" in blocks("console")[0]
    assert len(commands()) > 15 and blocks("yaml") and blocks("python")


def test_console_blocks_one_after_another_print_what_they_show(here: Path) -> None:
    for part in re.split(r"^\$ ", "".join(blocks("console")), flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        printed = said(command)
        pattern = re.escape(shown).replace(re.escape("..."), ".*?")
        assert re.fullmatch(pattern, printed, re.DOTALL), f"$ {command}\n{printed}"


@pytest.mark.parametrize("command", commands())
def test_a_command_has_only_options_that_there_are_and_configs_that_exist(command: str) -> None:
    _, verb, *words = shlex.split(re.sub(r"\$\{\{.*?\}\}", "1", command))
    if verb not in cli.commands:
        pytest.fail(f"there is no verb {verb}")
    known = cli.commands[verb]
    with click.Context(known, info_name=verb, resilient_parsing=True) as context:
        known.make_parser(context).parse_args(words)
    for word in words:
        assert not word.startswith(("configs/", "sample_data/")) or (ROOT / word).exists(), word


@pytest.mark.parametrize(
    "text", [text for text in blocks("yaml") if re.search(r"^(steps|input|augment):", text, re.M)]
)
def test_a_piece_of_a_recipe_is_valid(text: str) -> None:
    given = re.findall(r"^(\w+):", text, re.MULTILINE)
    missing = {"augment": "1", "input": "in", "output": "out"}
    rest = "".join(f"{key}: {value}\n" for key, value in missing.items() if key not in given)
    assert loads(rest + text).recipe.steps


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # pycocotools' own, with numpy 2
def test_the_python_snippets_run_on_the_outputs_that_they_are_for(here: Path) -> None:
    for text in blocks("python"):
        for name in dict.fromkeys(re.findall(r"out/([a-z-]+)", text)):
            assert call("run", f"configs/{name}.yaml", "--workers", "1", "--quiet").code == 0
        exec(compile(text, "README.md", "exec"), {"np": np, "Path": Path, "Image": Image})
