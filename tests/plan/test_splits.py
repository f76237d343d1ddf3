"""Holding out, groups, and what training is."""

import signal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from augcli.errors import UsageError
from augcli.plan import is_training, make_plan, splits
from augcli.plan.splits import held_out
from augcli.recipe.model import Input, Recipe
from tests.plan.listing import dataset, entry, many


def plan(entries, **options):
    return make_plan(Recipe(input=Input(**options)), dataset(entries), entries)


def test_training_is_what_is_called_so_or_everything_where_there_are_no_splits():
    assert [is_training(name) for name in ("", "train", "Train2017", "training", "val", "test", "dev")] == [
        True, True, True, True, False, False, False,
    ]  # fmt: skip


def test_about_the_given_share_is_held_out_and_the_rest_is_training():
    entries = many("cat", 2000)
    made = plan(entries, holdout=(("val", 0.2), ("test", 0.1)))
    sizes = {count.split: count.sources for count in made.counts}
    # Binomial(2000, p): four standard deviations are 72 and 54.
    assert abs(sizes["val"] - 400) < 72
    assert abs(sizes["test"] - 200) < 54
    assert sum(sizes.values()) == 2000
    assert set(sizes) == {"train", "val", "test"}
    told = f"held out by hash: {sizes['val']} val, {sizes['test']} test, {sizes['train']} train"
    assert told in made.notes


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 30), st.integers(0, 2**31))
def test_adding_images_moves_nobody_to_another_split(more, seed):
    share = Input(holdout=(("val", 0.5),))
    before = held_out(many("cat", 20), share, seed)[0]
    after = held_out(many("cat", 20 + more), share, seed)[0]
    assert list(after[:20]) == list(before)


def test_a_group_is_held_out_whole():
    entries = [entry(f"cat/P{patient}_{index}.jpg") for patient in range(40) for index in range(5)]
    made = plan(entries, holdout=(("val", 0.4),), group=r"(P\d+)_")
    homes = {}
    for source in made.sources:
        homes.setdefault(source.entry.group, set()).add(source.entry.split)
    assert len(homes) == 40
    assert all(len(splits) == 1 for splits in homes.values())
    assert {split for splits in homes.values() for split in splits} == {"train", "val"}


def test_a_group_in_two_splits_is_refused_with_examples():
    entries = [entry("cat/P1_a.jpg", "train"), entry("cat/P1_b.jpg", "val"), entry("cat/P2_a.jpg", "train")]
    with pytest.raises(UsageError, match=r"group 'P1' is in two splits: train/cat/P1_a.jpg and val/cat/P1_b"):
        plan(entries, group=r"P\d+")


def test_images_without_a_group_are_counted_and_a_pattern_that_fits_nothing_is_refused():
    entries = [entry("cat/P1_a.jpg"), entry("cat/other.jpg")]
    assert any("1 image matches no group" in note for note in plan(entries, group=r"P\d+").notes)
    with pytest.raises(UsageError, match="matches no image"):
        plan(entries, group="Q")
    with pytest.raises(UsageError, match="no regular expression"):
        plan(entries, group="(")


def test_holding_out_from_a_dataset_with_splits_is_refused():
    with pytest.raises(UsageError, match="has splits already: train"):
        plan(many("cat", 3, "train"), holdout=(("val", 0.2),))


def test_no_split_is_said_aloud():
    assert any("every image is for training" in note for note in plan(many("cat", 2)).notes)


def test_nothing_to_augment_is_refused():
    with pytest.raises(UsageError, match="no training images"):
        plan(many("cat", 2, "val"))


def test_a_class_that_a_split_has_no_image_of_is_named():
    for seed in range(4):
        made = make_plan(
            Recipe(seed=seed, input=Input(holdout=(("val", 0.3),))),
            dataset(entries := [*many("cat", 50), *many("dog", 1)]),
            entries,
        )
        (dog,) = [count.split for count in made.counts if count.label == "dog"]
        expected = {
            "train": "classes without an image held out for val: dog",
            "val": "classes without a training image: dog",
        }
        assert [note for note in made.notes if note.startswith("classes without")] == [expected[dog]]


def test_a_pattern_that_never_ends_is_stopped(monkeypatch):
    monkeypatch.setattr(splits, "PATIENCE", 0.1)
    before = signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL)
    entries = [entry("k/b.jpg"), entry(f"k/{'a' * 60}!.jpg")]
    with pytest.raises(UsageError, match=r"input.group: takes too long, at the latest on 'k/aaa"):
        plan(entries, group=r"^k/(a+)+$")
    assert (signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL)) == before
