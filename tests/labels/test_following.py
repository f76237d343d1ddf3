"""Labels follow the pixels through the camera, covers and mixes: compared with what the pixels show."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import augcli.ops  # noqa: F401 - fills the registry
from augcli.camera import Camera, LabelRules
from augcli.geometry import Canvas, Move, compose, scaling, translation
from augcli.labels import Symmetry, bounds, class_weights, raster
from augcli.objects import Bitmap, Objects, Outline, Thing
from augcli.ops.base import OPS, Drawn, Mix, View, make
from augcli.ops.mixing import guest
from augcli.recipe.model import Recipe, Step
from augcli.render import Act, Story, developed
from augcli.rng import stream
from augcli.sample import Dataset, Sample
from augcli.setting import Setting
from tests.labels.things import polygon, star

BACK = 40
SIZE = (80, 60)


def scene(colour: int, things: list[Thing], size: tuple[int, int] = SIZE) -> Sample:
    """A picture in which every object is painted with `colour`, and its semantic mask."""
    image = np.full((size[1], size[0], 3), BACK, np.uint8)
    mask = np.zeros((size[1], size[0]), np.uint8)
    for thing in things:
        image[raster(thing.evidence, size)] = colour
        mask[raster(thing.evidence, size)] = colour
    return Sample(image, {f"c{colour}": 1.0}, objects=Objects.of(things), mask=mask)


def mixed(op: Mix, drawn: Drawn, host: Sample, *guests: Sample) -> Sample:
    view = View(*host.size)
    return op.mix(host, guests, json.loads(json.dumps(op.resolve(drawn, view))), view)


def of(name: str, **values: Any) -> Mix:
    made = make(OPS[name], **values)
    assert isinstance(made, Mix)
    return made


def box_of(pixels: np.ndarray) -> list[int]:
    rows, columns = np.nonzero(pixels)
    return [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]


def test_a_camera_moves_objects_and_mask_with_the_pixels_and_fills_with_ignore() -> None:
    sample = scene(200, [Thing("a", Outline.box(10, 20, 40, 50))])
    camera = Camera(sample, Canvas(), None, LabelRules(ignore=255))
    camera.move(Move(compose(translation(-20, 10), scaling(2, 2)), 100, 120))
    assert camera.view().boxes().tolist() == [[0, 60, 40, 120]]
    made = camera.flush()
    assert bounds(made.objects.evidence[0]) == (0, 60, 40, 120)
    assert made.objects.visible == pytest.approx((2 / 3,))
    assert made.mask is not None and made.mask.dtype == np.uint8
    assert box_of(made.mask == 200) == [0, 60, 40, 120] == box_of(made.image[..., 0] > 120)
    assert (made.mask[:20] == 255).all() and (made.mask[20:] != 255).all()


def test_boxes_of_a_view_leave_out_what_is_not_in_the_frame() -> None:
    sample = scene(200, [Thing("a", Outline.box(0, 0, 9, 9)), Thing("b", Outline.box(50, 30, 70, 50))])
    camera = Camera(sample, Canvas(), None)
    assert len(camera.view().boxes()) == 2
    camera.move(Move(translation(-30, 0), 50, 60))
    assert camera.view().boxes().tolist() == [[20, 30, 40, 50]]
    assert View(3, 4).boxes().shape == (0, 4)


def test_a_mirror_renames_objects_classes_and_mask_values_once_per_flush() -> None:
    rules = LabelRules(Symmetry(classes={"left": "right"}, ids={1: 2}))
    mask = np.array([[1, 2, 3, 0]], np.uint8)
    sample = Sample(
        np.zeros((1, 4, 3), np.uint8),
        {"left": 1.0},
        objects=Objects.of([Thing("left", Outline.box(0, 0, 1, 1))]),
        mask=mask,
    )
    flip = Move(compose(scaling(-1, 1), translation(4, 0)), 4, 1)
    camera = Camera(sample, Canvas(), None, rules)
    camera.move(flip)
    once = camera.flush()
    assert once.classes == {"right": 1.0} and once.objects.category == ("right",)
    assert once.mask is not None and once.mask.tolist() == [[0, 3, 1, 2]]
    camera.move(flip)
    twice = camera.flush()
    assert twice.classes == {"left": 1.0} and np.array_equal(twice.mask, mask)  # type: ignore[arg-type]


def test_an_erasing_step_lowers_visibility_cuts_bitmaps_and_leaves_boxes() -> None:
    square = Thing("s", Outline.box(20, 20, 60, 40))
    bitmap = Thing("b", Bitmap(np.ones((20, 40), bool), 20, 20))
    sample = scene(200, [square, bitmap])
    step = Step("cutout", make(OPS["cutout"], size=24, fill=7))
    drawn: list[dict[str, Any]] = []
    for copy in range(5):
        story = Story()
        act = Act(step.id, step.op, step.op.draw(stream(copy)))
        made = developed(Setting(Recipe(), Dataset("folders")), sample, [act], lambda act: None, story)
        drawn += story.steps
        seen = made.image[..., 0] == 200
        assert made.objects.visible == pytest.approx((seen.sum() / 800,) * 2)
        assert bounds(made.objects.evidence[0]) == (20, 20, 60, 40)
        assert np.array_equal(raster(made.objects.evidence[1], SIZE), seen)
    assert all("boxes" in record["resolved"] for record in drawn)


def test_a_guest_is_moved_with_its_labels() -> None:
    partner = scene(90, [Thing("p", Outline.box(50, 10, 90, 30))], (120, 60))
    for fit in ("cover", "stretch"):
        made = guest(partner, scene(0, []), 80, 60, fit)
        (evidence,) = made.objects.evidence
        found = box_of(made.image[..., 0] > 65)
        assert np.abs(np.array(bounds(evidence)) - found).max() <= 1
        assert made.mask is not None and np.abs(np.array(box_of(made.mask == 90)) - found).max() <= 1


@settings(max_examples=30, deadline=None)
@given(share=st.floats(0, 1), x=st.floats(0, 0.999), y=st.floats(0, 0.999))
def test_cutmix_shows_the_objects_of_both_as_far_as_they_are_seen(share: float, x: float, y: float) -> None:
    host = scene(200, [Thing("h", Outline.box(10, 10, 50, 40))])
    partner = scene(120, [Thing("p", Bitmap(np.ones((30, 40), bool), 30, 20))])
    op = of("cutmix")
    made = mixed(op, {**op.draw(stream(0)), "lambda": share, "x": x, "y": y}, host, partner)
    ours, theirs = made.image[..., 0] == 200, made.image[..., 0] == 120
    seen = dict(zip(made.objects.category, made.objects.visible, strict=True))
    assert seen["h"] == pytest.approx(ours.sum() / 1200)
    assert seen.get("p", 0.0) == pytest.approx(theirs.sum() / 1200)
    if "p" in seen:
        assert np.array_equal(raster(made.objects.evidence[1], SIZE), theirs)
    assert np.array_equal(made.mask, np.where(made.image[..., 0] == BACK, 0, made.image[..., 0]))  # type: ignore[arg-type]


def test_mosaic_brings_the_objects_of_all_four_and_only_what_shows() -> None:
    colours = (200, 120, 90, 160)
    samples = [scene(c, [Thing(str(c), Outline.box(20, 16, 60, 44))]) for c in colours]
    op = of("mosaic", fit="stretch")
    made = mixed(op, {**op.draw(stream(1)), "center": 0.5, "center_y": 0.5, "place": 1}, *samples)
    assert sorted(made.objects.category) == sorted(map(str, colours))
    for name, evidence in zip(made.objects.category, made.objects.evidence, strict=True):
        shown = np.abs(made.image[..., 0].astype(int) - int(name)) < 12
        assert np.abs(np.array(bounds(evidence)) - box_of(shown)).max() <= 1
    assert made.objects.visible == (1.0,) * 4


def test_mixup_keeps_all_objects_with_their_weights() -> None:
    host, partner = (scene(c, [Thing(str(c), Outline.box(5, 5, 20, 20))]) for c in (200, 100))
    op = of("blend", alpha=0.3)
    made = mixed(op, op.draw(stream(0)), host, partner)
    assert made.objects.category == ("200", "100")
    assert [row["weight"] for row in made.objects.extra] == [0.3, 0.7]
    again = mixed(of("blend", alpha=0.5), {**op.draw(stream(0)), "alpha": 0.5}, made, partner)
    assert [row["weight"] for row in again.objects.extra] == [0.15, 0.35, 0.5]
    whole = mixed(of("blend", alpha=1.0), {**op.draw(stream(0)), "alpha": 1.0}, host, partner)
    assert whole.objects.category == ("200",) and whole.objects.extra == ({},)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), count=st.integers(1, 4))
def test_copy_paste_pastes_along_outlines_and_hides_what_is_below(seed: int, count: int) -> None:
    host = scene(200, [Thing("h", Outline.box(10, 10, 50, 40))])
    blob = polygon((star(40, 30, np.full(24, 14.0)),))
    partner = scene(120, [Thing("p", blob), Thing("crowd", Outline.box(0, 0, 70, 9), crowd=True)])
    op = of("copy_paste", count=count)
    made = mixed(op, op.draw(stream(seed)), host, partner)
    assert set(made.objects.category) <= {"h", "p"} and len(made.objects) <= 2
    ours = made.image[..., 0] == 200
    assert made.objects.visible[0] == pytest.approx(ours.sum() / 1200)
    if len(made.objects) == 2:
        theirs = raster(made.objects.evidence[1], SIZE)
        assert np.abs(made.image[..., 0][theirs].astype(int) - 120).mean() < 12
        untouched = ~theirs
        assert np.array_equal(made.image[untouched], host.image[untouched])
        assert class_weights(made)["c120"] == pytest.approx(theirs.mean())


def test_a_pasted_box_brings_what_else_is_labelled_in_it() -> None:
    partner = scene(
        120, [Thing("car", Outline.box(20, 15, 60, 45)), Thing("wheel", Outline.box(25, 35, 33, 43))]
    )
    op = of("copy_paste", count=1, scale=1)
    drawn = {**op.draw(stream(0)), "pastes": [[0.0, 1.0, 0.5, 0.5]]}
    made = mixed(op, drawn, scene(200, []), partner)
    assert made.objects.category == ("car", "wheel")
    assert [bounds(evidence) for evidence in made.objects.evidence] == [(20, 15, 60, 45), (25, 35, 33, 43)]
    assert made.objects.visible == (1.0, 1.0)


def test_a_partner_without_objects_pastes_nothing() -> None:
    host = scene(200, [Thing("h", Outline.box(10, 10, 50, 40))])
    op = of("copy_paste", count=3)
    assert mixed(op, op.draw(stream(0)), host, scene(90, [])) is host


@pytest.mark.parametrize("name", ["cutmix", "mosaic", "blend", "copy_paste"])
def test_a_mix_writes_into_nobody_s_arrays(name: str) -> None:
    samples = [scene(c, [Thing("x", Bitmap(np.ones((9, 9), bool), 3, 3))]) for c in (200, 120, 90, 60)]
    for sample in samples:
        sample.image.setflags(write=False)
        sample.mask.setflags(write=False)  # type: ignore[union-attr]
        sample.objects.evidence[0].mask.setflags(write=False)  # type: ignore[union-attr]
    op = of(name)
    mixed(op, op.draw(stream(2)), *samples[: op.slots + 1])
