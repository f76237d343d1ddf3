"""The kinds of operation, and their registry.

An op is one frozen dataclass: its fields are its parameters (see `params`), and one method does the work.
It has two halves. `draw` sees no sample and returns unit-free JSON values; the second half sees the frame
(`View`) and turns them into amounts. Both are recorded, so any output can be rebuilt.

    Geometry   resolve -> Move          a 3x3 matrix and a new frame; multiplies the pending camera
    Exposure   matrix  -> 3x4           linear colour on display values; multiplies the pending exposure
    Pixels     resolve, apply           needs pixels, so what is pending is flushed first
    Erase      like Pixels              and says which pixels it covers
    Mix        resolve, mix             needs partners
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray

from augcli.params import Param, params_of
from augcli.rng import Stream

if TYPE_CHECKING:
    from augcli.geometry import Move
    from augcli.sample import Image, Sample

Drawn = dict[str, Any]
"""JSON values by name: what `draw` returns and the manifest records."""


def no_boxes() -> NDArray[np.float64]:
    """(0, 4): what a frame without objects has."""
    return np.empty((0, 4))


@dataclass(frozen=True, slots=True)
class View:
    """What an op may know of the sample before it acts.

    width, height   of the frame, in pixels
    channels        colour channels, alpha not counted: 1 (grey) or 3 (RGB)
    low, high       the pixel values that mean black and white (0 and 255, 0 and 65535, `input.levels`)
    step            the step's id, for messages
    boxes           finds the (N, 4) boxes x0, y0, x1, y1 of the objects in the frame; costs nothing unasked
    """

    width: int
    height: int
    channels: int = 3
    low: float = 0.0
    high: float = 255.0
    step: str = ""
    boxes: Callable[[], NDArray[np.float64]] = field(default=no_boxes, compare=False)

    @property
    def scale(self) -> float:
        """Full scale: what the fraction 1.0 means in pixel values."""
        return self.high - self.low


@dataclass(frozen=True)
class Op:
    """Base of all kinds. Subclasses are registered by `@op(name)`."""

    name: ClassVar[str] = ""
    family: ClassVar[str] = ""
    identity: ClassVar[Mapping[str, Any] | None] = None
    """Parameter values (plain data) with which the op changes nothing; None where there are none."""
    example: ClassVar[Mapping[str, Any]] = {}
    """Parameter values (plain data) that show the op, needed where a parameter is required."""

    parts: ClassVar[Mapping[str, Any]] = {}
    """Optional parameters that each stand for a part of the op -> the value taken when it is absent, which
    changes nothing. At least one must be given."""

    def draw(self, rng: Stream) -> Drawn:
        """One JSON value per parameter. Each has a stream of its own, so that adding a parameter to an
        op, or changing how one is distributed, leaves the others' draws as they were.
        """
        drawn: Drawn = {}
        for parameter in params_of(type(self)):
            value = getattr(self, parameter.name)
            if value is None:
                drawn[parameter.name] = self.parts.get(parameter.name)
            else:
                drawn[parameter.name] = parameter.kind.draw(value, rng.child(parameter.name))
        return drawn | self.draw_more(rng.child("more"), drawn)

    def draw_more(self, rng: Stream, drawn: Drawn) -> Drawn:
        """Further random values that are no parameter: a seed of noise, a position, a lambda."""
        return {}

    def problems(self) -> Sequence[str]:
        """What is wrong with the parameters together (`expected ...` texts); most ops have nothing."""
        if self.parts and all(getattr(self, name) is None for name in self.parts):
            return [f"expected at least one of {', '.join(self.parts)}, got none"]
        return ()

    def mirrors(self) -> bool:
        """Whether a draw of this op can mirror the image."""
        return False

    def turns(self) -> bool:
        """Whether a draw of this op can turn the image by more than 45 degrees, onto its side."""
        return False


@dataclass(frozen=True)
class Geometry(Op):
    """An op that is a matrix."""

    family: ClassVar[str] = "geometry"

    def resolve(self, drawn: Drawn, view: View) -> Move:
        """The move from the frame of `view` to the new frame."""
        raise NotImplementedError  # pragma: no cover - abstract


@dataclass(frozen=True)
class Exposure(Op):
    """Linear colour: y = A x + b on display values in [0, 1]."""

    family: ClassVar[str] = "colour"
    uses_mean: ClassVar[bool] = False

    def matrix(self, drawn: Drawn, mean: NDArray[np.float64]) -> NDArray[np.float64]:
        """(3, 4) float64: [A | b]. `mean` (3,) is the mean colour of the image as this step receives it,
        in [0, 1]; it holds zeros unless `uses_mean`.
        """
        raise NotImplementedError  # pragma: no cover - abstract


@dataclass(frozen=True)
class Pixels(Op):
    """An op on colour pixels, frame unchanged. Never sees alpha, masks or labels."""

    def resolve(self, drawn: Drawn, view: View) -> Drawn:
        """Amounts in pixels and pixel values, JSON; by default the drawn values themselves."""
        return drawn

    def apply(self, image: Image, amounts: Drawn, view: View) -> Image:
        """A new image of the same shape and dtype: (H, W) or (H, W, 3), uint8 or uint16.

        `amounts` is what `resolve` returned, possibly after a trip through JSON.
        """
        raise NotImplementedError  # pragma: no cover - abstract


@dataclass(frozen=True)
class Erase(Pixels):
    """An op that covers part of the image."""

    family: ClassVar[str] = "erasing"
    hides: ClassVar[bool] = True
    """Whether what is covered is hidden; single lost pixels hide nothing."""

    def covered(self, amounts: Drawn, view: View) -> NDArray[np.bool_]:
        """(H, W): True where the pixel shows the cover instead of the scene."""
        raise NotImplementedError  # pragma: no cover - abstract


@dataclass(frozen=True)
class Mix(Op):
    """An op that combines the host with partners: other images of the same split."""

    family: ClassVar[str] = "mixing"
    slots: ClassVar[int] = 1
    pastes: ClassVar[bool] = False
    """True when pixels are replaced (cutmix, mosaic), False when they are averaged (blend, mixup)."""

    def resolve(self, drawn: Drawn, view: View) -> Drawn:
        """Amounts in pixels: lambda, boxes."""
        return drawn

    def mix(self, host: Sample, partners: Sequence[Sample], amounts: Drawn, view: View) -> Sample:
        """The mixed sample; each partner has any size, and the host's channels and depth."""
        raise NotImplementedError  # pragma: no cover - abstract


OPS: dict[str, type[Op]] = {}
"""Every op by its public name."""

OpType = TypeVar("OpType", bound=type[Op])


def op(name: str) -> Callable[[OpType], OpType]:
    """Register a class under its public name. Renaming a class never breaks a recipe; renaming this does."""

    def register(cls: OpType) -> OpType:
        if name in OPS:
            raise ValueError(f"two ops are called {name}")
        if not dataclasses.is_dataclass(cls):
            raise TypeError(f"{cls.__name__} must be a frozen dataclass")
        cls.name = name
        OPS[name] = cls
        return cls

    return register


def make(cls: type[Op], **values: object) -> Op:
    """An op from plain values, as a recipe would write them. Raises `params.Invalid`."""
    kinds: dict[str, Param] = {parameter.name: parameter for parameter in params_of(cls)}
    return cls(**{name: kinds[name].kind.parse(value) for name, value in values.items()})


def doc_of(cls: type[Op]) -> str:
    """The first sentence of the op's docstring, on one line."""
    return " ".join((cls.__doc__ or "").split("\n\n")[0].split())
