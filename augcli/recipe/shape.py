"""The shape of a recipe outside its steps: every key, what it accepts and what it is for.

Defaults are those of the dataclasses in `model`; nothing is written down twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from augcli.geometry import MAX_SIDE, Canvas
from augcli.recipe.measures import Extent, Share, Sides
from augcli.recipe.model import VERSION, Copies, Encode, Input, Labels, Output, Recipe, Tile
from augcli.recipe.sections import Clash, Key, Section, Table
from augcli.recipe.settings import (
    Amount,
    Levels,
    Local,
    Mirrored,
    Pattern,
    Swatch,
    Text,
    Texts,
    Word,
)
from augcli.recipe.steps import Steps

FORMATS = ("folders", "hf", "coco", "yolo", "voc", "masks", "labelme", "csv", "webdataset", "parquet")
INPUT_FORMATS = ("auto", *FORMATS)
OUTPUT_FORMATS = ("same", *FORMATS)
BORDERS = ("constant", "edge", "reflect", "symmetric", "wrap")
INTERPOLATIONS = ("nearest", "bilinear", "bicubic", "lanczos")
MAX_COPIES = 1000
MIN_TILE = 16
MAX_OUTPUTS = 1_000_000_000

_GLOB = Text("a glob such as '*.jpg'")
_COUNT = Amount(0, MAX_COPIES, whole=True)
_OUTPUTS = Amount(1, MAX_OUTPUTS, whole=True)
_SPLIT = "the name of a held-out split (val, dev, test)"


def _input(**given: Any) -> Input:
    apart = [name for name in ("annotations", "masks") if name in given]
    if "path" in given and ("images" in given or apart):
        raise Clash(
            "path: and images:, annotations:, masks: are two ways to say where", "path", "use one of them"
        )
    if "path" not in given and "images" not in given:
        raise Clash("path: is missing", remedy="write `path: FOLDER` (or images: and annotations: apart)")
    return Input(**given)


def _tile(**given: Any) -> Tile:
    made = Tile(**given)
    if any(made.overlapping(axis) >= made.size[axis] for axis in (0, 1)):
        raise Clash("is as large as the tile", "overlap", "let it be less than either side")
    return made


def _output(**given: Any) -> Output:
    if "path" not in given:
        raise Clash("path: is missing", remedy="write `path: FOLDER`")
    return Output(**given)


def _copies(**given: Any) -> Copies:
    kinds: list[str] = [name for name in ("per_class", "balance", "total") if name in given]
    plain: list[str] = [name for name in ("default", "classes") if name in given]
    bounds = {name: given[name] for name in ("at_least", "at_most") if name in given}
    if len(kinds) > 1 or (kinds and plain):
        raise Clash(
            f"{' and '.join(plain + kinds)} exclude each other",
            kinds[-1],
            "write a number, {default, classes}, {per_class}, {balance: max} or {total}",
        )
    if not kinds and not plain:
        raise Clash(
            "says no number", remedy="write a number, {default, classes}, {per_class}, {balance} or {total}"
        )
    if plain and bounds:
        raise Clash("belongs to per_class, balance or total", next(iter(bounds)))
    if not kinds:
        classes = given.get("classes", ())
        return Copies("classes" if classes else "number", given.get("default", Copies.count), classes)
    made = Copies(kinds[0], given[kinds[0]] if kinds[0] != "balance" else 0, **bounds)
    if made.at_least > made.at_most:
        raise Clash(f"at_least {made.at_least} is more than at_most {made.at_most}")
    return made


def _both(first: str, second: str) -> Mapping[str, Any]:
    return {"not": {"required": [first, second]}}


TILE = Section(
    (
        Key("size", Sides(MIN_TILE, MAX_SIDE), "Width and height of a tile.", True, "size: 512"),
        Key("overlap", Extent(MAX_SIDE), "What neighbours share: pixels, or percent of the tile's side."),
    ),
    _tile,
    short="size",
)

INPUT = Section(
    (
        Key("path", Local(), "Folder of the dataset, relative to the working directory."),
        Key("images", Local(), "Folder of the images, where labels are kept apart."),
        Key("annotations", Local(), "Folder or file of the labels, kept apart from the images."),
        Key("masks", Local(), "Folder of the masks, kept apart from the images."),
        Key("include", Texts(_GLOB), "Only files whose path below the root matches one of these globs."),
        Key("exclude", Texts(_GLOB), "Not the files whose path below the root matches one of these globs."),
        Key("format", Word(INPUT_FORMATS), "Format of the dataset; auto looks at the files."),
        Key("group", Pattern(), "Regular expression; files with the same match never part into two splits."),
        Key(
            "holdout",
            Table(Share(), _SPLIT, r"val[A-Za-z0-9_-]{0,40}|dev|test[A-Za-z0-9_-]{0,40}", total=1.0),
            "Shares split off, by hash of the group or key; only where no split exists.",
        ),
        Key("levels", Levels(), "Pixel values of black and white in 16-bit images that fill only a part."),
        Key("max_megapixels", Amount(0, 10_000, "megapixels", above=True), "Larger images are refused."),
        Key("tile", TILE, "Cuts images that are larger than a tile into entries of their own."),
    ),
    _input,
    short="path",
    rules=(
        {"anyOf": [{"required": ["path"]}, {"required": ["images"]}]},
        *(_both("path", name) for name in ("images", "annotations", "masks")),
    ),
)

ENCODE = Section(
    (
        Key("format", Word(("same", "jpeg", "png", "webp")), "Image format; same is the source's."),
        Key("quality", Amount(1, 100, whole=True), "Of JPEG and lossy WebP; WebP 100 is lossless."),
        Key(
            "subsampling",
            Word((420, 422, 444), (("4:2:0", 420), ("4:2:2", 422), ("4:4:4", 444))),
            "Of JPEG chroma.",
        ),
        Key("level", Amount(0, 9, whole=True), "Of PNG compression: size against time."),
        Key("background", Swatch(), "Colour under transparent pixels where the format holds no alpha."),
    ),
    Encode,
)

OUTPUT = Section(
    (
        Key("path", Local(), "Folder to write to, relative to the working directory."),
        Key("format", Word(OUTPUT_FORMATS), "Format of the dataset; same is the input's."),
        Key("encode", ENCODE, "How images are written."),
    ),
    _output,
    short="path",
    rules=({"required": ["path"]},),
)

COPIES = Section(
    (
        Key("default", _COUNT, "Copies of each training image (of those in no listed class)."),
        Key("classes", Table(_COUNT, "class names"), "Copies by class; the largest of an image's classes."),
        Key("per_class", _OUTPUTS, "As many as bring every class to this many training outputs."),
        Key("balance", Word(("max",)), "As many as bring every class to the count of the largest."),
        Key("total", _OUTPUTS, "As many as bring the training split to this many outputs."),
        Key("at_least", _COUNT, "Copies per source, with per_class, balance or total."),
        Key("at_most", _COUNT, "Copies per source, with per_class, balance or total."),
    ),
    _copies,
    short="default",
    rules=(
        {"anyOf": [{"required": [name]} for name in ("default", "classes", "per_class", "balance", "total")]},
        *(
            _both(first, second)
            for first, second in (
                *((one, other) for one in ("default", "classes") for other in ("per_class", "balance")),
                *((one, "total") for one in ("default", "classes", "per_class", "balance")),
                ("per_class", "balance"),
                *((one, other) for one in ("default", "classes") for other in ("at_least", "at_most")),
            )
        ),
    ),
)

CANVAS = Section(
    (
        Key("border", Word(BORDERS), "What lies outside the image when it is moved."),
        Key("fill", Swatch(), "Colour of the constant border."),
        Key("interpolation", Word(INTERPOLATIONS), "How moved pixels are sampled; masks take the nearest."),
    ),
    Canvas,
)

LABELS = Section(
    (
        Key("min_visibility", Amount(0, 1), "Share of the original object that must stay visible."),
        Key("min_area", Amount(0, 1e9, "pixels"), "Area that an object must keep."),
        Key("min_size", Amount(0, 65535, "pixels"), "Width and height that an object must keep."),
        Key("invalid", Word(("refuse", "drop", "clip")), "Labels that cannot be right, as boxes outside."),
        Key("lossy", Word(("refuse", "allow")), "Labels that the output format cannot hold."),
    ),
    Labels,
)


def _recipe(augment: int, **given: Any) -> Recipe:
    return Recipe(**given)


RECIPE = Section(
    (
        Key("augment", Word((VERSION,)), "Version of the recipe language.", True, "augment: 1"),
        Key("seed", Amount(0, 2**63 - 1, whole=True), "Everything random follows from it."),
        Key("input", INPUT, "Where the dataset is and how to read it.", True, "input: FOLDER"),
        Key("output", OUTPUT, "Where the result goes and how it is written.", True, "output: FOLDER"),
        Key("copies", COPIES, "How many augmented copies of each training image."),
        Key("originals", Word(("keep", "drop")), "Whether training originals are written too."),
        Key("canvas", CANVAS, "Border, fill and interpolation of every move."),
        Key("labels", LABELS, "What an object must keep to stay labelled."),
        Key(
            "symmetry",
            Mirrored(),
            "Classes that a mirror exchanges; `never:` such as it must not meet; `quarter_turn:` for turns.",
        ),
        Key("prepare", Steps(prepare=True), "Fixed steps for every image of every split, originals too."),
        Key("steps", Steps(), "Steps for the copies of the training split."),
    ),
    _recipe,
)
