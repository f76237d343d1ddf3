"""The shipped photographs are what their README promises."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest

from augcli.images import Picture, decode, format_of, read

ROOT = Path(__file__).parents[2] / "sample_data"
PHOTOS = sorted((ROOT / "photos").rglob("*.*"))


@pytest.fixture(scope="module")
def pictures() -> dict[str, Picture]:
    return {
        path.relative_to(ROOT / "photos").as_posix(): decode(read(str(path)), max_megapixels=1)
        for path in PHOTOS
    }


def test_there_are_enough_photographs_unevenly_many_in_each_class(pictures: dict[str, Picture]) -> None:
    counts = Counter(name.rsplit("/", 1)[0] for name in pictures)
    assert len(pictures) >= 18
    train = {folder: count for folder, count in counts.items() if folder.startswith("train/")}
    assert len(train) >= 3 and len(set(train.values())) >= 3
    assert {folder.split("/")[1] for folder in counts if folder.startswith("val/")} == {
        folder.split("/")[1] for folder in train
    }


def test_all_crops_of_one_photograph_are_in_one_split_and_class(pictures: dict[str, Picture]) -> None:
    places = defaultdict(set)
    for name in pictures:
        folder, file = name.rsplit("/", 1)
        places[file.split("_")[0]].add(folder)
    assert all(len(folders) == 1 for folders in places.values())
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for photograph, folders in places.items():
        assert f"`{min(folders)}/{photograph}_*`" in readme


def test_they_are_small_enough_to_ship(pictures: dict[str, Picture]) -> None:
    assert max(max(picture.image.shape[:2]) for picture in pictures.values()) <= 640
    assert sum(path.stat().st_size for path in ROOT.rglob("*") if path.is_file()) < 5_500_000


def test_each_special_kind_is_there_exactly_once(pictures: dict[str, Picture]) -> None:
    special = {
        name: (picture.format, picture.mode, picture.oriented)
        for name, picture in pictures.items()
        if (picture.format, picture.mode, picture.oriented) != ("jpeg", "RGB", False)
    }
    assert special == {
        "train/animal/chelsea_04.png": ("png", "RGBA", False),
        "train/object/coffee_05.png": ("png", "P", False),
        "train/person/hopper_03.jpg": ("jpeg", "RGB", True),
        "train/plant/dandelion_03.png": ("png", "RGB;16", False),
        "val/person/camera_01.jpg": ("jpeg", "L", False),
        "val/plant/grass_01.png": ("png", "I;16", False),
    }
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in readme for name in special)


def test_the_deep_pictures_use_more_than_8_bits(pictures: dict[str, Picture]) -> None:
    for name in ("train/plant/dandelion_03.png", "val/plant/grass_01.png"):
        image = pictures[name].image
        assert image.dtype == np.uint16
        assert len(np.unique(image)) > 256


def test_the_cut_out_is_soft(pictures: dict[str, Picture]) -> None:
    alpha = pictures["train/animal/chelsea_04.png"].image[..., 3]
    assert alpha.min() == 0 and alpha.max() == 255
    assert len(np.unique(alpha)) > 200


def test_nothing_in_them_needs_a_warning_and_names_tell_the_format(pictures: dict[str, Picture]) -> None:
    for name, picture in pictures.items():
        assert (picture.warnings, picture.icc) == ((), None)
        assert format_of(name) == picture.format
