"""Copy-paste: objects of another image of the split, cut out along their outlines and laid on the host."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from augcli.geometry import Canvas, Matrix, compose, resample, scaling, translation
from augcli.labels import bounds, class_weights, clip, cover, move, raster
from augcli.objects import Evidence, Objects, Outline
from augcli.ops.base import Drawn, Mix, View, op
from augcli.ops.mixing import FIT_DOC, PARTNER_DOC, PARTNERS, conform, fit_matrix, mask_like, shown
from augcli.params import Dist, Name, Number, param
from augcli.rng import Stream
from augcli.sample import NO_ORIGIN, Sample


@op("copy_paste")
@dataclass(frozen=True)
class CopyPaste(Mix):
    """Cut objects out of another image and paste them, scaled, anywhere on this one, over what is there.

    Ghiasi et al. 2021, "Simple Copy-Paste is a Strong Data Augmentation Method", section 3, with a place and
    a scale for each object. What has an outline or a mask is cut out along it; a box is pasted whole, with
    what else is labelled in it. Crowds are not pasted, and an image without objects gives none.
    """

    identity: ClassVar[Any] = {"count": 0}
    pastes: ClassVar[bool] = True
    count: Dist = param(Number(0, 100, "objects", whole=True), [1, 3], "how many objects are pasted at most")
    scale: Dist = param(
        Number(0.05, 20.0), {"log_uniform": [0.8, 1.25]}, "size of a pasted object relative to its own"
    )
    partner: Dist = param(Name(PARTNERS, fixed=True), "any", PARTNER_DOC)
    fit: Dist = param(Name(("cover", "stretch"), fixed=True), "cover", FIT_DOC)

    def draw_more(self, rng: Stream, drawn: Drawn) -> Drawn:
        """`pastes`: for each object which of those left, in [0, 1), its scale, and where its middle comes to
        lie, in shares of width and height.
        """
        pastes = []
        for number in range(drawn["count"]):
            own = rng.child(number)
            pick, scale = own.unit(), self.scale.at(own.unit())
            pastes.append([pick, scale if number else drawn["scale"], own.unit(), own.unit()])
        return {"pastes": pastes}

    def resolve(self, drawn: Drawn, view: View) -> Drawn:
        """`pastes` with the places in pixels."""
        pastes = [[pick, scale, x * view.width, y * view.height] for pick, scale, x, y in drawn["pastes"]]
        return drawn | {"pastes": pastes}

    def mix(self, host: Sample, partners: Sequence[Sample], amounts: Drawn, view: View) -> Sample:
        """The host with the objects on it, the last one on top."""
        (partner,) = partners
        fit = fit_matrix(partner.size, view.width, view.height, amounts["fit"])
        fitting = move(partner.objects, fit, host.size)
        left = [index for index in range(len(fitting)) if _usable(fitting, index)]
        for pick, scale, x, y in amounts["pastes"][: len(left)]:
            index = left.pop(int(pick * len(left)))
            box = bounds(fitting.evidence[index])
            if box is None:  # pragma: no cover - `_usable` has seen to it
                continue
            middle = translation(-(box[0] + box[2]) / 2.0, -(box[1] + box[3]) / 2.0)
            into = compose(fit, middle, scaling(scale, scale), translation(x, y))
            host = _pasted(host, partner, index, into)
        return host


def _usable(objects: Objects, index: int) -> bool:
    return not objects.crowd[index] and bounds(objects.evidence[index]) is not None


def _pasted(host: Sample, partner: Sample, index: int, matrix: Matrix) -> Sample:
    """The host with one object of the partner, moved by the matrix."""
    moved = move(partner.objects, matrix, host.size)
    cut = raster(moved.evidence[index], host.size)
    rows, columns = np.flatnonzero(cut.any(axis=1)), np.flatnonzero(cut.any(axis=0))
    if not rows.size:
        return host
    x0, y0, x1, y1 = int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
    here = slice(y0, y1), slice(x0, x1)
    seen = cut[here]
    into, size = compose(matrix, translation(-x0, -y0)), (x1 - x0, y1 - y0)
    image = host.image.copy()
    pixels = resample(conform(partner.image, host.image), into, size, Canvas(border="edge"))
    image[here][seen] = pixels[seen]
    origin = np.zeros(cut.shape, np.uint8) if host.origin is None else host.origin.copy()
    table = list(host.origin_classes) or [host.classes]
    if len(table) < NO_ORIGIN:
        origin[cut] = len(table)
        table.append(class_weights(partner))
    mask = None if host.mask is None else host.mask.copy()
    names = mask_like(partner, host, into, size)
    if mask is not None and names is not None:
        mask[here][seen] = names[seen]
    return dataclasses.replace(
        host,
        image=image,
        origin=origin,
        origin_classes=tuple(table),
        objects=cover(host.objects, cut).concat(_brought(moved, index)),
        mask=mask,
    )


def _brought(moved: Objects, index: int) -> Objects:
    """The objects that a paste brings: the one that was cut out, and what lies in the box that was."""
    own = moved.select([index])
    whole = _box(moved.evidence[index])
    if whole is None:
        return own
    others = moved.select([other for other in range(len(moved)) if other != index])
    return own.concat(shown(clip(others, whole)))


def _box(evidence: Evidence) -> tuple[int, int, int, int] | None:
    """The pixels of an upright box, as its raster has them; None for what is cut out along a line."""
    box = bounds(evidence)
    if not isinstance(evidence, Outline) or evidence.kind != "box" or box is None:
        return None
    x0, y0, x1, y1 = (math.ceil(value - 0.5) for value in box)
    corners = {(x, y) for part in evidence.parts for ring in part for x, y in ring.tolist()}
    upright = corners <= {(x, y) for x in (box[0], box[2]) for y in (box[1], box[3])}
    return (x0, y0, x1, y1) if upright else None
