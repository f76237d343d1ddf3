"""Mixing: ops that combine the host with other images of its split, and weigh the classes honestly."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import cv2
import numpy as np

from augcli.colour import LUMA
from augcli.geometry import Canvas, Matrix, compose, resample, resample_nearest, scaling, translation
from augcli.labels import bounds, class_weights, combine, cover, move
from augcli.objects import NOTHING, Objects
from augcli.ops.base import Drawn, Mix, View, op
from augcli.params import Dist, Name, Number, param
from augcli.rng import Stream
from augcli.sample import Image, Origin, Sample, Weights

PARTNERS = ("any", "same_class", "other_class", "same_group")
PARTNER_DOC = "whom to mix with, among the images of the same split"
FIT_DOC = "how a partner takes the place: cover (scaled to fill it, the rest cut) or stretch"


def conform(image: Image, like: Image) -> Image:
    """The image with the channels and depth of `like`: grey and RGB, alpha, uint8 and uint16 into another.

    Grey becomes three equal channels, RGB its luma (Rec. 601), a missing alpha is opaque, 8 bit becomes
    16 bit by 257 (255 -> 65535) and back by rounding.
    """
    if image.dtype != like.dtype:
        image = (
            image.astype(np.uint16) * np.uint16(257)
            if like.dtype == np.uint16
            else ((image.astype(np.uint32) + 128) // 257).astype(np.uint8)
        )
    channels, wanted = image.shape[2:] or (1,), like.shape[2:] or (1,)
    if channels == wanted:
        return image
    planes = image.reshape(*image.shape[:2], -1)
    colour, alpha = (planes[..., :-1], planes[..., -1:]) if channels[0] in (2, 4) else (planes, None)
    if colour.shape[2] == 1 and wanted[0] >= 3:
        colour = np.repeat(colour, 3, axis=2)
    elif colour.shape[2] == 3 and wanted[0] < 3:
        colour = np.rint(colour @ np.array(LUMA)).astype(image.dtype)[..., None]
    if wanted[0] in (2, 4):
        if alpha is None:
            alpha = np.full_like(colour[..., :1], np.iinfo(image.dtype).max)
        colour = np.concatenate([colour, alpha], axis=2)
    return np.ascontiguousarray(colour.reshape(like.shape[:0] + colour.shape[:2] + like.shape[2:]))


def fit_matrix(size: tuple[int, int], width: int, height: int, fit: str) -> Matrix:
    """The move of an image of `size` into a frame of `width` x `height`.

    `cover` keeps its proportions and cuts the rest evenly.
    """
    columns, rows = size
    box_width, box_height = columns, rows
    if fit == "cover":  # whole pixels, so that the crop moves pixels and only the resize resamples
        box_width = min(columns, max(1, round(rows * width / height)))
        box_height = min(rows, max(1, round(columns * height / width)))
    left, top = (columns - box_width) // 2, (rows - box_height) // 2
    return compose(translation(-left, -top), scaling(width / box_width, height / box_height))


def fitted(image: Image, width: int, height: int, fit: str) -> Image:
    """The image in a frame of `width` x `height`; see `fit_matrix`."""
    matrix = fit_matrix((image.shape[1], image.shape[0]), width, height, fit)
    return resample(image, matrix, (width, height), Canvas(border="edge"))


def guest(partner: Sample, host: Sample, width: int, height: int, fit: str) -> Sample:
    """The partner, pixels and labels, in a frame of `width` x `height`, as deep and colourful as the host."""
    matrix = fit_matrix(partner.size, width, height, fit)
    return dataclasses.replace(
        partner,
        image=resample(conform(partner.image, host.image), matrix, (width, height), Canvas(border="edge")),
        objects=move(partner.objects, matrix, (width, height)),
        mask=mask_like(partner, host, matrix, (width, height)),
    )


def mask_like(partner: Sample, host: Sample, matrix: Matrix, size: tuple[int, int]) -> Image | None:
    """The partner's mask moved into a frame of `size`, where the host has one; class 0 where it has none."""
    if host.mask is None:
        return None
    if partner.mask is None:
        return np.zeros((size[1], size[0]), host.mask.dtype)
    return resample_nearest(partner.mask, matrix, size, 0, "edge").astype(host.mask.dtype, copy=False)


