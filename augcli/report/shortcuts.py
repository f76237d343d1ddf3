"""What a model could cheat on: things that tell the class without a look at what the picture shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np


def spread(shares: Mapping[str, float]) -> tuple[float, str, str]:
    """The largest difference of a share between two classes, and these: (difference, lowest, highest)."""
    if len(shares) < 2:
        return 0.0, "", ""
    ordered = sorted(shares.items(), key=lambda item: (item[1], item[0]))
    return ordered[-1][1] - ordered[0][1], ordered[0][0], ordered[-1][0]


def told_by_kind(kinds: Mapping[str, Counter[str]], least: int) -> tuple[float, str, str]:
    """How well one kind (a file format, a frame size) tells one class: (difference of shares, class, kind).

    kinds   class -> kind -> images
    least   classes of fewer images, or against fewer others, are passed over

    The share of the class's images that are of the kind, less the share of all others.
    """
    total: Counter[str] = Counter()
    for counts in kinds.values():
        total.update(counts)
    everything = sum(total.values())
    found = (0.0, "", "")
    for name, counts in sorted(kinds.items()):
        own = sum(counts.values())
        others = everything - own
        if own < least or others < least:
            continue
        for kind in sorted(total):
            difference = abs(counts[kind] / own - (total[kind] - counts[kind]) / others)
            found = max(found, (difference, name, kind), key=lambda each: each[0])
    return found


def told_by_number(values: Sequence[float], classes: Sequence[str], least: int) -> dict[str, float]:
    """How well one number tells each class from all others: the area under its ROC curve, from 0.5 to 1.

    values, classes  one of each per image
    least            classes of fewer images, or against fewer others, are passed over

    The Mann-Whitney statistic over the number of pairs, ties halved (Hanley and McNeil 1982), whichever way
    it points.
    """
    if not values:
        return {}
    array = np.asarray(values, dtype=np.float64)
    _, place, counts = np.unique(array, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2.0)[place]
    names = np.asarray(classes, dtype=object)
    found = {}
    for name in sorted(set(classes)):
        own = names == name
        n = int(own.sum())
        others = len(array) - n
        if n >= least and others >= least:
            area = (float(ranks[own].sum()) - n * (n + 1) / 2.0) / (n * others)
            found[name] = max(area, 1.0 - area)
    return found
