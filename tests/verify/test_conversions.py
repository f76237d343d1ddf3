"""Samples of every format into every other by the command: whole, built again alike, nothing left to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from augcli import formats
from tests.conftest import ROOT, tree
from tests.runs import call

SAMPLES = sorted(path.name for path in (ROOT / "sample_data").iterdir() if path.is_dir())
PAIRS = [(sample, target) for sample in SAMPLES for target in formats.FORMATS]
STEPS = (
    "rotate: {degrees: [-20, 20], p: 0.7}",
    "flip: {p: 0.5}",
    "random_resized_crop: {width: 200, height: 160, p: 0.6}",
    "erase: {area: [0.05, 0.2], p: 0.4}",
    "mosaic: {p: 0.3}",
    "copy_paste: {p: 0.3}",
)


def prove(sample: str, target: str, folder: Path, *options: str | int) -> None:
    recipe, output = folder / "recipe.yaml", folder / "out"
    recipe.write_text(
        f"augment: 1\nseed: 3\ninput: {ROOT / 'sample_data' / sample}\n"
        f"output: {{path: {output}, format: {target}}}\ncopies: 1\nlabels: {{lossy: allow}}\n"
        "prepare:\n  - resize: {longest: 240}\nsteps:\n" + "".join(f"  - {step}\n" for step in STEPS)
    )
    for words in (
        ("run", recipe, *options),
        ("verify", output),
        ("verify", output, "--rebuild", "--recipe", recipe),
    ):
        done = call(*map(str, words), "--workers", "1")
        assert done.code == 0, (words, done.out, done.err)
    before = tree(output)
    done = call("run", recipe, *map(str, options), "--workers", "1")
    assert done.code == 0 and tree(output) == before, done.err


@pytest.mark.parametrize(
    ("sample", "target"),
    [("labelme", "labelme"), ("photos", "webdataset"), ("voc", "parquet"), ("yolo-pose", "coco")],
)
def test_what_is_converted_is_whole_and_can_be_built_again(sample: str, target: str, tmp_path: Path) -> None:
    prove(sample, target, tmp_path, "--limit", 2)


@pytest.mark.slow
@pytest.mark.parametrize(("sample", "target"), PAIRS)
def test_any_sample_becomes_any_format_whole(sample: str, target: str, tmp_path: Path) -> None:
    prove(sample, target, tmp_path)
