"""Recipe and entries to problems and jobs: splits, numbers of copies, names, partners.

Reads no pixel and writes nothing. What is planned for an image depends on the recipe and the listing alone,
and on the image's size where it is to be cut into tiles.
"""

from __future__ import annotations

from augcli.plan.choice import choose
from augcli.plan.make import Pick, make_plan
from augcli.plan.model import Count, Plan, Planned
from augcli.plan.splits import is_training
from augcli.plan.tiles import by_source

__all__ = ["Count", "Pick", "Plan", "Planned", "by_source", "choose", "is_training", "make_plan"]
