"""3x3 matrices: build, compose, resample pixels, move points.

Pixel i covers [i, i+1), its centre is i + 0.5, and the image is [0, W] x [0, H]. Matrices map points
(x, y, 1) of the frame before to the frame after, in that space. y points down, and positive angles turn
counter-clockwise as seen on the screen (torchvision, Pillow, OpenCV's getRotationMatrix2D).

This is the only place where pixels are resampled.
"""

from __future__ import annotations

from augcli.geometry.frames import BORDERS, INTERPOLATIONS, MAX_SIDE, Canvas, Move
from augcli.geometry.matrices import (
    Matrix,
    Points,
    about,
    compose,
    cosine_sine,
    determinant,
    identity,
    inverse,
    largest_inside,
    mirrors,
    move_points,
    perspective,
    quarter_turns,
    rotation,
    scaling,
    shear,
    translation,
)
from augcli.geometry.resampling import resample, resample_nearest

__all__ = [
    "BORDERS",
    "INTERPOLATIONS",
    "MAX_SIDE",
    "Canvas",
    "Matrix",
    "Move",
    "Points",
    "about",
    "compose",
    "cosine_sine",
    "determinant",
    "identity",
    "inverse",
    "largest_inside",
    "mirrors",
    "move_points",
    "perspective",
    "quarter_turns",
    "resample",
    "resample_nearest",
    "rotation",
    "scaling",
    "shear",
    "translation",
]
