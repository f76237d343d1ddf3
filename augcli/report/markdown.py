"""The findings as Markdown, for the summary of a CI step: verdict, counts, steps."""

from __future__ import annotations

import re
from collections.abc import Iterator

from augcli.errors import number_of
from augcli.pages import figure, share, single_line
from augcli.report.flags import quantity
from augcli.report.telling import Findings, told

CLASSES = 20
"""Rows of the table of classes."""

_SIGNS = {"bad": ":red_circle:", "warn": ":warning:", "note": ":information_source:"}


def summary(found: Findings) -> str:
    """GitHub's Markdown; names stay text."""
    return "\n".join(_lines(found)) + "\n"


def plain(text: str) -> str:
    """A name that Markdown and HTML leave alone: every sign that could mean something is escaped."""
    safe = single_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    safe = re.sub(r"([\\`*_{}\[\]()#+!|~$:-])", r"\\\1", safe)
    return safe.replace("@", "&#64;")


def _lines(found: Findings) -> Iterator[str]:
    document = told(found)
    counts = document["counts"]
    yield f"## Report on {plain(found.about.name)}"
    yield ""
    if found.about.ours:
        yield (
            f"{number_of(counts['outputs'], 'image')}, {figure(counts['copies'])} of them copies, made of "
            f"{number_of(counts['sources'], 'source')}; {figure(counts['failed'])} failed."
        )
    else:
        yield f"{number_of(counts['outputs'], 'image')}; {figure(counts['failed'])} cannot be used."
    yield ""
    raised = found.raised
    if raised:
        yield "| | flag | value | threshold | |"
        yield "|---|---|--:|--:|---|"
        for verdict in raised:
            flag, value = verdict.flag, verdict.value
            assert value is not None  # what is raised was measured
            detail = f" ({plain(value.detail)})" if value.detail else ""
            yield (
                f"| {_SIGNS[flag.level]} | {plain(flag.name)} | {quantity(value.value, flag.kind)} "
                f"| {quantity(verdict.threshold, flag.kind)} | {flag.meaning}{detail}; {flag.remedy} |"
            )
    else:
        yield ":white_check_mark: No flag raised."
    yield ""
    yield "<details><summary>Classes and steps</summary>"
    yield ""
    yield "| split | class | sources | images |"
    yield "|---|---|--:|--:|"
    for row in counts["classes"][:CLASSES]:
        before = "" if row["before"] is None else figure(row["before"])
        name = plain(row["class"] or "(no class)")
        yield f"| {plain(row['split'])} | {name} | {before} | {figure(row['after'])} |"
    if len(counts["classes"]) > CLASSES:
        yield f"| | and {len(counts['classes']) - CLASSES} more | | |"
    if document["steps"]:
        yield ""
        yield "| step | p | fired | of | share |"
        yield "|---|--:|--:|--:|--:|"
        for step in document["steps"]:
            p = "" if step["p"] is None else figure(step["p"])
            fired = "" if step["share"] is None else share(step["share"])
            cells = plain(step["id"]), p, figure(step["fired"]), figure(step["trials"]), fired
            yield f"| {' | '.join(cells)} |"
    yield ""
    yield "</details>"
