"""Plain data -> `Recipe`, with every problem at once."""

from __future__ import annotations

from collections.abc import Sequence

from augcli.errors import Problem, UsageError
from augcli.params import shown
from augcli.recipe.document import Document, Mark
from augcli.recipe.model import VERSION, Recipe
from augcli.recipe.places import Place, places
from augcli.recipe.sections import BAD, Reader
from augcli.recipe.shape import RECIPE
from augcli.recipe.steps import MAX_STEPS


def parse(document: Document, found: Sequence[tuple[Mark, Problem]] = ()) -> Recipe:
    """The recipe of a document. `found` are problems noted before.

    Raises `UsageError` with every problem, in the order of their places.
    """
    known = places(document.data)
    reader = Reader(document, {place.path: place.id for place in known})
    version = document.data.get("augment")
    if isinstance(version, int) and not isinstance(version, bool) and version != VERSION:
        # Another version has other keys: what else seems wrong would only mislead.
        what = f"this release reads recipe version {VERSION}, got {shown(version)}"
        reader.wrong(("augment",), what, f"install the release that reads it, or write `augment: {VERSION}`")
        raise UsageError(problem for _, problem in reader.found)
    if len(known) > MAX_STEPS:
        reader.wrong((), f"{len(known):,} steps are more than {MAX_STEPS:,}")
        raise UsageError(problem for _, problem in reader.found)
    recipe = RECIPE.read(document.data, (), reader)
    _clashes(known, reader)
    unread = {mark for mark, _ in found}  # what could not be read is empty here, which is no second mistake
    later = [(mark, problem) for mark, problem in reader.found if mark not in unread]
    everything = sorted([*found, *later], key=lambda pair: pair[0])
    if everything:
        raise UsageError(dict.fromkeys(problem for _, problem in everything))
    assert recipe is not BAD  # BAD is given only where a problem was noted
    assert isinstance(recipe, Recipe)
    return recipe


def _clashes(known: Sequence[Place], reader: Reader) -> None:
    """Note the ids that are given twice, and those that `--set` would take for a key of the recipe."""
    top = {key.name for key in RECIPE.keys}
    first: dict[str, Place] = {}
    for place in sorted(known, key=lambda place: place.named):
        at = (*place.path, place.name, "id")
        other = first.setdefault(place.id, place)
        if other is not place:
            line = reader.document.key_mark(other.path).where.split(" ")[0]
            what = f"the id {place.id!r} is taken by the step at {line}"
            reader.wrong(
                at, what, "choose another" if other.named else "choose another, or name that one too"
            )
        elif place.named and place.id in top:
            reader.wrong(at, f"the id {place.id!r} is the name of a key of the recipe", "choose another")
