"""Geometry of other libraries: transform and arguments -> the step to write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from augcli.recipe.foreign_args import (
    Args,
    Rule,
    Span,
    Step,
    always,
    factors,
    fixed_lengths,
    flag,
    lengths,
    limits,
    pair,
    real,
    shifts,
    span,
    spread,
    step,
    text,
    times,
)


def flip(args: Args) -> Step:
    """Keras' RandomFlip, the old albumentations Flip, Roboflow's flip."""
    mode = args.read(text, "mode", "direction", "axis")
    if mode in ("horizontal", "vertical"):
        return step("flip", axis=mode)
    # Keras rolls for each axis with 1/2: each of the three flips, and none, has probability 1/4.
    return step("flip", axis={"choice": ["horizontal", "vertical", "both"]}, p=0.75)


def rotate(default: Span) -> Callable[[Args], Step]:
    """A rotation of `default` degrees where nothing is given."""

    def build(args: Args) -> Step:
        names = ("limit", "degrees", "rotation_range", "angle", "angle_range", "rotate", "rotation")
        turns = args.read(times(spread, 360), "factor", default=default)
        left, right = args.read(real, "max_left_rotation"), args.read(real, "max_right_rotation")
        if left is not None or right is not None:
            turns = (-abs(right or 0), abs(left or 0))
        frame = "expand" if args.read(flag, "expand") else None
        frame = "inside" if args.read(flag, "crop_border") else frame
        return step("rotate", degrees=args.read(spread, *names, default=turns), frame=frame)

    return build


def safe_rotate(args: Args) -> Step:
    return step("rotate", degrees=args.read(spread, "limit", default=(-90, 90)), frame="expand")


def dihedral(args: Args) -> Step:
    """All eight symmetries of the square alike."""
    return {"sequence": {"of": [{"transpose": {"p": 0.5}}, {"rotate90": {"quarter_turns": [0, 3]}}]}}


def shift_scale_rotate(args: Args) -> Step:
    both = args.read(shifts, "shift_limit", default=("-6.25%", "6.25%"))
    return step(
        "affine",
        x=args.read(shifts, "shift_limit_x", default=both),
        y=args.read(shifts, "shift_limit_y", default=both),
        scale=args.read(limits, "scale_limit", default=(0.9, 1.1)),
        degrees=args.read(spread, "rotate_limit", default=(-45, 45)),
    )


def _by_axis(convert: Callable[[object], Any]) -> Callable[[object], tuple[Any, Any] | None]:
    """(x, y) of `{x: ..., y: ...}`, or of one value for both."""

    def both(value: object) -> tuple[Any, Any] | None:
        if not isinstance(value, dict):
            one = convert(value)
            return None if one is None else (one, one)
        return (convert(value.get("x")), convert(value.get("y"))) if set(value) <= {"x", "y"} else None

    return both


def _same(value: object) -> Any:
    """A range that holds for both axes."""
    both = _by_axis(span)(value)
    return both[0] if both and both[0] == both[1] else None


def affine(args: Args) -> Step:
    """albumentations, imgaug: a number is that number."""
    x, y = args.read(_by_axis(fixed_lengths), "translate_percent", "translate_px", default=(None, None))
    lean, slope = args.read(_by_axis(span), "shear", default=(None, None))
    return step(
        "affine",
        degrees=args.read(span, "rotate", "degrees"),
        scale=args.read(_same, "scale"),
        x=args.read(fixed_lengths, "x", default=x),
        y=args.read(fixed_lengths, "y", default=y),
        shear_x=args.read(span, "shear_x", default=lean),
        shear_y=args.read(span, "shear_y", default=slope),
    )


def random_affine(args: Args) -> Step:
    """torchvision: angles are clockwise, shifts at most a share of the side."""
    shift = args.read(lambda v: v if isinstance(v, list) and None not in map(real, v) else None, "translate")
    across, down = (lengths((-v, v)) for v in shift) if shift and len(shift) == 2 else (None, None)
    lean, slope = args.read(_shears, "shear", default=(None, None))
    turns = args.read(times(spread, -1), "degrees")
    scale = args.read(pair, "scale")
    return step("affine", degrees=turns, scale=scale, x=across, y=down, shear_x=lean, shear_y=slope)


def _shears(value: object) -> tuple[Span | None, Span | None] | None:
    """torchvision: one or two numbers lean, four are x and y."""
    if isinstance(value, list | tuple) and len(value) == 4:
        return pair(value[:2]), pair(value[2:])
    lean = spread(value)
    return None if lean is None else (lean, None)


def perspective(args: Args) -> Step:
    # albumentations moves corners by shares of the side, `distortion` is of half the side.
    doubled = args.read(times(span, 2), "scale")
    return step("perspective", distortion=args.read(span, "distortion_scale", "distortion", default=doubled))


def shear(axis: str) -> Callable[[Args], Step]:
    names = ("shear", "shear_range", "limit", "degrees", axis)
    return lambda args: step("shear", **{axis: args.read(spread, *names, default=(-10, 10))})


def shear_sides(args: Args) -> Step:
    """Augmentor."""
    left, right = args.read(real, "max_shear_left"), args.read(real, "max_shear_right")
    lean = (-abs(left or 0), abs(right or 0)) if left is not None or right is not None else None
    both = args.read(spread, "degrees", "shear", "angle", default=lean)
    return step(
        "shear", x=args.read(spread, "x", "shear_x", default=both), y=args.read(spread, "y", "shear_y")
    )


def translate(*axes: str) -> Callable[[Args], Step]:
    """Shifts along these axes where nothing names an axis."""

    def build(args: Args) -> Step:
        names = ("width_shift_range", "height_shift_range", "percent", "px", "limit", "shift", "translate")
        both = args.read(shifts, *names)
        x = args.read(shifts, "width_factor", "translate_x", "width_shift", "dx", "tx", default=both)
        y = args.read(shifts, "height_factor", "translate_y", "height_shift", "dy", "ty", default=both)
        if x is None and y is None:
            x = y = ("-10%", "10%")
        return step("translate", x=x if "x" in axes else None, y=y if "y" in axes else None)

    return build


def scale(args: Args) -> Step:
    default = args.read(limits, "scale_limit", "limit", default=(0.9, 1.1))
    return step("scale", factor=args.read(span, "scale_range", "scale", "factor", default=default))


def zoom(args: Args) -> Step:
    keras = args.read(_keras_zoom, "height_factor", "width_factor", default=(0.8, 1.2))
    return step("zoom", factor=args.read(factors, "zoom_range", "factor", default=keras))


def _keras_zoom(value: object) -> Span | None:
    """RandomZoom: the visible part is 1 + factor of the side."""
    around = spread(value)
    return None if around is None or around[0] <= -0.95 else (1 / (1 + around[1]), 1 / (1 + around[0]))


def zoom_out(args: Args) -> Step:
    side = args.read(lambda v: found if (found := pair(v)) and found[0] >= 1 else None, "side_range")
    return step("zoom", factor=(1 / side[1], 1 / side[0]) if side else (0.25, 1))


RULES = (
    Rule("HorizontalFlip RandomHorizontalFlip", always("flip", axis="horizontal"), "p", 0.5),
    Rule("VerticalFlip RandomVerticalFlip", always("flip", axis="vertical"), "p", 0.5),
    Rule("Fliplr flip_left_right flip_lr mirror hflip", always("flip", axis="horizontal"), "p"),
    Rule("Flipud flip_top_bottom flip_ud vflip", always("flip", axis="vertical"), "p"),
    Rule("Flip flip_random", flip, "mode", 0.5),
    Rule("Transpose", always("transpose"), "p", 0.5),
    Rule("D4 SquareSymmetry", dihedral),
    Rule("SafeRotate rotate_without_crop", safe_rotate, "limit", 0.5),
    Rule("Rotate", rotate((-90, 90)), "limit", 0.5, unless="degrees rotate angle max_left_rotation"),
    Rule("Rotation rotation_range rotate_image turn", rotate((-15, 15)), "degrees"),
    Rule("RandomRotate90", always("rotate90", quarter_turns=[0, 3]), "p", 0.5),
    Rule("Rot90 ninety rotate_90 rotate_random_90 rot_90", always("rotate90")),
    Rule("ShiftScaleRotate", shift_scale_rotate, "shift_limit scale_limit rotate_limit", 0.5),
    Rule("Affine", affine, p=0.5),
    Rule("RandomAffine AffineTransform", random_affine, "degrees translate scale shear"),
    Rule("Perspective RandomPerspective", perspective, "distortion_scale", 0.5),
    Rule("PerspectiveTransform skew skew_tilt skew_corner", perspective, "scale"),
    Rule("ShearX shear_x shear_range", shear("x"), "shear"),
    Rule("ShearY shear_y", shear("y"), "shear"),
    Rule("Shear", shear_sides, "degrees"),
    Rule("width_shift_range TranslateX translate_x", translate("x"), "percent"),
    Rule("height_shift_range TranslateY translate_y", translate("y"), "percent"),
    Rule("Translate Translation shift", translate("x", "y"), "percent"),
    Rule("RandomScale", scale, "scale_limit", 0.5),
    Rule("Scale ScaleX ScaleY ScaleJitter", scale, "scale"),
    Rule("Zoom zoom_range", zoom, "zoom_range"),
    Rule("zoom_random RandomZoomIn", always("zoom", factor=[1, 1.3])),
    Rule("RandomZoomOut zoom_out", zoom_out, p=0.5),
)
