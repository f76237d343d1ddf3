"""Choices -> the text of a recipe. Names of files and classes stay data, in values as in comments."""

from __future__ import annotations

import re
import shlex
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from augcli.errors import number_of, printable
from augcli.init.facts import Facts
from augcli.init.rules import Choice

WIDTH = 100
"""Columns of the text, where a value does not need more."""

_PLAIN = re.compile(r"(?:\.{0,2}/|[A-Za-z_])[A-Za-z0-9_./-]*|\.\.?|-?[0-9]+%")
_WORDS = frozenset(["true", "false", "null", "yes", "no", "on", "off"])
"""What YAML readers take for something else than a word."""

HEAD = """\
Augmentation adds variety and costs likeness, and it does not always help. So:
  1. look: `augment preview {file}`. Would you name every copy as its label does? If not, tame a step.
  2. run: `augment run {file}`
  3. compare with and without, one change at a time, by cross-validation on your own task, with copies in
     the fold of their source. A step that does not help there is noise: take it out.
p is the share of copies that a step happens to; [low, high] is drawn anew for each.
`augment ops` lists the steps there are, `augment ops rotate` explains one."""


def written(facts: Facts, choices: Sequence[Choice], output: str, file: str) -> str:
    """The recipe: `output` is its output folder, `file` the name it will have. Ends with a newline."""
    at: dict[str, list[Choice]] = {}
    for choice in choices:
        at.setdefault(choice.place, []).append(choice)
    lines = [
        *_comment(
            f"A starting point for {facts.path}: {number_of(facts.images, 'image')}, task {facts.task}."
        ),
        *(f"# {line}" for line in HEAD.format(file=printable(shlex.quote(file))).splitlines()),
        "augment: 1",
        "seed: 0",
        "input:",
        f"  path: {scalar(facts.path)}",
        f"  format: {facts.format}",
        *_section(at, "input.", 2),
        "output:",
        f"  path: {scalar(output)}",
        *_section(at, "output.", 2),
        *_keys(at.get("copies", ()), 0),
        "originals: keep",
    ]
    for place in ("canvas", "labels", "symmetry"):
        lines += _keys(at.get(place, ()), 0)
    if prepare := at.get("prepare"):
        lines += ["prepare:" if any(choice.active for choice in prepare) else "# prepare:", *_steps(prepare)]
    lines += ["steps:", *_steps(at.get("steps", ()))]
    if ideas := at.get("ideas"):
        lines += ["  # Worth a try, one at a time, each judged by cross-validation:", *_steps(ideas)]
    return "\n".join(lines) + "\n"


def _section(at: Mapping[str, Sequence[Choice]], prefix: str, indent: int) -> Iterator[str]:
    for place, choices in at.items():
        if place.startswith(prefix):
            yield from _keys(choices, indent)


def _keys(choices: Iterable[Choice], indent: int) -> Iterator[str]:
    """`key: value` lines, each below its reason."""
    for choice in choices:
        yield from _comment(choice.why, indent)
        if choice.value is not None:
            off = "" if choice.active else "# "
            yield f"{' ' * indent}{off}{choice.place.rpartition('.')[2]}: {flow(choice.value)}"


def _steps(choices: Iterable[Choice]) -> Iterator[str]:
    """`- step: {...}` lines, each below its reason."""
    for choice in choices:
        yield from _comment(choice.why, 2)
        if choice.value is not None:
            ((name, parameters),) = choice.value.items()
            yield f"  {'' if choice.active else '# '}- {name}: {flow(parameters)}"


def _comment(text: str, indent: int = 0) -> Iterator[str]:
    """The text as comment lines. Nothing in it can end one: control characters are escaped."""
    for line in textwrap.wrap(printable(text), WIDTH - indent - 2, break_on_hyphens=False):
        yield f"{' ' * indent}# {line}"


def flow(value: Any) -> str:
    """Plain data in YAML's flow style, on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key)}: {flow(inside)}" for key, inside in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value)


def scalar(value: str | float | bool) -> str:
    """One value of YAML: a text stays this text, whatever characters it has."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return repr(value)
    if _PLAIN.fullmatch(value) and value.casefold() not in _WORDS:
        return value
    if value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    return '"' + "".join(map(_escaped, value)) + '"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    return char if char.isprintable() else f"\\U{ord(char):08x}"
