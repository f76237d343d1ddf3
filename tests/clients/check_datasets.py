"""Outputs read by Hugging Face's `datasets`: folders, hf, webdataset, parquet, csv, masks.

    python tests/clients/check_datasets.py OUTPUT ...

It leaves out images without a row and gives None for files of a kind that the first samples have not, so
every image is decoded and compared, not only counted.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from pathlib import Path

os.environ |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
os.environ.setdefault("HF_HOME", tempfile.mkdtemp(prefix="hf-"))
Path(os.environ["HF_HOME"]).mkdir(parents=True, exist_ok=True)

import datasets  # noqa: E402  (reads the environment when it is imported)
from written import below, by_split, close, digest, main, rows  # noqa: E402


def check(output: Path) -> tuple[int, list[str]]:
    """Every split of the output."""
    form = output.parent.name
    if form == "csv":
        return _table(output)
    loaded, found = 0, []
    for split, written in by_split(output).items():
        read, keyed = _load(form, output, split)
        columns = [name for name in read.features if isinstance(read.features[name], datasets.Image)]
        items = {}
        for plain, item in zip(read.cast(_raw(read.features)), read, strict=True):
            shown = [name for name in columns if item[name] is not None]
            loaded += len(shown) == 1  # an item whose image is not there is none
            if len(shown) == 1:
                key = item["__key__"] if keyed else _path(plain[shown[0]], output, split, form)
                items[key] = (plain[shown[0]], item | {"image": item[shown[0]]})
        for row in written:
            name = below(split, row) if form != "masks" else row["output"]
            key = name[: -len(Path(name).suffix)] if keyed else name
            if key not in items:
                found.append(f"{row['output']} is not read")
                continue
            found += [f"{key}: {what}" for what in _differences(*items[key], row, read.features, output)]
        if form == "masks":
            found += _masks(output, split, written)
    return loaded, found


def _load(form: str, output: Path, split: str) -> tuple[datasets.Dataset, bool]:
    """One split, and whether its items are named by keys."""
    if form == "webdataset":
        files = sorted(map(str, output.glob(f"{split}-*.tar" if split else "*.tar")))
        return _loaded("webdataset", data_files=files), True
    if form == "parquet":
        return _loaded(
            "parquet", data_files=[str(next(output.glob(f"data/{split or 'all'}-*.parquet")))]
        ), False
    if form == "masks":
        return _loaded("imagefolder", data_dir=str(output / split / "images"), drop_labels=True), False
    name = {"val": "validation"}.get(split, split or "train")
    return datasets.load_dataset("imagefolder", data_dir=str(output), cache_dir=_cache(), split=name), False


def _loaded(builder: str, **options: object) -> datasets.Dataset:
    return datasets.load_dataset(builder, cache_dir=_cache(), split="train", **options)


def _cache() -> str:
    """A folder of its own for each: the cache takes equal names for equal data."""
    return tempfile.mkdtemp(dir=os.environ["HF_HOME"])


def _raw(features: datasets.Features) -> datasets.Features:
    """The same columns with images as bytes and path."""
    return datasets.Features(
        {
            name: datasets.Image(decode=False) if isinstance(feature, datasets.Image) else feature
            for name, feature in features.items()
        }
    )


def _path(image: dict, output: Path, split: str, form: str) -> str:
    """The path of an image as its row has it, below the folder of its split."""
    path = Path(image["path"])
    if not path.is_absolute():
        return str(path)
    return str(path.relative_to(output.resolve() if form == "masks" else output.resolve() / split))


def _differences(plain: dict, item: dict, row: dict, features: datasets.Features, output: Path) -> list[str]:
    """Between what the client has of one image and its row."""
    found = []
    data = plain["bytes"] if plain["bytes"] is not None else Path(plain["path"]).read_bytes()
    if hashlib.sha256(data).hexdigest() != digest(row):
        found.append("other bytes")
    if sorted(item["image"].size) != sorted(row["size"]):  # sorted: some versions leave EXIF to the caller
        found.append(f"size {item['image'].size} for {row['size']}")
    values = {**item, **(item.get("json") or {})}
    labels = row["labels"]
    label = values.get("label")
    if isinstance(features.get("label"), datasets.ClassLabel) and label is not None:
        label = features["label"].int2str(label)
    if "cls" in item:
        names = (output / "classes.txt").read_text(encoding="utf-8").splitlines()
        label = names[item["cls"]] if item["cls"] is not None else None
    form = output.parent.name
    if form == "masks" or (form == "folders" and not any(row["labels"]["label"] for row in rows(output))):
        label = labels["label"]  # masks hold none; without class folders the reader takes splits for classes
    if label != labels["label"]:
        found.append(f"label {label!r} for {labels['label']!r}")
    if "weights" in values and not close(values["weights"], labels["weights"]):
        found.append("other weights")
    if "classes" in values and values["classes"] != labels["classes"]:
        found.append("other classes")
    if form in ("hf", "webdataset", "parquet"):
        found += _boxes(values.get("objects"), labels.get("objects", []))
    for name, value in labels["extra"].items():
        if form != "masks" and values.get(name) != value:
            found.append(f"{name} {values.get(name)!r} for {value!r}")
    return found


def _boxes(column: object, objects: list[dict]) -> list[str]:
    """What is wrong with the column of boxes: a dictionary of lists, or a list of dictionaries."""
    if not column:
        return [f"no boxes of {len(objects)}"] if objects else []
    if isinstance(column, list):
        column = {key: [record[key] for record in column] for key in column[0]}
    names = column["categories"] if "categories" in column else column["category"]
    edges = [[x, y, x + width, y + height] for x, y, width, height in column["bbox"]]
    same = [str(name) for name in names] == [plain["category"] for plain in objects]
    same = same and all(close(box, plain["bbox"]) for box, plain in zip(edges, objects, strict=True))
    return [] if same else [f"{len(edges)} boxes of {len(objects)}, or others"]


def _masks(output: Path, split: str, written: list[dict]) -> list[str]:
    """What is wrong with the masks of a split, read as a folder of images of class ids."""
    masked = {row["output"]: row for row in written if any(file["kind"] == "mask" for file in row["files"])}
    if not masked:
        return []
    known = json.loads((output / "categories.json").read_text(encoding="utf-8"))
    ids = {category["id"] for category in known["categories"]} | {known.get("ignore", 255), 255}
    read = _loaded("imagefolder", data_dir=str(output / split / "masks"), drop_labels=True)
    sizes = sorted(tuple(item["image"].size) for item in read)
    found = [] if len(read) == len(masked) else [f"{len(read)} masks of {len(masked)}"]
    if sizes != sorted(tuple(row["size"]) for row in masked.values()):
        found.append("masks of other sizes than their images")
    for item in read:
        strange = {number for _, number in item["image"].getcolors(1 << 16)} - ids
        found += [f"ids {sorted(strange)} that are no category"] if strange else []
    return found


def _table(output: Path) -> tuple[int, list[str]]:
    """A table of boxes or of classes, by the reader of tables."""
    read = _loaded("csv", data_files=[str(output / "annotations.csv")])
    named = {row["output"]: row for row in rows(output)}
    lines: dict[str, list[dict]] = {}
    for line in read:
        lines.setdefault(line["image"], []).append(line)
    found = [f"{name} is no output" for name in lines if name not in named]
    for name, row in named.items():
        objects = row["labels"].get("objects")
        objects = objects and [plain for plain in objects if not plain.get("crowd")]  # a table has no crowds
        if objects is None:
            same = [line["label"] for line in lines.get(name, ())] == [row["labels"]["label"]]
            found += [] if same else [f"{name}: another label"]
            continue
        have = [line for line in lines.get(name, ()) if line.get("xmin") is not None]
        sides = [[line[side] for side in ("xmin", "ymin", "xmax", "ymax")] for line in have]
        same = len(have) == len(objects) and all(
            line["label"] == plain["category"] and close(box, plain["bbox"])
            for line, box, plain in zip(have, sides, objects, strict=True)
        )
        found += [] if same else [f"{name}: {len(have)} boxes of {len(objects)}, or others"]
    return len(lines.keys() & named.keys()), found


if __name__ == "__main__":
    datasets.disable_progress_bars()
    sys.exit(main("datasets", check))
