"""How many processors this process may really use."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")
_MEMBERSHIP = Path("/proc/self/cgroup")


def default_workers(cgroups: Path = _CGROUPS, membership: Path = _MEMBERSHIP) -> int:
    """The processor affinity within the quota of the control group (v1 or v2), at least 1.

    A quota of 1.5 processors gives 2 workers: the half is used, and the kernel throttles the rest.
    """
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quotas = [math.ceil(quota) for quota in _quotas(cgroups, membership)]
    return max(1, min([processors, *quotas]))


def _quotas(cgroups: Path, membership: Path) -> Iterator[float]:
    """Processors allowed by each group this process is in and by the groups around it."""
    try:
        lines = membership.read_text().splitlines()
    except OSError:
        lines = []
    for line in lines:
        _, _, rest = line.partition(":")
        controllers, _, group = rest.partition(":")
        if not controllers:
            mounts = [cgroups, cgroups / "unified"]
        elif "cpu" in controllers.split(","):
            mounts = [cgroups / controllers, cgroups / "cpu"]
        else:
            continue
        parts = Path(group.lstrip("/")).parts
        for mount in mounts:
            for depth in range(len(parts) + 1):
                yield from _quota(mount.joinpath(*parts[:depth]))


def _quota(folder: Path) -> Iterator[float]:
    try:
        if (folder / "cpu.max").exists():  # v2: "max 100000" or "150000 100000"
            quota, period = (folder / "cpu.max").read_text().split()
        else:
            quota = (folder / "cpu.cfs_quota_us").read_text().strip()  # v1: -1 for no limit
            period = (folder / "cpu.cfs_period_us").read_text().strip()
        if quota != "max" and int(quota) > 0 and int(period) > 0:
            yield int(quota) / int(period)
    except (OSError, ValueError):
        return
