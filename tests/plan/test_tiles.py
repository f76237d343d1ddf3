"""`input.tile`: where tiles lie, what they are called, and which jobs belong together."""

from __future__ import annotations

import io
import itertools
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from augcli.errors import UsageError
from augcli.plan import by_source, make_plan
from augcli.plan.tiles import grid, tiled
from augcli.recipe import loads
from augcli.recipe.model import Tile
from augcli.sample import Dataset, Entry

NOBODY = Dataset("folders", ("a",))


def recipe_with(tile: str, more: str = "copies: 2\n") -> str:
    return f"augment: 1\ninput: {{path: in, tile: {tile}}}\noutput: out\n{more}steps: [flip: {{p: 0.5}}]\n"


def entry(folder: Path, key: str, size: tuple[int, int], split: str = "train", **fields: object) -> Entry:
    path = folder / split / key
    path.parent.mkdir(parents=True, exist_ok=True)
    file = io.BytesIO()
    Image.new("RGB", size).save(file, "PNG")
    path.write_bytes(file.getvalue())
    return Entry(split, key, str(path), classes=(("a", 1.0),), size=1200, **fields)  # type: ignore[arg-type]


@given(st.integers(1, 3000), st.integers(16, 400), st.integers(0, 399))
@settings(max_examples=50, deadline=None)
def test_tiles_cover_a_side_are_full_and_overlap_as_much_as_asked_and_are_as_few_as_can_be(
    length: int, side: int, overlap: int
) -> None:
    overlap = min(overlap, side - 1)
    found = grid(length, Tile((side, 16), overlap), 0)
    assert found[0][0] == 0 and found[-1][1] == length
    assert all(end - begin == min(side, length) for begin, end in found)
    for (_, end), (begin, _) in itertools.pairwise(found):
        assert end - begin >= overlap and begin < end + (overlap == 0)
    fewer = len(found) - 1
    assert fewer == 0 or fewer * side - (fewer - 1) * overlap < length


def test_a_percentage_is_of_the_tile_s_own_side() -> None:
    tile = Tile((100, 40), "10%")
    assert grid(190, tile, 0) == [(0, 100), (90, 190)]
    assert grid(76, tile, 1) == [(0, 40), (36, 76)]


def test_a_large_image_becomes_entries_in_rows_and_columns(tmp_path: Path) -> None:
    large = entry(tmp_path, "a/big.png", (50, 30), group="g")
    found, problems, notes = tiled([large], Tile((32, 32)), NOBODY)
    assert not problems and notes == ["1 of 1 image larger than a tile and cut into 2"]
    assert [(tile.key, tile.tile, tile.name) for tile in found] == [
        ("a/big.png#r0c0", (0, 0, 32, 30), "a/big__r0c0.png"),
        ("a/big.png#r0c1", (18, 0, 50, 30), "a/big__r0c1.png"),
    ]
    assert {(tile.split, tile.group, tile.classes, tile.size) for tile in found} == {
        ("train", "g", (("a", 1.0),), 600)
    }


def test_images_that_are_no_larger_than_a_tile_and_broken_ones_stay_whole(tmp_path: Path) -> None:
    small = entry(tmp_path, "a/small.png", (32, 32))
    torn = entry(tmp_path, "a/torn.png", (90, 90))
    Path(torn.path).write_bytes(b"\x89PNG\r\n")
    listed = Entry("train", "a/x.png", str(tmp_path / "x.png"), error="vanished")
    assert tiled([small, torn, listed], Tile((32, 32)), NOBODY)[0] == [small, torn, listed]


def test_an_image_over_the_limit_is_left_whole_for_its_row_to_say_so(tmp_path: Path) -> None:
    huge = entry(tmp_path, "a/huge.png", (300, 300))
    assert tiled([huge], Tile((16, 16), 15), NOBODY, 0.08)[:2] == ([huge], [])


def test_outputs_are_named_after_image_and_tile_and_written_anew_where_the_format_must_change(
    tmp_path: Path,
) -> None:
    recipe = loads(recipe_with("{size: 32, overlap: 4}")).recipe
    plan = make_plan(recipe, NOBODY, [entry(tmp_path, "a/big.gif", (50, 30))])
    names = [copy.output for job in plan.jobs() for copy in job.copies]
    assert names == [
        f"train/a/big__r0c{column}{number}.png" for column in (0, 1) for number in ("", "__001", "__002")
    ]


