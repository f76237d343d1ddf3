"""Outputs of every depth are whole to `verify`, with the least limit that their size allows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from augcli.images import encode
from tests.runs import call, picture, recipe


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_sixteen_bit_outputs_are_no_damage(channels: int, tmp_path: Path) -> None:
    image = picture(1, channels=channels).astype(np.uint16) * np.uint16(257)
    (tmp_path / "in/a").mkdir(parents=True)
    (tmp_path / "in/a/deep.png").write_bytes(encode(image, "png"))
    assert call("run", recipe(tmp_path, tmp_path / "in", ["flip: {p: 0.5}"])).code == 0
    done = call("verify", tmp_path / "out")
    assert done.code == 0, done.err
