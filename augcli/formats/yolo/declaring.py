"""`data.yaml` of an output: its splits, class names, keypoints; and which task its labels are of."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from augcli.formats.yolo.places import role_of
from augcli.formats.yolo.rows import Kind
from augcli.sample import Category, Dataset

TASK_HOLDS = {
    "detect": frozenset({"boxes"}),
    "segment": frozenset({"boxes", "polygons", "rotated"}),
    "pose": frozenset({"boxes", "keypoints"}),
    "obb": frozenset({"boxes", "rotated"}),
}
"""What labels of a task say. Where there are several kinds, boxes and rotated boxes are written as theirs."""

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]*")
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def kind_of(dataset: Dataset) -> Kind:
    """The task of an output: as it was read, else the one that holds the most of the dataset's labels.

    An output's keypoints always have a visibility: without it there is no saying that one left the frame.
    """
    task = dataset.info.get("yolo", {}).get("task")
    if task is None and "keypoints" in dataset.holds:
        task = "pose"
    elif task is None and dataset.holds & {"polygons", "instances"}:
        task = "segment"
    elif task is None:
        task = "obb" if "rotated" in dataset.holds else "detect"
    count = max((len(category.keypoints) for category in dataset.categories), default=0)
    return Kind(task, count, 3) if task == "pose" else Kind(task)


def data_yaml(dataset: Dataset, splits: Iterable[str]) -> Iterator[bytes]:
    """The file in pieces. `splits` are those of the output, "" for one without."""
    for line in _lines(dataset, splits):
        yield f"{line}\n".encode()


def home(split: str) -> str:
    """The folder of a split's images in an output."""
    return f"images/{split}" if split else "images"


def _lines(dataset: Dataset, splits: Iterable[str]) -> Iterator[str]:
    kind = kind_of(dataset)
    places: dict[str, list[str]] = defaultdict(list)
    for split in sorted(splits):
        places[role_of(split) or split or "train"].append(home(split))
    train = places.pop("train", [])
    first = train or next(iter(places.values()), ["images"])
    yield f"train: {_places(first)}"
    if "val" in places:
        yield f"val: {_places(places.pop('val'))}"
    else:
        yield f"val: {_places(first)}  # there is no validation split; readers ask for the key"
    for key, folders in sorted(places.items()):
        yield f"{_quoted(key)}: {_places(folders)}"
    yield f"task: {kind.task}"
    if kind.task == "pose":
        yield from _keypoints(kind, dataset.categories)
    if [category.id for category in dataset.categories] != list(range(len(dataset.categories))):
        yield "# classes are numbered anew, in the order of their numbers in the source"
    yield "names:" if dataset.categories else "names: {}"
    for number, category in enumerate(dataset.categories):
        yield f"  {number}: {_quoted(category.name)}"


def _keypoints(kind: Kind, categories: Sequence[Category]) -> Iterator[str]:
    yield f"kpt_shape: [{kind.keypoints}, {kind.columns}]"
    flips = {category.flip for category in categories if category.keypoints}
    if len(flips) == 1 and (flip := flips.pop()) and len(flip) == kind.keypoints:
        yield f"flip_idx: [{', '.join(map(str, flip))}]"
    if any(category.keypoints != numbered(len(category.keypoints)) for category in categories):
        yield "kpt_names:"
        for number, category in enumerate(categories):
            names = category.keypoints + numbered(kind.keypoints)[len(category.keypoints) :]
            yield f"  {number}: [{', '.join(map(_quoted, names))}]"


def numbered(count: int) -> tuple[str, ...]:
    """Names of keypoints that have none."""
    return tuple(map(str, range(count)))


def _places(folders: Sequence[str]) -> str:
    texts = [_text(folder) for folder in folders]
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def _text(folder: str) -> str:
    """A folder of images, quoted where it holds what YAML could take for something else."""
    return folder if _PLAIN.fullmatch(folder) else _quoted(folder)


def _quoted(text: str) -> str:
    """A double-quoted YAML scalar: JSON's, but for characters that YAML wants escaped."""
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))
