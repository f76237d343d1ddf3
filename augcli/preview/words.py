"""What was drawn for a copy, in words and as numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from augcli.ops.base import doc_of
from augcli.pages import figure
from augcli.pages.figures import THIN
from augcli.params import Name, Number, Param, params_of, varies
from augcli.recipe.model import Recipe, Step, all_steps

LAMBDA = "lambda"


@dataclass(frozen=True)
class Value:
    """One value of one step of one copy.

    number  for sorting; None for what is no number
    varies  whether another copy could have drawn another
    words   with its unit: `−12.3°`, `std 0.027`
    sign    of its unit: ° or %
    """

    name: str
    value: Any
    number: float | None
    varies: bool
    words: str
    sign: str = ""


@dataclass(frozen=True)
class Told:
    """What one step did to one copy.

    title     `rotate`; `blur_2 (gaussian_blur)` where the id does not say the op
    spoken    what it drew: `−12.3°`
    values    every drawn value
    resolved  what the frame made of them: amounts in pixels, corrected lambdas, matrices
    """

    id: str
    op: str
    doc: str
    title: str
    spoken: str
    values: tuple[Value, ...]
    resolved: Mapping[str, Any]

    @property
    def words(self) -> str:
        """`rotate −12.3°`"""
        return f"{self.title} {self.spoken}".strip()


def steps_by_id(recipe: Recipe) -> dict[str, Step]:
    """Every step that a row can tell of."""
    return {step.id: step for step in all_steps(recipe.steps)}


def told(record: Mapping[str, Any], step: Step) -> Told:
    """One entry of a row's `steps`."""
    drawn, resolved = record["drawn"], dict(record.get("resolved", {}))
    declared = {parameter.name: parameter for parameter in params_of(type(step.op))}
    values = tuple(_value(name, value, step, declared.get(name)) for name, value in drawn.items())
    more = {name: record[name] for name in ("matrix", "exposure") if name in record}
    spoken = [value.words for value in _spoken(values, step, declared)]
    if LAMBDA in drawn or LAMBDA in resolved:
        spoken.append(f"λ {figure(resolved.get(LAMBDA, drawn.get(LAMBDA)))}")
    title = step.id if step.id.startswith(step.op.name) else f"{step.id} ({step.op.name})"
    doc = doc_of(type(step.op))
    return Told(step.id, step.op.name, doc, title, ", ".join(spoken), values, resolved | more)


def _value(name: str, value: Any, step: Step, parameter: Param | None) -> Value:
    moves = name == LAMBDA if parameter is None else varies(getattr(step.op, name))
    alone = len(params_of(type(step.op))) == 1
    return Value(
        name, value, _number(value), moves, _words(name, value, parameter, alone), _sign(value, parameter)
    )


def _sign(value: Any, parameter: Param | None) -> str:
    """What a slider writes behind its numbers."""
    if isinstance(value, str):
        return f"{THIN}%"
    return "°" if _unit(parameter) == "degrees" else ""


def _unit(parameter: Param | None) -> str:
    return parameter.kind.unit if parameter is not None and isinstance(parameter.kind, Number) else ""


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    try:
        return float(value[:-1]) if isinstance(value, str) and value.endswith("%") else None
    except ValueError:
        return None


def _words(name: str, value: Any, parameter: Param | None, alone: bool) -> str:
    """A value with its name and unit, which no line break parts. `alone`: it is all that its op has."""
    unit = _unit(parameter)
    said = name.replace("_", " ")
    if alone and isinstance(value, str) and _number(value) is None:
        return value
    if unit == "degrees":
        text = f"{figure(value)}°" if said == unit else f"{said} {figure(value)}°"
    elif unit == said:
        text = f"{figure(value)} {unit}"
    else:
        text = f"{said} {figure(value)} {unit.removesuffix('s') if value == 1 else unit}".rstrip()
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def _spoken(values: tuple[Value, ...], step: Step, declared: Mapping[str, Param]) -> Iterator[Value]:
    """What is worth saying: what varies; where nothing does, what the recipe writes."""
    given = [value for value in values if value.name in declared and value.value is not None]
    moving = [value for value in given if value.varies]
    if moving or LAMBDA in {value.name for value in values}:
        yield from moving
        return
    for value in given:
        parameter = declared[value.name]
        written = parameter.required or getattr(step.op, value.name) != parameter.default
        if value.name not in ("partner", "fit") and (written or isinstance(parameter.kind, Name)):
            yield value
