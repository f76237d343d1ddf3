"""What a rule is, and how the first that applies decides.

A knob is one question (how far to turn? may it be mirrored?); its rules stand in the order in which they are
asked, the usual answer last. So why a recipe says what it says is always one rule, with a name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from augcli.init.facts import Facts


@dataclass(frozen=True)
class Rule:
    """One answer.

    name   says what the data show
    when   whether the facts show it
    give   the value at `Knob.place`, plain data; None: nothing is written but the reason
    why    one or two sentences for the recipe's reader; "" where there is nothing to say
    active False: the value is written as a comment, for the reader to decide
    """

    name: str
    when: Callable[[Facts], bool]
    give: Callable[[Facts], Any]
    why: Callable[[Facts], str]
    active: bool = True


@dataclass(frozen=True)
class Knob:
    """One question: its place in the recipe (`input.group`, or `steps` for one more step), its rules."""

    name: str
    place: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Choice:
    """An answer: what stands at a place of the recipe and why. See `Rule`."""

    knob: str
    rule: str
    place: str
    value: Any
    why: str
    active: bool


def decide(facts: Facts, knobs: Sequence[Knob]) -> tuple[Choice, ...]:
    """The answer to every knob that has one, in order."""
    chosen = []
    for knob in knobs:
        rule = next((rule for rule in knob.rules if rule.when(facts)), None)
        if rule is not None:
            value, why = rule.give(facts), rule.why(facts)
            if value is not None or why:
                chosen.append(Choice(knob.name, rule.name, knob.place, value, why, rule.active))
    return tuple(chosen)


def always(_: Facts) -> bool:
    """The last rule of a knob."""
    return True


def just(value: Any) -> Callable[[Facts], Any]:
    """The same for all facts: a value, or a reason."""
    return lambda _: value


def rule(
    name: str,
    when: Callable[[Facts], bool],
    value: Any,
    why: str | Callable[[Facts], str] = "",
    *,
    active: bool = True,
) -> Rule:
    """A rule whose value and reason are given as they are, or as functions of the facts."""
    give = value if callable(value) else just(value)
    return Rule(name, when, give, why if callable(why) else just(why), active)
