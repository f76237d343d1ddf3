"""Tar archives as WebDataset has them: members whose names are the same up to the first dot are one sample.

Reads headers and label members, no image. An archive is refused for what lenient readers pass over: links and
devices, names that lead out, damage in its middle, a second archive behind its end.
"""

from __future__ import annotations

import re
import tarfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from augcli.errors import Problem
from augcli.formats.beside import leaves

LARGEST_LABEL = 1 << 20
"""Bytes that a label member may have."""

_SAMPLE = re.compile(r"((?:.*/)?[^./][^./]*)\.([^/]+)", re.DOTALL)
_META = re.compile(r"__.*__")
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Member:
    """Bytes in an archive. `suffix`: the name after its first dot, in lower case."""

    name: str
    suffix: str
    offset: int
    size: int


@dataclass(frozen=True)
class Group:
    """One sample: its key (path up to the first dot) and its members by suffix."""

    key: str
    members: dict[str, Member] = field(default_factory=dict)


@dataclass(frozen=True)
class Shard:
    """What an archive holds: samples in their order, problems, doubts, kinds of members passed over."""

    path: str
    groups: list[Group] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)


def read_shard(path: str) -> Shard:
    """List an archive."""
    shard = Shard(path)
    try:
        with open(path, "rb") as file:
            _list(shard, file)
    except OSError as error:
        shard.problems.append(Problem(path, f"cannot be read ({error.strerror or 'damaged'})"))
    except (tarfile.TarError, ValueError, EOFError) as error:
        shard.problems.append(Problem(path, f"is no whole tar archive: {error}", "make the archive again"))
    return shard


def label_bytes(path: str, member: Member) -> bytes:
    """The contents of a label member. Raises ValueError for one that is too large, OSError."""
    if member.size > LARGEST_LABEL:
        raise ValueError(f"has {member.size} bytes; at most {LARGEST_LABEL} are read")
    with open(path, "rb") as file:
        file.seek(member.offset)
        return file.read(member.size)


def _list(shard: Shard, file: BinaryIO) -> None:
    seen: set[str] = set()
    for info in _members(shard, file):
        where = f"{shard.path}: {info.name}"
        if leaves(info.name):
            shard.problems.append(Problem(where, "leaves the archive", "names are relative and never go up"))
        elif not (info.isfile() or info.isdir()) or info.issparse():
            shard.problems.append(Problem(where, "is no plain file (a link, a device, a sparse file)"))
        elif info.isfile():
            _put(shard, info, seen, where)


def _put(shard: Shard, info: tarfile.TarInfo, seen: set[str], where: str) -> None:
    name = info.name.removeprefix("./")
    match = _SAMPLE.fullmatch(name)
    if not match or "__MACOSX" in name.split("/") or _META.fullmatch(name):
        shard.ignored["members without a key"] += 1
        return
    key, suffix = match[1], match[2].lower()
    if not shard.groups or shard.groups[-1].key != key:
        if key in seen:
            remedy = "the members of a sample stand one after the other; readers would take it for two"
            shard.problems.append(Problem(where, f"the sample {key!r} began further up", remedy))
        seen.add(key)
        shard.groups.append(Group(key))
    members = shard.groups[-1].members
    if suffix in members:
        shard.problems.append(Problem(where, f"the sample {key!r} has two members .{suffix}"))
    members[suffix] = Member(info.name, suffix, info.offset_data, info.size)


def _members(shard: Shard, file: BinaryIO) -> Iterator[tarfile.TarInfo]:
    """The headers. Raises ValueError where tarfile would end early without a word."""
    with tarfile.open(fileobj=file, mode="r:", encoding="utf-8", errors="surrogateescape") as tar:
        while (info := tar.next()) is not None:
            tar.members = []  # type: ignore[attr-defined] # else all headers stay in memory
            yield info
        end = tar.offset
    file.seek(end)
    if not file.read(1):
        shard.notes.append(f"{shard.path} has no end mark: it may be cut short")
    file.seek(end)
    for block in iter(lambda: file.read(_BLOCK), b""):
        if block.strip(b"\0"):
            raise ValueError(f"damaged, or a second archive, at byte {end}")


def compressed(name: str) -> bool:
    """Whether this is a compressed archive by its name."""
    return bool(re.search(r"\.(?:tar\.(?:gz|bz2|xz|zst|lz4)|tgz|tbz2?|txz)$", name.lower()))
