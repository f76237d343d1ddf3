"""Whole plans: what is carried over, limits, counts, and problems all at once."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from augcli.errors import UsageError
from augcli.ops.base import Pixels
from augcli.plan import Count, choose, make_plan
from augcli.recipe.model import Copies, Encode, Group, Output, Recipe, Step
from augcli.rng import stream
from tests.plan.listing import Stack, dataset, entry, many

LISTING = [
    *many("cat", 4, "train"),
    *many("dog", 2, "train"),
    *many("cat", 2, "val"),
    *many("eel", 1, "test"),
]


def plan(recipe=None, entries=LISTING, limit=None):
    return make_plan(recipe or Recipe(), dataset(entries), entries, limit)


def test_training_is_augmented_and_the_rest_is_carried_over():
    made = plan(Recipe(copies=Copies(count=3)))
    assert made.counts == (
        Count("test", "eel", 1, 1),
        Count("train", "cat", 4, 16),
        Count("train", "dog", 2, 8),
        Count("val", "cat", 2, 2),
    )
    assert made.outputs == sum(len(job.copies) for job in made.jobs()) == 27
    assert len(made) == 9
    assert "classes without a training image: eel" in made.notes


def test_dropping_originals_concerns_the_training_split_alone():
    made = plan(Recipe(copies=Copies(count=1), originals="drop"))
    numbers = {job.entry.split: [copy.number for copy in job.copies] for job in made.jobs()}
    assert numbers == {"train": [1], "val": [0], "test": [0]}


def test_jobs_are_sorted_and_cost_their_bytes():
    entries = [entry("z/1.jpg", "train", size=10), entry("a/2.jpg", "train"), entry("a/1.jpg", "a", size=7)]
    made = list(plan(entries=entries).jobs())
    assert [job.entry.id for job in made] == ["a/a/1.jpg", "train/a/2.jpg", "train/z/1.jpg"]
    assert [job.cost for job in made] == [7.0, 2.0, 20.0]


def test_an_image_that_cannot_be_read_still_gets_a_row_for_every_output():
    entries = [*many("cat", 2), entry("cat/x.jp2", error="unsupported_format")]
    made = {job.entry.key: job.copies for job in plan(Recipe(copies=Copies(count=2)), entries).jobs()}
    assert [copy.number for copy in made["cat/x.jp2"]] == [0, 1, 2]


def test_all_problems_are_reported_together():
    recipe = Recipe(
        copies=Copies("classes", classes=(("dgo", 3),)),
        steps=(Group("g", "one_of", (Step("blur", Pixels(), only=("cta",)),)),),
    )
    with pytest.raises(UsageError) as caught:
        plan(recipe)
    assert [problem.where for problem in caught.value.problems] == ["copies.classes", "blur.only.classes"]
    assert "did you mean 'dog'" in str(caught.value)
    assert "did you mean 'cat'" in str(caught.value)


def test_a_plan_without_outputs_is_refused():
    with pytest.raises(UsageError, match="nothing to make"):
        plan(Recipe(copies=Copies(count=0), originals="drop"), many("cat", 2))


def test_a_limited_plan_is_part_of_the_whole_one():
    recipe = Recipe(copies=Copies("per_class", 10))
    whole = {job.entry.id: job for job in plan(recipe).jobs()}
    limited = list(plan(recipe, limit=3).jobs())
    assert len(limited) == 3
    assert all(whole[job.entry.id] == job for job in limited)
    assert plan(recipe, limit=100).sources == plan(recipe).sources


def test_shortfalls_are_told():
    assert plan(Recipe(copies=Copies("per_class", 100, at_most=2))).shortfalls == (
        "class cat reaches 12 of 100; raise copies.at_most (2)",
        "class dog reaches 6 of 100; raise copies.at_most (2)",
    )


def test_a_choice_takes_turns_between_classes_and_begins_with_training():
    chosen = choose(LISTING, 6, seed=0)
    assert {(item.split, item.label) for item in chosen[:2]} == {("train", "cat"), ("train", "dog")}
    assert {(item.split, item.label) for item in chosen[2:4]} == {("val", "cat"), ("test", "eel")}
    assert {item.split for item in chosen[4:6]} == {"train"}
    assert len(choose(LISTING, 100, 0)) == len(LISTING)
    assert choose(LISTING, 0, 0) == []


def test_a_choice_does_not_follow_the_order_of_names():
    picks = {choose(many("cat", 50), 1, seed)[0].key for seed in range(10)}
    assert len(picks) > 5


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 40), st.integers(0, 1000))
def test_one_more_image_changes_a_choice_by_at_most_one(n, seed):
    entries = many("cat", 40)
    before = {item.key for item in choose(entries[:-1], n, seed)}
    after = {item.key for item in choose(entries, n, seed)}
    assert len(before - after) <= 1
    assert choose(entries[::-1], n, seed) == choose(entries, n, seed)


@given(st.integers(0, 40), st.integers(0, 99), st.lists(st.sampled_from("abcd"), max_size=30), st.booleans())
@settings(max_examples=50, deadline=None)
def test_a_choice_is_that_of_hashing_every_key_and_sorting(n, seed, labels, splits):
    entries = [
        entry(f"{label}/{i}.png", ("train", "val")[i % 2] if splits else "") for i, label in enumerate(labels)
    ]
    classes = {}
    for place, item in enumerate(entries):
        rank = stream(seed, "choose", item.split, item.key).bits()
        classes.setdefault((item.split, item.label), []).append((rank, place))
    turns = [
        (turn, split == "val", stream(seed, "choose", split, label, "class").bits(), place)
        for (split, label), members in classes.items()
        for turn, (_, place) in enumerate(sorted(members))
    ]
    assert choose(entries, n, seed) == [entries[place] for *_, place in sorted(turns)[:n]]


@pytest.mark.parametrize("copies", [Copies(count=3), Copies("balance"), Copies("total", 30)])
def test_a_plan_for_a_few_is_what_the_whole_plan_has_for_them(copies):
    recipe = Recipe(copies=copies, steps=(Step("stack", Stack()),))
    whole = {planned.entry.id: planned for planned in plan(recipe).sources}
    jobs = {job.entry.id: job for job in plan(recipe).jobs()}
    few = make_plan(recipe, dataset(LISTING), LISTING, pick=lambda training: [training[5], training[1]])
    assert [planned.entry.id for planned in few.sources] == ["train/dog/dog0001.jpg", "train/cat/cat0001.jpg"]
    for planned, job in zip(few.sources, few.jobs(), strict=True):
        assert planned.copies == whole[planned.entry.id].copies
        assert job.copies == jobs[planned.entry.id].copies


def test_balancing_a_mixing_recipe_says_what_counts_as_a_class():
    mixing = (Step("m", Stack()),)
    notes = {kind: plan(Recipe(copies=Copies(kind, 9), steps=mixing)).notes for kind in ("balance", "total")}
    assert any("a mixed copy is of its heaviest class" in note for note in notes["balance"])
    assert not any("heaviest class" in note and "copies." in note for note in notes["total"])


@pytest.mark.parametrize(("kind", "told"), [("same", True), ("png", False)])
def test_shards_of_several_kinds_of_images_are_told(kind, told):
    recipe = Recipe(output=Output(format="webdataset", encode=Encode(format=kind)))
    made = plan(recipe, [entry("cat/1.jpg", "train"), entry("cat/2.png", "train")])
    assert any("several kinds" in note for note in made.notes) == told
