"""YAML text -> plain data, with the place of every key and value beside it.

The scalars are those of the YAML 1.2 core schema (`1e-3` is a number, `no` is a word, `017` is 17). What
makes YAML dangerous is refused: duplicate keys, tags, aliases that multiply, depth, size. Nothing here
knows what a recipe is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from augcli.errors import Problem, UsageError

MAX_BYTES = 1 << 20
MAX_VALUES = 10_000
MAX_DEPTH = 40
MAX_DIGITS = 400

Path = tuple[str | int, ...]
"""Keys and list positions that lead from the root to a value."""


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place that a message can name. Marks sort as a reader meets them: the file first, then `--set`.

    source  0 for the file, else the number of the `--set`
    line    1-based; 0 outside the file
    column  1-based, in characters; 0 outside the file
    where   `recipe.yaml:14:5` or `--set #2 (rotate.p=3)`
    """

    source: int
    line: int
    column: int
    where: str


@dataclass(frozen=True)
class Document:
    """Plain data (None, bool, int, float, str, list, dict with text keys) and where it stands.

    `keys` holds the marks of mapping keys (by the path of their value) and list items, `values` those of
    values. Both hold every path of `data`.
    """

    name: str
    data: Any
    keys: Mapping[Path, Mark]
    values: Mapping[Path, Mark]

    def key_mark(self, path: Path) -> Mark:
        """Where the key stands; where there is none, the value around it."""
        return self.keys[path] if path in self.keys else self.value_mark(path)

    def value_mark(self, path: Path) -> Mark:
        """Where the value stands; where there is none, the nearest value around it."""
        while path not in self.values:
            path = path[:-1]
        return self.values[path]


def dotted(path: Path) -> str:
    """A path as messages write it and `--set` reads it: `steps[2].rotate.degrees`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def read(text: bytes | str, name: str) -> tuple[Document, list[tuple[Mark, Problem]]]:
    """The document, and its mistakes that leave the rest readable (duplicate keys, tags, huge numbers).

    Raises `UsageError` where nothing can be read: not UTF-8, not YAML, too large, too deep, no mapping.
    """
    source = _decoded(text, name)
    node = _composed(source, name)
    reader = _Construction(name)
    data = reader.construct(node, (), ())
    if not isinstance(data, dict):
        raise _failure(reader.mark(node), "expected a mapping of keys such as `augment: 1`", "")
    return Document(name, data, reader.keys, reader.values), reader.found


def value_of(text: str) -> Any:
    """Plain data of one value, as after `--set PATH=`. Raises `UsageError`."""
    if not text.strip():
        return None
    reader = _Construction("")
    data = reader.construct(_composed(text, ""), (), ())
    if reader.found:
        raise UsageError([Problem("", problem.what, problem.remedy) for _, problem in reader.found])
    return data


def _failure(mark: Mark, what: str, remedy: str) -> UsageError:
    return UsageError(Problem(mark.where, what, remedy))


def _mark(name: str, line: int, column: int) -> Mark:
    return Mark(0, line + 1, column + 1, f"{name}:{line + 1}:{column + 1}" if name else "")


def _decoded(text: bytes | str, name: str) -> str:
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    if len(raw) > MAX_BYTES:
        raise _failure(
            _mark(name, 0, 0), f"{len(raw):,} bytes are too many for a recipe", "at most 1 MiB is read"
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        column = len(before.rsplit(b"\n", 1)[-1].decode("utf-8", "replace"))
        mark = _mark(name, before.count(b"\n"), column)
        raise _failure(mark, "not UTF-8 text", "save the file with the encoding UTF-8") from None


class _Loader(yaml.SafeLoader):
    """Safe, with the scalars of YAML 1.2 and an end to depth and number."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - the name and type are PyYAML's
    depth = 0
    count = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        self.depth += 1
        self.count += 1
        start = self.peek_event().start_mark  # type: ignore[no-untyped-call]
        if self.depth > MAX_DEPTH:
            raise yaml.MarkedYAMLError(problem=f"nested deeper than {MAX_DEPTH} levels", problem_mark=start)
        if self.count > MAX_VALUES:
            raise yaml.MarkedYAMLError(problem=f"more than {MAX_VALUES:,} values", problem_mark=start)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


