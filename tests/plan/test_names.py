"""What outputs are called, and that no two take one name."""

import os
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from augcli.errors import UsageError
from augcli.images.kinds import KNOWN_EXTENSIONS, format_of, kind_of
from augcli.plan import make_plan
from augcli.recipe.model import Copies, Encode, Output, Recipe, Step
from tests.plan.listing import Stack, dataset, entry


def outputs(paths, *, copies=1, split="", originals="keep", format="folders", **options):
    entries = [entry(path, split) for path in paths]
    recipe = Recipe(
        copies=Copies(count=copies),
        originals=originals,
        output=Output(format=format, encode=Encode(options.pop("encode", "same"))),
        **options,
    )
    made = make_plan(recipe, dataset(entries), entries)
    return {job.entry.key: [copy.output for copy in job.copies] for job in made.jobs()}


def folded(path):
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def test_the_tree_is_kept_and_copies_are_numbered():
    assert outputs(["cat/deep/a.b.JPG"], copies=2, split="train") == {
        "cat/deep/a.b.JPG": [
            "train/cat/deep/a.b.JPG",
            "train/cat/deep/a.b__001.JPG",
            "train/cat/deep/a.b__002.JPG",
        ]
    }


@pytest.mark.parametrize(
    ("name", "encode", "expected"),
    [
        ("a.jpeg", "same", ["a.jpeg", "a__001.jpeg"]),
        ("a.jpeg", "jpeg", ["a.jpeg", "a__001.jpeg"]),
        ("a.png", "jpeg", ["a.jpg", "a__001.jpg"]),
        ("a.gif", "same", ["a.gif", "a__001.png"]),
        ("a.jfif", "same", ["a.jfif", "a__001.jpg"]),
        ("a.tif", "webp", ["a.webp", "a__001.webp"]),
    ],
)
def test_the_extension_follows_the_format_that_is_written(name, encode, expected):
    assert outputs([name], encode=encode) == {name: expected}


def test_originals_that_are_prepared_are_written_in_a_format_that_can_be_written():
    assert outputs(["a.gif"], prepare=(Step("x", Stack()),)) == {"a.gif": ["a.png", "a__001.png"]}


def test_every_extension_that_is_read_has_a_format():
    names = [f"a{ending}" for ending in KNOWN_EXTENSIONS if kind_of(f"a{ending}") == "image"]
    assert names
    assert all(format_of(name) for name in names)


def test_equal_stems_are_told_apart_by_the_source_extension():
    assert outputs(["a.jpg", "a.png", "b.png"], encode="webp") == {
        "a.jpg": ["a_jpg.webp", "a_jpg__001.webp"],
        "a.png": ["a_png.webp", "a_png__001.webp"],
        "b.png": ["b.webp", "b__001.webp"],
    }
    assert outputs(["a.jpg", "a.png"])["a.jpg"] == ["a.jpg", "a__001.jpg"]


def test_an_original_that_is_called_like_a_copy_keeps_its_name():
    made = outputs(["a.jpg", "a__001.jpg", "a__002.jpg"], copies=2)
    assert made["a__001.jpg"] == ["a__001.jpg", "a__001__001.jpg", "a__001__002.jpg"]
    assert made["a.jpg"] == ["a.jpg", "a_jpg__001.jpg", "a_jpg__002.jpg"]
    assert outputs(["a.jpg", "a__001.jpg"], originals="drop")["a.jpg"] == ["a__001.jpg"]


def test_names_that_only_some_file_systems_tell_apart_get_a_digest():
    for paths in (["A.jpg", "a.jpg"], ["Straße.png", "STRASSE.png"], ["Cat/1.jpg", "cat/1.jpg"]):
        made = [path for group in outputs(paths).values() for path in group]
        assert len({folded(path) for path in made}) == 4


def test_of_names_that_differ_in_case_alone_the_first_by_bytes_is_kept():
    assert outputs(["2.jpg", "2.JPG", "3.jpg"]) == {
        "2.JPG": ["2.JPG", "2__001.JPG"],
        "2.jpg": ["2_jpg.jpg", "2_jpg__001.jpg"],
        "3.jpg": ["3.jpg", "3__001.jpg"],
    }
    nfc, nfd = (f"k/{unicodedata.normalize(form, 'é')}.png" for form in ("NFC", "NFD"))
    made = outputs([nfc, nfd, "k/É.png"])
    assert made[nfd] == [nfd, nfd.replace(".", "__001.")]  # e with an accent comes before é
    assert len({folded(path) for group in made.values() for path in group}) == 6
    for paths in (["2.jpg"], ["2.jpg", "2.png"], ["2.jpg", "2.tif", "2_jpg.jpg", "2__001.jpg"]):
        assert outputs(paths)["2.jpg"][0] == "2.jpg"


