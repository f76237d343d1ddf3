"""`augment explain` says what happened to an output, and makes it again."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from augcli.errors import printable
from augcli.explain.words import told
from augcli.manifest import encode_row
from augcli.manifest.judging import judged_row, judged_run
from tests.conftest import ROOT, tree
from tests.runs import Done, call, rows

RECIPE = """augment: 1
seed: 3
input: {source}
output: {output}
copies: 2
labels: {{min_visibility: 0.5}}
prepare: [resize: {{longest: 300}}]
steps:
  - rotate: {{degrees: [10, 15], id: tilt}}
  - crop: {{width: "50%", height: "50%", anchor: top_left}}
  - mosaic: {{}}
  - gaussian_noise: {{std: 0.02}}
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("explain")
    shutil.copytree(ROOT / "sample_data" / "voc", folder / "voc")
    (folder / "recipe.yaml").write_text(RECIPE.format(source=folder / "voc", output=folder / "out"))
    assert call("run", folder / "recipe.yaml", "--limit", 2).code == 0
    return folder


def chosen(place: Path) -> dict[str, object]:
    """A copy of which an object was dropped."""
    return next(row for row in rows(place / "out") if row["copy"] and row["dropped"])


def explained(place: Path, *words: object) -> Done:
    return call("explain", place / "out", *map(str, words))


def test_it_tells_sources_steps_values_partners_and_losses(place: Path) -> None:
    row = chosen(place)
    done = explained(place, row["id"])
    assert done.code == 0 and done.err == ""
    text = done.out
    assert text.startswith(f"{row['id']}\n")
    for file in row["files"]:
        assert f"{file['path']}" in text and file["sha256"] in text
    assert f"source: {row['split']}/{row['source']}, SHA-256 {row['source_sha256']}" in text
    assert "prepared: resize: longest 300 pixels" in text
    assert "copy 1: 4 steps happened" in text or "copy 2: 4 steps happened" in text
    degrees = row["steps"][0]["drawn"]["degrees"]
    assert "1. tilt (rotate): Turn by an angle in degrees about the centre" in text
    assert f"drawn: degrees {degrees:.6g}, frame keep" in text
    x, y = (row["steps"][2]["resolved"][side] for side in "xy")
    assert f"came to: x {x}, y {y}" in text
    width, height = row["steps"][1]["size"]
    assert f"the picture is then {width} x {height} pixels" in text
    for partner in row["partners"]:
        assert f"with {row['split']}/{partner['source']}, SHA-256 {partner['sha256']}" in text
    lost = row["dropped"][0]
    assert f"dropped: a {lost['category']}" in text
    assert {"visibility": "labels.min_visibility is 0.5", "outside": "lies outside the frame"}[
        lost["reason"]
    ] in text


def test_an_output_is_named_by_id_by_path_and_by_its_place_on_the_disk(place: Path) -> None:
    row = chosen(place)
    texts = {
        explained(place, name).out
        for name in (row["id"], row["output"], row["files"][-1]["path"], place / "out" / str(row["output"]))
    }
    assert len(texts) == 1 and "" not in texts


def test_an_unknown_name_is_answered_with_those_that_are_like_it(place: Path) -> None:
    row = chosen(place)
    done = explained(place, str(row["output"]).replace("__00", "_00"))
    assert done.code == 2 and done.out == "" and "did you mean" in done.err and str(row["output"]) in done.err
    far = explained(place, "zzzzzz")
    assert far.code == 2 and "no output is called 'zzzzzz'" in far.err


@pytest.mark.parametrize("words", [("--input", "voc"), ("--recipe", "recipe.yaml")])
def test_the_image_is_made_again_to_the_last_bit(place: Path, tmp_path: Path, words: tuple[str, str]) -> None:
    before = tree(place)
    row = chosen(place)
    done = explained(place, row["id"], words[0], place / words[1], "-o", tmp_path / "again.jpg")
    assert done.code == 0, done.err
    assert (tmp_path / "again.jpg").read_bytes() == (place / "out" / str(row["output"])).read_bytes()
    assert f"made again, the same to the last bit: {tmp_path / 'again.jpg'}" in done.out
    assert tree(place) == before


def test_into_a_folder_all_files_of_the_row_are_made(place: Path, tmp_path: Path) -> None:
    row = chosen(place)
    assert explained(place, row["id"], "--input", place / "voc", "-o", tmp_path).code == 0
    assert tree(tmp_path) == {file["path"]: file["sha256"] for file in row["files"]}
    assert len(row["files"]) > 1


def test_an_original_is_made_again_as_well(place: Path, tmp_path: Path) -> None:
    row = next(row for row in rows(place / "out") if row["copy"] == 0)
    done = explained(place, row["id"], "--input", place / "voc", "-o", tmp_path / "x.jpg")
    assert done.code == 0 and "the original: no step acts on it" in done.out
    assert (tmp_path / "x.jpg").read_bytes() == (place / "out" / row["output"]).read_bytes()


def test_nothing_is_written_into_the_output_or_the_input(place: Path) -> None:
    row = chosen(place)
    for target in (place / "out" / "x.jpg", place / "out", place / "voc" / "x.jpg"):
        done = explained(place, row["id"], "--input", place / "voc", "-o", target)
        assert done.code == 2 and "lies inside" in done.err, done


