"""Processors of other abilities: what renders the same there, and that the canary notices the rest.

A processor without AVX2 is played by switching its use off, in OpenCV, numpy and the C library.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import cv2
import pytest

from augcli.canary import canary, canary_parts
from tests.conftest import augment, tree
from tests.features import digests, elsewhere
from tests.runs import call, dataset, recipe

NO_AVX = {"OPENCV_CPU_DISABLE": "AVX512-SKX,AVX2,FP16,AVX"}
PLAYED: Mapping[str, Mapping[str, str]] = {
    "OpenCV without AVX-512": {"OPENCV_CPU_DISABLE": "AVX512-SKX"},
    "OpenCV without AVX": NO_AVX,
    "OpenCV with SSE3 alone": {"OPENCV_CPU_DISABLE": f"{NO_AVX['OPENCV_CPU_DISABLE']},SSE4.2,SSE4.1"},
    "numpy without AVX-512": {"NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL"},
    "numpy without AVX2": {"NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL"},
    "a C library without FMA": {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-AVX512F"},
    "codecs without SIMD": {"JSIMD_FORCENONE": "1"},
}
EVERYTHING = {key: value for each in PLAYED.values() for key, value in each.items()}

AVX2 = cv2.checkHardwareSupport(11)
"""CV_CPU_AVX2 of OpenCV's interface.h."""

MOVES = {"affine", "perspective", "rotate", "scale", "shear", "zoom"}
"""Operations whose pixels lie between pixels of the source."""


def may_differ(name: str) -> bool:
    """Whether a name of `features` is of a bilinear or bicubic move: the README's list."""
    what, op, *rest = name.split()
    if what == "canary":
        return op in {"affine", "perspective", "turns", "resize"} and "lanczos" not in rest
    return what == "op" and op in MOVES and not {"nearest", "lanczos"} & set(rest)


@pytest.fixture(scope="module")
def here() -> dict[str, str]:
    return digests(few=True)


def judged(here: Mapping[str, str], there: Mapping[str, str]) -> set[str]:
    """What differs; only moves may, and where one does the canary does."""
    assert here.keys() == there.keys()
    different = {name for name in here if here[name] != there[name]}
    assert {name for name in different if not may_differ(name)} == set()
    for interpolation in ("bilinear", "bicubic"):
        for depth in ("8", "16"):
            deep = depth == "16"
            moved = any(interpolation in name and name.endswith("16") == deep for name in different)
            assert not moved or any(name.startswith("canary") and name.endswith(depth) for name in different)
    return different


def test_a_lesser_processor_renders_all_but_moves_alike_and_the_canary_notices(here: dict[str, str]) -> None:
    different = judged(here, elsewhere(True, EVERYTHING))
    if AVX2:
        assert {"canary turns bilinear 8", "canary affine bicubic 16"} <= different, (
            "nothing was switched off"
        )


@pytest.mark.slow
@pytest.mark.parametrize("name", PLAYED)
def test_each_library_on_a_lesser_processor_renders_all_but_moves_alike(name: str) -> None:
    if "codecs" in name or "numpy" in name or "C library" in name:
        assert judged(digests(few=False), elsewhere(False, PLAYED[name])) == set()
    else:
        judged(digests(few=False), elsewhere(False, PLAYED[name]))


def test_the_canary_looks_at_every_way_to_compute() -> None:
    parts = canary_parts()
    assert len(set(parts.values())) == len(parts), "two parts are the same picture"
    assert canary() == canary()
    for name in ("affine bilinear 8", "perspective bicubic 16", "expose 16", "average 16", "sharpen 8"):
        assert name in parts
    assert {"encode jpeg", "encode png", "encode webp", "decode jpeg", "numbers"} <= set(parts)


@pytest.mark.skipif(not AVX2, reason="this processor has no AVX2 to lose")
def test_a_run_is_not_continued_on_a_processor_that_renders_otherwise(tmp_path: Path) -> None:
    path = recipe(tmp_path, dataset(tmp_path / "in", ["a/1.jpg", "a/2.jpg"]), ["rotate"])
    assert call("run", path).code == 0
    before = tree(tmp_path / "out")
    refused = augment("run", path, env=NO_AVX)
    assert refused.returncode == 5
    assert "environment: canary: " in refused.stderr and "--update redoes" in refused.stderr
    assert tree(tmp_path / "out") == before
    updated = augment("run", path, "--update", "--json", env=NO_AVX)
    assert updated.returncode == 0 and json.loads(updated.stdout)["kept"] == 0
    assert call("run", path).code == 5


@pytest.mark.skipif(not AVX2, reason="this processor has no AVX2 to lose")
def test_the_bytes_of_a_recipe_without_moves_are_those_of_every_processor(tmp_path: Path) -> None:
    steps = [
        "flip: {p: 0.5}",
        "crop: {width: 30, height: 30}",
        "color_jitter: {brightness: [0.7, 1.3], saturation: [0.5, 1.5], hue: [-20, 20]}",
        "sharpen",
        "motion_blur",
        "gaussian_noise: {std: [0.01, 0.05]}",
        "gamma",
        "mixup: {fit: stretch, p: 0.5}",
    ]
    path = recipe(tmp_path, dataset(tmp_path / "in"), steps)
    assert call("run", path).code == 0
    other = augment("run", path, "--set", f"output.path={tmp_path / 'other'}", env=EVERYTHING)
    assert other.returncode == 0, other.stderr
    images = [
        {k: v for k, v in tree(tmp_path / name).items() if k.endswith((".jpg", ".png"))}
        for name in ("out", "other")
    ]
    assert images[0] == images[1] and len(images[0]) > 30
