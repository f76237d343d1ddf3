"""A YOLO dataset listed: images, their splits, and the rows of their label files, judged."""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path

from augcli.errors import Problem, UsageError, number_of
from augcli.formats.beside import content
from augcli.formats.invalid import Judge
from augcli.formats.source import Source
from augcli.formats.tree import Ending, Found, Listing, in_order, refuse_nothing, scan, shortened
from augcli.formats.yolo.config import FILES, Config, read_config
from augcli.formats.yolo.declaring import numbered
from augcli.formats.yolo.places import Placed, by_config, by_tree, label_of, stray, without_images
from augcli.formats.yolo.rows import Kind, Rows, task_of
from augcli.images.kinds import kind_of, why_unsupported
from augcli.sample import Category, Dataset, Entry

MAX_BYTES = 1 << 26
CLASS_LISTS = ("classes.txt", "labels/classes.txt")
_SAYS = {
    "detect": frozenset({"boxes"}),
    "segment": frozenset({"polygons"}),
    "pose": frozenset({"boxes", "keypoints"}),
    "obb": frozenset({"rotated"}),
}
"""What the rows of a task are, in words of `contract.LABELS`."""


@dataclass(frozen=True)
class _Image:
    """An image that is wanted, with the text of its label file; `file` is "" where there is none."""

    entry: Entry
    file: str = ""
    text: str = ""


def entries(source: Source) -> tuple[Dataset, list[Entry]]:
    """List the images and read their label files. Raises `UsageError` with all that is wrong."""
    config = find_config(source)
    listing = scan(replace(source, include=(), exclude=()), Ending(".txt"))
    judge = Judge(source.invalid)
    texts = _texts(source, listing)
    placed = by_config(source.path, listing.images, config) if config.places else _by_tree(source, listing)
    images, problems = _images(source, listing, placed, texts, judge)
    _judge_strays(source, listing, texts, judge)
    problems = shortened(placed.problems + problems)
    if not problems:
        refuse_nothing(source, len(images), listing.ignored)

    names = config.names if config.names is not None else _class_list(source)
    kind, notes = _kind(config, images)
    rows = Rows(kind, None if names is None else len(names), judge)
    wanted = [_checked(image, rows) for image in images]
    if problems or judge.problems:
        raise UsageError(problems + judge.problems)
    if names is None:
        names = numbered(rows.highest + 1)
        notes.append("no data.yaml or classes.txt names the classes: they are called by their numbers")
    notes = [*placed.notes, *_config_notes(config), *notes, *_row_notes(rows, images), *judge.notes()]
    dataset = Dataset(
        format="yolo",
        ignored=dict(sorted(Counter(listing.ignored, **{"label files": len(listing.labels)}).items())),
        notes=tuple(notes),
        categories=tuple(_category(number, name, config, kind) for number, name in enumerate(names)),
        holds=_SAYS[kind.task],
        info={"yolo": {"task": kind.task}},
    )
    return dataset, in_order(_with_kinds(entry, names) for entry in wanted)


def _with_kinds(entry: Entry, names: Sequence[str]) -> Entry:
    numbers = {int(float(line.split(None, 1)[0])) for line in entry.labels.splitlines() if line.strip()}
    return replace(entry, present=tuple(sorted(names[number] for number in numbers)))


def find_config(source: Source) -> Config:
    """The data.yaml: the one named as annotations, or beside them, or at the root; or none."""
    given = Path(source.annotations) if source.annotations else None
    if given is not None and given.suffix in {".yaml", ".yml"}:
        return read_config(given)
    root = Path(source.path)
    folders = [root] if given is None else [given, root]
    if given is not None and given.resolve().parent == root.resolve().parent:
        folders.append(root.parent)
    files = (folder / name for folder in folders for name in FILES)
    found = next((file for file in files if file.is_file()), None)
    return read_config(found) if found else Config()