_CORE = "tag:yaml.org,2002:"
_SCALARS = {
    "null": re.compile(r"(?:~|null|Null|NULL|)$"),
    "bool": re.compile(r"(?:true|True|TRUE|false|False|FALSE)$"),
    "int": re.compile(r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$"),
    "float": re.compile(
        r"(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
    ),
}
for _tag, _form in _SCALARS.items():
    _Loader.add_implicit_resolver(_CORE + _tag, _form, None)


def _composed(text: str, name: str) -> yaml.Node:
    """The node tree. Raises `UsageError` with the place of the first mistake of syntax."""
    try:
        node = yaml.compose(text, _Loader)
    except yaml.MarkedYAMLError as error:
        at = error.problem_mark or error.context_mark
        mark = _mark(name, at.line, at.column) if at else _mark(name, 0, 0)
        what = ", ".join(part for part in (error.context, error.problem) if part)
        remedy = "indent with spaces, not tabs" if "\\t" in what else ""
        raise _failure(mark, f"not readable as YAML: {what}", remedy) from None
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        mark = _mark(name, before.count("\n"), len(before.rsplit("\n", 1)[-1]))
        raise _failure(
            mark, f"a character that YAML does not allow (U+{ord(text[error.position]):04X})", ""
        ) from None
    if node is None:
        raise _failure(_mark(name, 0, 0), "the recipe is empty", "begin with `augment: 1`")
    return node


class _Construction:
    """Plain data from nodes, aliases walked as what they stand for, within a budget."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.keys: dict[Path, Mark] = {}
        self.values: dict[Path, Mark] = {}
        self.found: list[tuple[Mark, Problem]] = []

    def mark(self, node: yaml.Node) -> Mark:
        at = node.start_mark
        return _mark(self.name, at.line, at.column)

    def wrong(self, node: yaml.Node, what: str, remedy: str = "") -> None:
        mark = self.mark(node)
        self.found.append((mark, Problem(mark.where, what, remedy)))

    def construct(self, node: yaml.Node, path: Path, above: tuple[int, ...]) -> Any:
        if id(node) in above:
            raise _failure(self.mark(node), "an alias that stands inside its own anchor", "")
        if len(self.values) >= MAX_VALUES or len(path) > MAX_DEPTH:
            raise _failure(self.mark(node), f"aliases that stand for more than {MAX_VALUES:,} values", "")
        self.values[path] = self.mark(node)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        kind = "map" if isinstance(node, yaml.MappingNode) else "seq"
        if node.tag != _CORE + kind:
            self.wrong(node, f"{dotted(path) or 'recipe'}: the tag {_short(node.tag)} is not supported")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path, (*above, id(node)))
        items = []
        for index, child in enumerate(node.value):
            self.keys[(*path, index)] = self.mark(child)
            items.append(self.construct(child, (*path, index), (*above, id(node))))
        return items

    def _mapping(self, node: yaml.MappingNode, path: Path, above: tuple[int, ...]) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key, child in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.wrong(key, f"{dotted(path) or 'recipe'}: a key must be a word")
                continue
            if key.value in data:
                first = self.keys[(*path, key.value)].line
                self.wrong(key, f"{dotted((*path, key.value))}: duplicate key, given first in line {first}")
                continue
            self.keys[(*path, key.value)] = self.mark(key)
            data[key.value] = self.construct(child, (*path, key.value), above)
        return data

    def _scalar(self, node: yaml.ScalarNode, path: Path) -> Any:
        text, tag = node.value, node.tag.removeprefix(_CORE)
        if tag == "str":
            return text
        if tag not in _SCALARS or not _SCALARS[tag].match(text):
            self.wrong(node, f"{dotted(path) or 'recipe'}: the tag {_short(node.tag)} is not supported")
            return None
        if tag == "null":
            return None
        if tag == "bool":
            return text.lower() == "true"
        if len(text) > MAX_DIGITS:
            self.wrong(node, f"{dotted(path) or 'recipe'}: a number of {len(text):,} characters")
            return None
        return _int(text) if tag == "int" else _float(text)


def _short(tag: str) -> str:
    return "!!" + tag.removeprefix(_CORE) if tag.startswith(_CORE) else tag[:40]


def _int(text: str) -> int:
    bases = {"0o": 8, "0x": 16}
    return int(text[2:], bases[text[:2]]) if text[:2] in bases else int(text)


def _float(text: str) -> float:
    return float(text.replace(".", "", 1) if text[-3:].lower() in ("inf", "nan") else text)
