"""Where the files that rows name are: in the output folder, or, for container formats, staged and packed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from augcli import formats
from augcli.formats import staging
from augcli.images import read
from augcli.sample import Dataset

Rows = Iterable[Mapping[str, Any]]


@dataclass(frozen=True)
class Shelf:
    """The place of a run's outputs in `output`; `format` is the name of the format that is written."""

    output: Path
    format: str

    @property
    def below(self) -> Path:
        """The folder that the paths of rows are below while the run goes on."""
        return self.output / staging.STAGE if formats.container(self.format) else self.output

    def written(self, hashed: Callable[[Path], str | None]) -> Callable[[str], str | None]:
        """SHA-256 of an output by its path in a row; None where it is not there."""
        container = formats.container(self.format)
        if container is None:
            return lambda path: hashed(self.output / path)
        return staging.digests(self.output, container.held(self.output))

    def reopen(self, rows: Rows) -> None:
        """Take the outputs of these rows out of their containers: those are written anew from the stage."""
        container = formats.container(self.format)
        if container is not None:
            paths = (file["path"] for row in rows for file in row["files"])
            staging.restage(self.output, paths, container.held(self.output))

    def files(
        self, dataset: Dataset, rows: Callable[[], Rows], mixes: bool
    ) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Dataset-wide files, and the containers; `rows` gives all rows, sorted, each time it is called."""
        yield from formats.load(self.format).finish(dataset, rows(), mixes)
        container = formats.container(self.format)
        if container is not None:
            yield from container.pack(dataset, rows(), mixes, lambda path: read(str(self.below / path)))

    def close(self) -> None:
        """Remove the stage of a sealed folder."""
        if formats.container(self.format) is not None:
            staging.clear(self.output)
