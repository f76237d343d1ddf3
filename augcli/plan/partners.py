"""Whom a mixing step combines an image with: candidates of the same split, drawn by the copy's own streams.

Streams: (seed, split, key, copy) is the copy's; below it (step id, "slot", slot) is the partner's, which
decides the steps that the partner passes through, and (step id, "slot", slot, "partner") draws the
candidates. Only the candidates depend on which other images there are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from augcli.errors import Problem, number_of
from augcli.ops.base import Mix
from augcli.recipe.model import Node, Recipe, Step, all_steps
from augcli.recipe.script import script, steps_before
from augcli.rng import Stream, stream
from augcli.sample import Entry, Partner

CANDIDATES = 4
"""How many candidates a slot has."""

LEVELS = 2
"""A partner's partners are mixed in, their partners are not."""


@dataclass(frozen=True)
class Pool:
    """The usable images of one split, ordered so that images of one kind stand together.

    spans   kind (class or group) -> [begin, end) of its members
    """

    members: list[Entry]
    places: dict[str, int]
    spans: dict[str | None, tuple[int, int]]


def _pool(members: Iterable[Entry], kind: str) -> Pool:
    """The pool ordered by `kind`: label, group, or nothing (all are of the kind None)."""
    key = {"label": lambda entry: entry.label, "group": lambda entry: entry.group}.get(kind)
    kinds: dict[str | None, list[Entry]] = {}
    for entry in members:
        kinds.setdefault(key(entry) if key else None, []).append(entry)
    ordered: list[Entry] = []
    spans: dict[str | None, tuple[int, int]] = {}
    for name in sorted(kinds, key=lambda name: (name is not None, name or "")):
        spans[name] = len(ordered), len(ordered) + len(kinds[name])
        ordered += kinds[name]
    return Pool(ordered, {entry.key: place for place, entry in enumerate(ordered)}, spans)


_ORDER = {"any": "", "same_class": "label", "other_class": "label", "same_group": "group"}


def rule(step: Step) -> str:
    """any, same_class, other_class or same_group: what the step's `partner` says."""
    value = getattr(step.op, "partner", None)
    return str(getattr(value, "value", value) or "any")


@dataclass(frozen=True)
class Matchmaker:
    """Finds partners. `splits` holds the usable training images of each split, sorted."""

    recipe: Recipe
    splits: Mapping[str, Sequence[Entry]]
    _pools: dict[tuple[str, str], Pool] = field(default_factory=dict, compare=False)
    _before: dict[str, list[Node]] = field(default_factory=dict, compare=False)

    def partners(self, entry: Entry, number: int) -> dict[str, tuple[Partner, ...]]:
        """Step id -> one partner per slot, for the mixing steps that happen for copy `number`.

        A step without enough candidates is left out: it does not happen.
        """
        nodes = _mixing(self.recipe.steps)
        if not nodes or entry.error is not None:
            return {}
        rng = stream(self.recipe.seed, entry.split, entry.key, number)
        classes = entry.categories
        return self._found(nodes, rng, number, [entry], classes, 1)

    def _found(
        self,
        nodes: Sequence[Node],
        rng: Stream,
        number: int,
        hosts: Sequence[Entry],
        classes: Collection[str] | None,
        level: int,
    ) -> dict[str, tuple[Partner, ...]]:
        """`hosts` are those of whom one will be the host; none of them becomes its own partner."""
        found = {}
        for step in script(nodes, rng, number, classes):
            if isinstance(step.op, Mix):
                slots = [self._slot(step, slot, rng, number, hosts, level) for slot in range(step.op.slots)]
                if all(partner.candidates for partner in slots):
                    found[step.id] = tuple(slots)
        return found

    def _slot(
        self, step: Step, slot: int, rng: Stream, number: int, hosts: Sequence[Entry], level: int
    ) -> Partner:
        candidates = self.candidates(rule(step), hosts, rng.child(step.id, "slot", slot, "partner"))
        nested: dict[str, tuple[Partner, ...]] = {}
        before = self._mixing_before(step)
        if before and candidates and level < LEVELS:
            own = rng.child(step.id, "slot", slot)
            nested = self._found(before, own, number, candidates, None, level + 1)
        return Partner(candidates, nested)

    def candidates(self, partner: str, hosts: Sequence[Entry], rng: Stream) -> tuple[Entry, ...]:
        """Up to four different images that the rule allows beside the first host; never one of `hosts`."""
        host = hosts[0]
        pool = self.pool(host.split, partner)
        begin, end, gap_begin, gap_end = _range(pool, partner, host)
        width = gap_end - gap_begin
        count = end - begin - width
        picks = rng.sample(count, min(count, CANDIDATES + len(hosts) - 1))
        places = (begin + pick if begin + pick < gap_begin else begin + pick + width for pick in picks)
        taken = {entry.key for entry in hosts}
        allowed = (pool.members[place] for place in places if pool.members[place].key not in taken)
        return tuple(allowed)[:CANDIDATES]

    def pool(self, split: str, partner: str) -> Pool:
        """The split's images in the order that the rule needs; made once."""
        key = split, _ORDER[partner]
        if key not in self._pools:
            self._pools[key] = _pool(self.splits.get(split, ()), _ORDER[partner])
        return self._pools[key]

    def _mixing_before(self, step: Step) -> list[Node]:
        if step.id not in self._before:
            self._before[step.id] = _mixing(steps_before(self.recipe.steps, step.id))
        return self._before[step.id]


def _range(pool: Pool, partner: str, host: Entry) -> tuple[int, int, int, int]:
    """[begin, end) of the pool that the rule allows, and the gap [begin, end) inside it that it does not."""
    size = len(pool.members)
    place = pool.places.get(host.key, size)
    own = place, min(place + 1, size)
    if partner == "any":
        return 0, size, *own
    if partner == "other_class":
        return 0, size, *pool.spans.get(host.label, (size, size))
    kind = host.label if partner == "same_class" else host.group
    begin, end = pool.spans.get(kind, (0, 0)) if kind is not None else (0, 0)
    return begin, end, *(own if begin <= place < end else (end, end))


def _mixing(nodes: Sequence[Node]) -> list[Node]:
    """The nodes that mix, or hold one that does; the others' rolls decide nothing about partners."""
    return [node for node in nodes if any(isinstance(step.op, Mix) for step in all_steps([node]))]


def partner_problems(matchmaker: Matchmaker, hosts: Sequence[Entry]) -> tuple[list[Problem], list[str]]:
    """Mixing steps that cannot find anyone: a problem where any image would do, else a note."""
    problems, notes = [], []
    for step in all_steps(matchmaker.recipe.steps):
        if not isinstance(step.op, Mix):
            continue
        partner = rule(step)
        alone = [host for host in hosts if not _choices(matchmaker, partner, host)]
        if alone and partner == "any":
            what = f"no other usable training image to mix {alone[0].id!r} with"
            remedy = "add images or remove the step"
            problems.append(Problem(f"steps.{step.id}", what, remedy, key=(step.id,)))
        elif alone:
            notes.append(
                f"step {step.id} does not happen for "
                f"{number_of(len(alone), 'image, which has', 'images, which have')} "
                f"no partner of {partner}: {alone[0].id}" + ", ..." * (len(alone) > 1)
            )
    return problems, notes


def _choices(matchmaker: Matchmaker, partner: str, host: Entry) -> int:
    begin, end, gap_begin, gap_end = _range(matchmaker.pool(host.split, partner), partner, host)
    return end - begin - (gap_end - gap_begin)
