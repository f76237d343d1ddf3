"""Datasets that show one thing each, and facts that `init` could find."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

from augcli.formats import FORMATS
from augcli.formats.contract import LABELS
from augcli.images import encode
from augcli.init import KNOBS
from augcli.init.facts import Facts, Grouping, Looks
from augcli.init.rules import Choice, decide
from tests.runs import picture


def images(root: Path, files: Mapping[str, Any]) -> Path:
    """Write arrays as images under these names, texts and bytes as they are."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, np.ndarray):
            content = encode(content, "png" if name.endswith(".png") else "jpeg")
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def classes(
    names: Mapping[str, int], size: tuple[int, int] = (72, 66), ending: str = "jpg"
) -> dict[str, Any]:
    """So many images of each class, as class folders."""
    return {
        f"{name}/{chr(97 + number % 26)}{number:03}.{ending}": picture(number + 7 * at, *size)
        for at, (name, count) in enumerate(names.items())
        for number in range(count)
    }


def page(number: int) -> np.ndarray:
    """White paper with lines of dark marks; (180, 140) uint8."""
    paper = np.full((180, 140), 245, np.uint8)
    for line in range(20, 160, 14):
        marks = np.random.default_rng(number * 100 + line).random(100) < 0.5
        paper[line : line + 4, 20:120][:, marks] = 20
    return paper


def facts(**given: Any) -> Facts:
    """Facts of usual photographs in three classes, but for what is given."""
    looks = Looks(60, (300, 200), (400, 300), (500, 400), 0, 12, 24, upright=4.0)
    usual: dict[str, Any] = {
        "path": "data/pets",
        "name": "pets",
        "format": "folders",
        "task": "classification",
        "images": 600,
        "training": 600,
        "splits": (("", 600),),
        "classes": (("cat", 210), ("cow", 200), ("dog", 190)),
        "kinds": (("jpeg", 600),),
        "labels": ("classes",),
        "looks": looks,
    }
    return Facts(**(usual | given))


def decided(found: Facts) -> dict[str, Choice]:
    """Knob -> choice."""
    return {choice.knob: choice for choice in decide(found, KNOBS)}


NAMES = st.text(min_size=1, max_size=12).filter(lambda name: "\0" not in name and name != "never")
"""Class and path names: everything that Unicode has, and what YAML would take for its own."""

HOSTILE = st.sampled_from(
    ["no", "~x", "a: b", "# x", "a #b", '"', "'", "\\", "- x", "{a}", "[1]", "1e3", "0x10", "null", "a\nb: c",
     "\u2028", "\ufeff", "\udcff", "\x7f", "\x85", "*a", "&a", "!x", "%x", "@x", "`x`", "?", " x ", "true",
     "<<", "é"]
)  # fmt: skip


@st.composite
def any_facts(draw: st.DrawFn) -> Facts:
    """Any combination of facts, likely or not."""
    names = draw(st.lists(NAMES | HOSTILE, max_size=6, unique=True))
    sizes = st.tuples(st.integers(1, 9000), st.integers(1, 9000))
    decoded = draw(st.integers(0, 24))
    some = st.integers(0, decoded)
    low = draw(st.integers(0, 65534))
    looks = Looks(
        measured=draw(st.integers(0, 200)),
        smallest=draw(sizes),
        middle=draw(sizes | st.just((32, 32)) | st.just((0, 0))),
        largest=draw(sizes),
        square=draw(st.integers(0, 200)),
        sizes=draw(st.integers(0, 5)),
        decoded=decoded,
        grey=draw(some),
        deep=draw(some),
        alpha=draw(some),
        levels=draw(st.none() | st.tuples(st.just(low), st.integers(low + 1, 65535))),
        paper=draw(some),
        upright=draw(st.floats(-9, 9)),
    )
    pairs = tuple(zip(names[0::2], names[1::2], strict=False)) if draw(st.booleans()) else ()
    pattern = draw(st.sampled_from([r"^(.*[^/\d])[-_]\d+\.[^./]+$", r"(?:^|/)(P\d+)[_-]"]))
    splits = draw(st.sampled_from([(("", 9),), (("train", 9), ("val", 2)), (("train", 9),)]))
    return Facts(
        path=draw(NAMES.filter(fit) | st.just("data/a: #b'\"\n")),
        name="x",
        format=draw(st.sampled_from(sorted(FORMATS))),
        task=draw(
            st.sampled_from(
                ["classification", "detection", "rotated", "instances", "semantic", "keypoints", "none"]
            )
        ),
        images=draw(st.integers(1, 200_000)),
        training=draw(st.integers(1, 200_000)),
        splits=splits,
        classes=tuple((name, draw(st.integers(0, 5000))) for name in names),
        kinds=draw(st.sampled_from([(("jpeg", 9),), (("jpeg", 9), ("png", 2)), ()])),
        labels=tuple(draw(st.lists(st.sampled_from(LABELS), unique=True))),
        invalid=draw(st.sampled_from(["refuse", "drop"])),
        object_side=draw(st.floats(0.0, 1.0)),
        keypoints=tuple(draw(st.lists(NAMES, max_size=3))),
        swaps=draw(st.booleans()),
        pairs=pairs,
        one_sided=tuple(names[-1:]) if draw(st.booleans()) and not pairs else (),
        text=tuple(draw(st.lists(NAMES | HOSTILE, max_size=2))),
        overhead=tuple(draw(st.lists(NAMES | HOSTILE, max_size=2))),
        hues=tuple(draw(st.lists(NAMES | HOSTILE, max_size=2))),
        grouping=draw(
            st.none()
            | st.builds(
                Grouping,
                st.just(pattern),
                st.sampled_from(["patient", "name"]),
                st.tuples(NAMES | HOSTILE, NAMES),
                st.integers(2, 99),
                st.integers(0, 3),
                st.booleans(),
            )
        ),
        looks=looks,
    )


def fit(path: str) -> bool:
    """Whether a recipe may name this path."""
    from augcli.params import Invalid
    from augcli.recipe.settings import Local

    try:
        Local().parse(path)
    except Invalid:
        return False
    return True
