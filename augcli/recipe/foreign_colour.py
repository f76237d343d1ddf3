"""Colour of other libraries: transform and arguments -> the step to write."""

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
    levels,
    limits,
    pair,
    real,
    span,
    spread,
    step,
    text,
    times,
    upto,
    whole,
)

_WHEEL = 360


def factor(op: str, *names: str) -> Callable[[Args], Step]:
    """One factor: albumentations' limits, or factors under the other names."""

    def build(args: Args) -> Step:
        default = args.read(_percent, "percent", default=(0.8, 1.2))
        default = args.read(limits, "limit", f"{op}_limit", "sat_shift_limit", default=default)
        low, high = args.read(real, "min_factor"), args.read(real, "max_factor")
        if low is not None and high is not None:
            default = (min(low, high), max(low, high))
        return step(op, factor=args.read(factors, op, *names, "strength", default=default))

    return build


def _percent(value: object) -> Span | None:
    """Roboflow: 25, or 25%, is plus or minus a quarter."""
    number = real(value)
    if number is None:
        return None
    part = abs(number) / 100 if isinstance(value, int | float) and abs(number) >= 1 else abs(number)
    return max(0.0, 1 - part), 1 + part


def multiplied(op: str, *names: str) -> Callable[[Args], Step]:
    """A number is that factor."""
    return lambda args: step(op, factor=args.read(span, *names, default=(0.8, 1.2)))


def hue(args: Args) -> Step:
    degrees = args.read(spread, "degrees", "angle", default=(-18, 18))
    degrees = args.read(times(spread, 2), "hue_shift_limit", default=degrees)
    return step("hue", degrees=args.read(times(spread, _WHEEL), "hue", "factor", default=degrees))


def color_jitter(args: Args) -> Step:
    """torchvision, albumentations, kornia. Of one part the single op is written."""
    parts: dict[str, Any] = {
        name: args.read(factors, name) for name in ("brightness", "contrast", "saturation")
    }
    parts["hue"] = args.read(times(spread, _WHEEL), "hue")
    given = [name for name, value in parts.items() if value is not None]
    if len(given) == 1:
        return step(given[0], **{"degrees" if given == ["hue"] else "factor": parts[given[0]]})
    return step("color_jitter", **parts)


def photometric(args: Args) -> Step:
    """Torchvision's defaults, those of SSD."""
    return step(
        "color_jitter",
        brightness=args.read(factors, "brightness", default=(0.875, 1.125)),
        contrast=args.read(factors, "contrast", default=(0.5, 1.5)),
        saturation=args.read(factors, "saturation", default=(0.5, 1.5)),
        hue=args.read(times(spread, _WHEEL), "hue", default=(-18, 18)),
    )


def brightness_contrast(args: Args) -> Step:
    return step(
        "color_jitter",
        brightness=args.read(limits, "brightness_limit", default=(0.8, 1.2)),
        contrast=args.read(limits, "contrast_limit", default=(0.8, 1.2)),
    )


def hue_saturation_value(args: Args) -> Step:
    """Albumentations counts in 8-bit HSV: hues in steps of 2 degrees, the others in 255ths."""
    in_levels = args.read(times(spread, 1 / 255), "sat_shift_limit", default=(-30 / 255, 30 / 255))
    value = args.read(times(spread, 1 / 255), "val_shift_limit", default=(-20 / 255, 20 / 255))
    return step(
        "color_jitter",
        hue=args.read(times(spread, 2), "hue_shift_limit", default=(-40, 40)),
        saturation=limits(in_levels),
        brightness=limits(value),
    )


def hsv(args: Args) -> Step:
    """Ultralytics: shares of the wheel, of saturation and of value."""
    return step(
        "color_jitter",
        hue=args.read(times(spread, _WHEEL), "hgain", "hue", default=(-5.4, 5.4)),
        saturation=args.read(factors, "sgain", "saturation", default=(0.3, 1.7)),
        brightness=args.read(factors, "vgain", "value", default=(0.6, 1.4)),
    )


def gamma(args: Args) -> Step:
    percent = args.read(times(span, 0.01), "gamma_limit", "limit", default=(0.8, 1.2))
    return step("gamma", gamma=args.read(span, "gamma", "gamma_range", default=percent))


def clahe(args: Args) -> Step:
    tiles = args.read(_alike, "tile_grid_size", "tile_size", "grid_size", "tiles")
    limit = args.read(pair, "clip_limit", default=None)
    most = args.read(real, "clip_limit", default=4.0)
    return step("clahe", clip_limit=limit or (min(1.0, most), most), tiles=tiles)


def _alike(value: object) -> int | None:
    """One number, or two that are the same."""
    numbers = {whole(side) for side in (value if isinstance(value, list | tuple) else [value])}
    return numbers.pop() if len(numbers) == 1 else None


def channel_shift(args: Args) -> Step:
    default = args.read(levels(spread), "channel_shift_range", default=(-20 / 255, 20 / 255))
    shifts = {
        name: args.read(levels(spread), f"{name[0]}_shift_limit", f"{name[0]}_shift", default=default)
        for name in ("red", "green", "blue")
    }
    return step("channel_shift", **shifts)


