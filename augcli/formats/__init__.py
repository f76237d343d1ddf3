"""Dataset formats by name: each module reads one layout of images and labels, and writes it back.

The table names the modules without importing them. Formats know neither ops nor recipes: they take a
`Source` and give a `Dataset` with its entries; they take finished rows and give dataset-wide files.
"""

from __future__ import annotations

import dataclasses
import difflib
import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol, cast

from augcli.errors import ItemError, Problem, UsageError, number_of
from augcli.formats.contract import ImageLabels, LabelFile, Output
from augcli.formats.signs import signs
from augcli.formats.source import Source
from augcli.formats.tree import LINKS, links
from augcli.sample import Dataset, Entry

__all__ = ["FORMATS", "RESERVED", "Format", "Source", "load", "read", "resolve", "settled", "void"]

FORMATS: Mapping[str, str] = {
    "folders": "augcli.formats.folders",
    "hf": "augcli.formats.hf",
    "coco": "augcli.formats.coco",
    "yolo": "augcli.formats.yolo",
    "masks": "augcli.formats.masks",
    "webdataset": "augcli.formats.webdataset",
    "parquet": "augcli.formats.parquet",
    "voc": "augcli.formats.voc",
    "labelme": "augcli.formats.labelme",
    "csv": "augcli.formats.csv",
}
"""Name of the format -> its module. Among equally sure formats the first listed wins."""

SIGNS: Mapping[str, frozenset[str]] = {
    "folders": frozenset(),
    "hf": frozenset({".jsonl", ".csv", ".parquet"}),
    "coco": frozenset({".json"}),
    "yolo": frozenset({".yaml", ".yml", ".txt"}),
    "masks": frozenset({".png", ".tif", ".tiff", ".bmp", ".gif"}),
    "webdataset": frozenset({".tar"}),
    "parquet": frozenset({".parquet"}),
    "voc": frozenset({".xml", "JPEGImages/"}),
    "labelme": frozenset({".json"}),
    "csv": frozenset({".csv"}),
}
"""Name of the format -> what a dataset has one of at least (`signs.signs`); the others need not be loaded."""

RESERVED = frozenset({"manifest.jsonl", "run.json", "metadata.jsonl"})
"""Names at the root of an output or of one of its splits that no image or class folder may take."""


class Format(Protocol):
    """What a format module offers."""

    @property
    def __name__(self) -> str: ...

    HOLDS: frozenset[str]
    """What labels can hold here: words of `contract.LABELS`."""

    def labels(self, entry: Entry, dataset: Dataset) -> ImageLabels:
        """The objects of an entry; in the worker."""

    # A format that keeps more of classes than their names says so: `KEEPS`, words of `contract.OF_CLASSES`.
    # A format whose label files depend on more of the dataset than its categories has `settled(dataset)`; one
    # whose masks have a number of their own for what counts for nothing has `void(dataset)`.

    def home(self, split: str) -> str:
        """The folder of a split's images in an output, "" for its root."""

    def label_files(self, dataset: Dataset, output: Output) -> tuple[LabelFile, ...]:
        """The label files of one output; in the worker."""

    def sniff(self, root: Path) -> int:
        """How sure it is that this folder is of this format, 0 to 100. Reads a few names."""

    def entries(self, source: Source) -> tuple[Dataset, list[Entry]]:
        """Read names and label files, no pixel. Entries are sorted by the bytes of split and key.

        Raises `UsageError` with all that is wrong.
        """

    def place(self, key: str, label: str | None) -> tuple[str, str]:
        """(class folder or "", POSIX path below it) of an image in a split of an output."""

    def finish(
        self, dataset: Dataset, rows: Iterable[Mapping[str, Any]], mixes: bool
    ) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Yield (path below the output folder, its bytes in pieces) of each dataset-wide file.

        `rows` are the rows of the manifest, sorted; they are read once, as the pieces are asked for. So each
        file is to be consumed before the next is asked for. `mixes`: outputs may carry several classes.
        """


class Container(Format, Protocol):
    """A format whose files hold many images: outputs are staged (`formats.staging`) and packed at the end."""

    STAGED: bool

    def pack(
        self,
        dataset: Dataset,
        rows: Iterable[Mapping[str, Any]],
        mixes: bool,
        read: Callable[[str], bytes],
    ) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Yield the containers, like `finish`; `read` gives the staged bytes of a row's path."""

    def held(self, output: Path) -> Mapping[str, str]:
        """Path of each packed output as in its row -> its address for `images.read`."""


