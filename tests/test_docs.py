"""The README's generated parts are what the program says. `python -m tests.test_docs` writes them anew."""

from __future__ import annotations

import re

import click
import pytest
from click.testing import CliRunner

from augcli import __version__
from augcli.catalogue import table as formats_table
from augcli.cli import cli
from augcli.errors import MEANINGS, Exit
from augcli.listing import table
from augcli.ops.base import OPS
from tests.conftest import ROOT

README = ROOT / "README.md"


def helps() -> str:
    """The help text of every command."""
    context = click.Context(cli)
    lines = ["```"]
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        usage = command.get_help(
            click.Context(
                command,
                info_name=f"augment {name}",
                max_content_width=100,
                help_option_names=["-h", "--help"],
            )
        )
        lines += [usage, ""]
    return "\n".join([*lines[:-1], "```"])


def exits() -> str:
    """The table of exit codes."""
    lines = ["| code | means |", "|---|---|", *(f"| {code:d} | {MEANINGS[code]} |" for code in Exit)]
    return "\n".join(lines)


PARTS = {
    "exits": exits,
    "commands": helps,
    "formats": lambda: "\n".join(formats_table()),
    "ops": lambda: "\n".join(table()).rstrip(),
}


def written_anew(text: str) -> str:
    for name, part in PARTS.items():
        begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        before, rest = text.split(begin)
        text = f"{before}{begin}\n{part()}\n{end}{rest.split(end)[1]}"
    return text


def test_the_generated_parts_of_the_readme_are_current() -> None:
    text = README.read_text()
    assert written_anew(text) == text, "run `python -m tests.test_docs` and commit README.md"


def test_every_command_and_option_has_a_help_text() -> None:
    for name, command in cli.commands.items():
        assert command.help, name
        for option in command.params:
            if isinstance(option, click.Option) and not option.hidden:
                assert option.help, f"{name} {option.name}"


@pytest.mark.parametrize("name", sorted(OPS))
def test_an_op_explains_itself_with_units_and_example(name: str) -> None:
    told = CliRunner().invoke(cli, ["ops", name])
    assert told.exit_code == 0
    assert told.output.startswith(f"{name} (") and f"- {name}" in told.output


def test_the_recipe_in_the_readme_is_valid() -> None:
    from augcli.recipe import loads

    blocks = re.findall(r"```yaml\n(augment: 1.*?)```", README.read_text(), re.DOTALL)
    assert blocks
    for number, block in enumerate(blocks):
        loads(block, f"README-{number}.yaml")


def test_the_changelog_begins_with_this_version() -> None:
    versions = re.findall(r"^## \[(\S+)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert versions[0] == __version__


def test_every_link_to_a_file_in_the_readme_leads_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README.read_text()):
        assert (ROOT / target).exists(), target


def test_recipes_know_the_formats_there_are() -> None:
    from augcli import formats
    from augcli.recipe import shape

    assert set(shape.FORMATS) == set(formats.FORMATS)


if __name__ == "__main__":
    README.write_text(written_anew(README.read_text()))
