"""Noise: what a sensor, a wire or a scanner adds to every pixel.

Amounts are fractions of full scale. One whole number, `seed`, is drawn per copy; all random pixels follow
from it (see `augcli.noise`). Results are rounded to the nearest level and clipped to black and white.
Noise never touches alpha, masks or labels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from augcli import noise
from augcli.ops.base import Drawn, Pixels, View, op
from augcli.params import Dist, Flag, Number, param
from augcli.rng import Stream

if TYPE_CHECKING:
    from augcli.sample import Image

_PER_CHANNEL = "Whether each channel has its own noise; `false` adds the same to all (monochrome)."


@dataclass(frozen=True)
class Noise(Pixels):
    """Base of the noise ops: draws the seed."""

    family: ClassVar[str] = "noise"

    def draw_more(self, rng: Stream, drawn: Drawn) -> Drawn:
        return {"seed": rng.bits() >> 1}


@op("gaussian_noise")
@dataclass(frozen=True)
class GaussianNoise(Noise):
    """Add N(mean, std) to every value, in fractions of full scale.

    ImageNet-C's gaussian_noise (Hendrycks and Dietterich 2019) is mean 0 with std 0.08 to 0.38. The normal
    distribution is cut at 4.32 standard deviations (one value in 65,536 lies beyond).
    """

    identity: ClassVar[Mapping[str, Any]] = {"mean": 0, "std": 0}

    mean: Dist = param(Number(-0.5, 0.5), 0, "Mean, as a fraction of full scale.")
    std: Dist = param(Number(0, 1), [0.02, 0.06], "Standard deviation, as a fraction of full scale.")
    per_channel: Dist = param(Flag(), True, _PER_CHANNEL)

    def apply(self, image: Image, amounts: Drawn, view: View) -> Image:
        table = noise.levels("normal", amounts["mean"] * view.scale, amounts["std"] * view.scale)
        shared = not amounts["per_channel"]
        return noise.add(image, table, amounts["seed"], view.low, view.high, shared=shared)


@op("uniform_noise")
@dataclass(frozen=True)
class UniformNoise(Noise):
    """Add a number uniform in [-amount, amount] to every value, in fractions of full scale.

    Its standard deviation is amount / sqrt(3).
    """

    identity: ClassVar[Mapping[str, Any]] = {"amount": 0}

    amount: Dist = param(Number(0, 1), [0.02, 0.1], "Half width, as a fraction of full scale.")
    per_channel: Dist = param(Flag(), True, _PER_CHANNEL)

    def apply(self, image: Image, amounts: Drawn, view: View) -> Image:
        table = noise.levels("uniform", 0.0, amounts["amount"] * view.scale)
        shared = not amounts["per_channel"]
        return noise.add(image, table, amounts["seed"], view.low, view.high, shared=shared)


@op("laplace_noise")
@dataclass(frozen=True)
class LaplaceNoise(Noise):
    """Add a Laplace number of mean 0 to every value, with more large errors than a normal one.

    The density is exp(-|x| / b) / (2 b) with b = std / sqrt(2); cut at 7.8 standard deviations.
    """

    identity: ClassVar[Mapping[str, Any]] = {"std": 0}

    std: Dist = param(Number(0, 1), [0.02, 0.06], "Standard deviation, as a fraction of full scale.")
    per_channel: Dist = param(Flag(), True, _PER_CHANNEL)

    def apply(self, image: Image, amounts: Drawn, view: View) -> Image:
        table = noise.levels("laplace", 0.0, amounts["std"] * view.scale)
        shared = not amounts["per_channel"]
        return noise.add(image, table, amounts["seed"], view.low, view.high, shared=shared)


@op("salt_pepper")
@dataclass(frozen=True)
class SaltPepper(Noise):
    """Turn a share of the pixels white (salt) or black (pepper).

    Each pixel is hit with probability `amount`, independently; ImageNet-C's impulse_noise (Hendrycks and
    Dietterich 2019) is per channel with amount 0.03 to 0.27. Probabilities are multiples of 1/65536.
    """

    identity: ClassVar[Mapping[str, Any]] = {"amount": 0}

    amount: Dist = param(Number(0, 1), [0.01, 0.05], "Share of the pixels that are hit.")
    salt: Dist = param(Number(0, 1), 0.5, "Share of the hit pixels that turn white.")
    per_channel: Dist = param(
        Flag(), False, "Whether the channels of a pixel are hit independently (coloured dots)."
    )

    def apply(self, image: Image, amounts: Drawn, view: View) -> Image:
        table = noise.spots(amounts["amount"], amounts["salt"])
        shared = not amounts["per_channel"]
        return noise.add(image, table, amounts["seed"], view.low, view.high, shared=shared)


@op("poisson_noise")
@dataclass(frozen=True)
class PoissonNoise(Noise):
    """Count photons: a value v becomes Poisson(v * peak) / peak, where white is `peak` photons.

    Mean v, variance v / peak in units of full scale; independent per channel. ImageNet-C's shot_noise
    (Hendrycks and Dietterich 2019) is peak 60 to 3. Exact in 8 and in 16 bit up to tables of 4,096 quantiles.
    """

    peak: Dist = param(
        Number(1, 50_000, "photons"), [30, 120], "Mean photon count of white; fewer is noisier."
    )

    def apply(self, image: Image, amounts: Drawn, view: View) -> Image:
        return noise.photons(image, amounts["peak"], amounts["seed"], view.low, view.high)


@op("speckle")
@dataclass(frozen=True)
class Speckle(Noise):
    """Multiply every value by 1 + N(0, std): noise that grows with brightness, as in radar and ultrasound.

    ImageNet-C's speckle_noise, x + x N(0, std) (Hendrycks and Dietterich 2019), with std 0.15 to 0.6.
    """

    identity: ClassVar[Mapping[str, Any]] = {"std": 0}

    std: Dist = param(Number(0, 1), [0.05, 0.15], "Standard deviation of the factor.")
    per_channel: Dist = param(Flag(), True, _PER_CHANNEL)

    def apply(self, image: Image, amounts: Drawn, view: View) -> Image:
        shared = not amounts["per_channel"]
        return noise.multiply(image, amounts["std"], amounts["seed"], view.low, view.high, shared=shared)


@op("iso_noise")
@dataclass(frozen=True)
class IsoNoise(Noise):
    """Add what a camera shows at high ISO: brightness noise and colour noise, each of its own strength.

    Y ~ N(0, luma), Cb and Cr ~ N(0, colour), in fractions of full scale and independent between pixels,
    become RGB by the JFIF equations (ITU-T T.871): R + Y + 1.402 Cr, G + Y - 0.344136 Cb - 0.714136 Cr,
    B + Y + 1.772 Cb. So the colour part leaves the luma of a pixel as it was. Grey images receive the luma
    part alone.
    """

    identity: ClassVar[Mapping[str, Any]] = {"luma": 0, "colour": 0}

    luma: Dist = param(Number(0, 0.5), [0.02, 0.06], "Standard deviation of Y, as a fraction of full scale.")
    colour: Dist = param(
        Number(0, 0.5), [0.01, 0.04], "Standard deviation of Cb and Cr, as a fraction of full scale."
    )

    def apply(self, image: Image, amounts: Drawn, view: View) -> Image:
        luma, colour = amounts["luma"] * view.scale, amounts["colour"] * view.scale
        if image.ndim == 2:
            table = noise.levels("normal", 0.0, luma)
            return noise.add(image, table, amounts["seed"], view.low, view.high)
        return noise.add_camera(image, luma, colour, amounts["seed"], view.low, view.high)