def _class_list(source: Source) -> tuple[str, ...] | None:
    """The names that labelling tools without a data.yaml write, one in each line."""
    folders = [Path(source.annotations)] if source.annotations else []
    for file in (folder / name for folder in [*folders, Path(source.path)] for name in CLASS_LISTS):
        if file.is_file():
            try:
                lines = content(str(file), MAX_BYTES).split("\n")
            except ValueError as error:
                raise UsageError(Problem(str(file), str(error))) from None
            names = tuple(name for line in lines if (name := line.strip()))
            twice = next((name for name in names if names.count(name) > 1), None)
            if twice is not None:
                raise UsageError(Problem(str(file), f"names {twice!r} twice"))
            return names
    return None


def _texts(source: Source, listing: Listing) -> dict[str, str]:
    """Path of each text file below the folder of the labels, NFC -> the file."""
    root, paths = source.path, listing.labels
    if apart := _apart(source):
        root, paths = apart, scan(Source(apart), Ending(".txt")).labels
    return {unicodedata.normalize("NFC", path): str(Path(root, path)) for path in paths}


def _apart(source: Source) -> str | None:
    """The folder of the labels, where it is another one than that of the images."""
    return source.annotations if source.annotations and Path(source.annotations).is_dir() else None


def _label_path(source: Source, image: str) -> str:
    """Where the label file of an image lies, below the folder of the labels."""
    return label_of(without_images(image) if _apart(source) else image)


def _by_tree(source: Source, listing: Listing) -> Placed:
    """Only what lies in folders `images`, where there are such folders."""
    below = [found for found in listing.images if "images" in found.path.split("/")[:-1]]
    return by_tree(source.path, below or listing.images)


def _images(
    source: Source, listing: Listing, placed: Placed, texts: dict[str, str], judge: Judge
) -> tuple[list[_Image], list[Problem]]:
    """The wanted images with their label text; those whose text cannot be read are told to `judge`."""
    images: list[_Image] = []
    problems: list[Problem] = []
    known = {found.path: found for found in listing.images}
    if unplaced := len(known.keys() - placed.images.keys()):
        listing.ignored["images that are in no split"] += unplaced
    root = os.path.realpath(_apart(source) or source.path)
    for path, (split, key) in sorted({**placed.images, **placed.missing}.items()):
        if not source.wants(path, key):
            listing.ignored["excluded"] += 1
            continue
        found = known.get(path) or _missing(source, path)
        entry = Entry(split, key, found.file, error=found.error, facts=found.facts, size=found.size)
        file = texts.get(_label_path(source, path), "")
        if not file or found.error:
            images.append(_Image(entry))
            continue
        if Path(file).is_symlink() and not os.path.realpath(file).startswith(f"{root}/"):
            problems.append(Problem(file, "is a link that leaves the dataset", "copy the file into it"))
            continue
        try:
            images.append(_Image(entry, file, content(file, MAX_BYTES)))
        except ValueError as error:
            judge.invalid(file, str(error))
    problems += _linked_folders(source, placed, texts)
    return images, problems + list(_twins(images))


def _missing(source: Source, path: str) -> Found:
    """What stands for an image that a list file names and that is not there."""
    file = str(Path(source.path, path))
    if kind_of(path.rpartition("/")[2]) == "unsupported":
        return Found(path, file, error="unsupported_format", facts=why_unsupported(path))
    return Found(path, file, error="vanished")


def _linked_folders(source: Source, placed: Placed, texts: dict[str, str]) -> Iterator[Problem]:
    """Folders of labels that are links out of the dataset: nothing in them is read, so all would be lost."""
    folders = {_label_path(source, path).rpartition("/")[0] for path in placed.images}
    root = _apart(source) or source.path
    real = os.path.realpath(root)
    for folder in sorted(folders - {text.rpartition("/")[0] for text in texts}):
        way = Path(root, folder)
        if way.is_dir() and not f"{os.path.realpath(way)}/".startswith(f"{real}/"):
            yield Problem(str(way), "is a link that leaves the dataset", "copy the folder into it")


