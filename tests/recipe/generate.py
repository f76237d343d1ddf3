"""Random valid recipes, drawn from the registry of ops and the kinds of their parameters."""

from typing import Any

from hypothesis import strategies as st

from augcli.ops.base import OPS
from augcli.params import Colour, Flag, Kind, Length, Name, Number, params_of

NAMES = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=8)


def number(kind: Number) -> st.SearchStrategy[Any]:
    if kind.whole:
        one: st.SearchStrategy[Any] = st.integers(int(kind.low), int(kind.high))
    else:
        one = st.floats(kind.low, kind.high, allow_subnormal=False)
    forms = [one, st.lists(one, min_size=2, max_size=2).map(sorted)]
    forms.append(st.fixed_dictionaries({"choice": st.lists(one, min_size=1, max_size=4)}))
    spread = st.floats(0, kind.high - kind.low, allow_subnormal=False)
    forms.append(st.fixed_dictionaries({"normal": st.tuples(one, spread).map(list)}))
    positive = st.lists(one.filter(lambda value: value > 0), min_size=2, max_size=2).map(sorted)
    forms.append(st.fixed_dictionaries({"log_uniform": positive}))
    return st.one_of(forms)


def length(kind: Length) -> st.SearchStrategy[Any]:
    percent = st.integers(int(kind.low_percent), int(kind.high_percent)).map("{}%".format)
    return st.one_of(number(Number(kind.low, kind.high)), percent)


def value(kind: Kind) -> st.SearchStrategy[Any]:
    if isinstance(kind, Number):
        return number(kind)
    if isinstance(kind, Length):
        return length(kind)
    if isinstance(kind, Flag):
        return st.booleans()
    if isinstance(kind, Name):
        one = st.sampled_from(kind.names)
        choice = st.fixed_dictionaries({"choice": st.lists(one, min_size=1, max_size=3)})
        return one if kind.fixed else st.one_of(one, choice)
    assert isinstance(kind, Colour), f"no strategy for {kind}"
    level = st.integers(0, 255)
    return st.one_of(level, st.lists(level, min_size=3, max_size=3), st.just("#00ff7F"))


@st.composite
def op_step(draw: st.DrawFn, weighted: bool) -> Any:
    name = draw(st.sampled_from(sorted(OPS)))
    given = {
        parameter.name: draw(value(parameter.kind))
        for parameter in params_of(OPS[name])
        if parameter.required or draw(st.booleans())
    }
    kinds = {parameter.name: parameter.kind for parameter in params_of(OPS[name])}
    made = OPS[name](**{key: kinds[key].parse(plain) for key, plain in given.items()})
    if made.problems():  # parameters that do not go together
        given = dict(OPS[name].example)
    return {name: given | draw(common(weighted))}


def common(weighted: bool) -> st.SearchStrategy[dict[str, Any]]:
    optional: dict[str, st.SearchStrategy[Any]] = {
        "p": st.floats(0, 1, allow_subnormal=False),
        "only": st.fixed_dictionaries({"classes": st.lists(NAMES, min_size=1, max_size=3)}),
    }
    if weighted:
        optional["weight"] = st.floats(0.001, 100)
    return st.fixed_dictionaries({}, optional=optional)


@st.composite
def group(draw: st.DrawFn, weighted: bool, depth: int) -> Any:
    kind = draw(st.sampled_from(["one_of", "some_of", "sequence", "each_of"]))
    children = draw(st.lists(node(kind in ("one_of", "some_of"), depth - 1), min_size=1, max_size=3))
    if kind != "some_of" and draw(st.booleans()):
        return {kind: children}
    count = {"n": draw(st.integers(0, len(children)))} if kind == "some_of" else {}
    return {kind: {**count, **draw(common(weighted)), "of": children}}


def node(weighted: bool = False, depth: int = 2) -> st.SearchStrategy[Any]:
    return st.one_of(op_step(weighted), group(weighted, depth)) if depth else op_step(weighted)


COPIES = st.one_of(
    st.integers(0, 1000),
    st.fixed_dictionaries(
        {"classes": st.dictionaries(NAMES, st.integers(0, 1000), min_size=1, max_size=3)},
        optional={"default": st.integers(0, 1000)},
    ),
    st.fixed_dictionaries({"total": st.integers(1, 10**9)}, optional={"at_most": st.integers(0, 1000)}),
    st.just({"balance": "max"}),
)

RECIPES = st.fixed_dictionaries(
    {"augment": st.just(1), "input": NAMES, "output": NAMES},
    optional={
        "seed": st.integers(0, 2**63 - 1),
        "copies": COPIES,
        "originals": st.sampled_from(["keep", "drop"]),
        "steps": st.lists(node(), max_size=4),
    },
)
