"""run.json tells enough of a dataset to make its dataset-wide files again from the rows alone."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from augcli import formats
from augcli.formats import FORMATS, Source
from augcli.manifest import decode_row, read_run, write_run
from augcli.sample import Category, Dataset
from augcli.vocabulary import Vocabulary, vocabulary
from tests.formats.datasets import categories, pictures, rows_of

SAMPLES = Path(__file__).parent.parent / "sample_data"
HEADER: dict[str, Any] = {"augment": "1", "environment": {}, "recipe": {}, "inputs": ""}

texts = st.text(max_size=6)
numbers = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
kinds = st.builds(
    Category,
    texts,
    st.integers(0, 2**40),
    keypoints=st.lists(texts, max_size=3).map(tuple),
    flip=st.permutations(range(3)).map(tuple) | st.just(()),
    skeleton=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=3).map(tuple),
    color=st.none() | st.tuples(*[st.integers(0, 255)] * 3),
    extra=st.dictionaries(texts, values, max_size=3).map(lambda extra: tuple(extra.items())),
)
datasets = st.builds(
    Dataset,
    st.sampled_from(list(FORMATS)),
    classes=st.lists(texts, max_size=3).map(tuple),
    columns=st.lists(texts, max_size=3).map(tuple),
    ignored=st.dictionaries(texts, st.integers(1, 9), max_size=2),
    notes=st.lists(texts, max_size=2).map(tuple),
    numeric=st.booleans(),
    soft=st.booleans(),
    categories=st.lists(kinds, max_size=3).map(tuple),
    holds=st.frozensets(st.sampled_from(formats.contract.LABELS)),
    ignore=st.none() | st.integers(0, 255),
    info=st.dictionaries(texts, values, max_size=3),
)


def told(dataset: Dataset) -> Dataset:
    """The dataset without what only its listing knew."""
    return dataclasses.replace(dataset, ignored={}, notes=())


def through_run_json(folder: Path, given: Vocabulary) -> Vocabulary:
    """What a later command reads where a run wrote this."""
    write_run(folder, HEADER, dataset=given.plain(), counts={}, files={}, tree="")
    run = read_run(folder)
    assert run is not None
    return vocabulary(run["dataset"])


def test_any_vocabulary_comes_back_from_run_json_with_the_order_of_its_fields(tmp_path):
    @settings(max_examples=150, deadline=None)
    @given(datasets, st.sampled_from(list(FORMATS)), st.booleans())
    def check(dataset: Dataset, target: str, mixes: bool) -> None:
        found = through_run_json(tmp_path, Vocabulary(dataset, target, mixes))
        assert found == Vocabulary(told(dataset), target, mixes)
        assert json.dumps(found.plain()) == json.dumps(Vocabulary(dataset, target, mixes).plain())

    check()


INFO: dict[str, dict[str, Any]] = {
    "coco": {
        "largest": {"image": 7, "annotation": 12},
        "files": {"train": {"zeta": 1, "licenses": [{"url": "u", "id": 1}], "info": {"year": 2026, "a": 1}}},
    },
    "csv": {"columns": [["file", "image"], ["kind", "label"]], "header": True},
    "labelme": {"usual": ["flags", "version"]},
    "masks": {"masks": {"bits": 8, "palette": "000000ff0000"}},
    "webdataset": {"class_order": ["dog", "cat"]},
    "parquet": {"class_order": ["dog", "cat"]},
    "yolo": {"yolo": {"task": "pose"}},
}
"""What the readers of each format say of all images."""


def made(found: Vocabulary, rows: list[dict[str, Any]]) -> dict[str, bytes]:
    """Every dataset-wide file and container of these rows."""
    given = found.dataset, rows, found.mixes
    files = {path: b"".join(data) for path, data in formats.load(found.target).finish(*given)}
    container = formats.container(found.target)
    if container is not None:
        files |= {path: b"".join(data) for path, data in container.pack(*given, str.encode)}
    return files


@pytest.mark.parametrize("target", FORMATS)
def test_dataset_wide_files_are_the_same_bytes_from_what_run_json_tells(target, tmp_path):
    seen = []

    @settings(max_examples=12, deadline=None)
    @given(st.sampled_from(sorted(FORMATS)), pictures(points=True), st.booleans())
    def check(source: str, found: list[Any], mixes: bool) -> None:
        classes = ("bird", "cat", "dog")
        dataset = Dataset(
            source,
            classes,
            ("weather",),
            notes=("said once",),
            soft=mixes,
            categories=categories(points=True),
            holds=frozenset({"boxes", "polygons", "keypoints", "semantic"}),
            ignore=255,
            info=INFO.get(source, {}),
        )
        rows = rows_of(found, "train", formats.load(target).home("train"))
        for number, row in enumerate(rows):
            label = classes[number % 3]
            row["labels"] |= {"label": label, "classes": [label], "weights": [1.0]}
            row["labels"]["extra"] = {"weather": "rain"}
            row["files"] = [{"kind": "mask"}]
        given = Vocabulary(dataset, target, mixes)
        files = made(given, rows)
        assert made(through_run_json(tmp_path, given), rows) == files
        seen.extend(files)

    check()
    assert seen or target == "labelme"  # which has no dataset-wide file


@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.iterdir() if path.is_dir()))
def test_the_vocabulary_of_real_datasets_comes_back(name, tmp_path):
    dataset, _ = formats.read("auto", Source(str(SAMPLES / name)))
    found = through_run_json(tmp_path, Vocabulary(dataset, dataset.format))
    assert found.dataset == told(dataset)


@pytest.mark.parametrize(
    "text", ["{}", '{"format": 1}', "[]", '{"categories": [3]}', '{"output": {"format": "coco"}}']
)
def test_what_is_no_vocabulary_is_refused_in_words(text):
    whole = Vocabulary(Dataset("coco"), "coco").plain()
    value = json.loads(text)
    with pytest.raises(ValueError, match="no description of a dataset"):
        vocabulary({**whole, **value} if value and isinstance(value, dict) else value)


def test_fields_of_a_coco_file_that_would_swell_run_json_are_left_out_aloud(tmp_path, monkeypatch):
    from tests.formats.coco_trees import document, image, plant

    monkeypatch.setattr("augcli.formats.coco.reading.MAX_CARRIED", 100)
    heavy = document([image(1, "a.jpg")], [], videos=[{"id": n} for n in range(90)], info={"year": 2026})
    plant(tmp_path, "instances.json", heavy, "a.jpg")
    dataset, _ = formats.read("coco", Source(str(tmp_path)))
    assert dataset.info["files"] == {"": {"info": {"year": 2026}}}
    assert any("too large to be carried over" in note and "videos" in note for note in dataset.notes)
    assert decode_row(json.dumps(Vocabulary(dataset, "coco").plain()).encode())
