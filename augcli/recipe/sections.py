"""Mappings with known keys, declared once: reading, schema, defaults and `--set` all follow from them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from augcli.errors import Problem
from augcli.params import Invalid, Kind
from augcli.recipe.document import Document, Mark, Path, dotted
from augcli.recipe.names import nearest, unknown_key
from augcli.recipe.settings import Setting

BAD = object()
"""What reading gives where a problem was found."""


class Clash(ValueError):
    """Settings that are right alone and wrong together. `key` is the one to show, if any."""

    def __init__(self, text: str, key: str = "", remedy: str = "") -> None:
        super().__init__(text)
        self.key = key
        self.remedy = remedy


class Reader:
    """Collects the problems of one document while its values are read."""

    def __init__(self, document: Document, ids: Mapping[Path, str]) -> None:
        self.document = document
        self.ids = ids
        self.found: list[tuple[Mark, Problem]] = []

    def wrong(self, path: Path, what: str, remedy: str = "", *, at_key: bool = False) -> Any:
        """Note a problem at the value (or key) of `path`; gives `BAD`."""
        mark = self.document.key_mark(path) if at_key else self.document.value_mark(path)
        text = f"{dotted(path)}: {what}" if path else what
        self.found.append((mark, Problem(mark.where, text, remedy)))
        return BAD

    def value(self, kind: Kind, value: object, path: Path) -> Any:
        """The parsed value, or `BAD` with its problems noted."""
        if isinstance(kind, Composite):
            return kind.read(value, path, self)
        try:
            return kind.parse(value)
        except Invalid as error:
            return self.wrong(path, str(error))


class Composite(Setting):
    """A kind whose parts have places of their own."""

    def read(self, value: object, path: Path, reader: Reader) -> Any:
        """The parsed value, or `BAD`; every problem inside is noted."""
        raise NotImplementedError  # pragma: no cover - abstract


@dataclass(frozen=True)
class Key:
    """A key of a mapping: its name, what it accepts, one sentence of docs.

    example  the line to write where a required key is missing
    """

    name: str
    kind: Kind
    doc: str
    required: bool = False
    example: str = ""


@dataclass(frozen=True)
class Section(Composite):
    """A mapping of known keys.

    build   takes what was given, by name, and gives the parsed value; its own defaults are the defaults.
            Raises `Clash`.
    short   the key that a value which is no mapping stands for, if any
    rules   JSON Schema of what `build` refuses
    """

    keys: tuple[Key, ...]
    build: Callable[..., Any]
    short: str = ""
    rules: tuple[Mapping[str, Any], ...] = ()

    def key(self, name: str) -> Key | None:
        """The key of this name."""
        return next((key for key in self.keys if key.name == name), None)

    def read(self, value: object, path: Path, reader: Reader) -> Any:
        if value is None:
            value = {}
        if not isinstance(value, dict):
            short = self.key(self.short)
            if short is None or isinstance(value, list):
                known = ", ".join(key.name for key in self.keys)
                return reader.wrong(path, str(Invalid(f"a mapping with {known}", value)))
            inner = reader.value(short.kind, value, path)
            return BAD if inner is BAD else self.build(**{short.name: inner})
        values = {}
        bad = False
        meant = set()
        for name, inside in value.items():
            key = self.key(name)
            if key is None:
                what, remedy = unknown_key(name, [key.name for key in self.keys], inside)
                reader.wrong((*path, name), what, remedy, at_key=True)
                meant.add(nearest(name, [key.name for key in self.keys]))
                bad = True
                continue
            values[name] = reader.value(key.kind, inside, (*path, name))
            bad |= values[name] is BAD
        for key in self.keys:
            if key.required and key.name not in value and key.name not in meant:
                remedy = f"write `{key.example}`" if key.example else f"expected {key.kind.describe()}"
                reader.wrong((*path, key.name), "missing", remedy, at_key=True)
                bad = True
        if bad:
            return BAD
        try:
            return self.build(**values)
        except Clash as clash:
            inside = (*path, clash.key) if clash.key else path
            return reader.wrong(inside, str(clash), clash.remedy, at_key=bool(clash.key))

    def schema(self) -> dict[str, Any]:
        mapping: dict[str, Any] = {
            "type": ["object", "null"] if not any(key.required for key in self.keys) else "object",
            "properties": {key.name: {"description": key.doc, **key.kind.schema()} for key in self.keys},
            "additionalProperties": False,
        }
        required = [key.name for key in self.keys if key.required]
        if required:
            mapping["required"] = required
        if self.rules:
            mapping["allOf"] = list(map(dict, self.rules))
        short = self.key(self.short)
        return {"anyOf": [short.kind.schema(), mapping]} if short else mapping

    def describe(self) -> str:
        short = self.key(self.short)
        mapping = "a mapping with " + ", ".join(key.name for key in self.keys)
        return f"{short.kind.describe()}, or {mapping}" if short else mapping


@dataclass(frozen=True)
class Table(Composite):
    """A mapping whose keys the user chooses; parses to ((key, value), ...) sorted by key.

    names   pattern of the keys; `form` says it in words
    total   what the sum of the values must stay below; 0 for no limit
    """

    of: Kind
    form: str
    names: str = r"[\s\S]+"
    total: float = 0.0

    def read(self, value: object, path: Path, reader: Reader) -> Any:
        if not isinstance(value, dict) or not value:
            return reader.wrong(path, str(Invalid(self.describe(), value)))
        pairs: list[tuple[str, Any]] = []
        for name, inside in value.items():
            if not re.fullmatch(self.names, name):
                reader.wrong((*path, name), f"expected {self.form}, got {name!r}", at_key=True)
                pairs.append((name, BAD))
            else:
                pairs.append((name, reader.value(self.of, inside, (*path, name))))
        if any(inner is BAD for _, inner in pairs):
            return BAD
        if self.total and sum(inner for _, inner in pairs) >= self.total:
            return reader.wrong(path, f"expected shares that sum to less than {self.total:.0%}")
        return tuple(sorted(pairs))

    def plain(self, value: Any) -> Any:
        return dict(value)

    def schema(self) -> dict[str, Any]:
        return {
            "type": "object",
            "minProperties": 1,
            "patternProperties": {f"^(?:{self.names})$": self.of.schema()},
            "additionalProperties": False,
        }

    def describe(self) -> str:
        return f"a mapping of {self.form} to {self.of.describe()}"
