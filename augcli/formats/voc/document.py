"""The XML of one image, read and written: text to `Annotation` and back, nothing lost.

    <annotation> folder filename source owner size segmented
                 object* ( name pose truncated difficult occluded bndbox part* ) ...

Boxes are 1-based and inclusive (VOC devkit, section 4): `xmin` is the first column of the object, `xmax` its
last, so its edges are xmin - 1 and xmax. Elements that mean nothing here are carried as JSON values.
Knows no files: DOCTYPE and entities are refused because a label file needs none and expansions are a trap.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree as ET

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 of the edges, in pixels."""

MAX_BYTES = 16 << 20
"""Bytes of an XML file of one image that are read at most."""

MAX_DEPTH = 16
"""Elements in elements."""

SPATIAL = frozenset({"point", "points", "polygon", "segmentation", "mask", "robndbox", "keypoints"})
"""Elements that describe places beside the box: carried over unmoved they would be wrong."""

OWN = frozenset({"filename", "path", "size", "object"})
OWN_OF_OBJECTS = frozenset({"name", "bndbox", "part"}) | SPATIAL
"""Elements with a meaning, of an image and of an object; all others are carried over."""

WHOLE, PART = "parts", "part_of"
"""Fields that tie the parts of an object to it: the same text in both."""

_FLAGS = frozenset({"truncated", "difficult", "occluded", "segmented"})
_SIDES = ("xmin", "ymin", "xmax", "ymax")
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LETTERS = (
    "A-Za-z_\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd"
)
_NO_NAME = re.compile(f"[^{_LETTERS}0-9.\xb7-]|^(?=[0-9.\xb7-])")  # XML 1.0, section 2.3, without colons


@dataclass(frozen=True)
class Item:
    """One object, or one part of an object (the head of a person).

    box     its edges; None where the file says none
    fields  element -> JSON value of all else; flags are 0 or 1
    spatial elements that were left out because they describe places
    fault   why it is no use; "" when it is
    line    where it begins; 0 when that is not known
    """

    name: str
    box: Box | None
    fields: Mapping[str, Any] = field(default_factory=dict)
    parts: tuple[Item, ...] = ()
    spatial: tuple[str, ...] = ()
    fault: str = ""
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Annotation:
    """The XML of one image. `size` is (width, height) where both are said, `fields` all else."""

    filename: str = ""
    size: tuple[int, int] | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    objects: tuple[Item, ...] = ()


def parse(text: str) -> Annotation:
    """Read the text of a file. Raises ValueError for what is no annotation; faults of objects are in them."""
    root = _root(text)
    size, fields = None, {f"@{name}": value for name, value in root.attrib.items()}
    filename = ""
    objects: list[Item] = []
    lines = _lines(text)
    known = len(lines) == len(root.findall("object"))
    for child in root:
        if child.tag == "object":
            objects.append(_item(child, lines[len(objects)] if known else 0))
        elif child.tag == "filename":
            filename = (child.text or "").strip()
        elif child.tag == "size":
            size = _size(child)
        else:
            _add(fields, child)
    return Annotation(filename, size, fields, tuple(objects))


def write(annotation: Annotation, depth: int = 3) -> bytes:
    """The file: UTF-8, indented by tabs as the devkit's are. Sides are whole numbers where they are whole."""
    root = ET.Element("annotation")
    fields = dict(annotation.fields)
    if "folder" in fields:
        _grow(root, "folder", fields.pop("folder"))
    _grow(root, "filename", annotation.filename)
    for name in ("path", "source", "owner"):
        if name in fields:
            _grow(root, name, fields.pop(name))
    if annotation.size is not None:
        width, height = annotation.size
        _grow(root, "size", {"width": width, "height": height, "depth": depth})
    for name, value in fields.items():
        if name not in ("filename", "size", "object"):
            _grow(root, name, value)
    for item in annotation.objects:
        _grow_item(root, "object", item)
    ET.indent(root, "\t")
    return ET.tostring(root, encoding="unicode").encode("utf-8") + b"\n"


