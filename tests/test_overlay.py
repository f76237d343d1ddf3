"""What is drawn over a picture lies where the labels say, in the colours of their categories."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from augcli.objects import NOTHING, Bitmap, Objects, Outline, Thing
from augcli.overlay import LEFT, MIDDLE, TINT, VOID, Labels, color_of, overlaid
from augcli.sample import Category

RED, BLUE = (255, 0, 0), (0, 0, 255)
CUP = Category("cup", 1, color=RED)
FACE = Category("face", 2, ("left_eye", "right_eye", "nose"), (1, 0, 2), ((0, 1),), BLUE)
GREY = 100

Picture = NDArray[np.uint8]


def grey(width: int, height: int) -> Picture:
    return np.full((height, width, 3), GREY, np.uint8)


def tinted(color: tuple[int, int, int]) -> list[int]:
    return [round(GREY * (1 - TINT) + channel * TINT) for channel in color]


def near(pixel: Picture, color: tuple[int, int, int]) -> bool:
    """Smoothed lines reach their colour to a few levels."""
    return bool(np.abs(pixel.astype(int) - color).max() <= 20)


def square(x0: float, y0: float, x1: float, y1: float) -> NDArray[np.float64]:
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], dtype=np.float64)


def drawn(thing: Thing, size: tuple[int, int] = (200, 160), shown: tuple[int, int] = (200, 160)) -> Picture:
    return overlaid(grey(*shown), Labels(size, Objects.of([thing]), None, (CUP, FACE)))


def test_a_box_is_a_line_on_its_outermost_pixels_and_nothing_inside() -> None:
    picture = drawn(Thing("cup", Outline.box(20.5, 40.5, 120.5, 100.5)))
    assert (picture[100, 20:121] == RED).all() and (picture[40, 20:121] == RED).all()
    assert (picture[40:101, [20, 120]] == RED).all()
    assert picture[70:90, 30:110].tolist() == grey(80, 20).tolist()
    assert (
        (picture[:, 121:] == GREY).all() and (picture[101:] == GREY).all() and (picture[:, :20] == GREY).all()
    )


def test_a_box_as_large_as_the_frame_is_seen_whole() -> None:
    picture = drawn(Thing("cup", Outline.box(0, 0, 200, 160)))
    assert all(
        near(pixel, RED) for pixel in (picture[0, 90], picture[159, 90], picture[80, 0], picture[80, 199])
    )
    assert (picture[20:158, 2:198] == GREY).all()


def test_a_box_that_was_turned_is_drawn_upright_as_it_is_written_and_a_rotated_one_is_not() -> None:
    corners = ((np.array([[100, 20], [160, 80], [100, 140], [40, 80]], dtype=np.float64),),)
    upright = drawn(Thing("cup", Outline(corners, "box")))
    assert near(upright[110, 40], RED) and (upright[45:55, 60:75] == GREY).all()
    turned = drawn(Thing("cup", Outline(corners, "rotated")))
    assert (turned[110, 40] == GREY).all() and (turned[45:55, 60:75] != GREY).any()


def test_a_polygon_is_tinted_and_its_hole_is_not() -> None:
    outline = Outline(((square(20, 20, 180, 140), square(80, 60, 120, 100)),))
    picture = drawn(Thing("cup", outline))
    assert (picture[120:135, 30:170] == tinted(RED)).all()
    assert (picture[65:95, 85:115] == GREY).all()
    assert (picture[:, :18] == GREY).all()


def test_labels_are_scaled_to_the_picture_as_it_is_shown() -> None:
    outline = Outline(((square(200, 400, 1000, 1200),),))
    picture = drawn(Thing("cup", outline), (2000, 1600), (200, 160))
    assert (picture[60:118, 22:98] == tinted(RED)).all()
    assert (picture[:38] == GREY).all() and (picture[:, 103:] == GREY).all() and (picture[123:] == GREY).all()


def test_a_bitmap_is_tinted_where_its_pixels_are() -> None:
    mask = np.zeros((60, 80), np.bool_)
    mask[:, :20] = mask[:, 60:] = True
    picture = drawn(Thing("cup", Bitmap(mask, 100, 50)))
    assert (picture[70:100, 103:118] == tinted(RED)).all() and (picture[70:100, 162:178] == tinted(RED)).all()
    assert (picture[55:105, 123:157] == GREY).all()


def test_keypoints_tell_left_from_right_and_hidden_from_visible() -> None:
    points = np.array([[150.5, 60.5, 2], [60.5, 60.5, 1], [100.5, 100.5, 2]], dtype=np.float64)
    picture = drawn(Thing("face", Outline.box(10, 10, 190, 150), points))
    assert picture[60, 150].tolist() == list(LEFT)
    assert near(picture[60, 60], (0, 0, 0)), "a hidden point is a ring with a dark middle"
    ring = picture[55:66, 55:66].astype(int)
    assert (ring[..., 0] - ring[..., 2]).max() > 120, "the ring is red, the colour of the right"
    assert picture[100, 100].tolist() == list(MIDDLE)
    assert near(picture[60, 100], BLUE), "the bone between the eyes"
    gone = np.array([[150.5, 60.5, 2], [0, 0, 0], [100.5, 100.5, 2]], dtype=np.float64)
    picture = drawn(Thing("face", Outline.box(10, 10, 190, 150), gone))
    assert picture[60, 100].tolist() == [GREY] * 3 and picture[0, 0].tolist() == [GREY] * 3


def test_a_semantic_mask_is_tinted_by_class_and_the_background_stays() -> None:
    mask = np.zeros((160, 200), np.uint8)
    mask[:80, :100], mask[80:, 100:], mask[80:, :100] = 1, 255, 9
    picture = overlaid(grey(100, 80), Labels((200, 160), NOTHING, mask, (CUP,), 255))
    assert (picture[:40, :50] == tinted(RED)).all() and (picture[40:, 50:] == tinted(VOID)).all()
    assert (picture[:40, 50:] == GREY).all()
    assert (picture[40:, :50] == GREY).all(), "9 is no category"


def test_small_objects_are_drawn_over_large_ones() -> None:
    small = Thing("face", Outline(((square(80, 60, 120, 100),),)))
    large = Thing("cup", Outline(((square(0, 0, 200, 160),),)))
    pictures = [
        overlaid(grey(200, 160), Labels((200, 160), Objects.of(order), None, (CUP, FACE)))
        for order in ([small, large], [large, small])
    ]
    assert np.array_equal(*pictures)
    under = np.array(tinted(RED))
    over = np.rint(under * (1 - TINT) + np.array(BLUE) * TINT)
    assert (pictures[0][90, 90] == over).all()


def test_the_picture_is_not_written_into_and_empty_labels_change_nothing() -> None:
    picture = grey(40, 30)
    picture.flags.writeable = False
    assert np.array_equal(overlaid(picture, Labels((40, 30), NOTHING)), picture)
    box = Objects.of([Thing("unknown", Outline.box(5, 5, 20, 20))])
    assert not np.array_equal(overlaid(picture, Labels((40, 30), box)), picture)


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (200, 2)])
def test_pictures_of_a_few_pixels_are_drawn_on_too(size: tuple[int, int]) -> None:
    things = [Thing("cup", Outline.box(0, 0, 1000, 1000)), Thing("cup", Bitmap(np.zeros((0, 0), np.bool_)))]
    assert overlaid(grey(*size), Labels((1000, 1000), Objects.of(things))).shape == (size[1], size[0], 3)


def test_colours_are_those_of_the_category_or_of_its_number_never_black() -> None:
    plain = {name: Category(name, number) for number, name in enumerate(["a", "b", "c", "d", "e", "f"])}
    colors = [color_of(name, plain) for name in plain]
    assert colors == [color_of(name, dict(reversed(plain.items()))) for name in plain]
    apart = [max(abs(x - y) for x, y in zip(a, b, strict=True)) for a in colors for b in colors if a != b]
    assert len(set(colors)) == 6 and min(apart) >= 60
    assert color_of("x", {"x": Category("x", 3, color=(0, 0, 0))}) != (0, 0, 0)
    assert color_of("x", {"x": Category("x", 3, color=RED)}) == RED
