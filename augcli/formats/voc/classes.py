"""Names, numbers and colours of classes in masks.

A pixel of a class mask is the number of a class; 0 is background, 255 counts for nothing (VOC devkit,
section 5). Which number is which class stands in `labelmap.txt` (CVAT, Datumaro:
`name:r,g,b:parts:actions`) or `class_names.txt` (labelme2voc: one name per line, `__ignore__` first). The
classes of VOC need no such file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from augcli.errors import Problem, UsageError
from augcli.formats.beside import content
from augcli.sample import Category

VOID = 255
"""The index of pixels that count for nothing: borders between objects, difficult places."""

BACKGROUND = "background"

CLASSES = (
    *("aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "diningtable"),
    *("dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor"),
)
"""The classes of VOC 2007 to 2012, whose numbers are 1 to 20."""

LABELMAP = "labelmap.txt"
CLASS_NAMES = "class_names.txt"
MAX_BYTES = 1 << 20


def color(index: int) -> tuple[int, int, int]:
    """The colour of an index: its bits, from the lowest, are those of r, g, b in turn from their highest.

    VOCcolormap.m of the devkit.
    """
    r = g = b = 0
    for bit in range(8):
        r |= (index >> (3 * bit) & 1) << (7 - bit)
        g |= (index >> (3 * bit + 1) & 1) << (7 - bit)
        b |= (index >> (3 * bit + 2) & 1) << (7 - bit)
    return r, g, b


def category(name: str, number: int) -> Category:
    """A category in the colour of its number."""
    return Category(name, number, color=color(number % 256))


def declared(root: Path) -> tuple[Category, ...]:
    """What the dataset's own file says; () where there is none. Raises `UsageError`."""
    for name, read in ((LABELMAP, _labelmap), (CLASS_NAMES, _class_names)):
        path = root / name
        if path.is_file():
            try:
                found = tuple(read(content(str(path), MAX_BYTES).splitlines()))
            except ValueError as error:
                raise UsageError(Problem(str(path), str(error))) from None
            names = [one.name for one in found]
            if len(set(names)) < len(names) or len({one.id for one in found}) < len(found):
                raise UsageError(Problem(str(path), "has a name or a colour twice"))
            return found
    return ()


def _labelmap(lines: Iterable[str]) -> Iterator[Category]:
    """The number of a class is the one that has its colour; its place in the file where none has."""
    numbers = {color(number): number for number in range(256)}
    place = 0
    for line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        name, _, rest = line.partition(":")
        shown = rest.split(":")[0]
        try:
            r, g, b = (int(part) for part in shown.split(",")) if shown.strip() else color(place)
        except ValueError:
            raise ValueError(f"{line[:60]!r} is no name:r,g,b") from None
        number = numbers.get((r, g, b), place)
        if number != VOID:
            yield Category(name.strip(), number, color=(r, g, b))
        place += 1


def _class_names(lines: Iterable[str]) -> Iterator[Category]:
    for number, line in enumerate((line.strip() for line in lines if line.strip()), -1):
        if number >= 0:
            yield category(BACKGROUND if line == "_background_" else line, number)


def categories(
    names: Iterable[str], parts: Iterable[str], given: tuple[Category, ...], masks: bool
) -> tuple[tuple[Category, ...], bool]:
    """(the categories of a dataset, whether the numbers in its masks had to be guessed).

    names   classes of its objects; `parts` of their parts, which have numbers above all that masks hold
    given   what its own file says of the numbers
    masks   the dataset has class masks
    """
    wanted = sorted(set(names))
    guessed = False
    if given:
        found = list(given)
    elif set(wanted) <= set(CLASSES):
        found = [category(name, number) for number, name in enumerate(CLASSES, 1)]
    else:
        found = [category(name, number) for number, name in enumerate(wanted, 1)]
        guessed = masks
    if masks and all(one.id for one in found):
        found.insert(0, category(BACKGROUND, 0))
    known = {one.name for one in found}
    last = max([0, *(one.id for one in found)])
    more = [name for name in [*wanted, *sorted(set(parts) - set(wanted))] if name not in known]
    found += [category(name, number) for number, name in enumerate(more, last + 1)]
    return tuple(sorted(found, key=lambda one: one.id)), guessed


def class_numbers(categories: Sequence[Category]) -> dict[str, int]:
    """Name of each class of objects -> its number in class masks; {} where a mask cannot number so many.

    It is the class's own where all are from 1 to 254, else its place, from 1.
    """
    if len(categories) >= VOID:
        return {}
    own = all(0 < one.id < VOID for one in categories)
    return {one.name: one.id if own else place for place, one in enumerate(categories, 1)}


def labelmap(numbers: Mapping[str, int]) -> bytes:
    """`labelmap.txt` of these classes: every number by its colour."""
    lines = ["# label:color_rgb:parts:actions"]
    for name, number in sorted(numbers.items(), key=lambda item: item[1]):
        if number < VOID:
            safe = name.replace(":", "_").replace("\n", "_")
            lines.append(f"{safe}:{','.join(map(str, color(number)))}::")
    return "\n".join([*lines, ""]).encode("utf-8", "replace")
