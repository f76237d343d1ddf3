"""A preview shows what a run writes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from augcli import preview
from augcli.images import decode
from augcli.plan import is_training
from augcli.prelude import prelude
from augcli.render import open_source, render
from tests.runs import MIXING, call, dataset, recipe, rows


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("preview")
    path = recipe(folder, dataset(folder / "in"), MIXING)
    path.write_text(
        path.read_text().replace(
            f"output: {folder / 'out'}", f"output: {{path: {folder / 'out'}, encode: {{format: png}}}}"
        )
    )
    assert call("run", path).code == 0
    return folder


def test_the_pixels_of_a_preview_are_those_that_run_writes(place: Path) -> None:
    found = prelude(place / "recipe.yaml", [])
    outputs = {row["id"]: row["output"] for row in rows(place / "out")}
    compared = 0
    for entry, copies in preview.chosen(found.plan, found.recipe.seed, 100, None):
        assert is_training(entry.split) and len(copies) == 2
        source = open_source(found.setting, entry)
        for copy in copies:
            sample, _ = render(found.setting, source, copy.number, copy.partners)
            data = (place / "out" / outputs[f"{entry.id}#{copy.number}"]).read_bytes()
            written = decode(data, max_megapixels=1.0).image
            assert written.dtype == sample.image.dtype
            assert np.array_equal(written, sample.image)
            compared += 1
    assert compared == 24


def test_what_a_preview_shows_of_a_copy_is_what_it_rendered(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheets = []
    inner = preview.contact_sheet
    monkeypatch.setattr(preview, "contact_sheet", lambda tiles: (sheets.append(tiles), inner(tiles))[1])
    done = call("preview", place / "recipe.yaml", "-n", "4", "-o", place / "sheet.png")
    assert done.code == 0
    (tiles,) = sheets
    assert [len(row) for row in tiles] == [3, 3, 3, 3]
    outputs = {row["id"]: row["output"] for row in rows(place / "out")}
    for original, *copies in tiles:
        for number, tile in enumerate(copies, 1):
            name = outputs[f"train/{original.title}#{number}"]
            with Image.open(place / "out" / name) as image:
                if image.mode in ("RGB", "L"):
                    assert np.array_equal(tile.image, np.asarray(image.convert("RGB")))
            assert tile.title == f"copy {number}"


def test_the_sheet_is_written_and_the_number_of_copies_is_ours(place: Path, tmp_path: Path) -> None:
    sizes = {}
    for copies in (1, 4):
        done = call(
            "preview", place / "recipe.yaml", "-n", "2", "--copies", str(copies), "-o", tmp_path / "s.png"
        )
        assert done.code == 0 and f"2 images with {2 * copies} copies" in done.out
        with Image.open(tmp_path / "s.png") as sheet:
            sheet.load()
            sizes[copies] = sheet.size
    assert sizes[4][0] > sizes[1][0] and sizes[4][1] == sizes[1][1]


def test_the_same_preview_is_the_same_file(place: Path, tmp_path: Path) -> None:
    for name in ("1.png", "2.png"):
        assert call("preview", place / "recipe.yaml", "-n", "2", "-o", tmp_path / name).code == 0
    assert (tmp_path / "1.png").read_bytes() == (tmp_path / "2.png").read_bytes()


@pytest.mark.parametrize(
    ("name", "form"), [("s.jpg", "JPEG"), ("s.webp", "WEBP"), ("new/folder/s.png", "PNG")]
)
def test_the_name_says_the_format(name: str, form: str, place: Path, tmp_path: Path) -> None:
    assert call("preview", place / "recipe.yaml", "-n", "1", "-o", tmp_path / name).code == 0
    with Image.open(tmp_path / name) as sheet:
        assert sheet.format == form


def test_a_name_that_is_no_picture_is_refused(place: Path, tmp_path: Path) -> None:
    done = call("preview", place / "recipe.yaml", "-o", tmp_path / "sheet.yaml")
    assert done.code == 2 and "end it with .png" in done.err
