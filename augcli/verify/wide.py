"""Files that are of no single row: there with their hashes, as the rows make them, and nothing besides."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from augcli import manifest, storage
from augcli.errors import AugmentError, ItemError
from augcli.opened import Opened, leads_out
from augcli.verify.damage import Damage


def hashed(opened: Opened) -> Iterator[Damage]:
    """Dataset-wide files and containers that are missing or changed; the manifest first."""
    for path, sha256 in sorted(opened.wide.items(), key=lambda item: (item[0] != manifest.MANIFEST, item[0])):
        if leads_out(str(opened.output), path):
            yield Damage("link", path, "is a link that leads out of the folder")
            continue
        found = storage.sha256_file(opened.output / path) if (opened.output / path).is_file() else None
        if found != sha256:
            what = "is missing" if found is None else f"is not the one that {manifest.RUN} tells of"
            yield Damage("manifest" if path == manifest.MANIFEST else "wide", path, what)


def remade(opened: Opened, addresses: Mapping[str, str]) -> Iterator[Damage]:
    """Those that are not what the rows make. Call it where rows and outputs are whole."""
    made: dict[str, str] = {}
    try:
        for path, pieces in opened.wide_files(addresses):
            digest = hashlib.sha256()
            for piece in pieces:
                digest.update(piece)
            made[path] = digest.hexdigest()
    except (AugmentError, ItemError) as error:
        yield Damage("wide", manifest.RUN, f"the dataset-wide files cannot be made from the rows ({error})")
        return
    except Exception as error:  # a vocabulary or labels that no run would have written
        what = f"the dataset-wide files cannot be made from the rows ({type(error).__name__})"
        yield Damage("wide", manifest.RUN, what)
        return
    for path in sorted({*made, *opened.wide} - {manifest.MANIFEST}):
        if path not in made:
            yield Damage("wide", path, "stands in run.json, and the rows make no such file")
        elif path not in opened.wide:
            yield Damage("wide", path, "is made by the rows, and run.json tells of no such file")
        elif made[path] != opened.wide[path]:
            yield Damage("wide", path, "is not what the rows make")


def strangers(opened: Opened, owned: Mapping[str, Any]) -> Iterator[Damage]:
    """Files that are neither of a row nor of the run. Names with a leading dot are passed over."""
    known = {manifest.RUN, *opened.wide}
    packed = bool(opened.packs)
    for path, _ in storage.files(opened.output):
        mine = path in known or (not packed and path in owned)
        if not mine and not any(part.startswith(".") for part in path.split("/")):
            yield Damage("stranger", path, "is not of this dataset")
