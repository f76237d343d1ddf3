"""What a run draws is frozen: every op once, a few copies, over a synthetic dataset that holds no pixels.

A change is an output change. `python -m tests.golden.test_run_draws` writes the file anew.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import augcli.ops  # noqa: F401 - fills the registry
from augcli.ops.base import OPS
from augcli.params import shown
from augcli.recipe import loads, script
from augcli.rng import stream

GOLDEN = Path(__file__).with_name("run_draws.json")

SOURCES = (("train", "cat/a.png"), ("", "é 写.jpg"))
COPIES = (1, 2)


def drawn() -> dict[str, dict[str, Any]]:
    """`split/key#copy` -> step id -> drawn values, and the ids that groups and `p` choose under `chosen`."""
    ops = {name: dict(cls.example) for name, cls in OPS.items()}
    steps = [
        f"{name}: {{{', '.join(f'{key}: {shown(value)}' for key, value in ops[name].items())}}}"
        for name in ops
    ]
    groups = [
        "one_of: {id: one, of: [flip: {id: f1}, invert: {id: i1, weight: 3}, hue: {id: h1, degrees: 9}]}",
        "some_of: {id: some, n: [1, 2], of: [flip: {id: f2}, invert: {id: i2}, sepia: {id: s2}]}",
        "each_of: {id: each, of: [flip: {id: f3}, invert: {id: i3}]}",
        "sequence: {id: all, p: 0.5, of: [flip: {id: f4, p: 0.5}, invert: {id: i4}]}",
    ]
    text = "augment: 1\nseed: 7\ninput: in\noutput: out\nsteps:\n"
    told = loads(text + "".join(f"  - {step}\n" for step in (*steps, *groups))).recipe
    found: dict[str, dict[str, Any]] = {}
    for split, key in SOURCES:
        for copy in COPIES:
            rng = stream(told.seed, split, key, copy)
            happening = script(told.steps, rng, copy)
            values: dict[str, Any] = {
                step.id: step.op.draw(rng.child(step.id, "draw")) for step in happening if step.id in OPS
            }
            values["chosen"] = [step.id for step in happening if step.id not in OPS]
            found[f"{split}/{key}#{copy}"] = values
    return found


def rendered() -> str:
    lines = [
        f"  {json.dumps(id_)}: {{\n"
        + ",\n".join(f"    {json.dumps(step)}: {json.dumps(value)}" for step, value in steps.items())
        + "\n  }"
        for id_, steps in drawn().items()
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def same(value: Any, golden: Any) -> bool:
    """Equal, numbers to 12 digits: logarithms and roots may differ in the last one between processors."""
    if isinstance(golden, float) and isinstance(value, int | float):
        return bool(value == pytest.approx(golden, rel=1e-12, abs=1e-15))
    if isinstance(golden, dict):
        return value.keys() == golden.keys() and all(same(value[key], golden[key]) for key in golden)
    if isinstance(golden, list):
        return len(value) == len(golden) and all(map(same, value, golden))
    return type(value) is type(golden) and bool(value == golden)


def test_no_draw_has_changed() -> None:
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    now = json.loads(rendered())
    assert now.keys() == golden.keys()
    changed = [
        (id_, step)
        for id_ in golden
        for step in golden[id_]
        if not same(now[id_].get(step), golden[id_][step])
    ]
    assert not changed
    pinned = {step for steps in golden.values() for step in steps}
    added = {step for steps in now.values() for step in steps} - pinned
    assert not added, f"new ops: write the file anew to pin their draws: {sorted(added)}"


if __name__ == "__main__":
    GOLDEN.write_text(rendered(), encoding="utf-8")