def posterize(args: Args) -> Step:
    return step("posterize", bits=args.read(span, "num_bits", "bits", "nb_bits", default=(4, 4)))


def solarize(args: Args) -> Step:
    names = ("threshold_range", "threshold", "thresholds")
    return step("solarize", threshold=args.read(levels(span), *names, default=(0.5, 0.5)))


def sharpen(args: Args) -> Step:
    return step("sharpen", factor=args.read(span, "sharpness_factor", "sharpness", "factor", default=(1, 2)))


def temperature(args: Args) -> Step:
    args.read(lambda mode: mode if text(mode) == "blackbody" else None, "mode")
    return step("temperature", kelvin=args.read(pair, "temperature_limit", "kelvin", default=(3000, 9000)))


def grayscale(args: Args) -> Step:
    share = args.read(upto, "percent")
    p = None if share is None else share[1] / 100 if share[1] > 1 else share[1]
    return step("grayscale", p=p)


def autocontrast(args: Args) -> Step:
    return step("autocontrast", cutoff=args.read(real, "cutoff", "cutoff_percent"))


RULES = (
    Rule("RandomBrightness", factor("brightness", "factor"), "limit"),
    Rule(
        "Brightness brightness_range exposure", factor("brightness", "brightness_range"), "brightness_range"
    ),
    Rule("brighten darken gain", factor("brightness", "factor"), "factor"),
    Rule(
        "AdjustBrightness MultiplyBrightness",
        multiplied("brightness", "brightness_factor", "mul", "factor"),
        "factor",
    ),
    Rule("Contrast RandomContrast", factor("contrast", "factor"), "limit"),
    Rule(
        "LinearContrast AdjustContrast",
        multiplied("contrast", "contrast_factor", "alpha", "factor"),
        "factor",
    ),
    Rule("Saturation RandomSaturation color colour hsv_s", factor("saturation", "factor"), "factor"),
    Rule(
        "AdjustSaturation MultiplySaturation",
        multiplied("saturation", "saturation_factor", "mul", "factor"),
        "factor",
    ),
    Rule("hsv_v", factor("brightness", "factor"), "factor"),
    Rule("Hue HueShift AddToHue", hue, "degrees"),
    Rule("hsv_h AdjustHue random_hue", hue, "hue"),
    Rule("HueSaturationValue", hue_saturation_value, "hue_shift_limit sat_shift_limit val_shift_limit", 0.5),
    Rule("RandomHSV hsv AddToHueAndSaturation", hsv, "hgain sgain vgain"),
    Rule("RandomBrightnessContrast", brightness_contrast, "brightness_limit contrast_limit", 0.5),
    Rule("BrightnessContrast", brightness_contrast, "brightness_limit contrast_limit"),
    Rule("ColorJitter ColorJiggle colour_jitter", color_jitter, "brightness contrast saturation hue"),
    Rule(
        "PhotoMetricDistort RandomPhotometricDistort", photometric, "brightness contrast saturation hue", 0.5
    ),
    Rule("RandomGamma", gamma, "gamma_limit", 0.5, unless="gamma"),
    Rule("Gamma GammaContrast AdjustGamma", gamma, "gamma"),
    Rule("CLAHE", clahe, "clip_limit tile_grid_size", 0.5),
    Rule("CreateCLAHE AllChannelsCLAHE", clahe, "clip_limit"),
    Rule("Equalize", always("equalize"), "p", 0.5),
    Rule("HistogramEqualization histeq AllChannelsHistogramEqualization", always("equalize")),
    Rule("AutoContrast", autocontrast, "p", 0.5),
    Rule("RGBShift", channel_shift, "r_shift_limit g_shift_limit b_shift_limit", 0.5),
    Rule("ColorShift AdditiveColorShift", channel_shift, p=0.5),
    Rule("channel_shift_range", channel_shift, "channel_shift_range"),
    Rule("ChannelShuffle", always("channel_shuffle"), "p", 0.5),
    Rule("RandomChannelPermutation ChannelSwap PermuteChannels", always("channel_shuffle")),
    Rule("ToGray", grayscale, "p", 0.5),
    Rule("RandomGrayscale", grayscale, "p", 0.1),
    Rule("Grayscale Greyscale rgrayscale to_grayscale black_and_white", grayscale, "p"),
    Rule("ToSepia", always("sepia"), "p", 0.5),
    Rule("sepia_tone", always("sepia")),
    Rule("InvertImg RandomInvert", always("invert"), "p", 0.5),
    Rule("ColorInversion negative", always("invert"), "p"),
    Rule("Posterize", posterize, "bits", 0.5),
    Rule("UniformColorQuantizationToNBits", posterize, "nb_bits"),
    Rule("Solarize", solarize, "threshold", 0.5),
    Rule("Solarization", solarize, "threshold"),
    Rule("Sharpen UnsharpMask AdjustSharpness RandomAdjustSharpness", sharpen, "sharpness_factor", 0.5),
    Rule("sharpness", sharpen, "factor"),
    Rule("PlanckianJitter", temperature, p=0.5),
    Rule("ChangeColorTemperature color_temperature white_balance", temperature, "kelvin"),
)
