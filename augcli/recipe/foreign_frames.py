"""Sizes, margins and crops of other libraries: transform and arguments -> the step to write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from augcli.recipe.foreign_args import Args, Rule, Step, colour, pair, real, share, size, step, whole
from augcli.recipe.foreign_canvas import border_of


def resize(args: Args) -> Step:
    given = args.read(size, "size")
    height, width = args.read(whole, "height", "h"), args.read(whole, "width", "w")
    if given and args.given.get("size") == given[0] and height is None and width is None:
        return step("resize", shortest=given[0])  # torchvision: one number is the shorter side
    height, width = given or (height, width)
    return step("resize", width=width, height=height) if height or width else _square("resize", 224)


def _square(op: str, side: int) -> Step:
    return step(op, width=side, height=side)


def framed(op: str, side: Any = None) -> Callable[[Args], Step]:
    """An op of a width and a height, `side` where neither is given."""

    def build(args: Args) -> Step:
        height, width = args.read(size, "size", "new_shape", "dsize", default=(side, side))
        height = args.read(whole, "height", "h", default=height)
        return step(op, width=args.read(whole, "width", "w", default=width), height=height)

    return build


def longest(args: Args) -> Step:
    return step("resize", longest=args.read(whole, "max_size", "size", "longest", default=1024))


def shortest(args: Args) -> Step:
    return step("resize", shortest=args.read(whole, "max_size", "size", "shortest", default=1024))


def pad_to(args: Args) -> Step:
    height, width = args.read(size, "size", default=(None, None))
    divisor = args.read(whole, "pad_height_divisor", "pad_width_divisor")
    height = args.read(whole, "min_height", "height", default=height)
    width = args.read(whole, "min_width", "width", default=width)
    if height is None and width is None and divisor is None:
        height = width = 1024
    return step("pad", min_width=width, min_height=height, divisor=divisor, **_outside(args))


def _outside(args: Args) -> dict[str, Any]:
    """What a pad of ours says about the area beyond the image."""
    border = args.read(lambda v: border_of("border_mode", v), "border_mode", "padding_mode", "border")
    return {"border": border, "fill": args.read(colour, "fill", "value", "fill_value")}


def pad(args: Args) -> Step:
    found = args.read(_margins, "padding", "px", default={"all": None})
    return step("pad", **found, **_outside(args))


def _margins(value: object) -> dict[str, int] | None:
    """torchvision: one number, [x, y], or [left, top, right, bottom]."""
    sides = [whole(side) for side in (value if isinstance(value, list | tuple) else [value])]
    numbers = [side for side in sides if side is not None]
    if len(numbers) != len(sides) or len(sides) not in (1, 2, 4):
        return None
    if len(numbers) == 1:
        return {"all": numbers[0]}
    return dict(zip(("left", "top", "right", "bottom"), numbers * (4 // len(numbers)), strict=True))


def crop(args: Args) -> Step:
    left, top = (args.read(whole, f"{axis}_min", axis, default=0) for axis in "xy")
    right, bottom = args.read(whole, "x_max"), args.read(whole, "y_max")
    if right is None or bottom is None:
        return framed("crop")(args)
    return step("crop", width=right - left, height=bottom - top, x=left, y=top)


def random_resized_crop(args: Args) -> Step:
    made = framed("random_resized_crop", 224)(args)["random_resized_crop"]
    ratio = args.read(lambda v: list(found) if (found := pair(v)) and found[0] > 0 else None, "ratio")
    area = args.read(pair, "scale", "area")
    return step("random_resized_crop", **made, area=area, ratio=ratio and {"log_uniform": ratio})


def crop_share(args: Args) -> Step:
    """Augmentor's crop_random: a share of the area."""
    area = args.read(lambda v: number if (number := real(v)) and 0 < number <= 1 else None, "percentage_area")
    side = share(area**0.5 if area else 0.8)
    return step("random_crop", width=side, height=side)


RULES = (
    Rule("LongestMaxSize resize_longest max_size", longest, "max_size"),
    Rule("SmallestMaxSize resize_shortest", shortest, "max_size"),
    Rule("Resize Resizing resize_image stretch", resize, "size"),
    Rule("PadIfNeeded PadToFixedSize CenterPadToFixedSize", pad_to, "size"),
    Rule("Pad padding", pad, "padding"),
    Rule("LetterBox ResizeWithPad fit_within", framed("letterbox", 640), "size"),
    Rule("Crop", crop),
    Rule("CenterCrop CropToFixedSize CenterCropToFixedSize crop_centre", framed("crop", 224), "size"),
    Rule("RandomCrop", framed("random_crop"), "size"),
    Rule("CropByImageSize crop_by_size RandomCropFromBorders CropAndPad crop_random", crop_share),
    Rule("RandomResizedCrop RandomSizedCrop RandomSizedBBoxSafeCrop", random_resized_crop, "size"),
    Rule("RandomCropResize resized_crop inception_crop", random_resized_crop, "size"),
)