def _twins(images: Sequence[_Image]) -> Iterator[Problem]:
    """Images of different folders that would be one: equal but for the place of a folder `images`."""
    ordered = sorted(images, key=lambda image: (image.entry.split, image.entry.key))
    for first, second in pairwise(ordered):
        one, other = first.entry, second.entry
        if one.id == other.id and Path(one.path).parent != Path(other.path).parent:
            what = f"has the same name and split as {one.path!r}"
            yield Problem(other.path, what, "rename one of them, or exclude it")


def _judge_strays(source: Source, listing: Listing, texts: dict[str, str], judge: Judge) -> None:
    """Labels without an image, wanted or not."""
    expected = {_label_path(source, found.path) for found in listing.images}
    folders = {path.rpartition("/")[0] for path in expected} if _apart(source) else set()
    for path in sorted(stray(texts, expected, folders)):
        if not source.excludes(path):
            what = "labels without an image"
            judge.invalid(texts[path], what, "restore the image, or go on: --set labels.invalid=drop")


def _kind(config: Config, images: Sequence[_Image]) -> tuple[Kind, list[str]]:
    """What the rows are: as data.yaml says, else as they look."""
    if config.task in {None, "pose"} and config.kpt_shape is not None:
        return Kind("pose", *config.kpt_shape), []
    if config.task == "pose":
        raise UsageError(Problem(config.where("task"), "task: pose needs kpt_shape: [number, 2 or 3]"))
    if config.task is not None:
        return Kind(config.task), []
    task = task_of(Counter(len(line.split()) for image in images for line in image.text.split("\n")))
    notes = ["every outline has four corners: taken as rotated boxes (`task: segment` in data.yaml differs)"]
    return Kind(task), notes if task == "obb" else []


def _checked(image: _Image, rows: Rows) -> Entry:
    """The entry with the rows that stay."""
    if not image.text:
        return image.entry
    kept = rows.kept(image.text.split("\n"), image.file, partial(_size, image.entry.path))
    return replace(image.entry, labels=kept.encode("ascii"))


def _size(path: str) -> tuple[float, float] | None:
    """(width, height) of an image turned upright, from its header alone."""
    from PIL import Image

    try:
        with Image.open(path, formats=("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF", "MPO")) as image:
            width, height = image.size
            turned = image.getexif().get(0x0112, 1) >= 5
    except Exception:  # whatever a decoder raises for what is no image: its row will say so
        return None
    return (float(height), float(width)) if turned else (float(width), float(height))


def _category(number: int, name: str, config: Config, kind: Kind) -> Category:
    if kind.task != "pose":
        return Category(name, number)
    keypoints = config.kpt_names.get(number) or numbered(kind.keypoints)
    return Category(name, number, keypoints=keypoints, flip=config.flip_idx)


def _config_notes(config: Config) -> Iterator[str]:
    if config.passed:
        yield f"keys of data.yaml that are not carried over: {', '.join(config.passed)}"
    if config.kpt_shape is not None and not config.flip_idx:
        yield "data.yaml declares no flip_idx: a mirror swaps no keypoints"
    if config.kpt_shape is not None and config.kpt_shape[1] == 2:
        yield "keypoints have no visibility (kpt_shape [.., 2]); outputs have it: some may leave the frame"


def _row_notes(rows: Rows, images: Sequence[_Image]) -> Iterator[str]:
    background = sum(not image.text.strip() for image in images if not image.entry.error)
    if background:
        without = sum(not image.file for image in images if not image.entry.error)
        yield f"{number_of(background, 'image is', 'images are')} background ({without} without a label file)"
    if rows.twice:
        who = number_of(rows.twice, "row stands", "rows stand")
        yield f"{who} twice in one file and so in the outputs (first: {rows.first_twice})"
