"""What the fork server does once, so that no worker has to: the imports, and the table of normal noise."""

from __future__ import annotations

import augcli.ops
import augcli.work
from augcli.noise import quantiles

__all__ = ["augcli"]

quantiles("normal")
