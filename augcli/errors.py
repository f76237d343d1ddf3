"""What can go wrong: the exception tree, the closed list of item errors, the exit codes.

    AugmentError                 ends the command with its exit code
      UsageError            2    the command line, the recipe, the dataset or its labels; nothing written
      Aborted               1    the environment failed (disk full, read-only, no workers); resumable
      OutputMismatch        5    the output belongs to another recipe, inputs or environment
      OutputBusy            6    the output is in use by another run
      ReadEnough          141    whoever read the output left before its end
      Interrupted     130/143    stopped by a signal; resumable
    ItemError                    one image failed: a row of the manifest, never the end of the run

Texts say where, what is wrong and what would be right. Texts of item errors come from `ITEM_ERRORS`
alone, because foreign messages hold addresses and paths and would differ between equal runs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum


class Exit(IntEnum):
    """The exit codes of every command; `MEANINGS` documents them."""

    OK = 0
    ABORTED = 1
    USAGE = 2
    SOME_FAILED = 3
    TOO_MANY_FAILED = 4
    MISMATCH = 5
    BUSY = 6
    FLAGGED = 7
    INTERRUPTED = 130
    READ_ENOUGH = 141
    TERMINATED = 143


MEANINGS: dict[Exit, str] = {
    Exit.OK: "all done; or failures within the `--max-failures` that was given (a warning says so)",
    Exit.ABORTED: "aborted by the environment (disk full, read-only, no workers); run again to continue",
    Exit.USAGE: "mistake in the command line, the recipe, the dataset or its labels (`check --strict`: or a "
    "warning); nothing written",
    Exit.SOME_FAILED: "finished, but some images failed and no `--max-failures` was given (their rows say "
    "why), or the tree is not the one to `--expect`; `verify`: damaged",
    Exit.TOO_MANY_FAILED: "finished, more failed than `--max-failures`",
    Exit.MISMATCH: "the output belongs to another recipe, other inputs or environment; nothing touched",
    Exit.BUSY: "the output is in use by another run; try later",
    Exit.FLAGGED: "`report` raised a flag that `--fail-on` names; the page is written",
    Exit.INTERRUPTED: "interrupted (Ctrl-C); `run` and `merge` continue when they are run again",
    Exit.READ_ENOUGH: "whoever read the output left before its end (`augment ops | head`); the code of other "
    "Unix tools then",
    Exit.TERMINATED: "terminated (SIGTERM, SIGHUP); the same",
}
"""What each exit code means, as the README says it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a recipe or a dataset. `where` is `file:line:column` or a key; may be empty.

    `key` leads to the value of the recipe that the data contradict; its first part may be a step's id. The
    line in the recipe's file is found by `recipe.Loaded.located`.
    """

    where: str
    what: str
    remedy: str = ""
    key: tuple[str, ...] = field(default=(), kw_only=True)

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text}; {self.remedy}" if self.remedy else text


def printable(text: str) -> str:
    """The text on one line, its control characters escaped: file names may hold any."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


_TYPED = str.maketrans(
    {
        **dict.fromkeys("\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}", " "),
        "\N{MINUS SIGN}": "-",
        "×": "x",
        "·": "-",
        "…": "...",
        "°": " deg",
        "λ": "lambda",
    }
)


def typed(text: str) -> str:
    """The text with our typographic signs as a typewriter has them."""
    return text.translate(_TYPED)


def fitting(text: str, encoding: str | None) -> str:
    """The text as this encoding (None: UTF-8) can hold it: else typed, and what is still strange escaped."""
    encoding = encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return typed(text).encode(encoding, "backslashreplace").decode(encoding)
    return text


def number_of(count: int, one: str, many: str = "") -> str:
    """So many of them: `1 image`, `2 images`; `many` where that is more than an s."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


class AugmentError(Exception):
    """Ends the command. `problems` holds everything found, not only the first mistake."""

    exit_code: Exit = Exit.ABORTED

    def __init__(self, problems: Problem | str | Iterable[Problem]) -> None:
        if isinstance(problems, str):
            problems = Problem("", problems)
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class UsageError(AugmentError):
    """A mistake of the command line, the recipe or the dataset; nothing has been written."""

    exit_code = Exit.USAGE


class Aborted(AugmentError):
    """The environment failed: disk full, read-only output, no workers. The run can be continued."""

    exit_code = Exit.ABORTED


class OutputMismatch(AugmentError):
    """The output folder belongs to another recipe, other inputs or another environment."""

    exit_code = Exit.MISMATCH


class OutputBusy(AugmentError):
    """Another run holds the lock of the output folder."""

    exit_code = Exit.BUSY


class Interrupted(AugmentError):
    """Stopped by SIGINT (130) or SIGTERM/SIGHUP (143). The run can be continued."""

    def __init__(self, problem: Problem | str, exit_code: Exit = Exit.INTERRUPTED) -> None:
        super().__init__(problem)
        self.exit_code = exit_code


class ReadEnough(AugmentError):
    """Whoever read the output left before its end; there is nothing to say, and nobody to say it to."""

    exit_code = Exit.READ_ENOUGH

    def __init__(self) -> None:
        super().__init__(())


ITEM_ERRORS: dict[str, str] = {
    "empty": "the file has no bytes",
    "not_an_image": "the file is not an image of a supported format",
    "truncated": "the image data end early",
    "corrupt": "the image data are damaged",
    "too_large": "{width} x {height} pixels are over the limit of {limit} megapixels",
    "too_many_bytes": "{width} x {height} pixels of {depth} bytes are over the limit of {limit} MB",
    "file_too_large": "the file has {size} MB, more than the {limit} MB that a picture may need",
    "unsupported_format": "{format} files are not supported{hint}",
    "unsupported_mode": "pixels of mode {mode} are not supported",
    "multi_page": "the file has {pages} pages; one image per file is expected",
    "permission_denied": "the file may not be read",
    "vanished": "the file is gone",
    "changed": "the file changed while it was read",
    "not_a_file": "a regular file was expected",
    "unreadable": "the file cannot be read ({reason})",
    "no_partner": "step {step}: none of the {tried} candidates to mix with could be used",
    "too_small": "step {step}: {reason}",
    "cannot_hold": "a {format} file cannot hold {what}",
    "bad_label": "{reason}",
    "timeout": "not done within the time limit",
    "worker_died": "the worker process died twice on this image",
    "memory_limit": "not enough memory",
    "internal": "unexpected {kind}; run with --debug for the traceback",
}
"""Code -> text of everything that can be wrong with one image; the closed list of the manifest."""


class ItemError(Exception):
    """One image cannot be used. `code` is a key of `ITEM_ERRORS`, `facts` fill its text."""

    def __init__(self, code: str, **facts: object) -> None:
        self.code = code
        self.text = ITEM_ERRORS[code].format(**facts)
        self.facts = facts
        super().__init__(self.text)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild_item_error, (self.code, self.facts)


def _rebuild_item_error(code: str, facts: dict[str, object]) -> ItemError:
    return ItemError(code, **facts)
