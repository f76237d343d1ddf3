"""How often each step of a recipe should fire, from the recipe in its normal form (`recipe.identity`).

Within one copy the steps of a group are tied to each other; between copies every roll is independent, so the
number of copies in which a step fires is binomial wherever its probability is the same for all of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST_CHILDREN = 12
"""Children of a weighted `some_of` up to which the chance of each is found: it takes 2^n steps."""

Plain = Mapping[str, Any]


@dataclass(frozen=True)
class Expected:
    """One step of a recipe.

    id, op     as in rows
    p          probability in the copies it is meant for; None where it was not worked out
    turns      ((number, modulus), ...): it is meant for copies with (copy - 1) mod modulus = number
    only       ((class names), ...): and for sources with a class of each of these
    """

    id: str
    op: str
    p: float | None = 1.0
    turns: tuple[tuple[int, int], ...] = ()
    only: tuple[frozenset[str], ...] = ()

    def meant_for(self, copy: int, classes: frozenset[str] | None) -> bool | None:
        """Whether the step is meant for this copy; None when that hangs on classes that are not known."""
        if any((copy - 1) % modulus != number for number, modulus in self.turns):
            return False
        if self.only and classes is None:
            return None
        return all(classes is not None and names & classes for names in self.only)


def expected(steps: Sequence[Plain]) -> list[Expected]:
    """Every step of `steps`, groups opened, in listed order. Raises ValueError for what is no normal form."""
    try:
        return [found for node in steps for found in _opened(node, Expected("", ""))]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("steps: not as a run writes them") from error


def _opened(node: Plain, above: Expected, share: float | None = 1.0) -> Iterator[Expected]:
    ((kind, inside),) = node.items()
    p = None if above.p is None or share is None else above.p * share * float(inside["p"])
    only = above.only
    if "only" in inside:
        only = (*only, frozenset(inside["only"]["classes"]))
    here = Expected(str(inside["id"]), str(kind), p, above.turns, only)
    children = inside.get("of")
    if children is None:
        yield here
        return
    for number, (child, chance) in enumerate(zip(children, _shares(kind, inside, children), strict=True)):
        turns = (*here.turns, (number, len(children))) if kind == "each_of" else here.turns
        yield from _opened(child, Expected("", "", here.p, turns, only), chance)


def _shares(kind: str, inside: Plain, children: Sequence[Plain]) -> list[float | None]:
    """The probability that each child of a group is taken."""
    if kind in ("sequence", "each_of"):
        return [1.0] * len(children)
    weights = [float(next(iter(child.values()))["weight"]) for child in children]
    if kind == "one_of":
        return [weight / math.fsum(weights) for weight in weights]
    return _inclusion(weights, _counts(inside["n"], len(children)))


def _counts(n: Any, most: int) -> list[float] | None:
    """P(n = k) for k = 0 ... most; None for a distribution that is not worked out."""
    found = [0.0] * (most + 1)
    values: list[int]
    if isinstance(n, (int, float)):
        values = [int(n)]
    elif isinstance(n, list) and len(n) == 2:
        values = list(range(int(n[0]), int(n[1]) + 1))
    elif isinstance(n, dict) and set(n) == {"choice"}:
        values = [int(value) for value in n["choice"]]
    else:
        return None
    for value in values:
        found[min(max(value, 0), most)] += 1.0 / len(values)
    return found


def _inclusion(weights: Sequence[float], counts: Sequence[float] | None) -> list[float | None]:
    """The probability that each item is among n drawn one after the other without replacement, by weight.

    What `recipe.script` does with exponential keys is this (Efraimidis and Spirakis 2006). The probability of
    each set of items to be the first ones is summed over the item that came last.
    """
    size = len(weights)
    if counts is None:
        return [None] * size
    if len(set(weights)) == 1:
        mean = math.fsum(k * share for k, share in enumerate(counts))
        return [mean / size] * size
    if size > MOST_CHILDREN:
        return [None] * size
    total = math.fsum(weights)
    first = [0.0] * (1 << size)
    first[0] = 1.0
    found = [0.0] * size
    for taken in range(1 << size):
        inside = [item for item in range(size) if taken >> item & 1]
        left = total - math.fsum(weights[item] for item in inside)
        for item in inside:
            found[item] += first[taken] * counts[len(inside)]
        for item in range(size):
            if not taken >> item & 1 and left > 0.0:
                first[taken | 1 << item] += first[taken] * weights[item] / left
    return list(found)
