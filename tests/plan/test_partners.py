"""Whom mixing steps combine an image with."""

import pytest

from augcli.errors import UsageError
from augcli.ops.base import Pixels
from augcli.params import Fixed
from augcli.plan import make_plan
from augcli.recipe.model import Copies, Group, Recipe, Step
from augcli.recipe.script import script, steps_before
from augcli.rng import stream
from tests.plan.listing import Quartet, Stack, dataset, entry, many


def jobs(entries, steps, **options):
    recipe = Recipe(steps=tuple(steps), **options)
    return list(make_plan(recipe, dataset(entries), entries).jobs())


def partners(entries, steps, **options):
    """(host, step id, partner) of every slot of every copy."""
    for job in jobs(entries, steps, **options):
        for copy in job.copies:
            for step, slots in copy.partners.items():
                for slot in slots:
                    yield job.entry, step, slot


def test_candidates_are_four_different_usable_images_of_the_same_split_and_never_the_host():
    entries = [*many("a", 9, "train"), *many("b", 9, "train2"), *many("c", 9, "val")]
    entries += [entry("a/broken.jp2", "train", error="unsupported_format")]
    found = list(partners(entries, [Step("m", Stack())], copies=Copies(count=5)))
    assert len(found) == 90  # the broken one and the validation split mix with nobody
    for host, _, slot in found:
        keys = [candidate.key for candidate in slot.candidates]
        assert len(set(keys)) == 4
        assert host.key not in keys
        assert {candidate.split for candidate in slot.candidates} == {host.split}
        assert all(candidate.error is None for candidate in slot.candidates)


def test_every_other_image_is_equally_likely():
    found = partners(many("a", 5), [Step("m", Stack())], copies=Copies(count=400))
    seen = {}
    for host, _, slot in found:
        pair = host.key, slot.candidates[0].key
        seen[pair] = seen.get(pair, 0) + 1
    # 20 pairs of about 100 each: chi-square with 15 degrees of freedom is below 37.7 with p = 0.999.
    assert len(seen) == 20
    assert sum((count - 100) ** 2 / 100 for count in seen.values()) < 37.7


def test_a_step_has_one_partner_per_slot_and_only_where_it_happens():
    steps = [Step("q", Quartet()), Step("m", Stack(), p=0.5)]
    recipe = Recipe(seed=3, steps=tuple(steps), copies=Copies(count=20))
    entries = many("a", 6)
    happened = 0
    for job in make_plan(recipe, dataset(entries), entries).jobs():
        assert not job.copies[0].partners
        for copy in job.copies[1:]:
            rng = stream(3, "", job.entry.key, copy.number)
            expected = [step.id for step in script(recipe.steps, rng, copy.number, ["a"])]
            assert list(copy.partners) == expected
            assert len(copy.partners["q"]) == 3
            happened += "m" in copy.partners
    assert 30 < happened < 90  # Binomial(120, 1/2)


@pytest.mark.parametrize("rule", ["same_class", "other_class", "same_group"])
def test_the_partner_rule_decides_who_may(rule):
    entries = [
        entry(f"{name}/{index}.jpg", group=f"g{index % 2}") for name in ("a", "b", "c") for index in range(6)
    ]
    found = list(partners(entries, [Step("m", Stack(partner=Fixed(rule)))], copies=Copies(count=3)))
    assert len(found) == 54
    for host, _, slot in found:
        assert len(slot.candidates) == 4
        for candidate in slot.candidates:
            assert candidate.key != host.key
            assert (candidate.label == host.label) == (rule == "same_class") or rule == "same_group"
            assert candidate.group == host.group or rule != "same_group"


def test_nobody_to_mix_with_is_a_problem_for_any_and_a_note_for_a_rule():
    with pytest.raises(UsageError, match="no other usable training image"):
        jobs([entry("a/1.jpg"), entry("a/2.jp2", error="unsupported_format")], [Step("m", Stack())])
    entries = [*many("a", 3), entry("b/1.jpg")]
    recipe = Recipe(steps=(Step("m", Stack(partner=Fixed("same_class"))),))
    made = make_plan(recipe, dataset(entries), entries)
    assert any("does not happen for 1 image, which has no partner" in note for note in made.notes)
    lonely = next(job for job in made.jobs() if job.entry.key == "b/1.jpg")
    assert not lonely.copies[1].partners


def test_partners_pass_through_earlier_mixing_steps_at_most_two_levels_deep():
    steps = [Step("one", Stack()), Step("two", Stack()), Step("three", Stack())]
    for host, step, slot in partners(many("a", 12), steps):
        assert set(slot.partners) == {"one": set(), "two": {"one"}, "three": {"one", "two"}}[step]
        for inner in (partner for slots in slot.partners.values() for partner in slots):
            assert not inner.partners
            keys = {candidate.key for candidate in inner.candidates}
            assert len(keys) == 4
            assert not keys & {candidate.key for candidate in slot.candidates}
        assert host.key not in {candidate.key for candidate in slot.candidates}


def test_two_images_mix_with_each_other_on_both_levels():
    for host, step, slot in partners(many("a", 2), [Step("one", Stack()), Step("two", Stack())]):
        assert slot.candidates[0].key != host.key
        if step == "two":
            assert slot.partners["one"][0].candidates[0].key == host.key


def test_other_steps_move_no_partner():
    entries = many("a", 8)
    plain = [slot for *_, slot in partners(entries, [Step("m", Stack(), p=0.5)])]
    more = [
        slot
        for *_, slot in partners(
            entries, [Step("x", Pixels(), p=0.3), Step("m", Stack(), p=0.5), Step("y", Pixels())]
        )
    ]
    assert plain == more


A, B, C, M, X = (Step(name, Stack()) for name in "abcmx")


def group(kind, *of):
    return Group(f"{kind}{len(of)}", kind, of)


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        ((A, B, M, C), (A, B)),
        ((M, A), ()),
        ((A, group("sequence", B, M, C), X), (A, B)),
        ((A, group("one_of", B, M)), (A,)),
        ((A, group("some_of", B, M), C), (A,)),
        ((A, group("one_of", B, group("sequence", C, M, X))), (A, C)),
        ((A, group("sequence", B, group("one_of", C, M))), (A, B)),
        ((group("one_of", A, B), M), (group("one_of", A, B),)),
    ],
)
def test_a_partner_passes_through_what_is_listed_before_the_mix(nodes, expected):
    assert tuple(steps_before(nodes, "m")) == expected
