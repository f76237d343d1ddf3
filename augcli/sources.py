"""The inputs of a finished output folder, found again, so that an output can be made anew.

run.json holds the recipe without its paths: the user says where the dataset is, or gives the recipe's file.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from augcli import environment, formats
from augcli.errors import Problem, UsageError
from augcli.manifest import differences
from augcli.opened import Opened
from augcli.prelude import source_of
from augcli.recipe import Recipe, load, loads
from augcli.replay import Replay, Unlike
from augcli.sample import Entry
from augcli.setting import Setting
from augcli.work import Work

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Sources:
    """The images of the dataset that an output was made of.

    replay   makes outputs again
    entries  (split, key) -> the image as the listing has it, before tiles and held-out splits
    changed  how this environment differs from that of the run; other versions may make other pixels
    """

    replay: Replay
    entries: Mapping[tuple[str, str], Entry]
    changed: tuple[str, ...] = ()

    def find(self, row: Row, key: str) -> Entry:
        """The entry of a key in the split of a row: its source, or one of its partners. Raises `Unlike`."""
        tile = _tiles(row).get(key)
        whole = key.rpartition("#")[0] if tile is not None else key
        entry = self.entries.get((row["split"], whole)) or self.entries.get(("", whole))
        if entry is None:
            raise Unlike(f"its source {row['split']}/{whole} is not among the inputs")
        return dataclasses.replace(entry, split=row["split"], key=key, tile=tile, group=row["group"])


def _tiles(row: Row) -> dict[str, Any]:
    """Key -> the part of the picture it stands for, of all sources of a row that are tiles."""
    found = {row["source"]: tuple(row["tile"])} if "tile" in row else {}
    for partner in row["partners"]:
        found |= _tiles(
            {"source": partner["source"], "partners": partner.get("partners", ()), **_tile(partner)}
        )
    return found


def _tile(partner: Row) -> dict[str, Any]:
    return {"tile": partner["tile"]} if "tile" in partner else {}


def sources(opened: Opened, *, folder: Path | None, recipe: Path | None) -> Sources:
    """List the inputs again.

    folder  the dataset, where all of it lies in one folder
    recipe  the file of the recipe, whose `input` says where the parts are
    Raises `UsageError`.
    """
    places = _places(folder, recipe)
    told = _recipe_of(opened, places)
    source = source_of(told)
    dataset, entries = formats.read(told.input.format, source)
    if dataset.format != opened.dataset.format:
        what = f"is read as {dataset.format}, the output was made of {opened.dataset.format}"
        raise UsageError(Problem(source.path, what, "give the dataset that it was made of"))
    here = environment.describe(opened.format)
    setting = Setting(told, opened.dataset)
    work = Work(setting, str(opened.output), environment.digest(here), opened.format)
    changed = differences(opened.header["environment"], here)
    return Sources(Replay(work), {(entry.split, entry.key): entry for entry in entries}, tuple(changed))


def _places(folder: Path | None, recipe: Path | None) -> dict[str, str]:
    if (folder is None) == (recipe is None):
        what = "one of --input and --recipe is needed, to find the images that it was made of"
        raise UsageError(Problem("", what, "--input DIR for one folder, --recipe FILE for several places"))
    if folder is not None:
        return {"path": str(folder)}
    assert recipe is not None
    given = load(recipe).recipe.input
    named = {name: getattr(given, name) for name in ("path", "images", "annotations", "masks")}
    return {name: place for name, place in named.items() if place}


def _recipe_of(opened: Opened, places: Mapping[str, str]) -> Recipe:
    """The recipe of run.json with the places of its inputs."""
    plain = dict(opened.header["recipe"])
    plain["input"] = {**plain.get("input", {}), **places}
    plain["output"] = {**plain["output"], "path": str(opened.output)}
    try:
        return loads(json.dumps(plain), "run.json").recipe
    except UsageError as error:
        what = f"its recipe is not one that this version reads ({error.problems[0]})"
        raise UsageError(Problem(str(opened.output / "run.json"), what)) from error
