"""The share of a frame that shows nothing, against pictures that were really moved."""

from __future__ import annotations

import numpy as np
import pytest

from augcli.report.filling import fill_share
from tests.runs import call, picture, recipe, rows

MOVES = (
    "rotate: {degrees: 30}",
    "zoom: {factor: 0.5}",
    "translate: {x: '40%', y: '-10%'}",
    "shear: {x: 20}",
    "perspective: {distortion: 0.3}",
    "random_crop: {width: 30, height: 20}",
)


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
        assert fill_share((100, 80), row["steps"]) == pytest.approx(black, abs=0.03), row["steps"]


def test_nothing_moved_is_nothing_filled() -> None:
    assert fill_share((10, 10), []) == 0.0
    assert fill_share((10, 10), [{"id": "invert"}, {"matrix": [[1, 0, 0, 0]] * 3}]) == 0.0


def test_a_frame_moved_wholly_away_is_all_fill() -> None:
    away = {"matrix": [[1, 0, 500], [0, 1, 0], [0, 0, 1]], "size": [10, 10]}
    assert fill_share((10, 10), [away]) == 1.0


def test_a_corner_behind_the_camera_is_not_told() -> None:
    behind = {"matrix": [[1, 0, 0], [0, 1, 0], [-0.2, 0, 1]], "size": [10, 10]}
    assert fill_share((10, 10), [behind]) == 0.0
