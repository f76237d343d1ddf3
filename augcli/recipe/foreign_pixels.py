"""Noise, blur, erasing and mixing of other libraries: transform and arguments -> the step to write."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from augcli.recipe.foreign_args import (
    Args,
    Rule,
    Span,
    Step,
    always,
    colour,
    counts,
    flag,
    hundredths,
    lengths,
    levels,
    pair,
    probability,
    radii,
    real,
    span,
    spread,
    step,
    upto,
    whole,
)


def gaussian_noise(default: Span) -> Callable[[Args], Step]:
    """Gaussian noise of this standard deviation where nothing is given."""

    def build(args: Args) -> Step:
        old = args.read(_variance, "var_limit", "variance", default=default)
        names = ("std_range", "std", "sigma", "stddev", "scale")
        return step(
            "gaussian_noise",
            mean=args.read(levels(span), "mean_range", "mean", "loc"),
            std=args.read(levels(span), *names, default=old),
            per_channel=args.read(flag, "per_channel"),
        )

    return build


def _variance(value: object) -> Span | None:
    """Albumentations 1: variances of 8-bit levels, a number is up to it."""
    found = upto(value)
    return None if found is None or found[0] < 0 else (found[0] ** 0.5 / 255, found[1] ** 0.5 / 255)


def dots(args: Args) -> Step:
    """Roboflow's noise, a percentage of the pixels at most."""
    return step("salt_pepper", amount=args.read(hundredths(upto), "percent", "amount", default=(0, 0.02)))


def salt_pepper(args: Args) -> Step:
    percent = args.read(hundredths(upto), "percent", default=(0.01, 0.06))
    salt = args.read(span, "salt_vs_pepper", "salt")
    amount = args.read(span, "amount", "density", default=percent)
    return step("salt_pepper", amount=amount, salt=salt, per_channel=args.read(flag, "per_channel"))


def laplace(args: Args) -> Step:
    # The scale b of a Laplace distribution is its standard deviation by the square root of 2.
    scale = args.read(levels(span), "scale", default=(0.0, 0.06 / math.sqrt(2)))
    return step("laplace_noise", std=(scale[0] * math.sqrt(2), scale[1] * math.sqrt(2)))


def shot(args: Args) -> Step:
    """albumentations: the scale is one over the photons of white."""
    scale = args.read(
        lambda v: found if (found := span(v)) and found[0] > 0 else None, "scale_range", "scale"
    )
    return step("poisson_noise", peak=(1 / scale[1], 1 / scale[0]) if scale else (1 / 0.3, 1 / 0.1))


def multiplicative(args: Args) -> Step:
    """Factors spread evenly: the standard deviation of a uniform number is its half width by sqrt(3)."""
    low, high = args.read(pair, "multiplier", "mul", default=(0.9, 1.1))
    per_channel = args.read(flag, "per_channel")
    return step("speckle", std=(high - low) / 2 / math.sqrt(3), per_channel=per_channel)


def gaussian_blur(args: Args) -> Step:
    limit = args.read(upto, "sigma_limit", "pixels", default=(0.5, 3.0))
    return step("gaussian_blur", sigma=args.read(span, "sigma", "radius", "std", default=limit))


def blur(args: Args) -> Step:
    """Albumentations' Blur is a box; Roboflow's blur is Gaussian, up to so many pixels."""
    sigma = args.read(_pixels, "pixels", "radius") or args.read(_with_unit, "blur_limit")
    return step("gaussian_blur", sigma=sigma, p=1) if sigma else kernel("box_blur")(args)


def _pixels(value: object) -> Span | None:
    """`2.5px` is 2.5."""
    number = re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{1,3})?) ?px", value) if isinstance(value, str) else None
    return upto(float(number[1]) if number else value)


def _with_unit(value: object) -> Span | None:
    return _pixels(value) if isinstance(value, str) else None


