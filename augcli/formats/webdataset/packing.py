"""Staged outputs become tar shards, `train-000000.tar` and so on: the same bytes for the same samples.

Samples stand in the order of the manifest. Headers hold no time, no owner; a name that ustar cannot hold has
a PAX header. A shard is full at so many samples or bytes.
"""

from __future__ import annotations

import json
import re
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from augcli.errors import Problem, UsageError
from augcli.formats.sealed import values_of
from augcli.formats.webdataset.shards import read_shard
from augcli.images.members import tar_member
from augcli.sample import Dataset

MAX_SAMPLES = 10_000
MAX_BYTES = 1 << 30

_SHARD = re.compile(r"(?:(.+)-)?\d{6}\.tar", re.DOTALL)
_MODE = 0o644

Read = Callable[[str], bytes]
Member = tuple[str, bytes]


def pack(
    dataset: Dataset,
    rows: Iterable[Mapping[str, Any]],
    mixes: bool,
    read: Read,
    *,
    max_samples: int = MAX_SAMPLES,
    max_bytes: int = MAX_BYTES,
) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield (path below the output folder, its bytes in pieces) of each shard.

    rows   of the manifest, sorted; read once, as the pieces are asked for, so each shard is to be consumed
           before the next is asked for
    read   gives the bytes of the image that a row names (`row["output"]`)
    """
    good = (row for row in rows if row["status"] == "ok")
    order = class_order(dataset)
    for split, group in groupby(good, key=lambda row: str(row["split"])):
        samples = _Ahead(_once(_members(dataset, row, mixes, read, order) for row in group))
        number = 0
        while samples.next is not None:
            yield _name(split, number), _shard(samples, max_samples, max_bytes)
            number += 1


def _once(samples: Iterable[list[Member]]) -> Iterator[list[Member]]:
    """The samples. Raises `UsageError` for two of one key, which readers would take for one."""
    keys: set[str] = set()
    for members in samples:
        name = members[0][0]
        key = name[: -len(Path(name).suffix)]
        if key in keys:
            what = f"is the second output with the key {key!r}"
            raise UsageError(Problem(name, what, "rename one of their sources"))
        keys.add(key)
        yield members


def class_order(dataset: Dataset) -> list[str]:
    """Class names by number: those of the source's list first, then others; [] where numbers are names."""
    if dataset.numeric:
        return []
    return list(dict.fromkeys((*dataset.info.get("class_order", ()), *dataset.classes)))


def held(output: Path) -> dict[str, str]:
    """What the shards of an output folder hold: path of an output as rows name it -> address of its bytes."""
    found = {}
    for file in sorted(output.glob("*.tar")):
        match = _SHARD.fullmatch(file.name)
        for group in read_shard(str(file)).groups if match else ():
            for member in group.members.values():
                path = f"{match[1]}/{member.name}" if match and match[1] else member.name
                found[path] = tar_member(str(file), member.offset, member.size)
    return found


def _name(split: str, number: int) -> str:
    return f"{split}-{number:06d}.tar" if split else f"{number:06d}.tar"


@dataclass
class _Ahead:
    """Samples, the next of them in sight."""

    samples: Iterator[list[Member]]
    next: list[Member] | None = None

    def __post_init__(self) -> None:
        self.pull()

    def pull(self) -> list[Member] | None:
        """Take the next sample."""
        taken, self.next = self.next, next(self.samples, None)
        return taken


def _members(
    dataset: Dataset, row: Mapping[str, Any], mixes: bool, read: Read, order: list[str]
) -> list[Member]:
    """(name, bytes) of the members of one sample."""
    split, output, label = row["split"], row["output"], row["labels"]["label"]
    name = output[len(split) + 1 :] if split else output
    key = name[: -len(Path(name).suffix)]
    members = [(name, read(output))]
    if label is not None:
        members.append((f"{key}.cls", str(label if dataset.numeric else order.index(label)).encode()))
    columns = values_of(dataset, row, mixes or dataset.soft)
    text = columns.pop("txt", None)
    if set(columns) - {"label"} or (text is not None and not isinstance(text, str)):
        columns |= {} if isinstance(text, str | None) else {"txt": text}
        members.append((f"{key}.json", json.dumps(columns, allow_nan=False).encode("ascii")))
    if isinstance(text, str):
        members.append((f"{key}.txt", text.encode()))
    return members


def _shard(samples: _Ahead, max_samples: int, max_bytes: int) -> Iterator[bytes]:
    count = size = 0
    while samples.next is not None and count < max_samples:
        pieces = [piece for member in samples.next for piece in _entry(*member)]
        more = sum(map(len, pieces))
        if count and size + more > max_bytes:
            break
        samples.pull()
        yield from pieces
        count, size = count + 1, size + more
    end = 2 * tarfile.BLOCKSIZE
    yield bytes(end + -(size + end) % tarfile.RECORDSIZE)


def _entry(name: str, data: bytes) -> tuple[bytes, bytes, bytes]:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(data), _MODE
    header = info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")
    return header, data, bytes(-len(data) % tarfile.BLOCKSIZE)
