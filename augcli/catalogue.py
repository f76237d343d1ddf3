"""`augment formats`: the dataset formats and what the labels of each can hold; also the README's table."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator

from augcli import formats
from augcli.errors import Exit
from augcli.formats.contract import LABELS


def list_formats(*, as_json: bool, say: Callable[[str], None]) -> Exit:
    """Print every format with what it is and what it holds."""
    if as_json:
        found = [{"name": name, "doc": doc(name), "holds": held(name)} for name in formats.FORMATS]
        say(json.dumps(found, indent=2))
        return Exit.OK
    for name in formats.FORMATS:
        say(f"{name:12} {doc(name)}")
        say(f"{'':12} holds {', '.join(held(name))}")
    return Exit.OK


def doc(name: str) -> str:
    """The first sentence of the format's module."""
    text = inspect.cleandoc(formats.load(name).__doc__ or "")
    return " ".join(text.split("\n\n")[0].split())


def held(name: str) -> list[str]:
    """What labels can hold in this format, in the order of `contract.LABELS`."""
    holds = formats.load(name).HOLDS
    return [word for word in LABELS if word in holds]


def table() -> Iterator[str]:
    """The formats table of the README, line by line."""
    yield "| format | is | holds |"
    yield "|---|---|---|"
    for name in formats.FORMATS:
        yield f"| `{name}` | {doc(name)} | {', '.join(held(name))} |"
