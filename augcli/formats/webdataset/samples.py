"""What the members of one sample say: which is the image, its class, further columns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from augcli.errors import Problem, UsageError
from augcli.formats.beside import content
from augcli.formats.coco.document import strict
from augcli.formats.invalid import Judge
from augcli.formats.rows import Row
from augcli.formats.webdataset.shards import Group, Member, label_bytes
from augcli.images.kinds import kind_of

CLASSES = "classes.txt"
"""Names of the classes whose numbers stand in `.cls`, one per line, counted from 0."""

_LARGEST_LIST = 1 << 22
_NUMBER = re.compile(r"-?\d{1,18}")


def class_names(path: Path) -> tuple[str, ...]:
    """The lines of `classes.txt`. Raises `UsageError`."""
    try:
        names = content(str(path), _LARGEST_LIST).splitlines()
    except ValueError as error:
        raise UsageError(Problem(str(path), str(error))) from None
    problems = []
    for number, name in enumerate(names, 1):
        if not name.strip():
            problems.append(Problem(f"{path}:{number}", "is empty, and lines are counted"))
        elif name in names[: number - 1]:
            problems.append(Problem(f"{path}:{number}", f"{name!r} stands in line {names.index(name) + 1}"))
    if problems:
        raise UsageError(problems)
    return tuple(names)


def image_of(shard: str, group: Group, judge: Judge) -> Member | None:
    """The one image of a sample; None, told to `judge`, where there is none or are several."""
    images = [member for member in group.members.values() if kind_of(f"x.{member.suffix}") is not None]
    if len(images) == 1 and "." not in images[0].suffix:
        return images[0]
    suffixes = ", ".join(f".{suffix}" for suffix in group.members)
    what = f"holds {len(images)} images" if len(images) > 1 else "holds no image"
    remedy = "a sample is key.jpg (or .png ...) with key.cls or key.json; or: --set labels.invalid=drop"
    judge.invalid(f"{shard}: {group.key}", f"{what} ({suffixes})", remedy)
    return None


def row_of(shard: str, group: Group, names: Sequence[str] | None, ignored: Counter[str]) -> Row | Problem:
    """The sample's labels as a row of columns, or what is wrong with them."""
    where = f"{shard}: {group.key}"
    values: dict[str, Any] = {}
    try:
        for suffix, member in group.members.items():
            if suffix == "json":
                values |= _fields(label_bytes(shard, member))
            elif suffix == "txt":
                values.setdefault("txt", _text(label_bytes(shard, member)))
            elif suffix != "cls" and kind_of(f"x.{suffix}") is None:
                ignored[f"members .{suffix}"] += 1
        if "cls" in group.members:
            _classify(values, _text(label_bytes(shard, group.members["cls"])).strip(), names)
    except (ValueError, OSError) as error:
        return Problem(where, str(error))
    return Row(where, "", values)


def _fields(data: bytes) -> dict[str, Any]:
    found = strict(data)
    if not isinstance(found, dict):
        raise ValueError(".json holds no object of columns")
    return found


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("a label member is not UTF-8 text") from None


def _classify(values: dict[str, Any], text: str, names: Sequence[str] | None) -> None:
    """Put the class of `.cls` into the columns, where `.json` does not say it already."""
    if not text:
        raise ValueError(".cls is empty")
    label: str | int = int(text) if _NUMBER.fullmatch(text) else text
    if isinstance(label, int) and names is not None:
        if not 0 <= label < len(names):
            raise ValueError(f".cls says {label}, {CLASSES} has {len(names)} lines")
        label = names[label]
    said = values.setdefault("label", label)
    if type(said) is type(label) and said != label:
        raise ValueError(f".json says {said!r}, .cls says {label!r}")
    if said is None:
        values["label"] = label
