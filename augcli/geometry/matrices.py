"""3x3 matrices: build, compose, invert, move points. No pixels here.

Matrices map column points (x, y, 1) of the frame before to the frame after, in edge coordinates: pixel i
covers [i, i + 1). Everything is written out in elementary arithmetic, without BLAS or LAPACK, whose
results differ in the last bit between processors.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Matrix = NDArray[np.float64]
"""(3, 3) float64."""

Points = NDArray[np.float64]
"""(N, 2) float64: x, y."""


def _matrix(*rows: tuple[float, float, float]) -> Matrix:
    return np.array(rows, dtype=np.float64)


def identity() -> Matrix:
    """The matrix that moves nothing."""
    return np.eye(3)


def translation(dx: float, dy: float) -> Matrix:
    """Move by dx pixels to the right and dy pixels down."""
    return _matrix((1, 0, dx), (0, 1, dy), (0, 0, 1))


def scaling(sx: float, sy: float) -> Matrix:
    """Scale about (0, 0); a negative factor mirrors."""
    return _matrix((sx, 0, 0), (0, sy, 0), (0, 0, 1))


_QUARTERS = ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))


def cosine_sine(degrees: float) -> tuple[float, float]:
    """(cos, sin) of an angle in degrees; exact for whole quarter turns."""
    if degrees % 90.0 == 0.0:
        return _QUARTERS[int(degrees % 360.0) // 90]
    angle = math.radians(degrees)
    return math.cos(angle), math.sin(angle)


def rotation(degrees: float) -> Matrix:
    """Turn about (0, 0), counter-clockwise as seen on the screen, where y points down."""
    c, s = cosine_sine(degrees)
    return _matrix((c, s, 0), (-s, c, 0), (0, 0, 1))


def shear(x_degrees: float, y_degrees: float) -> Matrix:
    """Shear along x, then along y, with (0, 0) fixed; both angles in (-90, 90) degrees.

    A positive x angle leans upright lines to the right, a positive y angle lifts the right side: SHy SHx of
    torchvision's affine, x' = x - tan(x_degrees) y and y' = y - tan(y_degrees) x.
    """
    along_x = _matrix((1, -math.tan(math.radians(x_degrees)), 0), (0, 1, 0), (0, 0, 1))
    along_y = _matrix((1, 0, 0), (-math.tan(math.radians(y_degrees)), 1, 0), (0, 0, 1))
    return compose(along_x, along_y)


def _square_to(quad: NDArray[np.float64]) -> Matrix:
    """The unit square's corners (0,0) (1,0) (1,1) (0,1) to four points (Heckbert 1989, section 2.2.3)."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = quad.tolist()
    dx1, dx2, sx = x1 - x2, x3 - x2, x0 - x1 + x2 - x3
    dy1, dy2, sy = y1 - y2, y3 - y2, y0 - y1 + y2 - y3
    area = dx1 * dy2 - dx2 * dy1
    g, h = (sx * dy2 - dx2 * sy) / area, (dx1 * sy - sx * dy1) / area
    return _matrix(
        (x1 - x0 + g * x1, x3 - x0 + h * x3, x0), (y1 - y0 + g * y1, y3 - y0 + h * y3, y0), (g, h, 1)
    )


def perspective(before: ArrayLike, after: ArrayLike) -> Matrix:
    """The projective map of four points onto four others, each (4, 2) in order around a convex shape.

    Raises ValueError where three of them are on one line.
    """
    quads = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    for quad in quads:
        sides = quad - np.roll(quad, 1, axis=0)
        nexts = np.roll(sides, -1, axis=0)
        if (sides[:, 0] * nexts[:, 1] == sides[:, 1] * nexts[:, 0]).any():
            raise ValueError("three of the four points are on one line")
    both = compose(inverse(_square_to(quads[0])), _square_to(quads[1]))
    normal: Matrix = both / both[2, 2]
    return normal


def about(matrix: Matrix, cx: float, cy: float) -> Matrix:
    """The same map with the point (cx, cy) in the place of (0, 0)."""
    return compose(translation(-cx, -cy), matrix, translation(cx, cy))


def compose(*matrices: Matrix) -> Matrix:
    """One matrix that does the given ones in the order they are listed: last @ ... @ first."""
    product = matrices[0]
    for matrix in matrices[1:]:
        product = (matrix[:, :, None] * product[None, :, :]).sum(axis=1)
    return product


def determinant(matrix: Matrix) -> float:
    (a, b, c), (d, e, f), (g, h, i) = matrix.tolist()
    return float(a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g))


def inverse(matrix: Matrix) -> Matrix:
    """The map back, by the adjugate. Raises ValueError for a matrix that flattens the plane."""
    (a, b, c), (d, e, f), (g, h, i) = matrix.tolist()
    full = determinant(matrix)
    if full == 0.0 or not math.isfinite(full):
        raise ValueError("the matrix has no inverse")
    adjugate = _matrix(
        (e * i - f * h, c * h - b * i, b * f - c * e),
        (f * g - d * i, a * i - c * g, c * d - a * f),
        (d * h - e * g, b * g - a * h, a * e - b * d),
    )
    return adjugate / full


def mirrors(matrix: Matrix) -> bool:
    """Whether the map turns left hands into right hands: its determinant is negative."""
    return determinant(matrix) < 0.0


def quarter_turns(matrix: Matrix) -> int:
    """How many quarter turns counter-clockwise, 0 to 3, come nearest to what the map does.

    Of one that mirrors: after it has mirrored left and right. The angle is that of the nearest rotation:
    its cosine is to its sine as a + e to b - d of the rows (a, b), (d, e).
    """
    (a, b, _), (d, e, _), _ = matrix.tolist()
    if mirrors(matrix):
        a, d = -a, -d
    cosine, sine = a + e, b - d
    if abs(cosine) >= abs(sine):
        return 0 if cosine >= 0.0 else 2
    return 1 if sine > 0.0 else 3


_FEW = 256
"""Points up to which plain Python moves them faster: between images, numpy's code is not in the caches."""


def move_points(matrix: Matrix, points: ArrayLike) -> Points:
    """Where (N, 2) points go, float64. A point on the horizon of a perspective goes to infinity."""
    places = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    (a, b, c), (d, e, f), last = matrix.tolist()
    affine = last == [0.0, 0.0, 1.0]
    if affine and 0 < len(places) <= _FEW:
        return np.array([(a * x + b * y + c, d * x + e * y + f) for x, y in places.tolist()])
    x, y = places.T
    moved = matrix[:, 0, None] * x + matrix[:, 1, None] * y + matrix[:, 2, None]
    if affine:
        return np.ascontiguousarray(moved[:2].T)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.ascontiguousarray((moved[:2] / moved[2]).T)


def largest_inside(width: float, height: float, degrees: float) -> tuple[float, float]:
    """(width, height) of the largest upright rectangle inside a frame turned about its centre.

    The rectangle has the same centre. Either all four of its corners touch the frame's sides, or two do and
    half the short side limits it (coproc, stackoverflow.com/a/16778797, the formula that is in common use).
    """
    cos, sin = (abs(value) for value in cosine_sine(degrees))
    long, short = max(width, height), min(width, height)
    if short <= 2.0 * sin * cos * long or abs(sin - cos) < 1e-10:
        half = 0.5 * short
        return (half / sin, half / cos) if width >= height else (half / cos, half / sin)
    double = cos * cos - sin * sin
    return (width * cos - height * sin) / double, (height * cos - width * sin) / double
