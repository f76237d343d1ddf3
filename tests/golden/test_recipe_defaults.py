"""Every default of recipe version 1 is frozen: a change makes old recipes render differently.

A new op or parameter adds lines to `recipe_defaults.json`, which this module writes when it is run itself
(`python -m tests.golden.test_recipe_defaults`). Any other
difference is an output change and needs a new recipe version.
"""

import json
from pathlib import Path

from augcli.recipe import defaults

GOLDEN = Path(__file__).with_name("recipe_defaults.json")


def rendered() -> str:
    return json.dumps(defaults(), indent=2) + "\n"


def test_no_default_of_recipe_version_1_has_changed() -> None:
    assert json.loads(GOLDEN.read_text(encoding="utf-8")) == defaults()
    assert GOLDEN.read_text(encoding="utf-8") == rendered()


if __name__ == "__main__":
    GOLDEN.write_text(rendered(), encoding="utf-8")
