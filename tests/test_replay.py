"""The manifest explains every output: from its recorded values alone, each one is rebuilt bit for bit."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from augcli.camera import Camera, join_alpha, split_alpha
from augcli.images import decode, encode
from augcli.ops.base import Exposure, Geometry, Mix, Pixels
from augcli.recipe import Recipe, all_steps, load
from augcli.sample import Sample
from tests.runs import MIXING, call, dataset, recipe, rows

Values = Mapping[str, Any]


def opened(root: Path, split: str, key: str, sha256: str) -> tuple[Sample, Any]:
    """The source of a row, whose hash must be the recorded one."""
    data = (root / split / key).read_bytes()
    assert hashlib.sha256(data).hexdigest() == sha256
    picture = decode(data, max_megapixels=100.0)
    return Sample(picture.image, {key.split("/")[0]: 1.0}), picture


def rebuilt(
    told: Recipe, root: Path, split: str, sample: Sample, steps: Sequence[Values], partners: Sequence[Values]
) -> Sample:
    """The sample after the recorded steps; nothing is drawn."""
    ops = {step.id: step.op for step in all_steps(told.steps)}
    camera = Camera(sample, told.canvas, told.input.levels)
    for step in steps:
        op, values = ops[step["id"]], dict(step["drawn"])
        amounts = values | step.get("resolved", {})
        if isinstance(op, Geometry):
            camera.move(op.resolve(values, camera.view(step["id"])))
        elif isinstance(op, Exposure):
            camera.expose(op, values, {})
        elif isinstance(op, Pixels):
            before = camera.flush()
            colour, alpha = split_alpha(before.image)
            painted = join_alpha(op.apply(colour, amounts, camera.view(step["id"])), alpha)
            camera.replace(dataclasses.replace(before, image=painted))
        elif isinstance(op, Mix):
            host = camera.flush()
            guests = []
            for partner in partners:
                if partner["step"] == step["id"] and "error" not in partner:
                    guest, _ = opened(root, split, partner["source"], partner["sha256"])
                    theirs = partner.get("steps", ()), partner.get("partners", ())
                    guests.append(rebuilt(told, root, split, guest, *theirs))
            camera.replace(op.mix(host, guests, amounts, camera.view(step["id"])))
    return camera.flush()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("replay")
    assert call("run", recipe(folder, dataset(folder / "in"), MIXING, more="copies: 3\n")).code == 0
    return folder


def test_every_output_is_rebuilt_from_the_manifest_bit_for_bit(place: Path) -> None:
    told = load(place / "recipe.yaml").recipe
    copies = [row for row in rows(place / "out") if row["copy"]]
    mixed = 0
    for row in copies:
        row = json.loads(json.dumps(row))
        sample, read = opened(place / "in", row["split"], row["source"], row["source_sha256"])
        made = rebuilt(told, place / "in", row["split"], sample, row["steps"], row["partners"])
        form = "png" if row["output"].endswith(".png") else "jpeg"
        data = encode(made.image, form, quality=92, subsampling=420, level=1, icc=read.icc)
        assert hashlib.sha256(data).hexdigest() == row["files"][0]["sha256"], row["id"]
        assert (place / "out" / row["output"]).read_bytes() == data
        assert row["size"] == list(made.size)
        mixed += bool(row["partners"])
    assert mixed > 5


def test_every_row_names_its_files_with_their_hashes_and_the_disk_agrees(place: Path) -> None:
    named = {}
    for row in rows(place / "out"):
        for file in row["files"]:
            named[file["path"]] = file["sha256"]
    images = [path for path in (place / "out").rglob("*") if path.suffix in (".jpg", ".png")]
    assert {path.relative_to(place / "out").as_posix() for path in images} == set(named)
    for name, digest in named.items():
        assert hashlib.sha256((place / "out" / name).read_bytes()).hexdigest() == digest


def test_the_class_weights_of_a_row_sum_to_one_and_the_label_is_the_heaviest(place: Path) -> None:
    for row in rows(place / "out"):
        labels = row["labels"]
        assert sum(labels["weights"]) == pytest.approx(1.0)
        best = max(labels["weights"])
        assert labels["label"] == min(
            name for name, weight in zip(labels["classes"], labels["weights"], strict=True) if weight == best
        )
        assert row["output"].split("/")[1] == labels["label"]