def kernel(op: str) -> Callable[[Args], Step]:
    """A blur by the odd side of its kernel; a number is the largest."""

    def build(args: Args) -> Step:
        names = ("blur_limit", "kernel_size", "ksize", "k")
        sides = args.read(_sides, *names, default=(3, 7))
        return step(op, radius=args.read(counts, "radius", default=radii(sides)))

    return build


def _sides(value: object) -> Span | None:
    """albumentations: a number is from 3 to it."""
    most = whole(value)
    return counts(value) if most is None else (min(3, most), most)


def motion_blur(args: Args) -> Step:
    sides = args.read(_sides, "blur_limit", "kernel_size", "k", default=(3, 7))
    return step("motion_blur", length=sides, degrees=args.read(_line, "angle_range", "angle", "degrees"))


def _line(value: object) -> Span | None:
    """A line has no sense: half a turn is every direction."""
    found = spread(value)
    return (-90, 90) if found and found[1] - found[0] >= 180 else found


def jpeg(args: Args) -> Step:
    low, high = args.read(whole, "quality_lower"), args.read(whole, "quality_upper")
    old = (min(low or 60, high or 100), high or 100) if low or high else (60, 95)
    return step("jpeg", quality=args.read(span, "quality_range", "quality", "jpeg_quality", default=old))


def downscale(args: Args) -> Step:
    low, high = args.read(real, "scale_min", default=0.25), args.read(real, "scale_max", default=0.25)
    default = (min(low, high), max(low, high))
    return step("downscale", factor=args.read(span, "scale_range", "scale", "factor", default=default))


def pixelate(args: Args) -> Step:
    return step("pixelate", factor=args.read(span, "scale", "factor"))


def cutout(args: Args) -> Step:
    """Squares: where height and width differ, between the smallest and the largest side."""
    most = args.read(whole, "max_holes", default=2)
    default = (args.read(whole, "min_holes", default=min(1, most)), most)
    count = args.read(
        counts, "num_holes_range", "num_holes", "n_holes", "count", "nb_iterations", default=default
    )
    names = ("hole_height_range", "hole_width_range", "hole_size_range", "size", "length", "percent")
    sides = [found for name in names if (found := args.read(_hole(name), name))]
    for axis in ("height", "width"):
        low, high = args.read(real, f"min_{axis}"), args.read(real, f"max_{axis}")
        if high is not None:
            sides.append((high if low is None else low, high))
    if not sides:
        sides = [(0.1, 0.2)]
    size = lengths((min(low for low, _ in sides), max(high for _, high in sides)))
    return step("cutout", count=count, size=size, fill=_fill(args))


def _hole(name: str) -> Callable[[object], Span | None]:
    return hundredths(span) if name == "percent" else span


def _fill(args: Args) -> Any:
    return args.read(colour, "fill", "fill_value", "value", "cval", "mode", "drop_value")


def erase(args: Args) -> Step:
    low, high = args.read(probability, "sl", default=0.02), args.read(probability, "sh", default=0.33)
    area = args.read(span, "scale", "area", "scale_range", default=(min(low, high), max(low, high)))
    ratio = args.read(lambda v: list(found) if (found := pair(v)) and found[0] > 0 else None, "ratio")
    return step("erase", area=area, ratio=ratio and {"log_uniform": ratio}, fill=_fill(args))


def grid_dropout(args: Args) -> Step:
    size = args.read(counts, "unit_size_range", "unit_size")
    return step("grid_dropout", ratio=args.read(span, "ratio"), size=size, fill=_fill(args))


def pixel_dropout(args: Args) -> Step:
    amount = args.read(span, "dropout_prob", "amount", default=(0.01, 0.01))
    return step("pixel_dropout", amount=amount, fill=_fill(args))


def mixed(op: str, alpha: float) -> Callable[[Args], Step]:
    """A mix by its alpha."""
    return lambda args: step(op, alpha=args.read(real, "alpha", f"{op}_alpha", "lam", "ratio", default=alpha))


