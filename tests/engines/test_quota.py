from __future__ import annotations

import os

import pytest

from augcli.engines import default_workers


@pytest.fixture
def eight(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)


def machine(tmp_path, membership, **files):
    (tmp_path / "membership").write_text(membership)
    for name, text in files.items():
        path = tmp_path / "cgroup" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return default_workers(tmp_path / "cgroup", tmp_path / "membership")


@pytest.mark.usefixtures("eight")
@pytest.mark.parametrize(
    ("quota", "workers"),
    [("max 100000", 8), ("200000 100000", 2), ("150000 100000", 2), ("10000 100000", 1), ("junk", 8)],
)
def test_the_quota_of_a_version_2_group_is_rounded_up(tmp_path, quota, workers):
    assert machine(tmp_path, "0::/app/run\n", **{"app/run/cpu.max": quota}) == workers


@pytest.mark.usefixtures("eight")
def test_a_group_around_this_one_limits_too(tmp_path):
    files = {"app/cpu.max": "300000 100000", "app/run/cpu.max": "max 100000"}
    assert machine(tmp_path, "0::/app/run\n", **files) == 3


@pytest.mark.usefixtures("eight")
@pytest.mark.parametrize(("quota", "workers"), [("-1", 8), ("400000", 4)])
def test_version_1_groups_say_minus_one_for_no_limit(tmp_path, quota, workers):
    files = {"cpu,cpuacct/run/cpu.cfs_quota_us": quota, "cpu,cpuacct/run/cpu.cfs_period_us": "100000"}
    assert machine(tmp_path, "4:memory:/run\n3:cpu,cpuacct:/run\n", **files) == workers


@pytest.mark.usefixtures("eight")
def test_inside_a_container_the_group_is_the_root_of_the_mount(tmp_path):
    assert machine(tmp_path, "0::/\n", **{"cpu.max": "500000 100000"}) == 5


def test_without_control_groups_the_affinity_counts(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {4, 6}, raising=False)
    assert default_workers(tmp_path / "none", tmp_path / "neither") == 2