def test_the_tiles_of_one_image_are_one_job(tmp_path: Path) -> None:
    images = [entry(tmp_path, key, size) for key, size in (("a/1.png", (60, 60)), ("a/2.png", (20, 20)))]
    images.append(entry(tmp_path, "a/1.png", (60, 60), split="val"))
    plan = make_plan(loads(recipe_with("32")).recipe, NOBODY, images)
    jobs = list(by_source(plan.jobs()))
    assert [(job.entry.id, len(job.tiles), len(job.outputs)) for job in jobs] == [
        ("train/a/1.png", 4, 12), ("train/a/2.png", 0, 3), ("val/a/1.png", 4, 4),
    ]  # fmt: skip
    assert [(part.entry.id, copy.number) for part, copy in jobs[0].outputs][:4] == [
        ("train/a/1.png#r0c0", 0), ("train/a/1.png#r0c0", 1), ("train/a/1.png#r0c0", 2),
        ("train/a/1.png#r0c1", 0),
    ]  # fmt: skip
    assert sum(job.cost for job in jobs) == sum(job.cost for job in plan.jobs())


def test_the_tiles_of_an_image_are_never_divided_between_splits(tmp_path: Path) -> None:
    recipe = loads(recipe_with("32, holdout: {val: 50%}")).recipe
    images = [entry(tmp_path, f"a/{number}.png", (100, 100), split="") for number in range(8)]
    homes: dict[str, set[str]] = {}
    for planned in make_plan(recipe, NOBODY, images).sources:
        homes.setdefault(planned.entry.path, set()).add(planned.entry.split)
    assert all(len(splits) == 1 for splits in homes.values())
    assert {split for splits in homes.values() for split in splits} == {"train", "val"}


def test_groups_are_found_in_the_key_of_the_image(tmp_path: Path) -> None:
    recipe = loads(recipe_with("32, group: '(P[0-9]+)[.]png$'")).recipe
    plan = make_plan(recipe, NOBODY, [entry(tmp_path, "a/P1.png", (50, 50))])
    assert {planned.entry.group for planned in plan.sources} == {"P1"}


def test_tiles_beyond_number_are_a_problem_of_the_recipe(tmp_path: Path) -> None:
    _, (problem,), _ = tiled([entry(tmp_path, "a/b.png", (300, 300))], Tile((16, 16), 15), NOBODY)
    assert "'train/a/b.png' would be cut into 81,225 tiles, more than 10,000" in str(problem)


@pytest.mark.parametrize(
    ("tile", "what"),
    [
        ("{overlap: 4}", "tile.size: missing; write `size: 512`"),
        ("{size: 8}", "between 16 and 16384"),
        ("{size: [512]}", "expected a whole number between 16 and 16384 pixels, or [width, height]"),
        ("{size: [512, 64], overlap: 64}", "overlap: is as large as the tile"),
        ("{size: 64, overlap: 100%}", "expected whole pixels, or a percentage such as 10%"),
        ("{size: 64, overlap: -1}", "between 0 and 16383"),
        ("{size: 64, overlap: true}", "expected whole pixels"),
        ("{size: 64, stride: 8}", "unknown key"),
    ],
)
def test_a_tile_that_cannot_be_is_refused_in_words(tile: str, what: str) -> None:
    with pytest.raises(UsageError) as caught:
        loads(recipe_with(tile))
    assert what in str(caught.value)


def test_a_tile_is_part_of_what_a_recipe_means_and_a_recipe_without_one_is_as_it_was() -> None:
    from augcli.recipe import identity

    told = {
        text: identity(loads(recipe_with(text)).recipe)["input"]
        for text in ("512", "{size: 512, overlap: 10.0%}")
    }
    assert told["512"]["tile"] == {"size": [512, 512], "overlap": 0}
    assert told["{size: 512, overlap: 10.0%}"]["tile"] == {"size": [512, 512], "overlap": "10%"}
    plain = loads("augment: 1\ninput: in\noutput: out\n").recipe
    assert "tile" not in identity(plain)["input"]
