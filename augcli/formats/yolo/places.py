"""Which image is in which split, and where its label file lies: the paths of a YOLO dataset.

    images/<split>/x.jpg   labels/<split>/x.txt       Ultralytics
    <split>/images/x.jpg   <split>/labels/x.txt       Roboflow
    images/x.jpg           labels/x.txt               without splits
    x.jpg                  x.txt                      Darknet

The splits are those of data.yaml (folders, list files, several of them), else those of the tree. A split is
called like its folder where that is called like one (`valid`, `train2017`), else train, val or test. Places
that lead out of the dataset are refused; `path:` is passed over where it does not exist here, because
archives carry the path of the machine that made them.
"""

from __future__ import annotations

import os
import posixpath
import unicodedata
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from augcli.errors import Problem
from augcli.formats.beside import content
from augcli.formats.splits import find_splits
from augcli.formats.tree import Found
from augcli.formats.yolo.config import Config
from augcli.images.kinds import kind_of

MAX_LIST_BYTES = 1 << 28
_NO_LABELS = frozenset({"classes.txt", "notes.txt", "predefined_classes.txt"})
_WORDS = {"train": ("train",), "val": ("val", "dev"), "test": ("test",)}

Address = tuple[str, str]
"""split, key."""

_Way = tuple[str | None, str]
"""The split's name where a folder is called like it, else None; the key."""


def label_of(image: str) -> str:
    """The label file of an image: the last folder `images` becomes `labels`, the extension .txt."""
    folders, _, name = image.rpartition("/")
    parts = folders.split("/") if folders else []
    if "images" in parts:
        parts[len(parts) - 1 - parts[::-1].index("images")] = "labels"
    return "/".join([*parts, f"{name.rpartition('.')[0]}.txt"])


def without_images(path: str) -> str:
    """The path without its last folder `images`."""
    folders, _, name = path.rpartition("/")
    parts = folders.split("/") if folders else []
    if "images" in parts:
        del parts[len(parts) - 1 - parts[::-1].index("images")]
    return "/".join([*parts, name])


def role_of(split: str) -> str | None:
    """train, val or test: the key of data.yaml under which a split stands, by how its name begins."""
    begins = split.casefold()
    return next((key for key, words in _WORDS.items() if begins.startswith(words)), None)


@dataclass
class Placed:
    """Path of an image below the root -> its split and key; images that are listed but not there."""

    images: dict[str, Address] = field(default_factory=dict)
    missing: dict[str, Address] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def by_tree(root: str, found: Sequence[Found]) -> Placed:
    """Splits from the names of folders. Raises `UsageError` where they cannot be told from others."""
    paths = {image.path: without_images(image.path) for image in found}
    splits = find_splits(root, paths.values())
    return Placed({path: splits.divide(rest) for path, rest in paths.items()}, notes=list(splits.notes))


def by_config(root: str, found: Sequence[Found], config: Config) -> Placed:
    """Splits as data.yaml has them."""
    placed = Placed()
    base = _base(root, config, placed)
    names = [image.path for image in found]
    taken: dict[str, dict[str, _Way]] = {}
    for key, places in config.places.items():
        resolved = [way for place in places if (way := _resolved(root, base, key, place, config, placed))]
        taken[key] = dict(_ways(root, key, resolved, names, placed))
        if resolved and not taken[key] and not placed.problems:
            placed.problems.append(Problem(config.where(key), f"{key}: there are no images"))
    _without_twins(taken, placed)
    here = set(names)
    for key, ways in taken.items():
        whole = list(taken) == ["train"] and not any(split for split, _ in ways.values())
        unnamed = "" if whole else key
        for path, (split, rest) in ways.items():
            if path in placed.images or path in placed.missing:
                what = f"{path!r} is in two splits, {key} is one of them"
                placed.problems.append(Problem(config.where(key), what, "an image belongs to one split"))
            (placed.images if path in here else placed.missing)[path] = (split or unnamed, rest)
    splits = sorted({split for split, _ in placed.images.values()} - {""})
    placed.notes += [f"splits found: {', '.join(splits)}"] if splits else []
    return placed


def _without_twins(taken: dict[str, dict[str, _Way]], placed: Placed) -> None:
    """A val or test that names the images of train again is no split, only a key that readers ask for."""
    for key in ("val", "test"):
        if taken.get(key) and taken[key].keys() == taken.get("train", {}).keys():
            del taken[key]
            placed.notes.append(f"data.yaml's {key} names the images of train again: taken as train alone")


def _base(root: str, config: Config, placed: Placed) -> str:
    """The folder that places are relative to."""
    folder = str(Path(config.file).parent)
    if config.path is None:
        return folder
    base = os.path.normpath(os.path.join(folder, config.path))
    if _can_be(base) and _inside(base, root):
        return base if Path(base).is_dir() else folder
    if _can_be(base) and Path(base).is_dir():
        what = f"path: {config.path!r} is another folder than input.path"
        placed.problems.append(Problem(config.where("path"), what, "read that folder, or remove path:"))
    else:
        placed.notes.append(
            f"path: {config.path!r} of data.yaml is not here; its own folder is taken instead"
        )
    return folder