def mosaic(args: Args) -> Step:
    return step("mosaic", center=args.read(span, "center_range", "center"))


RULES = (
    Rule("GaussNoise", gaussian_noise((0.2, 0.44)), "std_range", 0.5),
    Rule("GaussianNoise", gaussian_noise((0.1, 0.1)), "std"),
    Rule("GaussianNoiseLayer AdditiveGaussianNoise", gaussian_noise((0.0, 0.06)), "scale"),
    Rule("noise add_noise RandomNoise", dots, "percent"),
    Rule("AdditiveLaplaceNoise laplacian_noise", laplace, "scale"),
    Rule("ShotNoise", shot, "scale_range", 0.5),
    Rule("AdditivePoissonNoise photon_noise", always("poisson_noise")),
    Rule("MultiplicativeNoise", multiplicative, "multiplier", 0.5),
    Rule("MultiplyElementwise SpeckleNoise", multiplicative, "mul"),
    Rule("SaltAndPepper", salt_pepper, "amount", 0.5),
    Rule("SaltPepperNoise ImpulseNoise salt_pepper", salt_pepper, "amount"),
    Rule("ISONoise CameraNoise sensor_noise", always("iso_noise"), p=0.5),
    Rule("AdditiveNoise", always("uniform_noise"), p=0.5),
    Rule("AddElementwise UniformNoiseAdditive", always("uniform_noise")),
    Rule("GaussianBlur", gaussian_blur, "sigma", 0.5, unless="kernel_size sigma radius std pixels"),
    Rule("GaussianBlurring GaussBlur RandomGaussianBlur", gaussian_blur, "sigma"),
    Rule("AdvancedBlur StackBlur", gaussian_blur, p=0.5),
    Rule("Blur", blur, "blur_limit", 0.5, unless="pixels radius"),
    Rule("BoxBlur AverageBlur AveragingBlur mean_blur", kernel("box_blur"), "k"),
    Rule("MedianBlur", kernel("median_blur"), "blur_limit", 0.5),
    Rule("MedianBlurring median_filter MedianFilter", kernel("median_blur"), "k"),
    Rule("MotionBlur", motion_blur, "blur_limit", 0.5, unless="k kernel_size"),
    Rule("MotionBlurring camera_motion RandomMotionBlur", motion_blur, "k"),
    Rule("ImageCompression JpegCompression", jpeg, "quality_range", 0.5),
    Rule("jpeg_quality RandomJPEG compression Jpeg", jpeg, "quality"),
    Rule("Downscale", downscale, "scale_range", 0.5),
    Rule("Downsample low_resolution", downscale, "factor"),
    Rule("Pixelate Pixelization Superpixels mosaic_blur", pixelate, "factor"),
    Rule("CoarseDropout", cutout, "num_holes_range hole_height_range hole_width_range", 0.5),
    Rule("Cutout Cutout2D random_cutout hide_and_seek DropBlock", cutout, "count"),
    Rule("RandomErasing Erasing", erase, p=0.5),
    Rule("erase random_erase", erase),
    Rule("GridDropout", grid_dropout, "ratio", 0.5),
    Rule("GridMask GridDropoutMask", grid_dropout, "ratio"),
    Rule("PixelDropout", pixel_dropout, "dropout_prob", 0.5),
    Rule("Dropout Dropout2d CoarsePixelDropout", pixel_dropout, "amount"),
    Rule("MixUp MixUpAugmentation RandomMixUp RandomMixUpV2 mix_up", mixed("mixup", 0.4), "p"),
    Rule("CutMix RandomCutMix RandomCutMixV2 cut_mix", mixed("cutmix", 1.0), "p"),
    Rule("Mosaic RandomMosaic Mosaic4 mosaic_augmentation", mosaic, "p"),
    Rule("Blend BlendAlpha overlay AlphaBlend", mixed("blend", 0.5), "alpha"),
)
