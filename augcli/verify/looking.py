"""A look at the files of one row: are they there, whole, and what the row says. Runs in a worker."""

from __future__ import annotations

import hashlib
import stat
from dataclasses import dataclass
from pathlib import Path

from augcli.errors import ItemError
from augcli.images import decode, read
from augcli.images.masks import read_mask
from augcli.images.measuring import measure
from augcli.opened import Row, leads_out
from augcli.sample import Dataset, Entry
from augcli.verify.agreement import disagreement
from augcli.verify.damage import Damage

_PIXELS = {"mask", "instances"}


@dataclass(frozen=True, slots=True)
class Item:
    """A row to be looked at.

    packed  path of each of its files -> its address in a container; () where the files lie in the folder
    entry   the image as the format's own reader lists it again; None where it does not
    listed  the reader was asked
    """

    row: Row
    packed: tuple[tuple[str, str | None], ...] = ()
    entry: Entry | None = None
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows. `cost`: their pixels."""

    items: tuple[Item, ...]
    cost: float


@dataclass(frozen=True)
class Looking:
    """What to do with a batch.

    output   the folder
    quick    look at names, sizes and headers alone; hash nothing, decode nothing
    dataset  the vocabulary as the format's own reader found it; None where labels are not compared
    """

    output: str
    quick: bool
    dataset: Dataset | None = None

    def __call__(self, batch: Batch) -> list[Damage]:
        """All that is wrong with its rows."""
        return [damage for item in batch.items for damage in self._look(item)]

    def _look(self, item: Item) -> list[Damage]:
        row, packed = item.row, dict(item.packed)
        found: list[Damage] = []
        for file in row["files"]:
            wrong = self._file(row, file, packed)
            if wrong is not None:
                found.append(wrong)
        if not found and item.listed and self.dataset is not None:
            what = "is not found by a reader of its format"
            if item.entry is not None:
                what = disagreement(row, item.entry, self.dataset)
            if what:
                found.append(Damage("labels", str(row["files"][-1]["path"]), what))
        return found

    def _file(self, row: Row, file: Row, packed: dict[str, str | None]) -> Damage | None:
        path, address = file["path"], str(Path(self.output, file["path"]))
        if packed:
            if packed[path] is None:
                return Damage("missing", path, "is in none of the containers")
            address = str(packed[path])
        elif (wrong := self._there(file, address)) is not None:
            return wrong
        if self.quick:
            return self._measured(row, file, address)
        try:
            data = read(address)
        except ItemError as error:
            if error.code != "empty":
                return Damage("unreadable", path, error.text)
            data = b""  # as label files without an object are
        if (sha256 := hashlib.sha256(data).hexdigest()) != file["sha256"]:
            what = f"has the SHA-256 {sha256[:16]}..., its row says {file['sha256'][:16]}..."
            return Damage("changed", path, what)
        return self._decoded(row, file, data)

    def _there(self, file: Row, address: str) -> Damage | None:
        path = file["path"]
        if leads_out(self.output, path):
            return Damage("link", path, "is a link that leads out of the folder")
        try:
            found = Path(address).stat()
        except OSError as error:
            gone = isinstance(error, FileNotFoundError | NotADirectoryError)
            what = "is missing" if gone else f"cannot be read ({error.strerror})"
            return Damage("missing" if gone else "unreadable", path, what)
        if not stat.S_ISREG(found.st_mode):
            return Damage("unreadable", path, "is no regular file")
        if self.quick and found.st_size != file["bytes"]:
            return Damage("changed", path, f"has {found.st_size} bytes, its row says {file['bytes']}")
        return None

    def _measured(self, row: Row, file: Row, address: str) -> Damage | None:
        if file["kind"] != "image" and file["kind"] not in _PIXELS:
            return None
        found = measure(address)
        if found is None:
            return Damage("unreadable", file["path"], "is no image by its header")
        return self._fitting(row, file, found.size)

    def _decoded(self, row: Row, file: Row, data: bytes) -> Damage | None:
        limit = row["size"][0] * row["size"][1] * 2e-6 + 1e-6  # a limit lets 4 bytes a pixel in, RGBA16 has 8
        try:
            if file["kind"] == "image":
                image = decode(data, max_megapixels=limit).image
            elif file["kind"] in _PIXELS:
                image, _ = read_mask(data, max_megapixels=limit)
            else:
                return None
        except ItemError as error:
            return Damage("unreadable", file["path"], error.text)
        return self._fitting(row, file, (image.shape[1], image.shape[0]))

    def _fitting(self, row: Row, file: Row, size: tuple[int, int]) -> Damage | None:
        if list(size) == row["size"]:
            return None
        what = f"has {size[0]} x {size[1]} pixels, its row says {row['size'][0]} x {row['size'][1]}"
        return Damage("size", file["path"], what)
