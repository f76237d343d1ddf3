"""What a report is about: an output of ours with its rows, or any dataset, told as rows all the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from augcli import formats, manifest
from augcli.attach import laid
from augcli.errors import ItemError, Problem, UsageError
from augcli.images.files import digest
from augcli.images.measuring import measure
from augcli.labels import to_plain
from augcli.opened import Opened, open_output
from augcli.replay import Unlike
from augcli.sample import Dataset, Entry, heaviest
from augcli.sources import sources

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Subject:
    """What is reported on.

    name      of the folder
    ours      an output of `augment run`; else a dataset of whatever origin, whose images count as originals
    dataset   its vocabulary
    rows      the rows of its manifest, in order, each time it is called
    address   where `images.read` finds a file of a row; None where it is not to be found, or leads elsewhere
    before    where the source of a row is, and the hash that it must have; None where it is not to be had
    recipe    in its normal form, {} where there is none
    notes     what a reader should know, as sentences
    """

    name: str
    ours: bool
    dataset: Dataset
    rows: Callable[[], Iterable[Row]]
    address: Callable[[str], str | None]
    before: Callable[[Row], tuple[str, str] | None]
    recipe: Mapping[str, Any]
    tree: str = ""
    notes: tuple[str, ...] = ()

    @property
    def levels(self) -> tuple[float, float]:
        """The pixel values of black and white in 16 bit."""
        low, high = self.recipe.get("input", {}).get("levels") or (0, 65535)
        return float(low), float(high)


def subject(folder: Path, given: Path | None) -> Subject:
    """Open what is reported on; `given` is the input of the run, for the pictures before.

    Raises `UsageError` for a folder that is neither a finished output nor a dataset.
    """
    if folder.is_dir() and any((folder / name).is_file() for name in (manifest.RUN, manifest.MANIFEST)):
        try:
            return _output(folder, given)
        except UsageError:
            if (folder / manifest.RUN).is_file() or given is not None:
                raise  # another tool's manifest.jsonl may lie in a dataset
    if given is not None:
        what = "is for an output of augment run, whose copies it is held against"
        raise UsageError(Problem("--input", what, f"leave it out for the dataset {folder}"))
    return _dataset(folder)


def _output(folder: Path, given: Path | None) -> Subject:
    opened = open_output(folder)
    addresses = opened.addresses()
    packed = formats.container(opened.format) is not None
    recipe = opened.header["recipe"]

    def address(path: str) -> str | None:
        try:
            return addresses.get(path) if packed else str(opened.place(path))
        except UsageError:  # a link that leads out of the folder
            return None

    return Subject(
        folder.resolve().name,
        True,
        replace(opened.dataset, ignore=formats.void(opened.format, opened.dataset)),
        opened.rows,
        address,
        _kept if given is None else _listed(opened, given),
        recipe,
        opened.tree,
    )


def _kept(_: Row) -> None:
    return None


def _listed(opened: Opened, folder: Path) -> Callable[[Row], tuple[str, str] | None]:
    """Finds the source of a row in the input, by split and key."""
    inputs = sources(opened, folder=folder, recipe=None)

    def before(row: Row) -> tuple[str, str] | None:
        if row["source_sha256"] is None or row.get("tile"):  # a tile is no picture of its own in the input
            return None
        try:
            return inputs.find(row, row["source"]).path, row["source_sha256"]
        except Unlike:
            return None

    return before


def _dataset(folder: Path) -> Subject:
    if not folder.is_dir():
        what = "is a file; a folder was expected" if folder.exists() else "no such folder"
        raise UsageError(Problem(str(folder), what, "give an output of augment run, or a dataset"))
    dataset, entries = formats.read("auto", formats.Source(str(folder)))
    if not entries:
        raise UsageError(
            Problem(str(folder), "holds no images", "give an output of augment run, or a dataset")
        )
    places = {entry.id: entry.path for entry in entries}
    masks = {f"{entry.id}\0mask": entry.mask for entry in entries if entry.mask is not None}
    sizes = Counter(entry.size for entry in entries)
    return Subject(
        folder.resolve().name,
        False,
        dataset,
        lambda: _told(dataset, entries, sizes),
        lambda path: masks.get(path) or places.get(path),
        _kept,
        {},
        notes=dataset.notes,
    )


def _told(dataset: Dataset, entries: Iterable[Entry], sizes: Counter[int]) -> Iterator[Row]:
    """The entries as rows of originals; only files that share their size with another are hashed."""
    for entry in entries:
        row: dict[str, Any] = {
            "id": f"{entry.id}#0",
            "status": "ok",
            "split": entry.split,
            "source": entry.key,
            "source_sha256": None,
            "group": entry.group,
            "copy": 0,
            "output": entry.id,
            "files": [],
            "size": None,
            "labels": {
                "label": heaviest(dict(entry.classes)),
                "classes": [name for name, _ in entry.classes],
                "weights": [weight for _, weight in entry.classes],
                "extra": {},
            },
            "partners": [],
            "steps": [],
            "dropped": [],
            "warnings": [],
            "error": None,
        }
        try:
            _fill(row, entry, dataset, sizes[entry.size] > 1)
        except ItemError as error:
            row |= {"status": "error", "output": None, "error": {"code": error.code, "text": error.text}}
        yield row


def _fill(row: dict[str, Any], entry: Entry, dataset: Dataset, hashed: bool) -> None:
    """Add what the file and its labels say. Raises `ItemError`."""
    if entry.error is not None:
        raise ItemError(entry.error, **dict(entry.facts))
    found = measure(entry.path)
    if found is None:
        raise ItemError("not_an_image")
    row["size"] = list(found.size)
    sha = digest(entry.path) if hashed else None
    row["source_sha256"] = sha
    row["files"] = [{"kind": "image", "path": entry.id, "sha256": sha}]
    if entry.mask is not None:
        row["files"].append({"kind": "mask", "path": f"{entry.id}\0mask", "sha256": None})
    if dataset.categories:
        objects = laid(entry, dataset, found)
        row["labels"]["objects"] = to_plain(objects)
