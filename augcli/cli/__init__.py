"""The command line: options, one call, print. No logic, and no heavy import before a verb needs it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from augcli import __version__, engines
from augcli.cli.finished import explain, report, verify
from augcli.cli.options import FILE, RECIPE, SET, names_of_ops
from augcli.cli.options import debug_option as _debug_option
from augcli.cli.options import leave as _leave
from augcli.cli.options import say as _say
from augcli.errors import Exit, Interrupted, Problem
from augcli.messages import Log


class _Verbs(click.Group):
    """A group of commands that takes an interrupt itself: click would print an empty line first."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise Interrupted("interrupted") from error


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="augment")
def cli() -> None:
    """A labelled image dataset and one YAML recipe in, a larger dataset that can be trusted out."""


cli.add_command(verify)
cli.add_command(explain)
cli.add_command(report)


@cli.command()
@RECIPE
@SET
@click.option(
    "--workers", type=click.IntRange(1, 256), help="Processes [default: the cores that may be used]."
)
@click.option("--limit", type=click.IntRange(1), help="Only so many source images, spread over the classes.")
@click.option("--shard", metavar="K/N", help="Only part K of N, the first being 1; see merge.")
@click.option("--max-failures", metavar="N|N%", help="Exit 0 when no more outputs than this fail.")
@click.option(
    "--timeout",
    type=click.FloatRange(0.1),
    default=300.0,
    show_default=True,
    help="Seconds that one source image with all its copies may take.",
)
@click.option("--expect", metavar="DIGEST", help="Exit 3 when the tree is not this one, as run printed it.")
@click.option("--update", is_flag=True, help="Bring an output of another recipe or other inputs up to date.")
@click.option("--fresh", is_flag=True, help="Remove what an earlier run wrote, then start over.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@click.option("--stats", type=FILE, help="Also write the summary to a file, with the time of each stage.")
@click.option("--report", is_flag=True, help="Also write a page about the output, report.html; see report.")
@click.option("--report-file", type=FILE, help="Also write that page, to this file.")
@click.option("-q", "--quiet", is_flag=True, help="No progress, no notes, no summary.")
@click.option("-v", "--verbose", is_flag=True, help="Name every failure and warning.")
@click.option(
    "--start-method", type=click.Choice(["forkserver", "spawn", "fork"]), default="forkserver", hidden=True
)
@_debug_option
@click.pass_obj
def run(log: Log, /, recipe: Path, overrides: tuple[str, ...], **options: Any) -> None:
    """Make the output folder match RECIPE: what is missing is made, what is there is kept."""
    from augcli.run import Options, run

    _leave(run(recipe, overrides, Options(**options), log=log, say=_say))


@cli.command()
@click.argument("folders", nargs=-1, required=True, metavar="FOLDER...", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where the merged dataset goes.")
@click.option("--link", is_flag=True, help="Link files instead of copying them, where that can be.")
@click.option("--max-failures", metavar="N|N%", help="As for run.")
@click.option("--expect", metavar="DIGEST", help="As for run.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@click.option("-q", "--quiet", is_flag=True, help="No progress, no notes, no summary.")
@_debug_option
@click.pass_obj
def merge(log: Log, /, folders: tuple[Path, ...], debug: bool, **options: Any) -> None:
    """Make of the shards of a run what the run would have made: in the FOLDER they share, or with -o."""
    from augcli.merge import Options, merge

    _leave(merge(folders, Options(**options), log=log, say=_say))


@cli.command()
@RECIPE
@SET
@click.option("--no-data", is_flag=True, help="Check the recipe alone; do not look at the dataset.")
@click.option("--strict", is_flag=True, help="Exit 2 on warnings too.")
@_debug_option
@click.pass_obj
def check(
    log: Log, recipe: Path, overrides: tuple[str, ...], no_data: bool, strict: bool, debug: bool
) -> None:
    """List every mistake of RECIPE and its dataset, and advise."""
    from augcli.check import check

    _leave(check(recipe, overrides, data=not no_data, strict=strict, log=log, say=_say))


@cli.command()
@RECIPE
@SET
@click.option("--workers", type=click.IntRange(1, 256), help="For the estimate of time.")
@click.option("--limit", type=click.IntRange(1), help="As for run.")
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
@_debug_option
@click.pass_obj
def plan(log: Log, /, recipe: Path, overrides: tuple[str, ...], debug: bool, **options: Any) -> None:
    """Say what run would do: outputs per class and split, time, bytes; what it would add, change, remove and
    keep in the output folder, or why it would refuse. Writes nothing.
    """
    from augcli.forecast import forecast

    _leave(forecast(recipe, overrides, **options, log=log, say=_say))


@cli.command()
@RECIPE
@SET
@click.option(
    "-n", "images", type=click.IntRange(1, 200), default=6, show_default=True, help="Source images."
)
@click.option("--copies", type=click.IntRange(1, 50), help="Copies of each [default: as planned, at most 6].")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default="preview.html",
    show_default=True,
    help="A page (.html), or a contact sheet (.png, .jpg, .webp).",
)
@click.option("--select", metavar="GLOB", help="Only images whose path below the split matches.")
@click.option("--class", "label", metavar="CLASS", help="Only images of this class, or with such an object.")
@click.option("--index", type=click.IntRange(0), help="The training image of this number, from 0.")
@click.option("--open", "opened", is_flag=True, help="Show it when it is written.")
@_debug_option
@click.pass_obj
def preview(
    log: Log,
    /,
    recipe: Path,
    overrides: tuple[str, ...],
    output: Path,
    opened: bool,
    debug: bool,
    **wanted: Any,
) -> None:
    """Show originals and copies exactly as run would make them: a page, or a contact sheet."""
    from augcli.preview import Wanted, preview

    code = preview(recipe, overrides, Wanted(**wanted), output=output, say=_say)
    if opened and click.launch(str(output.resolve())):
        log.warning(Problem(str(output), "nothing here can open it"))
    _leave(code)


@cli.command(name="init")
@click.argument("dataset", type=click.Path())  # the type makes shells complete it
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default="recipe.yaml",
    show_default=True,
    help="The recipe to write; a file that is there is never overwritten.",
)
@click.option("--format", "format_", default="auto", show_default=True, help="The dataset's format.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
@_debug_option
def init_(dataset: str, output: Path, format_: str, as_json: bool, debug: bool) -> None:
    """Look at DATASET, say what it is, and write a recipe to start from."""
    from augcli.init import init

    _leave(init(dataset, output, format_=format_, as_json=as_json, say=_say))


@cli.command()
@click.argument("name", required=False, shell_complete=names_of_ops)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@_debug_option
def ops(name: str | None, as_json: bool, debug: bool) -> None:
    """List the operations, or explain one."""
    from augcli.listing import listing

    _leave(listing(name, as_json=as_json, say=_say))


@cli.command(name="formats")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@_debug_option
def formats_(as_json: bool, debug: bool) -> None:
    """List the dataset formats and what the labels of each can hold."""
    from augcli.catalogue import list_formats

    _leave(list_formats(as_json=as_json, say=_say))


@cli.command()
@_debug_option
def schema(debug: bool) -> None:
    """Print the JSON Schema of recipes, for editors."""
    from augcli.recipe.schema import schema

    _say(json.dumps(schema(), indent=2))


def main() -> None:
    """Run the command line; every expected error is one line on stderr per problem, and an exit code."""
    log = Log.asked(sys.argv[1:], os.environ)
    engines.one_thread()
    try:
        left = cli(prog_name="augment", standalone_mode=False, obj=log)
        code = left if isinstance(left, int) else Exit.OK
    except click.ClickException as error:
        if isinstance(error, click.exceptions.NoArgsIsHelpError):
            error.show()
        else:
            verb = getattr(getattr(error, "ctx", None), "command_path", "augment")
            what = error.format_message().rstrip(".")
            log.error(Problem("", what, f"see {verb} --help"), Exit.USAGE.name.lower())
        code = error.exit_code
    except click.exceptions.Abort:  # what click makes of an interrupt
        code = log.ended_by(KeyboardInterrupt())
    except (Exception, KeyboardInterrupt) as error:
        code = log.ended_by(error)
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else Exit.ABORTED
    log.ended(code)
    sys.exit(int(code))
