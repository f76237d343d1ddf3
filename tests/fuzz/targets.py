"""What is fuzzed: each target makes its seeds once, builds one case from a number, and tries it.

A case is fine when the product gives a value or says what is wrong (`AugmentError`, `ItemError`, a row with
a code of the closed list other than `internal`). Whatever else comes out is a finding, and so are a file
outside the output, an image over the limits, a case that takes too long or too much memory.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from augcli import formats, recipe, storage
from augcli.errors import AugmentError, ItemError
from augcli.images import decode, encode
from augcli.images.masks import read_mask
from augcli.images.measuring import measure
from augcli.prelude import prelude
from augcli.recipe import identity
from augcli.shelf import Shelf
from augcli.work import Work
from tests.conftest import ROOT, tree
from tests.fuzz.mutation import mutated
from tests.runs import MIXING, call, dataset, picture
from tests.runs import recipe as written

LIMIT = 0.05
"""Megapixels that a fuzzed image may have."""

READABLE = ("coco", "csv", "hf", "labelme", "masks", "parquet", "voc", "webdataset", "yolo", "yolo-pose")
_WRITTEN = ("coco", "csv", "folders", "hf", "labelme", "masks", "parquet", "voc", "webdataset", "yolo")
_TEXTS = (".json", ".jsonl", ".txt", ".yaml", ".xml", ".csv")


@dataclass(frozen=True)
class Target:
    """`prepare(folder)` makes the seeds; `attempt(seeds, rng, folder)` tries one case in an empty folder."""

    name: str
    prepare: Callable[[Path], Path]
    attempt: Callable[[Path, random.Random, Path], None]


# --- images ------------------------------------------------------------------------------------------------


def _saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = BytesIO()
    # Copies: Pillow leaves the options of one format in the image, and trips over them in the next.
    if "append_images" in options:
        options["append_images"] = [each.copy() for each in options["append_images"]]
    image.copy().save(file, kind, **options)
    return file.getvalue()


@cache
def images() -> dict[str, bytes]:
    """Small pictures of every kind that is read, by name."""
    colour = Image.fromarray(picture(3, 40, 30))
    grey, alpha = colour.convert("L"), colour.convert("RGBA")
    palette, frames = colour.quantize(16), [colour.rotate(turn) for turn in (10, 20)]
    deep = picture(5, 24, 20).astype(np.uint16) * 257
    exif = Image.Exif()
    exif[274], exif[271] = 6, "maker"
    more = {"save_all": True, "append_images": frames}
    made = {
        "plain.jpg": _saved(colour, "JPEG", quality=90),
        "turned.jpg": _saved(colour, "JPEG", exif=exif, icc_profile=b"p" * 300, comment=b"c" * 50),
        "progressive.jpg": _saved(colour, "JPEG", progressive=True, subsampling=2),
        "grey.jpg": _saved(grey, "JPEG", restart_marker_blocks=2),
        "cmyk.jpg": _saved(colour.convert("CMYK"), "JPEG"),
        "many.jpg": _saved(colour, "MPO", **more),
        "plain.png": _saved(colour, "PNG", exif=exif),
        "alpha.png": _saved(alpha, "PNG", pnginfo=None, dpi=(72, 72)),
        "palette.png": _saved(palette, "PNG", transparency=3),
        "bits.png": _saved(grey.convert("1"), "PNG"),
        "moving.png": _saved(colour, "PNG", **more),
        "deep.png": encode(deep, "png"),
        "deep alpha.png": encode(np.dstack([deep, deep[..., :1]]), "png"),
        "grey deep.png": encode(deep[..., 0], "png"),
        "plain.webp": _saved(colour, "WEBP", exif=exif),
        "lossless.webp": _saved(alpha, "WEBP", lossless=True),
        "moving.webp": _saved(colour, "WEBP", **more),
        "plain.gif": _saved(palette, "GIF", interlace=1),
        "moving.gif": _saved(palette, "GIF", **more, transparency=1, disposal=2),
        "plain.bmp": _saved(colour, "BMP"),
        "palette.bmp": _saved(palette, "BMP"),
        "bits.bmp": _saved(grey.convert("1"), "BMP"),
        "alpha.bmp": _saved(alpha, "BMP"),
        "pages.tiff": _saved(colour, "TIFF", **more),
        "deep.tiff": encode(deep, "tiff"),
        "alpha.tiff": encode(np.asarray(alpha), "tiff"),
        "big.tiff": _saved(colour, "TIFF", big_tiff=True),
        "float.tiff": _saved(Image.fromarray(picture(1, 20, 20, 1).astype(np.float32)), "TIFF"),
    }
    for packing in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg"):
        made[f"{packing}.tiff"] = _saved(colour, "TIFF", compression=packing, exif=exif)
    made["group4.tiff"] = _saved(grey.convert("1"), "TIFF", compression="group4")
    return made


def _prepare_images(folder: Path) -> Path:
    for name, data in images().items():
        (folder / name).write_bytes(data)
    return folder


def try_image(data: bytes, folder: Path) -> None:
    """Decode, measure, read as a mask, write again."""
    try:
        found = decode(data, max_megapixels=LIMIT)
    except ItemError as error:
        assert error.code not in ("internal", "memory_limit"), error.code
    else:
        rows, columns = found.image.shape[:2]
        assert 0 < rows * columns <= LIMIT * 1e6
        assert found.image.dtype in (np.uint8, np.uint16) and found.image.flags.c_contiguous
        encode(found.image, "png")
    try:
        ids, _ = read_mask(data, max_megapixels=LIMIT)
        assert ids.ndim == 2 and ids.size <= LIMIT * 1e6
    except ItemError as error:
        assert error.code == "bad_label", error.code
    (folder / "image").write_bytes(data)
    measure(str(folder / "image"))


def _attempt_image(seeds: Path, rng: random.Random, folder: Path) -> None:
    made = images()
    data = mutated(made[rng.choice(sorted(made))], rng, list(made.values()))
    (folder / "case").write_bytes(data)
    try_image(data, folder)


# --- labels ------------------------------------------------------------------------------------------------


def _prepare_labels(folder: Path) -> Path:
    """Small trees of every format, converted from the samples."""
    for name in READABLE:
        sample = ROOT / "sample_data" / (name if (ROOT / "sample_data" / name).is_dir() else "coco")
        out = folder / name
        words = [f"input.path={sample}", f"output.path={out}", "prepare=[resize: {longest: 48}]"]
        words += [f"output.format={'yolo' if name == 'yolo-pose' else name}", "output.encode.format=png"]
        found = prelude(ROOT / "configs/convert.yaml", words)
        shelf = Shelf(out, found.plan.format)
        work = Work(found.setting, str(shelf.below), "", found.plan.format)
        rows = [record.row for job in found.plan.jobs() for record in work(job)]
        for path, pieces in shelf.files(found.dataset, lambda rows=rows: rows, found.plan.mixes):
            storage.write(out / path, b"".join(pieces))
        shelf.close()
    return folder


def _attempt_labels(seeds: Path, rng: random.Random, folder: Path) -> None:
    name = rng.choice(READABLE)
    shutil.copytree(seeds / name, folder / "in")
    files = [path for path in sorted((folder / "in").rglob("*")) if path.is_file()]
    texts = [path for path in files if path.suffix in _TEXTS]
    chosen = rng.choice(texts if texts and rng.random() < 0.9 else files)
    others = [path.read_bytes() for path in files if path.suffix == chosen.suffix]
    chosen.write_bytes(mutated(chosen.read_bytes(), rng, others, text=chosen.suffix in _TEXTS))
    known = "yolo" if name == "yolo-pose" else name
    target = rng.choice(_WRITTEN)
    more = f"copies: 1\nlabels: {{lossy: allow, invalid: {rng.choice(('refuse', 'drop', 'clip'))}}}\n"
    path = written(
        folder,
        f"{{path: {folder / 'in'}, format: {rng.choice((known, 'auto'))}, max_megapixels: {LIMIT}}}",
        ["flip: {axis: horizontal}", "rotate: {degrees: [-20, 20]}"],
        more=more,
        output=f"{{path: {folder / 'out'}, format: {target}}}",
    )
    try_dataset(path)
    assert {each.name for each in folder.iterdir()} <= {"in", "out", "recipe.yaml"}


def try_dataset(path: Path) -> None:
    """List, plan, make the first outputs, write the dataset-wide files, all in this process."""
    try:
        found = prelude(path, [])
    except AugmentError:
        return
    root = Path(found.recipe.input.path or "").resolve()
    for entry in found.entries:
        place = Path(entry.path.partition("\0")[0])
        assert root in place.resolve().parents or not place.exists(), entry.path
    work = Work(found.setting, str(Path(found.recipe.output.path)), "", found.plan.format, debug=True)
    rows = []
    for index in range(min(len(found.plan), 2)):
        for record in work(found.plan.job(index)):
            assert record.ok or record.row["error"]["code"] not in ("internal", "memory_limit"), record.debug
            rows.append(record.row)
    try:
        for _, pieces in formats.load(found.plan.format).finish(found.dataset, rows, found.plan.mixes):
            b"".join(pieces)
    except AugmentError:
        return


# --- recipes -----------------------------------------------------------------------------------------------


def _prepare_recipes(folder: Path) -> Path:
    for path in sorted((ROOT / "configs").glob("*.yaml")):
        shutil.copyfile(path, folder / path.name)
    return folder


def _attempt_recipe(seeds: Path, rng: random.Random, folder: Path) -> None:
    files = sorted(seeds.glob("*.yaml"))
    texts = [path.read_bytes() for path in files]
    (folder / "recipe.yaml").write_bytes(mutated(rng.choice(texts), rng, texts, text=True))
    words = [rng.choice(texts)[:300].decode().split("\n")[-1]] if rng.random() < 0.1 else []
    try:
        loaded = recipe.load(folder / "recipe.yaml", words)
    except AugmentError as error:
        assert str(error).strip() and len(error.problems) < 10_000
        return
    identity(loaded.recipe)
    assert all(loaded.advice)


# --- output folders ----------------------------------------------------------------------------------------


def _prepare_folder(folder: Path) -> Path:
    """`whole`: a finished run; `begun`: the same with a journal in place of its seal."""
    source = dataset(folder / "in", [f"train/{name}.jpg" for name in ("a/1", "a/2", "b/1", "b/2")])
    path = written(folder, source, MIXING, more="copies: 1\n", output=folder / "whole")
    assert call("run", path).code == 0
    shutil.copytree(folder / "whole", folder / "begun")
    for name in ("run.json", "manifest.jsonl", "train/metadata.jsonl"):
        (folder / "begun" / name).unlink()
    assert call("run", path, "--set", f"output.path={folder / 'other'}", "--set", "copies=2").code == 0
    (folder / "begun/.augment.journal").write_bytes(_journal(folder))
    return folder


def _journal(folder: Path) -> bytes:
    """A journal with all rows of `whole`, as a run leaves it that is killed before sealing."""
    import json

    from augcli import manifest

    run = json.loads((folder / "whole/run.json").read_bytes())
    header = {key: run[key] for key in ("augment", "environment", "recipe", "inputs")}
    with manifest.Known() as known:
        state = manifest.load(folder / "none")
        (folder / "made").mkdir()
        with manifest.Journal.begin(folder / "made", header, known, state.journal) as journal:
            for row in manifest.read_rows(folder / "whole/manifest.jsonl"):
                journal.promise([row["output"]], 1)
                journal.append(row)
    return (folder / "made/.augment.journal").read_bytes()


def _attempt_folder(seeds: Path, rng: random.Random, folder: Path) -> None:
    kind = rng.choice(("whole", "begun"))
    shutil.copytree(seeds / kind, folder / "out")
    names = {"whole": ("run.json", "manifest.jsonl"), "begun": (".augment.journal",)}[kind]
    chosen = folder / "out" / rng.choice(names)
    other = (seeds / "other" / "manifest.jsonl").read_bytes()
    chosen.write_bytes(mutated(chosen.read_bytes(), rng, [other], text=rng.random() < 0.5))
    before = tree(seeds / "in")
    done = call("run", seeds / "recipe.yaml", "--set", f"output.path={folder / 'out'}", "--workers", "1")
    assert "Traceback" not in done.err, done.err
    assert tree(seeds / "in") == before
    if done.code:
        assert done.code in (2, 5), done
        done = call("run", seeds / "recipe.yaml", "--set", f"output.path={folder / 'out'}", "--fresh")
        assert done.code in (0, 2, 5), done
    if not done.code:
        made, whole = tree(folder / "out"), tree(seeds / "whole")
        lost = {name for name in whole if made.get(name) != whole[name]}
        assert not lost, f"lost or changed: {lost}"


TARGETS = {
    target.name: target
    for target in (
        Target("images", _prepare_images, _attempt_image),
        Target("labels", _prepare_labels, _attempt_labels),
        Target("recipes", _prepare_recipes, _attempt_recipe),
        Target("folders", _prepare_folder, _attempt_folder),
    )
}
