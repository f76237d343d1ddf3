"""The value of every flag, from what the rows and the pixels tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from augcli.plan import is_training
from augcli.report.comparing import Compared
from augcli.report.counting import NO_CLASS
from augcli.report.flags import Value
from augcli.report.gathering import Facts
from augcli.report.histogram import Histogram
from augcli.report.looking import Looked
from augcli.report.shortcuts import spread, told_by_kind

LEAST = 10
"""Images that a class must have, and its others, before shares of it are compared."""

GAINED = 0.1
"""What a measure must gain over the originals, in area under the curve, to be of the recipe's making."""

SHOWN = 12
"""Outputs that a flag points to."""

EDGE = 0.95
"""One copy in twenty is beyond it."""


def values(facts: Facts, compared: Compared, looked: Looked) -> dict[str, Value]:
    """Flag -> value, of all that could be measured."""
    found = {**_of_rows(facts), **_of_pixels(facts, compared, looked), **_of_classes(facts)}
    shortcut = _shortcut(compared)
    if shortcut is not None:
        found["shortcut"] = shortcut
    return found


def _of_rows(facts: Facts) -> dict[str, Value]:
    counting, firing, labelling = facts.counting, facts.firing, facts.labelling
    found: dict[str, Value] = {}
    if counting.rows:
        worst = max(counting.failures.items(), key=lambda item: item[1].count, default=None)
        detail = f"{counting.failed} of {counting.rows}" + (f", most of them {worst[0]}" if worst else "")
        found["failed"] = Value(counting.failed / counting.rows, detail)
    if not counting.made:
        return found
    tested = [(p, id_) for id_, fired in firing.steps.items() if (p := fired.probability) is not None]
    if tested:
        p, id_ = min(tested)
        fired = firing.steps[id_]
        detail = f"{id_} fired {fired.fired} times in {fired.trials} at p = {fired.expected.p:.3g}"
        found["implausible"] = Value(p, detail)
    aliens = Counter(firing.strange) + Counter({id_: each.alien for id_, each in firing.steps.items()})
    found["strange_steps"] = Value(sum(aliens.values()), ", ".join(list(aliens)[:5]))
    repeated = facts.twins.repeated()
    found["repeated"] = Value(repeated / counting.made, f"{repeated} of {counting.made} copies")
    if labelling.after.images and (labelling.before.count or labelling.after.count):
        after, lost = labelling.after, sum(labelling.dropped.values())
        if after.count:
            found["hidden_objects"] = Value(after.hardly / after.count, f"{after.hardly} of {after.count}")
        total = after.count + lost
        if total:
            reasons = ", ".join(f"{count} {reason}" for reason, count in labelling.dropped.most_common())
            found["dropped_objects"] = Value(
                lost / total, f"{lost} of {total}" + (f": {reasons}" * bool(lost))
            )
        found["emptied"] = Value(labelling.emptied / after.images, f"{labelling.emptied} of {after.images}")
    return found


def _of_pixels(facts: Facts, compared: Compared, looked: Looked) -> dict[str, Value]:
    found: dict[str, Value] = {}
    sampled = len(looked.looks)
    if not sampled:
        return found
    blanks = len(compared.blanks)
    for name in ("blank", "blank_many"):
        found[name] = Value(blanks / sampled, f"{blanks} of {sampled}", tuple(compared.blanks[:SHOWN]))
    missing = sum(compared.unseen.values())
    detail = ", ".join(f"{count} {code}" for code, count in compared.unseen.most_common(3))
    found["unseen"] = Value(missing / sampled, detail)
    exact, _ = facts.twins.leaked()
    leaks = len(compared.leaked)
    found["leak"] = Value(
        max(exact, leaks),
        f"{exact} identical source files, {leaks} nearly identical pairs",
        _ends(compared.leaked),
    )
    found["cross_class"] = Value(len(compared.crossed), _crossed(compared, looked), _ends(compared.crossed))
    copies = compared.after.count
    if copies:
        siblings = len(compared.near_sibling)
        found["near_sibling"] = Value(
            siblings / copies, f"{siblings} of {copies}", tuple(compared.near_sibling[:SHOWN])
        )
    if compared.held:
        near = len(compared.near_source)
        found["near_source"] = Value(
            near / compared.held, f"{near} of {compared.held}", tuple(compared.near_source[:SHOWN])
        )
        gained = max(0.0, compared.clipping.quantile(EDGE))
        found["clipped"] = Value(gained, shown=_most(looked, "clipping", gained))
        if compared.fill.count:
            filled = compared.fill.quantile(EDGE)
            found["fill"] = Value(filled, shown=_most(looked, "fill", filled))
    if compared.area.count:
        area = compared.area.quantile(0.5)
        found["size"] = Value(max(area, 1.0 / area), f"{area:.2f} times the pixels")
        found["aspect"] = Value(_outer(compared.aspect))
    return found


