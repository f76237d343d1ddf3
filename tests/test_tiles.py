"""A run over tiles: pixels, masks and labels are cut out of the whole image, which is decoded once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from augcli import formats, render
from augcli.formats import Source
from augcli.plan import by_source, make_plan
from augcli.recipe import loads
from augcli.setting import Setting
from augcli.work import Work
from tests.images.made import pixels
from tests.runs import call, recipe, rows

WIDTH, HEIGHT = 70, 40
TILES = {"r0c0": (0, 0, 32, 32), "r0c1": (28, 0, 60, 32), "r0c2": (38, 0, 70, 32),
         "r1c0": (0, 8, 32, 40), "r1c1": (28, 8, 60, 40), "r1c2": (38, 8, 70, 40)}  # fmt: skip
BOXES = {"dog": (2, 2, 12, 10), "cat": (26, 4, 36, 14), "bird": (20, 20, 66, 36)}
KINDS = ("dog", "cat", "bird")


def coco(root: Path, orientation: int = 1) -> Path:
    """One image of noise with three boxes, and a small one with none."""
    (root / "train").mkdir(parents=True)
    (root / "annotations").mkdir()
    exif = Image.Exif()
    exif[274] = orientation
    upright = pixels((HEIGHT, WIDTH, 3))
    stored = np.rot90(upright) if orientation == 6 else upright
    Image.fromarray(np.ascontiguousarray(stored)).save(root / "train" / "big.png", exif=exif)
    Image.fromarray(pixels((20, 20, 3), seed=1)).save(root / "train" / "small.png")
    notes = [
        {"id": number, "image_id": 5, "category_id": number, "bbox": [x0, y0, x1 - x0, y1 - y0],
         "area": (x1 - x0) * (y1 - y0), "iscrowd": 0}
        for number, (x0, y0, x1, y1) in enumerate(BOXES.values(), 1)
    ]  # fmt: skip
    told = {
        "images": [
            {"id": 5, "file_name": "big.png", "width": WIDTH, "height": HEIGHT},
            {"id": 9, "file_name": "small.png", "width": 20, "height": 20},
        ],
        "annotations": notes,
        "categories": [{"id": number, "name": name} for number, name in enumerate(KINDS, 1)],
    }
    (root / "annotations" / "instances_train.json").write_text(json.dumps(told))
    return root


def cut_by_hand(box: tuple[int, int, int, int], tile: tuple[int, int, int, int]) -> list[float] | None:
    """COCO's x, y, width, height of a box inside a tile."""
    x0, y0 = max(box[0], tile[0]), max(box[1], tile[1])
    x1, y1 = min(box[2], tile[2]), min(box[3], tile[3])
    return [x0 - tile[0], y0 - tile[1], x1 - x0, y1 - y0] if x0 < x1 and y0 < y1 else None


def tiles_of(folder: Path, source: Path, steps: tuple[str, ...] = (), more: str = "copies: 0\n") -> Path:
    told = f"{{path: {source}, tile: {{size: 32, overlap: 4}}}}"
    return recipe(folder, told, steps or ("flip: {p: 0.5}",), more=more)


@pytest.mark.parametrize("orientation", [1, 6])
def test_pixels_and_boxes_are_cut_to_the_tiles(tmp_path: Path, orientation: int) -> None:
    done = call("run", tiles_of(tmp_path, coco(tmp_path / "in", orientation)))
    assert done.code == 0, done.err
    whole = pixels((HEIGHT, WIDTH, 3))
    told = json.loads((tmp_path / "out/annotations/instances_train.json").read_text())
    images = {image["file_name"]: image for image in told["images"]}
    assert set(images) == {"small.png", *(f"big__{name}.png" for name in TILES)}
    for name, tile in TILES.items():
        x0, y0, x1, y1 = tile
        made = np.asarray(Image.open(tmp_path / f"out/train/big__{name}.png"))
        assert np.array_equal(made, whole[y0:y1, x0:x1])
        found = {
            KINDS[note["category_id"] - 1]: note["bbox"]
            for note in told["annotations"]
            if note["image_id"] == images[f"big__{name}.png"]["id"]
        }
        wanted = {kind: cut_by_hand(box, tile) for kind, box in BOXES.items()}
        assert found == {kind: box for kind, box in wanted.items() if box is not None}


def test_ids_of_tiles_are_new_and_those_of_whole_images_stay(tmp_path: Path) -> None:
    assert call("run", tiles_of(tmp_path, coco(tmp_path / "in"))).code == 0
    told = json.loads((tmp_path / "out/annotations/instances_train.json").read_text())
    numbers = {image["file_name"]: image["id"] for image in told["images"]}
    assert numbers.pop("small.png") == 9 and sorted(numbers.values()) == list(range(10, 16))
    ids = [note["id"] for note in told["annotations"]]
    assert len(set(ids)) == len(ids) and min(ids) == 4


