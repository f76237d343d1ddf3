"""What a command says beside its result: every error, warning, note and line of progress, on stderr.

    text    `augment: error: recipe.yaml:14:14: what is wrong; what would be right`
    github  annotations of a GitHub workflow, at the line of the file: `::error file=recipe.yaml,line=14,...`
    json    one object a line: {"event": "message", "level": "error", "file": ..., "line": 14, ...}

How a verb uses it. In `cli`, `@_debug_option` gives the verb `--debug` and `--log-format`; errors need no
more: the verb raises `AugmentError` with all its problems, and `Log.ended_by` tells them. A verb that warns
or notes takes the log by `@click.pass_obj` as its first argument, hands it on, and calls
`log.warning(problem)` or `log.note("...")`. Results are no messages: they go to stdout, by `say`.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any, Literal, Self, TextIO

from augcli.errors import AugmentError, Exit, Problem, ReadEnough, fitting, printable

FORMS = ("text", "github", "json")
"""The values of `--log-format`."""

Level = Literal["error", "warning", "note"]

_PLACE = re.compile(r"(.+?):(\d+)(?::(\d+))?", re.DOTALL)


@dataclass(frozen=True)
class Message:
    """One thing to say. `code` is a word for programs: of the exit code, or of what is wrong with an image.

    `event` is `message`, or `failed` for a row of the manifest that could not be made.
    """

    level: Level
    problem: Problem
    code: str = ""
    event: Literal["message", "failed"] = "message"


def place(where: str) -> tuple[str, int | None, int | None]:
    """File, line and column that a problem's `where` names; "" where it names no file that exists.

    A name that itself looks like `file:3` is taken as it is where there is such a file.
    """
    if _is_file(where):
        return where, None, None
    found = _PLACE.fullmatch(where)
    if found is not None and _is_file(found[1]):
        return found[1], int(found[2]), int(found[3]) if found[3] else None
    before = where.split(": ")[0]
    return (before, None, None) if before != where and _is_file(before) else ("", None, None)


def as_text(message: Message) -> str:
    """One line for people."""
    kind = "failed" if message.event == "failed" else message.level
    return printable(f"{'augment: ' if message.level == 'error' else ''}{kind}: {message.problem}")


def as_github(message: Message, workspace: str = "") -> str:
    """A workflow command; a file inside `workspace` is named from there, as annotations need it.

    Escapes as of GitHub's toolkit, packages/core/src/command.ts: `escapeData` and `escapeProperty`.
    """
    file, line, column = place(message.problem.where)
    properties: dict[str, Any] = {"title": f"augment: {message.code}" if message.code else "augment"}
    if file:
        properties |= {"file": _from(workspace, file), "line": line, "col": column}
    command = {"error": "error", "warning": "warning", "note": "notice"}[message.level]
    told = ",".join(
        f"{key}={_property(str(value))}" for key, value in properties.items() if value is not None
    )
    return f"::{command} {told}::{_data(printable(str(message.problem)))}"


def as_data(message: Message) -> dict[str, Any]:
    """The message for programs; what is not known is null."""
    file, line, column = place(message.problem.where)
    return {
        "event": message.event,
        "level": message.level,
        "code": message.code or None,
        "file": file or None,
        "line": line,
        "column": column,
        "where": message.problem.where or None,
        "what": message.problem.what,
        "remedy": message.problem.remedy or None,
    }


def _is_file(name: str) -> bool:
    try:
        return Path(name).is_file()
    except OSError:  # too long for a name, because it is none
        return False


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(printable(text)).replace(":", "%3A").replace(",", "%2C")


def _from(workspace: str, file: str) -> str:
    full = os.path.abspath(file)
    inside = workspace and full.startswith(os.path.join(workspace, ""))
    return os.path.relpath(full, workspace) if inside else file


class Log:
    """Where messages go. A broken or full stderr loses the text; it never stops a run or changes its code.

    form    how they are written, of `FORMS`
    debug   tracebacks are wanted
    quiet   only errors are told

    `warnings` counts those that were given, told or not.
    """

    def __init__(
        self,
        form: str = "text",
        *,
        debug: bool = False,
        quiet: bool = False,
        stream: TextIO | None = None,
        workspace: str = "",
    ) -> None:
        self.form, self.debug, self.quiet = form, debug, quiet
        self.stream: TextIO | None = stream or sys.stderr  # None where the process has none
        self.warnings = 0
        self._workspace = workspace
        self._print: Callable[[str], object] = self._straight

    @classmethod
    def asked(cls, words: Sequence[str], environment: Mapping[str, str]) -> Self:
        """As the command line wants it, before it is parsed: mistakes of the command line are told too."""
        form = "text"
        for word, following in zip_longest(words, words[1:], fillvalue=""):
            option, is_, value = word.partition("=")
            if option == "--log-format":
                form = value if is_ else following
        return cls(
            form if form in FORMS else "text",
            debug="--debug" in words,
            workspace=environment.get("GITHUB_WORKSPACE", ""),
        )

    def error(self, problem: Problem | str, code: str = "") -> None:
        """What ends the command, or makes its exit code."""
        self._tell(Message("error", _problem(problem), code))

    def warning(self, problem: Problem | str, code: str = "") -> None:
        """What is allowed and probably not meant, or went wrong without harm."""
        self.warnings += 1
        self._tell(Message("warning", _problem(problem), code))

    def note(self, problem: Problem | str) -> None:
        """What is worth knowing."""
        self._tell(Message("note", _problem(problem)))

    def failed(self, row: Mapping[str, Any]) -> None:
        """A row of the manifest that has no output."""
        error = row["error"]
        self._tell(Message("warning", Problem(row["id"], error["text"]), error["code"], "failed"))

    def progress(self, line: str, counts: Mapping[str, Any]) -> None:
        """How far a run is: a line for people, counts for programs."""
        if not self.quiet:
            self._write(_object({"event": "progress", **counts}) if self.form == "json" else printable(line))

    def trace(self, text: str) -> None:
        """A traceback, as it is; only `--debug` has them."""
        self._write(
            _object({"event": "traceback", "text": text}) if self.form == "json" else text.rstrip("\n")
        )

    def ended_by(self, error: BaseException) -> Exit:
        """Tell why the command ends; its exit code."""
        code, problems = _ending(error)
        if (self.debug or problems is None) and not isinstance(error, KeyboardInterrupt):
            self.trace("".join(traceback.format_exception(error)))
        if problems is None:
            what = f"unexpected {type(error).__name__}: a mistake of augment itself"
            problems = [Problem("", what, "please report it with the traceback")]
        for problem in problems:
            self.error(problem, code.name.lower())
        if isinstance(error, OSError | ReadEnough):  # the rest of stdout is lost, also when Python closes it
            with contextlib.suppress(OSError, ValueError, AttributeError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return code

    def ended(self, code: int) -> None:
        """The last line for programs."""
        if self.form == "json":
            self._write(_object({"event": "end", "exit_code": int(code)}))

    @contextlib.contextmanager
    def through(self, write: Callable[[str], object]) -> Iterator[None]:
        """Meanwhile lines are written by `write`: above a bar, which they would cut in two."""
        self._print = write
        try:
            yield
        finally:
            self._print = self._straight

    def _tell(self, message: Message) -> None:
        if self.quiet and message.level != "error":
            return
        if self.form == "json":
            self._write(_object(as_data(message)))
        elif self.form == "github":
            self._write(as_github(message, self._workspace))
        else:
            self._write(as_text(message))

    def _write(self, line: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._print(line)

    def _straight(self, line: str) -> None:
        if self.stream is not None:
            encoding = getattr(self.stream, "encoding", None)
            print(fitting(line, encoding), file=self.stream, flush=True)


def _problem(problem: Problem | str) -> Problem:
    return Problem("", problem) if isinstance(problem, str) else problem


def _object(data: Mapping[str, Any]) -> str:
    return json.dumps(data)


_NO_MAP = "failed to map segment"
"""What the loader of libraries says when there is no room for one."""


def _ending(error: BaseException) -> tuple[Exit, Sequence[Problem] | None]:
    """Exit code and what to say of an exception that ends the command; None for one that nobody expects."""
    if isinstance(error, AugmentError):
        return error.exit_code, error.problems
    if isinstance(error, KeyboardInterrupt):
        return Exit.INTERRUPTED, [Problem("", "interrupted")]
    if isinstance(error, OSError):  # a full disk behind stdout
        return Exit.ABORTED, [Problem(str(error.filename or "stdout"), error.strerror or str(error))]
    if isinstance(error, MemoryError) or (isinstance(error, ImportError) and _NO_MAP in str(error)):
        remedy = "run with fewer workers, or raise the limit (`ulimit -v`)"
        return Exit.ABORTED, [Problem("", "not enough memory", remedy)]
    if isinstance(error, UnicodeEncodeError):  # of a file name: printing escapes what it cannot show
        what = f"no file can have the name {error.object!r} here, where names are {error.encoding}"
        return Exit.ABORTED, [Problem("", what, "set PYTHONUTF8=1")]
    return Exit.ABORTED, None
