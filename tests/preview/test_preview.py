"""A preview shows what a run writes, of the images that were asked for."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from augcli import preview, render
from augcli.formats import tree
from augcli.images import decode, encode
from augcli.images.masks import read_mask
from augcli.labels import from_plain
from augcli.objects import Objects
from augcli.plan import choice, is_training
from augcli.prelude import prelude
from augcli.preview.choosing import Wanted, jobs, picking
from augcli.preview.shots import Row, Studio
from tests.conftest import ROOT, augment
from tests.runs import MIXING, call, dataset, recipe, rows

NAMES = [
    *(f"train/{name}.jpg" for name in ("a/a0", "a/a1", "b/b0", "c/c0")),
    "train/a/alpha.png",
    "train/b/grey.png",
]


def taken(path: Path, wanted: Wanted = Wanted(100), *overrides: str) -> list[Row]:  # noqa: B008 - frozen
    found = prelude(path, overrides, pick=partial(picking, wanted))
    studio = Studio(found.setting, found.plan.format)
    return [studio.row(job) for job in jobs(found.plan, wanted)]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("preview")
    recipe(folder, dataset(folder / "in"), MIXING)
    return folder


def written(folder: Path) -> dict[str, bytes]:
    return {row["id"]: (folder / row["output"]).read_bytes() for row in rows(folder) if row["status"] == "ok"}


@pytest.mark.parametrize(
    "encode",
    [
        "{format: same, quality: 60}",
        "{format: jpeg, quality: 30, subsampling: 444, background: [9, 99, 200]}",
        "{format: png}",
        "{format: webp, quality: 40}",
    ],
)
def test_the_pixels_of_a_preview_are_those_that_run_writes(encode: str, tmp_path: Path) -> None:
    output = f"{{path: {tmp_path / 'out'}, encode: {encode}}}"
    path = recipe(tmp_path, dataset(tmp_path / "in", NAMES), MIXING, output=output, more="copies: 3\n")
    assert call("run", path).code == 0
    files = written(tmp_path / "out")
    compared = 0
    for row in taken(path):
        assert is_training(row.entry.split) and len(row.copies) == 3
        for shot in row.copies:
            image = decode(files[f"{row.entry.id}#{shot.copy}"], max_megapixels=1.0).image
            assert shot.image is not None and shot.image.dtype == image.dtype
            assert np.array_equal(shot.image, image)
            compared += 1
    assert compared == 18


def test_deep_pictures_and_shrunken_sources_are_those_of_the_run_too(tmp_path: Path) -> None:
    path = recipe(
        tmp_path,
        dataset(tmp_path / "in", ["train/c/deep.png", "train/c/c0.jpg"]),
        ["rotate: {degrees: [-9, 9]}", "gaussian_noise: {std: 0.02}"],
        more="copies: 2\nprepare:\n  - resize: {longest: 24}\n",
    )
    assert call("run", path).code == 0
    files = written(tmp_path / "out")
    for row in taken(path):
        for shot in row.copies:
            assert shot.image is not None and max(shot.image.shape[:2]) == 24
            image = decode(files[f"{row.entry.id}#{shot.copy}"], max_megapixels=1.0).image
            assert np.array_equal(shot.image, image) and shot.image.dtype == image.dtype


@pytest.mark.parametrize("name", ["detect-yolo", "instances-coco", "segment-masks", "pose"])
def test_the_labels_of_a_preview_are_those_that_run_writes(name: str, tmp_path: Path) -> None:
    config = ROOT / "configs" / f"{name}.yaml"
    more = (
        f"output.path={tmp_path / 'out'}",
        f"input.path={ROOT / 'sample_data' / _folder(name)}",
        "copies=2",
    )
    assert call("run", config, *(f"--set={each}" for each in more)).code == 0
    done = {row["id"]: row for row in rows(tmp_path / "out")}
    compared = 0
    for row in taken(config, Wanted(10), *more):
        for shot in row.copies:
            made = done.get(f"{row.entry.id}#{shot.copy}")
            if made is None:
                continue
            assert shot.labels is not None and shot.labels.size == tuple(made["size"])
            objects = Objects.of(from_plain(plain) for plain in made["labels"]["objects"])
            assert shot.labels.objects.category == objects.category
            for one, other in zip(shot.labels.objects.evidence, objects.evidence, strict=True):
                assert one.bounds == other.bounds
            masks = [file["path"] for file in made["files"] if file["kind"] == "mask"]
            for mask in masks:
                assert shot.labels.mask is not None
                assert np.array_equal(shot.labels.mask, read_mask((tmp_path / "out" / mask).read_bytes())[0])
            assert shot.row["dropped"] == made["dropped"] and shot.row["steps"] == made["steps"]
            compared += 1
    assert compared >= 4


def _folder(name: str) -> str:
    return {"detect-yolo": "yolo", "instances-coco": "coco", "segment-masks": "masks", "pose": "yolo-pose"}[
        name
    ]


def test_what_the_sheet_shows_of_a_copy_is_what_was_made(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheets = []
    inner = preview.contact_sheet
    monkeypatch.setattr(preview, "contact_sheet", lambda tiles: (sheets.append(tiles), inner(tiles))[1])
    done = call("preview", place / "recipe.yaml", "-n", "4", "-o", place / "sheet.png")
    assert done.code == 0
    (tiles,) = sheets
    assert [[tile.title for tile in row][1:] for row in tiles] == [["copy 1", "copy 2"]] * 4
    made = {row.entry.key: row for row in taken(place / "recipe.yaml")}
    for original, *copies in tiles:
        for shot, tile in zip(made[original.title].copies, copies, strict=True):
            assert np.array_equal(tile.image, shot.picture)


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


@pytest.mark.parametrize("ending", ["png", "html"])
def test_the_same_preview_is_the_same_file(ending: str, place: Path, tmp_path: Path) -> None:
    for name in ("1", "2"):
        assert (
            call("preview", place / "recipe.yaml", "-n", "2", "-o", tmp_path / f"{name}.{ending}").code == 0
        )
    assert (tmp_path / f"1.{ending}").read_bytes() == (tmp_path / f"2.{ending}").read_bytes()


@pytest.mark.parametrize(
    ("name", "form"), [("s.jpg", "JPEG"), ("s.webp", "WEBP"), ("new/folder/s.png", "PNG")]
)
def test_the_name_says_the_format(name: str, form: str, place: Path, tmp_path: Path) -> None:
    assert call("preview", place / "recipe.yaml", "-n", "1", "-o", tmp_path / name).code == 0
    with Image.open(tmp_path / name) as sheet:
        assert sheet.format == form


def test_a_name_that_is_neither_page_nor_picture_is_refused(place: Path, tmp_path: Path) -> None:
    done = call("preview", place / "recipe.yaml", "-o", tmp_path / "sheet.yaml")
    assert done.code == 2 and "end it with .html for a page, with .png for a picture" in done.err


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        (["--class", "b"], {"b/b0.jpg", "b/b1.jpg", "b/b2.jpg", "b/grey.png"}),
        (["--select", "a/a?.jpg"], {"a/a0.jpg", "a/a1.jpg", "a/a2.jpg", "a/a3.jpg"}),
        (["--select", "train/c/**"], {"c/c0.jpg", "c/c1.jpg", "c/deep.png"}),
        (["--select", "**/*.png", "--class", "a"], {"a/alpha.png"}),
        (["--index", "1"], {"a/a1.jpg"}),
    ],
)
def test_images_are_shown_as_they_are_asked_for(
    words: list[str], keys: set[str], place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    inner = preview.tiles
    monkeypatch.setattr(
        preview, "tiles", lambda row, steps: (seen.append(row.entry.key), inner(row, steps))[1]
    )
    done = call(
        "preview", place / "recipe.yaml", "-n", "50", "--copies", "1", "-o", tmp_path / "s.png", *words
    )
    assert done.code == 0 and set(seen) == keys


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--class", "bb"], "--class: no training image of class 'bb'; did you mean 'b'?"),
        (
            ["--select", "x/*"],
            "--select: no training image matches 'x/*'; they are called like 'train/a/a0.jpg'",
        ),
        (["--select", "c/*", "--class", "a"], "no training image of class 'a' matches 'c/*'"),
        (["--index", "99"], "--index: no training image 99; there are 12 training images, counted from 0"),
        (["--index", "1", "--class", "a"], "--index names one image; leave --select and --class out"),
    ],
)
def test_what_no_image_is_like_is_refused(words: list[str], said: str, place: Path, tmp_path: Path) -> None:
    done = call("preview", place / "recipe.yaml", "-o", tmp_path / "s.html", *words)
    assert done.code == 2 and said in done.err and not (tmp_path / "s.html").exists()


def test_few_images_are_of_different_classes(place: Path) -> None:
    assert {row.entry.label for row in taken(place / "recipe.yaml", Wanted(3, 1))} == {"a", "b", "c"}


def test_images_that_are_not_shown_are_neither_read_nor_asked_for_their_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"train/{label}/{number}.jpg" for label in "abcdef" for number in range(40)]
    data = dataset(tmp_path / "in", names[:1])
    first = (data / names[0]).read_bytes()
    for name in names[1:]:
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_bytes(first)
    steps = ["flip: {p: 0.5}", "mixup: {alpha: 1.0, p: 0.3}"]
    path = recipe(tmp_path, data, steps)
    opened: list[str] = []
    hashed: list[str] = []
    inner, ranks = render.read, choice.first_bits
    monkeypatch.setattr(render, "read", lambda file, *more: (opened.append(file), inner(file, *more))[1])
    monkeypatch.setattr(
        choice, "first_bits", lambda seed, of, keys: (hashed.extend(keys), ranks(seed, of, keys))[1]
    )
    monkeypatch.setattr(tree, "_image", partial(_unsized, tree._image))
    assert call("preview", path, "-n", "3", "--copies", "2", "-o", tmp_path / "p.html").code == 0
    assert 3 <= len(set(opened)) <= 3 + 6, "the sources, and partners of some copies"
    assert len(hashed) == 3 * 40, "keys of the classes that give one image each"


def test_the_labels_of_a_page_weigh_less_than_its_pictures(tmp_path: Path) -> None:
    config = ROOT / "configs/instances-coco.yaml"
    where = f"--set=input.path={ROOT / 'sample_data/coco'}"
    assert call("preview", config, where, "--copies", "6", "-o", tmp_path / "p.html").code == 0
    text = (tmp_path / "p.html").read_text()
    labels = sum(map(len, re.findall(r'<svg class="overlay".*?</svg>', text, re.DOTALL)))
    pictures = sum(map(len, re.findall(r"data:image/webp[^\"]*", text)))
    assert 50_000 < labels < 0.75 * pictures and len(text) * 56 / 28 < 1_500_000


def _unsized(inner, path, entry, kind, sized, regular):  # type: ignore[no-untyped-def]
    assert not sized
    return inner(path, entry, kind, sized, regular)


def test_a_page_of_eight_images_with_six_copies_weighs_less_than_a_megabyte_and_a_half(
    tmp_path: Path,
) -> None:
    """Photographs under grain, which compresses badly."""
    photos = sorted((ROOT / "sample_data/photos/train").rglob("*.jpg"))[:8]
    for number, photo in enumerate(photos):
        target = tmp_path / "in" / "train" / "abcd"[number % 4] / photo.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(photo.read_bytes())
    steps = [
        "rotate: {degrees: [-20, 20]}",
        "affine: {degrees: [-20, 20], scale: [0.8, 1.2], x: ['-5%', '5%']}",
        "flip: {p: 0.5}",
        "color_jitter: {brightness: [0.7, 1.3], contrast: [0.7, 1.3], saturation: [0.7, 1.3], hue: [-9, 9]}",
        "mixup: {alpha: 0.4, p: 0.5}",
        "gaussian_noise: {std: [0.02, 0.12]}",
    ]
    path = recipe(tmp_path, tmp_path / "in", steps, more="copies: 6\n")
    assert call("preview", path, "-n", "8", "--copies", "6", "-o", tmp_path / "p.html").code == 0
    data = (tmp_path / "p.html").read_bytes()
    assert data.count(b"<figure") == 48 and len(data) < 1_500_000


def test_a_page_is_opened_by_its_full_name_and_where_nothing_opens_it_that_is_said(
    place: Path, tmp_path: Path
) -> None:
    opener = tmp_path / "bin/xdg-open"
    opener.parent.mkdir()
    opener.write_text(f'#!/bin/sh\nprintf "%s" "$1" > {tmp_path}/opened\n')
    opener.chmod(0o755)
    words = ("preview", place / "recipe.yaml", "-n", "1", "--copies", "1", "-o")
    done = augment(*words, tmp_path / "a b.html", "--open", env={"PATH": str(opener.parent)})
    assert done.returncode == 0 and done.stderr == ""
    assert (tmp_path / "opened").read_text() == str(tmp_path / "a b.html")
    done = augment(*words, tmp_path / "b.html", "--open", env={"PATH": str(tmp_path)})
    assert done.returncode == 0 and "b.html: nothing here can open it" in done.stderr


def test_pixels_that_count_for_nothing_are_known_though_voc_gives_them_its_own_number(tmp_path: Path) -> None:
    data = tmp_path / "in"
    for name, levels in (("images/a.png", np.full((20, 20, 3), 99)), ("masks/a.png", np.full((20, 20), 200))):
        (data / name).parent.mkdir(parents=True)
        (data / name).write_bytes(encode(levels.astype(np.uint8), "png"))
    (data / "categories.json").write_text('{"categories": [{"id": 1, "name": "x"}], "ignore": 200}')
    path = recipe(tmp_path, data, ["flip: {}"])
    (row,) = taken(path, Wanted(1), "output.format=voc")
    for shot in (row.source, *row.copies):
        assert shot.labels is not None and shot.labels.mask is not None
        assert (shot.labels.mask == shot.labels.ignore).all()
