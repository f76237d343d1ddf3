"""Vector overlays lie in the image's coordinates, one group for each kind of label."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from numpy.typing import NDArray

from augcli.labels import to_plain
from augcli.objects import NOTHING, Bitmap, Objects, Outline, Thing
from augcli.overlay import LEFT, MIDDLE, RIGHT, Labels
from augcli.sample import Category
from augcli.svg import css_color, described, kinds_of, labels_of, vector_overlay

CUP = Category("cup", 1, color=(255, 0, 0))
FACE = Category("face", 2, ("left_eye", "right_eye", "nose"), (1, 0, 2), ((0, 1),), (0, 0, 255))
SIZE = (200, 160)


def square(x0: float, y0: float, x1: float, y1: float) -> NDArray[np.float64]:
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], dtype=np.float64)


def parsed(*things: Thing, size: tuple[int, int] = SIZE, mask=None) -> ElementTree.Element:
    labels = Labels(size, Objects.of(things), mask, (CUP, FACE), 255)
    return ElementTree.fromstring(vector_overlay(labels))


def group(svg: ElementTree.Element, kind: str) -> ElementTree.Element:
    (found,) = [each for each in svg if each.get("data-kind") == kind]
    return found


def shape(svg: ElementTree.Element, kind: str) -> ElementTree.Element:
    """The one path of a kind, which both of its lines use."""
    (path,) = group(svg, kind).iter("path")
    assert {each.get("href") for each in lines(svg, kind)} == {f"#{path.get('id')}"}
    return path


def lines(svg: ElementTree.Element, kind: str) -> list[ElementTree.Element]:
    return list(group(svg, kind).iter("use"))


def stairs(path: ElementTree.Element) -> list[list[tuple[int, int]]]:
    """The corners of rings that are written as steps."""
    found = []
    for ring in re.findall(r"M([^z]*)z", path.get("d") or ""):
        start, *steps = re.findall(r"[hv]?[-\d ]+", ring)
        x, y = map(int, start.split())
        corners = [(x, y)]
        for step in steps:
            x, y = (x + int(step[1:]), y) if step[0] == "h" else (x, y + int(step[1:]))
            corners.append((x, y))
        found.append(corners)
    return found


def rings(path: ElementTree.Element) -> list[list[tuple[float, float]]]:
    return [
        [tuple(map(float, pair.split(","))) for pair in ring.split()]
        for ring in re.findall(r"M([^z]*)z", path.get("d") or "")
    ]


def test_a_box_is_its_four_edges_in_pixels_of_the_image() -> None:
    svg = parsed(Thing("cup", Outline.box(20.25, 40.5, 120, 100)))
    assert svg.get("viewBox") == "0 0 200 160"
    assert rings(shape(svg, "boxes")) == [[(20.25, 40.5), (120, 40.5), (120, 100), (20.25, 100)]]
    under, over = lines(svg, "boxes")
    assert (under.get("stroke"), over.get("stroke")) == ("#000", "#ff0000")
    assert under.get("fill") == over.get("fill") == "none"


def test_a_hole_is_a_hole_by_the_even_odd_rule() -> None:
    svg = parsed(Thing("cup", Outline(((square(0, 0, 80, 80), square(20, 20, 60, 60)),))))
    assert len(rings(shape(svg, "outlines"))) == 2
    assert lines(svg, "outlines")[0].get("fill-rule") == "evenodd"


def test_a_bitmap_is_the_outline_of_its_pixels() -> None:
    mask = np.ones((10, 20), np.bool_)
    mask[4:6, 4:6] = False
    svg = parsed(Thing("cup", Bitmap(mask, 100, 50)))
    outer, hole = stairs(shape(svg, "masks"))
    assert set(outer) == {(100, 50), (120, 50), (120, 60), (100, 60)}
    assert set(hole) == {(104, 54), (106, 54), (106, 56), (104, 56)}


def test_the_mask_of_a_large_image_is_drawn_on_a_grid_that_a_page_can_show() -> None:
    mask = np.zeros((2048, 4096), np.bool_)
    mask[512:1024, 1024:2048] = True
    svg = parsed(Thing("cup", Bitmap(mask)), size=(4096, 2048))
    path = shape(svg, "masks")
    assert path.get("transform") == "scale(8 8)"
    assert set(stairs(path)[0]) == {(128, 64), (256, 64), (256, 128), (128, 128)}


def test_keypoints_tell_left_from_right_and_hidden_from_visible() -> None:
    points = np.array([[150, 60, 2], [60, 60, 1], [0, 0, 0]], dtype=np.float64)
    svg = parsed(Thing("face", Outline.box(10, 10, 190, 150), points))
    bone, _, left, right = [*group(svg, "keypoints")]
    assert bone.get("d") == "M150,60L60,60"
    assert [each.text for each in (left[0], right[0])] == ["left_eye", "right_eye, hidden"]
    assert [each.get("stroke") for each in left[1:]] == ["#000", css_color(LEFT)]
    assert [each.get("stroke") for each in right[1:]] == ["#000", css_color(RIGHT), "#000"]
    assert css_color(MIDDLE) not in {path.get("stroke") for path in svg.iter()}, "the nose is not labelled"


def test_a_semantic_mask_is_a_picture_over_the_whole_frame() -> None:
    mask = np.zeros((160, 200), np.uint8)
    mask[:80] = 1
    image = group(parsed(mask=mask), "masks")[0]
    assert image.tag == "image" and (image.get("width"), image.get("height")) == ("200", "160")
    assert (image.get("href") or "").startswith("data:image/png;base64,")


def test_there_is_a_group_for_each_kind_that_is_there_and_none_for_others() -> None:
    labels = Labels(SIZE, Objects.of([Thing("cup", Outline.box(0, 0, 9, 9))]), None, (CUP,))
    assert kinds_of(labels) == ["boxes", "names"]
    assert vector_overlay(Labels(SIZE, NOTHING)) == "" and kinds_of(Labels(SIZE, NOTHING)) == []


def test_small_objects_are_drawn_over_large_ones() -> None:
    small, large = Thing("face", Outline.box(20, 20, 40, 40)), Thing("cup", Outline.box(0, 0, 200, 160))
    assert vector_overlay(Labels(SIZE, Objects.of([small, large]), None, (CUP, FACE))) == vector_overlay(
        Labels(SIZE, Objects.of([large, small]), None, (CUP, FACE))
    ).replace("1 cup, 1 face", "1 face, 1 cup")


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", '"><img onerror=x>', "a\u2028\u202eb", "\udce9"]
)
def test_the_names_of_classes_and_keypoints_stay_text(name: str) -> None:
    category = Category(name, 3, (name,), (), (), None)
    thing = Thing(name, Outline.box(1, 1, 90, 90), np.array([[5.0, 5.0, 2.0]]))
    text = vector_overlay(Labels(SIZE, Objects.of([thing]), np.full((160, 200), 3), (category,)))
    svg = ElementTree.fromstring(text.encode("utf-8"))
    allowed = {"svg", "title", "g", "path", "text", "image", "rect", "defs", "use"}
    assert {each.tag for each in svg.iter()} <= allowed
    assert not any(key.startswith("on") for each in svg.iter() for key in each.attrib)


def test_a_row_of_a_manifest_gives_back_its_labels() -> None:
    things = [Thing("cup", Outline.box(1, 2, 30, 40)), Thing("face", Outline(((square(0, 0, 9, 9),),)))]
    row = {"size": [200, 160], "labels": {"objects": to_plain(Objects.of(things))}}
    labels = labels_of(row, (CUP, FACE))
    assert described(labels) == "1 cup, 1 face"
    assert vector_overlay(labels) == vector_overlay(Labels(SIZE, Objects.of(things), None, (CUP, FACE)))
    assert described(labels_of({"size": [1, 1], "labels": {}}, ())) == "no labels"
