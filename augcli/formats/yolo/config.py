"""`data.yaml`: names, places of the splits, keypoints; read strictly and without running anything.

Only the keys of `KEYS` are looked at, node by node, so that neither tags nor aliases nor a `download:`
script can do anything, and a class called `no` stays a word. What else stands there is named, not carried.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from augcli.errors import Problem, UsageError

FILES = ("data.yaml", "data.yml", "dataset.yaml", "dataset.yml")
TASKS = ("detect", "segment", "pose", "obb")
KEYS = (
    "path",
    "train",
    "val",
    "validation",
    "test",
    "names",
    "nc",
    "kpt_shape",
    "flip_idx",
    "kpt_names",
    "task",
)
MAX_BYTES = 1 << 20
MAX_VALUES = 100_000
MAX_KEYPOINTS = 1000


@dataclass(frozen=True)
class Config:
    """What a data.yaml says.

    file       as messages name it; "" when there is none
    names      class names by number; None: not declared
    path       folder that the places are relative to; None: the one that holds the file
    places     train, val, test -> folders or list files, as written
    task       one of `TASKS`; None: not declared
    kpt_shape  (number of keypoints, 2 or 3 columns for each); None: no keypoints
    flip_idx   which keypoint stands for each in a mirror image; () when not declared
    kpt_names  names of the keypoints by class number
    lines      key -> line
    passed     keys that are not read
    """

    file: str = ""
    names: tuple[str, ...] | None = None
    path: str | None = None
    places: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    task: str | None = None
    kpt_shape: tuple[int, int] | None = None
    flip_idx: tuple[int, ...] = ()
    kpt_names: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)
    passed: tuple[str, ...] = ()

    def where(self, key: str) -> str:
        """`file:line` of a key; `validation` may stand for `val`."""
        return f"{self.file}:{self.lines.get(key) or self.lines.get('validation', 1)}"


def read_config(path: Path) -> Config:
    """Read the file. Raises `UsageError` with everything that is wrong in it."""
    reader = _Reader(str(path), _keys(path))
    config = reader.config()
    if reader.problems:
        raise UsageError(reader.problems)
    return config


def _keys(path: Path) -> dict[str, tuple[yaml.Node, int]]:
    """Key -> its value and line, of the mapping that the file holds."""
    file = str(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(Problem(file, f"cannot be read ({error.strerror})")) from None
    if len(data) > MAX_BYTES:
        raise UsageError(Problem(file, f"{len(data):,} bytes are too many", "at most 1 MiB is read"))
    try:
        root = yaml.compose(data.decode("utf-8-sig"), yaml.SafeLoader)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UsageError(Problem(f"{file}:{line}", "is not UTF-8 text")) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UsageError(
            Problem(f"{file}:{line}", f"is not YAML: {error.problem or error.context}")
        ) from None
    except yaml.YAMLError:
        raise UsageError(Problem(file, "holds a character that YAML does not allow")) from None
    except RecursionError:
        raise UsageError(Problem(file, "is nested too deeply")) from None
    if not isinstance(root, yaml.MappingNode):
        raise UsageError(Problem(file, "expected keys such as names: and train:"))
    keys: dict[str, tuple[yaml.Node, int]] = {}
    for key, value in root.value:
        name, line = str(key.value), key.start_mark.line + 1
        if name in keys:
            raise UsageError(
                Problem(f"{file}:{line}", f"duplicate key {name!r}, given first in line {keys[name][1]}")
            )
        keys[name] = value, line
    return keys


class _Reader:
    """Checks the values one by one and gathers what is wrong."""

    def __init__(self, file: str, keys: Mapping[str, tuple[yaml.Node, int]]) -> None:
        self.file = file
        self.keys = {key: value for key, (value, _) in keys.items() if not _empty(value)}
        self.lines = {key: line for key, (_, line) in keys.items()}
        self.problems: list[Problem] = []

    def config(self) -> Config:
        shape = self.kpt_shape()
        return Config(
            self.file,
            self.names(),
            self.text("path"),
            {key: places for key in ("train", "val", "test") if (places := self.places(key))},
            self.task(),
            shape,
            self.flip_idx(shape),
            self.kpt_names(shape),
            self.lines,
            tuple(sorted(key for key in self.keys if key not in KEYS)),
        )

    def wrong(self, key: str, what: str, remedy: str = "") -> None:
        self.problems.append(Problem(f"{self.file}:{self.lines[key]}", f"{key}: {what}", remedy))

    def text(self, key: str) -> str | None:
        node = self.keys.get(key)
        if node is None:
            return None
        if isinstance(node, yaml.ScalarNode):
            return str(node.value)
        self.wrong(key, "expected text")
        return None

    def names(self) -> tuple[str, ...] | None:
        names, count = self._names(), self.count()
        if names is None:
            return None if count is None else tuple(f"class_{number}" for number in range(count))
        if count is not None and count != len(names):
            self.wrong("nc", f"says {count} classes, names: has {len(names)}")
        first: dict[str, int] = {}
        for number, name in enumerate(names):
            if not name:
                self.wrong("names", f"class {number} has no name")
            elif first.setdefault(name, number) != number:
                self.wrong("names", f"{name!r} is the name of class {first[name]} and of class {number}")
        return names

    def _names(self) -> tuple[str, ...] | None:
        node = self.keys.get("names")
        if node is None:
            return None
        if isinstance(node, yaml.SequenceNode):
            return self.texts("names", node)
        numbered = self.numbered("names", node)
        if sorted(numbered) != list(range(len(numbered))):
            self.wrong("names", "the class numbers must run from 0 without a gap")
        return tuple(self.scalar("names", numbered[number]) for number in sorted(numbered))

    def numbered(self, key: str, node: yaml.Node) -> dict[int, yaml.Node]:
        """A mapping from whole numbers."""
        found: dict[int, yaml.Node] = {}
        if not isinstance(node, yaml.MappingNode):
            self.wrong(key, "expected a list, or a mapping from class numbers")
            return found
        for name, value in node.value:
            number = _whole(name)
            if number is None or number in found:
                what = "is no class number" if number is None else "stands there twice"
                self.wrong(key, f"{str(name.value)[:40]!r} {what}")
            else:
                found[number] = value
        return found

    def scalar(self, key: str, node: yaml.Node) -> str:
        if isinstance(node, yaml.ScalarNode):
            return str(node.value)
        self.wrong(key, "expected text, got a list or a mapping")
        return ""

    def texts(self, key: str, node: yaml.SequenceNode) -> tuple[str, ...]:
        return tuple(self.scalar(key, item) for item in node.value)

    def count(self) -> int | None:
        node = self.keys.get("nc")
        number = _whole(node) if node else None
        if node is not None and (number is None or number > MAX_VALUES):
            self.wrong("nc", "expected a whole number of classes")
            return None
        return number

    def places(self, key: str) -> tuple[str, ...]:
        key = "validation" if key == "val" and "val" not in self.keys else key
        node = self.keys.get(key)
        if node is None:
            return ()
        if isinstance(node, yaml.SequenceNode):
            return self.texts(key, node)
        return (text,) if (text := self.text(key)) else ()

    def task(self) -> str | None:
        task = self.text("task")
        if task is not None and task not in TASKS:
            self.wrong("task", f"{task!r} is none of {', '.join(TASKS)}")
        return task

    def wholes(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers; () when absent or wrong."""
        node = self.keys.get(key)
        items = node.value if isinstance(node, yaml.SequenceNode) else [node]
        numbers = [_whole(item) for item in items if item is not None]
        if None in numbers:
            self.wrong(key, "expected a list of whole numbers")
            return ()
        return tuple(number for number in numbers if number is not None)

    def kpt_shape(self) -> tuple[int, int] | None:
        if "kpt_shape" not in self.keys:
            return None
        match self.wholes("kpt_shape"):
            case (int() as count, (2 | 3) as columns) if 1 <= count <= MAX_KEYPOINTS:
                return count, columns
        self.wrong("kpt_shape", "expected [number of keypoints, 2 or 3]")
        return None

    def flip_idx(self, shape: tuple[int, int] | None) -> tuple[int, ...]:
        flip = self.wholes("flip_idx")
        if flip and shape and sorted(flip) != list(range(shape[0])):
            self.wrong("flip_idx", f"expected every number from 0 to {shape[0] - 1} once")
        return flip if shape else ()

    def kpt_names(self, shape: tuple[int, int] | None) -> dict[int, tuple[str, ...]]:
        node = self.keys.get("kpt_names")
        if node is None or shape is None:
            return {}
        found = dict(self._kpt_names(node))
        for number, names in found.items():
            if len(names) != shape[0]:
                self.wrong("kpt_names", f"class {number} has {len(names)} names for {shape[0]} keypoints")
        return found

    def _kpt_names(self, node: yaml.Node) -> Iterator[tuple[int, tuple[str, ...]]]:
        left = MAX_VALUES
        for number, names in self.numbered("kpt_names", node).items():
            if not isinstance(names, yaml.SequenceNode) or len(names.value) > left:
                self.wrong("kpt_names", "expected a list of names for each class")
                return
            left -= len(names.value)
            yield number, self.texts("kpt_names", names)


def _empty(node: yaml.Node) -> bool:
    """Whether a key stands without a value."""
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def _whole(node: yaml.Node) -> int | None:
    """A whole number of at most nine digits, 0 or more."""
    text = str(node.value) if isinstance(node, yaml.ScalarNode) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
