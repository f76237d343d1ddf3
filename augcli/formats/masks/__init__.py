"""Images beside masks: a picture of class ids for every image, in a tree of its own (semantic segmentation).

    root/images/[split/]**/x.jpg    root/masks/[split/]**/x.png
    root/split/images/**/x.jpg      root/split/masks/**/x.png

Masks are palette or grey pictures; `vocabulary` says where their classes are named. The folder of the masks
may be called annotations or labels too. Listing reads the first bytes of each mask, which say whether its
pixels are ids at all, and no pixel. Outputs are `split/images/` and `split/masks/`, with `categories.json`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from augcli import storage
from augcli.errors import Problem, UsageError
from augcli.formats.beside import IMAGE_FOLDERS, stem
from augcli.formats.contract import ImageLabels, LabelFile, Output
from augcli.formats.invalid import Judge
from augcli.formats.masks import vocabulary
from augcli.formats.masks.listing import list_files
from augcli.formats.masks.pairing import MASK_FOLDERS
from augcli.formats.masks.storing import Storing, look
from augcli.formats.masks.vocabulary import Vocabulary
from augcli.formats.source import Source
from augcli.formats.tree import in_order, refuse_nothing, shortened
from augcli.sample import Dataset, Entry

HOLDS = frozenset({"semantic"})
KEEPS = frozenset({"colours", "fields"})

_LOSSLESS = (".png", ".tif", ".tiff", ".bmp", ".gif")


def sniff(root: Path) -> int:
    """Sure when a folder of images stands beside one of lossless pictures, at the root or one level below."""
    with contextlib.suppress(OSError):
        for folder in (root, *_folders(root).values()):
            found = _folders(folder)
            masks = next((found[word] for word in MASK_FOLDERS if word in found), None)
            if masks is not None and not IMAGE_FOLDERS.isdisjoint(found) and _holds_masks(masks, 2):
                return 88
    return 0


def _folders(folder: Path) -> dict[str, Path]:
    names = storage.names(folder) if folder.is_dir() else []
    return {name.lower(): folder / name for name in names if (folder / name).is_dir()}


def _holds_masks(folder: Path, depth: int) -> bool:
    """Whether the first file, here or else in the first folder, is a lossless picture."""
    for name in storage.names(folder):
        if name.startswith(".") or name in vocabulary.FILES:
            continue
        if (folder / name).is_dir():
            return depth > 0 and _holds_masks(folder / name, depth - 1)
        return name.lower().endswith(_LOSSLESS)
    return False


def entries(source: Source) -> tuple[Dataset, list[Entry]]:
    """List images and their masks. Raises `UsageError` with everything that is wrong."""
    files = list_files(source)
    judge = Judge(source.invalid)
    for problem in files.problems:
        judge.invalid(problem.where, problem.what, f"{problem.remedy}; or go on: --set labels.invalid=drop")
    storing, refused, notes = look(files.masks.values(), judge)
    words = _vocabulary(files.words, storing.palette)
    if judge.problems:
        raise UsageError(shortened(judge.problems))
    wanted = []
    for split, key, file in files.images:
        mask = files.masks.get(file.path)
        if file.error is None and (mask is None or mask.file in refused):
            continue
        wanted.append(
            Entry(
                split,
                key,
                file.file,
                error=file.error,
                facts=file.facts,
                size=file.size,
                mask=mask.file if mask else None,
            )
        )
    refuse_nothing(source, len(wanted), files.ignored)
    unnamed = ("the masks' classes have no names (no categories.json or classes.txt)",)
    dataset = Dataset(
        format="masks",
        ignored=dict(sorted(files.ignored.items())),
        notes=(*files.splits.notes, *(() if files.words else unnamed), *notes, *judge.notes()),
        categories=words.categories,
        holds=HOLDS,
        ignore=words.ignore,
        info=storing.plain(),
    )
    return dataset, in_order(wanted)


def _vocabulary(files: list[Path], palette: bytes | None) -> Vocabulary:
    """What the files say, which must be the same; else what the palette says."""
    if not files:
        return vocabulary.from_palette(palette) if palette else Vocabulary()
    first, *others = ((file, vocabulary.from_file(file)) for file in files)
    different = [file for file, words in others if words != first[1]]
    if different:
        what = f"names the classes otherwise than {first[0]}"
        raise UsageError(
            Problem(str(file), what, "keep one of them, or exclude the others") for file in different
        )
    return vocabulary.coloured(first[1], palette) if palette else first[1]


def labels(entry: Entry, dataset: Dataset) -> ImageLabels:
    """No objects: what these images hold is `entry.mask`, which `augcli.images.masks.read_mask` opens."""
    from augcli.objects import NOTHING

    return ImageLabels(NOTHING)


def home(split: str) -> str:
    """The folder of a split's images in an output."""
    return f"{split}/images" if split else "images"


def place(key: str, label: str | None) -> tuple[str, str]:
    """("", key): no folder says what an image shows."""
    return "", key


def settled(dataset: Dataset) -> dict[str, Any]:
    """How masks are stored."""
    return Storing.of(dataset.info).plain()


def label_files(dataset: Dataset, output: Output) -> tuple[LabelFile, ...]:
    """The mask of an output, beside its image, as the dataset stores masks; 16-bit ids as grey."""
    if output.mask is None:
        return ()
    from augcli.images.masks import write_mask

    storing = Storing.of(dataset.info)
    palette = storing.palette or vocabulary.palette_of(dataset.categories)
    bits = 8 * output.mask.dtype.itemsize if output.mask.dtype.itemsize > 1 else storing.bits
    data = write_mask(output.mask, None if bits > 8 else palette, bits)
    folder = f"{output.split}/masks" if output.split else "masks"
    below = output.path.removeprefix(f"{home(output.split)}/")
    return (LabelFile("mask", f"{folder}/{stem(below)}.png", data),)


def finish(
    dataset: Dataset, rows: Iterable[Mapping[str, Any]], mixes: bool
) -> Iterator[tuple[str, Iterator[bytes]]]:
    """`categories.json`, where there is something to say; see `Format.finish`."""
    if dataset.categories or dataset.ignore is not None:
        yield "categories.json", iter((vocabulary.to_file(dataset),))