def averaged(image: Image, other: Image, share: float) -> Image:
    """Mix `share` of one image with the rest of another of its shape and dtype, rounded to nearest.

    The share is rounded to 1/65536, with which the float32 of OpenCV is exact in 8 bit, as whole numbers are
    in 16 bit: no processor gives another result.
    """
    mine = round(share * 65536)
    if image.dtype == np.uint8:
        return cv2.addWeighted(image, mine / 65536, other, 1.0 - mine / 65536, 0.0)
    total = image.astype(np.uint32) * np.uint32(mine)  # at most 65535 * 65536 + 32768 in all: it fits
    total += other.astype(np.uint32) * np.uint32(65536 - mine)
    total += np.uint32(32768)
    total >>= np.uint32(16)
    return total.astype(image.dtype)


@dataclass(frozen=True)
class _Average(Mix):
    """x = lambda * host + (1 - lambda) * partner, and the same for the class weights."""

    partner: Dist = param(Name(PARTNERS, fixed=True), "any", PARTNER_DOC)
    fit: Dist = param(Name(("cover", "stretch"), fixed=True), "cover", FIT_DOC)

    def mix(self, host: Sample, partners: Sequence[Sample], amounts: Drawn, view: View) -> Sample:
        """The weighted average; see `ops.base.Mix.mix`."""
        (partner,) = partners
        share = float(amounts["lambda"])
        other = guest(partner, host, view.width, view.height, amounts["fit"])
        image = averaged(host.image, other.image, share)
        theirs = class_weights(partner)

        def blended(classes: Weights) -> Weights:
            return combine([classes, theirs], [share, 1.0 - share])

        return dataclasses.replace(
            host,
            image=image,
            classes=blended(host.classes),
            origin_classes=tuple(blended(classes) for classes in host.origin_classes),
            objects=weighted(host.objects, share).concat(weighted(shown(other.objects), 1.0 - share)),
        )


def weighted(objects: Objects, share: float) -> Objects:
    """The objects of an image that has this share of the average, noted in the column `weight`."""
    if share == 1.0:
        return objects
    if share == 0.0:
        return NOTHING
    extra = tuple({**row, "weight": round(float(row.get("weight", 1.0)) * share, 9)} for row in objects.extra)
    return dataclasses.replace(objects, extra=extra)


def shown(objects: Objects) -> Objects:
    """The objects of which something is in the frame. A partner's others never were in this picture."""
    kept = [index for index, evidence in enumerate(objects.evidence) if bounds(evidence) is not None]
    return objects if len(kept) == len(objects) else objects.select(kept)


@op("blend")
@dataclass(frozen=True)
class Blend(_Average):
    """Average with another image in fixed shares: x = alpha * x1 + (1 - alpha) * x2, labels alike.

    x1 is the image itself, x2 its partner. Zhang et al. 2018 (mixup), equation 1, with lambda given.
    """

    identity: ClassVar[Any] = {"alpha": 1.0}
    alpha: Dist = param(Number(0.0, 1.0), 0.5, "share of the image itself")

    def resolve(self, drawn: Drawn, view: View) -> Drawn:
        return drawn | {"lambda": drawn["alpha"]}


@op("mixup")
@dataclass(frozen=True)
class Mixup(_Average):
    """Average with another image, the share drawn from Beta(alpha, alpha), labels alike.

    Zhang et al. 2018, "mixup: Beyond Empirical Risk Minimization", equation 1.
    """

    alpha: Dist = param(Number(0.01, 100.0), 0.4, "of Beta(alpha, alpha): small keeps one image dominant")

    def draw_more(self, rng: Stream, drawn: Drawn) -> Drawn:
        return {"lambda": rng.beta(drawn["alpha"], drawn["alpha"])}


def _paste(host: Sample, pieces: Sequence[tuple[tuple[int, int, int, int], Sample]]) -> Sample:
    """The host with pieces ((x0, y0, x1, y1), sample of that size) laid on it, their origin noted."""
    image = host.image.copy()
    origin: Origin = np.zeros(image.shape[:2], np.uint8) if host.origin is None else host.origin.copy()
    mask = None if host.mask is None else host.mask.copy()
    covered = np.zeros(image.shape[:2], np.bool_)
    table = list(host.origin_classes) or [host.classes]
    pasted = NOTHING
    for (x0, y0, x1, y1), piece in pieces:
        image[y0:y1, x0:x1] = piece.image
        origin[y0:y1, x0:x1] = len(table)
        covered[y0:y1, x0:x1] = True
        if mask is not None:
            mask[y0:y1, x0:x1] = piece.mask
        table.append(class_weights(piece))
        pasted = pasted.concat(move(shown(piece.objects), translation(x0, y0), host.size))
    return dataclasses.replace(
        host,
        image=image,
        origin=origin,
        origin_classes=tuple(table),
        objects=cover(host.objects, covered).concat(pasted),
        mask=mask,
    )


