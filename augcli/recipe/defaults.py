"""Every default of the recipe language, in one readable table: what a golden file freezes per version."""

from __future__ import annotations

from typing import Any

import augcli.ops  # noqa: F401 - fills the registry
from augcli.ops.base import OPS
from augcli.params import params_of
from augcli.recipe.identity import identity
from augcli.recipe.model import VERSION, Group, Recipe, Step


def defaults() -> dict[str, Any]:
    """Plain JSON: version, the defaults outside the steps, of every step, and of every op's parameters.

    A required parameter stands as "required", an optional one without a default as None.
    """
    recipe = {key: value for key, value in identity(Recipe()).items() if key != "augment"}
    ops = {
        name: {
            parameter.name: "required"
            if parameter.required
            else None
            if parameter.default is None
            else parameter.kind.plain(parameter.default)
            for parameter in params_of(OPS[name])
        }
        for name in sorted(OPS)
    }
    step = {"p": Step.p, "weight": Step.weight}
    group = {"p": Group.p, "weight": Group.weight}
    return {"version": VERSION, "recipe": recipe, "step": step, "group": group, "ops": ops}
