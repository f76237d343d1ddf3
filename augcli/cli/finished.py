"""The commands about a finished output folder alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from augcli.cli.options import FILE, FOLDER, INPUT, OUT, PLACES, debug_option, leave, say
from augcli.messages import Log


@click.command()
@OUT
@click.option("--sample", type=click.IntRange(1), help="Look at so many outputs only, the same every time.")
@click.option("--quick", is_flag=True, help="Look at names, sizes and headers; hash and decode no image.")
@click.option("--expect", metavar="DIGEST", help="The tree that run printed: any other is damage.")
@click.option("--rebuild", is_flag=True, help="Also make outputs again from their rows; needs the inputs.")
@INPUT
@PLACES
@click.option(
    "--workers", type=click.IntRange(1, 256), help="Processes [default: the cores that may be used]."
)
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@debug_option
@click.pass_obj
def verify(log: Log, /, output: Path, **options: Any) -> None:
    """Say whether the output folder OUT is what its run made: 0 whole, 3 damaged."""
    from augcli.verify import Options, verify

    leave(verify(output, Options(**options), log=log, say=say))


@click.command()
@OUT
@click.argument("name", metavar="ID")
@INPUT
@PLACES
@click.option(
    "-o",
    "--output",
    "write",
    type=click.Path(path_type=Path),
    help="Make it again, bit for bit: the image to a FILE, or all its files into a folder that exists.",
)
@click.option("--json", "as_json", is_flag=True, help="Print row and words as JSON.")
@debug_option
def explain(output: Path, name: str, **options: Any) -> None:
    """Say what happened to one output of OUT: ID is its row's id or its path."""
    from augcli.explain import Options, explain

    leave(explain(output, name, Options(**options), say=say))


@click.command()
@click.argument("output", metavar="OUT|DATASET", type=FOLDER)
@click.option(
    "-o", "--output", "page", type=FILE, default="report.html", show_default=True, help="The page to write."
)
@INPUT
@click.option("--all", "everything", is_flag=True, help="Look at the pixels of all outputs, not of 5,000.")
@click.option("--threshold", "thresholds", multiple=True, metavar="FLAG=VALUE", help="Of a flag. Repeatable.")
@click.option("--fail-on", metavar="FLAG,...", help="Exit 7 when one of these flags is raised, or `any`.")
@click.option("--stats", type=FILE, help="What `run --stats` wrote: the time of each stage.")
@click.option("--summary", metavar="FILE|-", help="Append Markdown for a CI step to a file; - prints it.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes that look at pixels.")
@debug_option
@click.pass_obj
def report(log: Log, /, output: Path, debug: bool, **options: Any) -> None:
    """Tell in figures, charts and pictures what an output of run, or any dataset, is like."""
    from augcli.report import Options, report

    leave(report(output, Options(**options), log=log, say=say))
