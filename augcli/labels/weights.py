"""What labels an output keeps: class weights from the pixels' origin.

Knows nothing of files, recipes or ops.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from augcli.sample import Sample, Weights


def class_weights(sample: Sample) -> dict[str, float]:
    """Class name -> weight of what the sample shows, summing to 1, sorted by name; {} when unlabelled.

    After a pasting mix every source weighs what its pixels take of the frame (CutMix, Yun et al. 2019,
    section 3.1, with lambda counted after clipping and after later crops instead of taken from the draw).
    """
    if sample.origin is None:
        return _normal(sample.classes)
    shares = [float(np.count_nonzero(sample.origin == index)) for index in range(len(sample.origin_classes))]
    if not any(shares):  # nothing but border is left: the sources stand as they were pasted
        shares = [1.0] * len(shares)
    return combine(sample.origin_classes, shares)


def combine(weights: Sequence[Weights], shares: Sequence[float]) -> dict[str, float]:
    """The weighted sum of class weights, normalised; unlabelled ones do not count."""
    total: dict[str, float] = {}
    for classes, share in zip(weights, shares, strict=True):
        for name, weight in classes.items():
            total[name] = total.get(name, 0.0) + share * weight
    return _normal(total)


def _normal(weights: Weights) -> dict[str, float]:
    total = sum(weights.values())
    return {name: weights[name] / total for name in sorted(weights) if weights[name] > 0.0}
