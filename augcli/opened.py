"""A finished output folder, opened for reading: what run.json says of it, and its rows one at a time.

The folder may come from anywhere, so nothing in it is believed unseen: `manifest.judging` holds every row
against what a run writes, and no file is read through a link that leads out of the folder.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from augcli import formats, manifest, storage
from augcli.errors import ItemError, Problem, UsageError
from augcli.images import read
from augcli.manifest.judging import LARGEST_LINE, judged_row, judged_run
from augcli.sample import Dataset
from augcli.shelf import Shelf
from augcli.vocabulary import Vocabulary, vocabulary

LARGEST_RUN = 64 << 20
"""Bytes that run.json may have."""

AGAIN = "run its recipe again: it makes anew what is damaged"

Row = Mapping[str, Any]


class Damaged(UsageError):
    """The folder is ours, but run.json or the manifest is not as it was written."""


@dataclass(frozen=True)
class Opened:
    """A sealed output folder.

    output      the folder
    run         the contents of run.json, judged
    vocabulary  its dataset, the format that was written, and whether images were mixed
    """

    output: Path
    run: Mapping[str, Any]
    vocabulary: Vocabulary

    @property
    def header(self) -> dict[str, Any]:
        """What decides the outputs: version, environment, recipe in its normal form, digest of the inputs."""
        return manifest.header_of(self.run)

    @property
    def counts(self) -> Mapping[str, Any]:
        """`outputs` {split: {class: number}} and `failures` {code: number}."""
        found: Mapping[str, Any] = self.run["counts"]
        return found

    @property
    def wide(self) -> Mapping[str, str]:
        """Path -> SHA-256 of the files of no single row: manifest, dataset-wide files, containers."""
        found: Mapping[str, str] = self.run["files"]
        return found

    @property
    def tree(self) -> str:
        """The digest of all files, as the run that sealed the folder printed it."""
        return str(self.run["tree"])

    @property
    def format(self) -> str:
        """Name of the dataset format that was written."""
        return self.vocabulary.target

    @property
    def dataset(self) -> Dataset:
        """The vocabulary as it was read; its `format` is the input's."""
        return self.vocabulary.dataset

    @property
    def packs(self) -> bool:
        """Whether outputs lie in containers (tar shards, Parquet), and not as files in the folder."""
        return formats.container(self.format) is not None

    @property
    def shelf(self) -> Shelf:
        """Where the files that rows name are."""
        return Shelf(self.output, self.format)

    def lines(self) -> Iterator[tuple[int, Row | str]]:
        """Every line of the manifest, numbered from 1: its row, or in words why it is none.

        Memory holds one line at a time; one over `LARGEST_LINE` is passed over in pieces.
        """
        with (self.output / manifest.MANIFEST).open("rb") as file:
            for number, line in enumerate(_pieces(file.readline), 1):
                yield number, _row_or_why(line)

    def rows(self) -> Iterator[Row]:
        """Every row, in the order of split, source and copy. Raises `Damaged`, naming the line."""
        before: tuple[bytes, bytes, int] | None = None
        for number, row in self.lines():
            if isinstance(row, str):
                raise self.damaged(f"line {number} {row}")
            place = manifest.order((row["split"], row["source"], row["copy"]))
            if before is not None and place <= before:
                raise self.damaged(f"line {number} stands twice or in the wrong place")
            before = place
            yield row

    def row(self, name: str) -> Row | None:
        """The row of this id, or of the output or label file at this path; None when there is none.

        Looks for the name's bytes before it opens a line, so that a row is found at the speed of the disk.
        """
        wanted = json.dumps(name).encode("ascii")
        with (self.output / manifest.MANIFEST).open("rb") as file:
            for line in _pieces(file.readline):
                if line is None or wanted not in line:
                    continue
                row = _row_or_why(line)
                if not isinstance(row, str) and name in (row["id"], *(each["path"] for each in row["files"])):
                    return row
        return None

    def addresses(self) -> Mapping[str, str]:
        """Path of each packed output as in its row -> its address for `images.read`; {} where none is packed.

        Raises `Damaged` where a container cannot be read.
        """
        container = formats.container(self.format)
        if container is None:
            return {}
        for path in self.wide:
            self.place(path)
        try:
            return container.held(self.output)
        except (UsageError, ItemError) as error:
            raise self.damaged(f"a container cannot be read ({error})") from error

    def place(self, path: str) -> Path:
        """Where a file of a row or of run.json is. Raises `Damaged` where a link leads out of the folder."""
        if leads_out(str(self.output), path):
            raise self.damaged(f"{path} is a link that leads out of the folder")
        return self.output / path

    def read(self, path: str, addresses: Mapping[str, str]) -> bytes:
        """The bytes of a file of a row; `addresses` is that of this folder. Raises `ItemError`, `Damaged`."""
        if formats.container(self.format) is None:
            return read(str(self.place(path)))
        if path not in addresses:
            raise ItemError("vanished")
        return read(addresses[path])

    def wide_files(self, addresses: Mapping[str, str]) -> Iterator[tuple[str, Iterator[bytes]]]:
        """(path, its bytes in pieces) of every dataset-wide file and container, made from the rows alone.

        Raises what the formats raise, `ItemError` where a packed image is gone, `Damaged`.
        """
        mixes = self.vocabulary.mixes
        yield from formats.load(self.format).finish(self.dataset, self.rows(), mixes)
        container = formats.container(self.format)
        if container is not None:
            yield from container.pack(
                self.dataset, self.rows(), mixes, lambda path: self.read(path, addresses)
            )

    def damaged(self, what: str) -> Damaged:
        """The exception for a folder that is not as it was written."""
        return Damaged(Problem(str(self.output), what, AGAIN))


