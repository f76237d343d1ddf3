"""The proof is worth what its checker finds: labels that are a little wrong."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from augcli.geometry import about, compose, scaling, translation
from augcli.labels import boxes, move
from augcli.objects import Objects, Outline
from tests.proof.checker import Checker
from tests.proof.report import Worst
from tests.proof.scenes import Scene, world
from tests.proof.written import Written

WORLD = world(5)
SCENE = WORLD.scenes[0]


def found(objects: Objects, scene: Scene = SCENE, mask: np.ndarray | None = None) -> list[str]:
    boxed = [tuple(box) for box in boxes(objects).tolist()]
    written = Written(list(objects.rows()), boxed, SCENE.mask if mask is None else mask)
    return Checker(WORLD, Worst()).check(scene.image, written, "here")


def shifted(x: float, y: float) -> Objects:
    return move(SCENE.objects, translation(x, y), SCENE.size)


def with_points(change: Callable[[np.ndarray], np.ndarray]) -> Objects:
    points = tuple(None if each is None else change(each) for each in SCENE.objects.keypoints)
    return dataclasses.replace(SCENE.objects, keypoints=points)


def test_scenes_are_right_as_they_are_painted() -> None:
    for number in range(4):
        made_of = world(number)
        for scene in made_of.scenes:
            objects = scene.objects
            boxed = [tuple(box) for box in boxes(objects).tolist()]
            written = Written(list(objects.rows()), boxed, scene.mask)
            assert not Checker(made_of, Worst()).check(scene.image, written, scene.name)


@pytest.mark.parametrize("shift", [(2, 0), (-2, 0), (0, 2), (0, -2)])
def test_labels_that_are_two_pixels_off_are_found(shift: tuple[int, int]) -> None:
    wrong = found(shifted(*shift))
    for number in SCENE.objects.id:
        assert any(f" {number}: " in each for each in wrong)


def test_labels_that_are_a_twentieth_too_large_are_found() -> None:
    for index, (x0, y0, x1, y1) in enumerate(boxes(SCENE.objects)):
        larger = move(
            SCENE.objects.select([index]),
            about(scaling(1.05, 1.05), (x0 + x1) / 2, (y0 + y1) / 2),
            (1000, 1000),
        )
        assert any(f" {SCENE.objects.id[index]}: " in each for each in found(larger))


def test_a_keypoint_at_another_place_is_found() -> None:
    assert any("keypoint" in each for each in found(with_points(lambda p: p + np.array([1.5, 0.0, 0.0]))))
    assert any("keypoint" in each for each in found(with_points(lambda p: p * np.array([1.0, 1.0, 0.5]))))


def test_left_and_right_that_were_not_exchanged_are_found() -> None:
    mirror = compose(scaling(-1, 1), translation(SCENE.size[0], 0))
    image, mask = SCENE.image[:, ::-1].copy(), SCENE.mask[:, ::-1].copy()
    wrong = found(move(SCENE.objects, mirror, SCENE.size), dataclasses.replace(SCENE, image=image), mask)
    assert any("is called" in each for each in wrong) and any("keypoint" in each for each in wrong)
    assert any("semantic mask" in each for each in wrong)


def test_a_label_too_many_one_too_few_and_another_class_are_found() -> None:
    assert any("not labelled" in each for each in found(SCENE.objects.select([1, 2, 3])))
    assert any(
        "not seen" in each for each in found(SCENE.objects.concat(WORLD.scenes[1].objects.select([0])))
    )
    assert any("2 times" in each for each in found(SCENE.objects.select([0, 1, 2, 3, 3])))
    other = dataclasses.replace(SCENE.objects, category=("other",) * 4)
    assert sum("is called other" in each for each in found(other)) == 4


def test_a_semantic_mask_that_is_two_pixels_off_is_found() -> None:
    assert any("semantic mask" in each for each in found(SCENE.objects, mask=np.roll(SCENE.mask, 2, axis=1)))


def test_rotated_boxes_that_are_two_pixels_too_long_or_too_short_are_found() -> None:
    made_of = world(3, ("tilted",), twins=False)
    scene = made_of.scenes[0]

    def told(by: float) -> list[str]:
        longer = []
        for thing in scene.objects.rows():
            corners = thing.evidence.parts[0][0]
            way = corners[1] - corners[0]
            moved = corners.copy()
            moved[1:3] += by * way / np.hypot(*way)
            longer.append(dataclasses.replace(thing, evidence=Outline(((moved,),), "rotated")))
        written = Written(longer, [tuple(box) for box in boxes(Objects.of(longer)).tolist()], rotated=True)
        return Checker(made_of, Worst()).check(scene.image, written, "here")

    assert not told(0.0)
    for by in (2.0, -2.0):
        for thing in scene.objects.rows():
            assert any(f" {thing.id}: " in each for each in told(by))
