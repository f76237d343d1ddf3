"""What is allowed and yet probably not meant: the warnings of `check`. Needs no data."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from augcli.errors import Problem
from augcli.ops.base import Mix
from augcli.params import Fixed, varies
from augcli.recipe.model import Copies, Group, Node, Recipe, Step, all_steps
from augcli.recipe.steps import always_random

_DESTROYING = (
    ("gaussian_noise", "std", "above", 0.3),
    ("laplace_noise", "std", "above", 0.3),
    ("salt_pepper", "amount", "above", 0.3),
    ("speckle", "std", "above", 0.6),
    ("pixel_dropout", "amount", "above", 0.5),
    ("jpeg", "quality", "below", 5.0),
)
"""(op, parameter, side, limit): beyond it little of a photograph can be recognised."""

Where = Mapping[str, str]


def advice(recipe: Recipe, where: Where | None = None, named: Collection[str] = ()) -> tuple[Problem, ...]:
    """The warnings of a valid recipe.

    where   step id, or key of the recipe -> `file:line:column`; warnings bear the id or key itself where
            this does not know it
    named   ids that the recipe writes itself
    """
    places = where or {}
    return (
        *_copies(recipe, places),
        *(warning for node in _certain(recipe.steps) for warning in _in_every_copy(node, places)),
        *_never(recipe.steps, places),
        *_unnamed(recipe.steps, places, named),
        *_destroying(recipe, places),
    )


def _at(node: Node, places: Where) -> str:
    return places.get(node.id, node.id)


def most_copies(copies: Copies) -> int:
    """The most copies that one source can get."""
    if copies.kind in ("number", "classes"):
        return max([copies.count, *(count for _, count in copies.classes)])
    return copies.at_most


def node_varies(node: Node) -> bool:
    """Whether two copies can differ by this step or group."""
    if node.p == 0.0:
        return False
    if node.p < 1.0:
        return True
    if isinstance(node, Step):
        return isinstance(node.op, Mix) or always_random(node.op)
    several = len(node.of) > 1
    chooses = node.kind in ("one_of", "each_of") and several
    counts = node.n is not None and (varies(node.n) or min(node.n.support()) < len(node.of))
    return chooses or counts or any(map(node_varies, node.of))


def _copies(recipe: Recipe, places: Where) -> Iterator[Problem]:
    most = most_copies(recipe.copies)
    if not recipe.steps and most > 0:
        yield Problem(
            "steps", "there are none, so every copy equals its original", "add steps, or `copies: 0`"
        )
    elif most > 1 and not any(map(node_varies, recipe.steps)):
        remedy = "give a range such as `[low, high]` or `p: 0.5`, or `copies: 1`"
        yield Problem(
            places.get("steps", "steps"), "nothing varies, so all copies of an image are identical", remedy
        )


def _certain(nodes: Sequence[Node]) -> Iterator[Step]:
    """The steps that happen in every copy."""
    for node in nodes:
        if node.p < 1.0 or node.only:
            continue
        if isinstance(node, Step):
            yield node
        elif node.kind == "sequence" or len(node.of) == 1:
            yield from _certain(node.of)


def _in_every_copy(step: Step, places: Where) -> Iterator[Problem]:
    op = step.op
    if op.name == "flip" and not always_random(op):
        yield Problem(_at(step, places), "every copy is mirrored", "`p: 0.5` mirrors half of them")
    degrees = getattr(op, "degrees", None)
    if op.name == "rotate" and isinstance(degrees, Fixed) and degrees.value % 360:
        turn = abs(degrees.value)
        what = f"every copy is turned by exactly {degrees.value:g} degrees"
        yield Problem(_at(step, places), what, f"`degrees: [-{turn:g}, {turn:g}]` draws an angle for each")


def _never(nodes: Sequence[Node], places: Where) -> Iterator[Problem]:
    for node in nodes:
        if node.p == 0.0:
            yield Problem(_at(node, places), "never happens (p: 0)", "raise p, or remove the step")
        elif isinstance(node, Group):
            yield from _never(node.of, places)


def _unnamed(nodes: Sequence[Node], places: Where, named: Collection[str]) -> Iterator[Problem]:
    for node in nodes:
        name = node.op.name if isinstance(node, Step) else node.kind
        if node.id not in named and node.id.startswith(f"{name}_") and node.id[len(name) + 1 :].isdigit():
            what = f"{name} repeats and is called {node.id}, by its position among the {name} steps"
            remedy = f"`id: a-name` keeps its random numbers when another {name} is added or removed"
            yield Problem(_at(node, places), what, remedy)
        if isinstance(node, Group):
            yield from _unnamed(node.of, places, named)


def _destroying(recipe: Recipe, places: Where) -> Iterator[Problem]:
    for step in all_steps(recipe.steps):
        for name, parameter, side, limit in _DESTROYING:
            value = getattr(step.op, parameter, None) if step.op.name == name else None
            if value is None:
                continue
            ends = value.support()
            worst = max(ends) if side == "above" else min(ends)
            if worst > limit if side == "above" else worst < limit:
                what = f"{parameter} {worst:g} leaves little of a photograph"
                yield Problem(_at(step, places), what, f"values {side} {limit:g} are for stress tests")