def test_rows_name_the_tile_its_share_of_each_object_and_keep_tiles_without_objects(tmp_path: Path) -> None:
    step = ("random_crop: {width: 24, height: 24, keep_objects: all}",)
    done = call("run", tiles_of(tmp_path, coco(tmp_path / "in"), step, "copies: 1\n"))
    assert done.code == 0, done.err
    told = {row["id"]: row for row in rows(tmp_path / "out")}
    assert len(told) == 14
    corner = told["train/big.png#r0c0#0"]
    assert corner["source"] == "big.png#r0c0" and corner["tile"] == [0, 0, 32, 32]
    shares = {thing["category"]: thing.get("visible", 1.0) for thing in corner["labels"]["objects"]}
    assert shares == {
        "dog": 1.0, "cat": 0.6, "bird": pytest.approx(12 * 12 / (46 * 16), abs=1e-6),
    }  # fmt: skip
    assert corner["dropped"] == []
    assert {thing["category"] for thing in told["train/big.png#r0c2#0"]["labels"]["objects"]} == {"bird"}
    assert "tile" not in told["train/small.png#0"]
    assert told["train/small.png#0"]["labels"]["objects"] == []
    copy = told["train/big.png#r0c0#1"]
    assert copy["output"] == "train/big__r0c0__001.png" and copy["tile"] == [0, 0, 32, 32]
    (crop,) = copy["steps"]
    assert set(crop["resolved"]) == {"candidate", "keeps"}
    assert len(crop["drawn"]["places"]) == 9


def test_only_looks_at_what_lies_in_the_tile(tmp_path: Path) -> None:
    step = ("invert: {only: {classes: [dog]}}",)
    assert call("run", tiles_of(tmp_path, coco(tmp_path / "in"), step, "copies: 1\n")).code == 0
    inverted = {row["source"] for row in rows(tmp_path / "out") if row["steps"]}
    assert inverted == {"big.png#r0c0", "big.png#r1c0"}


def test_masks_are_cut_with_their_tiles(tmp_path: Path) -> None:
    for name in ("images", "masks"):
        (tmp_path / "in/train" / name).mkdir(parents=True)
    mask = pixels((HEIGHT, WIDTH)) % 3
    Image.fromarray(pixels((HEIGHT, WIDTH, 3))).save(tmp_path / "in/train/images/big.png")
    Image.fromarray(mask).save(tmp_path / "in/train/masks/big.png")
    done = call("run", tiles_of(tmp_path, tmp_path / "in"))
    assert done.code == 0, done.err
    for row in rows(tmp_path / "out"):
        x0, y0, x1, y1 = row["tile"]
        (path,) = (file["path"] for file in row["files"] if file["kind"] == "mask")
        assert np.array_equal(np.asarray(Image.open(tmp_path / "out" / path)), mask[y0:y1, x0:x1])


def worked(folder: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Any], int]:
    """The records of every job, made in this process, and how often an image was decoded."""
    count = [0]
    decode = render.decode

    def counted(*arguments: Any, **options: Any) -> Any:
        count[0] += 1
        return decode(*arguments, **options)

    text = tiles_of(folder, source, more="copies: 2\n").read_text()
    told = loads(text).recipe
    dataset, entries = formats.read("coco", Source(str(source)))
    monkeypatch.setattr(render, "decode", counted)
    work = Work(Setting(told, dataset), str(folder / "made"), "", "coco")
    jobs = by_source(make_plan(told, dataset, entries).jobs())
    return [record for job in jobs for record in work(job)], count[0]


def test_an_image_is_decoded_once_for_all_its_tiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records, decoded = worked(tmp_path, coco(tmp_path / "in"), monkeypatch)
    assert len(records) == 7 * 3 and all(record.ok for record in records)
    assert decoded == 2


def test_a_damaged_image_costs_the_rows_of_all_its_tiles_and_no_others(tmp_path: Path) -> None:
    source = coco(tmp_path / "in")
    whole = (source / "train/big.png").read_bytes()
    (source / "train/big.png").write_bytes(whole[: len(whole) // 2])
    done = call("run", tiles_of(tmp_path, source, more="copies: 1\n"))
    assert done.code == 3
    told = rows(tmp_path / "out")
    assert {row["error"]["code"] for row in told if row["status"] == "error"} == {"truncated"}
    assert {row["source"] for row in told if row["status"] == "ok"} == {"small.png"}
    assert len(told) == 14


def test_other_tiles_are_other_outputs_and_the_same_ones_are_left_alone(tmp_path: Path) -> None:
    first = tiles_of(tmp_path, coco(tmp_path / "in"), more="copies: 1\n")
    assert call("run", first, "--workers", "1").code == 0
    assert call("run", first, "--json").json["made"] == 0
    moved = "input.tile.overlap=8"
    assert call("run", first, "--set", moved).code == 5
    done = call("run", first, "--set", moved, "--update", "--json")
    # The middle column begins at 24 instead of 28; four tiles and the small image, each with a copy, stay.
    assert done.code == 0 and (done.json["kept"], done.json["made"]) == (10, 4)
    told = f"{{path: {tmp_path / 'in'}, tile: {{size: 32, overlap: 8}}}}"
    again = tmp_path / "again"
    fresh = recipe(tmp_path, told, ("flip: {p: 0.5}",), more="copies: 1\n", output=again, name="b.yaml")
    assert call("run", fresh).code == 0
    assert (tmp_path / "out/manifest.jsonl").read_bytes() == (again / "manifest.jsonl").read_bytes()
