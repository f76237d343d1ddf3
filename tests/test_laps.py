"""The time of each stage, from the stopwatch to the summary of a run."""

from __future__ import annotations

import json

from augcli.laps import Laps
from tests.runs import call, dataset, recipe


def test_laps_add_up_and_are_counted_by_name() -> None:
    laps = Laps()
    for name in ("a", "b", "a"):
        laps.lap(name)
    assert {name: times for name, (_, times) in laps.spent.items()} == {"a": 2, "b": 1}
    assert all(seconds >= 0.0 for seconds, _ in laps.spent.values())


def test_a_run_tells_the_time_of_each_stage_and_step(tmp_path) -> None:
    steps = ("rotate: {degrees: 5}", "gaussian_noise: {std: 0.1}", "mixup: {p: 0.5}")
    file = recipe(tmp_path, dataset(tmp_path / "data"), steps, more="copies: 2\n")
    assert call("run", file, "-q", "--stats", tmp_path / "stats.json").code == 0
    told = json.loads((tmp_path / "stats.json").read_text())
    stages = told["stages"]
    assert {"decode", "camera and exposure", "labels", "encode", "write", "partners"} <= set(stages)
    assert stages["step rotate"]["count"] >= 24  # partners of the mix pass through it as well
    assert stages["decode"]["count"] == 15 and stages["write"]["count"] == told["made"] == 39
    assert 0.0 < sum(stage["seconds"] for stage in stages.values()) < 600.0
    seen = call(
        "report", tmp_path / "out", "-o", tmp_path / "r.html", "--json", "--stats", tmp_path / "stats.json"
    )
    assert seen.json["times"]["stages"]["decode"]["count"] == 15
    assert "seconds of work" in (tmp_path / "r.html").read_text().casefold()


def test_nothing_of_it_is_in_the_dataset(tmp_path) -> None:
    file = recipe(tmp_path, dataset(tmp_path / "data"), ("rotate: {degrees: 5}",))
    assert call("run", file, "-q").code == 0
    assert b"seconds" not in (tmp_path / "out/manifest.jsonl").read_bytes()
    assert b"stages" not in (tmp_path / "out/run.json").read_bytes()