def _can_be(path: str) -> bool:
    """Whether a file system may have it: no NUL, no name over 255 bytes, not more than Linux's PATH_MAX."""
    data = os.fsencode(path)
    return b"\0" not in data and len(data) < 4096 and max(map(len, data.split(b"/"))) <= 255


def _resolved(root: str, base: str, key: str, place: str, config: Config, placed: Placed) -> str | None:
    """The path of a place below the root ("" for the root), or None."""
    where = config.where(key)
    if not _can_be(place) or place != place.strip() or not place:
        placed.problems.append(Problem(where, f"{key}: {place!r} is no path"))
        return None
    way = os.path.normpath(os.path.join(base, place))
    if not Path(way).exists() and place.startswith("../"):  # as Roboflow writes them
        way = os.path.normpath(os.path.join(base, place[3:]))
    if not _inside(way, root):
        what = f"{key}: {place!r} leaves the dataset"
        placed.problems.append(Problem(where, what, "name folders below the one that is read"))
        return None
    if Path(way).exists():
        relative = os.path.relpath(way, root)
        return "" if relative == "." else unicodedata.normalize("NFC", relative.replace(os.sep, "/"))
    if key == "train":
        placed.problems.append(Problem(where, f"{key}: no such folder or list file: {place!r}"))
    else:
        placed.notes.append(f"data.yaml's {key}: {place!r} is not there")
    return None


def _inside(way: str, root: str) -> bool:
    """Whether a path lies in the root, by its name and after its links."""
    if "\0" in way:
        return False
    top, real = os.path.realpath(root), os.path.realpath(way)
    above, lexical = os.path.abspath(root), os.path.abspath(way)
    inside = f"{real}/".startswith(f"{top.rstrip('/')}/")
    return inside and (f"{lexical}/".startswith(f"{above.rstrip('/')}/"))


def _ways(
    root: str, key: str, places: Sequence[str], names: Sequence[str], placed: Placed
) -> Iterator[tuple[str, _Way]]:
    """Every image of one split's places."""
    called = [_called(key, place) for place in places]
    for place, split in zip(places, called, strict=True):
        file = Path(root, place)
        if file.is_file():
            yield from _of_list(key, list(_listed(root, file, placed)))
            continue
        below = f"{place}/" if place else ""
        alone = len(places) == 1 or (split and called.count(split) == 1)
        for path in names:
            if path.startswith(below):
                yield path, (split, without_images(path[len(below) :] if alone else path))


def _called(key: str, folder: str) -> str | None:
    """The name of a folder that is called like the split."""
    last = next((part for part in reversed(folder.split("/")) if part != "images"), "")
    return last if role_of(last) == key else None


def _of_list(key: str, paths: Sequence[str]) -> Iterator[tuple[str, _Way]]:
    """Where all images of a list lie in one folder that is called like the split, it names the split."""
    rest = {path: without_images(path) for path in paths}
    firsts = {name.partition("/")[0] for name in rest.values() if "/" in name}
    split = firsts.pop() if len(firsts) == 1 else ""
    if role_of(split) != key or not all("/" in name for name in rest.values()):
        split = ""
    for path, name in rest.items():
        yield path, ((split, name[len(split) + 1 :]) if split else (None, name))


def _listed(root: str, file: Path, placed: Placed) -> Iterator[str]:
    """The paths below the root that a list file names, relative to its own folder or to the root."""
    try:
        lines = content(str(file), MAX_LIST_BYTES).split("\n")
    except ValueError as error:
        placed.problems.append(Problem(str(file), str(error)))
        return
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        if not (name := line.strip()):
            continue
        path = _below(root, file.parent, name)
        where = f"{file}:{number}"
        if path is None:
            what = f"{name[:200]!r} leaves the dataset"
            placed.problems.append(Problem(where, what, "list images below the folder that is read"))
        elif kind_of(path.rpartition("/")[2]) is None:
            placed.problems.append(Problem(where, f"{name[:200]!r} is no image file"))
        elif path in seen:
            placed.problems.append(Problem(where, f"{name[:200]!r} is listed already, in line {seen[path]}"))
        else:
            seen[path] = number
            yield path


def _below(root: str, folder: Path, name: str) -> str | None:
    """The path below the root of an image in a list; None when it leaves the root."""
    if "\0" in name or ".." in name.split("/"):
        return None
    ways = [os.path.join(folder, name), os.path.join(root, name)]
    way = next((way for way in ways if os.path.lexists(way)), ways[0])
    if not _inside(way, root):
        return None
    relative = posixpath.normpath(os.path.relpath(way, root).replace(os.sep, "/"))
    return unicodedata.normalize("NFC", relative)


def stray(texts: Iterable[str], expected: Container[str], folders: Container[str]) -> Iterator[str]:
    """Label files that belong to no image.

    texts     all text files
    expected  the label files of all images, and `folders` that hold them
    """
    for path in texts:
        folder, _, name = path.rpartition("/")
        of_labels = folder in folders or "labels" in folder.split("/")
        if of_labels and path not in expected and name not in _NO_LABELS and not name.startswith("README"):
            yield path