def container(name: str) -> Container | None:
    """The format of this name if it packs its outputs; None for one whose outputs are files."""
    module = load(name)
    return cast(Container, module) if getattr(module, "STAGED", False) else None


def settled(name: str, dataset: Dataset) -> Any:
    """What of a dataset, beside its categories, decides label files of this format; JSON or None."""
    told: Callable[[Dataset], Any] | None = getattr(load(name), "settled", None)
    return None if told is None else told(dataset)


def void(name: str, dataset: Dataset) -> int | None:
    """The number that pixels which count for nothing have in masks written in this format."""
    told: Callable[[Dataset], int | None] | None = getattr(load(name), "void", None)
    return dataset.ignore if told is None else told(dataset)


def keeps(name: str) -> frozenset[str]:
    """What a format keeps of classes beside their names, words of `contract.OF_CLASSES`."""
    found: frozenset[str] = getattr(load(name), "KEEPS", frozenset())
    return found


def load(name: str) -> Format:
    """The format of this name. Raises `UsageError` for a name that is not in the table."""
    if name not in FORMATS:
        near = difflib.get_close_matches(name, FORMATS, 1)
        remedy = f"did you mean {near[0]}?" if near else f"known formats are {', '.join(FORMATS)}"
        raise UsageError(Problem("", f"unknown dataset format {name!r}", remedy))
    return cast(Format, importlib.import_module(FORMATS[name]))


def resolve(name: str, root: Path) -> str:
    """The name of the format to read `root` with; `auto` asks those that it may be, and takes the surest."""
    if name != "auto":
        load(name)
        return name
    found = signs(root)
    possible = [known for known in FORMATS if not SIGNS[known] or SIGNS[known] & found]
    surest = max(possible, key=lambda known: load(known).sniff(root))
    if surest == "folders":
        _refuse_unread_layouts(root)
    return surest


def read(name: str, source: Source) -> tuple[Dataset, list[Entry]]:
    """`resolve` and `entries` in one; masks or a COCO file that stand apart say what the format is."""
    if name == "auto" and source.masks is not None:
        name = "masks"
    if name == "auto" and source.annotations is not None and load("coco").sniff(Path(source.annotations)):
        name = "coco"
    module = load(resolve(name, Path(source.path)))
    dataset, entries = module.entries(source)
    dataset = dataclasses.replace(dataset, holds=dataset.holds | _of_images(dataset, module))
    if dataset.categories and not any(entry.present for entry in entries):
        entries = [_with_kinds(entry, dataset, module) for entry in entries]
    if dataset.ignored.get(LINKS) and (passed := links(source)):
        named = ", ".join(passed[:5]) + (", ..." if len(passed) > 5 else "")
        what = number_of(len(passed), "link to a folder is", "links to folders are")
        note = f"{what} not followed; what lies behind is left out: {named}"
        dataset = dataclasses.replace(dataset, notes=(*dataset.notes, note))
    return dataset, entries


def _of_images(dataset: Dataset, module: Format) -> frozenset[str]:
    """What the dataset says beside the places of objects; the ids of COCO's images are no column."""
    columns = set(dataset.columns) - ({"id"} if "ids" in module.HOLDS else set())
    said = {
        "classes": dataset.classes,
        "weights": dataset.soft,
        "columns": columns,
        "attributes": dataset.attributes,
    }
    return frozenset(word for word, found in said.items() if found)


def _with_kinds(entry: Entry, dataset: Dataset, module: Format) -> Entry:
    """The entry with the names of its objects' categories, for formats that do not note them in passing."""
    if not entry.labels:
        return entry
    try:
        kinds = set(module.labels(entry, dataset).objects.category)
    except ItemError:  # its row will say so
        return entry
    return dataclasses.replace(entry, present=tuple(sorted(kinds)))


def _refuse_unread_layouts(root: Path) -> None:
    """Labels that lie in a tree beside the images would be lost, with `images` taken for a class."""
    for images, labels in (
        ("images", "labels"),
        ("images", "masks"),
        ("images", "annotations"),
        ("JPEGImages", "Annotations"),
    ):
        if (root / images).is_dir() and (root / labels).is_dir():
            raise UsageError(
                Problem(
                    str(root),
                    f"{images}/ beside {labels}/ looks like a format that is not read yet",
                    "to read it as class folders all the same, set input.format: folders",
                )
            )