def _cut_out(sample: Sample, box: tuple[int, int, int, int]) -> Sample:
    """The part of a sample in a box, as a sample. What it shows in class weights is the whole image's."""
    x0, y0, x1, y1 = box
    return dataclasses.replace(
        sample,
        image=sample.image[y0:y1, x0:x1],
        objects=move(sample.objects, translation(-x0, -y0), (x1 - x0, y1 - y0)),
        mask=None if sample.mask is None else sample.mask[y0:y1, x0:x1],
    )


@op("cutmix")
@dataclass(frozen=True)
class Cutmix(Mix):
    """Paste a box of another image, its area share 1 - Beta(alpha, alpha); labels by the area really shown.

    Yun et al. 2019, "CutMix", section 3.1: sides sqrt(1 - lambda), centre uniform, clipped at the frame.
    """

    pastes: ClassVar[bool] = True
    alpha: Dist = param(Number(0.01, 100.0), 1.0, "of Beta(alpha, alpha)")
    partner: Dist = param(Name(PARTNERS, fixed=True), "any", PARTNER_DOC)
    fit: Dist = param(Name(("cover", "stretch"), fixed=True), "cover", FIT_DOC)

    def draw_more(self, rng: Stream, drawn: Drawn) -> Drawn:
        return {
            "lambda": rng.beta(drawn["alpha"], drawn["alpha"]),
            "x": rng.unit(),
            "y": rng.unit(),
        }

    def resolve(self, drawn: Drawn, view: View) -> Drawn:
        side = (1.0 - drawn["lambda"]) ** 0.5
        box = []
        for at, length in ((drawn["x"], view.width), (drawn["y"], view.height)):
            middle, half = at * length, side * length / 2.0
            box.append((max(0, round(middle - half)), min(length, round(middle + half))))
        (x0, x1), (y0, y1) = box
        shown = 1.0 - (x1 - x0) * (y1 - y0) / (view.width * view.height)
        return drawn | {"box": [x0, y0, x1, y1], "lambda": shown}

    def mix(self, host: Sample, partners: Sequence[Sample], amounts: Drawn, view: View) -> Sample:
        """The host with the box of the partner that lies at the same place."""
        (partner,) = partners
        x0, y0, x1, y1 = amounts["box"]
        if x0 >= x1 or y0 >= y1:
            return _paste(host, [])
        other = guest(partner, host, view.width, view.height, amounts["fit"])
        return _paste(host, [((x0, y0, x1, y1), _cut_out(other, (x0, y0, x1, y1)))])


@op("mosaic")
@dataclass(frozen=True)
class Mosaic(Mix):
    """Four images in a 2 x 2 grid around a random centre; labels by the area of each.

    Bochkovskiy et al. 2020, "YOLOv4", section 3.3; the frame stays the image's own size.
    """

    slots: ClassVar[int] = 3
    pastes: ClassVar[bool] = True
    center: Dist = param(Number(0.1, 0.9), [0.3, 0.7], "where the four meet, as a share of width and height")
    partner: Dist = param(Name(PARTNERS, fixed=True), "any", PARTNER_DOC)
    fit: Dist = param(Name(("cover", "stretch"), fixed=True), "cover", FIT_DOC)

    def draw_more(self, rng: Stream, drawn: Drawn) -> Drawn:
        return {"center_y": self.center.at(rng.unit()), "place": rng.below(4)}

    def resolve(self, drawn: Drawn, view: View) -> Drawn:
        x = min(max(round(drawn["center"] * view.width), 1), view.width)
        y = min(max(round(drawn["center_y"] * view.height), 1), view.height)
        return drawn | {"x": x, "y": y}

    def mix(self, host: Sample, partners: Sequence[Sample], amounts: Drawn, view: View) -> Sample:
        """The host in the cell `place` (reading order), the partners in the others."""
        x, y, width, height = amounts["x"], amounts["y"], view.width, view.height
        cells = [(0, 0, x, y), (x, 0, width, y), (0, y, x, height), (x, y, width, height)]
        parts = list(partners)
        parts.insert(amounts["place"], host)
        pieces = [
            (cell, guest(part, host, cell[2] - cell[0], cell[3] - cell[1], amounts["fit"]))
            for cell, part in zip(cells, parts, strict=True)
            if cell[0] < cell[2] and cell[1] < cell[3]
        ]
        return _paste(dataclasses.replace(host, objects=NOTHING), pieces)
