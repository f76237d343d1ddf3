"""What an op lays over objects hides them: visibility falls, bitmaps are cut, outlines stay."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from augcli.labels.raster import bitmap_of, bounds
from augcli.objects import Bitmap, Evidence, Objects, Points


def cover(objects: Objects, covered: NDArray[np.bool_]) -> Objects:
    """The objects of a frame of which the pixels in `covered` (height, width) show something else.

    `visible` falls by the share of the object's pixels in the frame that are covered. What covered an outline
    before is not known here, so that a pixel which two ops cover counts for both. A covered keypoint that was
    visible (2) is now hidden (1).
    """
    if not len(objects):
        return objects
    region = bounds(Bitmap(covered))
    if region is None:
        return objects
    evidence, visible, keypoints = list(objects.evidence), list(objects.visible), list(objects.keypoints)
    for index, old in enumerate(objects.evidence):
        evidence[index], seen = _covered(old, covered, region)
        if seen != 1.0:
            visible[index] *= seen
        keypoints[index] = _hidden(objects.keypoints[index], covered)
    return dataclasses.replace(
        objects, evidence=tuple(evidence), visible=tuple(visible), keypoints=tuple(keypoints)
    )


def _covered(
    evidence: Evidence, covered: NDArray[np.bool_], region: tuple[float, float, float, float]
) -> tuple[Evidence, float]:
    """The evidence, and the share of its pixels that is still to be seen."""
    box = bounds(evidence)
    if box is None or not (
        box[0] < region[2] and region[0] < box[2] and box[1] < region[3] and region[1] < box[3]
    ):
        return evidence, 1.0
    height, width = covered.shape
    rows = slice(max(int(np.floor(box[1])), 0), min(int(np.ceil(box[3])), height))
    columns = slice(max(int(np.floor(box[0])), 0), min(int(np.ceil(box[2])), width))
    if not covered[rows, columns].any():
        return evidence, 1.0
    pixels = bitmap_of(evidence, (width, height))
    rows = slice(pixels.y, pixels.y + pixels.mask.shape[0])
    columns = slice(pixels.x, pixels.x + pixels.mask.shape[1])
    seen = pixels.mask & ~covered[rows, columns]
    before = np.count_nonzero(pixels.mask)
    if not before:  # thinner than a pixel: the pixels around it speak for it
        around = covered[int(box[1]) : int(np.ceil(box[3])), int(box[0]) : int(np.ceil(box[2]))]
        return evidence, 1.0 - float(around.mean())
    share = np.count_nonzero(seen) / before
    if not isinstance(evidence, Bitmap):
        return evidence, share
    left = None if pixels.share is None else np.where(covered[rows, columns], np.uint8(0), pixels.share)
    return Bitmap(seen, pixels.x, pixels.y, left), share


def _hidden(keypoints: Points | None, covered: NDArray[np.bool_]) -> Points | None:
    if keypoints is None:
        return None
    height, width = covered.shape
    x = np.clip(np.floor(keypoints[:, 0]).astype(np.intp), 0, width - 1)
    y = np.clip(np.floor(keypoints[:, 1]).astype(np.intp), 0, height - 1)
    hidden = covered[y, x] & (keypoints[:, 2] == 2.0)
    if not hidden.any():
        return keypoints
    changed = keypoints.copy()
    changed[hidden, 2] = 1.0
    return changed
