"""Formats are told apart by how names end before any is loaded; no dataset must be lost by that."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from augcli import formats
from augcli.formats.signs import signs

SAMPLES = sorted((Path(__file__).parents[2] / "sample_data").iterdir())


def test_signs_are_endings_at_any_depth_and_the_folders_at_the_root(tmp_path):
    for name in ("a.JPG", "JPEGImages/x/y/b.tar.xml", "none", "JPEGImages/.hidden"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    assert signs(tmp_path) == {".jpg", ".xml", ".hidden", "JPEGImages/"}
    assert signs(tmp_path / "a.JPG") == {".jpg"}
    assert signs(tmp_path / "missing.json") == {".json"}


def test_a_link_to_labels_at_the_root_is_followed_and_one_in_a_circle_ends(tmp_path):
    apart, root = tmp_path / "apart", tmp_path / "root"
    apart.mkdir()
    (root / "images").mkdir(parents=True)
    (apart / "instances_train.json").write_bytes(b"")
    (root / "annotations").symlink_to(apart)
    (root / "images" / "again").symlink_to(root)
    (root / "self").symlink_to("self")
    assert ".json" in signs(root)


@pytest.mark.parametrize("root", SAMPLES, ids=lambda path: path.name)
def test_whoever_is_sure_of_a_dataset_is_asked(root):
    found = signs(root)
    for name, wanted in formats.SIGNS.items():
        if formats.load(name).sniff(root):
            assert not wanted or wanted & found


def test_every_format_has_its_signs():
    assert list(formats.SIGNS) == list(formats.FORMATS)


def test_class_folders_load_no_other_format(tmp_path):
    (tmp_path / "cat").mkdir()
    (tmp_path / "cat" / "1.jpg").write_bytes(b"")
    code = (
        "import sys; from pathlib import Path; from augcli import formats; "
        "print(formats.resolve('auto', Path(sys.argv[1])), "
        "*[name for name, module in formats.FORMATS.items() if module in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["folders", "folders"]