def leads_out(output: str, path: str) -> bool:
    """Whether a file below a folder is, or lies behind, a link that leads out of the folder."""
    top = os.path.join(os.path.realpath(output), "")
    return not os.path.realpath(os.path.join(output, path)).startswith(top)


def open_output(output: Path) -> Opened:
    """Open a sealed output folder whose manifest is the one that run.json tells of.

    Raises `UsageError` for a folder that is not ours or not finished, `Damaged` (one too) for one in which
    run.json or the manifest is not as it was written.
    """
    opened = open_unproved(output)
    if storage.sha256_file(output / manifest.MANIFEST) != opened.wide[manifest.MANIFEST]:
        raise opened.damaged(f"{manifest.MANIFEST} is not the one that {manifest.RUN} tells of")
    return opened


def open_unproved(output: Path) -> Opened:
    """`open_output` without a look at the manifest, for whoever wants to know what is wrong with it."""
    if not output.is_dir():
        what = "is a file; an output folder was expected" if output.exists() else "no such folder"
        raise UsageError(Problem(str(output), what, "give the folder that a recipe names as output.path"))
    try:
        names = storage.names(output)
    except OSError as error:
        what = f"cannot be read ({error.strerror})"
        raise UsageError(Problem(str(output), what, "change its owner or permissions")) from error
    if any(name.startswith(storage.TEMPORARY) and "journal" in name for name in names):
        what = "is not finished: a run was interrupted here, or is at work"
        raise UsageError(Problem(str(output), what, "run its recipe to the end, or merge its shards, first"))
    ours = _begins_as_ours(output / manifest.MANIFEST)
    try:
        run = judged_run(_contents(output / manifest.RUN))
        told = vocabulary(run["dataset"])
        if not {told.target, told.dataset.format} <= set(formats.FORMATS):
            raise ValueError(f"names a format that is not known: {told.target}, {told.dataset.format}")
    except ValueError as error:
        if not ours:
            what = f"was not made by augment: {manifest.RUN} {error}"
            remedy = "give the folder that a recipe names as output.path"
            raise UsageError(Problem(str(output), what, remedy)) from error
        raise Damaged(Problem(str(output / manifest.RUN), str(error), AGAIN)) from error
    opened = Opened(output, run, told)
    if not _is_plain(output / manifest.MANIFEST):
        raise opened.damaged(f"{manifest.MANIFEST} is missing, or no regular file")
    return opened


def _is_plain(path: Path) -> bool:
    """Whether it is a regular file of its own: a FIFO would block, a link lead elsewhere."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _contents(path: Path) -> bytes:
    """The bytes of run.json. Raises ValueError, in words."""
    if not _is_plain(path):
        raise ValueError("is missing, or no regular file")
    try:
        if path.stat().st_size > LARGEST_RUN:
            raise ValueError(f"is larger than {LARGEST_RUN >> 20} MiB")
        return path.read_bytes()
    except OSError as error:
        raise ValueError(f"cannot be read ({error.strerror})") from error


def _begins_as_ours(path: Path) -> bool:
    """Whether the first line of a manifest is a row of ours; other tools write manifest.jsonl too."""
    if not _is_plain(path):
        return False
    try:
        with path.open("rb") as file:
            return not isinstance(_row_or_why(next(_pieces(file.readline), None)), str)
    except OSError:
        return False


def _pieces(readline: Callable[[int], bytes]) -> Iterator[bytes | None]:
    """Lines; None for one that is too large."""
    while line := readline(LARGEST_LINE):
        if len(line) < LARGEST_LINE or line.endswith(b"\n"):
            yield line
            continue
        while (more := readline(LARGEST_LINE)) and not more.endswith(b"\n"):
            pass
        yield None


def _row_or_why(line: bytes | None) -> Row | str:
    if line is None:
        return f"is longer than {LARGEST_LINE >> 20} MiB"
    try:
        return judged_row(line)
    except ValueError as error:
        return f"is no row of a manifest ({error})"
