"""`check` finds all problems at once; `plan` says what `run` will do; neither writes anything."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import tree
from tests.runs import STEPS, call, dataset, recipe, rows

COPIES = {
    "number": "copies: 3\n",
    "classes": "copies: {default: 1, classes: {c: 4}}\n",
    "balance": "copies: {balance: max, at_least: 1}\n",
    "per class": "copies: {per_class: 11}\n",
    "total": "copies: {total: 31}\n",
    "dropped": "copies: 2\noriginals: drop\n",
    "held out": "copies: 1\n",
}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return dataset(tmp_path_factory.mktemp("plan") / "in")


@pytest.mark.parametrize("kind", COPIES)
def test_the_plans_counts_are_what_run_makes(kind: str, source: Path, tmp_path: Path) -> None:
    more = COPIES[kind]
    path = recipe(tmp_path, source, ["flip"], more=more)
    if kind == "held out":
        path = recipe(tmp_path, source / "train", ["flip"], more=more)
        path.write_text(
            path.read_text().replace(
                f"input: {source / 'train'}", f"input: {{path: {source / 'train'}, holdout: {{val: 30%}}}}"
            )
        )
    plan = call("plan", path, "--json").json
    assert call("run", path).code == 0
    told = rows(tmp_path / "out")
    made = Counter((row["split"], row["source"].split("/")[0]) for row in told)
    assert made == {(count["split"], count["class"]): count["outputs"] for count in plan["counts"]}
    assert plan["outputs"] == len(told) == sum(count["outputs"] for count in plan["counts"])
    assert plan["sources"] == len({(row["split"], row["source"]) for row in told})


def test_a_limited_plan_is_a_limited_run(source: Path, tmp_path: Path) -> None:
    path = recipe(tmp_path, source)
    plan = call("plan", path, "--limit", "5", "--json").json
    assert call("run", path, "--limit", "5").code == 0
    assert plan["sources"] == 5 and plan["outputs"] == len(rows(tmp_path / "out"))


def test_the_estimate_of_bytes_is_near_what_is_written(source: Path, tmp_path: Path) -> None:
    path = recipe(tmp_path, source, ["gaussian_noise: {std: 0.05}"])
    estimate = call("plan", path, "--workers", "2", "--json").json["estimate"]
    assert call("run", path).code == 0
    names = [name for name in tree(tmp_path / "out") if name.endswith((".jpg", ".png"))]
    size = sum((tmp_path / "out" / name).stat().st_size for name in names)
    assert 0.4 * size < estimate["bytes"] < 2.5 * size
    assert estimate["workers"] == 2 and estimate["seconds"] >= 0


def test_plan_and_check_write_nothing(source: Path, tmp_path: Path) -> None:
    path = recipe(tmp_path, source)
    before = sorted(tmp_path.rglob("*")), os.stat(tmp_path).st_mtime_ns, tree(source)
    for words in (["plan"], ["plan", "--json"], ["check"], ["check", "--no-data"]):
        assert call(words[0], path, *words[1:]).code == 0
    assert (sorted(tmp_path.rglob("*")), os.stat(tmp_path).st_mtime_ns, tree(source)) == before


def test_the_plan_for_people_names_splits_classes_and_totals(source: Path, tmp_path: Path) -> None:
    out = call("plan", recipe(tmp_path, source)).out
    lines = [line.split() for line in out.splitlines()]
    assert ["train", "a", "5", "->", "15"] in lines and ["val", "c", "1", "->", "1"] in lines
    assert "15 source images -> 39 images, about " in out


def test_check_lists_all_problems_of_a_recipe_at_once_with_their_places(source: Path, tmp_path: Path) -> None:
    steps = ["rotate: {degrees: [5, abc]}", "flipp", "zoom: {factor: -3}", "one_of: []"]
    path = recipe(tmp_path, source, steps, more="copies: many\n")
    for words in (["check"], ["check", "--no-data"], ["run"], ["plan"], ["preview"]):
        done = call(words[0], path, *words[1:])
        assert done.code == 2 and done.out == ""
        lines = done.err.splitlines()
        assert len(lines) == 5
        numbers = [int(line.removeprefix(f"augment: error: {path}:").split(":")[0]) for line in lines]
        assert numbers == [5, 7, 8, 9, 10]


def test_check_lists_problems_of_recipe_and_data_together(source: Path, tmp_path: Path) -> None:
    steps = ["flip: {only: {classes: [bb]}}", "rotate"]
    path = recipe(tmp_path, source, steps, more="copies: {default: 1, classes: {d: 2}}\n")
    done = call("check", path, "--set", f"output.path={source / 'out'}")
    assert done.code == 2
    lines = [line.removeprefix(f"augment: error: {path}:") for line in done.err.splitlines()]
    assert "--set #1 (output.path=" in lines[0] and "output.path: lies inside the input" in lines[0]
    assert lines[1].startswith("5:35: copies.classes: the dataset has no class 'd'")
    assert lines[2].startswith("7:28: flip.only.classes: the dataset has no class 'bb'")


def test_problems_of_the_data_stand_where_the_recipe_has_their_values(source: Path, tmp_path: Path) -> None:
    begin = f"path: {source}, group: "
    given = "{" + begin + "'^x', holdout: {val: 0.5}}"
    done = call("check", recipe(tmp_path, given, output=source))
    lines = [line.removeprefix(f"augment: error: {tmp_path}/recipe.yaml:") for line in done.err.splitlines()]
    assert [":".join(line.split(":")[:3]) for line in lines] == [
        "4:9: output.path",
        f"3:{len('input: {' + begin) + 1}: input.group",
        f"3:{len('input: {' + begin + repr('^x') + ', holdout: ') + 1}: input.holdout",
    ]


def test_a_relative_path_that_leads_nowhere_is_said_to_start_here(tmp_path: Path) -> None:
    done = call("check", recipe(tmp_path, "nowhere-at-all"))
    assert done.code == 2
    assert "nowhere-at-all: no such folder" in done.err
    assert "a relative path starts at the current directory" in done.err


def test_check_advises_and_counts(source: Path, tmp_path: Path) -> None:
    done = call("check", recipe(tmp_path, source, ["flip", "rotate: {degrees: 15}"]))
    assert done.code == 0
    assert "every copy is mirrored" in done.err and "turned by exactly 15 degrees" in done.err
    assert done.out.splitlines()[-1].endswith("(format folders), 39 outputs")


@pytest.mark.parametrize("words", [[], ["--no-data"]])
def test_a_strict_check_lets_no_warning_pass(words: list[str], source: Path, tmp_path: Path) -> None:
    words = ["--strict", *words]
    done = call("check", recipe(tmp_path, source, ["flip", "gamma"]), *words)
    assert done.code == 2 and done.out == ""
    assert done.err.splitlines()[-1].endswith("recipe.yaml: 1 warning; --strict allows none")
    assert call("check", recipe(tmp_path, source, ["flip: {p: 0.5}"]), *words).code == 0


def test_check_without_data_does_not_need_the_dataset(tmp_path: Path) -> None:
    path = recipe(tmp_path, tmp_path / "nowhere", STEPS)
    assert call("check", path, "--no-data").code == 0
    assert call("check", path).code == 2


def test_what_cannot_be_reached_is_said(source: Path, tmp_path: Path) -> None:
    path = recipe(tmp_path, source, ["flip: {p: 0.5}"], more="copies: {per_class: 500, at_most: 3}\n")
    for verb in ("check", "plan", "run"):
        done = call(verb, path)
        assert "class a reaches 20 of 500; raise copies.at_most (3)" in done.out + done.err
