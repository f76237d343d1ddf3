"""`augment explain`: what happened to one output, in words; and that output made again from its row."""

from __future__ import annotations

import hashlib
import heapq
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from augcli import storage
from augcli.errors import Exit, OutputMismatch, Problem, UsageError, printable
from augcli.explain.words import told
from augcli.opened import Opened, Row, open_output
from augcli.prelude import spare_input
from augcli.replay import Unlike
from augcli.sources import Sources, sources

_CANDIDATES = 64

Say = Callable[[str], None]


@dataclass(frozen=True)
class Options:
    """The options of the command line.

    folder, recipe  where the inputs are, see `sources.sources`
    write           the file or the folder that the output made again goes to
    """

    folder: Path | None = None
    recipe: Path | None = None
    write: Path | None = None
    as_json: bool = False
    debug: bool = False


def explain(output: Path, name: str, options: Options, *, say: Say) -> Exit:
    """Explain the output of this id or path. `say` prints results. Raises `UsageError`, `OutputMismatch`."""
    opened = open_output(output)
    row = _found(opened, name)
    written: list[str] = []
    if options.write is not None:
        found = sources(opened, folder=options.folder, recipe=options.recipe)
        written = _written(opened, row, found, options.write)
    elif options.folder is not None or options.recipe is not None:
        what = "the inputs are needed for -o alone"
        raise UsageError(Problem("--input" if options.folder else "--recipe", what, "add -o FILE"))
    if options.as_json:
        text = list(map(printable, told(row, opened.header["recipe"])))
        say(json.dumps({"row": row, "text": text, "written": written}, indent=2))
        return Exit.OK
    for line in told(row, opened.header["recipe"]):
        say(printable(line))
    for path in written:
        say(printable(f"  made again, the same to the last bit: {path}"))
    return Exit.OK


def _found(opened: Opened, name: str) -> Row:
    """The row of an id or a path. Raises `UsageError` with names that are like it."""
    names = [name]
    top = os.path.join(os.path.abspath(opened.output), "")
    if os.path.abspath(name).startswith(top):
        names.append(os.path.abspath(name)[len(top) :])
    for wanted in names:
        row = opened.row(wanted)
        if row is not None:
            return row
    near = _near(opened, names[-1])
    remedy = f"did you mean {' or '.join(near)}?" if near else "manifest.jsonl names them all"
    raise UsageError(Problem(str(opened.output), f"no output is called {printable(name)!r}", remedy))


def _near(opened: Opened, name: str) -> list[str]:
    """Up to three ids or outputs that look like a name."""

    def alike(other: str) -> int:
        return len(_trigrams(name) & _trigrams(other))

    names = heapq.nlargest(_CANDIDATES, _names(opened), key=alike)
    return [printable(found) for found in get_close_matches(name, names, 3, 0.5)]


def _trigrams(text: str) -> set[str]:
    return {text[at : at + 3] for at in range(len(text) - 2)}


def _names(opened: Opened) -> Iterator[str]:
    for row in opened.rows():
        yield row["id"]
        if row["output"] is not None:
            yield row["output"]


def _written(opened: Opened, row: Row, found: Sources, target: Path) -> list[str]:
    """Make the output again and write it; the paths. Raises `UsageError`, `OutputMismatch`."""
    top = opened.output.resolve()
    if top == target.resolve() or top in target.resolve().parents:
        what = "lies inside the output folder, which holds what its run made and nothing else"
        raise UsageError(Problem(str(target), what, "choose a place elsewhere"))
    spare_input(found.replay.work.recipe, target)
    try:
        contents = found.replay(row, lambda key: found.find(row, key))
    except Unlike as error:
        raise OutputMismatch(Problem(row["id"], f"cannot be made again: {error}", _remedy(found))) from error
    for file, data in zip(row["files"], contents, strict=True):
        if hashlib.sha256(data).hexdigest() != file["sha256"]:
            what = f"{file['path']} would have other bytes"
            raise OutputMismatch(Problem(row["id"], what, _remedy(found)))
    files: list[tuple[Path, bytes]] = [(target, contents[0])]
    if target.is_dir():
        paths = [target / file["path"] for file in row["files"]]
        files = list(zip(paths, contents, strict=True))
    for path, data in files:
        storage.hand_over(path, data)
    return [str(path) for path, _ in files]


def _remedy(found: Sources) -> str:
    if found.changed:
        return f"this is another environment: {'; '.join(found.changed)}"
    return "give the images and labels that it was made of, as they were"
