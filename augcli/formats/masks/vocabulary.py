"""Which number in a mask is which class: from a file beside the masks, else from their palette.

    categories.json   [{"id": 0, "name": "road", "color": [128, 64, 128], ...}, ...], or {"0": "road", ...},
                      or {"categories": either, "ignore": 255}
    classes.txt       one name per line, counted from 0; or `number name` (`number: name`) on every line
    labels.txt        the same

A class of the number 255 that is called ignore, void or unlabeled is none: it declares that such pixels count
for nothing. So does a palette that gives the index 255 a colour of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from augcli.errors import Problem, UsageError
from augcli.formats.beside import content
from augcli.formats.coco.document import strict
from augcli.sample import Category, Dataset

FILES = ("categories.json", "classes.txt", "labels.txt")
"""Names of the files, the fullest first."""

VOID = 255
VOID_NAMES = frozenset({"ignore", "ignored", "void", "unlabeled", "unlabelled"})

MAX_BYTES = 1 << 20
MAX_ID = 65535
_NUMBERED = re.compile(r"(\d{1,5})\s*[:=,\t ]\s*(.*\S)")
_BLACK = (0, 0, 0)

Color = tuple[int, int, int]


@dataclass(frozen=True)
class Vocabulary:
    """The classes of masks, sorted by id, and the id that counts for nothing."""

    categories: tuple[Category, ...] = ()
    ignore: int | None = None


def from_file(path: Path) -> Vocabulary:
    """Read a file of one of `FILES`. Raises `UsageError` with everything that is wrong in it."""
    try:
        text = content(str(path), MAX_BYTES)
        if path.suffix == ".json":
            found, ignore, problems = _json(path, text)
        else:
            found, ignore, problems = list(_lines(path, text)), None, []
    except ValueError as error:
        raise UsageError(Problem(str(path), str(error))) from None
    categories = []
    names: dict[str, str] = {}
    ids: dict[int, str] = {}
    for where, category in found:
        if category.id == VOID and category.name.casefold() in VOID_NAMES:
            ignore = VOID
            continue
        if not 0 <= category.id <= MAX_ID:
            problems.append(Problem(where, f"{category.id} is no pixel value", f"ids are 0 to {MAX_ID}"))
        if category.name in names:
            problems.append(Problem(where, f"{category.name!r} stands at {names[category.name]} already"))
        if category.id in ids:
            problems.append(Problem(where, f"the id {category.id} stands at {ids[category.id]} already"))
        names.setdefault(category.name, where)
        ids.setdefault(category.id, where)
        categories.append(category)
    if problems:
        raise UsageError(problems)
    return Vocabulary(tuple(sorted(categories, key=lambda category: category.id)), ignore)


def from_palette(palette: bytes) -> Vocabulary:
    """The classes of a palette: its indices with a colour of their own, named by their number.

    Black entries beyond the first are padding. A table that fills all 256 indices (grey levels, VOC's) does
    not say which are classes, so there are none; grey levels declare no void either.
    """
    colors = _colors(palette)
    declared = {index: color for index, color in enumerate(colors) if not index or color != _BLACK}
    if all(color == (index, index, index) for index, color in declared.items() if index):
        return Vocabulary()
    ignore = VOID if declared.pop(VOID, None) else None
    if len(declared) >= VOID:
        return Vocabulary((), ignore)
    return Vocabulary(
        tuple(Category(str(index), index, color=color) for index, color in declared.items()), ignore
    )


def coloured(vocabulary: Vocabulary, palette: bytes) -> Vocabulary:
    """Named classes with the palette's colours, where the file gives none; void from either."""
    colors = dict(enumerate(_colors(palette)))
    categories = tuple(
        replace(category, color=category.color or colors.get(category.id))
        for category in vocabulary.categories
    )
    named = any(category.id == VOID for category in categories)
    void = None if named else from_palette(palette).ignore
    return Vocabulary(categories, vocabulary.ignore if vocabulary.ignore is not None else void)


def to_file(dataset: Dataset) -> bytes:
    """`categories.json` of these categories; `from_file` reads it back."""
    lines = ",\n".join(f"  {json.dumps(_plain(category))}" for category in dataset.categories)
    ignore = "" if dataset.ignore is None else f',\n "ignore": {dataset.ignore}'
    return f'{{"categories": [\n{lines}\n ]{ignore}}}\n'.encode("ascii")


def _plain(category: Category) -> dict[str, Any]:
    color = {} if category.color is None else {"color": list(category.color)}
    return {"id": category.id, "name": category.name} | color | dict(category.extra)


def _colors(palette: bytes) -> list[Color]:
    return [(palette[at], palette[at + 1], palette[at + 2]) for at in range(0, len(palette) - 2, 3)]


def _lines(path: Path, text: str) -> Iterator[tuple[str, Category]]:
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    while lines and not lines[-1][1]:
        lines.pop()
    if blank := next((number for number, line in lines if not line), None):
        raise ValueError(f"line {blank} is empty, and lines are counted; remove it or write `number name`")
    numbered = [_NUMBERED.fullmatch(line) for _, line in lines]
    for index, ((number, line), match) in enumerate(zip(lines, numbered, strict=True)):
        where = f"{path}:{number}"
        if match and all(numbered):
            yield where, Category(match[2], int(match[1]))
        else:
            yield where, Category(line, index)


def _json(path: Path, text: str) -> tuple[list[tuple[str, Category]], int | None, list[Problem]]:
    value = strict(text.encode())
    ignore = None
    if isinstance(value, dict) and "categories" in value:
        ignore = value.get("ignore")
        if ignore is not None and not (_is_whole(ignore) and 0 <= ignore <= MAX_ID):
            raise ValueError(f"ignore: expected a pixel value, got {ignore!r}")
        value = value["categories"]
    if isinstance(value, dict):
        value = [{"id": int(id_) if id_.isdecimal() else id_, "name": name} for id_, name in value.items()]
    if not isinstance(value, list):
        raise ValueError('expected a list of {"id": number, "name": text}')
    found, problems = [], []
    for at, item in enumerate(value, 1):
        where = f"{path}: item {at}"
        try:
            found.append((where, _category(item)))
        except ValueError as error:
            problems.append(Problem(where, str(error)))
    return found, ignore, problems


def _category(item: object) -> Category:
    if (
        not isinstance(item, Mapping)
        or not _is_whole(item.get("id"))
        or not isinstance(item.get("name"), str)
    ):
        raise ValueError(f'expected {{"id": number, "name": text}}, got {str(item)[:80]}')
    if not item["name"]:
        raise ValueError("the name is empty")
    extra = tuple((key, value) for key, value in item.items() if key not in ("id", "name", "color"))
    return Category(item["name"], item["id"], color=_color(item.get("color")), extra=extra)


def _color(value: object) -> Color | None:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != 3 or not all(_is_channel(channel) for channel in value):
        raise ValueError(f"color: expected [red, green, blue] of 0 to 255, got {str(value)[:80]}")
    return value[0], value[1], value[2]


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_channel(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 255


def palette_of(categories: Iterable[Category]) -> bytes | None:
    """A palette with the colours of these classes; None where a class has none or an id is over 255."""
    found = list(categories)
    if not found or any(category.color is None or category.id > VOID for category in found):
        return None
    palette = bytearray(3 * (found[-1].id + 1))
    for category in found:
        palette[3 * category.id : 3 * category.id + 3] = bytes(category.color or _BLACK)
    return bytes(palette)
