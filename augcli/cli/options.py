"""What the commands share: arguments and options, and how a result and an exit code leave."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from augcli.errors import ReadEnough, fitting
from augcli.messages import FORMS

F = TypeVar("F", bound=Callable[..., Any])

RECIPE = click.argument("recipe", type=click.Path(path_type=Path, allow_dash=False))
OUT = click.argument("output", metavar="OUT", type=click.Path(path_type=Path, allow_dash=False))
FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)
INPUT = click.option("--input", "folder", type=FOLDER, help="The dataset that the output was made of.")
PLACES = click.option(
    "--recipe", type=FILE, help="Instead of --input: the recipe, whose input says where the parts are."
)
SET = click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="PATH=VALUE",
    help="Change a value, by step id (rotate.degrees=[-5,5]) or path (copies=2). Repeatable.",
)


def debug_option(command: F) -> F:
    """`--debug` and `--log-format`; see `messages`, which reads the latter from the words themselves."""
    form = click.option(
        "--log-format",
        type=click.Choice(FORMS),
        default="text",
        expose_value=False,
        help="How errors, warnings and progress are written to stderr [default: text].",
    )
    return form(click.option("--debug", is_flag=True, help="Show tracebacks of unexpected errors.")(command))


def leave(code: int) -> None:
    """End with this exit code, if it is not that of success."""
    if code:
        sys.exit(code)


def say(text: str) -> None:
    """Print a result. Names that the terminal's encoding cannot show are escaped, not an error.

    Raises `ReadEnough` where nobody reads it.
    """
    try:
        click.echo(fitting(text, getattr(sys.stdout, "encoding", None)))
    except BrokenPipeError:
        raise ReadEnough from None


def names_of_ops(_: click.Context, __: click.Parameter, begun: str) -> list[str]:
    """The operations whose names begin so, for shell completion."""
    from augcli.listing import in_order

    return [op.name for op in in_order() if op.name.startswith(begun)]