def _root(text: str) -> ET.Element:
    if re.search("<!(?:DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise ValueError("holds a DOCTYPE or an entity, which are not read")
    try:
        root = ET.fromstring(text)
    except (ET.ParseError, ValueError) as error:
        at = f" (line {error.position[0]})" if isinstance(error, ET.ParseError) else ""
        raise ValueError(f"is not XML{at}") from None
    level, depth = list(root), 1
    while level:
        level, depth = [below for element in level for below in element], depth + 1
        if depth > MAX_DEPTH:
            raise ValueError("is nested too deeply")
    if root.tag != "annotation":
        raise ValueError(f"is no VOC annotation: it begins with <{root.tag[:40]}>")
    return root


def _lines(text: str) -> list[int]:
    """The line of each `<object>`."""
    lines, line, at = [], 1, 0
    for match in re.finditer(r"<object[\s>]", text):
        line += text.count("\n", at, match.start())
        at = match.start()
        lines.append(line)
    return lines


def _size(element: ET.Element) -> tuple[int, int] | None:
    """(width, height); None where they are missing or 0, as in files of tools that did not look."""
    try:
        width, height = (int(float(element.findtext(side) or 0)) for side in ("width", "height"))
    except (ValueError, OverflowError):
        return None
    return (width, height) if width > 0 and height > 0 else None


def _item(element: ET.Element, line: int) -> Item:
    """An `object` or a `part`."""
    fields: dict[str, Any] = {f"@{name}": value for name, value in element.attrib.items()}
    name, box, fault = "", None, ""
    parts: list[Item] = []
    spatial: list[str] = []
    for child in element:
        if child.tag == "name":
            name = (child.text or "").strip()
        elif child.tag == "bndbox":
            box, fault = _box(child)
        elif child.tag == "part":
            parts.append(_item(child, line))
        elif child.tag in SPATIAL:
            spatial.append(child.tag)
        else:
            _add(fields, child)
    if not fault and box is None:
        fault = "has no bndbox"
    if not name:
        fault = "has no name"
    return Item(name, box, fields, tuple(parts), tuple(spatial), fault, line)


def _box(element: ET.Element) -> tuple[Box | None, str]:
    """The edges, or what is wrong with them."""
    values = []
    for side in _SIDES:
        text = (element.findtext(side) or "").strip()
        try:
            values.append(float(text))
        except ValueError:
            return None, f"has {side} {text[:40]!r}, which is no number" if text else f"has no {side}"
    xmin, ymin, xmax, ymax = values
    return (xmin - 1.0, ymin - 1.0, xmax, ymax), ""


def _add(fields: dict[str, Any], element: ET.Element) -> None:
    """Add an element to the fields; several of one name become a list."""
    value = _plain(element)
    name = element.tag
    if name in _FLAGS and value in ("0", "1"):
        value = int(value)
    if name not in fields:
        fields[name] = value
    elif isinstance(fields[name], list):
        fields[name].append(value)
    else:
        fields[name] = [fields[name], value]


def _plain(element: ET.Element) -> Any:
    """Text, or {"@attribute": text, "#text": text, element: value or values}."""
    text = (element.text or "").strip()
    if not len(element) and not element.attrib:
        return text
    fields: dict[str, Any] = {f"@{name}": value for name, value in element.attrib.items()}
    if text:
        fields["#text"] = text
    for child in element:
        _add(fields, child)
    return fields


def _grow(parent: ET.Element, name: str, value: Any) -> None:
    """Add a field to an element."""
    if name == "#text":
        parent.text = _text(value)
    elif name.startswith("@"):
        parent.set(_name(name[1:]), _text(value))
    elif isinstance(value, list) and value:
        for one in value:
            child = ET.SubElement(parent, _name(name))
            _fill(child, {"item": one} if isinstance(one, list) else one)
    else:
        _fill(ET.SubElement(parent, _name(name)), value)


def _fill(element: ET.Element, value: Any) -> None:
    if isinstance(value, Mapping):
        for name, one in value.items():
            _grow(element, name, one)
    else:
        element.text = _text(value)


def _grow_item(parent: ET.Element, tag: str, item: Item) -> None:
    element = ET.SubElement(parent, tag)
    _grow(element, "name", item.name)
    for name, value in item.fields.items():
        if name not in ("name", "bndbox", "part"):
            _grow(element, name, value)
    if item.box is not None:
        x0, y0, x1, y1 = item.box
        sides: Sequence[float] = (x0 + 1.0, y0 + 1.0, x1, y1)
        _grow(element, "bndbox", {side: _number(v) for side, v in zip(_SIDES, sides, strict=True)})
    for part in item.parts:
        _grow_item(element, "part", part)


def _number(value: float) -> float | int:
    return int(value) if value == int(value) else value


def _text(value: Any) -> str:
    """As text that XML may hold: control characters and lone surrogates become U+FFFD."""
    if value is None or value == []:
        return ""
    text = str(int(value)) if isinstance(value, bool) else str(value)
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def _name(name: str) -> str:
    """As the name of an element: other characters become underscores."""
    if name.startswith("{") or not _NO_NAME.search(name):  # {namespace}name is XML's own
        return name
    return _NO_NAME.sub("_", name) or "_"
