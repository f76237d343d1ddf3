"""Which steps happen for one copy: the rolls of `p` and the choices of groups.

The same function tells the plan which copies need partners and the worker which steps to do.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from augcli.recipe.model import Group, Node, Step, all_steps
from augcli.rng import Stream


def script(
    nodes: Sequence[Node], rng: Stream, copy: int, classes: Collection[str] | None = None
) -> list[Step]:
    """The steps that happen, in order.

    rng      the stream of this copy; every roll has a child stream named by the step and its purpose
    copy     the copy's number, from 1; `each_of` follows it
    classes  the entry's class names, for `only`; None takes every `only` as met
    """
    happening: list[Step] = []
    for node in nodes:
        if node.only and classes is not None and not set(node.only) & set(classes):
            continue
        if node.p < 1.0 and rng.child(node.id, "p").unit() >= node.p:
            continue
        if isinstance(node, Step):
            happening.append(node)
        else:
            happening += script(_chosen(node, rng, copy), rng, copy, classes)
    return happening


def _chosen(group: Group, rng: Stream, copy: int) -> Sequence[Node]:
    if group.kind == "sequence":
        return group.of
    if group.kind == "each_of":
        return (group.of[(copy - 1) % len(group.of)],)
    weights = [child.weight for child in group.of]
    if group.kind == "one_of":
        return (group.of[rng.child(group.id, "choice").weighted(weights)],)
    assert group.n is not None  # the parser gives some_of its n
    n = int(group.n.at(rng.child(group.id, "n").unit()))
    # Weighted sampling without replacement by exponential keys (Efraimidis and Spirakis 2006): each child
    # has a number of its own, so the keys of the others stay when one is added.
    keys = [rng.child(group.id, "choice", child.id).unit() ** (1.0 / child.weight) for child in group.of]
    taken = sorted(range(len(keys)), key=lambda index: -keys[index])[:n]
    return [group.of[index] for index in sorted(taken)]


def steps_before(nodes: Sequence[Node], step_id: str) -> list[Node]:
    """The nodes that a partner passes through: those listed before the step of this id.

    Of a sequence that holds the step, those before it inside count too; of any other group nothing does,
    because its children are alternatives. All nodes when there is no such step.
    """
    before: list[Node] = []
    for node in nodes:
        if node.id == step_id:
            return before
        if isinstance(node, Group) and any(step.id == step_id for step in all_steps(node.of)):
            branch = node.of if node.kind == "sequence" else [_holder(node.of, step_id)]
            return before + steps_before(branch, step_id)
        before.append(node)
    return before


def _holder(nodes: Sequence[Node], step_id: str) -> Node:
    """The node that is the step of this id, or holds it."""
    return next(node for node in nodes if any(step.id == step_id for step in all_steps([node])))