def test_without_its_inputs_nothing_is_made(place: Path, tmp_path: Path) -> None:
    row = chosen(place)
    done = explained(place, row["id"], "-o", tmp_path / "x.jpg")
    assert done.code == 2 and "one of --input and --recipe is needed" in done.err
    done = explained(place, row["id"], "--input", place / "voc")
    assert done.code == 2 and "add -o FILE" in done.err
    assert not list(tmp_path.iterdir())


def test_from_other_images_nothing_is_made(place: Path, tmp_path: Path) -> None:
    row = chosen(place)
    other = Path(shutil.copytree(place / "voc", tmp_path / "voc"))
    for path in (other / "JPEGImages").rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes() + b"\0")
    done = explained(place, row["id"], "--input", other, "-o", tmp_path / "x.jpg")
    assert done.code == 5 and "is not the file that it was made of" in done.err
    source = other / "JPEGImages" / str(row["source"])
    source.unlink()
    done = explained(place, row["id"], "--input", other, "-o", tmp_path / "x.jpg")
    assert done.code in (2, 5) and str(row["source"]) in done.err
    assert not (tmp_path / "x.jpg").exists()


def test_from_other_labels_nothing_is_made(place: Path, tmp_path: Path) -> None:
    row = chosen(place)
    other = Path(shutil.copytree(place / "voc", tmp_path / "voc"))
    path = next((other / "Annotations").rglob(f"{Path(str(row['source'])).stem}.xml"))
    path.write_text(re.sub("<object>.*</object>", "", path.read_text(), flags=re.DOTALL))
    done = explained(place, row["id"], "--input", other, "-o", tmp_path)
    assert done.code in (2, 5) and done.out == ""


def test_an_image_that_failed_tells_why(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "sample_data" / "photos" / "train", tmp_path / "in" / "train")
    broken = next((tmp_path / "in").rglob("*.jpg"))
    broken.write_bytes(broken.read_bytes()[:2000])
    text = f"augment: 1\ninput: {tmp_path / 'in'}\noutput: {tmp_path / 'out'}\nsteps: [flip]\n"
    (tmp_path / "recipe.yaml").write_text(text)
    assert call("run", tmp_path / "recipe.yaml").code == 3
    row = next(row for row in rows(tmp_path / "out") if row["status"] == "error")
    done = explained(tmp_path, row["id"])
    assert done.code == 0 and f"failed: {row['error']['text']} ({row['error']['code']})" in done.out
    done = explained(tmp_path, row["id"], "--input", tmp_path / "in", "-o", tmp_path / "x.jpg")
    assert done.code == 5 and "its row tells of no output" in done.err


def test_the_json_holds_the_row_and_the_words(place: Path) -> None:
    row = chosen(place)
    plain = explained(place, row["id"], "--json").json
    assert set(plain) == {"row", "text", "written"} and plain["row"] == row and plain["written"] == []
    assert "\n".join(plain["text"]) == explained(place, row["id"]).out.rstrip("\n")


def test_every_row_of_every_kind_can_be_told(place: Path) -> None:
    for row in rows(place / "out"):
        done = explained(place, row["id"])
        assert done.code == 0 and "\\n" not in done.out and len(done.out.splitlines()) >= 4
        assert json.dumps(row["id"])[1:-1] in done.out


HOSTILE = (
    None,
    True,
    -1,
    10**30,
    1e308,
    "",
    "{x}",
    "../..",
    "\n\x1b[31m",
    [],
    [[]],
    {},
    {"a": [1]},
    [1, "a"],
)


def places(value: object, at: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    """Where in a JSON value something stands."""
    yield at
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*at, key))


def test_whatever_stands_in_a_row_it_is_refused_or_told_in_lines(place: Path) -> None:
    """Each value is exchanged for a hostile one; what passes the judge must not trouble the teller."""
    original = chosen(place)
    plain = recipe_of(place)
    told_count = 0
    for number, at in enumerate(list(places(original))[1:]):
        row = json.loads(json.dumps(original))
        inner = row
        for key in at[:-1]:
            inner = inner[key]
        inner[at[-1]] = HOSTILE[number % len(HOSTILE)]
        try:
            judged = judged_row(encode_row(row))
        except ValueError:
            continue
        told_count += 1
        for line in told(judged, plain):
            assert "\n" not in printable(line) and "\x1b" not in printable(line)
    assert told_count > 10


def recipe_of(place: Path) -> dict[str, object]:
    return json.loads((place / "out" / "run.json").read_text())["recipe"]


def test_whatever_stands_in_the_recipe_of_run_json_it_is_refused_or_told(place: Path) -> None:
    text = (place / "out" / "run.json").read_text()
    for number, at in enumerate(list(places(json.loads(text)["recipe"]))[1:]):
        run = json.loads(text)
        inner = run["recipe"]
        for key in at[:-1]:
            inner = inner[key]
        inner[at[-1]] = HOSTILE[number % len(HOSTILE)]
        try:
            judged = judged_run(json.dumps(run).encode())
        except ValueError:
            continue
        assert list(told(chosen(place), judged["recipe"]))
