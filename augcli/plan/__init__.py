"""Recipe and entries to problems and jobs: splits, numbers of copies, names, partners.

Reads no pixel and writes nothing. What is planned for an image depends on the recipe and the listing alone.
"""

from __future__ import annotations

from augcli.plan.choice import choose
from augcli.plan.make import make_plan
from augcli.plan.model import Count, Plan, Planned
from augcli.plan.splits import is_training

__all__ = ["Count", "Plan", "Planned", "choose", "is_training", "make_plan"]
