"""Labels follow pixels: random recipes over random scenes, written labels against the output's pixels."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from augcli import formats
from augcli.labels import from_plain
from augcli.plan import make_plan
from augcli.render import open_source
from augcli.setting import Setting
from augcli.work import Work
from tests.proof import carried, recipes
from tests.proof.checker import Checker
from tests.proof.report import Worst, reported
from tests.proof.scenes import DATASET, SCENES, World, world
from tests.proof.written import Written, repeated


@pytest.fixture(autouse=True)
def _carried_is_a_format(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(formats.FORMATS, "carried", carried.__name__)  # type: ignore[arg-type]


def outputs(seed: int, made_of: World, folder: Path) -> Iterator[tuple[str, Any, Written]]:
    """What a random recipe makes of each scene: its name, the picture, the labels."""
    document = recipes.document(seed)
    recipe = recipes.recipe(document)
    entries = carried.planted(made_of, folder)
    work = Work(Setting(recipe, DATASET), str(folder), "proof", "carried")
    for job in make_plan(recipe, DATASET, entries).jobs():
        source = open_source(work.setting, job.entry)
        for copy in job.copies:
            row, (image, mask) = work.make(job.entry, copy, source)
            plain = row["labels"]["objects"]
            written = Written(
                [from_plain(each) for each in plain],
                [tuple(each["bbox"]) for each in plain],
                np.load(io.BytesIO(mask)),
                covers=recipes.covers(document),
                repeated=repeated(row),
            )
            yield row["id"], np.asarray(Image.open(io.BytesIO(image))), written


def prove(seeds: range, folder: Path, title: str) -> None:
    worst, wrong = Worst(), []
    for seed in seeds:
        made_of = world(seed)
        for name, image, written in outputs(seed, made_of, folder / str(seed)):
            found = Checker(made_of, worst).check(image, written, f"recipe {seed}, {name}")
            wrong += found
    reported(title, worst)
    assert not wrong, "\n".join(wrong[:40])


def test_labels_follow_pixels_through_random_recipes(tmp_path: Path) -> None:
    prove(range(60 // SCENES), tmp_path, "60 pairs")


@pytest.mark.slow
def test_labels_follow_pixels_through_many_random_recipes(tmp_path: Path) -> None:
    prove(range(1000, 1000 + 500 // SCENES), tmp_path, "500 pairs")
