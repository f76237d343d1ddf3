"""Where a COCO dataset keeps things, told from names: its label files, their splits, its images.

Reads no more of a file than its first bytes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from augcli.errors import Problem, UsageError
from augcli.formats.source import Source
from augcli.formats.splits import role

FOLDER = "annotations"
"""The usual folder of label files."""

MANY = 50
"""More JSON files than this in one folder are labels of single images, which is another format."""

OURS = "run.json"
"""Stands at the root of every output, and names categories there: it is no label file."""

_HEAD = 65536
_MARK = re.compile(rb'"(images|annotations|categories)"\s*:\s*\[')
_OTHER = re.compile(r"(captions|panoptic|stuff|image_info)_")
_KINDS = re.compile(r"(instances|person_keypoints|keypoints)(?:_(.+))?")
_NOISE = re.compile(r"(?:^|[-_. ])(?:annotations?|coco|labels?|bbox|dataset)(?=$|[-_. ])", re.IGNORECASE)


@dataclass(frozen=True)
class LabelsOf:
    """A label file and the split that it is for; "" where there are no splits."""

    path: Path
    split: str


def sniff(root: Path) -> int:
    """Sure when a JSON file in a usual place, or the file itself, begins like one of COCO."""
    found = [path for path in [root] if _begins_like_coco(path)] if root.is_file() else _usual(root)
    if not found:
        return 0
    named = any(_KINDS.fullmatch(path.stem) or path.name.endswith(".coco.json") for path in found)
    return 95 if named else 85


def label_files(source: Source) -> tuple[list[LabelsOf], tuple[str, ...]]:
    """The label files, sorted by split, and notes on those that are passed over.

    Raises `UsageError` where there is none, or where two are for the same images.
    """
    given = Path(source.annotations) if source.annotations is not None else None
    if given is None:
        paths = _usual(Path(source.path))
    elif given.is_dir():
        paths = _coco_files(given) or [path for folder in _folders(given) for path in _coco_files(folder)]
    elif given.is_file():
        paths = [given]
    else:
        raise UsageError(Problem(str(given), "no such file or folder", "input.annotations names the labels"))
    if not paths:
        where = source.path if given is None else str(given)
        remedy = "labels stand in annotations/instances_<split>.json, or name them in input.annotations"
        raise UsageError(Problem(where, "no COCO label file found", remedy))
    return _by_split(paths)


def home(split: str) -> str:
    """The folder of a split's images in an output."""
    return split or "images"


def image_folders(split: str, beside: str | None) -> list[str]:
    """Folders below the root that the names of images may be relative to, the likeliest first.

    beside   the label file's own folder below the root; None where it lies elsewhere
    """
    names = dict.fromkeys((split, re.sub(r"[-_]?\d+$", "", split))) if split else {}
    found = [folder for name in names if name for folder in (name, f"images/{name}", f"{name}/images")]
    found += ["images", *([] if beside is None else [beside]), "", "data"]
    return list(dict.fromkeys(found))


def key_of(name: str, split: str) -> str:
    """The name without folders that only repeat where the images of the split are."""
    leads = (f"images/{split}/", f"{split}/images/", f"{split}/", "images/") if split else ("images/",)
    return next((name[len(lead) :] for lead in leads if name.startswith(lead) and name != lead), name)


def _usual(root: Path) -> list[Path]:
    """The COCO files of the first usual place that has any."""
    for places in ([root / FOLDER], [root / FOLDER.title()], [root], _folders(root)):
        found = [path for place in places for path in _coco_files(place)]
        if found:
            return found
    return []


def _folders(root: Path) -> list[Path]:
    try:
        return sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))
    except OSError:
        return []


def _coco_files(folder: Path) -> list[Path]:
    try:
        paths = [path for path in folder.iterdir() if path.suffix == ".json" and path.is_file()]
    except OSError:
        return []
    if len(paths) > MANY:
        return []
    named = [path for path in paths if not path.name.startswith(".") and path.name != OURS]
    return sorted(filter(_begins_like_coco, named))


def _begins_like_coco(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return False
    return bool(_MARK.search(head) or (b'"info"' in head and b'"licenses"' in head))


def _by_split(paths: Sequence[Path]) -> tuple[list[LabelsOf], tuple[str, ...]]:
    others = [path for path in paths if _OTHER.match(path.stem)]
    chosen = [path for path in paths if path not in others] or others
    notes = [f"{path.name} holds no objects of images and is not read" for path in others if chosen != others]
    folders = len({path.parent for path in chosen}) > 1
    named: dict[str, list[Path]] = {}
    for path in chosen:
        named.setdefault(_split_of(path, len(chosen) == 1, folders), []).append(path)
    files: list[LabelsOf] = []
    problems: list[Problem] = []
    for split, twins in sorted(named.items()):
        instances = [path for path in twins if path.stem.startswith("instances")]
        if len(twins) > 1 and len(instances) == 1 and all(_KINDS.fullmatch(path.stem) for path in twins):
            others = [path for path in twins if path != instances[0]]
            notes += [
                f"{path.name} is not read beside {instances[0].name}; input.annotations may name it instead"
                for path in others
            ]
            twins = instances
        if len(twins) > 1:
            listed = ", ".join(path.name for path in twins)
            what = f"{listed}: it cannot be told from their names which splits they are for"
            remedy = "name one in input.annotations, or call them instances_train.json, instances_val.json"
            problems.append(Problem(str(twins[0].parent), what, remedy))
        files.append(LabelsOf(twins[0], split))
    if problems:
        raise UsageError(problems)
    return files, tuple(notes)


def _split_of(path: Path, alone: bool, folders: bool) -> str:
    """The split in the name of a label file or of its folder; "" when it names none."""
    kind = _KINDS.fullmatch(path.stem)
    rest = (kind[2] or "") if kind else _NOISE.sub("", path.stem).strip("-_. ")
    if role(rest) or (kind and rest and not alone):
        return rest
    parent = path.parent.name
    return parent if role(parent) or (folders and parent != FOLDER) else ""


def relative_folder(path: Path, root: Path) -> str | None:
    """The folder of a label file below the root, POSIX; None where it lies elsewhere."""
    parent, top = path.parent.resolve(), root.resolve()
    if parent == top:
        return ""
    return parent.relative_to(top).as_posix() if top in parent.parents else None