def test_names_are_the_same_whatever_the_order_and_the_limit():
    paths = ["a.jpg", "a.png", "A.webp", "a__001.jpg", "a_jpg.webp", "b.jpg"]
    assert outputs(paths, encode="webp") == outputs(paths[::-1], encode="webp")
    entries = [entry(path) for path in paths]
    recipe = Recipe(output=Output(encode=Encode("webp")))
    everything = outputs(paths, encode="webp")
    for job in make_plan(recipe, dataset(entries), entries, limit=2).jobs():
        assert [copy.output for copy in job.copies] == everything[job.entry.key]


NAMES = st.lists(
    st.builds(
        "{}{}{}".format,
        st.sampled_from(["", "x/", "X/"]),
        st.sampled_from(["a", "A", "a__001", "a_jpg", "a_jpg__001", "ß", "ss", "b"]),
        st.sampled_from([".jpg", ".png", ".JPG", ".gif"]),
    ),
    min_size=2,
    max_size=12,
    unique=True,
)


@settings(max_examples=50, deadline=None)
@given(NAMES, st.sampled_from(["same", "jpeg"]), st.booleans())
def test_no_two_outputs_ever_share_a_name(paths, encode, mixes):
    steps = (Step("m", Stack()),) if mixes else ()
    made = [path for group in outputs(paths, encode=encode, copies=2, steps=steps).values() for path in group]
    assert len({folded(path) for path in made}) == len(made) == 3 * len(paths)


def test_in_a_mixing_run_a_copy_may_go_to_any_class_folder():
    paths = ["cat/1.jpg", "dog/1.jpg", "dog/2.jpg", "cat/2__001.jpg"]
    made = outputs(paths, steps=(Step("m", Stack()),))
    assert [group[0] for group in made.values()] == sorted(paths)
    copies = [group[1] for group in made.values()]
    moved = [path.replace("dog/", "cat/", 1) for path in copies]
    originals = [path.replace("dog/", "cat/", 1) for path in paths if "__" in path]
    assert len(set(moved)) == 4
    assert not set(moved) & set(originals)
    assert outputs(["cat/1.jpg", "dog/1.jpg"], format="hf")["cat/1.jpg"][1] == "cat/1__001.jpg"


def test_long_names_are_shortened_within_255_bytes_at_a_character():
    long = "é" * 125 + ".jpg"  # 254 bytes
    made = outputs([long, "é" * 125 + ".png"], copies=2)
    for group in made.values():
        for path in group:
            assert len(os.fsencode(path)) <= 255
            path.encode()
    assert made[long][0] == long
    assert len({path for group in made.values() for path in group}) == 6


def test_a_folder_may_not_stand_where_the_output_has_a_file():
    with pytest.raises(UsageError, match=r"may not be called Run\.json"):
        outputs(["Run.json/a.jpg"])
    with pytest.raises(UsageError, match=r"metadata\.jsonl"):
        outputs(["metadata.jsonl/a.jpg"], split="train")


def test_a_file_does_not_take_the_name_of_a_folder():
    made = outputs(["a.png", "a.jpg/b.jpg"], encode="jpeg")
    assert made["a.png"][0] == "a_png.jpg"


def test_classes_from_label_files_become_folders_when_they_can():
    labelled = [entry("1.jpg", classes=(("cat", 1.0),)), entry("cat/1.jpg"), entry("x/2.jpg")]
    recipe = Recipe(output=Output(format="folders"))
    made = make_plan(recipe, dataset(labelled, "hf"), labelled)
    paths = {copy.output for job in made.jobs() for copy in job.copies}
    assert len(paths) == 6
    assert {path.split("/")[0] for path in paths} == {"cat", "x"}
    for bad in ("..", "a/b", ".hidden", "x" * 256):
        entries = [entry("1.jpg", classes=((bad, 1.0),))]
        with pytest.raises(UsageError, match="cannot be the name of a folder"):
            make_plan(recipe, dataset(entries, "hf"), entries)
    entries = [entry("x/1.jpg", classes=())]
    with pytest.raises(UsageError, match="would become their classes"):
        make_plan(recipe, dataset(entries, "hf"), entries)


def test_names_that_metadata_cannot_hold_are_refused_where_it_is_written():
    paths = ["k/ok.jpg", "k/\udcff.jpg"]
    assert outputs(paths)["k/\udcff.jpg"] == ["k/\udcff.jpg", "k/\udcff__001.jpg"]
    for options in ({"format": "hf"}, {"steps": (Step("m", Stack()),)}):
        with pytest.raises(UsageError, match=r"1 names are not UTF-8.*'k/\\udcff.jpg'"):
            outputs(paths, **options)
