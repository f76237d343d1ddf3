"""Left and right in names of keypoints: which of them a mirror exchanges."""

from __future__ import annotations

from collections.abc import Collection, Sequence

_SIDES = (("left_", "right_"), ("l_", "r_"), ("_left", "_right"), ("_l", "_r"), ("left", "right"))


def flip_of(names: Sequence[str]) -> tuple[int, ...]:
    """The permutation of keypoints that a mirror makes, by their names; () when nothing changes sides.

    `left_x` and `right_x` change places, as do `x_left`, `l_x`, `x_l` and the like; upper and lower case
    are one. A name without its twin stays.
    """
    places = {name.casefold(): place for place, name in enumerate(names)}
    found = tuple(places.get(_twin(name.casefold(), places), place) for place, name in enumerate(names))
    return found if found != tuple(range(len(names))) else ()


def _twin(name: str, places: Collection[str]) -> str:
    """The name of the other side, where there is one among them; else the name itself."""
    for pair in _SIDES:
        for here, there in (pair, pair[::-1]):
            for twin in (
                there + name[len(here) :] if name.startswith(here) and not here.startswith("_") else "",
                name[: len(name) - len(here)] + there if name.endswith(here) and here[-1] != "_" else "",
            ):
                if twin in places:
                    return twin
    return name