def _most(looked: Looked, name: str, least: float) -> tuple[int, ...]:
    """The outputs that have most of a measure against their source, at least this much."""
    having = [
        (-value, look.number)
        for look in looked.looks
        if (value := getattr(look, name)) is not None and value >= least > 0.0
    ]
    return tuple(number for _, number in sorted(having)[:SHOWN])


def _outer(ratios: Histogram) -> float:
    """The ratio, at least 1, that one in twenty is beyond on one of both sides."""
    low, high = ratios.quantile(1.0 - EDGE), ratios.quantile(EDGE)
    return max(high, 1.0 / low) if low > 0.0 else high


def _ends(pairs: list[tuple[int, int]]) -> tuple[int, ...]:
    return tuple(number for pair in pairs[: SHOWN // 2] for number in pair)


def _crossed(compared: Compared, looked: Looked) -> str:
    kinds = Counter(
        tuple(sorted((looked.metas[one].label or "no class", looked.metas[other].label or "no class")))
        for one, other in compared.crossed
    )
    return ", ".join(f"{count} of {' and '.join(pair)}" for pair, count in kinds.most_common(3))


def _of_classes(facts: Facts) -> dict[str, Value]:
    counting, labelling = facts.counting, facts.labelling
    found: dict[str, Value] = {}
    originals: Mapping[str, int] = counting.originals
    copies: Mapping[str, int] = counting.copies
    if not any(name != NO_CLASS for name in {*originals, *copies}) and labelling.after.categories:
        originals, copies = labelling.before.containing, labelling.after.containing
    if counting.made:
        shares = {
            name: copies.get(name, 0) / total
            for name in sorted({*originals, *copies})
            if name != NO_CLASS and (total := originals.get(name, 0) + copies.get(name, 0)) >= LEAST
        }
        difference, low, high = spread(shares)
        if len(shares) > 1:
            detail = f"{high} {100 * shares[high]:.0f} %, {low} {100 * shares[low]:.0f} %"
            found["augmented_by_class"] = Value(difference, detail)
    named = {name for name in counting.formats if name != NO_CLASS}
    if len(named) > 1:
        for flag, kinds in (("format_by_class", counting.formats), ("size_by_class", counting.sizes)):
            share, name, kind = told_by_kind({name: kinds[name] for name in named}, LEAST)
            found[flag] = Value(share, f"{kind} and {name}" if name else "")
    before = _unevenness(counting.before)
    after = _unevenness(counting.after)
    if counting.made and not counting.partly_labelled and before and after:
        found["imbalance"] = Value(after / before, f"{before:.2f} to 1 before, {after:.2f} to 1 after")
    return found


def _unevenness(counts: Counter[tuple[str, str]]) -> float:
    """The largest training class over the smallest; 0 for fewer than two."""
    classes: Counter[str] = Counter()
    for (split, label), count in counts.items():
        if is_training(split) and label != NO_CLASS:
            classes[label] += count
    return max(classes.values()) / min(classes.values()) if len(classes) > 1 else 0.0


def _shortcut(compared: Compared) -> Value | None:
    """The measure that tells a class best, of those that did not tell it among the originals."""
    found: tuple[float, str] | None = None
    for name, classes in compared.told.items():
        for label, (before, after) in classes.items():
            gained = after if after - before >= GAINED else min(after, 0.5)
            if found is None or gained > found[0]:
                found = gained, f"{name} tells {label}: {after:.2f}, among originals {before:.2f}"
    if found is None:
        return None
    return Value(found[0], found[1] if found[0] > 0.5 else "")
