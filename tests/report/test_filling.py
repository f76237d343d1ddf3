"""The share of a frame that shows nothing, against pictures that were really moved."""

from __future__ import annotations

import numpy as np
import pytest

from augcli.report.filling import GRID, shown, trace_of
from tests.runs import call, picture, recipe, rows

MOVES = (
    "rotate: {degrees: 30}",
    "zoom: {factor: 0.5}",
    "translate: {x: '40%', y: '-10%'}",
    "shear: {x: 20}",
    "perspective: {distortion: 0.3}",
    "random_crop: {width: 30, height: 20}",
    "erase: {area: 0.4}",
    "cutout: {count: 5, size: 40%}",
    "grid_dropout: {ratio: 0.6, size: 30%}",
)


def fill(size, steps) -> float:
    return 1.0 - float(shown(size, trace_of(steps)).mean())


def move(*rows, size) -> dict:
    return {"op": "rotate", "matrix": [list(row) for row in rows], "size": list(size)}


@pytest.mark.parametrize("step", MOVES)
def test_it_is_the_share_of_fill_in_the_output(tmp_path, step: str) -> None:
    from augcli.images import decode, encode

    source = tmp_path / "data/a/one.png"
    source.parent.mkdir(parents=True)
    source.write_bytes(encode(picture(1, 100, 80) // 2 + 100, "png"))
    file = recipe(tmp_path, tmp_path / "data", [step, "flip: {}"], more="copies: 3\n")
    assert call("run", file, "-q").code == 0
    for row in rows(tmp_path / "out")[1:]:
        image = decode((tmp_path / "out" / row["output"]).read_bytes(), max_megapixels=1).image
        black = float(np.mean((image < 100).all(axis=2) | (image == 0).all(axis=2)))
        assert fill((100, 80), row["steps"]) == pytest.approx(black, abs=0.03), row["steps"]


def test_covers_are_seen_where_later_moves_put_them(tmp_path) -> None:
    from augcli.images import decode, encode

    source = tmp_path / "data/a/one.png"
    source.parent.mkdir(parents=True)
    source.write_bytes(encode(picture(1, 400, 320) // 2 + 100, "png"))
    steps = [
        "rotate: {degrees: 20}",
        "erase: {area: 0.3}",
        "zoom: {factor: 0.7}",
        "cutout: {size: 40%}",
        "flip: {}",
    ]
    file = recipe(tmp_path, tmp_path / "data", steps, more="copies: 4\n")
    assert call("run", file, "-q").code == 0
    for row in rows(tmp_path / "out")[1:]:
        image = decode((tmp_path / "out" / row["output"]).read_bytes(), max_megapixels=1).image
        mask = shown((400, 320), trace_of(row["steps"]))
        height, width = image.shape[:2]
        places = (np.arange(GRID) + 0.5) / GRID
        sampled = image[np.ix_((places * height).astype(int), (places * width).astype(int))]
        assert np.mean((sampled >= 100).any(axis=2) == mask) > 0.97, row["steps"]


def test_nothing_moved_is_nothing_filled() -> None:
    assert fill((10, 10), []) == 0.0
    assert (
        fill((10, 10), [{"id": "invert", "op": "invert"}, {"op": "x", "matrix": [[1, 0, 0, 0]] * 3}]) == 0.0
    )


def test_single_lost_pixels_hide_nothing() -> None:
    assert fill((10, 10), [{"op": "pixel_dropout", "drawn": {"amount": 1.0, "seed": 1}}]) == 0.0


def test_a_frame_moved_wholly_away_is_all_fill() -> None:
    assert fill((10, 10), [move([1, 0, 500], [0, 1, 0], [0, 0, 1], size=(10, 10))]) == 1.0


def test_what_would_be_behind_the_camera_is_not_shown() -> None:
    assert fill((10, 10), [move([1, 0, -7], [0, 1, 0], [-0.2, 0, 1], size=(10, 10))]) == 1.0
