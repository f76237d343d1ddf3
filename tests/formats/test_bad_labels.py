"""The same faults in the label files of every format that can have them: refused, left out, clipped alike."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from augcli import formats
from augcli.errors import UsageError
from augcli.formats import Source
from augcli.images import decode
from augcli.labels import boxes
from augcli.recipe.model import Recipe
from augcli.render import open_source
from augcli.setting import Setting
from tests.formats.rich import Held, converted
from tests.formats.two import PLANTS, Two
from tests.images.made import saved

NAN, INF = float("nan"), float("inf")
RIGHT = (5, 6, 20, 18)
ORDERLESS = {"labelme"}
"""Two opposite corners may stand in any order."""
TOO_STRICT = {"coco", "hf"}
"""The table of all images is no JSON with a NaN in it: nothing of it can be left out."""
ITSELF = {"webdataset", "parquet"}
"""A sample holds its image."""
OPEN = {"voc", "labelme", "csv", "hf", "webdataset", "parquet"}
"""Classes are what the labels say."""

FAULTS = {
    "outside": (Two((50, 5, 60, 12)), "lies outside the image", set()),
    "leaves": (Two((30, 5, 46, 12)), "leaves the image of 40 x 30 pixels by 6", set()),
    "inverted": (Two((20, 5, 10, 12)), "is inverted", ORDERLESS),
    "flat": (Two((10, 5, 10, 12)), "has no area", set()),
    "nan": (Two((NAN, 5, 10, 12)), "no finite number", set()),
    "infinite": (Two((5, 5, INF, 12)), "no finite number", set()),
    "image": (Two(RIGHT, name="zz.png"), "", ITSELF),
    "class": (Two(RIGHT, label="horse"), "", OPEN),
}
"""What is wrong -> labels that have it, words of the message, formats in which it is none."""

CASES = [(fault, name) for fault, (_, _, but) in FAULTS.items() for name in PLANTS if name not in but]


def read(name: str, root: Path, policy: str = "refuse") -> Held:
    return Held(*formats.read(name, Source(str(root), invalid=policy)))


def shown(held: Held) -> dict[str, list[list[float]]]:
    """Stem of each image -> boxes."""
    samples = {
        Path(entry.key).stem: open_source(Setting(Recipe(), held.dataset), entry).sample
        for entry in held.entries
    }
    return {stem: boxes(sample.objects).round(6).tolist() for stem, sample in samples.items()}


@pytest.mark.parametrize(("fault", "name"), CASES)
def test_a_bad_label_is_refused_with_its_place_or_left_out_and_counted(
    fault: str, name: str, tmp_path: Path
) -> None:
    two, words, _ = FAULTS[fault]
    PLANTS[name](tmp_path / "in", two)
    with pytest.raises(UsageError) as caught:
        read(name, tmp_path / "in")
    (problem,) = caught.value.problems
    assert str(tmp_path) in problem.where
    if fault in ("nan", "infinite") and name in (*TOO_STRICT, "labelme", "webdataset"):
        assert "which is no JSON number" in problem.what
        if name in TOO_STRICT:
            return
    else:
        assert words in problem.what
    assert "--set labels.invalid=" in problem.remedy
    for policy in ("drop", "clip"):
        held = read(name, tmp_path / "in", policy)
        assert any(note.startswith("1 ") and "first: " in note for note in held.dataset.notes)
        found = shown(held)
        assert found.pop("b") == [[1, 1, 5, 5]]
        kept = [[30, 5, 40, 12]] if fault == "leaves" and policy == "clip" else []
        assert found.get("a", []) == kept


@pytest.mark.parametrize("policy", ["refuse", "drop", "clip"])
@pytest.mark.parametrize("name", PLANTS)
def test_an_overshoot_of_less_than_a_pixel_is_clipped_and_counted(
    name: str, policy: str, tmp_path: Path
) -> None:
    PLANTS[name](tmp_path / "in", Two((30, 5, 40.6, 30.0000001)))
    held = read(name, tmp_path / "in", policy)
    assert shown(held)["a"] == [[30, 5, 40, 30]]
    assert any(note.startswith("1 label overshot the image") for note in held.dataset.notes)


def sideways() -> tuple[bytes, np.ndarray]:
    """A photograph that EXIF turns by a quarter, with a white rectangle at `RIGHT`; its upright pixels."""
    image = np.zeros((30, 40, 3), np.uint8)
    x0, y0, x1, y1 = RIGHT
    image[y0:y1, x0:x1] = 255
    exif = Image.Exif()
    exif[274] = 6
    data = saved(Image.fromarray(image), "PNG", exif=exif)
    return data, decode(data, max_megapixels=1).image


@pytest.mark.parametrize("name", [name for name in PLANTS if name != "yolo"])
def test_labels_of_the_raw_and_of_the_upright_photograph_are_both_right_and_of_neither_are_none(
    name: str, tmp_path: Path
) -> None:
    data, upright = sideways()
    places = np.argwhere(upright[..., 0] > 128)
    (top, left), (bottom, right) = places.min(axis=0).tolist(), (places.max(axis=0) + 1).tolist()
    ends = (left, top, right, bottom)
    for which, two in {
        "raw": Two(RIGHT, size=(40, 30), data=data),
        "upright": Two(ends, size=(30, 40), data=data),
    }.items():
        PLANTS[name](tmp_path / which, two)
        before = read(name, tmp_path / which)
        assert shown(before)["a"] == [list(ends)]
        # What is written is right for who passes over EXIF as for who heeds it, as far as the source was.
        converted(before, "csv", tmp_path / f"{which}-csv")
        (file,) = (tmp_path / f"{which}-csv").rglob("a.png")
        with Image.open(file) as picture:
            assert picture.getexif().get(274) == (None if which == "raw" else 6)
            assert picture.size == ((30, 40) if which == "raw" else (40, 30))
        after = read("csv", tmp_path / f"{which}-csv")
        assert shown(after)["a"] == [list(ends)]
    PLANTS[name](tmp_path / "neither", Two(RIGHT, size=(41, 33), data=data))
    with pytest.raises(Exception, match="the labels are for 41 x 33 pixels, the picture has 30 x 40"):
        shown(read(name, tmp_path / "neither"))
