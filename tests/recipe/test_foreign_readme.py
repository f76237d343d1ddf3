"""The README's table of other libraries' names is what `augment check` prints."""

import re
from pathlib import Path
from typing import Any

import pytest

from augcli.recipe.document import value_of
from tests.recipe.test_foreign import answer, remedies
from tests.recipe.wrong import recipe

ARGUED = {
    "CoarseDropout": "CoarseDropout(num_holes_range=(1, 3), hole_height_range=(0.15, 0.15))",
    "cutout": "Cutout: {count: [1, 3], percent: 15}",
    "border_mode": "border_mode: 1",
    "3 versions per image": "versions: 3",
}
"""Left side of the table -> the recipe line, where the README names no values. Other code is fed as it is."""


def rows() -> list[tuple[str, str]]:
    text = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    section = text.split("## Coming from elsewhere", 1)[1].split("\n## ", 1)[0]
    lines = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ")]
    return [(left.strip(), right.strip()) for left, right in lines[1:]]


def meaning(line: str) -> Any:
    """A line without what means the same written out: a shift of 0, the probability that holds there."""
    data = value_of("{" + line.removeprefix("- ") + "}")
    ((name, inside),) = data.items()
    if not isinstance(inside, dict):
        return data
    neutral = {"translate": ("y", 0)}.get(name)
    return {name: {k: v for k, v in inside.items() if (k, v) != neutral and (k, v) != ("p", 0.5)}}


@pytest.mark.parametrize(("left", "right"), rows())
def test_every_row_of_the_readme_is_what_the_program_prints(left: str, right: str) -> None:
    theirs = [ARGUED.get(code, code) for code in re.findall(r'[`"]([^`]+?)[`"](?=[\s;,]|$)', left)]
    ours = [meaning(code) for code in re.findall(r"`([^`]+)`", right)]
    assert theirs
    assert ours
    shown = []
    for code in theirs:
        item = code if re.match(r"\w+: ", code) else f"'{code}'"
        line = f"{item}\n" if code.startswith("versions") else ""
        (remedy,) = remedies(recipe() + line) if line else [answer(item)]
        found = re.match(r"write `(.*?)`", remedy)
        assert found, (code, remedy)
        shown.append(meaning(found[1]))
    assert all(step in shown for step in ours), shown
    assert all(step in ours for step in shown), shown
